//! `demo` ends well, and what it prints is the document that it was given.

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    samples,
    world::{BINARY, new_directory},
};

#[tokio::test]
async fn the_demo_prints_the_given_document_byte_for_byte() {
    let directory = new_directory("demo");
    let document = directory.join("given.pdf");
    std::fs::write(&document, samples::pdf("given", 3_000_000)).unwrap();
    let mut command = tokio::process::Command::new(BINARY);
    command
        .arg("demo")
        .arg("--document")
        .arg(&document)
        .arg("--directory")
        .arg(directory.join("world"));
    let output = command.output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let printed = said.trim_end().rsplit("The printed file is ").next().unwrap();
    assert!(std::fs::read(printed).unwrap() == std::fs::read(&document).unwrap());
    for part in ["claims the task", "gray, two copies", "the printer has all bytes", "is aborted"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn the_sandbox_starts_and_stops() {
    let directory = new_directory("sandbox");
    let mut child = tokio::process::Command::new(BINARY)
        .arg("sandbox")
        .arg("--directory")
        .arg(&directory)
        .arg("--json")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = lines.next_line().await.unwrap().expect("it says where everything is");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let file = told["configuration"].as_str().unwrap();
    let list = || async {
        let mut command = tokio::process::Command::new(BINARY);
        let output = command.args(["--config", file, "jobs", "list"]).output().await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        said.contains("waiting\tada@contoso.example\tWelcome.pdf").then_some(())
    };
    crate::world::until("the welcome job", list).await;
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(pid).unwrap(),
        rustix::process::Signal::INT,
    )
    .unwrap();
    assert!(child.wait().await.unwrap().success());
    std::fs::remove_dir_all(directory).unwrap();
}
