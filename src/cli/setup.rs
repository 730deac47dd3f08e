//! `setup`: from a tenant to a working pull-print queue, or back.

use std::{io::IsTerminal, path::Path, sync::Mutex};

use clap::Args;
use serde_json::{Value, json};

use super::{Failed, sign_in};
use crate::{
    config::{Settings, load_cloud},
    daemon::{cloud, places},
    graph::{
        GraphClient,
        permissions::{self, Need, Uses},
        token::roles_of,
    },
    model::{Offer, OfferDefaults, OfferRule, configuration::DuplexMode},
    policy::offer::combine,
    printer::offer::{is_paper, offer_of, papers, plain_offer},
    setup::{
        self, Became, Made, Setup, Thing, Wishes,
        script::{Place, Queue},
    },
};

const DEFAULT_NAME: &str = "Pull print";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The queue's name, as people see it
    #[arg(long, value_name = "NAME", default_value = DEFAULT_NAME)]
    name: String,
    /// The paper that people get who choose none, such as A4 or "North America Letter"; asked for if left out
    #[arg(long, value_name = "PAPER")]
    paper: Option<String>,
    /// A group that may print to the queue, by its object id; may be repeated; left out: everybody
    #[arg(long = "group", value_name = "ID")]
    groups: Vec<String>,
    /// Give the steps for an administrator elsewhere instead
    #[arg(long, conflicts_with = "undo")]
    print_script: bool,
    /// Take back what set-up made
    #[arg(long)]
    undo: bool,
    /// The result as JSON; what happens meanwhile is told on standard error
    #[arg(long, conflicts_with = "print_script")]
    json: bool,
    #[command(flatten)]
    sign_in: sign_in::SignInArguments,
}

/// Sets up, or takes back.
pub(super) async fn perform(arguments: Arguments, file: &Path) -> Result<(), Failed> {
    let settings = load_cloud(file).map_err(Failed::config)?;
    let application = cloud::client(&settings.cloud).map_err(Failed::config)?;
    check_name(&arguments.name)?;
    if arguments.print_script {
        return print_script(&arguments, &settings, &application).await;
    }
    let paper = if arguments.undo { String::new() } else { paper(&arguments)? };
    check_permissions(&application).await?;
    let wishes = Wishes {
        offer: if arguments.undo { Offer::default() } else { offer(&settings, &paper).await? },
        name: arguments.name.clone(),
        groups: arguments.groups.clone(),
        queues: settings.queues.iter().map(|queue| queue.source_printer.clone()).collect(),
        definition: Some(settings.cloud.task_definition.clone())
            .filter(|id| !id.as_str().is_empty()),
    };
    let mut asked = permissions::SETUP.to_vec();
    asked.extend(arguments.undo.then_some(permissions::UNDO));
    let mut claims = None;
    let told = Mutex::new(Vec::new());
    let tell = |thing, became| {
        let mut told = told.lock().expect("nothing panics while it is held");
        // What was made before a fresh sign-in was made, though it is found by the next one.
        if !told.iter().any(|(known, _)| *known == thing) {
            told.push((thing, became));
        }
        let line = line(thing, became);
        if arguments.json { eprintln!("{line}") } else { println!("{line}") }
    };
    let made = loop {
        let administrator =
            sign_in::sign_in(&arguments.sign_in, &settings.cloud, &asked, claims.clone()).await?;
        let setup = Setup { application: &application, administrator: &administrator, tell: &tell };
        let done = if arguments.undo {
            setup.undo(&wishes).await.map(|()| None)
        } else {
            setup.make(&wishes).await.map(Some)
        };
        match (done, administrator.tokens().claims().await) {
            (Err(_), demanded @ Some(_)) if claims.is_none() => {
                eprintln!("Universal Print wants a fresh sign-in; what was made stays.");
                claims = demanded;
            }
            (done, _) => break done.map_err(Failed::run)?,
        }
    };
    let table = table(&arguments.name);
    let told = told.into_inner().expect("nothing panics while it is held");
    let Some(made) = made else {
        if arguments.json {
            println!("{}", json!({"things": things(&told)}));
        }
        return Ok(());
    };
    // Whatever the look at permissions says: what was made is told.
    if !arguments.json {
        say_tables(file, &made, &table, &paper);
    }
    let lacks = Lacks::of(&application, uses(&settings)).await;
    if arguments.json {
        let lacks = lacks.ok().filter(|lacks| lacks.are_known);
        println!("{}", as_json(&told, &made, &table, &paper, lacks.as_ref()));
    } else {
        lacks?.say();
    }
    Ok(())
}

