//! The static tables that describe an API: what the generator writes and the runtime executes.
//!
//! A new operation adds a row, not code. One descriptor serves request building, paging, error text and documentation.
//!
//! A [`Template`] is a text with holes: `{domain}` is an input of the connector, `{id}` in a path an argument or a binding of
//! the operation, `{{` a brace.

/// A text with `{name}` holes.
pub type Template = &'static str;

/// A place in a JSON document: keys from the root on; empty is the root itself.
pub type Path = &'static [Segment];

pub use self::Segment::{Index, Key};
pub use crate::rt::asked::AskedFields;
pub use crate::rt::body::Body;
use crate::rt::body::{Document, Given, Render};
use crate::rt::fault::{Fault, FaultKind};
pub use crate::rt::notes::Columns;
pub use crate::rt::page::Decoder;
use crate::rt::page::Transform;
pub use crate::rt::paging::{Advance, Later, Paging, Size, Slot, Stop, Style};
pub use crate::rt::partition_by::{Binding, PartitionBy};
use crate::rt::sent::{Joints, Spread};
use crate::rt::template::refers;
use crate::rt::verdict::Judge;

use crate::rt::progress::Increments;

/// One step of a [`Path`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Segment {
    /// A member of an object.
    Key(&'static str),
    /// An element of an array, from 0.
    Index(usize),
}

/// An API: what all its operations share.
#[derive(Debug)]
pub struct Api {
    /// The connector's name; prefixes its environment variables.
    pub name: &'static str,
    /// The version of the spec, empty where it has none.
    pub version: &'static str,
    /// What a user of the connector gives.
    pub inputs: &'static [Input],
    /// The address that every path is appended to.
    pub base_url: Template,
    /// Headers sent with every request.
    pub headers: &'static [(&'static str, Template)],
    /// How requests are authorised.
    pub auth: Auth,
    /// When and how often a request is repeated.
    pub retry: Retry,
    /// How long each stage of a request may take.
    pub timeouts: Timeouts,
    /// Hosts that links may lead to, besides the one of `base_url`.
    pub allowed_hosts: &'static [Template],
    /// Hosts that credentials are sent to, besides the one of `base_url`.
    pub credential_hosts: &'static [Template],
    /// The largest response body that is read, in bytes, counted after unpacking.
    pub max_response_bytes: u64,
    /// The content encodings that are asked for, the preferred one first. One that is sent unasked is undone as well.
    pub compression: &'static [&'static str],
}

/// Something that a user of the connector gives.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Its name in templates.
    pub name: &'static str,
    /// The environment variable that `from_env` reads.
    pub env: &'static str,
    /// Whether it must never be shown.
    pub secret: bool,
    /// Its value when none is given; may refer to other inputs. An empty value counts as absent, so an input that may be left
    /// out has the empty default, and one without a default is required.
    pub default: Option<Template>,
    /// What a value must be.
    pub kind: InputKind,
}

/// What the value of an [`Input`] must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InputKind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A host name, with or without a port, and nothing else.
    Hostname,
    /// An absolute `http` or `https` address.
    Url,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// How requests are authorised.
#[derive(Debug)]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`.
    Bearer {
        /// The token.
        token: Template,
    },
    /// A key in a header, the query or a cookie.
    ApiKey {
        /// The name of the header, parameter or cookie.
        name: &'static str,
        /// Where it goes.
        location: KeyLocation,
        /// The key, with any prefix that belongs to it.
        value: Template,
    },
    /// HTTP Basic.
    Basic {
        /// The user name.
        username: Template,
        /// The password.
        password: Template,
    },
    /// All of these.
    All(&'static [Self]),
    /// A way that only some APIs have.
    Scheme(&'static dyn crate::rt::auth::Scheme),
}

/// Where an API key goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyLocation {
    /// A request header.
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
}

/// How a request body is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BodyEncoding {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`: one flat object of texts.
    Json,
}

