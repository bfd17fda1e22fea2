//! What all clones of a client share, and how an operation and its arguments become a request.

use std::any::Any;
use std::fmt;

use crate::rt::args::Args;
use crate::rt::body::{self, Body, Given};
use crate::rt::descriptor::{Api, BodyEncoding, Location, Operation, Param, Resource};
use crate::rt::drift::{Drift, DriftLog};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::exchange::Policy;
use crate::rt::inputs::Inputs;
use crate::rt::message::{Headers, Limits, Request};
use crate::rt::origin::keep_public_headers;
use crate::rt::retry::Now;
use crate::rt::sent::Sent;
use crate::rt::tally::Tally;
use crate::rt::template::{Part, Parts, expand};
use crate::rt::url::{Url, encode};

pub use crate::rt::builder::CoreBuilder;

/// Tells the moment.
pub type Clock = Box<dyn Fn() -> Now + Send + Sync>;

/// A value of the program's own that a client keeps.
pub type Extension = Box<dyn Any + Send + Sync>;

/// A client: its API, what it was given, and what its calls share.
pub struct Core {
    pub(crate) api: &'static Api,
    pub(crate) inputs: Inputs,
    pub(crate) policy: Policy,
    /// The headers of every request, but for those that hold a secret.
    pub(crate) headers: Headers,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) extension: Option<Extension>,
    pub(crate) drift: DriftLog,
    /// What its calls are at.
    #[cfg(feature = "cli")]
    pub(crate) activity: crate::rt::activity::Activity,
    /// What sends the requests of asynchronous calls, and the turn to fetch a token.
    #[cfg(feature = "async")]
    pub(crate) driver: crate::rt::driver::Driver,
    /// What sends the requests of blocking calls, and the turn to fetch a token.
    #[cfg(feature = "blocking")]
    pub(crate) blocking_driver: crate::rt::blocking_driver::BlockingDriver,
}

