//! Logging a user in by a code (RFC 6749, section 4.1, with PKCE, RFC 7636), in the browser and over the loopback address.
//!
//! [`Login::begin`] gives the address to open; [`Login::wait`] waits for the browser to come back with a code; the client trades
//! the code for tokens and keeps the refresh token in its store.

use std::fmt;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, rand};

use crate::rt::auth::{Credentials, Scheme, Setup};
use crate::rt::core::Core;
use crate::rt::descriptor::Template;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::link_param::decoded;
use crate::rt::problem::one_line;
use crate::rt::refresh::RefreshToken;
use crate::rt::secret::{ExposeSecret, SecretString};
use crate::rt::url::Url;

/// How a user logs in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LoginOptions {
    /// The port that the browser comes back to, in place of the spec's. A service takes only those that it was told of.
    pub port: Option<u16>,
    /// How long the user has.
    pub timeout: Duration,
}

impl Default for LoginOptions {
    fn default() -> Self {
        Self { port: None, timeout: Duration::from_secs(300) }
    }
}

impl LoginOptions {
    /// With another port.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        Self { port: Some(port), ..self }
    }

    /// With another time to log in.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

/// Logs a user in: shows the address, waits for the browser, and keeps the refresh token.
///
/// # Errors
/// If nobody logs in in time, the service refuses, or the client was built for another login.
#[cfg(feature = "async")]
pub async fn log_in(
    core: &Core,
    login: &'static AuthorizationCode,
    options: LoginOptions,
    show: impl FnOnce(&str),
) -> Result<()> {
    let login = Login::begin(core, login, options.port)?;
    show(login.url());
    // The listener waits on a thread of its own.
    let waited = tokio::task::spawn_blocking(move || login.wait(options.timeout)).await;
    let granted = waited.map_err(|_| Error::new(ErrorKind::Config, "the runtime has ended the login"))??;
    core.redeem(granted).await
}

/// The same on this thread.
///
/// # Errors
/// If nobody logs in in time, the service refuses, or the client was built for another login.
#[cfg(feature = "blocking")]
pub fn log_in_blocking(
    core: &Core,
    login: &'static AuthorizationCode,
    options: LoginOptions,
    show: impl FnOnce(&str),
) -> Result<()> {
    let login = Login::begin(core, login, options.port)?;
    show(login.url());
    core.redeem_blocking(login.wait(options.timeout)?)
}

/// How long the listener rests when nobody comes.
const REST: Duration = Duration::from_millis(25);

/// No request of a browser that comes back is larger.
const LARGEST_REQUEST: usize = 16 << 10;

/// Access by a refresh token that a user comes by in the browser.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationCode {
    /// The token endpoint, and how refresh tokens are kept.
    pub refresh: RefreshToken,
    /// Where users log in.
    pub authorize_url: Template,
    /// What is sent there besides what the protocol has.
    pub params: &'static [(&'static str, Template)],
    /// The host that the browser comes back to: a name of this machine.
    pub redirect_host: &'static str,
    /// The port; 0 is any free one.
    pub redirect_port: u16,
    /// The path.
    pub redirect_path: &'static str,
}

impl AuthorizationCode {
    /// With a free port; a descriptor says only in what it differs.
    pub const DEFAULT: Self = Self {
        refresh: RefreshToken::DEFAULT,
        authorize_url: "",
        params: &[],
        redirect_host: "127.0.0.1",
        redirect_port: 0,
        redirect_path: "/callback",
    };
}

impl Scheme for AuthorizationCode {
    fn credentials(&'static self, setup: &mut Setup<'_>) -> Result<Option<Credentials>, String> {
        self.refresh.credentials(setup)
    }
}

/// A login that has begun: the address to open, and the listener that the browser comes back to.
pub struct Login {
    url: Url,
    redirect_uri: String,
    path: &'static str,
    state: SecretString,
    verifier: SecretString,
    listener: TcpListener,
}

impl Login {
    /// Begins a login. `port` takes the place of the spec's; a service takes only those that it was told of.
    ///
    /// # Errors
    /// If the port is taken, or an input makes no address.
    pub fn begin(core: &Core, login: &AuthorizationCode, port: Option<u16>) -> Result<Self> {
        let wrong = |what: &str, why: &dyn fmt::Display| Error::new(ErrorKind::Config, format!("{what}: {why}"));
        let port = port.unwrap_or(login.redirect_port);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|why| wrong(&format!("port {port} of 127.0.0.1 can not be listened on"), &why))?;
        let port = listener.local_addr().map_err(|why| wrong("the port can not be told", &why))?.port();
        let path = login.redirect_path;
        let redirect_uri = format!("http://{}:{port}{path}", login.redirect_host);

