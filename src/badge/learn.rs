//! Which steps make known numbers of what a reader says of their badges.
//!
//! It promises: each chain that it gives makes every number of every badge that it was shown, and none is shorter.
//! Deliberately absent: reading, and how sure one badge makes; two are better.

use std::collections::{HashMap, HashSet};

use super::uid::Chain;

/// The longest chain that is looked for.
const LONGEST_CHAIN: usize = 4;
/// How many chains are enough to choose from.
const MOST_CHAINS: usize = 8;
/// Steps without a length.
const STEPS: [&str; 13] = [
    "strip-prefix rfid:",
    "before =",
    "before ;",
    "trim-zeros",
    "reverse-bytes",
    "swap-nibbles",
    "unpack-ascii",
    "hex-to-decimal",
    "decimal-to-hex",
    "to-facility",
    "from-facility",
    "wiegand-26",
    "lower",
];

/// A badge that is known.
#[derive(Clone)]
pub struct Sample {
    /// What the reader says of it.
    pub said: String,
    /// The number that people have.
    pub number: String,
}

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sample(..)")
    }
}

/// The shortest chains that fit all samples. Letter case makes no difference, as it makes none for badges.
pub fn chains_for(samples: &[Sample]) -> Vec<Chain> {
    let lengths: HashSet<usize> = samples.iter().map(|sample| sample.number.len()).collect();
    let with_length =
        |length: &usize| ["pad", "last", "first"].map(|step| format!("{step} {length}"));
    let mut steps: Vec<String> = STEPS.iter().map(|step| (*step).to_owned()).collect();
    steps.extend(lengths.iter().filter(|length| **length > 0).flat_map(with_length));
    steps.sort();
    let fits = |state: &[String]| {
        let both = state.iter().zip(samples);
        !samples.is_empty()
            && both.into_iter().all(|(made, sample)| made.eq_ignore_ascii_case(&sample.number))
    };
    let said: Vec<String> = samples.iter().map(|sample| sample.said.trim().to_owned()).collect();
    let mut seen = HashSet::from([said.clone()]);
    let mut open = vec![(Vec::<&str>::new(), said)];
    for _ in 0..=LONGEST_CHAIN {
        let fitting = open.iter().filter(|(_, state)| fits(state)).take(MOST_CHAINS);
        let found: Vec<Chain> =
            fitting.filter_map(|(chain, _)| Chain::parse(chain.iter().copied()).ok()).collect();
        if !found.is_empty() {
            return found;
        }
        open = next(&open, &steps, &mut seen, samples);
    }
    Vec::new()
}

/// What a chain makes of a whole list of what a reader says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// How many different numbers.
    pub n_numbers: usize,
    /// The places in the list, from 1, of which it makes no number.
    pub misses: Vec<usize>,
    /// Each place of which it makes the number of an earlier one, with that.
    pub collisions: Vec<(usize, usize)>,
}

/// Tries a chain over a list.
pub fn try_over<'a>(chain: &Chain, list: impl IntoIterator<Item = &'a str>) -> Trial {
    let (mut trial, mut places) = (Trial::default(), HashMap::new());
    for (i, said) in list.into_iter().enumerate() {
        let place = i + 1;
        match chain.apply(said).map(|number| number.to_ascii_uppercase()) {
            None => trial.misses.push(place),
            Some(number) => match places.get(&number) {
                Some(first) => trial.collisions.push((place, *first)),
                None => {
                    places.insert(number, place);
                }
            },
        }
    }
    trial.n_numbers = places.len();
    trial
}

/// All chains that are one step longer and make something new. Two that make the numbers both stay.
fn next<'a>(
    open: &[(Vec<&'a str>, Vec<String>)],
    steps: &'a [String],
    seen: &mut HashSet<Vec<String>>,
    samples: &[Sample],
) -> Vec<(Vec<&'a str>, Vec<String>)> {
    let mut longer = Vec::new();
    for (chain, state) in open {
        for step in steps {
            let Ok(one) = Chain::parse([step.as_str()]) else { continue };
            let made: Option<Vec<String>> = state.iter().map(|number| one.apply(number)).collect();
            let Some(made) = made.filter(|made| made != state) else { continue };
            let both = made.iter().zip(samples);
            let done =
                both.into_iter().all(|(made, sample)| made.eq_ignore_ascii_case(&sample.number));
            if done || seen.insert(made.clone()) {
                longer.push(([chain.as_slice(), &[step.as_str()]].concat(), made));
            }
        }
    }
    longer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(samples: &[(&str, &str)]) -> Vec<String> {
        let sample = |(said, number): &(&str, &str)| Sample {
            said: (*said).into(),
            number: (*number).into(),
        };
        let samples: Vec<Sample> = samples.iter().map(sample).collect();
        chains_for(&samples).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_badge_teaches_the_steps() {
        assert_eq!(learned(&[("946EBD28", "2490285352")]), ["hex-to-decimal"]);
        assert_eq!(
            learned(&[("rfid:bc88e3d9", "3655567548")]),
            ["strip-prefix rfid:, reverse-bytes, hex-to-decimal"]
        );
        assert_eq!(learned(&[("0013961168", "213,02000")]), ["to-facility"]);
        assert_eq!(learned(&[("42", "42")]), [""]);
    }

    #[test]
    fn a_second_badge_tells_chains_apart() {
        let one = learned(&[("000042", "42")]);
        assert!(
            one.contains(&"trim-zeros".to_owned()) && one.contains(&"last 2".to_owned()),
            "{one:?}"
        );
        assert_eq!(learned(&[("000042", "42"), ("000142", "142")]), ["trim-zeros"]);
    }

    #[test]
    fn what_no_chain_makes_has_none() {
        assert!(learned(&[("946EBD28", "12345")]).is_empty());
        assert!(learned(&[]).is_empty());
    }

    #[test]
    fn a_chain_is_tried_over_a_list_with_its_misses_and_collisions() {
        let chain = Chain::parse(["strip-prefix rfid:", "last 4"]).unwrap();
        let trial = try_over(&chain, ["rfid:11AB12", "12", "22ab12", "334455"]);
        let expected = Trial { n_numbers: 2, misses: vec![2], collisions: vec![(3, 1)] };
        assert_eq!(trial, expected);
        assert_eq!(try_over(&chain, []), Trial::default());
    }
}
