//! `printers discover`: printers of the network by DNS-SD (RFC 6763), as lines to paste.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use clap::Args;
use mdns_sd::{IfKind, ResolvedService, ServiceDaemon, ServiceEvent};
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::{Failed, output};

/// IPP over TLS is listed first: a printer that has both is found with the better one.
const TYPES: [(&str, &str); 2] = [("_ipps._tcp.local.", "ipps"), ("_ipp._tcp.local.", "ipp")];

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How many seconds to listen
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// The port of multicast DNS, on the loopback interface alone; for tests
    #[arg(long, hide = true)]
    loopback_port: Option<u16>,
}

/// A printer that was found.
#[derive(Debug)]
struct Printer {
    title: String,
    uri: String,
    model: String,
    formats: String,
}

/// Listens, and prints what was found.
pub(super) async fn perform(arguments: &Arguments, as_json: bool) -> Result<(), Failed> {
    let in_words = |error: mdns_sd::Error| Failed::run(format!("multicast DNS: {error}"));
    let daemon = match arguments.loopback_port {
        None => ServiceDaemon::new().map_err(in_words)?,
        Some(port) => {
            let daemon = ServiceDaemon::new_with_port(port).map_err(in_words)?;
            daemon.disable_interface(IfKind::All).map_err(in_words)?;
            daemon.enable_interface(IfKind::LoopbackV4).map_err(in_words)?;
            daemon
        }
    };
    let until = Instant::now() + Duration::from_secs(arguments.seconds);
    let mut found: BTreeMap<String, Printer> = BTreeMap::new();
    let browsers = TYPES.map(|(kind, scheme)| (daemon.browse(kind), scheme));
    for (browser, scheme) in browsers {
        let browser = browser.map_err(in_words)?;
        while let Ok(Ok(event)) = timeout_at(until, browser.recv_async()).await {
            if let ServiceEvent::ServiceResolved(service) = event {
                found.entry(identity(&service)).or_insert_with(|| read(&service, scheme));
            }
        }
        // What came for the second kind while the first was listened to waits in its channel.
    }
    let _ = daemon.shutdown();
    show(found.into_values().collect(), as_json);
    Ok(())
}

/// What tells a printer from others over both kinds of service.
fn identity(service: &ResolvedService) -> String {
    let uuid = service.get_property_val_str("UUID").filter(|uuid| !uuid.is_empty());
    uuid.map_or_else(|| title(service), str::to_owned)
}

fn title(service: &ResolvedService) -> String {
    let name = service.get_fullname();
    let name = name.strip_suffix(&format!(".{}", service.ty_domain)).unwrap_or(name);
    plain(&name.replace('\\', ""))
}

/// Anybody in the network may have written it: what is pasted has no lines of theirs.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn read(service: &ResolvedService, scheme: &str) -> Printer {
    let text = |key: &str| service.get_property_val_str(key).unwrap_or_default().to_owned();
    let host = service.get_hostname().trim_end_matches('.');
    let mut addresses: Vec<IpAddr> =
        service.get_addresses().iter().map(mdns_sd::ScopedIp::to_ip_addr).collect();
    addresses.sort();
    // A name of this link is of use only where the system resolves it; an address always.
    let host = match addresses.first() {
        Some(IpAddr::V6(address)) => format!("[{address}]"),
        Some(address) => address.to_string(),
        None => host.to_owned(),
    };
    let path = text("rp");
    let uri = format!("{scheme}://{host}:{}/{}", service.get_port(), path.trim_start_matches('/'));
    let (model, formats) = (plain(&text("ty")), plain(&text("pdl")));
    Printer { title: title(service), uri: plain(&uri), model, formats }
}

fn show(found: Vec<Printer>, as_json: bool) {
    if as_json {
        let row = |one: &Printer| json!({"name": one.title, "uri": one.uri, "model": one.model, "formats": one.formats});
        println!("{}", json!({"printers": found.iter().map(row).collect::<Vec<_>>()}));
        return;
    }
    if found.is_empty() {
        println!(
            "no printer answered; printers of another network segment are found by their address alone"
        );
        return;
    }
    if output::is_terminal() {
        println!("# paste what you want, and give each a name of your own\n");
    }
    for printer in found {
        println!("# {}: {}", printer.title, printer.model);
        println!("[printers.{}]\nuri = {:?}\n", table_name(&printer.title), printer.uri);
    }
}

/// A title as the name of a table.
fn table_name(title: &str) -> String {
    let one = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = title.chars().map(one).collect();
    let words: Vec<&str> = name.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "printer".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_the_name_of_a_table() {
        assert_eq!(table_name("Lobby (2nd floor)"), "lobby-2nd-floor");
        assert_eq!(table_name("打印机"), "printer");
    }
}