/// What the configuration needs of what was made.
fn say_tables(file: &Path, made: &Made, table: &str, paper: &str) {
    println!(
        "\n# For {}: the first line belongs into the table [cloud], the rest behind everything, each in place of what \
         stands there of that name.\n",
        file.display()
    );
    println!("task_definition = \"{}\"\n", made.definition);
    println!("[queues.{table}]\nsource_printer = \"{}\"", made.source_printer);
    println!("offer = \"union\"\ndefault_paper = \"{paper}\"\n");
    println!(
        "# What people will see: a job that was released stays in Universal Print's list as waiting for the printer until\n\
         # the cloud removes it (after_release = \"complete\"), or as aborted with a reason that says it was printed (\"abort\")."
    );
}

/// The same for programs: each thing and what became of it, the queue's table, and the permissions that are missing,
/// where that is known.
fn as_json(
    told: &[(Thing, Became)],
    made: &Made,
    table: &str,
    paper: &str,
    lacks: Option<&Lacks>,
) -> Value {
    json!({
        "things": things(told),
        "task_definition": made.definition.as_str(),
        "queue": {"name": table, "source_printer": made.source_printer.as_str(), "offer": "union",
            "default_paper": paper},
        "missing_permissions": lacks.map(|lacks| &lacks.permissions),
    })
}

fn things(told: &[(Thing, Became)]) -> Vec<Value> {
    told.iter().map(|(thing, became)| json!({"thing": thing, "became": became})).collect()
}

/// A thing of the cloud's and what became of it, in words.
fn line(thing: Thing, became: Became) -> String {
    let noun = match thing {
        Thing::Definition => "task definition",
        Thing::Printer => "virtual printer",
        Thing::Offer => "what the queue offers",
        Thing::Share => "share",
        Thing::Trigger => "trigger",
    };
    let verb = match (thing, became) {
        (_, Became::Found) => "is there",
        (Thing::Offer, Became::Made) => "written",
        (_, Became::Made) => "made",
        (_, Became::Unsure) => {
            "is there, though the cloud does not show what it is bound to; print something and see whether `pullprint jobs list` \
             shows it. If not, `--undo` and set up anew"
        }
        (_, Became::Kept) => "is needed by another queue, and stays",
        (_, Became::Unlisted) => {
            "is there, though the cloud does not list it; print something and see whether `pullprint jobs list` shows it"
        }
        (_, Became::Deleted) => "deleted",
        (_, Became::NotThere) => "is not there",
    };
    format!("{noun}: {verb}")
}

/// A name that people can read, and that the cloud keeps whole.
fn check_name(name: &str) -> Result<(), Failed> {
    const LONGEST: usize = 60;
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if name.trim().is_empty() || name.chars().any(unseen) || name.chars().count() > LONGEST {
        let why = format!(
            "--name: a name of 1 to {LONGEST} characters, without line breaks and unseen ones"
        );
        return Err(Failed::config(why));
    }
    Ok(())
}

/// The default paper: given, or asked for.
fn paper(arguments: &Arguments) -> Result<String, Failed> {
    let list = papers().join(", ");
    let given = match &arguments.paper {
        Some(paper) => paper.clone(),
        None if std::io::stdin().is_terminal() => {
            eprintln!("The paper that people get who choose none ({list}):");
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map_err(Failed::run)?;
            line.trim().to_owned()
        }
        None => return Err(Failed::config("name the default paper: --paper A4, for example")),
    };
    if is_paper(&given) {
        Ok(given)
    } else {
        Err(Failed::config(format!("\"{given}\" is no paper of the cloud's; choose one of {list}")))
    }
}

