//! How a client is set up: its inputs are checked and its templates filled, once, so that every problem comes out together.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::rt::auth::{Credentials, Setup};
use crate::rt::content::is_supported;
use crate::rt::core::{Clock, Core, Extension, set_header};
use crate::rt::descriptor::{Api, Retry, Timeouts};
use crate::rt::drift::DriftLog;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::exchange::Policy;
use crate::rt::gate::Gate;
use crate::rt::inputs::Inputs;
use crate::rt::message::{Headers, Limits};
use crate::rt::origin::Origins;
use crate::rt::retry::{Jitter, Now, Pace, random};
use crate::rt::secret::{SecretString, Secrets};
use crate::rt::template::refers;
use crate::rt::token::TokenStore;
use crate::rt::url::Url;

/// Collects what a client needs.
pub struct CoreBuilder {
    api: &'static Api,
    given: BTreeMap<String, SecretString>,
    base_url: Option<String>,
    retry: Retry,
    timeouts: Timeouts,
    jitter: Jitter,
    gate: Option<Arc<dyn Gate>>,
    clock: Clock,
    token_store: Option<Arc<dyn TokenStore>>,
    extension: Option<Extension>,
    #[cfg(feature = "async")]
    transport: Option<Arc<dyn crate::rt::transport::Transport>>,
    #[cfg(feature = "blocking")]
    blocking_transport: Option<Arc<dyn crate::rt::transport::BlockingTransport>>,
}

impl CoreBuilder {
    /// With nothing given yet.
    #[must_use]
    pub fn new(api: &'static Api) -> Self {
        Self {
            api,
            given: BTreeMap::new(),
            base_url: None,
            retry: api.retry,
            timeouts: api.timeouts,
            jitter: Box::new(random),
            gate: None,
            clock: system_clock(),
            token_store: None,
            extension: None,
            #[cfg(feature = "async")]
            transport: None,
            #[cfg(feature = "blocking")]
            blocking_transport: None,
        }
    }

    /// Gives an input.
    #[must_use]
    pub fn input(mut self, name: &str, value: impl Into<String>) -> Self {
        self.given.insert(name.to_owned(), SecretString::from(value.into()));
        self
    }

    /// Gives an input that is held as a secret already.
    #[cfg(feature = "cli")]
    #[must_use]
    pub fn secret_input(mut self, name: &str, value: SecretString) -> Self {
        self.given.insert(name.to_owned(), value);
        self
    }

    /// The API's tables.
    #[must_use]
    pub fn api(&self) -> &'static Api {
        self.api
    }

    /// Takes the inputs that were not given from their environment variables.
    #[must_use]
    pub fn from_env(self) -> Self {
        self.from_variables(|name| std::env::var(name).ok())
    }

    /// Takes the inputs that were not given from variables that a function looks up.
    #[must_use]
    pub fn from_variables(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        for input in self.api.inputs.iter().filter(|input| !self.given.contains_key(input.name)).collect::<Vec<_>>() {
            if let Some(value) = variable(input.env) {
                self.given.insert(input.name.to_owned(), value.into());
            }
        }
        self
    }

    /// Puts another base address in the place of the spec's: a proxy, a test server. The token address, and links of the
    /// service, move along where they are at the spec's host; to a base on this machine, every address that the spec names moves.
    /// `http` is allowed.
    #[must_use]
    pub fn base_url(mut self, text: impl Into<String>) -> Self {
        self.base_url = Some(text.into());
        self
    }

    /// Puts another retry policy in the place of the spec's.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Puts other timeouts in the place of the spec's.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Holds requests to rate limits.
    #[must_use]
    pub fn gate(mut self, gate: impl Gate + 'static) -> Self {
        self.gate = Some(Arc::new(gate));
        self
    }

    /// Leaves rate limits to the service: for a server of one's own.
    #[must_use]
    pub fn without_gate(mut self) -> Self {
        self.gate = None;
        self
    }

    /// Puts another source of jitter in the place of the random one, for tests.
    #[must_use]
    pub fn jitter(mut self, jitter: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.jitter = Box::new(jitter);
        self
    }

    /// Puts another clock in the place of the system's, for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Now + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Keeps refresh tokens in a store, from which they are read before the input.
    #[must_use]
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.token_store = Some(store);
        self
    }

    /// Keeps a value of the program's own in the client.
    #[must_use]
    pub fn extension(mut self, value: impl Any + Send + Sync) -> Self {
        self.extension = Some(Box::new(value));
        self
    }

    /// Sends the requests of asynchronous calls through another transport.
    #[cfg(feature = "async")]
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn crate::rt::transport::Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sends the requests of blocking calls through another transport.
    #[cfg(feature = "blocking")]
    #[must_use]
    pub fn blocking_transport(mut self, transport: Arc<dyn crate::rt::transport::BlockingTransport>) -> Self {
        self.blocking_transport = Some(transport);
        self
    }

    /// Makes the client. The error names every input that is missing or malformed.
    pub fn build(self) -> Result<Arc<Core>> {
        let mut problems = Vec::new();
        let base_url = self.base_url.as_deref().and_then(|text| noting(&mut problems, base(text)));
        let inputs = Inputs::resolve(self.api.inputs, &self.given, &mut problems);
        // What is made from the inputs would only repeat what is wrong with them.
        let parts =
            if problems.is_empty() { noting(&mut problems, parts(self.api, &inputs, base_url, self.token_store)) } else { None };
        let Some(parts) = parts else {
            return Err(Error::new(ErrorKind::Config, problems.join("; ")));
        };
        Ok(Arc::new(Core {
            api: self.api,
            headers: parts.headers,
            policy: Policy {
                origins: parts.origins,
                credentials: parts.credentials,
                secret_headers: parts.secret_headers,
                pace: Pace::new(self.retry, self.jitter),
                gate: self.gate,
                secrets: parts.secrets,
            },
            inputs,
            limits: Limits { timeouts: self.timeouts, max_response_bytes: self.api.max_response_bytes },
            clock: self.clock,
            extension: self.extension,
            drift: DriftLog::default(),
            #[cfg(feature = "cli")]
            activity: crate::rt::activity::Activity::default(),
            #[cfg(feature = "async")]
            driver: crate::rt::driver::Driver::new(self.transport, &self.timeouts)?,
            #[cfg(feature = "blocking")]
            blocking_driver: crate::rt::blocking_driver::BlockingDriver::new(self.blocking_transport),
        }))
    }
}

