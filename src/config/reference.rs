//! The reference of all keys, generated from their table.
//!
//! Deliberately absent: the table (`keys`).

use super::keys::keys;

/// The reference of all keys, as a TOML file that does nothing.
pub fn reference() -> String {
    let mut text = String::from(
        "# Every key of pullprint's configuration, with its default and its meaning.\n\
         # Generated; a test keeps it true. A line that begins with \"#\" and no blank shows a default or an example.\n",
    );
    let mut section = "";
    for key in keys() {
        let (table, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if table != section {
            section = table;
            let table = table.replace('*', "NAME");
            text.push_str(&format!("\n[{table}]\n"));
        }
        let state = match (key.default, key.required) {
            (Some(_), _) => "",
            (None, true) => " Must be given.",
            (None, false) => " May be left out.",
        };
        text.push_str(&format!("\n# {}{state}\n#{name} = {}\n", key.doc, key.example));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/reference.toml");
        if std::env::var_os("PULLPRINT_BLESS").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == reference(),
            "config/reference.toml is not the table; write it with PULLPRINT_BLESS=1"
        );
    }
}