/// What the queue will offer: of the printers of the configuration, or plain documents.
async fn offer(settings: &Settings, paper: &str) -> Result<Offer, Failed> {
    let defaults = OfferDefaults {
        sides: Some(DuplexMode::OneSided),
        color: None,
        paper: Some(paper.to_owned()),
    };
    let mut offers = Vec::new();
    for printer in &settings.printers {
        let named = |why: &str| Failed::config(format!("printers.{}: {why}", printer.name));
        let client = places::client_of(printer, &settings.state_dir).map_err(|why| named(&why))?;
        match client.capabilities().await {
            Ok(can) => offers.push(offer_of(&can)),
            Err(error) => eprintln!("printer {}: {error}; the daemon asks it again", printer.name),
        }
    }
    if offers.is_empty() {
        return Ok(plain_offer(&defaults));
    }
    Ok(combine(OfferRule::Union, &offers, &defaults))
}

/// What the application will make of the cloud: set-up's queue has an offer.
fn uses(settings: &Settings) -> Uses {
    Uses { offers: true, ..cloud::uses(settings) }
}

/// The queue's table in the configuration: `main`, or a short form of its name.
fn table(name: &str) -> String {
    if name == DEFAULT_NAME {
        return "main".to_owned();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let short: String = name.chars().map(plain).collect();
    let short = short.trim_matches('-');
    if short.is_empty() { "second".to_owned() } else { short.to_owned() }
}

async fn roles(application: &GraphClient) -> Result<Vec<String>, Failed> {
    Ok(roles_of(&application.tokens().token().await.map_err(Failed::run)?))
}

/// What set-up can not do without.
async fn check_permissions(application: &GraphClient) -> Result<(), Failed> {
    let roles = roles(application).await?;
    let needed = ["PrintTaskDefinition.ReadWrite.All", "Printer.ReadWrite.All"];
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|needed| !roles.is_empty() && !roles.iter().any(|role| role == needed))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failed::run(format!(
        "grant the application these application permissions and consent to them, then repeat: {}",
        missing.join(", ")
    )))
}

/// The application permissions that the daemon still lacks, least privilege first; all that it needs, where the token
/// does not show what there is.
struct Lacks {
    are_known: bool,
    permissions: Vec<&'static str>,
    lines: Vec<String>,
}

impl Lacks {
    async fn of(application: &GraphClient, uses: Uses) -> Result<Self, Failed> {
        let roles = roles(application).await?;
        if roles.is_empty() {
            let permissions = permissions::least(uses);
            let lines = vec![permissions.join(", ")];
            return Ok(Self { are_known: false, permissions, lines });
        }
        let missing = permissions::missing(&roles, uses);
        let line = |need: &&Need| format!("{:<36} to {}", need.least(), need.what);
        Ok(Self {
            are_known: true,
            lines: missing.iter().map(line).collect(),
            permissions: missing.iter().map(|need| need.least()).collect(),
        })
    }

    fn say(&self) {
        let head = match (self.are_known, self.permissions.is_empty()) {
            (false, _) => {
                "The token does not show its permissions; the daemon needs these application permissions:"
            }
            (true, true) => "All permissions that the daemon needs are there.",
            (true, false) => "Still to be granted and consented to, as application permissions:",
        };
        println!("\n# {head}");
        for line in &self.lines {
            println!("#   {line}");
        }
    }
}

async fn print_script(
    arguments: &Arguments,
    settings: &Settings,
    application: &GraphClient,
) -> Result<(), Failed> {
    let configured = Some(&settings.cloud.task_definition).filter(|id| !id.as_str().is_empty());
    let definition = match configured {
        Some(id) => Some(id.clone()),
        None => match setup::find_or_make_definition(application).await {
            Ok(id) => Some(id),
            Err(error) => {
                eprintln!("the task definition could not be made yet: {error}");
                None
            }
        },
    };
    let place = Place {
        tenant: &settings.cloud.tenant,
        client_id: &settings.cloud.client_id,
        graph: &settings.cloud.graph,
        uses: uses(settings),
    };
    let queue = Queue {
        name: &arguments.name,
        table: &table(&arguments.name),
        groups: &arguments.groups,
        paper: arguments.paper.as_deref(),
    };
    let text = setup::script::script(&place, &queue, definition.as_ref());
    println!("{}", text.map_err(Failed::run)?);
    Ok(())
}
