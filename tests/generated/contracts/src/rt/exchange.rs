//! One logical call without IO: which request goes out when, and what becomes of its responses.
//!
//! A driver hands in what happened and does what it is told, until it is told [`Step::Done`]. Every rule about repeating, waiting,
//! authorising and redirecting is here, so that each can be tested as a script of events, without a socket and without waiting.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crate::rt::auth::Credentials;
use crate::rt::descriptor::{Method, Operation};
use crate::rt::error::{Error, ErrorKind, FailureKind, Result};
use crate::rt::gate::{Admission, Gate, Pass};
use crate::rt::message::{Request, Response, TransportFault, TransportFaultKind};
use crate::rt::origin::{Origins, keep_public_headers};
use crate::rt::problem;
use crate::rt::retry::{Now, Pace, Terms, random_key, server_time};
use crate::rt::secret::{ExposeSecret, SecretString, Secrets};
use crate::rt::token::{Token, TokenSource};
use crate::rt::url::Url;
use crate::rt::verdict::{Action, Verdict};

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
    /// What holds them to the rate limits, where the spec gives any.
    pub gate: Option<Arc<dyn Gate>>,
    /// What no error may show.
    pub secrets: Secrets,
}

impl Policy {
    /// The address that a link of the service leads to, if it is one that may be followed.
    pub fn follow(&self, current: &Url, link: &str) -> Result<Url> {
        match self.credentials.source().and_then(TokenSource::home) {
            Some(home) => self.origins.follow_below(&home, current, link),
            None => self.origins.follow(current, link),
        }
    }
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
    /// Wait until [`Exchange::is_turn`], and hand in that it slept.
    Queue,
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
    /// What is called: its name, rules and terms.
    operation: Operation,
    /// The request without credentials.
    request: Request,
    /// The kind of an error that a status makes, unless the status says more.
    refusal: ErrorKind,
    /// Its place at the gate, while it waits there or is under way.
    pass: Pass<'p>,
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
    pub fn new(policy: &'p Policy, operation: &Operation, mut request: Request) -> Self {
        let mut operation = *operation;
        let key = operation.idempotency_header;
        if !key.is_empty() {
            operation.idempotent = true;
            if request.headers.get(key).is_none() {
                request.headers.set(key, random_key());
            }
        }
        Self {
            policy,
            pass: Pass::new(policy.gate.as_deref().filter(|_| operation.auth)),
            operation,
            request,
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

    /// The name of what is called.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation.name
    }

    /// Takes what happened and says what is to be done.
    pub fn step(&mut self, event: Event, now: Now) -> Step {
        match event {
            // A token that it had may have expired meanwhile: it is asked for anew.
            Event::Start | Event::Slept => self.proceed(now),
            Event::Token(Ok(token)) => {
                self.token = Some(token);
                self.pass(now)
            }
            Event::Token(Err(error)) => self.fail(error),
            Event::Response(response) => self.receive(response, now),
            Event::Fault(fault) => {
                self.pass.leave(Some(now));
                self.lose(&fault)
            }
        }
    }

    /// After [`Step::Queue`]: whether the wait is over. If not, the waker is called when it is.
    #[must_use]
    pub fn is_turn(&self, waker: &Waker) -> bool {
        self.pass.is_turn(waker)
    }

    /// The next attempt, once the limit and the token allow it.
    fn proceed(&mut self, now: Now) -> Step {
        if self.operation.auth
            && let Some(wait) = self.pause(now)
        {
            return Step::Sleep(wait);
        }
        if self.needs_token() {
            return Step::Token { refused: None };
        }
        self.pass(now)
    }

    /// Waits for the limit to reset: in all no longer than the longest delay, then the call takes its chance.
    fn pause(&mut self, now: Now) -> Option<Duration> {
        let left = self.terms().max_delay().saturating_sub(self.paused);
        let wait = self.policy.pace.pause(now)?.min(left);
        self.paused += wait;
        Some(wait).filter(|wait| !wait.is_zero())
    }

    /// Sends as soon as the gate lets it pass: last of all, so that nothing comes in between.
    fn pass(&mut self, now: Now) -> Step {
        match self.pass.ask(self.operation.name, self.request.url.host(), self.operation.weight, now) {
            Admission::Go => self.send(),
            Admission::Wait(wait) => Step::Sleep(wait),
            Admission::Queue => Step::Queue,
        }
    }

    fn terms(&self) -> Terms<'p> {
        self.policy.pace.terms(self.operation.retry)
    }

