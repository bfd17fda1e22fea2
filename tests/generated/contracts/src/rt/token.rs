//! Tokens that are fetched, kept and renewed: one for all who call, renewed ahead of its end.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::rt::auth::Place;
use crate::rt::descriptor::{Path, Segment};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::lookup::scalar;
use crate::rt::message::{Headers, Request, Response};
use crate::rt::origin::Origins;
use crate::rt::retry::Now;
use crate::rt::secret::{ExposeSecret, SecretString, Secrets};
use crate::rt::url::Url;
use crate::rt::wait;

/// The longest life of a token that is believed.
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How the answer to a token request is read, and how the token is sent.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Where the token is in the answer.
    pub token_path: Path,
    /// Where its life in seconds is; empty for nowhere.
    pub expires_path: Path,
    /// Where the moment of its end is, as a date or as seconds or milliseconds since 1970; empty for nowhere.
    pub expires_at_path: Path,
    /// The life that is assumed when the answer names none, in seconds; 0 is until the service refuses it.
    pub default_expires_in: u64,
    /// How long before its end a token is renewed, in seconds.
    pub margin: u64,
    /// Where the token goes in a request.
    pub place: Place,
    /// The statuses by which the service says that the token is no longer good.
    pub refused_on: &'static [u16],
    /// Where the address that requests go to is in the answer; empty for nowhere.
    pub base_url_path: Path,
}

impl Answer {
    /// As OAuth 2.0 has it (RFC 6749, section 5.1).
    pub const OAUTH2: Self = Self {
        token_path: &[Segment::Key("access_token")],
        expires_path: &[Segment::Key("expires_in")],
        expires_at_path: &[],
        default_expires_in: 3600,
        margin: 60,
        place: Place::BEARER,
        refused_on: &[401],
        base_url_path: &[],
    };
}

/// Keeps a refresh token between runs, and between the programs that share it. A service that rotates refresh tokens takes each
/// of them once, so what is saved must be there when it is loaded next.
///
/// Both are called rarely, from async calls as well, and should be quick.
pub trait TokenStore: Send + Sync {
    /// The refresh token that is kept; none if there is none yet.
    fn load(&self) -> io::Result<Option<SecretString>>;

    /// Keeps another one in its place, for good when this returns.
    fn save(&self, refresh_token: &SecretString) -> io::Result<()>;
}

/// A way to come by tokens: what is asked for, and what is made of answers besides the reading of the token.
pub trait Grant: fmt::Debug + Send + Sync {
    /// The request for a token, or the token where it needs none.
    fn ask(&self, notes: &mut Notes<'_>) -> Result<Next>;

    /// The request that trades a code for tokens, where there are codes.
    fn redeem(&self, _code: &[(&'static str, String)]) -> Option<Request> {
        None
    }

    /// The token of an answer.
    fn token(&self, response: &Response, path: Path) -> Option<String> {
        scalar(&response.body, path)
    }

    /// Takes note of an answer that holds a token, before the token is used.
    fn accept(&self, _response: &Response, _notes: &mut Notes<'_>) -> Result<()> {
        Ok(())
    }

    /// What is done about a failed request.
    fn refused(&self, error: Error, _notes: &mut Notes<'_>) -> Result<Next> {
        Err(error)
    }
}

/// What a grant remembers during one fetch.
#[derive(Debug)]
pub struct Notes<'s> {
    /// What no error may show.
    pub secrets: &'s Secrets,
    /// The moment.
    pub now: Now,
    /// The refresh tokens that were tried.
    pub tried: Vec<SecretString>,
    /// Whether another program was given time to save its token.
    pub waited: bool,
    /// Why the fetch fails if nothing else helps.
    pub failure: Option<Error>,
}

/// What a fetch does next.
#[derive(Debug)]
pub enum Next {
    /// Send this.
    Send(Request),
    /// Wait so long, and ask again.
    Sleep(Duration),
    /// The token is there, with its life.
    Made(SecretString, Duration),
}

/// A token, and how it is sent. Clones share it.
#[derive(Clone, Debug)]
pub struct Token(Arc<Issued>);

#[derive(Debug)]
struct Issued {
    bare: SecretString,
    place: Place,
    refused_on: &'static [u16],
    /// Where requests with this token go, if the service said so.
    home: Option<Url>,
    /// Tells tokens apart without comparing them.
    serial: u64,
}

impl Token {
    /// The token itself.
    #[must_use]
    pub fn bare(&self) -> &str {
        self.0.bare.expose_secret()
    }

    /// The number of the token: each one that a client fetches has the next.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.0.serial
    }

    /// Whether an answer of this status says that the token is no longer good.
    #[must_use]
    pub fn is_refused_by(&self, status: u16) -> bool {
        self.0.refused_on.contains(&status)
    }

    /// Where requests with this token go, if the service said so when it gave the token.
    #[must_use]
    pub fn home(&self) -> Option<&Url> {
        self.0.home.as_ref()
    }

    /// Puts the token into a request.
    pub fn put(&self, request: &mut Request) {
        self.0.place.put(request, self.bare());
    }
}

/// Where tokens come from, and the one that is held.
pub struct TokenSource {
    grant: Box<dyn Grant>,
    answer: &'static Answer,
    origins: Box<Origins>,
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
    /// Since the client was made; none is until it is refused.
    renew_at: Option<Duration>,
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
    /// With a way to come by tokens. `origins` decides which address of an answer requests may go to.
    #[must_use]
    pub fn new(grant: impl Grant + 'static, answer: &'static Answer, origins: Origins) -> Self {
        Self { grant: Box::new(grant), answer, origins: Box::new(origins), cell: Mutex::default() }
    }