/// When and how often a request is repeated.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// The statuses that are worth another try.
    pub statuses: &'static [u16],
    /// How many times a call is repeated after its first attempt.
    pub max_retries: u32,
    /// The first wait's upper bound, in milliseconds; full jitter below it.
    pub base_delay_ms: u64,
    /// What the bound is multiplied with after each attempt.
    pub backoff_factor: f64,
    /// No wait is longer, whatever a server asks for, in milliseconds.
    pub max_delay_ms: u64,
    /// Whether `Retry-After` and the reset header decide the wait where they are sent.
    pub respect_retry_after: bool,
    /// The response header that says when the limit resets; empty for none.
    pub reset_header: &'static str,
    /// The response header that says how many calls are left; empty for none.
    pub remaining_header: &'static str,
}

/// How long each stage of a request may take, in milliseconds; 0 is without limit.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To have a connection, TLS included.
    pub connect_ms: u64,
    /// From the request to the response's head.
    pub first_byte_ms: u64,
    /// Between two pieces of the body.
    pub between_bytes_ms: u64,
    /// For one attempt as a whole.
    pub whole_ms: u64,
}

/// The request of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name in the spec.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL, or an absolute address.
    pub path: Template,
    /// What it sends, in order.
    pub params: &'static [Param],
    /// Headers of this operation alone.
    pub headers: &'static [(&'static str, Template)],
    /// How the body is written.
    pub body: Body,
    /// Whether the API's authorisation applies.
    pub auth: bool,
    /// Whether it may be repeated without harm.
    pub idempotent: bool,
    /// What the spec makes of responses, before their status is looked at.
    pub rules: Option<&'static dyn Judge>,
    /// When it is repeated, where that differs from the other operations.
    pub retry: Option<&'static Retry>,
    /// The header that carries a key of the call, by which the service knows a repeated one; empty for none.
    pub idempotency_header: &'static str,
    /// How many calls it counts as in the rate limits.
    pub weight: u32,
    /// What the answer itself is packed with, by the name of a content encoding, where no header says so; empty for nothing.
    pub packed: &'static str,
}

impl Operation {
    /// A `GET` that sends nothing.
    #[must_use]
    pub const fn get(name: &'static str, path: Template) -> Self {
        Self::new(Method::Get, name, path)
    }

    /// A `HEAD` that sends nothing.
    #[must_use]
    pub const fn head(name: &'static str, path: Template) -> Self {
        Self::new(Method::Head, name, path)
    }

    /// A `POST` that sends nothing.
    #[must_use]
    pub const fn post(name: &'static str, path: Template) -> Self {
        Self::new(Method::Post, name, path)
    }

    /// A `PUT` that sends nothing.
    #[must_use]
    pub const fn put(name: &'static str, path: Template) -> Self {
        Self::new(Method::Put, name, path)
    }

    /// A `PATCH` that sends nothing.
    #[must_use]
    pub const fn patch(name: &'static str, path: Template) -> Self {
        Self::new(Method::Patch, name, path)
    }

    /// A `DELETE` that sends nothing.
    #[must_use]
    pub const fn delete(name: &'static str, path: Template) -> Self {
        Self::new(Method::Delete, name, path)
    }

    /// Another method that sends nothing. It is not repeated unless that is known to do no harm.
    #[must_use]
    pub const fn other(sent_as: &'static str, name: &'static str, path: Template) -> Self {
        Self::new(Method::Other(sent_as), name, path)
    }

    const fn new(method: Method, name: &'static str, path: Template) -> Self {
        let idempotent = !matches!(method, Method::Post | Method::Patch | Method::Other(_));
        Self {
            name,
            method,
            path,
            params: &[],
            headers: &[],
            body: Body::Form,
            auth: true,
            idempotent,
            packed: "",
            rules: None,
            retry: None,
            idempotency_header: "",
            weight: 1,
        }
    }

    /// What it sends, in order.
    #[must_use]
    pub const fn params(self, params: &'static [Param]) -> Self {
        Self { params, ..self }
    }