impl Core {
    /// The API's tables.
    #[must_use]
    pub fn api(&self) -> &'static Api {
        self.api
    }

    /// The address in use that every path is appended to.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        self.policy.origins.base()
    }

    /// The value of an input, with its default; none if it is absent.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&str> {
        self.inputs.get(name)
    }

    /// The value of the program's own that the client keeps, if it is of this type.
    #[must_use]
    pub fn extension<T: Any>(&self) -> Option<&T> {
        self.extension.as_ref()?.downcast_ref()
    }

    /// The request of an operation, without credentials.
    ///
    /// Arguments fill the operation's parameters by their name on the wire, and the holes of its templates. Any others, such as
    /// those of a paginator, go into the query.
    pub fn prepare(&self, operation: &Operation, args: &Args) -> Result<Request> {
        let values = Values { inputs: &self.inputs, operation, args };
        let prepare = || {
            let mut url = self.address(&values)?;
            for (name, value) in values.located(Location::Query, encode)? {
                url.push_encoded_query(&name, &value);
            }
            for (name, value) in values.extra() {
                url.push_query(name, value);
            }
            self.compose(&values, url)
        };
        prepare().map_err(|error| error.in_operation(operation.name))
    }

    /// The request of an operation at an address that a service gave, which is taken as it is. Credentials are not added here.
    pub fn prepare_at(&self, operation: &Operation, args: &Args, url: Url) -> Result<Request> {
        let is_own = self.policy.origins.is_own(&url);
        let values = Values { inputs: &self.inputs, operation, args };
        let mut request = self.compose(&values, url).map_err(|error| error.in_operation(operation.name))?;
        if !is_own {
            keep_public_headers(&mut request.headers);
        }
        Ok(request)
    }

    /// The address that a link of the service leads to: resolved against the page it stands in, taken to the base's own scheme
    /// and origin where it is the same host, and refused if it leads to a host that is not allowed or from https to http.
    pub fn follow(&self, current: &Url, link: &str) -> Result<Url> {
        self.policy.follow(current, link)
    }

    /// Where tokens come from.
    #[cfg(any(feature = "async", feature = "blocking"))]
    pub(crate) fn token_source(&self) -> Result<&crate::rt::token::TokenSource> {
        self.policy.credentials.source().ok_or_else(|| Error::new(ErrorKind::Auth, "this client has no tokens"))
    }

    /// Adds what was counted of a resource's records that are not as their schema says.
    pub fn note_drift(&self, resource: &Resource, tally: &Tally) {
        self.drift.add(resource, tally, &self.policy.secrets);
    }

    /// Where the records that were read so far are not as the schemas say.
    #[must_use]
    pub fn drift(&self) -> Drift {
        self.drift.report(self.api.name)
    }

    /// The same; counting begins anew.
    #[must_use]
    pub fn take_drift(&self) -> Drift {
        self.drift.take(self.api.name)
    }

    /// A text that came from outside, with the client's secrets masked.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        self.policy.secrets.mask(text)
    }

    /// What a transport keeps to.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The moment, by the client's clock.
    #[must_use]
    pub fn now(&self) -> Now {
        (self.clock)()
    }

    /// The address of an operation without its parameters.
    fn address(&self, values: &Values<'_>) -> Result<Url> {
        let path = values.operation.path;
        let absolute = path.starts_with("https://") || path.starts_with("http://") || values.starts_with_url(path);
        let mut text = String::new();
        if !absolute {
            text.push_str(self.base_url().as_str().trim_end_matches('/'));
            if !path.is_empty() && !path.starts_with('/') {
                text.push('/');
            }
        }
        for part in Parts::of(path) {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Hole(name) if absolute && in_authority(&text) => text.push_str(self.inputs.get(name).unwrap_or_default()),
                Part::Hole(name) => text.push_str(&values.segment(name)?),
            }
        }
        let url = Url::parse(&text).map_err(|why| config(format!("the address can not be used: {why}")))?;
        Ok(if absolute { self.policy.origins.named(url) } else { url })
    }

    /// Adds headers and body.
    fn compose(&self, values: &Values<'_>, url: Url) -> Result<Request> {
        let operation = values.operation;
        let mut headers = self.headers.clone();
        for (name, template) in operation.headers {
            if let Some(value) = values.expand(template) {
                set_header(&mut headers, name, value)?;
            }
        }
        for (name, value) in values.located(Location::Header, String::push_str)? {
            set_header(&mut headers, &name, value)?;
        }
        for (name, value) in values.args.headers() {
            set_header(&mut headers, name, value.clone())?;
        }
        let cookies = values.located(Location::Cookie, cookie)?;
        let cookies: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            set_header(&mut headers, "cookie", cookies.join("; "))?;
        }
        let body = match values.body()? {
            Some((content_type, body)) => {
                // An operation may name a media type of its own, such as a vendor's kind of JSON.
                if !operation.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                    headers.set("content-type", content_type);
                }
                body
            }
            None => Vec::new(),
        };
        Ok(Request { method: operation.method, url, headers, body })
    }
}

/// Names the API and the base address: everything else may be, or hold, a secret.
impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("api", &self.api.name).field("base_url", self.base_url()).finish_non_exhaustive()
    }
}

/// Where the values of a request come from.
struct Values<'a> {
    inputs: &'a Inputs,
    operation: &'a Operation,
    args: &'a Args,
}

