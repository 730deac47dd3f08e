//! Slips: where there is no screen, a badge that nobody knows is put on paper, with a code to give it to somebody by.
//!
//! It promises: no more paper than a few slips an hour, whoever plays with badges; the code is kept as a hash.
//! Deliberately absent: watching a slip come out.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, Zoned};
use tokio::time::timeout;
use tracing::{info, warn};
use uuid::Uuid;

use super::{
    badges::{Badges, by, person_of_row},
    deeds::Deeds,
    page::{Press, spool},
    places::Printer,
    told::user_name,
};
use crate::{
    document::slip::Slip,
    kiosk::Words,
    model::{
        JobConfiguration, TicketRules,
        kiosk::{BadgeWord, Language},
        people::{BadgeHash, PeopleChange},
        station::StationSettings,
    },
    people::{
        import::Row,
        pin::{self, CODE_DIGITS},
    },
};

/// How long a slip may be used.
const SLIP_TIME: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many slips a station prints in an hour.
const MOST_SLIPS: usize = 10;
const HOUR: Duration = Duration::from_hours(1);
/// How soon the same badge gets another slip.
const SAME_BADGE: Duration = Duration::from_mins(10);
/// How long a printer that is at work is waited for.
const PLACE_TIME: Duration = Duration::from_secs(30);
/// A page is drawn in less.
const MOST_OCTETS: u64 = 64 * 1024 * 1024;

/// A slip within the hour.
struct Drawn {
    at: Instant,
    /// Its badge; absent where none seems to have come out.
    badge: Option<BadgeHash>,
}

/// The slips of all stations.
pub(super) struct Slips {
    deeds: Arc<Deeds>,
    badges: Arc<Badges>,
    /// Those of each station within the hour.
    printed: Mutex<HashMap<String, Vec<Drawn>>>,
}

impl Slips {
    pub(super) fn new(deeds: Arc<Deeds>, badges: Arc<Badges>) -> Self {
        Self { deeds, badges, printed: Mutex::default() }
    }

    /// Prints a slip for a badge, if there were not too many.
    pub(super) async fn print(&self, station: &StationSettings, badge: BadgeHash) {
        let name = &station.name;
        let Some(printer) = self.printer(station) else {
            return warn!(
                id = "slip-without-printer",
                station = name,
                "a slip needs a printer over IPP"
            );
        };
        if !self.take(name, &badge) {
            return info!(station = name, "no slip is printed: there were some a moment ago");
        }
        match self.print_at(&printer, station, &badge).await {
            Ok(()) => info!(station = name, "a slip is printed for an unknown badge"),
            Err(why) => {
                warn!(id = "slip-not-printed", station = name, "no slip could be printed: {why}");
                self.give_back(name, &badge);
            }
        }
    }

    /// The station's first printer, or the first one of its first pool.
    fn printer(&self, station: &StationSettings) -> Option<Arc<Printer>> {
        let (settings, first) = (self.deeds.settings(), station.printers.first()?);
        let pool = settings.pool(first);
        self.deeds.printer(pool.and_then(|pool| pool.members.first()).unwrap_or(first))
    }

    async fn print_at(
        &self,
        printer: &Printer,
        station: &StationSettings,
        badge: &BadgeHash,
    ) -> Result<(), String> {
        let place = timeout(PLACE_TIME, printer.places.acquire()).await;
        let _place = place.map_err(|_| "the printer is at work")?.map_err(|e| e.to_string())?;
        let code = pin::draw(CODE_DIGITS);
        let (kept, ends) = (self.badges.slip_hash(&code), Timestamp::now() + SLIP_TIME);
        let change = PeopleChange::Slip { code: kept.clone(), badge: badge.clone(), ends };
        self.badges.write(vec![change], "slip-drawn", station.name.clone()).await?;
        let of = self.badges.journal.badge_of_slip(&kept, Timestamp::now()).await;
        if of.map_err(|error| error.to_string())?.as_ref() != Some(badge) {
            return Err("another slip has the same code; show the badge again".to_owned());
        }
        self.send(printer, &self.slip(station, &code)).await
    }

