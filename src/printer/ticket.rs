//! The ticket: a configuration as IPP Job Template attributes, by what the printer can do, and what we do ourselves.
//!
//! It promises: each setting is sent as asked, or done in the document, or the difference is a [`Substitution`]; what
//! must not be dropped in silence (copies, pages, gray, paper size) and can not be had is [`Unmet`].
//! The steps stand in modules of their own: who does what (`plan`), settings (`mapping`), paper (`column`), staples
//! and holes (`finishing`), what does not go together (`conflict`).

use ipp::{attribute::IppAttribute, value::IppValue};

use super::{
    message::name_attribute,
    plan::{Plan, plan},
};
use crate::model::{
    Agreement, Capabilities, DocumentFormat, DocumentWork, JobConfiguration, TicketRules,
    printer::Substitution, settings::Others,
};

/// The attributes to send, what is not as asked, and what is done to the document.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Job Template attributes, RFC 8011 section 5.2 and PWG 5100 extensions.
    pub attributes: Vec<IppAttribute>,
    /// What is not printed as asked.
    pub substitutions: Vec<Substitution>,
    /// What we do to the document.
    pub work: DocumentWork,
}

/// A setting that the printer can not do and that must not be dropped there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// The setting, by our name.
    pub setting: String,
    /// What was asked.
    pub asked: String,
    /// The other setting, where each would do alone.
    pub beside: Option<String>,
}

impl Unmet {
    pub(super) fn new(setting: &str, asked: impl Into<String>) -> Self {
        Self { setting: setting.to_owned(), asked: asked.into(), beside: None }
    }

    /// Whether it is the document's format, which may be taken elsewhere.
    pub fn is_format(&self) -> bool {
        self.setting == FORMAT
    }
}

const ACCOUNTING_USER: &str = "job-accounting-user-id";

/// The "setting" of a document that the printer does not take in any form that we can make.
pub(super) const FORMAT: &str = "document-format";

impl std::fmt::Display for Unmet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.setting, self.asked)?;
        self.beside.as_ref().map_or(Ok(()), |beside| write!(f, " together with {beside}"))
    }
}

/// The ticket of a configuration for a document of this format at a printer.
///
/// # Errors
///
/// [`Unmet`] names the first setting that the printer can not do and that must not be dropped.
pub fn ticket(
    wanted: &JobConfiguration,
    source: &DocumentFormat,
    can: &Capabilities,
    rules: &TicketRules,
) -> Result<Ticket, Unmet> {
    let Plan { work, notes, copies, gray_word } = plan(wanted, source, can, rules)?;
    let drawn = work.drawing.is_some();
    let mut ticket = Ticket { attributes: Vec::new(), substitutions: notes, work };
    ticket.copies(copies, can);
    ticket.color(wanted.color_mode.as_ref(), gray_word, can);
    ticket.pages(wanted.page_ranges.as_deref(), can);
    ticket.paper(wanted, can, rules)?;
    ticket.sides(wanted.duplex_mode.as_ref(), can);
    ticket.collate(wanted, can);
    ticket.quality(wanted.quality.as_ref(), can);
    ticket.finishings(wanted.finishings.as_deref(), can);
    ticket.output_bin(wanted.output_bin.as_deref(), can);
    ticket.feed_orientation(wanted.feed_orientation.as_ref(), can);
    ticket.number_up(wanted, can);
    if !drawn {
        ticket.resolution(wanted.dpi, can);
        ticket.orientation(wanted.orientation.as_ref(), can);
        ticket.scaling(wanted, can);
    }
    ticket.resolve_conflicts(can)?;
    ticket.accounting(can, rules);
    ticket.lay_out(wanted);
    if rules.others == Others::Refuse {
        ticket.refuse_others()?;
    }
    Ok(ticket)
}

/// The setting of ours that an attribute carries.
pub(super) fn setting_of(attribute: &str) -> &str {
    match attribute {
        "print-color-mode" => "color-mode",
        "sides" => "duplex-mode",
        "multiple-document-handling" | "sheet-collate" => "collate",
        "print-quality" => "quality",
        "orientation-requested" => "orientation",
        "printer-resolution" => "dpi",
        "number-up" => "pages-per-sheet",
        "presentation-direction-number-up" => "multipage-layout",
        "print-scaling" => "scaling",
        "media-type" => "media-type",
        "media-source" => "input-bin",
        "media" | "media-col" | "media-size" => "media-size",
        member if member.ends_with("-margin") => "margin",
        same => same,
    }
}

impl Ticket {
    pub(super) fn send(&mut self, name: &str, value: IppValue) {
        let attribute =
            IppAttribute::with_name(name, value).expect("our attribute names are short");
        self.attributes.push(attribute);
    }

    pub(super) fn keyword(&mut self, name: &str, word: &str) {
        match IppValue::new_keyword(word) {
            Ok(value) => self.send(name, value),
            Err(_) => self.note(setting_of(name), word, "", "the word is too long"),
        }
    }

    pub(super) fn note(&mut self, setting: &str, asked: &str, sent: &str, why: &str) {
        self.substitutions.push(substitution(setting, asked, sent, why));
    }

    /// Who pays, where the printer takes it (PWG 5100.3 sections 3.1.1 and 3.1.2).
    fn accounting(&mut self, can: &Capabilities, rules: &TicketRules) {
        let rows = [
            ("job-account-id", &rules.account, can.account_id),
            (ACCOUNTING_USER, &rules.accounting_user, can.accounting_user_id),
        ];
        for (name, value, supported) in rows {
            if let Some(value) = value.as_deref().filter(|_| supported) {
                self.attributes.push(name_attribute(name, value));
            }
        }
    }

    pub(super) fn sent(&self, name: &str) -> Option<&IppValue> {
        self.attributes.iter().find(|one| one.name().as_str() == name).map(IppAttribute::value)
    }

    /// What was agreed, in words.
    pub fn agreement(&self) -> Agreement {
        // Who pays is the printer's to know, and not the journal's to keep.
        let text = |one: &IppAttribute| match one.name().as_str() {
            name @ ACCOUNTING_USER => (name.to_owned(), "as configured".to_owned()),
            name => (name.to_owned(), text_of(one.value())),
        };
        Agreement {
            sent: self.attributes.iter().map(text).collect(),
            substitutions: self.substitutions.clone(),
            work: self.work.clone(),
        }
    }

    /// How a page lies is no loss where the document says it.
    fn refuse_others(&self) -> Result<(), Unmet> {
        let lost = self.substitutions.iter().find(|one| one.setting != "orientation");
        lost.map_or(Ok(()), |one| Err(Unmet::new(&one.setting, &*one.asked)))
    }
}

pub(super) fn substitution(setting: &str, asked: &str, sent: &str, why: &str) -> Substitution {
    Substitution {
        setting: setting.to_owned(),
        asked: asked.to_owned(),
        sent: sent.to_owned(),
        why: why.to_owned(),
    }
}

/// A value as people and tests read it: `a,b` for a set, `{name=value ...}` for a collection.
pub(super) fn text_of(value: &IppValue) -> String {
    match value {
        IppValue::Array(values) => values.iter().map(text_of).collect::<Vec<_>>().join(","),
        IppValue::Collection(members) => {
            let member = |(name, value): (_, &IppValue)| format!("{name}={}", text_of(value));
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(" "))
        }
        IppValue::RangeOfInteger { min, max } => format!("{min}-{max}"),
        IppValue::Resolution { cross_feed, feed, .. } => format!("{cross_feed}x{feed}dpi"),
        other => other.to_string(),
    }
}
