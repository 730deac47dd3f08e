//! Slips: where there is no screen, a badge that nobody knows is put on paper, with a code to give it to somebody by.
//!
//! It promises: no more paper than a few slips an hour, whoever plays with badges; the code is kept as a hash.
//! Deliberately absent: who a badge is given to.

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
    badges::{Badges, person_of_row},
    deeds::Deeds,
    page::{Press, spool},
    places::Printer,
    told::user_name,
};
use crate::{
    document::slip::Slip,
    kiosk::Words,
    model::{
        JobConfiguration, PrinterName, TicketRules,
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
/// How long a printer may take for a slip.
const PRINT_TIME: Duration = Duration::from_mins(1);
/// A page is drawn in less.
const MOST_OCTETS: u64 = 64 * 1024 * 1024;

/// The slips of all stations.
pub(super) struct Slips {
    deeds: Arc<Deeds>,
    badges: Arc<Badges>,
    /// The slips of each station within the hour, each with its badge.
    printed: Mutex<HashMap<String, Vec<(Instant, BadgeHash)>>>,
}

impl Slips {
    pub(super) fn new(deeds: Arc<Deeds>, badges: Arc<Badges>) -> Self {
        Self { deeds, badges, printed: Mutex::default() }
    }

    /// Prints a slip for a badge, if there were not too many. True if it is on its way.
    pub(super) async fn print(&self, station: &StationSettings, badge: BadgeHash) -> bool {
        let name = &station.name;
        let settings = self.deeds.settings();
        let first = station.printers.first();
        let member = |name: &PrinterName| {
            let pool = settings.pool(name);
            self.deeds.printer(pool.and_then(|pool| pool.members.first()).unwrap_or(name))
        };
        let Some(printer) = first.and_then(member) else {
            warn!(station = name, "a slip needs a printer over IPP");
            return false;
        };
        if !self.take(name, &badge) {
            info!(station = name, "no slip is printed: there were some a moment ago");
            return false;
        }
        let printing = async {
            let code = pin::draw(CODE_DIGITS);
            let ends = Timestamp::now() + SLIP_TIME;
            let change = PeopleChange::Slip { code: self.badges.slip_hash(&code), badge, ends };
            self.badges.write(vec![change], "slip-printed", name.clone()).await?;
            self.send(&printer, &self.slip(station, &code)).await
        };
        match timeout(PRINT_TIME, printing).await {
            Ok(Ok(())) => {
                info!(station = name, "a slip is printed for an unknown badge");
                true
            }
            Ok(Err(why)) => {
                warn!(station = name, "no slip could be printed: {why}");
                false
            }
            Err(_) => {
                warn!(station = name, "no slip could be printed: the printer took too long");
                false
            }
        }
    }

    /// Whether a station may print a slip for a badge now.
    fn take(&self, station: &str, badge: &BadgeHash) -> bool {
        let mut printed = self.printed.lock().expect("nothing panics while it is held");
        let of_station = printed.entry(station.to_owned()).or_default();
        of_station.retain(|(at, _)| at.elapsed() < HOUR);
        let lately = |(at, one): &(Instant, BadgeHash)| one == badge && at.elapsed() < SAME_BADGE;
        if of_station.len() >= MOST_SLIPS || of_station.iter().any(lately) {
            return false;
        }
        of_station.push((Instant::now(), badge.clone()));
        true
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
        let _place = printer.places.acquire().await.map_err(|error| error.to_string())?;
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
    ) -> Result<(), String> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let code = self.slip_hash(&digits);
        let badge = self.journal.badge_of_slip(&code, Timestamp::now()).await;
        if badge.map_err(|error| error.to_string())?.is_none() {
            return Err("no slip has that code, or it is over; show the badge again".to_owned());
        }
        let person = person_of_row(deeds, row).await?;
        let id = person.id.clone();
        self.write(vec![PeopleChange::BySlip { code, person }], "badge-registered", id).await
    }

    /// Codes of slips, of people, and numbers of badges are kept alike and never meet.
    fn slip_hash(&self, code: &str) -> BadgeHash {
        self.key.hash(&format!("slip code {code}"))
    }
}
