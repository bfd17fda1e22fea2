//! How requests are authorised: credentials that are fixed, and tokens that are fetched, kept and renewed.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::rt::body;
use crate::rt::descriptor::{KeyLocation, Method, OAuth2, Path, SecretIn};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::lookup::scalar;
use crate::rt::message::{Headers, Request, Response};
use crate::rt::retry::Now;
use crate::rt::secret::{ExposeSecret, SecretString};
use crate::rt::url::{Url, encoded};

/// The longest life of a token that is believed.
const LONGEST_LIFE: f64 = 10.0 * 365.0 * 24.0 * 3600.0;

/// What is added to a request to authorise it.
#[derive(Debug)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A header.
    Header {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: SecretString,
    },
    /// A query parameter.
    Query {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: SecretString,
    },
    /// A token that is fetched.
    Token(TokenSource),
}

impl Credentials {
    /// A key in a header, the query or a cookie.
    #[must_use]
    pub fn key(name: &'static str, location: KeyLocation, value: String) -> Self {
        match location {
            KeyLocation::Header => Self::Header { name, value: value.into() },
            KeyLocation::Query => Self::Query { name, value: value.into() },
            KeyLocation::Cookie => Self::Header { name: "cookie", value: format!("{name}={value}").into() },
        }
    }

    /// `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(token: &str) -> Self {
        Self::Header { name: "authorization", value: format!("Bearer {token}").into() }
    }

    /// HTTP Basic.
    #[must_use]
    pub fn basic(username: &str, password: &str) -> Self {
        Self::Header { name: "authorization", value: basic(username, password) }
    }
}

fn basic(username: &str, password: &str) -> SecretString {
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))).into()
}

/// A token, as the `Authorization` header that carries it. Clones share it.
#[derive(Clone, Debug)]
pub struct Token {
    header: Arc<SecretString>,
    /// Tells tokens apart without comparing them.
    serial: u64,
}

impl Token {
    /// The value of the `Authorization` header.
    #[must_use]
    pub fn header(&self) -> &SecretString {
        &self.header
    }

    /// The token itself.
    #[must_use]
    pub fn bare(&self) -> &str {
        self.header.expose_secret().trim_start_matches("Bearer ")
    }

    /// The number of the token: each one that a client fetches has the next.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.serial
    }
}

/// Where tokens come from, and the one that is held.
pub struct TokenSource {
    url: Url,
    authorization: Option<SecretString>,
    content_type: &'static str,
    body: SecretString,
    token_path: Path,
    expires_path: Path,
    default_life: Duration,
    margin: Duration,
    cell: Mutex<Cell>,
}

/// The held token, and how the latest fetch ended.
#[derive(Default)]
struct Cell {
    held: Option<Held>,
    /// The number of fetches that have ended.
    fetches: u64,
    /// Why the latest one failed, if it did.
    failure: Option<Error>,
}

struct Held {
    token: Token,
    /// Since the client was made.
    renew_at: Duration,
}

/// What a caller that needs a token does.
#[derive(Debug)]
pub enum Claim {
    /// Use this one.
    Held(Token),
    /// Fetch one, in turn: whoever gets the turn asks [`TokenSource::fetched_since`] first.
    Fetch {
        /// The number of fetches that had ended when the token was asked for.
        since: u64,
    },
}

impl TokenSource {
    /// Client credentials, with every template filled.
    #[must_use]
    pub fn new(oauth2: &OAuth2, url: Url, client_id: &str, client_secret: &str, fields: &[(&str, String)]) -> Self {
        let mut form: Vec<(&str, &str)> = Vec::new();
        if !fields.iter().any(|(name, _)| *name == "grant_type") {
            form.push(("grant_type", "client_credentials"));
        }
        let mut authorization = None;
        match oauth2.secret_in {
            SecretIn::Body => form.extend([("client_id", client_id), ("client_secret", client_secret)]),
            SecretIn::Header => authorization = Some(basic(&encoded(client_id), &encoded(client_secret))),
        }
        form.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
        let (content_type, body) = body::encode(oauth2.encoding, form);
        Self {
            url,
            authorization,
            content_type,
            body: body.into(),
            token_path: oauth2.token_path,
            expires_path: oauth2.expires_path,
            default_life: Duration::from_secs(oauth2.default_expires_in),
            margin: Duration::from_secs(oauth2.margin),
            cell: Mutex::default(),
        }
    }

    /// The request for a new token, with the headers that the client sends with every request.
    #[must_use]
    pub fn request(&self, mut headers: Headers) -> Request {
        headers.set("content-type", self.content_type);
        if let Some(authorization) = &self.authorization {
            headers.set("authorization", authorization.expose_secret());
        }
        Request { method: Method::Post, url: self.url.clone(), headers, body: self.body.expose_secret().as_bytes().to_vec() }
    }

    /// The `Authorization` header of the request for a token, where it has one.
    #[must_use]
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_ref().map(ExposeSecret::expose_secret)
    }

    /// The held token if it is good, unless it is the one that was refused.
    #[must_use]
    pub fn claim(&self, refused: Option<u64>, now: Now) -> Claim {
        let cell = self.cell();
        match &cell.held {
            Some(held) if refused != Some(held.token.serial) && now.elapsed < held.renew_at => Claim::Held(held.token.clone()),
            _ => Claim::Fetch { since: cell.fetches },
        }
    }

    /// How a fetch ended that others made in the meantime. None if there was none, so that the caller makes it.
    #[must_use]
    pub fn fetched_since(&self, since: u64) -> Option<Result<Token>> {
        let cell = self.cell();
        if cell.fetches == since {
            return None;
        }
        match (&cell.failure, &cell.held) {
            (Some(failure), _) => Some(Err(failure.clone())),
            (None, held) => held.as_ref().map(|held| Ok(held.token.clone())),
        }
    }

    /// Ends a fetch: reads the answer, and keeps the token or the failure for all who wait. `asked` is when it began, so that
    /// the time on the way is taken from the token's life.
    pub fn settle(&self, answer: Result<Response>, asked: Now) -> Result<Token> {
        let outcome = answer.and_then(|response| self.read(&response));
        let mut cell = self.cell();
        cell.fetches += 1;
        match outcome {
            Ok((token, life)) => {
                let token = Token { header: Arc::new(format!("Bearer {token}").into()), serial: cell.fetches };
                let renew_at = asked.elapsed.saturating_add(life.saturating_sub(self.margin.min(life / 2)));
                cell.held = Some(Held { token: token.clone(), renew_at });
                cell.failure = None;
                Ok(token)
            }
            Err(error) => {
                cell.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    /// The token of an answer and its life. The error shows nothing of the body, in which the token may stand elsewhere.
    fn read(&self, response: &Response) -> Result<(String, Duration)> {
        let sendable = |token: &String| token.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let token = scalar(&response.body, self.token_path).filter(sendable).ok_or_else(|| {
            let message = format!("the answer of `{}` holds no token where the spec says", self.url.without_query());
            Error::new(ErrorKind::Auth, message).with_response(response.status, None, b"")
        })?;
        let seconds = scalar(&response.body, self.expires_path).and_then(|life| life.trim().parse::<f64>().ok());
        let life = seconds.filter(|seconds| *seconds > 0.0).map(|seconds| Duration::from_secs_f64(seconds.min(LONGEST_LIFE)));
        Ok((token, life.unwrap_or(self.default_life)))
    }

    fn cell(&self) -> MutexGuard<'_, Cell> {
        self.cell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("url", &self.url).finish_non_exhaustive()
    }
}
