//! The destination printers: whether they are reached, and what they lack.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

use super::{Finding, Level};
use crate::{
    config::Settings,
    daemon::places::client_that_looks,
    model::{Capabilities, Offer, PrinterName, PrinterSettings},
    printer::{PrinterAddress, PrinterError, offer::offer_of},
};

const CHECK: &str = "printer";
/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long an answer may take, a connection included.
const ANSWER_PATIENCE: Duration = Duration::from_secs(15);
/// A printer that failed after so long was silent; one that says something does so sooner.
const SILENCE: Duration = Duration::from_secs(4);
/// How many printers are asked at a time.
const AT_ONCE: usize = 32;
/// The port of raw printing, which says nothing of what came out.
const RAW: u16 = 9_100;
/// IPP operations that a release needs (RFC 8011 section 5.4.15).
const OPERATIONS: [(i32, &str); 6] = [
    (4, "Validate-Job"),
    (5, "Create-Job"),
    (6, "Send-Document"),
    (8, "Cancel-Job"),
    (9, "Get-Job-Attributes"),
    (10, "Get-Jobs"),
];

/// The findings, and what each printer that answered can offer.
pub(super) async fn look(settings: &Settings) -> (Vec<Finding>, Vec<(PrinterName, Offer)>) {
    let (mut findings, mut offers) = (Vec::new(), Vec::new());
    if settings.printers.is_empty() {
        findings.push(
            Finding::new(CHECK, "", Level::Warning, "no printer is configured")
                .fix("write a table [printers.NAME] with its uri"),
        );
    }
    let looks = stream::iter(&settings.printers).map(|printer| look_at(printer, settings));
    let looked: Vec<_> = looks.buffered(AT_ONCE).collect().await;
    for (printer, looked) in settings.printers.iter().zip(looked) {
        match looked {
            Ok(can) => {
                findings.extend(lacks(printer.name.as_str(), &can));
                offers.push((printer.name.clone(), offer_of(&can)));
            }
            Err(finding) => findings.push(finding),
        }
    }
    (findings, offers)
}

/// What a printer can do, or why nothing is known of it.
async fn look_at(printer: &PrinterSettings, settings: &Settings) -> Result<Capabilities, Finding> {
    let name = printer.name.as_str();
    let client = client_that_looks(printer, &settings.state_dir)
        .map_err(|why| Finding::wrong(CHECK, name, why).fix(format!("mend printers.{name}")))?;
    let asked = Instant::now();
    match timeout(ANSWER_PATIENCE, client.capabilities()).await {
        Ok(Ok(can)) => Ok(can),
        Ok(Err(error)) => Err(silent(printer, &error, asked.elapsed()).await),
        Err(_) => Err(hung(name)),
    }
}

fn hung(name: &str) -> Finding {
    Finding::wrong(CHECK, name, "it takes connections and does not answer")
        .fix("see whether others can print to it; if not, switch it off and on")
}

/// What a printer that answers lacks.
fn lacks(name: &str, can: &Capabilities) -> Vec<Finding> {
    let missing: Vec<&str> = OPERATIONS
        .iter()
        .filter(|(number, _)| !can.operations.contains(number))
        .map(|(_, name)| *name)
        .collect();
    let mut findings = Vec::new();
    if !missing.is_empty() {
        let says = format!("it lacks {}", missing.join(", "));
        findings.push(
            Finding::wrong(CHECK, name, says).fix(
                "update its firmware, or print to it through a print server that speaks IPP/2.0",
            ),
        );
    }
    let has = |format: &str| can.formats.iter().any(|known| known == format);
    if !has("application/pdf") {
        let says = "it takes no PDF, and most documents are PDF";
        findings.push(
            Finding::wrong(CHECK, name, says)
                .fix("turn on PDF printing in its settings, or buy its PDF option"),
        );
    }
    if !can.health.accepting {
        findings
            .push(Finding::wrong(CHECK, name, "it accepts no jobs").fix("resume it at its panel"));
    }
    let reasons: Vec<&str> = can.health.reasons.iter().map(String::as_str).collect();
    if !reasons.is_empty() {
        let says = format!("it reports {}", reasons.join(", "));
        findings.push(Finding::new(CHECK, name, Level::Warning, says).fix("look after it"));
    }
    if findings.is_empty() {
        findings.push(Finding::well(CHECK, name, "it answers, and can do what a release needs"));
    }
    findings
}

/// Why a printer does not answer, which it did not do for that long.
async fn silent(printer: &PrinterSettings, error: &PrinterError, took: Duration) -> Finding {
    let (name, uri) = (printer.name.as_str(), &printer.contact.uri);
    let wrong = |says: String| Finding::wrong(CHECK, name, says);
    if let PrinterError::Http { status, .. } = error {
        let fix = match status {
            401 | 403 => {
                "allow IPP jobs without a password from this machine, in the printer's settings"
            }
            404 => "check the path of its address; most printers have /ipp/print",
            426 => "write ipps:// instead of ipp://",
            _ => "check its address, and that IPP is on",
        };
        return wrong(format!("it answers with HTTP {status}")).fix(fix);
    }
    let address = PrinterAddress::parse(uri).ok();
    let address = address.as_ref().and_then(|address| host_and_port(&address.uri));
    let Some((host, port)) = address else { return wrong(error.to_string()) };
    if tokio::net::lookup_host((host.as_str(), port)).await.is_err() {
        return wrong(format!("the name {host} is not known"))
            .fix("check the name, or write the printer's IP address");
    }
    match (is_open(&host, port).await, is_open(&host, RAW).await) {
        (true, _) if took >= SILENCE => hung(name),
        (true, _) => {
            wrong(format!("port {port} is open, and what answers there is not IPP: {error}"))
                .fix("check the port and the path, and ipp:// against ipps://")
        }
        (false, true) => wrong(format!("port {port} is closed, and {RAW} is open")).fix(
            "enable IPP on the device: in its web page, usually under Network, Protocols or Print",
        ),
        (false, false) => wrong(format!("nothing answers at {host} port {port}")).fix(
            "see that it is switched on and in the network, and that no firewall is in between",
        ),
    }
}

async fn is_open(host: &str, port: u16) -> bool {
    timeout(PATIENCE, TcpStream::connect((host, port))).await.is_ok_and(|sent| sent.is_ok())
}

/// The host and the port of an address whose port is always written.
fn host_and_port(uri: &str) -> Option<(String, u16)> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split('/').next()?;
    let (host, port) = authority.rsplit_once(':')?;
    Some((host.trim_matches(['[', ']']).to_owned(), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_host_and_port() {
        let parts = |uri| host_and_port(uri);
        assert_eq!(parts("ipp://p.example:631/ipp/print"), Some(("p.example".into(), 631)));
        assert_eq!(parts("ipps://[::1]:8631/ipp"), Some(("::1".into(), 8_631)));
        assert_eq!(parts("nonsense"), None);
    }

    #[test]
    fn a_printer_that_lacks_an_operation_or_pdf_is_told_so() {
        let mut can = Capabilities {
            operations: OPERATIONS.iter().map(|(number, _)| *number).collect(),
            formats: vec!["application/pdf".into()],
            ..Capabilities::default()
        };
        can.health.accepting = true;
        assert_eq!(lacks("p", &can)[0].level, Level::Well);
        can.operations.retain(|number| *number != 5);
        can.formats.clear();
        let found: Vec<String> = lacks("p", &can).into_iter().map(|one| one.says).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("Create-Job"), "{found:?}");
    }
}
