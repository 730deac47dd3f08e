//! Sign-in of the daemon: each credential, a challenge, refusals that say what to do, and warnings ahead of an end.

use std::process::Command;

use pullprint::graph::{Certificate, Credential, Signature, TokenSource, client_of};
use serde_json::Value;

use crate::{
    samples,
    wire::Cloud,
    world::{World, has_program, until},
};

fn certificate(cloud: &Cloud, signature: Signature) -> Certificate {
    let file = cloud.emulator.certificate_file.clone();
    Certificate { key: file.clone(), file, password: None, signature }
}

async fn signs_in(cloud: &Cloud, credential: Credential) -> Result<(), String> {
    let client = cloud.client(credential);
    client.list_definitions().await.map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn each_credential_signs_in() {
    let cloud = Cloud::new("credentials").await;
    for signature in [Signature::Ps256, Signature::Rs256] {
        let credential = Credential::Certificate(certificate(&cloud, signature));
        assert_eq!(signs_in(&cloud, credential).await, Ok(()), "{signature:?}");
    }
    let federated = Credential::Federated(cloud.emulator.federated_token_file.clone());
    assert_eq!(signs_in(&cloud, federated).await, Ok(()));
    let secret = Credential::Secret(cloud.emulator.secret_file.clone());
    assert_eq!(signs_in(&cloud, secret).await, Ok(()));
}

#[tokio::test]
async fn a_pkcs12_file_signs_in_and_a_wrong_password_is_said() {
    if !has_program("openssl") {
        return;
    }
    let cloud = Cloud::new("pkcs12").await;
    let pem = cloud.emulator.certificate_file.display().to_string();
    let password = cloud.directory.join("password");
    std::fs::write(&password, "sésame\n").unwrap();
    for (name, more) in [("modern.p12", None), ("legacy.p12", Some("-legacy"))] {
        let file = cloud.directory.join(name);
        let made = Command::new("openssl")
            .args(["pkcs12", "-export", "-in", &pem, "-passout", "pass:sésame", "-out"])
            .arg(&file)
            .args(more)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let with = |password: &std::path::Path| {
            let signed = certificate(&cloud, Signature::Ps256);
            let password = Some(password.to_owned());
            Credential::Certificate(Certificate { file: file.clone(), password, ..signed })
        };
        assert_eq!(signs_in(&cloud, with(&password)).await, Ok(()), "{name}");
        let other = cloud.directory.join("other");
        std::fs::write(&other, "wrong").unwrap();
        let said = signs_in(&cloud, with(&other)).await.unwrap_err();
        assert!(said.contains("does not open as PKCS#12"), "{said}");
    }
}

#[tokio::test]
async fn a_claims_challenge_is_answered() {
    let cloud = Cloud::new("claims").await;
    let client = cloud.with_secret();
    client.list_definitions().await.unwrap();
    let door = format!("{}/fault?kind=claims", cloud.emulator.door);
    reqwest::Client::new().post(door).send().await.unwrap();
    // The call that meets the challenge is answered, and so are later ones.
    for _ in 0..3 {
        client.list_definitions().await.unwrap();
    }
    let log: Vec<Value> = cloud.exchanges().await;
    let refused = log.iter().filter(|call| call["status"] == 401).count();
    assert_eq!(refused, 1, "one challenge is enough");
}

#[tokio::test]
async fn refusals_of_the_sign_in_service_say_what_to_fix() {
    let cloud = Cloud::new("aadsts").await;
    let http = client_of(&cloud.settings()).unwrap();
    let source = |tenant: &str, client: &str| {
        let secret = Credential::Secret(cloud.emulator.secret_file.clone());
        let graph = &cloud.emulator.graph;
        TokenSource::new(http.clone(), graph, tenant, client, graph, secret)
    };
    let (tenant, client) = (&cloud.emulator.tenant, &cloud.emulator.client_id);
    for (source, number, fix) in [
        (source("nowhere.example", client), "AADSTS90002", "cloud.tenant"),
        (source(tenant, "nobody"), "AADSTS700016", "cloud.client_id"),
    ] {
        let said = source.token().await.unwrap_err().to_string();
        assert!(said.contains(number) && said.contains(fix), "{said}");
    }
    let door = format!("{}/switch?name=secret&position=expired", cloud.emulator.door);
    reqwest::Client::new().post(door).send().await.unwrap();
    let said = source(tenant, client).token().await.unwrap_err().to_string();
    assert!(said.contains("AADSTS7000222") && said.contains("make a new one"), "{said}");
}

#[tokio::test]
async fn a_credential_that_ends_soon_and_a_lost_one_are_told_in_health() {
    let mut world = World::new("ends", &["--calm", "--switch", "token-life=2"]).await;
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 10);
    let soon = soon.strftime("%Y-%m-%d").to_string();
    world.reconfigure("[cloud]\n", &format!("[cloud]\nclient_secret_expires = \"{soon}\"\n"));
    world.start_daemon().await;
    let trouble = async |code: &'static str| {
        until(&format!("health to tell {code}"), || async {
            let health = world.ask(&serde_json::json!({"command": "health"})).await?;
            let all = health["troubles"].as_array()?.clone();
            let one = all.into_iter().find(|one| one["code"] == code)?;
            one["sentence"].as_str().map(str::to_owned)
        })
        .await
    };
    assert!(trouble("credential-ends").await.contains(&soon));
    std::fs::write(world.told("secret_file"), "rotated elsewhere").unwrap();
    assert!(trouble("sign-in").await.contains("AADSTS7000215"));
    world.print("meanwhile", "application/pdf", samples::pdf("meanwhile", 500)).await;
}
