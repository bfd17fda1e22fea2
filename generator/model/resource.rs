//! Operations, and those of them that list records.

use super::{
    Body, Compression, Conduct, Decoder, Hole, Incremental, Job, List, Method, Paging, Parent, PartitionBy, PartitionValue, Path,
    Segment, Spanned, Step, StepKind, Template, Type,
};

/// A request and the shape of its answer.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about an operation")]
pub struct Operation {
    /// Its name.
    pub name: Spanned<String>,
    /// What it does, for people.
    pub description: Option<String>,
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL (begins with a slash), or an absolute address.
    pub path: Template,
    /// What it sends, in the order of the spec; the parameters of a paginator are not among them.
    pub params: Vec<Param>,
    /// Headers of this operation alone.
    pub headers: Vec<(String, Template)>,
    /// How the body is written.
    pub body: Body,
    /// Whether the API's authorisation applies.
    pub auth: bool,
    /// What becomes of its responses, and how often it may be called.
    pub conduct: Conduct,
    /// Whether it may be repeated without harm. A list always may, unless the spec says otherwise.
    pub idempotent: bool,
    /// What the answer itself is packed with, where no header says so.
    pub packed: Option<Compression>,
    /// The answer's type; none is an answer without a body. For a resource: the type of a record.
    pub response: Option<Type>,
    /// Whether the answer may be empty, or null.
    pub nullable: bool,
    /// What the answer's body is.
    pub answer: Payload,
    /// The bodies of answers that tell of a failure: the status (`404`, `4XX` or `default`), and the type.
    pub failures: Vec<(String, Type)>,
    /// Whether the service advises against it.
    pub deprecated: bool,
    /// The part of the API that it belongs to, where the API has parts.
    pub group: Option<String>,
}

/// What the body of an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Payload {
    /// JSON.
    #[default]
    Json,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
}

impl Operation {
    /// The name by which the value of the parameter at an index is known. Two places may have parameters of one name.
    #[must_use]
    pub fn key_of(&self, at: usize) -> String {
        let Some(param) = self.params.get(at) else { return String::new() };
        let is_argument = |param: &Param| matches!(param.value, ParamValue::Argument { .. });
        let has_name = |other: &Param| other.name.value == param.name.value && other.location != param.location;
        if is_argument(param) && self.params.iter().take(at).any(|other| is_argument(other) && has_name(other)) {
            return format!("{} in {:?}", param.name.value, param.location);
        }
        param.name.value.clone()
    }

    /// Every text with holes.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let params = self.params.iter().filter_map(|param| match &param.value {
            ParamValue::Fixed(value) => Some(value),
            ParamValue::Argument { default, .. } => default.as_ref(),
        });
        let body = if let Body::Json(document) = &self.body { document.templates() } else { Vec::new() };
        std::iter::once(&self.path).chain(params).chain(self.headers.iter().map(|(_, value)| value)).chain(body)
    }
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name on the wire.
    pub name: Spanned<String>,
    /// Where it goes.
    pub location: Location,
    /// What is sent.
    pub value: ParamValue,
    /// What it does, for people.
    pub description: Option<String>,
    /// How a value of several parts is written.
    pub style: ParamStyle,
}

/// How a parameter whose value has several parts is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ParamStyle {
    /// There is one part.
    #[default]
    Plain,
    /// The elements of a list, or the names and values of an object's members, as one text.
    Joined(Joints),
    /// The parameter once for each element of a list.
    Repeated,
    /// A parameter for each member of an object: `filter[status]=open`.
    Brackets,
    /// A parameter of its own for each member of an object.
    Members,
    /// As JSON.
    Json,
}

/// What stands between the parts of a value, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joints {
    /// Between the name and the value of a member.
    pub within: String,
    /// Between elements, and between members.
    pub between: String,
}

impl Param {
    /// The type of what the caller gives, where it is the caller's.
    #[must_use]
    pub fn ty(&self) -> Option<&Type> {
        match &self.value {
            ParamValue::Argument { ty, .. } => Some(ty),
            ParamValue::Fixed(_) => None,
        }
    }

    /// Whether it sends a bound of an incremental run.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        matches!(&self.value, ParamValue::Fixed(value) if value.holes().any(Hole::is_bound))
    }
}

/// What a parameter sends.
#[derive(Clone, Debug)]
pub enum ParamValue {
    /// This, always.
    Fixed(Template),
    /// What the caller gives.
    Argument {
        /// The type of the value: a scalar, or what the parameter's style can write.
        ty: Type,
        /// Whether a call without it is refused; such an argument is positional.
        required: bool,
        /// What is sent when the caller gives nothing; none leaves it out.
        default: Option<Template>,
        /// Whether it is a secret (a token to introspect, say).
        sensitive: bool,
    },
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
    /// Into a header.
    Header,
    /// Into a cookie.
    Cookie,
    /// Into the body.
    Body,
}

