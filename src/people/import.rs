//! Lists of badges, as other systems write them: comma-, semicolon- or tab-separated, with a line of names.
//!
//! Pure: text to rows and problems, all of them at once. Deliberately absent: who may import, and the rows' way into
//! the journal.

use std::collections::HashSet;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// A row: a badge and whose it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The number, as readers' chains make it.
    pub number: String,
    /// The directory's object id; absent where the UPN stands for it.
    pub id: Option<String>,
    /// The UPN.
    pub upn: Option<String>,
    /// How the person is called.
    pub name: Option<String>,
    /// The first moment at which the badge is theirs no more.
    pub ends: Option<Timestamp>,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row(.. of {:?})", self.id)
    }
}

/// Reads a list. The columns are `badge`, one or both of `id` and `upn`, and `name` and `until` (a day) where they are
/// wanted; `zone` says when a day ends.
///
/// # Errors
///
/// A sentence for each line that does not read, with its number; never with a badge's.
pub fn read(text: &str, zone: &TimeZone) -> Result<Vec<Row>, Vec<String>> {
    let head = text.lines().next().unwrap_or_default();
    let separator = [b'\t', b';'].into_iter().find(|mark| head.as_bytes().contains(mark));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator.unwrap_or(b','))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let names = reader.headers().map_err(|error| vec![error.to_string()])?.clone();
    let column = |name: &str| names.iter().position(|one| one.eq_ignore_ascii_case(name));
    let person = column("id").or_else(|| column("upn"));
    let (Some(badge), Some(_)) = (column("badge"), person) else {
        return Err(vec![
            "line 1: name the columns, at least badge, and id (the directory's object id) or upn"
                .to_owned(),
        ]);
    };
    let (mut rows, mut problems): (Vec<Row>, Vec<String>) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(error.to_string());
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let get = |column: Option<usize>| {
            let text = record.get(column?).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let row = || {
            let (id, upn) = (get(column("id")), get(column("upn")));
            if id.is_none() && upn.is_none() {
                return Err("it has neither id nor upn");
            }
            if id.as_ref().is_some_and(|id| uuid::Uuid::parse_str(id).is_err()) {
                return Err("its id is not an object id");
            }
            Ok(Row {
                number: get(Some(badge)).ok_or("it has no badge")?,
                id,
                upn,
                name: get(column("name")),
                ends: get(column("until")).map(|day| end_of(&day, zone)).transpose()?,
            })
        };
        match row() {
            Ok(row) if !seen.insert(row.number.clone()) => {
                problems.push(format!("line {line}: its badge is in the list twice"));
            }
            Ok(row) => rows.push(row),
            Err(why) => problems.push(format!("line {line}: {why}")),
        }
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// The end of a day in a zone.
///
/// # Errors
///
/// What does not read.
pub fn end_of(day: &str, zone: &TimeZone) -> Result<Timestamp, &'static str> {
    let day: Date = day.parse().map_err(|_| "its day does not read; write it as 2027-05-31")?;
    let next = day.tomorrow().and_then(|next| next.to_zoned(zone.clone()));
    next.map(|next| next.timestamp()).map_err(|_| "its day is too far")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "11111111-2222-3333-4444-555555555555";

    #[test]
    fn lists_of_any_separator_are_read() {
        for mark in [",", ";", "\t"] {
            let text =
                format!("\u{FEFF}Badge,ID,UPN\n0042,{ADA},ada@contoso.example\n\n0043,{ADA},\n");
            let rows = read(&text.replace(',', mark), &TimeZone::UTC).unwrap();
            assert_eq!(rows.len(), 2);
            assert_eq!(
                (rows[0].number.as_str(), rows[0].upn.as_deref()),
                ("0042", Some("ada@contoso.example"))
            );
            assert_eq!(rows[1].upn, None);
            assert_eq!(rows[1].id.as_deref(), Some(ADA));
        }
    }

    #[test]
    fn a_upn_stands_for_an_id() {
        let rows = read("badge,upn\n0042,ada@contoso.example\n", &TimeZone::UTC).unwrap();
        assert_eq!(
            (rows[0].id.as_deref(), rows[0].upn.as_deref()),
            (None, Some("ada@contoso.example"))
        );
        assert_eq!(
            read("badge,upn\n0042,\n", &TimeZone::UTC).unwrap_err(),
            ["line 2: it has neither id nor upn"]
        );
    }

    #[test]
    fn all_that_is_wrong_is_said_and_no_number_with_it() {
        let text = format!(
            "badge,id,until\n0042,{ADA},\n0042,{ADA},\n0043,ada,\n,{ADA},\n0044,{ADA},soon\n"
        );
        let problems = read(&text, &TimeZone::UTC).unwrap_err();
        assert_eq!(
            problems,
            [
                "line 3: its badge is in the list twice",
                "line 4: its id is not an object id",
                "line 5: it has no badge",
                "line 6: its day does not read; write it as 2027-05-31",
            ]
        );
        assert!(read("number,person\n", &TimeZone::UTC).unwrap_err()[0].contains("badge, and id"));
    }

    #[test]
    fn a_badge_ends_with_its_day() {
        let rows = read(&format!("badge,id,until\n1,{ADA},2027-05-31\n"), &TimeZone::UTC).unwrap();
        let end = rows[0].ends.unwrap().to_zoned(TimeZone::UTC);
        assert_eq!(end.date(), jiff::civil::date(2027, 6, 1));
    }
}
