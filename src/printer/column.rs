//! Paper: size, kind, tray and borders as "media-col" (PWG 5100.7), or as "media" where the printer knows names alone.
//!
//! A member is sent only if the printer has it, so that one that it does not know spoils nothing. The size is essential;
//! the rest may be given up, and is said.

use ipp::value::{IppName, IppValue};

use super::{
    mapping::{has, spelled},
    media::{self, MediaSize},
    message::keyword_or_name,
    ticket::{Ticket, Unmet},
};
use crate::model::{
    Capabilities, JobConfiguration, TicketRules, configuration::Margin, settings::Essentials,
};

type Members = Vec<(&'static str, IppValue)>;

/// How a paper is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaWay {
    /// By these dimensions, in a "media-col": the printer may list a paper lying on its side.
    Size((i32, i32)),
    /// By its PWG name, in a "media-col".
    SizeName,
    /// By its PWG name, as "media".
    Name,
}

/// How a printer can be asked for a paper; nothing if it does not have it.
pub(super) fn way_of(size: &MediaSize, can: &Capabilities) -> Option<MediaWay> {
    let (width, length) = size.size;
    let by_size = || {
        let either = [(width, length), (length, width)];
        either.into_iter().find(|size| has_size(can, *size)).map(MediaWay::Size)
    };
    let named = can.media.names.contains(&size.name);
    let member = |name: &str| has(&can.media.members, name);
    let by_size = if member("media-size") { by_size() } else { None };
    let by_size_name = (named && member("media-size-name")).then_some(MediaWay::SizeName);
    by_size.or(by_size_name).or_else(|| named.then_some(MediaWay::Name))
}

fn has_size(can: &Capabilities, (width, length): (i32, i32)) -> bool {
    let fits = |(least, most): (i32, i32), side: i32| {
        (least..=most).contains(&side) || media::close(least, side) || media::close(most, side)
    };
    can.media.sizes.iter().any(|known| fits(known.x, width) && fits(known.y, length))
}

impl Ticket {
    pub(super) fn paper(
        &mut self,
        wanted: &JobConfiguration,
        can: &Capabilities,
        rules: &TicketRules,
    ) -> Result<(), Unmet> {
        let chosen = match wanted.media_size.as_deref() {
            None => None,
            Some(name) => match choose(name, can) {
                Some(chosen) => Some(chosen),
                None if rules.essentials == Essentials::Substitute => {
                    self.fit_to_default(name, can);
                    None
                }
                None => return Err(Unmet::new("media-size", name)),
            },
        };
        let mut members: Members = Vec::new();
        match &chosen {
            Some((MediaWay::Size(size), _)) => members.push(("media-size", size_of(*size))),
            Some((MediaWay::SizeName, size)) => {
                members.push(("media-size-name", keyword_or_name(&size.name)))
            }
            _ => {}
        }
        let size = chosen.as_ref().map(|(_, size)| size.size);
        if let (Some((width, length)), Some(drawing)) = (size, &mut self.work.drawing) {
            drawing.sheet = Some((width.min(length), width.max(length)));
        }
        if let Some((MediaWay::Name, size)) = &chosen {
            self.by_name_alone(wanted, &size.name);
            return Ok(());
        }
        self.media_type(wanted.media_type.as_deref(), can, &mut members);
        self.tray(wanted.input_bin.as_deref(), size, can, &mut members);
        self.borders(wanted.margin, can, &mut members);
        if !members.is_empty() {
            self.send("media-col", collection(members));
        }
        Ok(())
    }

    /// The rules say to print on what there is: the page is fitted to it.
    fn fit_to_default(&mut self, name: &str, can: &Capabilities) {
        let why = "the printer does not have this paper, and its rules say to print without";
        self.note("media-size", name, "the printer's default", why);
        if self.work.drawing.is_none() && has(&can.scalings, "fit") {
            self.keyword("print-scaling", "fit");
        }
    }

    /// "media" and "media-col" may not stand side by side.
    fn by_name_alone(&mut self, wanted: &JobConfiguration, name: &str) {
        self.keyword("media", name);
        let margin = wanted.margin.map(|_| "set");
        let others = [
            ("media-type", wanted.media_type.as_deref()),
            ("input-bin", wanted.input_bin.as_deref().filter(|bin| !is_auto(bin))),
            ("margin", margin),
        ];
        for (setting, asked) in others {
            if let Some(asked) = asked {
                self.note(setting, asked, "", "the printer takes paper by its size's name alone");
            }
        }
    }

