//! What a resource is read for: lists of values, and records of other resources.

use super::{Path, Spanned, Template};

/// What a resource is read for: once for each row of it, together with each row of those that follow.
#[derive(Clone, Debug)]
pub enum PartitionBy {
    /// The values of a list.
    List(List),
    /// The records of another resource.
    Parent(Parent),
}

/// A list of values.
#[derive(Clone, Debug)]
pub struct List {
    /// Its name.
    pub name: Spanned<String>,
    /// The fields of each value; none where the values are texts.
    pub fields: Vec<String>,
    /// The values.
    pub values: ListValues,
}

/// The values of a [`List`].
#[derive(Clone, Debug)]
pub enum ListValues {
    /// These: one text for each field, or the text alone.
    Given(Vec<Vec<Template>>),
    /// Those that a text separates by commas.
    Split(Template),
}

/// The records of another resource.
#[derive(Clone, Debug)]
pub struct Parent {
    /// Its name. What it is read for itself comes before it.
    pub resource: Spanned<String>,
    /// What holds for the records that are taken.
    pub conditions: Vec<Condition>,
}

/// A condition on a field of a record.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The field.
    pub field: Spanned<Path>,
    /// What holds for it.
    pub test: Test,
}

/// What holds for a field.
#[derive(Clone, Debug)]
pub enum Test {
    /// It is one of these values.
    In(Vec<Spanned<String>>),
    /// It is none of them.
    NotIn(Vec<Spanned<String>>),
    /// It is null or missing.
    Null,
    /// It is there, and not null.
    NotNull,
}

/// A value that comes with the partition at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartitionValue {
    /// A field of a parent's record.
    Parent(ParentField),
    /// A value of a list.
    List(ListField),
}

/// A field of a parent's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentField {
    /// The parent resource.
    pub resource: String,
    /// The field's place in its record.
    pub field: Path,
}

/// A value of a list, or a field of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListField {
    /// The list.
    pub list: String,
    /// The field, where values have several.
    pub field: Option<String>,
}

/// What the names of lists begin with in templates: `{partition.region}`.
pub const PARTITION: &str = "partition";

impl PartitionBy {
    /// The parent, if it is one.
    #[must_use]
    pub fn parent(&self) -> Option<&Parent> {
        match self {
            Self::Parent(parent) => Some(parent),
            Self::List(_) => None,
        }
    }

    /// The list, if it is one.
    #[must_use]
    pub fn list(&self) -> Option<&List> {
        match self {
            Self::List(list) => Some(list),
            Self::Parent(_) => None,
        }
    }
}

impl List {
    /// What a value gives: itself, or its fields.
    #[must_use]
    pub fn given(&self) -> Vec<ListField> {
        let field = |field: Option<&String>| ListField { list: self.name.value.clone(), field: field.cloned() };
        if self.fields.is_empty() { vec![field(None)] } else { self.fields.iter().map(|name| field(Some(name))).collect() }
    }

    /// Every text with holes.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let (given, split) = match &self.values {
            ListValues::Given(values) => (values.as_slice(), None),
            ListValues::Split(text) => (&[][..], Some(text)),
        };
        given.iter().flatten().chain(split)
    }

    /// Whether it has the same values as another list, so that the two are one where they meet.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let texts = |list: &Self| list.templates().map(Template::to_runtime).collect::<Vec<_>>();
        self.name.value == other.name.value && self.fields == other.fields && texts(self) == texts(other)
    }
}

impl PartitionValue {
    /// Its name in the templates of the runtime: `organizations.id`, `partition.region`, `partition.report.id`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Parent(ParentField { resource, field }) => format!("{resource}.{field}"),
            Self::List(ListField { list, field: None }) => format!("{PARTITION}.{list}"),
            Self::List(ListField { list, field: Some(field) }) => format!("{PARTITION}.{list}.{field}"),
        }
    }
}
