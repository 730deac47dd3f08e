//! The cloud's client as the configuration means it: also for the commands that talk to the cloud themselves.
//!
//! Deliberately absent: any call.

use std::path::PathBuf;

use crate::{
    config::{Cloud, CredentialFiles, Settings},
    graph::{
        Certificate, CloudSettings, Credential, GraphClient, ProxySettings, Signature, TokenSource,
        client_of, permissions::Uses,
    },
};

/// The application's client.
///
/// # Errors
///
/// A sentence about the key whose value can not be used.
pub fn client(cloud: &Cloud) -> Result<GraphClient, String> {
    let settings = settings(cloud)?;
    let http =
        client_of(&settings).map_err(|error| format!("cloud.ca_file or cloud.proxy: {error}"))?;
    let tokens = TokenSource::new(
        http,
        &cloud.authority,
        &cloud.tenant,
        &cloud.client_id,
        &cloud.graph,
        credential(cloud)?,
    );
    GraphClient::new(&settings, tokens).map_err(|why| format!("cloud.graph: {why}"))
}

/// Where the cloud is and how to reach it.
///
/// # Errors
///
/// A sentence about the file that can not be read.
pub fn settings(cloud: &Cloud) -> Result<CloudSettings, String> {
    let ca = cloud.ca_file.as_ref().map(std::fs::read).transpose();
    let ca = ca.map_err(|error| format!("cloud.ca_file: {error}"))?;
    let proxy = cloud.proxy.as_ref().map(|address| {
        let login = cloud.proxy_login_file.as_ref().map(login).transpose()?;
        Ok::<_, String>(ProxySettings { address: address.clone(), login })
    });
    Ok(CloudSettings { graph: cloud.graph.clone(), ca, proxy: proxy.transpose()? })
}

/// `USER:PASSWORD` of a file.
fn login(file: &PathBuf) -> Result<(String, secrecy::SecretString), String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("cloud.proxy_login_file: {}: {error}", file.display()))?;
    let (user, password) = text
        .trim()
        .split_once(':')
        .ok_or("cloud.proxy_login_file: write USER:PASSWORD into the file")?;
    Ok((user.to_owned(), password.into()))
}

fn credential(cloud: &Cloud) -> Result<Credential, String> {
    Ok(match &cloud.credential {
        CredentialFiles::Missing => return Err("cloud: the application has no credential".into()),
        CredentialFiles::Secret { file, .. } => Credential::Secret(file.clone()),
        CredentialFiles::Federated { file } => Credential::Federated(file.clone()),
        CredentialFiles::Certificate { file, key, password, rs256 } => {
            Credential::Certificate(Certificate {
                file: file.clone(),
                key: key.clone(),
                password: password.clone(),
                signature: if *rs256 { Signature::Rs256 } else { Signature::Ps256 },
            })
        }
    })
}

/// What these settings make of the cloud.
pub fn uses(settings: &Settings) -> Uses {
    let queues = &settings.queues;
    Uses {
        redirects: !settings.cloud_printers.is_empty()
            || queues.iter().any(|queue| queue.redirect_to.is_some()),
        offers: queues.iter().any(|queue| queue.offer.is_some()),
        directory: settings.directory.is_some(),
    }
}
