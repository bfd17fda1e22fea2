//! An API as a front end leaves it: like the model, but types are still expressions and placeholders still names.
//!
//! [`crate::resolve`] turns it into the model.

use crate::expression::Ast;
use crate::model::{Cast, Client, CursorFormat, Input, Operation, Path, Resource, Scalar, Spanned, Template, Type, Types};
use crate::source::Span;

/// An API before its names are resolved.
#[derive(Debug)]
pub struct Draft {
    /// Its name.
    pub name: Spanned<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Where its documentation is.
    pub docs: Option<String>,
    /// Its version.
    pub version: Option<Spanned<String>>,
    /// What a user gives, as declared or as its use implies.
    pub inputs: Vec<Input>,
    /// Whether inputs must be declared: the spec has a section for them.
    pub declares_inputs: bool,
    /// What all operations share.
    pub client: Client,
    /// The lists of records.
    pub resources: Vec<DraftResource>,
    /// The other operations.
    pub operations: Vec<DraftOperation>,
    /// The types with names, in order.
    pub schemas: Vec<DraftSchema>,
    /// Types of a document, which need no more resolving; [`TypeExprKind::Ready`] leads to them.
    pub types: Types,
}

/// A resource before its names are resolved.
#[derive(Debug)]
pub struct DraftResource {
    /// Everything that needs no names: `partitions` has what the spec lists, `include` is empty and `operation.response` is none.
    pub resource: Resource,
    /// The type of a record.
    pub record: Option<TypeExpr>,
    /// Fields of a parent's record that are added to each record, as written.
    pub include: Vec<Spanned<String>>,
    /// How its incremental cursor is written, where the spec says it.
    pub cursor_format: Option<CursorFormat>,
    /// How much before the mark the next run starts, as written.
    pub lag: Option<Spanned<String>>,
    /// What is done with each record, as written.
    pub steps: Vec<DraftStep>,
}

/// A step before it is held to the type of the records.
#[derive(Debug)]
pub struct DraftStep {
    /// Where it is written.
    pub span: Span,
    /// What it does.
    pub kind: DraftStepKind,
}

/// What a [`DraftStep`] does; see [`crate::model::StepKind`].
#[derive(Debug)]
#[expect(missing_docs, reason = "the model documents them")]
pub enum DraftStepKind {
    Filter(Written),
    Rename { from: Spanned<Path>, to: Spanned<Path> },
    Drop(Spanned<Path>),
    Set { field: Spanned<Path>, value: Written, ty: Option<TypeExpr> },
    Cast { field: Spanned<Path>, to: Cast },
    Explode { field: Spanned<Path>, keep_empty: bool, merge: Option<Spanned<String>> },
    Hash { field: Spanned<Path>, key: Option<Template> },
    Hook(Spanned<String>),
}

/// An expression and where it is written.
#[derive(Debug)]
pub struct Written {
    /// Its text.
    pub text: String,
    /// What it says.
    pub ast: Ast,
    /// Where the text stands.
    pub span: Span,
    /// The byte at which it stands literally, where it does.
    pub at: Option<u32>,
}

impl Written {
    /// The place of a part of the text, as near as it is known.
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> Span {
        let offset = |by: usize| self.at?.checked_add(u32::try_from(by).ok()?);
        match (offset(start), offset(end)) {
            (Some(start), Some(end)) => Span { start, end, ..self.span },
            _ => self.span,
        }
    }
}

/// An operation before its names are resolved.
#[derive(Debug)]
pub struct DraftOperation {
    /// Everything that needs no names: `response` is none.
    pub operation: Operation,
    /// The type of the answer.
    pub response: Option<TypeExpr>,
}

/// A type with a name.
#[derive(Debug)]
pub struct DraftSchema {
    /// Its name.
    pub name: Spanned<String>,
    /// What it is, for people.
    pub description: Option<String>,
    /// What it is made of.
    pub ty: TypeExpr,
}

/// A type as it is written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// Where it is written.
    pub span: Span,
    /// What it says.
    pub kind: TypeExprKind,
}

/// What a [`TypeExpr`] says.
#[derive(Clone, Debug)]
pub enum TypeExprKind {
    /// A value without parts.
    Scalar(Scalar),
    /// Any JSON value.
    Json,
    /// A list.
    Array(Box<TypeExpr>),
    /// An object with free keys.
    Map(Box<TypeExpr>),
    /// A schema, by name.
    Named(String),
    /// An object with known keys.
    Object(Vec<DraftField>),
    /// One of some texts.
    Enum(Vec<Spanned<String>>),
    /// One of several types.
    Union(Vec<TypeExpr>),
    /// A type of a document.
    Ready(Type),
}

/// A field before its type is resolved; see [`crate::model::Field`].
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about a field, as in the model")]
pub struct DraftField {
    /// Its key on the wire.
    pub name: Spanned<String>,
    /// What it is, for people.
    pub description: Option<String>,
    /// Its type.
    pub ty: TypeExpr,
    /// Whether the key is always there.
    pub required: bool,
    /// Whether its value may be null.
    pub nullable: bool,
    /// Whether it is hidden in `Debug` output.
    pub sensitive: bool,
    /// Whether neighbouring forms of the type are taken as well.
    pub lenient: bool,
    /// Whether the service advises against it.
    pub deprecated: bool,
}

impl TypeExpr {
    /// Any JSON value: what a type becomes that could not be read, so that nothing else fails because of it.
    pub fn json(span: Span) -> Self {
        Self { span, kind: TypeExprKind::Json }
    }
}