    fn is_own(&self) -> bool {
        self.policy.origins.is_own(&self.request.url)
    }

    fn can_renew(&self) -> bool {
        !self.renewed && self.token.is_some()
    }

    /// Whether a status says that the token is no longer good.
    fn is_refused_by(&self, status: u16) -> bool {
        self.token.as_ref().is_some_and(|token| token.is_refused_by(status))
    }

    fn needs_token(&self) -> bool {
        self.operation.auth && self.is_own() && self.policy.credentials.source().is_some()
    }

    fn send(&self) -> Step {
        let mut request = self.request.clone();
        if self.is_own() {
            for (name, value) in &self.policy.secret_headers {
                request.headers.set(name, value.expose_secret());
            }
            if self.operation.auth {
                self.policy.credentials.put(&mut request, self.token.as_ref());
            }
            // The login may have said where requests go.
            if let Some(home) = self.token.as_ref().and_then(Token::home) {
                request.url = self.policy.origins.below(home, &request.url);
            }
        }
        Step::Send(request)
    }

    fn receive(&mut self, response: Response, now: Now) -> Step {
        let verdict = self.operation.rules.and_then(|rules| rules.judge(&response));
        let throttled = response.status == 429 || verdict.as_ref().is_some_and(|verdict| verdict.action == Action::RateLimited);
        let asked = self.asked_wait(&response, throttled, now);
        if self.pass.is_gated() {
            let throttled = throttled.then(|| asked.unwrap_or_default());
            self.pass.answered(&response, throttled, self.terms().max_delay(), now);
        } else if self.operation.auth {
            self.terms().observe(&response, now);
        }
        match verdict {
            Some(verdict) => self.obey(verdict, &response, asked),
            None => match response.status {
                200..=299 => {
                    self.policy.pace.earn();
                    Step::Done(Ok(response))
                }
                301 | 302 | 303 | 307 | 308 => self.redirect(&response, now),
                status if self.can_renew() && self.is_refused_by(status) => self.renew(),
                _ => self.refuse(&response, asked),
            },
        }
    }

    /// The wait that a response asks for, by the client's own headers or by those of the rate limits.
    fn asked_wait(&self, response: &Response, throttled: bool, now: Now) -> Option<Duration> {
        let asked = self.terms().asked_wait(response, throttled, now);
        asked.or_else(|| if throttled { self.pass.asked_wait(response, server_time(&response.headers, now)) } else { None })
    }

    /// Does what a rule of the spec says.
    fn obey(&mut self, verdict: Verdict, response: &Response, asked: Option<Duration>) -> Step {
        let transient = Some(FailureKind::Transient);
        match verdict.action {
            Action::Ignore | Action::SkipPartition => {
                let error = Error::new(ErrorKind::PassedOver, "a rule of the spec passes the response over");
                let error = error.with_response(response.status, problem::request_id(&response.headers), b"");
                self.fail(error.by_rule(verdict.rule, None))
            }
            // An early end of a token's life is no failure yet, whatever comes of a refusal that stays.
            Action::Fail(_) if self.can_renew() && self.is_refused_by(response.status) => self.renew(),
            Action::RefreshAndRetry if self.can_renew() => self.renew(),
            Action::RefreshAndRetry => {
                let error = self.ruled(ErrorKind::Auth, verdict, Some(FailureKind::Config), response);
                self.fail(error)
            }
            Action::Retry => {
                let repeatable = self.operation.idempotent || surely_not_processed(response);
                self.repeat(response, repeatable, asked).unwrap_or_else(|| {
                    let error = self.ruled(self.kind_of(response.status), verdict, transient, response);
                    self.fail(error)
                })
            }
            Action::RateLimited => self.repeat(response, true, asked).unwrap_or_else(|| {
                let error = self.ruled(ErrorKind::RateLimited, verdict, transient, response);
                self.fail(error)
            }),
            Action::Fail(failure) => {
                let error = self.ruled(self.kind_of(response.status), verdict, failure, response);
                self.fail(error)
            }
        }
    }

    /// The error that a rule makes of a response.
    fn ruled(&self, kind: ErrorKind, verdict: Verdict, failure: Option<FailureKind>, response: &Response) -> Error {
        let mut error = self.error(kind, response);
        if let Some(message) = verdict.message {
            let message = problem::one_line(&self.mask(&message));
            error = error.with_message(format!("{message}{}", self.after_retries()));
        }
        let error = error.by_rule(verdict.rule, failure);
        let retryable = error.failure() == FailureKind::Transient;
        error.retryable(retryable)
    }

