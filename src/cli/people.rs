//! `people` and `badge`: whose a badge is.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{Failed, config, forget};
use crate::{
    badge::{
        learn::{Sample, Trial, chains_for, try_over},
        uid::Chain,
    },
    daemon::control,
    people::import::{self, Row},
};

/// How many badges go in one request to the daemon.
const AT_ONCE: usize = 50;

#[derive(Debug, Args)]
pub(super) struct People {
    /// As JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: PeopleCommand,
}

#[derive(Debug, Subcommand)]
enum PeopleCommand {
    /// Take a list of badges: a line of names (badge, id, upn, name, until), then a line a badge
    Import {
        /// Comma-, semicolon- or tab-separated; id is the directory's object id, and may be left out where upn is given
        file: PathBuf,
        /// Only say what does not read in it; nobody is looked up
        #[arg(long)]
        dry_run: bool,
    },
    /// Draw an activation code: at a screen it gives its person one new badge, within seven days
    Code {
        /// The person's UPN, or object id
        person: String,
    },
    /// Let somebody collect what another one printed, as it is: no settings, no removal
    Delegate {
        /// Whose jobs they are: the UPN, or object id
        owner: String,
        /// Who may collect them: the UPN, or object id
        delegate: String,
        /// The last day, such as 2027-05-31
        #[arg(long)]
        until: Option<String>,
        /// End it instead
        #[arg(long, conflicts_with = "until")]
        end: bool,
    },
    /// List who may collect for whom
    Delegates,
    /// Print all that is known of a person; the question is journaled
    Export {
        /// The person's UPN, or object id
        person: String,
    },
    /// Forget a person: badges, PIN, delegations, and whose their jobs were; jobs that wait are aborted
    Forget {
        /// The person's UPN, or object id
        person: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Draw a PIN for a person; the one before is over
    Pin {
        /// The person's UPN, or object id
        person: String,
        /// Take the PIN instead
        #[arg(long)]
        clear: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct Badge {
    /// As JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: BadgeCommand,
}

#[derive(Debug, Subcommand)]
enum BadgeCommand {
    /// Say whose a badge is; the question is journaled
    Whois {
        /// Its number, as it stands on the list
        number: String,
    },
    /// Take a badge from whoever has it
    Revoke {
        /// Its number, as it stands on the list
        number: String,
    },
    /// Give a person the badge of a slip, which a station without a screen prints for a badge that nobody knows
    Register {
        /// The code on the slip
        code: String,
        /// The person's UPN, or object id
        person: String,
    },
    /// Find the steps from what a reader says to numbers that are known: what it says, then the number, for each badge
    Learn {
        /// Two words a badge; two badges are better than one
        #[arg(required = true)]
        said_and_number: Vec<String>,
        /// A list to import whose numbers are as the reader says them: try the steps over it
        #[arg(long, value_name = "FILE")]
        list: Option<PathBuf>,
    },
    /// Say what steps make of what a reader said
    Decode {
        /// What the reader said
        said: String,
        /// A step, such as hex-to-decimal; once for each
        #[arg(long = "step")]
        steps: Vec<String>,
    },
}

/// Carries out a `people` command.
pub(super) async fn people(arguments: People, file: &Path) -> Result<(), Failed> {
    let (answer, line) = match arguments.command {
        PeopleCommand::Import { file: list, dry_run } => import(&list, dry_run, file).await?,
        PeopleCommand::Code { person } => {
            let answer = ask(file, &json!({"command": "give-code", "person": person})).await?;
            let code = answer["code"].as_str().unwrap_or_default();
            let line =
                format!("{code} gives {person} one new badge, at a screen, within seven days");
            (answer, line)
        }
        PeopleCommand::Delegate { owner, delegate, until, end } => {
            let ends = until.map(|day| import::end_of(&day, &TimeZone::system())).transpose();
            let ends = ends.map_err(|why| Failed::run(format!("--until: {why}")))?;
            let command = if end { "end-delegation" } else { "name-delegate" };
            let request = json!({"command": command, "owner": owner, "delegate": delegate,
                "ends": ends.map(|ends| ends.to_string())});
            let answer = ask(file, &request).await?;
            let may = match answer["ended"].as_bool() {
                Some(false) => "did not collect",
                Some(true) => "may not collect",
                None => "may collect",
            };
            (answer, format!("{delegate} {may} what {owner} prints"))
        }
        PeopleCommand::Delegates => {
            let answer = ask(file, &json!({"command": "delegations"})).await?;
            let lines = answer["delegations"].as_array().into_iter().flatten().map(in_a_line);
            let lines = lines.collect::<Vec<_>>().join("\n");
            (answer, if lines.is_empty() { "nobody collects for others".to_owned() } else { lines })
        }
        PeopleCommand::Export { person } => forget::export(&person, file).await?,
        PeopleCommand::Forget { person, yes } => forget::forget(&person, yes, file).await?,
        PeopleCommand::Pin { person, clear } => {
            let request = json!({"command": "set-pin", "person": person, "clear": clear});
            let answer = ask(file, &request).await?;
            let line = match answer["pin"].as_str() {
                Some(pin) => {
                    format!("{pin} is the PIN of {person} from now on; it is not shown again")
                }
                None => format!("{person} has no PIN any more"),
            };
            (answer, line)
        }
    };
    if arguments.json {
        println!("{answer}");
    } else {
        println!("{line}");
    }
    Ok(())
}

/// Who may collect for whom, and until when.
fn in_a_line(delegation: &Value) -> String {
    let label = |person: &Value| {
        let [upn, id] = ["upn", "id"].map(|name| person[name].as_str().unwrap_or_default());
        if upn.is_empty() { id.to_owned() } else { format!("{upn} ({id})") }
    };
    let ends = delegation["ends"].as_str().and_then(|ends| ends.parse::<Timestamp>().ok());
    // The last day, and not the first moment after it.
    let last = ends.and_then(|ends| ends.to_zoned(TimeZone::system()).date().yesterday().ok());
    let ends = last.map(|day| format!(", until {day}"));
    let (owner, delegate) = (label(&delegation["owner"]), label(&delegation["delegate"]));
    format!("{delegate} may collect what {owner} prints{}", ends.unwrap_or_default())
}

/// Takes a list of badges.
async fn import(list: &Path, dry_run: bool, file: &Path) -> Result<(Value, String), Failed> {
    let rows = read_list(list)?;
    if !dry_run {
        for (i, rows) in rows.chunks(AT_ONCE).enumerate() {
            let badges: Vec<Value> = rows.iter().map(as_json).collect();
            let given = ask(file, &json!({"command": "give-badges", "badges": badges})).await;
            given.map_err(|failed| stopped_at(i * AT_ONCE, failed))?;
        }
    }
    let n_badges = rows.len();
    let line = if dry_run {
        format!("{n_badges} badges would be taken; a UPN is looked up only then")
    } else {
        format!("{n_badges} badges are known now")
    };
    Ok((json!({"badges": n_badges, "dry_run": dry_run}), line))
}

fn read_list(list: &Path) -> Result<Vec<Row>, Failed> {
    let text = std::fs::read_to_string(list)
        .map_err(|error| Failed::run(format!("{}: {error}", list.display())))?;
    import::read(&text, &TimeZone::system()).map_err(|problems| Failed::run(problems.join("\n")))
}

/// A list can be taken again from its beginning.
fn stopped_at(n_known: usize, failed: Failed) -> Failed {
    let sentence = match n_known {
        0 => failed.sentence,
        n => format!(
            "{}\nthe first {n} badges of the list are known now; mend the rest and import it again",
            failed.sentence
        ),
    };
    Failed { sentence, ..failed }
}

fn as_json(row: &Row) -> Value {
    json!({"badge": row.number, "id": row.id, "upn": row.upn, "name": row.name,
        "ends": row.ends.map(|ends| ends.to_string())})
}

/// Carries out a `badge` command.
pub(super) async fn badge(arguments: Badge, file: &Path) -> Result<(), Failed> {
    let (answer, line) = match arguments.command {
        BadgeCommand::Whois { number } => {
            let answer = ask(file, &json!({"command": "whois", "badge": number})).await?;
            let person = &answer["person"];
            let text = |name: &str| person[name].as_str().unwrap_or_default().to_owned();
            let line = if person.is_null() {
                "nobody's".to_owned()
            } else {
                [text("upn"), text("name"), text("id")].join(" ").trim().to_owned()
            };
            (answer, line)
        }
        BadgeCommand::Revoke { number } => {
            let answer = ask(file, &json!({"command": "revoke-badge", "badge": number})).await?;
            let line =
                if answer["revoked"] == true { "it is nobody's now" } else { "it was nobody's" };
            (answer, line.to_owned())
        }
        BadgeCommand::Register { code, person } => {
            let request = json!({"command": "register-badge", "code": code, "person": person});
            (ask(file, &request).await?, format!("the badge is {person}'s now"))
        }
        BadgeCommand::Learn { said_and_number, list } => learn(&said_and_number, list.as_deref())?,
        BadgeCommand::Decode { said, steps } => {
            let chain = Chain::parse(steps.iter().map(String::as_str)).map_err(Failed::run)?;
            let number = chain.apply(&said);
            let number =
                number.ok_or_else(|| Failed::run("the steps make no number of it".to_owned()))?;
            (json!({"number": number}), number)
        }
    };
    if arguments.json {
        println!("{answer}")
    } else {
        println!("{line}")
    }
    Ok(())
}

fn learn(words: &[String], list: Option<&Path>) -> Result<(Value, String), Failed> {
    if !words.len().is_multiple_of(2) {
        return Err(Failed::run(
            "write what the reader says and the number, for each badge".to_owned(),
        ));
    }
    let sample = |pair: &[String]| Sample { said: pair[0].clone(), number: pair[1].clone() };
    let samples: Vec<Sample> = words.chunks(2).map(sample).collect();
    let chains = chains_for(&samples);
    if chains.is_empty() {
        let why = "no steps make these numbers; look whether they are of the same badge";
        return Err(Failed::run(why.to_owned()));
    }
    let rows = list.map(read_list).transpose()?;
    let found: Vec<(String, Option<Trial>)> = chains
        .iter()
        .map(|chain| {
            let said = rows.as_ref().map(|rows| rows.iter().map(|row| row.number.as_str()));
            (chain.to_string(), said.map(|said| try_over(chain, said)))
        })
        .collect();
    let all = found.iter().map(|(chain, trial)| {
        let trial = trial.as_ref().map(|trial| {
            json!({"numbers": trial.n_numbers, "misses": trial.misses, "collisions": trial.collisions})
        });
        json!({"steps": chain, "trial": trial})
    });
    let answer = json!({"chains": all.collect::<Vec<_>>()});
    let lines = found.iter().map(|(chain, trial)| {
        let trial =
            trial.as_ref().map_or_else(String::new, |trial| format!("   # {}", in_words(trial)));
        format!("{}{trial}", as_key(chain))
    });
    Ok((answer, lines.collect::<Vec<_>>().join("\n")))
}

/// Steps as the configuration has them.
fn as_key(chain: &str) -> String {
    let steps = chain.split(", ").filter(|step| !step.is_empty());
    let steps: Vec<String> = steps.map(|step| format!("{step:?}")).collect();
    format!("numbers = [{}]", steps.join(", "))
}

/// What came of a trial; places are lines of the list, below its line of names.
fn in_words(trial: &Trial) -> String {
    let line = |place: usize| (place + 1).to_string();
    let misses: Vec<String> = trial.misses.iter().map(|place| line(*place)).collect();
    let collisions: Vec<String> = trial
        .collisions
        .iter()
        .map(|(place, first)| format!("{} as {}", line(*place), line(*first)))
        .collect();
    let mut words = vec![format!("{} numbers", trial.n_numbers)];
    if !misses.is_empty() {
        words.push(format!("none of line {}", misses.join(", ")));
    }
    if !collisions.is_empty() {
        words.push(format!("the same of line {}", collisions.join(", ")));
    }
    words.join("; ")
}

pub(super) async fn ask(file: &Path, request: &Value) -> Result<Value, Failed> {
    let settings = config::read(file)?;
    let answer = control::ask(&settings.control.socket, request).await;
    answer.map_err(|error| Failed::run(error.to_string()))
}
