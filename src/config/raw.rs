//! The configuration as written: layered by the `config` crate, then read key by key, collecting every problem.
//!
//! Deliberately absent: what the values are for.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use config::{Config, Environment, File, FileFormat};
use serde_json::{Map, Value};

use super::{credentials, keys::keys};

/// Something wrong with one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Dotted path.
    pub key: String,
    /// What is written there; empty if nothing is.
    pub value: String,
    /// Why that does not do.
    pub why: String,
    /// What to write instead.
    pub hint: String,
}

/// All that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "\n" };
            let value = if problem.value.is_empty() {
                String::new()
            } else {
                format!(" = {}", problem.value)
            };
            write!(f, "{separator}{}{value}: {}; {}", problem.key, problem.why, problem.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Reads keys and collects what is wrong with them.
#[derive(Debug)]
pub(super) struct Reader {
    root: Value,
    pub(super) problems: Vec<Problem>,
}

impl Reader {
    /// The layers, merged. A file that can not be read or is not TOML is one problem.
    pub(super) fn new(file: &Path, environment: Environment) -> Result<Self, Problems> {
        let problem = |file: &Path, why: String, hint: &str| {
            let (key, value) = (file.display().to_string(), String::new());
            Problems(vec![Problem { key, value, why, hint: hint.to_owned() }])
        };
        let mut layers = Config::builder();
        for file in layers_of(file) {
            let text = std::fs::read_to_string(&file).map_err(|error| {
                let why = format!("it can not be read: {error}");
                problem(&file, why, "name the file with --config FILE, and let the daemon read it")
            })?;
            let layer = File::from_str(&text, FileFormat::Toml);
            // Alone, so that a mistake is that file's.
            let alone = Config::builder().add_source(layer.clone()).build();
            alone.map_err(|error| {
                problem(&file, without_source(&error.to_string()), "mend the line")
            })?;
            layers = layers.add_source(layer);
        }
        let merged = layers.add_source(environment).build();
        let merged = merged.and_then(Config::try_deserialize::<Value>);
        let merged = merged.map_err(|error| problem(file, error.to_string(), "mend the line"))?;
        let mut reader = Self { root: merged, problems: Vec::new() };
        reader.refuse_unknown();
        Ok(reader)
    }

    /// All that is written, each value with its path.
    pub(super) fn values(&self) -> Vec<(String, Value)> {
        let mut paths = Vec::new();
        collect(&self.root, &mut Vec::new(), &mut paths);
        paths.into_iter().map(|(parts, value)| (parts.join("."), value)).collect()
    }

    fn refuse_unknown(&mut self) {
        let mut paths = Vec::new();
        collect(&self.root, &mut Vec::new(), &mut paths);
        for (parts, value) in paths {
            if keys().any(|key| matches_parts(key.path, &parts)) {
                continue;
            }
            let path = parts.join(".");
            let nearest = keys()
                .map(|key| key.path)
                .max_by(|a, b| strsim::jaro(a, &path).total_cmp(&strsim::jaro(b, &path)))
                .unwrap_or_default();
            let hint = format!(
                "did you mean {}? config/reference.toml has all keys",
                nearest.replace('*', "NAME")
            );
            self.problem(&path, &value, "there is no such key", &hint);
        }
    }

    /// Notes a problem, once.
    pub(super) fn problem(&mut self, key: &str, value: &Value, why: &str, hint: &str) {
        // A credential is shown by its name, and not by the file that it is in.
        let value = if key.ends_with("_file") { self.written(key) } else { value.clone() };
        let value = if value.is_null() { String::new() } else { masked(key, &value.to_string()) };
        let (key, why, hint) = (key.to_owned(), why.to_owned(), hint.to_owned());
        let problem = Problem { key, value, why, hint };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Whether something is wrong with a key already.
    pub(super) fn is_wrong(&self, key: &str) -> bool {
        self.problems.iter().any(|problem| problem.key == key)
    }

    /// What is written under a path.
    fn written(&self, path: &str) -> Value {
        path.split('.').fold(&self.root, |value, part| &value[part]).clone()
    }

    /// The names in a table such as `printers`. They stand in paths of keys, in addresses and in commands.
    pub(super) fn names(&mut self, table: &str) -> Vec<String> {
        let names = self.root[table].as_object().map(Map::keys);
        let names: BTreeSet<String> = names.into_iter().flatten().cloned().collect();
        let (good, bad): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| is_name(name));
        for name in bad {
            let why = "a name has letters, digits, blanks, - and _";
            self.problem(table, &name.into(), why, "give it another name");
        }
        good
    }

    /// What is written under a path, or its default.
    pub(super) fn value(&mut self, path: &str) -> Value {
        let written = self.written(path);
        if !written.is_null() {
            return in_its_file(path, written);
        }
        let key =
            keys().find(|key| matches(key.path, path)).expect("only keys of the table are read");
        if key.required {
            let by_setup = ["cloud.task_definition", "queues.*.source_printer"].contains(&key.path);
            let hint = format!(
                "write it, for example as {} = {}{}",
                last(path),
                key.example,
                if by_setup { "; `pullprint setup` makes it and says it" } else { "" }
            );
            self.problem(path, &Value::Null, "it must be given", &hint);
        }
        key.default.map_or(Value::Null, read_default)
    }

    /// A text; empty where a required one is missing.
    pub(super) fn text(&mut self, path: &str) -> String {
        self.optional_text(path).unwrap_or_default()
    }

    /// A text that may be left out.
    pub(super) fn optional_text(&mut self, path: &str) -> Option<String> {
        match self.value(path) {
            Value::Null => None,
            Value::String(text) if text.trim().is_empty() => {
                let hint = "write something there, or leave the key out";
                self.problem(path, &Value::String(text), "it is empty", hint);
                None
            }
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            other => {
                self.problem(path, &other, "it is not a text", "write it in quotation marks");
                None
            }
        }
    }

    /// A list of texts. From the environment, a text with commas.
    pub(super) fn list(&mut self, path: &str) -> Vec<String> {
        let value = self.value(path);
        match &value {
            Value::Array(items) if items.iter().all(Value::is_string) => {
                items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Value::String(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
            _ => {
                self.problem(
                    path,
                    &value,
                    "it is not a list of texts",
                    r#"write it as ["one", "two"]"#,
                );
                Vec::new()
            }
        }
    }

    /// A value that `read` understands; otherwise a problem, and the default of the type.
    pub(super) fn parsed<T: Default>(
        &mut self,
        path: &str,
        hint: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> T {
        let value = self.value(path);
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Null => return T::default(),
            other => other.to_string(),
        };
        read(text.trim()).unwrap_or_else(|| {
            self.problem(path, &value, "it does not read", hint);
            T::default()
        })
    }
}

/// The variables of the process's environment.
pub(super) fn environment() -> Environment {
    Environment::with_prefix("PULLPRINT").prefix_separator("__").separator("__")
}

/// All that is written, in the file, its pieces and the environment: each value with its path.
///
/// # Errors
///
/// [`Problems`] of a file that does not read at all.
pub fn written(file: &Path) -> Result<Vec<(String, Value)>, Problems> {
    Ok(Reader::new(file, environment())?.values())
}

/// What is wrong with a text, and where; the line itself is left out, for there may be a secret in it.
fn without_source(error: &str) -> String {
    let lines = error.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('|'));
    lines.collect::<Vec<_>>().join(": ")
}

/// A credential of the service manager stands for the file that it is in.
fn in_its_file(path: &str, written: Value) -> Value {
    let file = written.as_str().filter(|_| path.ends_with("_file")).and_then(credentials::file_of);
    file.map_or(written, |file| file.display().to_string().into())
}

/// The files of a configuration, in the order in which they are read.
fn layers_of(file: &Path) -> Vec<PathBuf> {
    [vec![file.to_owned()], pieces_beside(file)].concat()
}

/// The pieces in the folder `conf.d` beside the file, by their names: later ones win over earlier ones and the file.
fn pieces_beside(file: &Path) -> Vec<PathBuf> {
    let folder = file.parent().unwrap_or_else(|| Path::new(".")).join("conf.d");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_toml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut pieces: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_toml).collect();
    pieces.sort();
    pieces
}

/// A secret that was written where a file belongs, or under a name of its own, is not shown again; neither are a user
/// and a password in an address.
fn masked(key: &str, text: &str) -> String {
    const SECRET: [&str; 7] =
        ["secret", "password", "passwort", "token", "credential", "apikey", "api_key"];
    let name = last(key).to_ascii_lowercase();
    let is_known = keys().any(|known| matches(known.path, key));
    // A key of ours holds no secret itself.
    let is_secret = !is_known
        && (SECRET.iter().any(|word| name.contains(word))
            || ["pin", "key"].contains(&name.as_str()));
    let names_a_file =
        ["\"/", "\"./", "\"../", "\"credential:"].iter().any(|begin| text.starts_with(begin));
    let is_hidden = if name.ends_with("_file") { !names_a_file } else { is_secret };
    if is_hidden {
        return "***".to_owned();
    }
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://***@{rest}"),
        _ => text.to_owned(),
    }
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().all(|c| c.is_alphanumeric() || " -_".contains(c))
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A default of the table: TOML whose few forms here are JSON as well.
fn read_default(toml: &str) -> Value {
    serde_json::from_str(toml).expect("a default of the table reads")
}

fn matches(pattern: &str, path: &str) -> bool {
    let parts: Vec<String> = path.split('.').map(str::to_owned).collect();
    matches_parts(pattern, &parts)
}

fn matches_parts(pattern: &str, parts: &[String]) -> bool {
    let pattern: Vec<_> = pattern.split('.').collect();
    pattern.len() == parts.len() && pattern.iter().zip(parts).all(|(a, b)| *a == "*" || a == b)
}

/// All values that are written, each with the parts of its path: a name may have a dot in it.
fn collect(value: &Value, parts: &mut Vec<String>, into: &mut Vec<(Vec<String>, Value)>) {
    let Value::Object(members) = value else {
        into.push((parts.clone(), value.clone()));
        return;
    };
    for (name, value) in members {
        parts.push(name.clone());
        collect(value, parts, into);
        parts.pop();
    }
}

/// Ten years, in seconds.
const LONGEST: u64 = 3_660 * 86_400;

/// `5s`, `10m`, `24h` or `7d`, in seconds.
pub(super) fn read_seconds(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let number: u64 = text[..text.len() - unit.len_utf8()].trim().parse().ok()?;
    let scale = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    number.checked_mul(scale).filter(|seconds| *seconds > 0 && *seconds <= LONGEST)
}

/// `512 KiB`, `8 MiB` or `1 GiB`, in octets.
pub(super) fn read_octets(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let scale = match unit.trim() {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(scale).filter(|octets| *octets > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_read_or_do_not() {
        assert_eq!(read_seconds("5s"), Some(5));
        assert_eq!(read_seconds("7d"), Some(604_800));
        assert_eq!(read_octets("8 MiB"), Some(8 << 20));
        assert_eq!(read_octets("1GiB"), Some(1 << 30));
        for text in ["", "5", "s", "-1s", "0s", "5 weeks", "9999999d", "1é"] {
            assert_eq!(read_seconds(text), None, "{text}");
        }
        for text in ["", "8", "MiB", "8 MB", "0 KiB"] {
            assert_eq!(read_octets(text), None, "{text}");
        }
    }
}
