//! The language of a spec as one table: every key, its spellings, what it takes and what it means.
//!
//! Validation (`native/shape.rs`), the JSON Schema ([`crate::json_schema`]) and the reference documentation are views of it.

mod auth;
mod client;
mod conduct;
mod decoder;
mod endpoint;
mod incremental;
mod job;
mod paginator;
mod partition;
mod resource;
mod schema;
mod steps;

pub use auth::AUTH;
pub use client::{CLIENT, INPUT, RETRY, TIMEOUTS};
pub use conduct::{ACTIONS, RATE_LIMIT, RATE_LIMITS, RESPONSE_ACTIONS};
pub use decoder::DECODER;
pub use endpoint::{ENDPOINT, PARAM};
pub use incremental::{CURSOR_FORMATS, INCREMENTAL};
pub use job::JOB;
pub use paginator::PAGINATOR;
pub use partition::PARTITION;
pub use resource::{ENDPOINT_KEYS, OPERATION, RESOURCE};
pub use schema::{FIELD, FIELD_KIND, SCHEMA, is_long_schema};
pub use steps::STEP;

/// A map with known keys.
#[derive(Debug)]
pub struct Section {
    /// What it is called in messages and documentation.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// A key of a [`Section`].
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Other spellings that mean the same.
    pub aliases: &'static [&'static str],
    /// What it takes.
    pub kind: Kind,
    /// Whether the section is useless without it.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
    /// A value, as it would be written; empty where the meaning says enough.
    pub example: &'static str,
}

