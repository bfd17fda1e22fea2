//! One logical call without IO: which request goes out when, and what becomes of its responses.
//!
//! A driver hands in what happened and does what it is told, until it is told [`Step::Done`]. Every rule about repeating, waiting,
//! authorising and redirecting is here, so that each can be tested as a script of events, without a socket and without waiting.

use std::time::Duration;

use crate::rt::auth::{Credentials, Token};
use crate::rt::descriptor::{Method, Operation};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::message::{Request, Response, TransportFault, TransportFaultKind};
use crate::rt::origin::{Origins, keep_public_headers};
use crate::rt::problem;
use crate::rt::retry::{Now, Pace};
use crate::rt::secret::{ExposeSecret, SecretString, Secrets};

/// How many redirects a call follows.
const MAX_REDIRECTS: u32 = 5;

/// A call for a token. To ask twice does no harm.
static TOKEN: Operation = Operation::post("token", "").without_auth().idempotent(true);

/// What all calls of a client go by.
#[derive(Debug)]
pub struct Policy {
    /// Where they may go.
    pub origins: Origins,
    /// How they are authorised.
    pub credentials: Credentials,
    /// Headers of every request that hold a secret, so that they go to the base's origin alone.
    pub secret_headers: Vec<(&'static str, SecretString)>,
    /// When they are repeated.
    pub pace: Pace,
    /// What no error may show.
    pub secrets: Secrets,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The call begins.
    Start,
    /// The wait that was asked for is over.
    Slept,
    /// The token that was asked for, or why there is none.
    Token(Result<Token>),
    /// A response came.
    Response(Response),
    /// None came.
    Fault(TransportFault),
}

/// What is to be done.
#[derive(Debug)]
pub enum Step {
    /// Send this, and hand in the response or the fault.
    Send(Request),
    /// Wait so long.
    Sleep(Duration),
    /// Hand in a token, another one than the refused if there is one.
    Token {
        /// The serial of the token that the service refused.
        refused: Option<u64>,
    },
    /// The call is over.
    Done(Result<Response>),
}

/// One logical call: its attempts, and what has happened so far.
#[derive(Debug)]
pub struct Exchange<'p> {
    policy: &'p Policy,
    /// For error texts.
    name: &'static str,
    /// The request without credentials.
    request: Request,
    /// Whether the API's authorisation and its limits apply.
    authorised: bool,
    idempotent: bool,
    /// The kind of an error that a status makes, unless the status says more.
    refusal: ErrorKind,
    /// The token of the attempt under way.
    token: Option<Token>,
    /// Whether a refused token was replaced; that happens once.
    renewed: bool,
    retries: u32,
    redirects: u32,
    /// How long the call has waited for the client's limit to reset.
    paused: Duration,
}

impl<'p> Exchange<'p> {
    /// A call of an operation.
    #[must_use]
    pub fn new(policy: &'p Policy, operation: &Operation, request: Request) -> Self {
        Self {
            policy,
            name: operation.name,
            request,
            authorised: operation.auth,
            idempotent: operation.idempotent,
            refusal: ErrorKind::Status,
            token: None,
            renewed: false,
            retries: 0,
            redirects: 0,
            paused: Duration::ZERO,
        }
    }

    /// A call for a token: it is not authorised itself, and whatever refuses it is a failure to authorise.
    #[must_use]
    pub fn for_token(policy: &'p Policy, request: Request) -> Self {
        Self { refusal: ErrorKind::Auth, ..Self::new(policy, &TOKEN, request) }
    }

    /// Takes what happened and says what is to be done.
    pub fn step(&mut self, event: Event, now: Now) -> Step {
        match event {
            Event::Start => self.proceed(now),
            Event::Slept => {
                // It may have expired meanwhile.
                self.token = None;
                self.proceed(now)
            }
            Event::Token(Ok(token)) => {
                self.token = Some(token);
                self.send()
            }
            Event::Token(Err(error)) => self.fail(error),
            Event::Response(response) => self.receive(response, now),
            Event::Fault(fault) => self.lose(&fault),
        }
    }

    /// The next attempt, once the limit and the token allow it.
    fn proceed(&mut self, now: Now) -> Step {
        if self.authorised
            && let Some(wait) = self.pause(now)
        {
            return Step::Sleep(wait);
        }
        if self.needs_token() {
            return Step::Token { refused: None };
        }
        self.send()
    }

    /// Waits for the limit to reset: in all no longer than the longest delay, then the call takes its chance.
    fn pause(&mut self, now: Now) -> Option<Duration> {
        let left = self.policy.pace.max_delay().saturating_sub(self.paused);
        let wait = self.policy.pace.pause(now)?.min(left);
        self.paused += wait;
        Some(wait).filter(|wait| !wait.is_zero())
    }

    fn at_home(&self) -> bool {
        self.policy.origins.is_home(&self.request.url)
    }

    fn needs_token(&self) -> bool {
        self.authorised && self.at_home() && matches!(self.policy.credentials, Credentials::Token(_))
    }

    fn send(&self) -> Step {
        let mut request = self.request.clone();
        if self.at_home() {
            for (name, value) in &self.policy.secret_headers {
                request.headers.set(name, value.expose_secret());
            }
            if self.authorised {
                self.authorise(&mut request);
            }
        }
        Step::Send(request)
    }