    fn media_type(&mut self, asked: Option<&str>, can: &Capabilities, members: &mut Members) {
        let Some(asked) = asked else { return };
        let known = spelled(&can.media.types, asked);
        match known.filter(|_| has(&can.media.members, "media-type")) {
            Some(known) => members.push(("media-type", keyword_or_name(known))),
            None => self.note("media-type", asked, "", "the printer does not have it"),
        }
    }

    /// The tray, unless another paper than the asked one is in it.
    fn tray(
        &mut self,
        asked: Option<&str>,
        size: Option<(i32, i32)>,
        can: &Capabilities,
        members: &mut Members,
    ) {
        let Some(asked) = asked else { return };
        let known = spelled(&can.media.sources, asked);
        let Some(known) = known.filter(|_| has(&can.media.members, "media-source")) else {
            if !is_auto(asked) {
                self.note("input-bin", asked, "", "the printer does not have it");
            }
            return;
        };
        let in_tray = can
            .health
            .media_ready
            .iter()
            .filter(|one| one.source.as_deref() == Some(known) && one.size.is_some());
        let sizes: Vec<(i32, i32)> = in_tray.filter_map(|one| one.size).collect();
        let fits = |size: (i32, i32)| sizes.iter().any(|ready| same_paper(*ready, size));
        if size.is_some_and(|size| !sizes.is_empty() && !fits(size)) {
            self.note("input-bin", asked, "", "another paper is in this tray");
        } else {
            members.push(("media-source", keyword_or_name(known)));
        }
    }

    /// Borders are legal values only: the smallest that is at least as wide as asked.
    fn borders(&mut self, asked: Option<Margin>, can: &Capabilities, members: &mut Members) {
        let Some(margin) = asked else { return };
        let media = &can.media;
        let sides = [
            ("media-top-margin", "top", margin.top, &media.top),
            ("media-bottom-margin", "bottom", margin.bottom, &media.bottom),
            ("media-left-margin", "left", margin.left, &media.left),
            ("media-right-margin", "right", margin.right, &media.right),
        ];
        for (member, side, asked, legal) in sides {
            let Some(micrometers) = asked else { continue };
            let wanted = micrometers.max(0) / 10;
            let said = format!("{side} {micrometers} µm");
            let legal = legal.iter().copied().filter(|_| has(&media.members, member));
            match legal.filter(|value| *value >= wanted).min() {
                Some(value) => {
                    members.push((member, IppValue::Integer(value)));
                    if value != wanted {
                        let sent = format!("{side} {} µm", i64::from(value) * 10);
                        self.note("margin", &said, &sent, "the nearest that the printer has");
                    }
                }
                None => self.note("margin", &said, "", "the printer does not have it"),
            }
        }
    }
}

/// The paper of that name that the printer has; one whose size we can say exactly is taken first.
fn choose(name: &str, can: &Capabilities) -> Option<(MediaWay, MediaSize)> {
    let sizes = media::sizes_of(name);
    let ways: Vec<_> =
        sizes.into_iter().filter_map(|size| Some((way_of(&size, can)?, size))).collect();
    let exact = ways.iter().find(|(way, _)| matches!(way, MediaWay::Size(_)));
    exact.or_else(|| ways.first()).cloned()
}

fn same_paper(a: (i32, i32), b: (i32, i32)) -> bool {
    let same = |a: (i32, i32)| media::close(a.0, b.0) && media::close(a.1, b.1);
    same(a) || same((a.1, a.0))
}

fn is_auto(bin: &str) -> bool {
    bin.eq_ignore_ascii_case("auto")
}

fn collection(members: Members) -> IppValue {
    let named = |(name, value): (&str, IppValue)| {
        (IppName::new(name).expect("our member names are short"), value)
    };
    IppValue::Collection(members.into_iter().map(named).collect())
}

/// IPP "media-size".
fn size_of((width, length): (i32, i32)) -> IppValue {
    let dimensions =
        [("x-dimension", IppValue::Integer(width)), ("y-dimension", IppValue::Integer(length))];
    collection(dimensions.into())
}
