//! The cloud: the way there, our standing, the definition, the queues and their triggers.

use jiff::{SignedDuration, Timestamp};

use super::{Finding, Level};
use crate::{
    config::Settings,
    daemon::{
        cloud::uses,
        cloud_health::{credential_end, credential_ends},
    },
    graph::{GraphClient, GraphError, TriggerFacts, permissions, reach::reach, token::roles_of},
    model::{CloudPrinterSettings, Offer, PrinterName, QueueSettings},
    policy::offer::{combine, differences},
};

/// Where the global cloud keeps documents.
const DOCUMENTS: &str = "https://print.print.microsoft.com";
/// How far the clocks may be apart.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

pub(super) async fn look(
    settings: &Settings,
    application: &GraphClient,
    http: &reqwest::Client,
    administrator: Option<&GraphClient>,
) -> Vec<Finding> {
    let mut findings = hosts(settings, http).await;
    findings.push(proxy(settings));
    let token = application.tokens().token().await;
    findings.push(match &token {
        Ok(_) => Finding::well("sign-in", "", "the application signs in"),
        Err(error) => Finding::wrong("sign-in", "", error.to_string())
            .fix("mend the credential or the way to the sign-in service, as it says"),
    });
    let ends = credential_end(&settings.cloud, application.tokens().credential());
    findings
        .extend(credential_ends(Timestamp::now(), ends).map(|says| {
            Finding::new("credential", "", Level::Warning, says).fix("make a new one")
        }));
    let Ok(token) = token else { return findings };
    findings.extend(roles(settings, &roles_of(&token)));
    findings.push(definition(settings, application).await);
    findings.push(clock(application.clock_skew()));
    for queue in &settings.queues {
        findings.push(device(queue, application).await);
        findings.push(trigger(settings, queue, administrator).await);
    }
    for printer in &settings.cloud_printers {
        findings.push(cloud_printer(printer, application).await);
    }
    findings
}

/// Each host and port that a firewall must let through.
async fn hosts(settings: &Settings, http: &reqwest::Client) -> Vec<Finding> {
    const CHECK: &str = "host";
    let cloud = &settings.cloud;
    let mut origins = vec![cloud.authority.as_str()];
    if cloud.graph != cloud.authority {
        origins.push(&cloud.graph);
    }
    if cloud.graph == "https://graph.microsoft.com" {
        origins.push(DOCUMENTS);
    }
    let mut findings = Vec::new();
    for origin in origins {
        findings.push(match reach(http, origin).await {
            Ok(()) => Finding::well(CHECK, origin, "it is reached"),
            Err(_) if goes_straight(settings) && !is_known(origin).await => {
                Finding::wrong(CHECK, origin, "this machine does not know the name").fix(
                    "mend its name server (`getent hosts` with the name must find it); where only a proxy may ask \
                     outside, write cloud.proxy",
                )
            }
            Err(why) => Finding::wrong(CHECK, origin, format!("it is not reached: {why}")).fix(
                "let the firewall pass it (HTTPS, port 443), or write cloud.proxy; a proxy that opens TLS needs its CA in \
                 cloud.ca_file",
            ),
        });
    }
    findings
}

/// Whether the names of the cloud's hosts are looked up here.
fn goes_straight(settings: &Settings) -> bool {
    settings.cloud.proxy.is_none() && proxy_of_environment().is_none()
}

/// Whether an origin's host has an address.
async fn is_known(origin: &str) -> bool {
    let Ok(url) = url::Url::parse(origin) else { return false };
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default());
    let host = host.trim_matches(['[', ']']);
    tokio::net::lookup_host((host, port.unwrap_or(443))).await.is_ok()
}

/// The variable that names a proxy.
fn proxy_of_environment() -> Option<&'static str> {
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn proxy(settings: &Settings) -> Finding {
    let says = match (&settings.cloud.proxy, proxy_of_environment()) {
        (Some(address), _) => format!("{address}, for the cloud alone"),
        (None, Some(name)) => format!("the one of {name}, for the cloud alone"),
        (None, None) => "none".to_owned(),
    };
    Finding::well("proxy", "", says)
}