        let (state, verifier) = (random()?, random()?);
        let challenge = digest::digest(&digest::SHA256, verifier.as_bytes());
        let inputs = &core.inputs;
        let url = Url::parse(&inputs.expand(login.authorize_url).unwrap_or_default());
        let url = url.map_err(|why| wrong("the address where users log in can not be used", &why))?;
        let mut url = core.policy.origins.named(url);
        let client_id = inputs.expand(login.refresh.oauth2.client_id).unwrap_or_default();
        let mut params = vec![
            ("response_type", "code".to_owned()),
            ("client_id", client_id),
            ("redirect_uri", redirect_uri.clone()),
            ("state", state.clone()),
            ("code_challenge", URL_SAFE_NO_PAD.encode(challenge)),
            ("code_challenge_method", "S256".to_owned()),
        ];
        params.extend(login.params.iter().filter_map(|(name, value)| Some((*name, inputs.expand(value)?))));
        for (name, value) in params {
            url.push_query(name, &value);
        }
        Ok(Self { url, redirect_uri, path, state: state.into(), verifier: verifier.into(), listener })
    }

    /// The address at which the user logs in.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Waits, without doing anything else, for the browser to come back, and gives what the client trades for tokens.
    ///
    /// # Errors
    /// If the user is refused, or nobody comes in time.
    pub fn wait(self, timeout: Duration) -> Result<Vec<(&'static str, String)>> {
        let end = Instant::now().checked_add(timeout);
        while end.is_none_or(|end| Instant::now() < end) {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    if let Some(outcome) = self.serve(stream) {
                        let code = outcome.map_err(|why| Error::new(ErrorKind::Auth, why))?;
                        let verifier = self.verifier.expose_secret().to_owned();
                        return Ok(vec![("code", code), ("redirect_uri", self.redirect_uri), ("code_verifier", verifier)]);
                    }
                }
                // Nobody is there yet; and a connection that breaks before it is there is the browser's trouble, others come.
                Err(_) => std::thread::sleep(REST),
            }
        }
        Err(Error::new(ErrorKind::Timeout, format!("nobody logged in within {} s", timeout.as_secs())))
    }

    /// Answers a request. None if it is not the one that is waited for: other pages may call, and the browser asks for an icon.
    fn serve(&self, mut stream: TcpStream) -> Option<Result<String, String>> {
        let target = read_target(&mut stream)?;
        let outcome = self.outcome(&target);
        let (status, text) = match &outcome {
            None => ("404 Not Found", "There is nothing here."),
            Some(Ok(_)) => ("200 OK", "Logged in. You can close this window."),
            Some(Err(_)) => ("200 OK", "The login failed. You can close this window."),
        };
        let head = "content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncache-control: no-store";
        // Whether the browser hears of it does not matter any more.
        let _ = write!(stream, "HTTP/1.1 {status}\r\n{head}\r\ncontent-length: {}\r\n\r\n{text}", text.len());
        outcome
    }

    /// The code of an address that the browser asks for, or why there is none.
    fn outcome(&self, target: &str) -> Option<Result<String, String>> {
        let (path, query) = target.split_once('?')?;
        let param = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(held, _)| *held == name).map(|(_, value)| decoded(value))
        };
        // Whoever does not know the state did not come from the login that has begun.
        if path != self.path || param("state").as_deref() != Some(self.state.expose_secret()) {
            return None;
        }
        if let Some(error) = param("error") {
            let text = param("error_description").map(|text| format!(": {text}")).unwrap_or_default();
            return Some(Err(format!("the service refuses the login ({})", one_line(&format!("{error}{text}")))));
        }
        param("code").filter(|code| !code.is_empty()).map(Ok)
    }
}

/// The path and query of a request, once its head is there.
fn read_target(stream: &mut TcpStream) -> Option<String> {
    stream.set_nonblocking(false).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    stream.set_write_timeout(Some(Duration::from_secs(2))).ok()?;
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut piece).ok().filter(|count| *count > 0)?;
        head.extend_from_slice(piece.get(..count)?);
        if head.len() > LARGEST_REQUEST {
            return None;
        }
    }
    let text = String::from_utf8(head).ok()?;
    let mut words = text.lines().next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    (method == "GET").then(|| target.to_owned())
}

/// 32 random bytes as text.
fn random() -> Result<String> {
    let bytes = rand::generate::<[u8; 32]>(&rand::SystemRandom::new());
    let bytes = bytes.map_err(|_| Error::new(ErrorKind::Config, "there are no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes.expose()))
}

/// Shows where users log in, without the parameters.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("url", &self.url.without_query()).finish_non_exhaustive()
    }
}
