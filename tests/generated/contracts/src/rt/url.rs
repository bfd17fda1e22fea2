//! Absolute `http` and `https` addresses: parsed, resolved against each other, and given queries.
//!
//! Small on purpose: what a client of one API needs, and nothing about other schemes, international host names or forms of
//! addresses that only browsers accept. An address that a server sent is kept as it came, byte for byte, except for bytes that
//! can not be sent at all.

use std::fmt;
use std::net::Ipv6Addr;

/// An absolute `http` or `https` address, without user info and without a fragment.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Url {
    /// The address as it is sent: host in lower case, no default port, a path of at least `/`.
    text: String,
    https: bool,
    /// The end of the host in `text`; it starts after the scheme.
    host_end: usize,
    port: u16,
    /// Where the path starts in `text`.
    path: usize,
}

/// Why a text is no [`Url`]. It does not repeat the text, which may hold a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UrlError(&'static str);

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for UrlError {}

impl Url {
    /// Reads an absolute address.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlError("it is no absolute address"))?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(UrlError("it is no `http` or `https` address")),
        };
        let rest = without_fragment(rest);
        let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = split_authority(authority)?;
        let port = match port {
            Some(digits) => parse_port(digits)?,
            None => default_port(https),
        };

        let mut text = String::with_capacity(text.len() + 1);
        text.push_str(if https { "https://" } else { "http://" });
        text.push_str(&host.to_ascii_lowercase());
        let host_end = text.len();
        if port != default_port(https) {
            text.push(':');
            text.push_str(&port.to_string());
        }
        let path = text.len();
        if !tail.starts_with('/') {
            text.push('/');
        }
        push_as_is(&mut text, tail)?;
        Ok(Self { text, https, host_end, port, path })
    }

    /// Resolves a reference as RFC 3986, section 5.2 says. An absolute one is taken as it is.
    pub fn resolve(&self, reference: &str) -> Result<Self, UrlError> {
        let reference = without_fragment(reference.trim_ascii());
        if has_scheme(reference) {
            return Self::parse(reference);
        }
        if let Some(authority) = reference.strip_prefix("//") {
            return Self::parse(&format!("{}//{authority}", self.scheme_and_colon()));
        }
        if reference.is_empty() {
            return Ok(self.clone());
        }
        let (path, query) = reference.split_at(reference.find('?').unwrap_or(reference.len()));
        let path = match path {
            "" => self.path().to_owned(),
            absolute if absolute.starts_with('/') => without_dot_segments(absolute),
            relative => {
                let folder = self.path().rfind('/').map_or("/", |slash| &self.path()[..=slash]);
                without_dot_segments(&format!("{folder}{relative}"))
            }
        };
        self.with_path_and_query(&format!("{path}{query}"))
    }

    /// The same scheme, host and port with another path and query, which starts with `/`.
    pub fn with_path_and_query(&self, path_and_query: &str) -> Result<Self, UrlError> {
        let mut text = self.text[..self.path].to_owned();
        if !path_and_query.starts_with('/') {
            text.push('/');
        }
        push_as_is(&mut text, without_fragment(path_and_query))?;
        Ok(Self { text, ..*self })
    }

    /// Appends a query parameter, percent-encoded.
    pub fn push_query(&mut self, name: &str, value: &str) {
        self.push_encoded_query(name, &encoded(value));
    }

    /// Appends a query parameter whose value is percent-encoded already.
    pub fn push_encoded_query(&mut self, name: &str, value: &str) {
        self.text.push(if self.query().is_some() { '&' } else { '?' });
        encode(&mut self.text, name);
        self.text.push('=');
        self.text.push_str(value);
    }

    /// Whether the scheme is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host in lower case; an IPv6 address is in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.text[self.scheme_and_colon().len() + 2..self.host_end]
    }

    /// Whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        let address = host.parse::<std::net::IpAddr>();
        address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
    }

    /// The port, also where it is the scheme's own.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the port is the scheme's own, so that the address does not name it.
    #[must_use]
    pub fn has_default_port(&self) -> bool {
        self.port == default_port(self.https)
    }

    /// The host, and the port where it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.text[self.scheme_and_colon().len() + 2..self.path]
    }

    /// The path, as it is sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query().split('?').next().unwrap_or("/")
    }

    /// The query, as it is sent, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.path_and_query().split_once('?').map(|(_, query)| query)
    }

    /// The path and the query, as they are sent.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.text[self.path..]
    }

    /// Whether scheme, host and port are the same.
    #[must_use]
    pub fn same_origin(&self, other: &Self) -> bool {
        self.text[..self.path] == other.text[..other.path]
    }

    /// The whole address, as it is sent. Its query may hold a credential.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address without its query, for messages.
    #[must_use]
    pub fn without_query(&self) -> String {
        self.text.split('?').next().unwrap_or_default().to_owned()
    }

    fn scheme_and_colon(&self) -> &'static str {
        if self.https { "https:" } else { "http:" }
    }
}

/// Shows the query as well: for what is sent, not for messages.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Leaves the query out: it may hold a credential.
impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Url").field(&self.without_query()).finish()
    }
}

/// Appends a text percent-encoded: everything but letters, digits and `-._~`. Right for a path segment, a query and a form.
pub fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            push_percent(out, byte);
        }
    }
}

/// A text percent-encoded, as [`encode`] does it.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode(&mut out, text);
    out
}

fn push_percent(out: &mut String, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(HEX[usize::from(byte >> 4)]));
    out.push(char::from(HEX[usize::from(byte & 15)]));
}

/// Appends a path or query as it is, but for bytes that no request line can carry.
fn push_as_is(out: &mut String, text: &str) -> Result<(), UrlError> {
    for byte in text.bytes() {
        match byte {
            0..=0x1f | 0x7f => return Err(UrlError("it holds a control character")),
            b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x80.. => push_percent(out, byte),
            _ => out.push(char::from(byte)),
        }
    }
    Ok(())
}

fn without_fragment(text: &str) -> &str {
    text.split('#').next().unwrap_or_default()
}

/// Whether a reference starts with a scheme, so that it is absolute: a colon before any slash or question mark.
fn has_scheme(reference: &str) -> bool {
    reference.find([':', '/', '?']).is_some_and(|at| reference[at..].starts_with(':'))
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

fn parse_port(digits: &str) -> Result<u16, UrlError> {
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| all_digits && *port != 0).ok_or(UrlError("its port is no number from 1 to 65535"))
}

/// Splits `host:port`. Whatever could make two readers see two hosts is refused.
fn split_authority(authority: &str) -> Result<(&str, Option<&str>), UrlError> {
    if authority.contains('@') {
        return Err(UrlError("it holds a user name or password"));
    }
    let host_end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']').ok_or(UrlError("its IPv6 address has no `]`"))? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(host_end);
    check_host(host)?;
    match port.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if port.is_empty() => Ok((host, None)),
        None => Err(UrlError("its host is malformed")),
    }
}

fn check_host(host: &str) -> Result<(), UrlError> {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().map(|_| ()).map_err(|_| UrlError("its IPv6 address is malformed"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if host.is_empty() {
        Err(UrlError("it has no host"))
    } else if host.bytes().all(plain) {
        Ok(())
    } else {
        Err(UrlError("its host is malformed"))
    }
}

/// RFC 3986, section 5.2.4, for a path that starts with a slash.
fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                // The folder itself stays: `/a/b/..` is `/a/`.
                if is_last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}