/// Each missing permission by name.
fn roles(settings: &Settings, roles: &[String]) -> Vec<Finding> {
    const CHECK: &str = "permission";
    if roles.is_empty() {
        let says =
            "the token names no permission: none is granted, or it is one that we can not read";
        return vec![Finding::wrong(CHECK, "", says).fix(format!(
            "grant these application permissions and consent to them: {}",
            permissions::least(uses(settings)).join(", ")
        ))];
    }
    let missing = permissions::missing(roles, uses(settings));
    if missing.is_empty() {
        return vec![Finding::well(CHECK, "", "all that the configuration needs are granted")];
    }
    let finding = |need: &&permissions::Need| {
        Finding::wrong(CHECK, need.least(), format!("the application may not {}", need.what)).fix(
            format!(
                "grant the application permission {} and consent to it{}",
                need.least(),
                match need.any_of {
                    [] | [_] => String::new(),
                    [_, others @ ..] => format!(" (or one of {})", others.join(", ")),
                }
            ),
        )
    };
    missing.iter().map(finding).collect()
}

async fn definition(settings: &Settings, application: &GraphClient) -> Finding {
    const CHECK: &str = "task-definition";
    let id = &settings.cloud.task_definition;
    match application.get_definition_creator(id).await {
        Ok(creator) if creator.is_empty() => Finding::well(CHECK, id.as_str(), "it is there"),
        Ok(creator) => {
            Finding::well(CHECK, id.as_str(), format!("it is there, served by \"{creator}\""))
        }
        Err(error) if error.is_gone() => {
            Finding::wrong(CHECK, id.as_str(), "it is not there, or another application made it")
                .fix("run `pullprint setup`, and paste what it says")
        }
        Err(error) => refused(CHECK, id.as_str(), &error),
    }
}

/// A call that failed; one for want of a permission is told as such above.
fn refused(check: &'static str, of: &str, error: &GraphError) -> Finding {
    let level = match error {
        GraphError::Status { status: 403, .. } => Level::Unknown,
        _ => Level::Wrong,
    };
    Finding::new(check, of, level, error.to_string())
}

fn clock(skew: Option<SignedDuration>) -> Finding {
    let Some(skew) = skew else {
        return Finding::new("clock", "", Level::Unknown, "the cloud has not answered");
    };
    let says = format!("{} s from Universal Print's", skew.abs().as_secs());
    if skew.abs() > TOLERANCE {
        Finding::wrong("clock", "", says)
            .fix("set it: systemd-timesyncd or chrony does it by itself")
    } else {
        Finding::well("clock", "", says)
    }
}

async fn device(queue: &QueueSettings, application: &GraphClient) -> Finding {
    const CHECK: &str = "queue";
    let id = &queue.source_printer;
    match application.get_printer(id).await {
        Ok(facts)
            if facts.has_physical_device == Some(false) && facts.has_connectors != Some(true) =>
        {
            Finding::well(CHECK, id.as_str(), format!("\"{}\" is a virtual printer", facts.name))
        }
        Ok(facts) => Finding::wrong(
            CHECK,
            id.as_str(),
            format!(
                "\"{}\" has a device or a connector of its own, which would print each job as well",
                facts.name
            ),
        )
        .fix("make a virtual printer with `pullprint setup`"),
        Err(error) if error.is_gone() => {
            Finding::wrong(CHECK, id.as_str(), "there is no such printer")
                .fix("write the printer's id, not its share's; `pullprint setup` says it")
        }
        Err(error) => refused(CHECK, id.as_str(), &error),
    }
}

