//! Where a client may go: its base address, the hosts that links may lead to, and what follows from that.

use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::message::Headers;
use crate::rt::url::Url;

/// The places a client may go to.
#[derive(Clone, Debug)]
pub struct Origins {
    base: Url,
    declared: Url,
    allowed_hosts: Vec<String>,
    credential_hosts: Vec<String>,
}

impl Origins {
    /// `declared` is the base address as the spec has it, `base` the one in use: another if the caller overrides it.
    /// `allowed_hosts` are further hosts that links may lead to, each with a port where it is not the scheme's own. A `*` in the
    /// place of a label is any one label: `*.example.com` is `a.example.com`, and neither `example.com` nor `b.a.example.com`.
    #[must_use]
    pub fn new(base: Url, declared: Url, allowed_hosts: Vec<String>) -> Self {
        Self { base, declared, allowed_hosts: lowercase(allowed_hosts), credential_hosts: Vec::new() }
    }

    /// The same, where further hosts are the API's own: credentials go there too, over https.
    #[must_use]
    pub fn trusting(self, credential_hosts: Vec<String>) -> Self {
        Self { credential_hosts: lowercase(credential_hosts), ..self }
    }

    /// The base address in use.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Whether an address is at the base's origin.
    #[must_use]
    pub fn is_home(&self, url: &Url) -> bool {
        self.base.same_origin(url)
    }

    /// Whether an address may see credentials: at the base's origin, or with https at a host that the spec calls the API's own.
    #[must_use]
    pub fn is_own(&self, url: &Url) -> bool {
        self.is_home(url) || (url.is_https() && self.credential_hosts.iter().any(|host| host == url.authority()))
    }

    /// Whether an address may do without https: if it is at a base that does, or if the spec's own base does.
    #[must_use]
    pub fn may_be_plain(&self, url: &Url) -> bool {
        self.is_home(url) || !self.declared.is_https()
    }

    /// An address of the service, at the base in use.
    ///
    /// Services behind a proxy write links with the wrong scheme, and know nothing of an override: what leads to the base's host,
    /// or to the declared one, is taken to the base in use. Everything else stays where it is.
    #[must_use]
    pub fn at_home(&self, url: Url) -> Url {
        if self.is_home(&url) {
            return url;
        }
        if same_site(&url, &self.base) {
            return self.base.with_path_and_query(url.path_and_query()).unwrap_or(url);
        }
        if same_site(&url, &self.declared) {
            let prefix = self.declared.path().trim_end_matches('/');
            let moved = match url.path_and_query().strip_prefix(prefix) {
                Some(rest) if rest.is_empty() || rest.starts_with(['/', '?']) => {
                    format!("{}{rest}", self.base.path().trim_end_matches('/'))
                }
                _ => url.path_and_query().to_owned(),
            };
            return self.base.with_path_and_query(&moved).unwrap_or(url);
        }
        url
    }

    /// Where an address is that the spec itself names: at the base in use, or at a host of its own.
    ///
    /// A caller who puts the base onto this machine has a test server there, which stands for every host of the service: nothing
    /// that such a client sends, and no secret, leaves the machine.
    #[must_use]
    pub fn named(&self, url: Url) -> Url {
        let url = self.at_home(url);
        let is_tested = self.base.is_loopback() && !self.declared.is_loopback();
        if is_tested && !url.is_loopback() {
            return self.base.with_path_and_query(url.path_and_query()).unwrap_or(url);
        }
        url
    }

    /// The address that a link or redirect of the service leads to, if it is one that may be followed.
    pub fn follow(&self, current: &Url, link: &str) -> Result<Url> {
        let url = current.resolve(link).map_err(|why| {
            Error::new(ErrorKind::Origin, format!("a link of `{}` can not be followed: {why}", current.without_query()))
        })?;
        let url = self.at_home(url);
        if self.is_home(&url) {
            return Ok(url);
        }
        if !self.allows(&url) {
            let message = format!(
                "a link of `{}` leads to the host `{}`, which is not allowed; `allowed_hosts` in the spec can allow it",
                current.without_query(),
                url.authority(),
            );
            return Err(Error::new(ErrorKind::Origin, message));
        }
        if !url.is_https() && (self.base.is_https() || current.is_https()) {
            let message = format!("a link of `{}` leads from https to http", current.without_query());
            return Err(Error::new(ErrorKind::Origin, message));
        }
        Ok(url)
    }
}

