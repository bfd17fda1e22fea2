//! Texts with holes, and places in a document.

use super::{ListField, ParentField, PartitionValue};
use crate::source::{Sources, Span};

/// A text with holes.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// Its parts, in order; no two literals in a row.
    pub parts: Vec<TemplatePart>,
    /// Where the text stands.
    pub span: Span,
}

/// A part of a [`Template`].
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// A text, as it is.
    Literal(String),
    /// Something to be filled in.
    Hole(Hole),
}

/// What fills a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hole {
    /// An input of the connector.
    Input(String),
    /// An argument of the call.
    Argument(String),
    /// Where an incremental run starts.
    Start,
    /// Where an incremental run ends.
    End,
    /// A field of a parent's record.
    Parent {
        /// The parent resource.
        resource: String,
        /// The field's place in its record.
        field: Path,
    },
    /// A value of a list that the resource is read for.
    List(ListField),
}

impl Template {
    /// A text without holes.
    #[must_use]
    pub fn literal(text: &str, span: Span) -> Self {
        let parts = if text.is_empty() { Vec::new() } else { vec![TemplatePart::Literal(text.to_owned())] };
        Self { parts, span }
    }

    /// The holes, in order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            TemplatePart::Hole(hole) => Some(hole),
            TemplatePart::Literal(_) => None,
        })
    }

    /// The text between the holes, without them.
    #[must_use]
    pub fn literal_text(&self) -> String {
        let literal = |part: &TemplatePart| match part {
            TemplatePart::Literal(text) => text.clone(),
            TemplatePart::Hole(_) => String::new(),
        };
        self.parts.iter().map(literal).collect()
    }

    /// Adds a text at the end.
    pub fn push_literal(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(TemplatePart::Literal(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.parts.push(TemplatePart::Literal(text.to_owned())),
        }
    }

    /// Adds parts at the end.
    pub fn append(&mut self, parts: Vec<TemplatePart>) {
        for part in parts {
            match part {
                TemplatePart::Literal(text) => self.push_literal(&text),
                hole @ TemplatePart::Hole(_) => self.parts.push(hole),
            }
        }
    }

    /// Where a hole stands, as near as its text can be found in the source.
    #[must_use]
    pub fn place_of(&self, hole: &Hole, sources: &Sources) -> Span {
        let written = match hole {
            Hole::Input(name) | Hole::Argument(name) => format!("{{{name}}}"),
            Hole::Parent { resource, field } => format!("{{resources.{resource}.{field}}}"),
            Hole::List(_) | Hole::Start | Hole::End => format!("{{{}}}", hole.name()),
        };
        let text = sources.text(self.span.file).get(self.span.start as usize..self.span.end as usize);
        let found = text.and_then(|text| text.find(&written)).and_then(|at| u32::try_from(at).ok());
        match (found, u32::try_from(written.len())) {
            (Some(at), Ok(length)) => {
                let start = self.span.start + at;
                Span { start, end: start + length, ..self.span }
            }
            _ => self.span,
        }
    }

    /// The text as the runtime reads it: `{input}`, `{argument}`, `{resource.field}`, and `{{`, `}}` for braces.
    #[must_use]
    pub fn to_runtime(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Literal(literal) => text += &literal.replace('{', "{{").replace('}', "}}"),
                TemplatePart::Hole(hole) => text.extend(["{", &hole.name(), "}"]),
            }
        }
        text
    }
}

impl Hole {
    /// The name between the braces of a runtime template.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Input(name) | Self::Argument(name) => name.clone(),
            Self::Parent { resource, field } => format!("{resource}.{field}"),
            Self::Start => "incremental.start_value".to_owned(),
            Self::End => "incremental.end_value".to_owned(),
            Self::List(value) => PartitionValue::List(value.clone()).name(),
        }
    }

    /// The value of the partition at hand that fills it, if it is one.
    #[must_use]
    pub fn partition_value(&self) -> Option<PartitionValue> {
        match self {
            Self::Input(_) | Self::Argument(_) | Self::Start | Self::End => None,
            Self::Parent { resource, field } => {
                Some(PartitionValue::Parent(ParentField { resource: resource.clone(), field: field.clone() }))
            }
            Self::List(value) => Some(PartitionValue::List(value.clone())),
        }
    }

    /// Whether it is a bound of an incremental run.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        matches!(self, Self::Start | Self::End)
    }
}

/// A place in a JSON document: steps from the root on; none is the root itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(pub Vec<Segment>);

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A member of an object.
    Key(String),
    /// An element of an array, from 0.
    Index(usize),
}

impl std::fmt::Display for Path {
    /// `data.items[0].id`; the root is `$`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if key.contains(['.', '[', ']', '\'']) => write!(f, "['{key}']")?,
                Segment::Key(key) if at == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
