//! The Rust type of a value.

use crate::facts::Facts;
use crate::model::{Scalar, Type, TypeId, TypeKind, Types};
use crate::names;

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
    /// The answer has no body.
    Unit,
}

impl RustType {
    /// The type of a value that is always there.
    #[must_use]
    pub fn of(types: &Types, ty: &Type) -> Self {
        match ty {
            Type::Scalar(scalar) => match scalar {
                Scalar::String => Self::String,
                Scalar::Integer => Self::Primitive("i64"),
                Scalar::Number => Self::Primitive("f64"),
                Scalar::Boolean => Self::Primitive("bool"),
                Scalar::Decimal => Self::Value("Decimal"),
                Scalar::Uuid => Self::Value("Uuid"),
                Scalar::Binary => Self::Value("Binary"),
                Scalar::DateTime => Self::Time("Timestamp"),
                Scalar::Date => Self::Time("Date"),
                Scalar::Time => Self::Time("Time"),
            },
            Type::Json => Self::Value("Json"),
            Type::Array(inner) => Self::List(Box::new(Self::of(types, inner))),
            Type::Map(inner) => Self::Map(Box::new(Self::of(types, inner))),
            Type::Named(id) => Self::Model(names::type_name(&types.get(*id).path)),
        }
    }

    /// The same, where it stands inside another type and may have to be boxed. It is structs that are boxed: no circle is
    /// without one.
    #[must_use]
    pub fn inside(types: &Types, facts: &Facts, holder: TypeId, ty: &Type) -> Self {
        let plain = Self::of(types, ty);
        match ty {
            Type::Named(held) if matches!(types.get(*held).kind, TypeKind::Struct(_)) && facts.must_box(holder, *held) => {
                Self::Boxed(Box::new(plain))
            }
            _ => plain,
        }
    }

    /// The type of a value that may be absent.
    #[must_use]
    pub fn optional(self) -> Self {
        Self::Option(Box::new(self))
    }

    /// What is inside all `Option`s, lists, maps and boxes.
    #[must_use]
    pub fn innermost(&self) -> &Self {
        match self {
            Self::Option(inner) | Self::List(inner) | Self::Map(inner) | Self::Boxed(inner) => inner.innermost(),
            _ => self,
        }
    }

    /// Whether it is an `Option`.
    #[must_use]
    pub fn is_option(&self) -> bool {
        matches!(self, Self::Option(_))
    }

    /// Whether it is a `Box`, or an `Option` of one.
    #[must_use]
    pub fn is_boxed(&self) -> bool {
        match self {
            Self::Boxed(_) => true,
            Self::Option(inner) => inner.is_boxed(),
            _ => false,
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