    /// The held token if it is good, unless it is the one that was refused.
    #[must_use]
    pub fn claim(&self, refused: Option<u64>, now: Now) -> Claim {
        let cell = self.cell();
        match &cell.held {
            Some(held) if refused != Some(held.token.serial()) && held.renew_at.is_none_or(|renew_at| now.elapsed < renew_at) => {
                Claim::Held(held.token.clone())
            }
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

    /// Where requests with the held token go, if the service said so.
    #[must_use]
    pub fn home(&self) -> Option<Url> {
        self.cell().held.as_ref().and_then(|held| held.token.home().cloned())
    }

    /// Begins a fetch. `headers` are those that the client sends with every request.
    #[must_use]
    pub fn fetch<'s>(&'s self, secrets: &'s Secrets, headers: &'s Headers, now: Now) -> Fetch<'s> {
        let notes = Notes { secrets, now, tried: Vec::new(), waited: false, failure: None };
        Fetch { source: self, headers, asked: now, address: String::new(), notes }
    }

    /// Ends a fetch: keeps the token or the failure for all who wait.
    fn settle(&self, outcome: Result<Fresh>, asked: Now) -> Result<Token> {
        let mut cell = self.cell();
        cell.fetches += 1;
        match outcome {
            Ok(Fresh { bare, life, home }) => {
                let Answer { place, refused_on, margin, .. } = *self.answer;
                let margin = Duration::from_secs(margin);
                let renew_at = life.map(|life| asked.elapsed.saturating_add(life.saturating_sub(margin.min(life / 2))));
                let token = Token(Arc::new(Issued { bare, place, refused_on, home, serial: cell.fetches }));
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

    fn cell(&self) -> MutexGuard<'_, Cell> {
        self.cell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// A token that has just been had.
struct Fresh {
    bare: SecretString,
    /// None is until the service refuses it.
    life: Option<Duration>,
    home: Option<Url>,
}

/// What happened during a fetch.
#[derive(Debug)]
pub enum FetchEvent {
    /// It begins.
    Start,
    /// It begins with a code, which a user who logged in has been given, and what goes with it.
    Redeem(Vec<(&'static str, String)>),
    /// The wait that was asked for is over.
    Slept,
    /// The request was answered, or failed.
    Answer(Result<Response>),
}

/// What is to be done during a fetch.
#[derive(Debug)]
pub enum FetchStep {
    /// Send this as a call of its own, and hand in its outcome.
    Send(Request),
    /// Wait so long.
    Sleep(Duration),
    /// The fetch is over, and everyone who waits may know.
    Done(Result<Token>),
}

/// One fetch of a token without IO: whoever has the turn makes it.
#[derive(Debug)]
pub struct Fetch<'s> {
    source: &'s TokenSource,
    headers: &'s Headers,
    /// When the latest request went out: the time on the way is taken from the token's life.
    asked: Now,
    /// Where it went, for error texts.
    address: String,
    notes: Notes<'s>,
}

impl Fetch<'_> {
    /// Takes what happened and says what is to be done.
    pub fn step(&mut self, event: FetchEvent, now: Now) -> FetchStep {
        self.notes.now = now;
        let grant = &self.source.grant;
        let next = match event {
            FetchEvent::Start | FetchEvent::Slept => grant.ask(&mut self.notes),
            FetchEvent::Redeem(code) => {
                code.iter().filter(|(name, _)| *name != "redirect_uri").for_each(|(_, value)| self.notes.secrets.note(value));
                grant.redeem(&code).map(Next::Send).ok_or_else(no_codes)
            }
            FetchEvent::Answer(Ok(response)) => match self.read(&response) {
                Ok(fresh) => return self.done(Ok(fresh)),
                Err(error) => Err(error),
            },
            FetchEvent::Answer(Err(error)) => grant.refused(error, &mut self.notes),
        };
        match next {
            Ok(Next::Send(request)) => {
                self.asked = now;
                self.address = request.url.without_query();
                FetchStep::Send(self.with_headers(request))
            }
            Ok(Next::Sleep(wait)) => FetchStep::Sleep(wait),
            Ok(Next::Made(token, life)) => {
                self.asked = now;
                self.notes.secrets.note(token.expose_secret());
                self.done(Ok(Fresh { bare: token, life: Some(life), home: None }))
            }
            Err(error) => self.done(Err(error)),
        }
    }

    fn done(&self, outcome: Result<Fresh>) -> FetchStep {
        FetchStep::Done(self.source.settle(outcome, self.asked))
    }

    /// The client's headers, and over them those of the request.
    fn with_headers(&self, mut request: Request) -> Request {
        let mut headers = self.headers.clone();
        for (name, value) in request.headers.iter() {
            headers.set(name, value);
        }
        request.headers = headers;
        request
    }

    /// The token of an answer, its life, and where requests go with it. The error shows nothing of the body, in which the token
    /// may stand elsewhere.
    fn read(&mut self, response: &Response) -> Result<Fresh> {
        let Answer { token_path, base_url_path, .. } = *self.source.answer;
        let sendable = |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let bare = self.source.grant.token(response, token_path).filter(sendable).ok_or_else(|| {
            let message = format!("the answer of `{}` holds no token where the spec says", self.address);
            Error::new(ErrorKind::Auth, message).with_response(response.status, None, b"")
        })?;
        self.notes.secrets.note(&bare);
        self.source.grant.accept(response, &mut self.notes)?;
        let home = if base_url_path.is_empty() { None } else { Some(self.home(response, base_url_path)?) };
        Ok(Fresh { bare: bare.into(), life: self.life(response), home })
    }

    fn home(&self, response: &Response, path: Path) -> Result<Url> {
        let text = scalar(&response.body, path).ok_or_else(|| {
            let message = format!("the answer of `{}` does not say where requests go, as the spec says it does", self.address);
            Error::new(ErrorKind::Auth, message).with_response(response.status, None, b"")
        })?;
        self.source.origins.home_from_answer(&text)
    }

    /// How long a token lasts: what the answer says, or else what the spec says. None is until it is refused.
    fn life(&self, response: &Response) -> Option<Duration> {
        let Answer { expires_path, expires_at_path, default_expires_in, .. } = *self.source.answer;
        let told = |path: Path| if path.is_empty() { None } else { scalar(&response.body, path) };
        let span = told(expires_path).and_then(|life| life.trim().parse::<f64>().ok()).filter(|life| *life > 0.0);
        let span = span.map(|life| Duration::try_from_secs_f64(life).unwrap_or(LONGEST_LIFE));
        let until = told(expires_at_path).and_then(|moment| wait::moment(&moment));
        // By the service's own clock, where it tells it. A token that would be past its end already tells of a wrong clock.
        let unix = response.headers.get("date").and_then(wait::http_date).unwrap_or(self.notes.now.unix);
        let life = span.or_else(|| until?.checked_sub(unix).filter(|life| !life.is_zero()));
        let default = (default_expires_in > 0).then(|| Duration::from_secs(default_expires_in));
        life.or(default).map(|life| life.min(LONGEST_LIFE))
    }
}

fn no_codes() -> Error {
    Error::new(ErrorKind::Config, "this client's login takes no code")
}
