//! Sign-in of people with the same application: in a browser (authorization code with PKCE, on loopback), or by device
//! code. What comes out is a token of that person for a few calls; it is kept nowhere.
//!
//! Deliberately absent: talking to the person (the command line's), and renewal.

use std::{future::Future, time::Duration};

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{Instant, sleep},
};
use url::Url;
use zeroize::Zeroizing;

use super::{
    token::{TokenError, ask},
    transport::{chain, read_bounded},
};

/// How long a person may take in the browser.
const BROWSER_PATIENCE: Duration = Duration::from_mins(15);
/// The longest request line of a browser that comes back.
const LINE_LIMIT: u64 = 16 * 1024;

/// Signs people in.
#[derive(Debug)]
pub struct PersonSignIn {
    http: reqwest::Client,
    /// `{authority}/{tenant}/oauth2/v2.0`
    base: String,
    client_id: String,
    scope: String,
    /// What the cloud wants the token to be asked for with, as JSON.
    claims: Option<String>,
}

/// What a person must do on another device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevicePrompt {
    /// The page to open.
    pub page: String,
    /// The code to enter there.
    pub code: String,
}

impl PersonSignIn {
    /// Sign-in with these permissions of the Graph at `graph`.
    pub fn new(
        http: reqwest::Client,
        authority: &str,
        tenant: &str,
        client_id: &str,
        graph: &str,
        permissions: &[&str],
    ) -> Self {
        let scopes: Vec<String> =
            permissions.iter().map(|permission| format!("{graph}/{permission}")).collect();
        Self {
            http,
            base: format!("{authority}/{tenant}/oauth2/v2.0"),
            client_id: client_id.to_owned(),
            scope: scopes.join(" "),
            claims: None,
        }
    }

    /// The same, with claims that the cloud named when it refused a token.
    #[must_use]
    pub fn with_claims(self, claims: Option<String>) -> Self {
        Self { claims, ..self }
    }

    fn plain(&self, rest: &[(&'static str, &str)]) -> Vec<(&'static str, Zeroizing<String>)> {
        let both = [("client_id", self.client_id.as_str()), ("scope", self.scope.as_str())];
        let claims = self.claims.as_deref().map(|claims| ("claims", claims));
        let all = both.iter().chain(rest).chain(claims.as_ref());
        all.map(|(name, value)| (*name, Zeroizing::new((*value).to_owned()))).collect()
    }

    /// Signs a person in by a code that they enter on another device; `tell` shows it to them.
    ///
    /// # Errors
    ///
    /// [`TokenError`]: a policy may block this way.
    pub async fn by_device_code(
        &self,
        tell: impl FnOnce(&DevicePrompt),
    ) -> Result<SecretString, TokenError> {
        const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
        let begun = self.begin_device_code().await?;
        let text = |name: &str| begun[name].as_str().unwrap_or_default().to_owned();
        let seconds = |name: &str, default| {
            Duration::from_secs(begun[name].as_u64().unwrap_or(default).clamp(1, 3_600))
        };
        let prompt = DevicePrompt { page: text("verification_uri"), code: text("user_code") };
        if prompt.code.is_empty() {
            return Err(TokenError::Person("the sign-in service gave no code".to_owned()));
        }
        tell(&prompt);
        let over = Instant::now() + seconds("expires_in", 900);
        let mut interval = seconds("interval", 5);
        let code = text("device_code");
        let form = self.plain(&[("grant_type", GRANT), ("device_code", &code)]);
        while Instant::now() < over {
            sleep(interval).await;
            match ask(&self.http, &format!("{}/token", self.base), &form).await {
                Ok(granted) => return Ok(granted.value),
                Err(error) => match pending(&error) {
                    Pending::Wait => {}
                    Pending::Slower => interval += Duration::from_secs(5),
                    Pending::Never(sentence) => {
                        return Err(TokenError::Person(sentence.to_owned()));
                    }
                    Pending::Refused => return Err(error),
                },
            }
        }
        Err(TokenError::Person("nobody entered the code in time; begin again".to_owned()))
    }

    async fn begin_device_code(&self) -> Result<Value, TokenError> {
        let url = format!("{}/devicecode", self.base);
        let sent = self.http.post(url).form(&self.plain(&[])).send().await;
        let answer = sent.map_err(|error| TokenError::Transport(chain(&error.without_url())))?;
        let status = answer.status().as_u16();
        let body = read_bounded(answer, 256 * 1024).await.map_err(TokenError::Transport)?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status == 200 { Ok(body) } else { Err(refused(status, &body)) }
    }

    /// Begins a sign-in in a browser, whose answer comes to a loopback port: the given one, or a free one.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if the port is taken.
    pub async fn begin_in_browser(&self, port: u16) -> Result<BrowserSignIn<'_>, TokenError> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.map_err(|error| {
            TokenError::Person(format!("port {port} on 127.0.0.1 can not be used: {error}"))
        })?;
        let port = listener.local_addr().map_or(port, |address| address.port());
        let (verifier, state) = (random()?, random()?);
        let redirect = format!("http://localhost:{port}");
        let challenge =
            URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        let mut page = Url::parse(&format!("{}/authorize", self.base))
            .map_err(|error| TokenError::Person(format!("cloud.authority: {error}")))?;
        page.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &redirect)
            .append_pair("scope", &self.scope)
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", "select_account");
        if let Some(claims) = &self.claims {
            page.query_pairs_mut().append_pair("claims", claims);
        }
        Ok(BrowserSignIn { of: self, listener, page, port, redirect, verifier, state })
    }
}

