//! Graph's `printerCapabilities` and `printerDefaults` as an offer.
//!
//! Deliberately absent: writing them; attributes go as IPP (`set_up`), because people's systems need more of them than
//! Graph's JSON has.

use serde_json::Value;

use super::wire;
use crate::model::{Offer, OfferDefaults};

/// What the cloud says that a printer offers; nothing if nobody has told it yet.
pub(super) fn read_offer(capabilities: &Value, defaults: &Value) -> Option<Offer> {
    capabilities.is_object().then(|| Offer {
        formats: words(capabilities, "contentTypes"),
        sides: choices(capabilities, "duplexModes", wire::read_duplex_mode),
        colors: choices(capabilities, "colorModes", wire::read_color_mode),
        qualities: choices(capabilities, "qualities", wire::read_quality),
        papers: words(capabilities, "mediaSizes"),
        most_copies: capabilities["copiesPerJob"]["end"]
            .as_i64()
            .and_then(|most| i32::try_from(most).ok())
            .unwrap_or(1),
        page_ranges: capabilities["isPageRangeSupported"].as_bool().unwrap_or(false),
        defaults: OfferDefaults {
            sides: defaults["duplexMode"].as_str().map(wire::read_duplex_mode),
            color: defaults["colorMode"].as_str().map(wire::read_color_mode),
            paper: defaults["mediaSize"].as_str().map(str::to_owned),
        },
    })
}

fn words(value: &Value, name: &str) -> Vec<String> {
    let list = value[name].as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn choices<T>(value: &Value, name: &str, read: impl Fn(&str) -> T) -> Vec<T> {
    words(value, name).iter().map(|word| read(word)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::configuration::{ColorMode, DuplexMode};

    #[test]
    fn an_offer_is_read_and_what_nobody_told_is_none() {
        assert_eq!(read_offer(&Value::Null, &Value::Null), None);
        let capabilities = json!({"contentTypes": ["application/pdf"], "duplexModes": ["oneSided", "newWay"],
            "colorModes": null, "mediaSizes": ["A4"], "copiesPerJob": {"start": 1, "end": 99}});
        let offer = read_offer(&capabilities, &json!({"colorMode": "grayscale"})).unwrap();
        assert_eq!(offer.sides, [DuplexMode::OneSided, DuplexMode::Other("newWay".into())]);
        assert_eq!((offer.most_copies, offer.papers.as_slice()), (99, &["A4".to_owned()][..]));
        assert_eq!(offer.defaults.color, Some(ColorMode::Grayscale));
        assert_eq!(offer.colors, []);
    }
}
