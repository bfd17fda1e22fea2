//! An API as data: what every front end produces and everything after it reads.
//!
//! Spec names only, nothing of Rust, of YAML or of OpenAPI. What a user may have got wrong carries the place it was written at.

mod auth;
mod body;
mod conduct;
mod decoder;
mod incremental;
mod job;
mod lookup;
mod method;
mod paging;
mod partition;
mod policy;
mod resource;
mod steps;
mod template;
mod types;

pub use auth::{
    Algorithm, Answer, Auth, AuthorizationCode, BodyEncoding, Choice, Jwt, KeyEncoding, KeyLocation, OAuth2, OneOf, Purpose,
    Redirect, Refresh, SecretIn, Session, TokenIn,
};
pub use body::{Body, Encoding, Given, Json};
pub use conduct::{
    Action, Conduct, FailureKind, LimitHeaders, LimitScope, Match, MessagePart, RateLimit, ResetUnit, ResponseRule,
};
pub use decoder::{Csv, Decoder};
pub use incremental::{CursorFormat, Expired, Incremental, OnMissing, RowOrder, Token, WindowStep};
pub use job::{Hosts, Job, Waits};
pub use lookup::Lookup;
pub use method::Method;
pub use paging::{Advance, Later, Paging, Size, Slot, Stop, Style, Then, TotalMeans, WindowLimit};
pub use partition::{Condition, List, ListField, ListValues, PARTITION, Parent, ParentField, PartitionBy, PartitionValue, Test};
pub use policy::{Client, Compression, Input, InputKind, Retry, Timeouts};
pub use resource::{
    Columns, Contract, Joints, Location, Operation, Param, ParamStyle, ParamValue, Payload, Resource, SortOrder, WriteDisposition,
};
pub use steps::{Cast, Comparison, Expr, Function, Order, Step, StepKind};
pub use template::{Hole, Path, Segment, Template, TemplatePart};
pub use types::{Field, MAX_NESTING, Scalar, Tag, Type, TypeDef, TypeId, TypeKind, Types};

use crate::source::Span;

/// A value and the place it was written at.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value and its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// An API.
#[derive(Clone, Debug)]
pub struct Api {
    /// Its name, such as `auth0`; names the crate.
    pub name: Spanned<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Where its documentation is.
    pub docs: Option<String>,
    /// The version of the spec (a semantic version), which becomes the crate's.
    pub version: Option<Spanned<String>>,
    /// What a user of the connector gives, in the order of the spec.
    pub inputs: Vec<Input>,
    /// What all operations share.
    pub client: Client,
    /// The operations that list records, in the order of the spec.
    pub resources: Vec<Resource>,
    /// The other operations, in the order of the spec.
    pub operations: Vec<Operation>,
    /// Every named type, those of inline objects included.
    pub types: Types,
    /// The spec that was written for a document, where the API was read from a document alone.
    pub inferred: Option<String>,
    /// The text of its spec, where that refers to no other file.
    pub text: Option<String>,
}

impl Api {
    /// The version of its crate.
    #[must_use]
    pub fn version(&self) -> &str {
        self.version.as_ref().map_or("0.1.0", |version| version.value.as_str())
    }

    /// A resource by name.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| *resource.operation.name == name)
    }
}