impl Origins {
    /// Whether a host is one of those that the spec allows besides the base's.
    fn allows(&self, url: &Url) -> bool {
        self.is_own(url) || self.allowed_hosts.iter().any(|pattern| matches(pattern, url.authority()))
    }

    /// The address that a login's answer names for requests: at the base's own origin, or with https at a host that is allowed.
    pub fn home_from_answer(&self, text: &str) -> Result<Url> {
        let refused =
            |why: String| Error::new(ErrorKind::Origin, format!("the login's answer names the address of requests, {why}"));
        let url = Url::parse(text.trim()).map_err(|why| refused(format!("which can not be used: {why}")))?;
        if url.query().is_some() {
            return Err(refused("which can not be used: it has a query".to_owned()));
        }
        if self.is_home(&url) || self.declared.same_origin(&url) {
            return Ok(url);
        }
        if !self.allows(&url) {
            let host = url.authority();
            return Err(refused(format!("and its host `{host}` is not allowed; `allowed_hosts` in the spec can allow it")));
        }
        if !url.is_https() {
            return Err(refused("which must be `https`: credentials are sent there".to_owned()));
        }
        Ok(url)
    }

    /// The address at which a request is sent whose own address is at the base: the same place below `home`, which the login's
    /// answer named. A base that the caller overrides is where everything goes, whatever the service says.
    #[must_use]
    pub fn below(&self, home: &Url, url: &Url) -> Url {
        let is_overridden = !self.base.same_origin(&self.declared);
        if !self.is_home(url) || (is_overridden && !self.is_home(home)) {
            return url.clone();
        }
        let path = format!("{}{}", home.path().trim_end_matches('/'), url.path_and_query());
        home.with_path_and_query(&path).unwrap_or_else(|_| url.clone())
    }

    /// The reverse of [`Origins::below`]: an address of the service below `home`, as it is at the base.
    #[must_use]
    pub fn from_below(&self, home: &Url, url: Url) -> Url {
        let prefix = home.path().trim_end_matches('/');
        match url.path_and_query().strip_prefix(prefix) {
            Some(rest) if same_site(&url, home) && rest.starts_with('/') => self.base.with_path_and_query(rest).unwrap_or(url),
            _ => url,
        }
    }

    /// The address that a link leads to, as [`Origins::follow`] has it, where requests go below `home`.
    pub fn follow_below(&self, home: &Url, current: &Url, link: &str) -> Result<Url> {
        let current = self.below(home, current);
        match current.resolve(link) {
            Ok(url) => self.follow(&current, self.from_below(home, url).as_str()),
            Err(_) => self.follow(&current, link),
        }
    }
}

fn lowercase(hosts: Vec<String>) -> Vec<String> {
    hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect()
}

/// Whether a host, with its port, is what a pattern says.
fn matches(pattern: &str, host: &str) -> bool {
    let (mut labels, mut patterns) = (host.split('.'), pattern.split('.'));
    loop {
        match (labels.next(), patterns.next()) {
            (None, None) => return true,
            (Some(label), Some("*")) if !label.is_empty() && !label.contains(':') => {}
            (Some(label), Some(pattern)) if label == pattern => {}
            _ => return false,
        }
    }
}

/// The same host, and the same port unless the address leaves it to its scheme.
fn same_site(url: &Url, home: &Url) -> bool {
    url.host() == home.host() && (url.port() == home.port() || url.has_default_port())
}

/// Keeps the headers that any host may see. What a spec or a caller adds may be a credential under any name.
pub fn keep_public_headers(headers: &mut Headers) {
    const PUBLIC: [&str; 5] = ["accept", "accept-encoding", "accept-language", "content-type", "user-agent"];
    headers.keep(|name| PUBLIC.contains(&name));
}