/// An operation that lists records.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The request, and the type of a record after the steps.
    pub operation: Operation,
    /// The type of a record as the service sends it, with the fields of the parent's record: what cursors and children look at.
    pub source: Type,
    /// What is done with each record before it is given out, in order.
    pub steps: Vec<Step>,
    /// Where the records are: the first that leads to an array wins. Never empty.
    pub selectors: Vec<Spanned<Path>>,
    /// What the records are written as.
    pub decoder: Spanned<Decoder>,
    /// How one page leads to the next.
    pub paging: Spanned<Paging>,
    /// Whether the spec says so, and be it that there is one page.
    pub names_paging: bool,
    /// The fields that identify a record.
    pub primary_key: Vec<Spanned<String>>,
    /// The fields that a merge goes by, where it is not the primary key.
    pub merge_key: Vec<Spanned<String>>,
    /// How records meet those that a destination holds already.
    pub write_disposition: WriteDisposition,
    /// The field that says of a record that it is deleted.
    pub hard_delete: Option<Spanned<String>>,
    /// The field that says which of several records with the same key counts: the one with the highest, or the lowest.
    pub dedup_sort: Option<(Spanned<String>, SortOrder)>,
    /// The columns that say from when on a version of a record is valid, and until when, where they have other names than usual.
    pub validity: Vec<Spanned<String>>,
    /// How a later run goes on from an earlier one.
    pub incremental: Option<Spanned<Incremental>>,
    /// How it is read where the service collects its records in its own time.
    pub job: Option<Job>,
    /// What it is read for, the outermost first.
    pub partitions: Vec<PartitionBy>,
    /// Values of the partition at hand that are added to each record.
    pub include: Vec<PartitionValue>,
    /// What happens to a record that does not fit its schema.
    pub contract: Contract,
    /// The parameter of the query that says which fields of a record are sent.
    pub fields_param: Option<Spanned<String>>,
    /// What happens to those with a field that their schema does not know.
    pub columns: Columns,
    /// Whether it is read when nobody says which.
    pub selected: bool,
}

impl Resource {
    /// Every text with holes.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let lists = self.partitions.iter().filter_map(PartitionBy::list);
        let keys = self.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Hash { key, .. } => key.as_ref(),
            _ => None,
        });
        self.request_templates().chain(lists.flat_map(List::templates)).chain(keys)
    }

    /// Every text with holes that a request is made of.
    pub fn request_templates(&self) -> impl Iterator<Item = &Template> {
        let bounds = self.incremental.iter().flat_map(|cursor| cursor.initial_value.iter().chain(&cursor.end_value));
        let job = self.job.iter().flat_map(Job::templates);
        self.operation.templates().chain(bounds).chain(job)
    }

    /// Its requests, the first one first.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        std::iter::once(&self.operation).chain(self.job.iter().flat_map(Job::operations))
    }

    /// Where the service sends what is a field after the steps.
    #[must_use]
    pub fn source_of(&self, field: &str) -> Path {
        let mut path = Path(vec![Segment::Key(field.to_owned())]);
        for step in self.steps.iter().rev() {
            match &step.kind {
                StepKind::Rename { from, to } if *to == path => path = from.clone(),
                _ => {}
            }
        }
        path
    }

    /// The hook that each record passes through at last.
    #[must_use]
    pub fn hook(&self) -> Option<&Spanned<String>> {
        self.steps.iter().find_map(|step| match &step.kind {
            StepKind::Hook(name) => Some(name),
            _ => None,
        })
    }

    /// The resources whose records it is read for.
    pub fn parents(&self) -> impl Iterator<Item = &Parent> {
        self.partitions.iter().filter_map(PartitionBy::parent)
    }

    /// The values of the partition at hand that its requests and its records need, each once.
    #[must_use]
    pub fn needs(&self) -> Vec<PartitionValue> {
        let mut needs: Vec<PartitionValue> = Vec::new();
        let holes = self.request_templates().flat_map(Template::holes).filter_map(Hole::partition_value);
        for value in holes.chain(self.include.iter().cloned()) {
            if !needs.contains(&value) {
                needs.push(value);
            }
        }
        needs
    }
}

/// How records meet those that a destination holds already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WriteDisposition {
    /// Added to them.
    #[default]
    Append,
    /// In their place.
    Replace,
    /// Merged with them by key: they go where others come.
    Merge,
    /// Merged with them by the primary key alone.
    Upsert,
    /// Added to them where their key is not there yet.
    InsertOnly,
    /// Added to them where they are other versions, whose rows say when they were valid.
    Scd2,
    /// Left out.
    Skip,
}

impl WriteDisposition {
    /// What the language calls it, or its strategy.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Replace => "replace",
            Self::Merge => "merge",
            Self::Upsert => "upsert",
            Self::InsertOnly => "insert-only",
            Self::Scd2 => "scd2",
            Self::Skip => "skip",
        }
    }
}

/// Which of several records with the same key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortOrder {
    /// The one with the lowest value.
    Ascending,
    /// The one with the highest.
    Descending,
}

/// What happens to a record with a field that its schema does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// The field is skipped, and told as drift.
    #[default]
    Evolve,
    /// The run stops with an error that names the record and the field.
    Freeze,
    /// The record is left out and counted.
    DiscardRow,
    /// The field is skipped, and nothing is told of it.
    DiscardValue,
}

/// What happens to a record that does not fit its schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contract {
    /// The run stops with an error that names the record.
    #[default]
    Freeze,
    /// The record is left out and counted.
    DiscardRow,
    /// The value is left out and counted; where it is required, the record is.
    DiscardValue,
}