    /// Headers of this operation alone.
    #[must_use]
    pub const fn headers(self, headers: &'static [(&'static str, Template)]) -> Self {
        Self { headers, ..self }
    }

    /// The body is this JSON document.
    #[must_use]
    pub const fn json(self, document: &'static dyn Document) -> Self {
        Self { body: Body::Json(document), ..self }
    }

    /// The body is what the caller gives, sent as it is.
    #[must_use]
    pub const fn given(self, media_type: &'static str) -> Self {
        Self { body: Body::Given(Given { media_type, render: None }), ..self }
    }

    /// The body is what the caller gives, written so.
    #[must_use]
    pub const fn rendered(self, media_type: &'static str, render: &'static dyn Render) -> Self {
        Self { body: Body::Given(Given { media_type, render: Some(render) }), ..self }
    }

    /// Whether a hole of this name is anywhere in the request.
    #[must_use]
    pub fn refers_to(&self, name: &str) -> bool {
        let headers = self.headers.iter().map(|(_, template)| *template);
        let params = self.params.iter().filter_map(|param| param.value);
        let in_body = matches!(self.body, Body::Json(document) if document.refers_to(name));
        in_body || headers.chain(params).chain([self.path]).any(|template| refers(template, |hole| hole == name))
    }

    /// Whether it may be repeated without harm, where that is not what the method says.
    #[must_use]
    pub const fn idempotent(self, idempotent: bool) -> Self {
        Self { idempotent, ..self }
    }

    /// The answer is itself packed, as a file would be, whether a header says so or not.
    #[must_use]
    pub const fn packed(self, encoding: &'static str) -> Self {
        Self { packed: encoding, ..self }
    }

    /// The API's authorisation does not apply.
    #[must_use]
    pub const fn without_auth(self) -> Self {
        Self { auth: false, ..self }
    }

    /// These rules look at responses before their status does.
    #[must_use]
    pub const fn rules(self, rules: &'static dyn Judge) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// It is repeated by its own terms.
    #[must_use]
    pub const fn retry(self, retry: &'static Retry) -> Self {
        Self { retry: Some(retry), ..self }
    }

    /// It may be repeated, since this header carries a key by which the service knows a call that it has seen.
    #[must_use]
    pub const fn idempotency_header(self, name: &'static str) -> Self {
        Self { idempotency_header: name, ..self }
    }

    /// It counts as so many calls in the rate limits.
    #[must_use]
    pub const fn weight(self, weight: u32) -> Self {
        Self { weight, ..self }
    }
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// Any other, as it is sent.
    Other(&'static str),
}

impl Method {
    /// The method as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Other(name) => name,
        }
    }
}

/// A parameter of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name on the wire.
    pub name: &'static str,
    /// The name by which the caller's value is known: its own, unless another parameter has that as well.
    pub key: &'static str,
    /// Where it goes.
    pub location: Location,
    /// What is sent when the caller sets nothing; none leaves it out.
    pub value: Option<Template>,
    /// Whether a call without it is refused.
    pub required: bool,
    /// What stands between the parts of its value; without it each part is sent under its name.
    pub joints: Option<Joints>,
    /// What takes its value apart, which is JSON then.
    pub spread: Option<&'static dyn Spread>,
}

impl Param {
    /// A parameter of the path, which can not be left out.
    #[must_use]
    pub const fn path(name: &'static str) -> Self {
        Self { required: true, ..Self::new(name, Location::Path) }
    }

    /// A parameter of the query, which may be left out.
    #[must_use]
    pub const fn query(name: &'static str) -> Self {
        Self::new(name, Location::Query)
    }