/// What an answer to "has the person entered the code?" means.
enum Pending {
    Wait,
    Slower,
    Never(&'static str),
    Refused,
}

/// RFC 8628 section 3.5, and the words that Microsoft adds.
fn pending(error: &TokenError) -> Pending {
    let TokenError::Refused { error, .. } = error else {
        // No answer: the person may still be at it.
        return match error {
            TokenError::Transport(_) => Pending::Wait,
            _ => Pending::Refused,
        };
    };
    match error.as_str() {
        "authorization_pending" => Pending::Wait,
        "slow_down" => Pending::Slower,
        "authorization_declined" | "access_denied" => {
            Pending::Never("the person declined the sign-in")
        }
        "expired_token" => Pending::Never("nobody entered the code in time; begin again"),
        _ => Pending::Refused,
    }
}

fn refused(status: u16, body: &Value) -> TokenError {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let description = text("error_description").lines().next().unwrap_or_default().to_owned();
    TokenError::Refused { status, error: text("error"), description, after: None }
}

/// 256 random bits as text.
fn random() -> Result<String, TokenError> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| TokenError::Person("the system gives no random numbers".to_owned()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A sign-in that waits for the browser to come back.
pub struct BrowserSignIn<'a> {
    of: &'a PersonSignIn,
    listener: TcpListener,
    page: Url,
    port: u16,
    redirect: String,
    verifier: String,
    state: String,
}

impl std::fmt::Debug for BrowserSignIn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BrowserSignIn").field("port", &self.port).finish_non_exhaustive()
    }
}

impl BrowserSignIn<'_> {
    /// The page to open.
    pub fn page(&self) -> &str {
        self.page.as_str()
    }

    /// The loopback port that the browser comes back to; `ssh -L` can lead it here.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until the browser comes back, or somebody pastes the address that it would have come back to.
    ///
    /// # Errors
    ///
    /// [`TokenError`]: a policy may block this way.
    pub async fn finish(
        self,
        pasted: impl Future<Output = String>,
    ) -> Result<SecretString, TokenError> {
        let address = tokio::select! {
            address = self.come_back() => address,
            address = pasted => address,
            () = sleep(BROWSER_PATIENCE) => {
                return Err(TokenError::Person("nobody signed in in time; begin again".to_owned()));
            }
        };
        let code = self.code_of(&address)?;
        let form = self.of.plain(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.redirect),
            ("code_verifier", &self.verifier),
        ]);
        let endpoint = format!("{}/token", self.of.base);
        Ok(ask(&self.of.http, &endpoint, &form).await?.value)
    }

    /// The target of the request that belongs to this sign-in. Any other request, such as for an icon or of somebody who
    /// guesses, is answered and waited past; each is taken by itself, so that a mute one keeps nobody out.
    async fn come_back(&self) -> String {
        let (found, mut first) = mpsc::channel(1);
        loop {
            tokio::select! {
                Some(target) = first.recv() => return target,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let (found, state) = (found.clone(), self.state.clone());
                        tokio::spawn(async move {
                            if let Some(target) = take_request(stream, &state).await {
                                // Whoever came first is enough.
                                let _ = found.try_send(target);
                            }
                        });
                    }
                    Err(_) => sleep(Duration::from_millis(50)).await,
                },
            }
        }
    }

    /// The code of an address that belongs to this sign-in.
    fn code_of(&self, address: &str) -> Result<String, TokenError> {
        let address = address.trim();
        let query = address.split_once('?').map_or(address, |(_, query)| query);
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let value =
            |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        if value("state").as_deref() != Some(&self.state) {
            let why =
                "that is not the address of this sign-in; paste the whole address of the browser";
            return Err(TokenError::Person(why.to_owned()));
        }
        if let Some(error) = value("error") {
            let description = value("error_description").unwrap_or_default();
            let description = description.lines().next().unwrap_or_default().to_owned();
            return Err(TokenError::Refused { status: 400, error, description, after: None });
        }
        value("code").ok_or_else(|| TokenError::Person("the answer has no code".to_owned()))
    }
}

/// Reads one request, answers it, and gives its target if it belongs to the sign-in of that state.
async fn take_request(mut stream: TcpStream, state: &str) -> Option<String> {
    use tokio::io::AsyncReadExt;
    let mut line = String::new();
    let mut reader = BufReader::new((&mut stream).take(LINE_LIMIT));
    let read = reader.read_line(&mut line);
    tokio::time::timeout(Duration::from_secs(5), read).await.ok()?.ok()?;
    let target = line.split_whitespace().nth(1)?.to_owned();
    let brings = target.contains(&format!("state={state}"));
    let text = if brings {
        "You can close this page and go back to the terminal."
    } else {
        "Nothing here."
    };
    let html =
        format!("<!doctype html><meta charset=\"utf-8\"><title>pullprint</title><p>{text}</p>");
    let status = if brings { "200 OK" } else { "404 Not Found" };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{html}",
        html.len()
    );
    // The code is here; whether the browser shows the page does not matter.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    brings.then_some(target)
}
