//! Sign-in of the person at the terminal: in a browser, or by a code on another device.

use clap::Args;
use qrcode::{QrCode, render::unicode};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::Failed;
use crate::{
    config::Cloud,
    daemon::cloud,
    graph::{DevicePrompt, GraphClient, PersonSignIn, TokenError, TokenSource, client_of},
};

#[derive(Clone, Debug, Args)]
pub(super) struct SignInArguments {
    /// Sign in by a code on another device instead of in a browser
    #[arg(long)]
    device_code: bool,
    /// The loopback port that the browser comes back to; for `ssh -L PORT:localhost:PORT`
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

/// Signs a person in with these permissions, and gives their client.
pub(super) async fn sign_in(
    arguments: &SignInArguments,
    settings: &Cloud,
    permissions: &[&str],
    claims: Option<String>,
) -> Result<GraphClient, Failed> {
    let reach = cloud::settings(settings).map_err(Failed::config)?;
    let http = client_of(&reach).map_err(|error| Failed::config(format!("cloud: {error}")))?;
    let sign_in = PersonSignIn::new(
        http,
        &settings.authority,
        &settings.tenant,
        &settings.client_id,
        &settings.graph,
        permissions,
    )
    .with_claims(claims);
    let token = if arguments.device_code {
        sign_in.by_device_code(show_code).await
    } else {
        in_browser(&sign_in, arguments.port).await
    };
    let token = token.map_err(|error| Failed::run(with_other_way(&error, arguments)))?;
    GraphClient::new(&reach, TokenSource::of_person(token)).map_err(Failed::config)
}

/// The service's words for a way that a policy blocks.
const BY_POLICY: [&str; 3] = ["AADSTS53003", "AADSTS530035", "AADSTS50199"];

/// A sign-in that a policy blocks is named, and the other way offered.
fn with_other_way(error: &TokenError, arguments: &SignInArguments) -> String {
    let other = if arguments.device_code { "without --device-code" } else { "with --device-code" };
    let said = error.to_string();
    if BY_POLICY.iter().any(|number| said.contains(number)) {
        format!("{said}; or try {other}")
    } else {
        said
    }
}

async fn in_browser(
    sign_in: &PersonSignIn,
    port: u16,
) -> Result<secrecy::SecretString, TokenError> {
    let browser = sign_in.begin_in_browser(port).await?;
    eprintln!(
        "Open this address in a browser and sign in as a Printer Administrator, or as yourself:\n"
    );
    eprintln!("  {}\n", browser.page());
    eprintln!(
        "On another machine, either reach this one with `ssh -L {port}:localhost:{port}`, or paste the address \
         here that the browser comes back to, and press Enter.",
        port = browser.port()
    );
    browser.finish(pasted()).await
}

/// A line of standard input; never, where there is none.
async fn pasted() -> String {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        match lines.next_line().await {
            Ok(Some(line)) if line.contains("state=") => return line,
            Ok(Some(line)) if line.trim().is_empty() => {}
            Ok(Some(_)) => {
                eprintln!(
                    "That is not the address: it begins with http://localhost and has \"state=\" in it."
                );
            }
            _ => std::future::pending().await,
        }
    }
}

fn show_code(prompt: &DevicePrompt) {
    if let Ok(code) = QrCode::new(&prompt.page) {
        eprintln!("{}", code.render::<unicode::Dense1x2>().build());
    }
    eprintln!("Open {} and enter the code {}", prompt.page, prompt.code);
}