/// Shows the names of what was given.
impl fmt::Debug for CoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs: Vec<_> = self.given.keys().collect();
        f.debug_struct("CoreBuilder").field("api", &self.api.name).field("inputs", &inputs).finish_non_exhaustive()
    }
}

/// What is made from the inputs.
struct Made {
    origins: Origins,
    credentials: Credentials,
    headers: Headers,
    secret_headers: Vec<(&'static str, SecretString)>,
    secrets: Secrets,
}

fn parts(api: &'static Api, inputs: &Inputs, base_url: Option<Url>, store: Option<Arc<dyn TokenStore>>) -> Result<Made, String> {
    let declared = base(&inputs.expand(api.base_url).unwrap_or_default())?;
    let hosts = |templates: &[&'static str]| templates.iter().filter_map(|host| inputs.expand(host)).collect();
    let origins = Origins::new(base_url.unwrap_or_else(|| declared.clone()), declared, hosts(api.allowed_hosts))
        .trusting(hosts(api.credential_hosts));

    let mut secrets = Secrets::default();
    inputs.secrets().for_each(|secret| secrets.add(secret));
    let mut setup = Setup { inputs, origins: &origins, secrets: &mut secrets, store };
    let credentials = setup.credentials(&api.auth)?;

    let mut headers = Headers::default();
    headers.push("accept", "application/json");
    headers.push("user-agent", user_agent(api));
    let encodings: Vec<&str> = api.compression.iter().copied().filter(|name| is_supported(name)).collect();
    if !encodings.is_empty() {
        headers.push("accept-encoding", encodings.join(", "));
    }
    let mut secret_headers = Vec::new();
    for (name, template) in api.headers {
        let Some(value) = inputs.expand(template) else { continue };
        let mut checked = Headers::default();
        let secret = refers(template, |input| inputs.is_secret(input));
        set_header(if secret { &mut checked } else { &mut headers }, name, value.clone())
            .map_err(|error| error.message().to_owned())?;
        if secret {
            secret_headers.push((*name, value.into()));
        }
    }
    Ok(Made { origins, credentials, headers, secret_headers, secrets })
}

/// A base address, which paths are appended to.
fn base(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|why| format!("the base address can not be used: {why}"))?;
    if url.query().is_some() {
        return Err("the base address can not be used: it has a query".to_owned());
    }
    Ok(url)
}

fn noting<T>(problems: &mut Vec<String>, result: Result<T, String>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

fn user_agent(api: &Api) -> String {
    match api.version {
        "" => format!("{}-connector", api.name),
        version => format!("{}-connector/{version}", api.name),
    }
}

fn system_clock() -> Clock {
    let start = Instant::now();
    Box::new(move || Now {
        elapsed: start.elapsed(),
        // A clock before 1970 makes moments in headers useless, not the client.
        unix: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO),
    })
}