impl<'a> Values<'a> {
    /// What fills a hole: an argument, or else an input.
    fn hole(&self, name: &str) -> Option<&'a str> {
        self.args.hole(name).or_else(|| self.inputs.get(name))
    }

    fn expand(&self, template: &str) -> Option<String> {
        expand(template, |name| self.hole(name))
    }

    /// What a parameter sends: what the caller set, or else the default of the spec.
    fn sent(&self, param: &Param) -> Result<Vec<Sent>> {
        let mut parts: Vec<String> = self.args.all(param.key).map(str::to_owned).collect();
        if parts.is_empty() {
            parts.extend(param.value.and_then(|template| self.expand(template)));
        }
        match (parts.is_empty(), param.spread) {
            (true, _) if param.required => Err(config(format!("the parameter `{}` is required", param.name))),
            (true, _) => Ok(Vec::new()),
            (false, Some(spread)) => spread
                .spread(param.name, &parts.concat())
                .map_err(|fault| config(format!("the parameter `{}` can not be sent: {}", param.name, fault.message()))),
            (false, None) if param.joints.is_some() => Ok(vec![Sent { name: param.name.to_owned(), parts }]),
            (false, None) => Ok(parts.into_iter().map(|part| Sent::new(param.name, part)).collect()),
        }
    }

    /// The parameters of one place that have a value, in order, with their parts written by `write`.
    fn located(&self, location: Location, write: fn(&mut String, &str)) -> Result<Vec<(String, String)>> {
        let sends = |param: &&Param| location != Location::Query || self.args.sends(param.name);
        let mut located = Vec::new();
        for param in self.operation.params.iter().filter(|param| param.location == location).filter(sends) {
            for sent in self.sent(param)? {
                let text = sent.text(param.joints, write);
                located.push((sent.name, text));
            }
        }
        Ok(located)
    }

    /// The body's media type and the body, if there is one.
    fn body(&self) -> Result<Option<(String, Vec<u8>)>> {
        match self.operation.body {
            Body::Json(document) => {
                let text = document.text(&|name| self.body_hole(name), self.args.body())?;
                Ok(Some(("application/json".to_owned(), text.into_bytes())))
            }
            Body::Form => {
                let fields = self.located(Location::Body, String::push_str)?;
                let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let (media_type, text) = body::encode(BodyEncoding::Form, pairs);
                Ok((!fields.is_empty()).then(|| (media_type.to_owned(), text.into_bytes())))
            }
            Body::Given(Given { media_type, render }) => match (self.args.given(), render) {
                (None, _) => Ok(None),
                (Some(bytes), None) => Ok(Some((media_type.to_owned(), bytes.to_vec()))),
                (Some(json), Some(render)) => {
                    let body = render.render(json)?;
                    Ok(Some((media_type.to_owned() + &body.parameters, body.bytes)))
                }
            },
        }
    }

    /// What fills a hole of a JSON body: a parameter in the body, or what fills any other hole.
    fn body_hole(&self, name: &str) -> Result<Option<String>> {
        self.param_or_hole(name, Location::Body, String::push_str)
    }

    /// The value of a parameter of this name at a place, or else what fills a hole of this name.
    fn param_or_hole(&self, name: &str, location: Location, write: fn(&mut String, &str)) -> Result<Option<String>> {
        let param = self.operation.params.iter().find(|param| param.name == name && param.location == location);
        Ok(match param {
            Some(param) => self.sent(param)?.first().map(|sent| sent.text(param.joints, write)),
            None => self.hole(name).map(|value| Sent::new(name, value.to_owned()).text(None, write)),
        })
    }

    /// The arguments that are neither parameters nor fill a hole.
    fn extra(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.args
            .params()
            .filter(|(name, _)| self.args.sends(name))
            .filter(|(name, _)| !self.operation.params.iter().any(|param| param.key == *name) && !self.operation.refers_to(name))
    }

    /// The value of a hole in the path, percent-encoded. One that would change which resource the path names is refused.
    fn segment(&self, name: &str) -> Result<String> {
        let value = self.param_or_hole(name, Location::Path, encode)?;
        match value.as_deref() {
            None | Some("") => Err(config(format!("the path needs a value for `{name}`"))),
            Some("." | "..") => Err(config(format!("the value of `{name}` can not stand in a path"))),
            Some(_) => Ok(value.unwrap_or_default()),
        }
    }

    /// Whether a path starts with an input that is an address.
    fn starts_with_url(&self, path: &str) -> bool {
        matches!(Parts::of(path).next(), Some(Part::Hole(name)) if self.inputs.is_url(name))
    }
}

/// Whether an absolute address that is being written has come no further than its host.
fn in_authority(text: &str) -> bool {
    text.split_once("://").is_none_or(|(_, rest)| !rest.contains('/'))
}

/// Sets a header, if it is one that can be sent. The message does not show the value, which may be a secret.
pub(crate) fn set_header(headers: &mut Headers, name: &str, value: String) -> Result<()> {
    let name_fits =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    let value_fits = !value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t');
    if !(name_fits && value_fits) {
        return Err(config(format!("the header `{}` holds a character that can not be sent", name.escape_default())));
    }
    headers.set(name, value);
    Ok(())
}

/// Appends the value of a cookie: what can not stand in one (RFC 6265, section 4.1.1) is percent-encoded, and so is the percent
/// sign.
fn cookie(out: &mut String, value: &str) {
    for c in value.chars() {
        if c.is_ascii_graphic() && !matches!(c, '"' | ',' | ';' | '\\' | '%') {
            out.push(c);
        } else {
            encode(out, c.encode_utf8(&mut [0; 4]));
        }
    }
}

fn config(message: String) -> Error {
    Error::new(ErrorKind::Config, message)
}
