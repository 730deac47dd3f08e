//! `printers`: asks the printers themselves, as the daemon would.

use std::{path::Path, time::Duration};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{Failed, change::Change, config, discover, output};
use crate::{
    config::Settings,
    daemon::{
        keys::KeyFile,
        page::{Press, spool},
        places::client_of,
    },
    document::{Converter, test_page::test_page},
    model::{
        Agreement, Capabilities, JobConfiguration, PrinterName, PrinterSettings, TicketRules,
        printer::PrinterJobReport, settings::Trust,
    },
    printer::{Found, PrinterClient, PrinterError, blocked, media, words::in_words},
};

/// How long a test page may take to come out.
const PATIENCE: Duration = Duration::from_mins(5);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// As JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the printers of the configuration and how they are
    List,
    /// Show what a printer can do, as it says now
    Show {
        /// Its name in the configuration
        printer: String,
    },
    /// Print a test page that shows what was asked, and say what came of it
    Test {
        /// Its name in the configuration
        printer: String,
        #[command(flatten)]
        change: Change,
    },
    /// Trust the next key that a printer shows, after its first one changed for a reason that you know
    Trust {
        /// Its name in the configuration
        printer: String,
    },
    /// Look for printers in the network by DNS-SD, with lines to paste
    Discover(discover::Arguments),
}

/// Carries out a `printers` command.
pub(super) async fn perform(arguments: Arguments, file: &Path) -> Result<(), Failed> {
    if let Command::Discover(how) = &arguments.command {
        return discover::perform(how, arguments.json).await;
    }
    let settings = config::read(file)?;
    match arguments.command {
        Command::List => list(&settings, arguments.json).await,
        Command::Show { printer } => show(&settings, &printer, arguments.json).await,
        Command::Test { printer, change } => {
            test(&settings, &printer, &change, arguments.json).await
        }
        Command::Trust { printer } => trust(&settings, &printer),
        Command::Discover(_) => Ok(()),
    }
}

fn find<'a>(settings: &'a Settings, name: &str) -> Result<&'a PrinterSettings, Failed> {
    let names: Vec<&str> = settings.printers.iter().map(|one| one.name.as_str()).collect();
    settings.printer(&PrinterName::new(name)).ok_or_else(|| {
        Failed::run(format!("there is no printer {name} over IPP; there are: {}", names.join(", ")))
    })
}

fn client(settings: &Settings, printer: &PrinterSettings) -> Result<PrinterClient, Failed> {
    let named = |why: String| Failed::config(format!("printers.{}: {why}", printer.name));
    client_of(printer, &settings.state_dir).map_err(named)
}

/// How a printer is, in a word, and what it says of itself.
fn state(told: &Result<Capabilities, PrinterError>) -> (&'static str, String) {
    match told {
        Err(error) => ("silent", error.failure().code),
        Ok(can) => match blocked(can, &JobConfiguration::default()) {
            Some(why) => ("stopped", why),
            None => {
                let state = if can.health.is_processing() { "printing" } else { "ready" };
                (state, in_words(&can.health.reasons).join(", "))
            }
        },
    }
}

async fn list(settings: &Settings, as_json: bool) -> Result<(), Failed> {
    let mut rows = Vec::new();
    for printer in &settings.printers {
        let told = client(settings, printer)?.capabilities().await;
        let (state, says) = state(&told);
        let model = told.ok().and_then(|can| can.identity.model).unwrap_or_default();
        rows.push([
            printer.name.to_string(),
            state.into(),
            says,
            model,
            printer.contact.uri.clone(),
        ]);
    }
    for pool in &settings.pools {
        let members: Vec<&str> = pool.members.iter().map(PrinterName::as_str).collect();
        let (name, members) = (pool.name.to_string(), members.join(", "));
        rows.push([name, "pool".into(), String::new(), String::new(), members]);
    }
    for printer in &settings.cloud_printers {
        let (name, id) = (printer.name.to_string(), printer.id.to_string());
        rows.push([name, "cloud".into(), String::new(), String::new(), id]);
    }
    if as_json {
        let row = |[name, state, says, model, address]: &[String; 5]| json!({"name": name, "state": state, "says": says, "model": model, "address": address});
        println!("{}", json!({"printers": rows.iter().map(row).collect::<Vec<_>>()}));
    } else {
        let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
        output::table(&["name", "state", "says", "model", "address"], &rows);
    }
    Ok(())
}

async fn show(settings: &Settings, name: &str, as_json: bool) -> Result<(), Failed> {
    let printer = find(settings, name)?;
    let told = client(settings, printer)?.capabilities().await;
    let (state, says) = state(&told);
    let can = told.map_err(|error| Failed::run(error.to_string()))?;
    let rows = abilities(&can);
    if as_json {
        let abilities: serde_json::Map<String, Value> =
            rows.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        println!("{}", json!({"name": name, "state": state, "says": says, "can": abilities}));
        return Ok(());
    }
    println!("{name}: {state}{}", if says.is_empty() { says } else { format!(", {says}") });
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        println!("  {name:<14} {value}");
    }
    Ok(())
}