    fn authorise(&self, request: &mut Request) {
        match &self.policy.credentials {
            Credentials::None => {}
            Credentials::Header { name, value } => request.headers.set(name, value.expose_secret()),
            Credentials::Query { name, value } => request.url.push_query(name, value.expose_secret()),
            Credentials::Token(_) => {
                if let Some(token) = &self.token {
                    request.headers.set("authorization", token.header().expose_secret());
                }
            }
        }
    }

    fn receive(&mut self, response: Response, now: Now) -> Step {
        if self.authorised {
            self.policy.pace.observe(&response, now);
        }
        match response.status {
            200..=299 => {
                self.policy.pace.earn();
                Step::Done(Ok(response))
            }
            301 | 302 | 303 | 307 | 308 => self.redirect(&response, now),
            401 if !self.renewed && self.token.is_some() => {
                self.renewed = true;
                Step::Token { refused: self.token.take().map(|token| token.serial()) }
            }
            _ => self.refuse(&response, now),
        }
    }

    /// Follows a redirect of a call that only reads; others would have to be sent a second time.
    fn redirect(&mut self, response: &Response, now: Now) -> Step {
        let reads = matches!(self.request.method, Method::Get | Method::Head);
        let Some(location) = response.headers.get("location").filter(|_| reads) else {
            return self.fail(self.error(self.refusal, response));
        };
        self.redirects += 1;
        if self.redirects > MAX_REDIRECTS {
            return self.fail(Error::new(ErrorKind::Loop, format!("more than {MAX_REDIRECTS} redirects")));
        }
        match self.policy.origins.follow(&self.request.url, location) {
            Ok(url) => {
                if !self.request.url.same_origin(&url) {
                    keep_public_headers(&mut self.request.headers);
                }
                self.request.url = url;
                self.token = None;
                self.proceed(now)
            }
            Err(error) => self.fail(error),
        }
    }

    /// A status that is an error: repeats the call if that is allowed and worth it.
    fn refuse(&mut self, response: &Response, now: Now) -> Step {
        let pace = &self.policy.pace;
        if !pace.is_transient(response.status) {
            return self.fail(self.error(self.kind_of(response.status), response));
        }
        let asked = pace.asked_wait(response, now);
        if let Some(asked) = asked.filter(|asked| *asked > pace.max_delay()) {
            return self.fail(self.too_long(response, asked));
        }
        let surely_not_processed =
            response.status == 429 || (response.status == 503 && response.headers.get("retry-after").is_some());
        if self.idempotent || surely_not_processed {
            // A service that says when to come back is not one that repeated calls bring down.
            if self.retries < pace.max_retries() && (asked.is_some() || pace.spend()) {
                return Step::Sleep(self.next_wait(asked));
            }
        }
        self.fail(self.error(self.kind_of(response.status), response))
    }

    /// No response: repeats the call unless it may have been processed.
    fn lose(&mut self, fault: &TransportFault) -> Step {
        let repeatable = match fault.kind {
            TransportFaultKind::Connect | TransportFaultKind::ConnectTimeout => true,
            TransportFaultKind::Timeout | TransportFaultKind::Broken => self.idempotent,
            TransportFaultKind::TooLarge | TransportFaultKind::Invalid => false,
        };
        if repeatable && self.retries < self.policy.pace.max_retries() && self.policy.pace.spend() {
            return Step::Sleep(self.next_wait(None));
        }
        let kind = match fault.kind {
            TransportFaultKind::Connect | TransportFaultKind::Broken => ErrorKind::Transport,
            TransportFaultKind::ConnectTimeout | TransportFaultKind::Timeout => ErrorKind::Timeout,
            TransportFaultKind::TooLarge => ErrorKind::TooLarge,
            TransportFaultKind::Invalid => ErrorKind::Config,
        };
        let message = format!("{}{}", self.mask(&fault.message), self.after_retries());
        self.fail(Error::new(kind, message))
    }

    fn next_wait(&mut self, asked: Option<Duration>) -> Duration {
        let wait = asked.unwrap_or_else(|| self.policy.pace.back_off(self.retries));
        self.retries += 1;
        wait
    }

    fn kind_of(&self, status: u16) -> ErrorKind {
        match status {
            _ if self.refusal == ErrorKind::Auth => ErrorKind::Auth,
            401 => ErrorKind::Auth,
            429 => ErrorKind::RateLimited,
            _ => self.refusal,
        }
    }

    fn error(&self, kind: ErrorKind, response: &Response) -> Error {
        let error = problem::error(kind, response, &|text| self.mask(text));
        let message = format!("{}{}", error.message(), self.after_retries());
        let retryable = self.policy.pace.is_transient(response.status) || response.status == 429;
        error.with_message(message).retryable(retryable)
    }

    fn too_long(&self, response: &Response, asked: Duration) -> Error {
        let message = format!(
            "the service asks to wait {} s, which is longer than the longest delay of {} s",
            asked.as_secs(),
            self.policy.pace.max_delay().as_secs(),
        );
        self.error(ErrorKind::RateLimited, response).with_message(message)
    }

    /// Takes out the client's secrets, and the token in use.
    fn mask(&self, text: &str) -> String {
        let text = self.policy.secrets.mask(text);
        match &self.token {
            Some(token) => text.replace(token.bare(), "***"),
            None => text,
        }
    }

    fn after_retries(&self) -> String {
        match self.retries {
            0 => String::new(),
            1 => " (after 1 retry)".to_owned(),
            retries => format!(" (after {retries} retries)"),
        }
    }

    fn fail(&self, error: Error) -> Step {
        Step::Done(Err(error.in_operation(self.name)))
    }
}