    /// Has the token replaced, once.
    fn renew(&mut self) -> Step {
        self.renewed = true;
        Step::Token { refused: self.token.take().map(|token| token.serial()) }
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
        match self.policy.follow(&self.request.url, location) {
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
    fn refuse(&mut self, response: &Response, asked: Option<Duration>) -> Step {
        let repeatable = self.operation.idempotent || surely_not_processed(response);
        let repeated = if self.terms().is_transient(response.status) { self.repeat(response, repeatable, asked) } else { None };
        repeated.unwrap_or_else(|| self.fail(self.error(self.kind_of(response.status), response)))
    }

    /// Repeats a call that was answered, after a wait. None if it can not be, or has been often enough.
    fn repeat(&mut self, response: &Response, repeatable: bool, asked: Option<Duration>) -> Option<Step> {
        let terms = self.terms();
        if let Some(asked) = asked.filter(|asked| *asked > terms.max_delay()) {
            return Some(self.fail(self.too_long(response, asked)));
        }
        // A service that says when to come back is not one that repeated calls bring down.
        let goes_on = repeatable && self.retries < terms.max_retries() && (asked.is_some() || self.policy.pace.spend());
        goes_on.then(|| Step::Sleep(self.next_wait(asked)))
    }

    /// No response: repeats the call unless it may have been processed.
    fn lose(&mut self, fault: &TransportFault) -> Step {
        let repeatable = match fault.kind {
            TransportFaultKind::Connect | TransportFaultKind::ConnectTimeout => true,
            TransportFaultKind::Timeout | TransportFaultKind::Broken => self.operation.idempotent,
            TransportFaultKind::TooLarge | TransportFaultKind::Invalid => false,
        };
        if repeatable && self.retries < self.terms().max_retries() && self.policy.pace.spend() {
            return Step::Sleep(self.next_wait(None));
        }
        let kind = match fault.kind {
            TransportFaultKind::Connect | TransportFaultKind::Broken => ErrorKind::Transport,
            TransportFaultKind::ConnectTimeout | TransportFaultKind::Timeout => ErrorKind::Timeout,
            TransportFaultKind::TooLarge => ErrorKind::TooLarge,
            TransportFaultKind::Invalid => ErrorKind::Config,
        };
        let message = format!("{}{}", self.mask(&fault.message), self.after_retries());
        let error = Error::new(kind, message);
        let went_out =
            !matches!(fault.kind, TransportFaultKind::Connect | TransportFaultKind::ConnectTimeout | TransportFaultKind::Invalid);
        self.fail(if went_out { error.unanswered() } else { error })
    }

    fn next_wait(&mut self, asked: Option<Duration>) -> Duration {
        let wait = asked.unwrap_or_else(|| self.terms().back_off(self.retries));
        self.retries += 1;
        wait
    }

    fn kind_of(&self, status: u16) -> ErrorKind {
        match status {
            _ if self.refusal == ErrorKind::Auth => ErrorKind::Auth,
            401 => ErrorKind::Auth,
            429 => ErrorKind::RateLimited,
            200..=299 => ErrorKind::Refused,
            _ => self.refusal,
        }
    }

    fn error(&self, kind: ErrorKind, response: &Response) -> Error {
        let error = problem::error(kind, response, &|text| self.mask(text));
        let message = format!("{}{}", error.message(), self.after_retries());
        let retryable = self.terms().is_transient(response.status) || response.status == 429;
        error.with_message(message).retryable(retryable)
    }

    fn too_long(&self, response: &Response, asked: Duration) -> Error {
        let message = format!(
            "the service asks to wait {} s, which is longer than the longest delay of {} s",
            asked.as_secs(),
            self.terms().max_delay().as_secs(),
        );
        self.error(ErrorKind::RateLimited, response).with_message(message)
    }

    /// Takes out the client's secrets, its tokens among them.
    fn mask(&self, text: &str) -> String {
        self.policy.secrets.mask(text)
    }

    fn after_retries(&self) -> String {
        match self.retries {
            0 => String::new(),
            1 => " (after 1 retry)".to_owned(),
            retries => format!(" (after {retries} retries)"),
        }
    }

    fn fail(&self, error: Error) -> Step {
        Step::Done(Err(error.in_operation(self.operation.name)))
    }
}

/// Whether a response says that the service has not looked at the request.
fn surely_not_processed(response: &Response) -> bool {
    response.status == 429 || (response.status == 503 && response.headers.get("retry-after").is_some())
}