/// A destination that is in the cloud itself.
async fn cloud_printer(printer: &CloudPrinterSettings, application: &GraphClient) -> Finding {
    const CHECK: &str = "cloud-printer";
    let name = printer.name.as_str();
    match application.get_printer(&printer.id).await {
        Ok(facts) if facts.has_physical_device == Some(false) => {
            let says = format!("\"{}\" has no device: nothing comes out there", facts.name);
            Finding::wrong(CHECK, name, says).fix("name a cloud printer that prints")
        }
        Ok(facts) => Finding::well(CHECK, name, format!("it is \"{}\"", facts.name)),
        Err(error) if error.is_gone() => {
            Finding::wrong(CHECK, name, format!("there is no printer {}", printer.id))
                .fix("write the printer's id, not its share's")
        }
        Err(error) => refused(CHECK, name, &error),
    }
}

async fn trigger(
    settings: &Settings,
    queue: &QueueSettings,
    administrator: Option<&GraphClient>,
) -> Finding {
    const CHECK: &str = "trigger";
    let id = queue.source_printer.as_str();
    let Some(administrator) = administrator else {
        let says = "only a Printer Administrator may see it";
        return Finding::new(CHECK, id, Level::Unknown, says)
            .fix("run `pullprint doctor --sign-in`");
    };
    let ours = settings.cloud.task_definition.as_str();
    match administrator.list_triggers(&queue.source_printer).await {
        Err(error) => refused(CHECK, id, &error),
        Ok(all) => match all.first() {
            None => Finding::wrong(CHECK, id, "none is listed: jobs are not stopped for us")
                .fix("run `pullprint setup`; one that the cloud does not list is said there"),
            Some(TriggerFacts { definition: Some((bound, name)), .. }) if bound != ours => {
                let says = format!("it is bound to another task definition, \"{name}\"");
                Finding::wrong(CHECK, id, says)
                    .fix("have that product's trigger removed, then run `pullprint setup`")
            }
            Some(TriggerFacts { definition: Some(_), .. }) => {
                Finding::well(CHECK, id, "it is bound to our task definition")
            }
            Some(_) => {
                let says = "it is there, and the cloud does not show what it is bound to";
                Finding::new(CHECK, id, Level::Unknown, says)
                    .fix("print something and see whether `pullprint jobs list` shows it")
            }
        },
    }
}

/// How what the queues offer differs from what their printers can do.
pub(super) async fn look_at_offers(
    settings: &Settings,
    application: &GraphClient,
    printers: &[(PrinterName, Offer)],
) -> Vec<Finding> {
    const CHECK: &str = "offer";
    let mut findings = Vec::new();
    for queue in &settings.queues {
        let Some(offer) = &queue.offer else { continue };
        let id = queue.source_printer.as_str();
        let of: Vec<Offer> = offer
            .printers
            .iter()
            .filter_map(|name| Some(printers.iter().find(|(known, _)| known == name)?.1.clone()))
            .collect();
        if of.len() < offer.printers.len() || of.is_empty() {
            let says = "not all of its printers answer";
            findings.push(Finding::new(CHECK, id, Level::Unknown, says));
            continue;
        }
        let wanted = combine(offer.rule, &of, &offer.defaults);
        findings.push(match application.get_printer_offer(&queue.source_printer).await {
            Err(error) => refused(CHECK, id, &error),
            Ok(None) => Finding::new(CHECK, id, Level::Warning, "nothing is offered yet")
                .fix("start the daemon: it writes the offer"),
            Ok(Some(cloud)) => match differences(&wanted, &cloud) {
                all if all.is_empty() => {
                    Finding::well(CHECK, id, "it offers what its printers can do")
                }
                all => Finding::new(CHECK, id, Level::Warning, all.join("; "))
                    .fix("the daemon writes it within ten minutes"),
            },
        });
        if offer.defaults.paper.is_some() && wanted.defaults.paper.is_none() {
            let paper = offer.defaults.paper.as_deref().unwrap_or_default();
            let says = format!("none of its printers has its default_paper, \"{paper}\"");
            findings.push(
                Finding::wrong(CHECK, id, says)
                    .fix("write the cloud's name of a paper that the printers have"),
            );
        }
    }
    findings
}
