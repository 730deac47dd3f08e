//! A PC/SC reader: Debian's pcscd with a virtual reader, and a card that we play.

use std::{
    fs::File,
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    os::{fd::AsFd, unix::net::UnixStream},
    path::Path,
    process::Stdio,
    sync::Arc,
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::{
    process::{Child, Command},
    time::{Duration, sleep},
};

use crate::{
    people::print_as,
    stations::import,
    world::{World, until},
};

const ADA: &str = "ada@contoso.example";
/// Where vpcd waits for a card.
const PORT: u16 = 0x8C7B;
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Of the contactless kind (PC/SC part 3 section 3.1.3.2.3.1).
const ATR: [u8; 9] = [0x3B, 0x84, 0x80, 0x01, 0x80, 0x82, 0x90, 0x00, 0x97];
const UID: [u8; 4] = [0x5A, 0x11, 0x22, 0x33];
const GET_UID: [u8; 5] = [0xFF, 0xCA, 0, 0, 0];

/// pcscd with a virtual reader that waits for its card in a network of its own. Nothing where that can not be.
async fn pcscd(folder: &Path) -> Option<Child> {
    let is_taken = UnixStream::connect(SOCKET).is_ok();
    if !cfg!(feature = "pcsc") || !Path::new(DRIVER).exists() || is_taken {
        eprintln!(
            "SKIPPED: built without pcsc, or there is no vsmartcard-vpcd, or another pcscd runs"
        );
        return None;
    }
    let reader = format!(
        "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x{PORT:X}\nLIBPATH {DRIVER}\nCHANNELID 0x{PORT:X}\n"
    );
    std::fs::create_dir(folder.join("readers")).unwrap();
    std::fs::write(folder.join("readers/virtual"), reader).unwrap();
    let script = "ip link set lo up && exec /usr/sbin/pcscd -f -c \"$0\"";
    let mut command = Command::new("unshare");
    command.args(["-n", "sh", "-c", script]).arg(folder.join("readers")).kill_on_drop(true);
    let log = File::create(folder.join("pcscd.log")).unwrap();
    command.stdout(log.try_clone().unwrap()).stderr(log).stdin(Stdio::null());
    let mut child = command.spawn().unwrap();
    while UnixStream::connect(SOCKET).is_err() {
        if child.try_wait().unwrap().is_some() {
            eprintln!("SKIPPED: there is no network of our own here");
            return None;
        }
        sleep(Duration::from_millis(20)).await;
    }
    Some(child)
}

/// A card that lies at the reader of this pcscd until it is dropped.
struct Card(Arc<TcpStream>);

impl Card {
    fn put(pcscd: &Child) -> Self {
        let network = File::open(format!("/proc/{}/ns/net", pcscd.id().unwrap())).unwrap();
        // A thread can be in another network than its process.
        let plays = std::thread::spawn(move || {
            move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            TcpStream::connect(("127.0.0.1", PORT)).unwrap()
        });
        let wire = Arc::new(plays.join().unwrap());
        let reader = Arc::clone(&wire);
        std::thread::spawn(move || while answer(&reader).is_ok() {});
        Self(wire)
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Answers one message of the reader: a length, then a control octet or a command.
fn answer(mut reader: &TcpStream) -> std::io::Result<()> {
    const TELL_ATR: [u8; 1] = [4];
    let mut length = [0; 2];
    reader.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    reader.read_exact(&mut message)?;
    let answer = match &message[..] {
        octets if octets == TELL_ATR => ATR.to_vec(),
        [_] => return Ok(()),
        octets if octets == GET_UID => [&UID[..], &[0x90, 0x00]].concat(),
        _ => vec![0x6D, 0x00],
    };
    let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
    reader.write_all(&[&length[..], &answer].concat())
}

#[tokio::test]
async fn a_card_lets_jobs_out_for_as_long_as_it_lies_at_the_reader() {
    let mut world =
        World::new("card", &["--calm", "--print-time", "5", "--printer", "lobby"]).await;
    let Some(mut pcscd) = pcscd(&world.directory).await else { return };
    let tables = "[readers.lobby]\npcsc = \"Virtual PCD 00 00\"\nnatural_uid = true\nnumbers = [\"hex-to-decimal\"]\n\
                  [stations.lobby]\nreaders = [\"lobby\"]\nprinters = [\"lobby\"]\non_tap = \"while-present\"";
    world.configure("", tables);
    world.start_daemon().await;
    until("the reader", || async {
        world.daemon_log().contains("the reader is there").then_some(())
    })
    .await;
    import(&world, &[(u32::from_be_bytes(UID), ADA)]).await;
    for title in ["first", "second"] {
        print_as(&world, ADA, title).await;
        world.wait_for(title, "held").await;
    }
    let card = Card::put(&pcscd);
    for title in ["first", "second"] {
        assert_eq!(world.wait_for(title, "settled").await["ending"], "completed");
    }
    drop(card);
    until("the end of the tap", || async {
        world.daemon_log().contains("n_released=2").then_some(())
    })
    .await;
    print_as(&world, ADA, "third").await;
    assert_eq!(world.wait_for("third", "held").await["state"], "held");
    // A reader that is gone is a trouble, and it is found again.
    pcscd.kill().await.unwrap();
    until("the trouble", || async {
        let health = world.command(&["health", "--json"]).await;
        String::from_utf8_lossy(&health.stdout).contains("reader-away").then_some(())
    })
    .await;
    for left in [SOCKET, "/run/pcscd/pcscd.pid"] {
        let _ = std::fs::remove_file(left);
    }
}
