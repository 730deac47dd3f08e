//! The application's token: OAuth 2.0 client credentials, cached and renewed early.
//!
//! When a token is used, renewed or given up is a pure step over `now`. A claims challenge is answered by asking with
//! those claims. Deliberately absent: the proof of who asks (`credential`) and sign-in of people (`person`).

use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use thiserror::Error;
use tokio::{sync::Mutex, time::Instant};
use zeroize::Zeroizing;

use super::{
    credential::Credential,
    life::{Life, Step},
    sign_in_error::{advice, number_of},
    transport::{chain, parse_retry_after, read_bounded},
};

/// No token is believed to last longer.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// Why there is no token.
#[derive(Clone, Debug, Error)]
pub enum TokenError {
    /// A file of the credential can not be used.
    #[error("sign in: {path}: {why}", path = .path.display())]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The sign-in service was not reached or its answer was lost.
    #[error("sign in: no answer from the sign-in service: {0}")]
    Transport(String),
    /// The sign-in service said no.
    #[error("sign in: {status} {error}: {description}{}", advised(.description))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The OAuth error.
        error: String,
        /// The first line of the description, which begins with an `AADSTS` number.
        description: String,
        /// Its `Retry-After`.
        after: Option<Duration>,
    },
    /// Sign-in of a person was not finished.
    #[error("sign in: {0}")]
    Person(String),
}

/// What to do about a description's number, as the end of a sentence.
fn advised(description: &str) -> String {
    let advice = number_of(description).and_then(advice);
    advice.map_or_else(String::new, |advice| format!("; {advice}"))
}

impl TokenError {
    /// How long to wait, if the service said so.
    pub fn after(&self) -> Option<Duration> {
        match self {
            Self::Refused { after, .. } => *after,
            _ => None,
        }
    }

    /// A short code for the journal.
    pub fn code(&self) -> String {
        match self {
            Self::File { .. } => "sign-in: credential file".to_owned(),
            Self::Transport(_) => "sign-in: no answer".to_owned(),
            Self::Refused { status, error, .. } => format!("sign-in: {status} {error}"),
            Self::Person(_) => "sign-in: not finished".to_owned(),
        }
    }
}

/// The answer of the token endpoint that gives a token.
pub(super) struct Granted {
    pub(super) value: SecretString,
    pub(super) lifetime: Duration,
}

/// Asks the token endpoint.
pub(super) async fn ask(
    http: &reqwest::Client,
    endpoint: &str,
    form: &[(&'static str, Zeroizing<String>)],
) -> Result<Granted, TokenError> {
    let sent = http.post(endpoint).form(form).send().await;
    let answer = sent.map_err(|error| TokenError::Transport(chain(&error.without_url())))?;
    let (status, after) = (answer.status().as_u16(), parse_retry_after(answer.headers()));
    let body = read_bounded(answer, 256 * 1024).await.map_err(TokenError::Transport)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (value, lifetime) = (Zeroizing::new(text("access_token")), body["expires_in"].as_u64());
    match lifetime {
        Some(lifetime) if status == 200 && !value.is_empty() => {
            let value = SecretString::from(value.as_str());
            Ok(Granted { value, lifetime: Duration::from_secs(lifetime).min(LONGEST_LIFE) })
        }
        _ => {
            let description = text("error_description");
            let description = description.lines().next().unwrap_or_default().to_owned();
            Err(TokenError::Refused { status, error: text("error"), description, after })
        }
    }
}

struct Token {
    value: SecretString,
    life: Life,
}

/// What the source keeps.
#[derive(Default)]
struct Kept {
    token: Option<Token>,
    /// Claims that the cloud wants a token to be asked for with, as JSON.
    claims: Option<String>,
    /// Why the last renewal failed; absent after one that did not.
    trouble: Option<TokenError>,
    /// Until when the sign-in service wants to be left alone.
    not_before: Option<Instant>,
}

impl Kept {
    /// A renewal failed: a token that is still good goes on, and the next renewal is not tried at once.
    fn after_failure(
        &mut self,
        now: Instant,
        step: Step,
        error: TokenError,
    ) -> Result<SecretString, TokenError> {
        const CALMLY: Duration = Duration::from_secs(15);
        self.not_before = error.after().map(|after| now + after);
        if let TokenError::Refused { .. } = error {
            // They may be what was refused.
            self.claims = None;
        }
        match &mut self.token {
            Some(token) if step == Step::RenewEarly => {
                token.life.renew = now + error.after().unwrap_or(CALMLY);
                Ok(token.value.clone())
            }
            _ => Err(error),
        }
    }
}

/// Gives the bearer token: of the application, renewed as needed, or of a person who has just signed in.
pub struct TokenSource {
    from: Source,
    kept: Mutex<Kept>,
}

/// Where tokens come from.
enum Source {
    Application(Application),
    /// The one in hand is all there is.
    Person,
}

/// The application, and where it asks.
struct Application {
    http: reqwest::Client,
    endpoint: String,
    client_id: String,
    scope: String,
    credential: Credential,
}

impl std::fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whose = match &self.from {
            Source::Application(application) => application.endpoint.as_str(),
            Source::Person => "a person",
        };
        f.debug_struct("TokenSource").field("of", &whose).finish_non_exhaustive()
    }
}