/// What a printer can do, in rows.
fn abilities(can: &Capabilities) -> Vec<(&'static str, String)> {
    let paper = |name: &String| media::cloud_name_of(name).unwrap_or(name).to_owned();
    let ready = |(width, length): (i32, i32)| format!("{}x{} mm", width / 100, length / 100);
    let trays = can.health.media_ready.iter().filter_map(|tray| {
        Some(format!("{}: {}", tray.source.as_deref().unwrap_or("tray"), ready(tray.size?)))
    });
    let inks = can.health.inks.iter().filter(|(_, level)| *level >= 0);
    let finishings = can.finishings.iter().filter_map(|number| {
        crate::printer::finishing::name_of(*number).filter(|name| *name != "none")
    });
    let resolutions = can.resolutions.iter().map(|one| format!("{}x{}", one.cross_feed, one.feed));
    let list = |words: Vec<String>| words.join(", ");
    vec![
        ("model", can.identity.model.clone().unwrap_or_default()),
        ("location", can.identity.location.clone().unwrap_or_default()),
        ("formats", list(can.formats.clone())),
        ("paper", list(can.media.names.iter().map(paper).collect())),
        ("kinds", list(can.media.types.clone())),
        ("trays", list(can.media.sources.clone())),
        ("loaded", list(trays.collect())),
        ("sides", list(can.sides.clone())),
        ("color", list(can.color_modes.clone())),
        (
            "copies",
            can.copies.map(|(least, most)| format!("{least} to {most}")).unwrap_or_default(),
        ),
        ("pages", if can.page_ranges { "chosen at the printer" } else { "" }.to_owned()),
        ("resolutions", list(resolutions.collect())),
        ("finishings", list(finishings.map(str::to_owned).collect())),
        ("output", list(can.output_bins.clone())),
        ("supplies", list(inks.map(|(color, level)| format!("{color} {level} %")).collect())),
    ]
}

fn trust(settings: &Settings, name: &str) -> Result<(), Failed> {
    let printer = find(settings, name)?;
    if printer.access.trust != Trust::FirstUse {
        let why = format!("printers.{name}.trust is not \"first-use\": there is no key to forget");
        return Err(Failed::config(why));
    }
    let forgotten = KeyFile::of(&settings.state_dir, &printer.name).forget();
    forgotten.map_err(|error| Failed::run(format!("forget the key: {error}")))?;
    println!("the next key that {name} shows is trusted");
    Ok(())
}

/// Prints a page past the cloud and the journal: it is nobody's job.
async fn test(
    settings: &Settings,
    name: &str,
    change: &Change,
    as_json: bool,
) -> Result<(), Failed> {
    let printer = find(settings, name)?;
    let client = client(settings, printer)?;
    let change = crate::daemon::change::read_change(&change.as_set()).map_err(Failed::run)?;
    let wanted = change.apply(&JobConfiguration::default());
    let rules = TicketRules { converter: false, ..printer.rules.clone() };
    let press = Press {
        client: &client,
        rules,
        converter: converter(settings)?,
        spool: spool(settings.converter.output),
    };
    let token = format!("pp-test-{}", &Uuid::new_v4().simple().to_string()[..8]);
    let page = |agreement: &Agreement| {
        let lines = [format!("printer {name}")].into_iter().chain(lines_of(agreement));
        test_page(&lines.collect::<Vec<_>>(), 2)
    };
    let printed = press.print(&token, &wanted, page).await;
    let (agreement, job) = printed.map_err(Failed::run)?;
    let report = came_out(&client, &job, &token).await?;
    tell(&agreement, &report, as_json);
    Ok(())
}

/// What makes of the test page what the printer takes.
fn converter(settings: &Settings) -> Result<Converter, Failed> {
    let launcher = std::env::current_exe().map_err(|error| Failed::run(error.to_string()))?;
    Ok(Converter {
        launcher,
        command: Vec::new(),
        time: settings.converter.time,
        memory: settings.converter.memory,
        output: settings.converter.output,
        strict: settings.converter.strict,
    })
}

fn lines_of(agreement: &Agreement) -> Vec<String> {
    let sent = agreement.sent.iter().map(|(name, value)| format!("sent {name}={value}"));
    let lost = agreement.substitutions.iter().map(|one| {
        format!("not as asked: {} {} -> {} ({})", one.setting, one.asked, one.sent, one.why)
    });
    let work = Some(&agreement.work).filter(|work| !work.is_none());
    let work = work.map(|work| format!("done here: {work}"));
    sent.chain(lost).chain(work).collect()
}

async fn came_out(
    client: &PrinterClient,
    job: &crate::model::PrinterJobRef,
    token: &str,
) -> Result<PrinterJobReport, Failed> {
    let begun = Instant::now();
    loop {
        match client.look_at(job, token).await {
            Ok(Found::Seen(report)) if report.state.is_terminal() => return Ok(report),
            Ok(Found::Seen(report)) if begun.elapsed() > PATIENCE => {
                let why = report.trouble.or(report.waits_at_panel).unwrap_or_default();
                return Err(Failed::run(format!("it has not come out yet: {why}")));
            }
            Ok(Found::Forgotten(_)) => {
                return Err(Failed::run("the printer forgot the page: look at it".to_owned()));
            }
            Err(error) if begun.elapsed() > PATIENCE => return Err(Failed::run(error.to_string())),
            Ok(Found::Seen(_)) | Err(_) => sleep(Duration::from_millis(300)).await,
        }
    }
}

fn tell(agreement: &Agreement, report: &PrinterJobReport, as_json: bool) {
    let state = format!("{:?}", report.state).to_lowercase();
    if as_json {
        let sent: serde_json::Map<String, Value> = agreement
            .sent
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        println!(
            "{}",
            json!({"state": state, "impressions": report.impressions, "sheets": report.sheets,
            "sent": sent, "said": lines_of(agreement)})
        );
        return;
    }
    for line in lines_of(agreement) {
        println!("{line}");
    }
    let count = |n: Option<i32>, what: &str| n.map(|n| format!(", {n} {what}")).unwrap_or_default();
    let counted = count(report.impressions, "impressions") + &count(report.sheets, "sheets");
    println!("the printer says {state}{counted}");
    println!(
        "compare the page with what was sent; the ruler has ten centimeters unless it was scaled"
    );
}
