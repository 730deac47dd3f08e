//! The proxy on the way to the cloud: a real one, with a login; printers are never asked through it.

use std::{net::TcpListener, path::PathBuf};

use serde_json::Value;
use tokio::process::{Child, Command};

use crate::{
    samples,
    world::{World, has_program, log_file, until},
};

/// Debian's tinyproxy on a free port.
struct Proxy {
    _child: Child,
    port: u16,
    log: PathBuf,
}

impl Proxy {
    async fn start(world: &World) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (file, log) = (
            world.directory.join("tinyproxy.conf"),
            world.directory.join("tinyproxy-connects.log"),
        );
        let text = format!(
            "Port {port}\nListen 127.0.0.1\nTimeout 60\nLogFile \"{}\"\nLogLevel Connect\n\
             MaxClients 50\nAllow 127.0.0.1\nBasicAuth ada sesame\n",
            log.display()
        );
        std::fs::write(&file, text).unwrap();
        let child = Command::new("tinyproxy")
            .args(["-d", "-c"])
            .arg(&file)
            .stdout(log_file(&world.directory, "tinyproxy.log"))
            .stderr(log_file(&world.directory, "tinyproxy.log"))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let address = format!("127.0.0.1:{port}");
        until("the proxy", || async { tokio::net::TcpStream::connect(&address).await.ok() }).await;
        Self { _child: child, port, log }
    }

    fn connects(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

fn port_of(address: &str) -> &str {
    let authority = address.split("://").nth(1).unwrap().split('/').next().unwrap();
    authority.rsplit(':').next().unwrap()
}

#[tokio::test]
async fn the_cloud_is_reached_by_a_proxy_with_a_login_and_printers_are_not() {
    if !has_program("tinyproxy") {
        return;
    }
    let mut world = World::calm("proxy").await;
    let proxy = Proxy::start(&world).await;
    let login = world.directory.join("proxy-login");
    std::fs::write(&login, "ada:sesame\n").unwrap();
    let keys = format!(
        "[cloud]\nproxy = \"http://127.0.0.1:{}\"\nproxy_login_file = {login:?}\n",
        proxy.port
    );
    world.reconfigure("[cloud]\n", &keys);
    world.configure("release_to = \"lobby\"", "");
    world.start_daemon().await;
    world.print("by proxy", "application/pdf", samples::pdf("by proxy", 2_000)).await;
    let job = world.wait_for("by proxy", "settled").await;
    assert_eq!(job["ending"], "completed");
    let connects = proxy.connects();
    let through = |address: &str| connects.contains(&format!("127.0.0.1:{}", port_of(address)));
    assert!(through(world.told("graph")), "{connects}");
    let printer = world.emulator["printers"][0]["uri"].as_str().unwrap();
    assert!(!through(printer), "{connects}");

    std::fs::write(&login, "ada:not-sesame\n").unwrap();
    let output = world.command(&["doctor", "--json"]).await;
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |check: &str| {
        let all = said["findings"].as_array().unwrap().iter();
        all.clone().find(|one| one["check"] == check).unwrap().clone()
    };
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(of("host")["level"], "wrong");
    assert!(of("proxy")["says"].as_str().unwrap().contains(&proxy.port.to_string()));
    assert_eq!(of("printer")["level"], "well", "printers need no proxy");
    assert!(!said.to_string().contains("wrong\\n") && !said.to_string().contains("sesame"));
}