    /// A parameter in a header, which may be left out.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        Self::new(name, Location::Header)
    }

    /// A parameter in a cookie, which may be left out.
    #[must_use]
    pub const fn cookie(name: &'static str) -> Self {
        Self::new(name, Location::Cookie)
    }

    /// A parameter in the body, which may be left out.
    #[must_use]
    pub const fn body(name: &'static str) -> Self {
        Self::new(name, Location::Body)
    }

    const fn new(name: &'static str, location: Location) -> Self {
        Self { name, key: name, location, value: None, required: false, joints: None, spread: None }
    }

    /// The same, whose value is known by another name.
    #[must_use]
    pub const fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    /// The same, whose parts are sent as one text with this between them.
    #[must_use]
    pub const fn joined(self, between: &'static str) -> Self {
        self.paired(between, between)
    }

    /// The same, whose parts are names and values by turns: what stands within each pair, and between pairs.
    #[must_use]
    pub const fn paired(self, within: &'static str, between: &'static str) -> Self {
        Self { joints: Some(Joints { within, between }), ..self }
    }

    /// The same, whose value is taken apart.
    #[must_use]
    pub const fn spread(self, spread: &'static dyn Spread) -> Self {
        Self { spread: Some(spread), ..self }
    }

    /// The same, sent with this value when the caller sets nothing.
    #[must_use]
    pub const fn value(self, value: Template) -> Self {
        Self { value: Some(value), required: false, ..self }
    }

    /// The same, and a call without it is refused.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Location {
    /// Into the path, percent-encoded.
    Path,
    /// Into the query.
    Query,
    /// Into a header.
    Header,
    /// Into a cookie, percent-encoded where it needs to be.
    Cookie,
    /// Into the body.
    Body,
}

/// An operation that lists records.
#[derive(Debug)]
pub struct Resource {
    /// The request.
    pub operation: Operation,
    /// Where the records are: the first that leads to an array wins; none doing so is an error.
    pub selectors: &'static [Path],
    /// What reads the records of a body that is no JSON document.
    pub decoder: Option<&'static dyn Decoder>,
    /// How one page leads to the next.
    pub paging: Paging,
    /// The fields that identify a record.
    pub primary_key: &'static [&'static str],
    /// What it is read for, the outermost first; without any it is read once. Of a parent, all that it is read for itself comes
    /// before it.
    pub partitions: &'static [PartitionBy],
    /// What is added to its records of what it is read for: names of bindings. One such as `organizations.ids[0]` becomes the member
    /// `_organizations_ids_0`.
    pub included: &'static [&'static str],
    /// How a later run goes on from an earlier one.
    pub incremental: Option<&'static dyn Increments>,
    /// What happens to a record that does not fit its schema.
    pub contract: Contract,
    /// What happens to a record with a field that its schema does not know.
    pub columns: Columns,
    /// What becomes of each record before it is given out.
    pub steps: Option<&'static dyn Transform>,
    /// A digest of the request and the schema; a checkpoint of another one is refused.
    pub fingerprint: &'static str,
    /// How the service is told which fields of a record it shall send.
    pub asked: Option<AskedFields>,
    /// Whether it is read when nobody says which resources are. One that is not is still read for its children, and its own
    /// records go nowhere then.
    pub selected: bool,
}

impl Resource {
    /// A resource of one page, which is the list itself; a descriptor says only in what it differs.
    pub const LIST: Self = Self {
        operation: Operation::get("", ""),
        selectors: &[&[]],
        decoder: None,
        paging: Paging::SINGLE,
        primary_key: &[],
        partitions: &[],
        included: &[],
        incremental: None,
        contract: Contract::Freeze,
        columns: Columns::Evolve,
        steps: None,
        fingerprint: "",
        asked: None,
        selected: true,
    };
}

/// What happens to a record that does not fit its schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Contract {
    /// The run stops with an error that names the record.
    Freeze,
    /// The record is left out and counted.
    DiscardRow,
    /// The value is left out and counted; where it is required, the record is.
    DiscardValue,
}

impl Contract {
    /// Whether a record that can not be read for this reason ends the run, rather than being left out.
    #[must_use]
    pub fn ends(self, columns: Columns, fault: &Fault) -> bool {
        if fault.kind() == FaultKind::Unknown { columns == Columns::Freeze } else { self == Self::Freeze }
    }

    /// Whether a record that can not be read for this reason is read again without the values that do not fit.
    #[must_use]
    pub fn discards(self, fault: &Fault) -> bool {
        self == Self::DiscardValue && !matches!(fault.kind(), FaultKind::Syntax | FaultKind::Unknown)
    }
}