impl TokenSource {
    /// A source for one application. `authority` is the sign-in origin, `scope` the Graph origin's `/.default`.
    pub fn new(
        http: reqwest::Client,
        authority: &str,
        tenant: &str,
        client_id: &str,
        graph: &str,
        credential: Credential,
    ) -> Self {
        let application = Application {
            http,
            endpoint: format!("{authority}/{tenant}/oauth2/v2.0/token"),
            client_id: client_id.to_owned(),
            scope: format!("{graph}/.default"),
            credential,
        };
        Self { from: Source::Application(application), kept: Mutex::default() }
    }

    /// The token of a person, for as long as the cloud takes it.
    pub fn of_person(token: SecretString) -> Self {
        let life = Life::new(Instant::now(), Duration::from_hours(24));
        let kept = Kept { token: Some(Token { value: token, life }), ..Kept::default() };
        Self { from: Source::Person, kept: Mutex::new(kept) }
    }

    /// A token that is good for the next call.
    ///
    /// # Errors
    ///
    /// [`TokenError`]; while an older token is still good, it is used instead.
    pub async fn token(&self) -> Result<SecretString, TokenError> {
        let mut kept = self.kept.lock().await;
        let now = Instant::now();
        let step = kept.token.as_ref().map_or(Step::Renew, |token| token.life.step(now));
        match (&kept.token, step) {
            (Some(token), Step::Use) => return Ok(token.value.clone()),
            (_, Step::Renew) if kept.not_before.is_some_and(|at| now < at) => {
                return Err(kept.trouble.clone().unwrap_or_else(|| {
                    TokenError::Transport("the sign-in service asked to wait".to_owned())
                }));
            }
            _ => {}
        }
        let renewed = match &self.from {
            Source::Application(application) => application.ask(kept.claims.as_deref()).await,
            Source::Person => Err(TokenError::Person("the sign-in is over; sign in again".into())),
        };
        kept.trouble = renewed.as_ref().err().cloned();
        match renewed {
            Ok(token) => {
                (kept.claims, kept.not_before) = (None, None);
                Ok(kept.token.insert(token).value.clone())
            }
            Err(error) => kept.after_failure(now, step, error),
        }
    }

    /// The cloud did not take this token: the next call gets a new one, asked for with the claims that it named.
    pub async fn forget(&self, refused: &SecretString, claims: Option<String>) {
        let mut kept = self.kept.lock().await;
        kept.token.take_if(|token| token.value.expose_secret() == refused.expose_secret());
        if claims.is_some() {
            kept.claims = claims;
        }
    }

    /// The cloud refused a call for want of a permission: a token that is older than a minute is renewed, so that a
    /// permission that was granted meanwhile counts.
    pub async fn forget_old(&self) {
        const FRESH: Duration = Duration::from_mins(1);
        if let Source::Person = self.from {
            return;
        }
        let mut kept = self.kept.lock().await;
        if let Some(token) = kept.token.as_mut().filter(|token| token.life.asked.elapsed() > FRESH)
        {
            token.life.renew = Instant::now();
        }
    }

    /// The claims that the cloud wants a token to be asked for with, as JSON; nothing if it named none.
    pub async fn claims(&self) -> Option<String> {
        self.kept.lock().await.claims.clone()
    }

    /// Why the last renewal failed; nothing if it did not.
    pub async fn trouble(&self) -> Option<TokenError> {
        self.kept.lock().await.trouble.clone()
    }

    /// How the application proves who it is; nothing for a person's.
    pub fn credential(&self) -> Option<&Credential> {
        match &self.from {
            Source::Application(application) => Some(&application.credential),
            Source::Person => None,
        }
    }
}

impl Application {
    async fn ask(&self, claims: Option<&str>) -> Result<Token, TokenError> {
        let asked_at = Instant::now();
        let plain = |text: &str| Zeroizing::new(text.to_owned());
        let mut form = vec![
            ("client_id", plain(&self.client_id)),
            ("scope", plain(&self.scope)),
            ("grant_type", plain("client_credentials")),
        ];
        form.extend(self.credential.proof(&self.endpoint, &self.client_id, Timestamp::now())?);
        if let Some(claims) = claims {
            form.push(("claims", plain(claims)));
        }
        let granted = ask(&self.http, &self.endpoint, &form).await?;
        Ok(Token { value: granted.value, life: Life::new(asked_at, granted.lifetime) })
    }
}

/// The application permissions that a token names, for diagnosis alone: nothing is decided by them. Empty where it
/// does not read.
pub fn roles_of(token: &SecretString) -> Vec<String> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let body = token.expose_secret().split('.').nth(1).unwrap_or_default();
    let body = URL_SAFE_NO_PAD.decode(body.trim_end_matches('=')).unwrap_or_default();
    let claims: Value = serde_json::from_slice(&body).unwrap_or_default();
    let roles = claims["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let scopes = claims["scp"].as_str().unwrap_or_default().split_whitespace();
    roles.chain(scopes).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_do() {
        let error = TokenError::Refused {
            status: 401,
            error: "invalid_client".into(),
            description: "AADSTS7000222: The provided client secret keys are expired.".into(),
            after: None,
        };
        let said = error.to_string();
        assert!(said.contains("AADSTS7000222") && said.contains("make a new one"), "{said}");
    }

    #[test]
    fn roles_are_read_or_there_are_none() {
        let token = |body: &str| {
            use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
            SecretString::from(format!("h.{}.s", URL_SAFE_NO_PAD.encode(body)))
        };
        assert_eq!(roles_of(&token(r#"{"roles":["A","B"]}"#)), ["A", "B"]);
        assert_eq!(roles_of(&token(r#"{"scp":"C D"}"#)), ["C", "D"]);
        assert_eq!(roles_of(&SecretString::from("opaque")), Vec::<String>::new());
    }
}