/// What a key takes.
#[derive(Debug)]
pub enum Kind {
    /// Text; a number or truth value is taken as it is written.
    Text,
    /// A whole number that is not negative.
    Count,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A time: `500ms`, `10s`, `2m`, or a number of seconds.
    Duration,
    /// A number of bytes: `4096`, `64KiB`, `8MB`.
    Size,
    /// One of some words, each with its other spellings.
    Word(&'static [Word]),
    /// A list.
    List(&'static Kind),
    /// A map with free keys.
    Map(&'static Kind),
    /// A map with known keys.
    Section(&'static Section),
    /// A map whose key `type` says which keys it has.
    Tagged(&'static Tagged),
    /// A schema: fields by name, or the long form of it.
    Schema,
    /// The object or array of a JSON body: any JSON, in which a map with the type of a parameter is an argument of the caller.
    Json,
    /// One of several forms, told apart by whether it is a scalar, a list or a map.
    Either(&'static [Kind]),
    /// Nothing may stand here; the text says where it goes instead.
    Empty(&'static str),
    /// Anything, without effect; the text says why.
    Ignored(&'static str),
    /// In dlt a piece of Python; the text says how it is said here.
    Python(&'static str),
}

/// A word and its other spellings.
#[derive(Debug)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
}

/// Sections of which the key `type` chooses one.
#[derive(Debug)]
pub struct Tagged {
    /// What they are together, in messages.
    pub name: &'static str,
    /// The section where no `type` is given; none requires one.
    pub default: Option<&'static str>,
    /// Whether the type alone may stand in place of the map.
    pub shorthand: bool,
    /// The sections.
    pub variants: &'static [Variant],
}

/// A section of [`Tagged`].
#[derive(Debug)]
pub struct Variant {
    /// The value of `type`.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    /// The keys besides `type`.
    pub section: &'static Section,
}

/// Whether a map in a JSON body is an argument of the caller, and no JSON object: its `type` is one of a parameter, and nothing
/// else stands there, or something that such a parameter has or nearly has.
pub fn is_argument(ty: &str, others: &[&str]) -> bool {
    let Some(variant) = PARAM.variant(ty) else { return false };
    let is_near =
        |key: &&str| variant.section.key(key).is_some() || crate::diagnostic::nearest(key, variant.section.spellings()).is_some();
    others.is_empty() || others.iter().any(is_near)
}

impl Section {
    /// A key by any of its spellings.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.is(name))
    }

    /// Every spelling of every key.
    pub fn spellings(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().flat_map(|key| std::iter::once(key.name).chain(key.aliases.iter().copied()))
    }
}

impl Key {
    /// Whether a spelling is this key's.
    pub fn is(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// A value as it would be written: the one that is given, or what its kind makes plain.
    pub fn sample(&self) -> Option<String> {
        match &self.kind {
            _ if !self.example.is_empty() => Some(self.example.to_owned()),
            Kind::Boolean => Some("true".to_owned()),
            Kind::Word(words) => words.first().map(|word| word.name.to_owned()),
            _ => None,
        }
    }

    const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, aliases: &[], kind, required: false, doc, example: "" }
    }

    const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }
}

impl Tagged {
    /// A section by any spelling of its type.
    pub fn variant(&self, name: &str) -> Option<&'static Variant> {
        self.variants.iter().find(|variant| variant.name == name || variant.aliases.contains(&name))
    }
}

impl Word {
    const fn new(name: &'static str) -> Self {
        Self { name, aliases: &[] }
    }

    const fn or(name: &'static str, aliases: &'static [&'static str]) -> Self {
        Self { name, aliases }
    }
}

impl Variant {
    const fn new(name: &'static str, section: &'static Section) -> Self {
        Self { name, aliases: &[], section }
    }

    const fn or(name: &'static str, aliases: &'static [&'static str], section: &'static Section) -> Self {
        Self { name, aliases, section }
    }
}

/// The whole spec.
pub static SPEC: Section = Section {
    name: "the spec",
    doc: "The description of an HTTP API that Tapwright compiles into a Rust crate.",
    keys: &[
        Key::new("name", Kind::Text, "The name of the connector and of its crate; the file's name where it is absent.")
            .example("auth0"),
        Key::new("title", Kind::Text, "The name for people.").example("Auth0 Management API"),
        Key::new("description", Kind::Text, "What the API is; opens the documentation of the crate.")
            .example("Users, organizations and logs of a tenant."),
        Key::new("docs", Kind::Text, "The address of the API's own documentation.")
            .example("https://auth0.com/docs/api/management/v2"),
        Key::new("version", Kind::Text, "The version of the spec and of the crate, a semantic version.").example("0.1.0"),
        Key::new(
            "openapi",
            Kind::Text,
            "An OpenAPI document that the spec builds on: its operations are calls, its schemas types, and its servers and security what `client` does not say.",
        )
        .example("./management.json"),
        Key::new(
            "only",
            Kind::List(&Kind::Text),
            "Which of the document's operations are calls, by patterns: `tag:users`, `path:/v1/users*`, `operation:List*`, `schema:User`; all where it is absent.",
        )
        .example("[\"tag:users\", \"path:/stats/*\"]"),
        Key::new("config", Kind::Map(&INPUT_KIND), "What a user of the connector gives. Each is a hole elsewhere: `{domain}`."),
        Key::new("client", Kind::Section(&CLIENT), "What all requests share.").aliases(&["BASE_CONFIG"]).required(),
        Key::new("resource_defaults", Kind::Section(&RESOURCE), "Keys for every resource that does not give them itself."),
        Key::new("resources", Kind::List(&RESOURCE_KIND), "The lists of records that the API offers.").aliases(&["ENDPOINTS"]),
        Key::new("operations", Kind::List(&OPERATION_KIND), "The calls that do not list records."),
        Key::new("schemas", Kind::Map(&Kind::Schema), "The types of records and answers, by name."),
        Key::new(
            "DEPENDENCIES",
            Kind::List(&Kind::Empty("a resource names its parent in a placeholder, such as `{resources.organizations.id}`")),
            "Must be an empty list; it occurs in circulating configurations.",
        ),
    ],
};

static INPUT_KIND: Kind = Kind::Either(&[Kind::Text, Kind::Section(&INPUT)]);
static RESOURCE_KIND: Kind = Kind::Either(&[Kind::Text, Kind::Section(&RESOURCE)]);
static OPERATION_KIND: Kind = Kind::Section(&OPERATION);
