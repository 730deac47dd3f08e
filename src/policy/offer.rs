//! Several printers' offers as one, and how it differs from what the cloud has.

use crate::model::{Offer, OfferDefaults, OfferRule, configuration::DuplexMode};

/// What a queue offers that has these printers. Defaults that nobody could have are left out.
pub fn combine(rule: OfferRule, printers: &[Offer], defaults: &OfferDefaults) -> Offer {
    let mut offer = Offer {
        formats: combined(rule, printers, |one| &one.formats),
        sides: combined(rule, printers, |one| &one.sides),
        colors: combined(rule, printers, |one| &one.colors),
        qualities: combined(rule, printers, |one| &one.qualities),
        papers: combined(rule, printers, |one| &one.papers),
        most_copies: match rule {
            OfferRule::Union => printers.iter().map(|one| one.most_copies).max(),
            OfferRule::Intersection => printers.iter().map(|one| one.most_copies).min(),
        }
        .unwrap_or(1)
        .max(1),
        page_ranges: match rule {
            OfferRule::Union => printers.iter().any(|one| one.page_ranges),
            OfferRule::Intersection => {
                !printers.is_empty() && printers.iter().all(|one| one.page_ranges)
            }
        },
        defaults: OfferDefaults::default(),
    };
    // Every printer prints one side of a sheet, whether it says so or not.
    if !offer.sides.contains(&DuplexMode::OneSided) {
        offer.sides.push(DuplexMode::OneSided);
    }
    offer.defaults = OfferDefaults {
        sides: defaults.sides.clone().filter(|one| offer.sides.contains(one)),
        color: defaults.color.clone().filter(|one| offer.colors.contains(one)),
        paper: defaults.paper.clone().filter(|one| offer.papers.contains(one)),
    };
    offer
}

fn combined<T: Clone + PartialEq>(
    rule: OfferRule,
    printers: &[Offer],
    of: impl Fn(&Offer) -> &Vec<T>,
) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    for one in printers.iter().flat_map(&of) {
        let everywhere = || printers.iter().all(|printer| of(printer).contains(one));
        if !all.contains(one) && (rule == OfferRule::Union || everywhere()) {
            all.push(one.clone());
        }
    }
    all
}

/// Each way in which what the cloud has differs from what it should have, as a sentence.
pub fn differences(wanted: &Offer, cloud: &Offer) -> Vec<String> {
    let mut all = Vec::new();
    let mut list = |what: &str, wanted: Vec<String>, cloud: Vec<String>| {
        let missing: Vec<&String> = wanted.iter().filter(|one| !cloud.contains(one)).collect();
        let extra: Vec<&String> = cloud.iter().filter(|one| !wanted.contains(one)).collect();
        if !missing.is_empty() {
            all.push(format!("{what} not offered yet: {}", joined(&missing)));
        }
        if !extra.is_empty() {
            all.push(format!("{what} offered in vain: {}", joined(&extra)));
        }
    };
    let words = |offer: &Offer| {
        (
            offer.sides.iter().map(|one| one.word().to_owned()).collect::<Vec<_>>(),
            offer.colors.iter().map(|one| one.word().to_owned()).collect::<Vec<_>>(),
            offer.qualities.iter().map(|one| one.word().to_owned()).collect::<Vec<_>>(),
        )
    };
    let (ours, theirs) = (words(wanted), words(cloud));
    list("formats", wanted.formats.clone(), cloud.formats.clone());
    list("sides", ours.0, theirs.0);
    list("colors", ours.1, theirs.1);
    list("qualities", ours.2, theirs.2);
    list("papers", wanted.papers.clone(), cloud.papers.clone());
    if wanted.page_ranges != cloud.page_ranges {
        all.push(format!("page ranges are offered: {}", cloud.page_ranges));
    }
    if wanted.most_copies != cloud.most_copies {
        let (ours, theirs) = (wanted.most_copies, cloud.most_copies);
        all.push(format!("up to {theirs} copies are offered, and there could be {ours}"));
    }
    if !agree(&wanted.defaults, &cloud.defaults) {
        let (ours, theirs) = (told(&wanted.defaults), told(&cloud.defaults));
        all.push(format!("defaults are {theirs}, and should be {ours}"));
    }
    all
}

/// Whether the cloud has each default that is wanted; where none is wanted, it may have any.
fn agree(wanted: &OfferDefaults, cloud: &OfferDefaults) -> bool {
    (wanted.sides.is_none() || wanted.sides == cloud.sides)
        && (wanted.color.is_none() || wanted.color == cloud.color)
        && (wanted.paper.is_none() || wanted.paper == cloud.paper)
}

fn joined(words: &[&String]) -> String {
    words.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", ")
}

fn told(defaults: &OfferDefaults) -> String {
    let words = [
        defaults.sides.as_ref().map(|one| one.word().to_owned()),
        defaults.color.as_ref().map(|one| one.word().to_owned()),
        defaults.paper.clone(),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::configuration::ColorMode;

    fn mono() -> Offer {
        Offer {
            formats: vec!["application/pdf".into()],
            sides: vec![DuplexMode::OneSided],
            colors: vec![ColorMode::Grayscale],
            papers: vec!["A4".into()],
            most_copies: 99,
            page_ranges: true,
            ..Offer::default()
        }
    }

    fn finisher() -> Offer {
        Offer {
            formats: vec!["application/pdf".into(), "image/jpeg".into()],
            sides: vec![DuplexMode::OneSided, DuplexMode::LongEdge],
            colors: vec![ColorMode::Color, ColorMode::Grayscale],
            papers: vec!["A3".into(), "A4".into()],
            most_copies: 999,
            page_ranges: false,
            ..Offer::default()
        }
    }

    #[test]
    fn a_union_offers_what_any_can_and_an_intersection_what_all_can() {
        let defaults = OfferDefaults {
            sides: Some(DuplexMode::LongEdge),
            color: Some(ColorMode::Grayscale),
            paper: Some("A4".into()),
        };
        let union = combine(OfferRule::Union, &[mono(), finisher()], &defaults);
        assert_eq!(union.papers, ["A4", "A3"]);
        assert_eq!((union.most_copies, union.page_ranges), (999, true));
        assert_eq!(union.defaults, defaults);
        let both = combine(OfferRule::Intersection, &[mono(), finisher()], &defaults);
        assert_eq!((both.papers.as_slice(), both.most_copies), (&["A4".to_owned()][..], 99));
        assert_eq!(both.sides, [DuplexMode::OneSided]);
        assert_eq!(both.defaults.sides, None, "nobody could have it");
        assert!(!both.page_ranges);
    }

    #[test]
    fn a_difference_says_what_is_missing_and_what_is_in_vain() {
        assert_eq!(differences(&mono(), &mono()), [] as [&str; 0]);
        let all = differences(&mono(), &finisher()).join("; ");
        assert!(all.contains("papers offered in vain: A3"), "{all}");
        let all = differences(&finisher(), &mono()).join("; ");
        assert!(all.contains("sides not offered yet: long-edge"), "{all}");
    }
}
