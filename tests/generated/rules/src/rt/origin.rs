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
}

impl Origins {
    /// `declared` is the base address as the spec has it, `base` the one in use: another if the caller overrides it.
    /// `allowed_hosts` are further hosts that links may lead to, each with a port where it is not the scheme's own.
    #[must_use]
    pub fn new(base: Url, declared: Url, allowed_hosts: Vec<String>) -> Self {
        let allowed_hosts = allowed_hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect();
        Self { base, declared, allowed_hosts }
    }

    /// The base address in use.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Whether an address is at the base's origin: the only place that credentials are sent to.
    #[must_use]
    pub fn is_home(&self, url: &Url) -> bool {
        self.base.same_origin(url)
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

    /// The address that a link or redirect of the service leads to, if it is one that may be followed.
    pub fn follow(&self, current: &Url, link: &str) -> Result<Url> {
        let url = current.resolve(link).map_err(|why| {
            Error::new(ErrorKind::Origin, format!("a link of `{}` can not be followed: {why}", current.without_query()))
        })?;
        let url = self.at_home(url);
        if self.is_home(&url) {
            return Ok(url);
        }
        if !self.allowed_hosts.iter().any(|host| host == url.authority()) {
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

/// The same host, and the same port unless the address leaves it to its scheme.
fn same_site(url: &Url, home: &Url) -> bool {
    url.host() == home.host() && (url.port() == home.port() || url.has_default_port())
}

/// Keeps the headers that any host may see. What a spec or a caller adds may be a credential under any name.
pub fn keep_public_headers(headers: &mut Headers) {
    const PUBLIC: [&str; 5] = ["accept", "accept-encoding", "accept-language", "content-type", "user-agent"];
    headers.keep(|name| PUBLIC.contains(&name));
}