    /// Whether a station may print a slip for a badge now.
    fn take(&self, station: &str, badge: &BadgeHash) -> bool {
        let mut printed = self.printed.lock().expect("nothing panics while it is held");
        let of_station = printed.entry(station.to_owned()).or_default();
        of_station.retain(|slip| slip.at.elapsed() < HOUR);
        let lately =
            |slip: &Drawn| slip.badge.as_ref() == Some(badge) && slip.at.elapsed() < SAME_BADGE;
        if of_station.len() >= MOST_SLIPS || of_station.iter().any(lately) {
            return false;
        }
        of_station.push(Drawn { at: Instant::now(), badge: Some(badge.clone()) });
        true
    }

    /// The badge may have another slip at once. It counts nevertheless: paper may be out that nobody told of.
    fn give_back(&self, station: &str, badge: &BadgeHash) {
        let mut printed = self.printed.lock().expect("nothing panics while it is held");
        for slip in printed.get_mut(station).into_iter().flatten() {
            slip.badge.take_if(|one| one == badge);
        }
    }

    /// In the language of screens, where the page's font has it.
    fn slip(&self, station: &StationSettings, code: &str) -> Slip {
        let settings = self.deeds.settings();
        let word = settings.kiosk.as_ref().map_or(BadgeWord::Badge, |kiosk| kiosk.badge_word);
        let now = Zoned::now().strftime("%Y-%m-%d %H:%M");
        let in_language = |language| {
            let [title, hint] = Words { language, badge: word }.slip();
            let printed = format!("{}, {now}", station.name);
            Slip { title, code: code.to_owned(), hint, printed }
        };
        let slip = in_language(settings.language);
        if slip.can_be_printed() { slip } else { in_language(Language::English) }
    }

    async fn send(&self, printer: &Printer, slip: &Slip) -> Result<(), String> {
        let user = &printer.settings.contact.user_name;
        let client = printer.client.as_user(&user_name(user, None, self.deeds.installation()));
        let rules = TicketRules { converter: false, ..printer.settings.rules.clone() };
        let (converter, spool) = (self.deeds.converter(), spool(MOST_OCTETS));
        let press = Press { client: &client, rules, converter, spool };
        let name = format!("pp-slip-{}", &Uuid::new_v4().simple().to_string()[..8]);
        press.print(&name, &JobConfiguration::default(), |_| slip.page()).await.map(drop)
    }
}

impl Badges {
    /// Gives the badge of a slip to a person. Of two slips of a badge, the later one counts.
    ///
    /// # Errors
    ///
    /// A sentence for the administrator.
    pub(super) async fn give_by_slip(
        &self,
        deeds: &Deeds,
        code: &str,
        row: &Row,
        uid: u32,
    ) -> Result<(), String> {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let code = self.slip_hash(&digits);
        let over = || "no slip has that code, or it is over; show the badge again".to_owned();
        let badge = self.journal.badge_of_slip(&code, Timestamp::now()).await;
        let badge = badge.map_err(|error| error.to_string())?.ok_or_else(over)?;
        let whose = self.journal.person_of(&badge, Timestamp::now()).await;
        if whose.map_err(|error| error.to_string())?.is_some() {
            return Err("that badge is somebody's meanwhile; revoke it first".to_owned());
        }
        let person = person_of_row(deeds, row).await?;
        let id = person.id.clone();
        let redeem = PeopleChange::RedeemSlip { code, person };
        self.write(vec![redeem], "badge-registered", by(&id, uid)).await?;
        // Of two who use the code at once, one gets the badge.
        let whose = self.journal.person_of(&badge, Timestamp::now()).await;
        let whose = whose.map_err(|error| error.to_string())?;
        if whose.is_some_and(|person| person.id == id) { Ok(()) } else { Err(over()) }
    }

    /// Codes of slips, of people, and numbers of badges are kept alike and never meet.
    fn slip_hash(&self, code: &str) -> BadgeHash {
        self.key.hash(&format!("slip code {code}"))
    }
}
