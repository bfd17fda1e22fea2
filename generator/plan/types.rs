//! The Rust type of a value.

use std::fmt;

use super::Context;
use crate::model::{Scalar, Type, TypeId, TypeKind, Types};

/// A type in generated code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RustType {
    /// `bool`, `i64` or `f64`.
    Primitive(&'static str),
    /// A `String`.
    String,
    /// A type of the runtime's file `value`.
    Value(&'static str),
    /// A type of the runtime's file `time`.
    Time(&'static str),
    /// A type of this crate's `models`.
    Model(String),
    /// An `Option`.
    Option(Box<RustType>),
    /// A `Vec`.
    List(Box<RustType>),
    /// A `BTreeMap` from `String`.
    Map(Box<RustType>),
    /// A `Box`.
    Boxed(Box<RustType>),
    /// A `Maybe` of the runtime.
    Maybe(Box<RustType>),
    /// The answer has no body.
    Unit,
}

impl Context<'_> {
    /// The Rust type of a value that is always there.
    pub(super) fn rust(&self, ty: &Type) -> RustType {
        match ty {
            Type::Scalar(scalar) => match scalar {
                Scalar::String => RustType::String,
                Scalar::Integer => RustType::Primitive("i64"),
                Scalar::Number => RustType::Primitive("f64"),
                Scalar::Boolean => RustType::Primitive("bool"),
                Scalar::Decimal => RustType::Value("Decimal"),
                Scalar::Uuid => RustType::Value("Uuid"),
                Scalar::Binary => RustType::Value("Binary"),
                Scalar::DateTime => RustType::Time("Timestamp"),
                Scalar::Date => RustType::Time("Date"),
                Scalar::Time => RustType::Time("Time"),
            },
            Type::Json => RustType::Value("Json"),
            Type::Array(inner) => RustType::List(Box::new(self.rust(inner))),
            Type::Map(inner) => RustType::Map(Box::new(self.rust(inner))),
            Type::Named(id) => RustType::Model(self.type_name(*id).to_owned()),
        }
    }

    /// The same, where it stands inside another type and may have to be boxed.
    pub(super) fn rust_inside(&self, holder: TypeId, ty: &Type) -> RustType {
        let plain = self.rust(ty);
        match ty {
            Type::Named(held) if self.facts.must_box(&self.api.types, holder, *held) => RustType::Boxed(Box::new(plain)),
            _ => plain,
        }
    }
}

impl RustType {
    /// The type of a value that may be absent.
    #[must_use]
    pub fn optional(self) -> Self {
        Self::Option(Box::new(self))
    }

    /// The type of a value that may be absent, or there and null.
    #[must_use]
    pub fn distinct(self) -> Self {
        Self::Maybe(Box::new(self))
    }

    /// What is inside all `Option`s, lists, maps and boxes.
    #[must_use]
    pub fn innermost(&self) -> &Self {
        match self {
            Self::Option(inner) | Self::List(inner) | Self::Map(inner) | Self::Boxed(inner) | Self::Maybe(inner) => {
                inner.innermost()
            }
            _ => self,
        }
    }

    /// The name of the type of this crate's `models` that it is.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Model(name) => Some(name),
            _ => None,
        }
    }

    /// Whether there may be no value.
    #[must_use]
    pub fn may_be_empty(&self) -> bool {
        matches!(self, Self::Option(_) | Self::Maybe(_))
    }

    /// Whether it is a `Box`.
    #[must_use]
    pub fn is_boxed(&self) -> bool {
        matches!(self, Self::Boxed(_))
    }
}

/// The type as code has it, without paths.
impl fmt::Display for RustType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Primitive(name) | Self::Value(name) | Self::Time(name) => f.write_str(name),
            Self::Model(name) => f.write_str(name),
            Self::String => f.write_str("String"),
            Self::Option(inner) => write!(f, "Option<{inner}>"),
            Self::List(inner) => write!(f, "Vec<{inner}>"),
            Self::Map(inner) => write!(f, "BTreeMap<String, {inner}>"),
            Self::Boxed(inner) => write!(f, "Box<{inner}>"),
            Self::Maybe(inner) => write!(f, "Maybe<{inner}>"),
            Self::Unit => f.write_str("()"),
        }
    }
}

/// Whether the runtime can read the neighbouring forms of a type.
#[must_use]
pub fn can_be_lenient(ty: &Type) -> bool {
    match ty {
        Type::Scalar(scalar) => {
            matches!(scalar, Scalar::String | Scalar::Integer | Scalar::Number | Scalar::Boolean | Scalar::DateTime)
        }
        _ => false,
    }
}

/// Whether a type is an enum of texts.
#[must_use]
pub fn is_enum(types: &Types, ty: &Type) -> bool {
    matches!(ty, Type::Named(id) if matches!(types.get(*id).kind, TypeKind::Enum(_)))
}
