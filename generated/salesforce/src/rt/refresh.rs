//! Refresh tokens (RFC 6749, section 6), with services that give another one each time.
//!
//! A new refresh token is kept before the access token that came with it is used: a program that stops in between has lost
//! nothing. And a refresh token that the service no longer takes may have been used by another program that shares the store, so
//! the store is read again before anyone is asked to log in.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::rt::auth::{Credentials, Scheme, Setup};
use crate::rt::descriptor::{Path, Segment, Template};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::lookup::scalar;
use crate::rt::message::{Request, Response};
use crate::rt::oauth2::{Endpoint, OAuth2};
use crate::rt::secret::{ExposeSecret, SecretString};
use crate::rt::token::{Grant, Next, Notes, TokenSource, TokenStore};
use crate::rt::token_store::{FileStore, MemoryStore};

/// How long another program, which has just been given a new refresh token, has to keep it.
const TIME_TO_SAVE: Duration = Duration::from_secs(1);

/// Access by a refresh token.
#[derive(Clone, Copy, Debug)]
pub struct RefreshToken {
    /// The token endpoint and its client.
    pub oauth2: OAuth2,
    /// The refresh token that a user gives; empty where users log in.
    pub refresh_token: Template,
    /// The file that keeps refresh tokens, unless the user brings a store.
    pub token_file: Template,
    /// Where the next refresh token is in an answer, if there is one.
    pub refresh_token_path: Path,
}

impl RefreshToken {
    /// As OAuth 2.0 has it.
    pub const DEFAULT: Self =
        Self { oauth2: OAuth2::DEFAULT, refresh_token: "", token_file: "", refresh_token_path: &[Segment::Key("refresh_token")] };
}

impl Scheme for RefreshToken {
    fn credentials(&'static self, setup: &mut Setup<'_>) -> Result<Option<Credentials>, String> {
        let filled = |template| setup.inputs.expand(template).filter(|value| !value.is_empty());
        let given = filled(self.refresh_token).map(SecretString::from);
        let file = filled(self.token_file).map(|path| Arc::new(FileStore::new(path)) as Arc<dyn TokenStore>);
        let store = setup.store.clone().or(file);
        if given.is_none() && store.is_none() {
            return Err(self.missing());
        }
        if let Some(given) = &given {
            setup.hide(given.expose_secret());
        }
        let grant = Refresh {
            endpoint: self.oauth2.endpoint(setup)?,
            is_shared: store.is_some(),
            store: store.unwrap_or_else(|| Arc::new(MemoryStore::default())),
            given,
            path: self.refresh_token_path,
            unsaved: Mutex::default(),
        };
        Ok(Some(Credentials::Token(TokenSource::new(grant, &self.oauth2.answer, setup.origins.clone()))))
    }
}

impl RefreshToken {
    fn missing(&self) -> String {
        let name = |template: Template| template.trim_matches(['{', '}']).to_owned();
        let store = format!("name the file that keeps it with `{}`, or bring a token store", name(self.token_file));
        match self.refresh_token {
            "" => format!("nobody has logged in: {store}"),
            template => format!("`{}` is missing: set it, {store}", name(template)),
        }
    }
}

struct Refresh {
    endpoint: Endpoint,
    given: Option<SecretString>,
    store: Arc<dyn TokenStore>,
    /// Whether other programs may know the store.
    is_shared: bool,
    path: Path,
    /// A refresh token that could not be kept: the only one that the service still takes.
    unsaved: Mutex<Option<SecretString>>,
}

impl Refresh {
    /// A refresh token that was not tried in this fetch: the newest known, then the one that the user gave.
    fn untried(&self, tried: &[SecretString]) -> Result<Option<SecretString>> {
        let is_new = |token: &SecretString| !tried.iter().any(|known| known.expose_secret() == token.expose_secret());
        if let Some(unsaved) = self.unsaved().clone().filter(is_new) {
            return Ok(Some(unsaved));
        }
        let kept = self
            .store
            .load()
            .map_err(|error| Error::new(ErrorKind::Config, format!("the store of the refresh token can not be read: {error}")))?;
        Ok(kept.filter(is_new).or_else(|| self.given.clone().filter(is_new)))
    }

    /// Sends a refresh token that was not tried yet; without one the failure stands.
    fn ask_with(&self, failure: Error, notes: &mut Notes<'_>) -> Result<Next> {
        let Some(token) = self.untried(&notes.tried)? else { return Err(failure) };
        notes.secrets.note(token.expose_secret());
        let field = ("refresh_token", token.expose_secret().to_owned());
        notes.tried.push(token);
        Ok(Next::Send(self.endpoint.request("refresh_token", &[field])))
    }

    /// Keeps the refresh token that the service takes from now on.
    fn keep(&self, token: SecretString) -> Result<()> {
        let is_kept = |kept: SecretString| kept.expose_secret() == token.expose_secret();
        if !self.store.load().is_ok_and(|kept| kept.is_some_and(is_kept))
            && let Err(error) = self.store.save(&token)
        {
            *self.unsaved() = Some(token);
            let message = format!("the new refresh token can not be kept, and the old one is no longer valid: {error}");
            return Err(Error::new(ErrorKind::Config, message));
        }
        *self.unsaved() = None;
        Ok(())
    }

    fn unsaved(&self) -> MutexGuard<'_, Option<SecretString>> {
        self.unsaved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Grant for Refresh {
    fn ask(&self, notes: &mut Notes<'_>) -> Result<Next> {
        let failure = notes.failure.take().unwrap_or_else(|| Error::new(ErrorKind::Auth, "nobody has logged in: log in first"));
        self.ask_with(failure, notes)
    }

    fn redeem(&self, code: &[(&'static str, String)]) -> Option<Request> {
        Some(self.endpoint.request("authorization_code", code))
    }

    fn accept(&self, response: &Response, notes: &mut Notes<'_>) -> Result<()> {
        let next = scalar(&response.body, self.path).map(SecretString::from);
        if let Some(next) = &next {
            notes.secrets.note(next.expose_secret());
        }
        let newest = next.or_else(|| notes.tried.last().cloned()).ok_or_else(|| {
            let message = "the service gave no refresh token: it may have to be asked for by a scope, such as `offline_access`";
            Error::new(ErrorKind::Auth, message)
        })?;
        self.keep(newest)
    }

    fn refused(&self, error: Error, notes: &mut Notes<'_>) -> Result<Next> {
        // A code is taken once, and nothing stands in for it.
        if !matches!(error.status(), Some(400 | 401 | 403)) || notes.tried.is_empty() {
            return Err(error);
        }
        let is_over = is_invalid_grant(&error);
        let failure = if is_over {
            let message = format!("the refresh token is no longer valid ({}); log in again", error.message());
            error.with_message(message)
        } else {
            error
        };
        match self.ask_with(failure, notes) {
            Err(failure) if is_over && self.is_shared && !notes.waited => {
                notes.waited = true;
                notes.failure = Some(failure);
                Ok(Next::Sleep(TIME_TO_SAVE))
            }
            next => next,
        }
    }
}

/// Whether the service says that the refresh token itself is the trouble.
fn is_invalid_grant(error: &Error) -> bool {
    let says = |text: Option<&str>| text.is_some_and(|text| text.contains("invalid_grant") || text.contains("invalid_refresh"));
    says(error.code()) || says(error.body())
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
