//! What the types of records' fields are in a table.
//!
//! It follows from the Rust types, so that the table of a record is always that of its struct. `project.rs` has the macro that
//! gathers the fields of a record.

use std::collections::BTreeMap;

use crate::rt::project::Leniently;
use crate::rt::record::Key;
use crate::rt::time::{Date, Time, Timestamp};
use crate::rt::value::{Binary, Decimal, Json, Uuid};

/// A type whose values are the values of a column.
pub trait Columnar {
    /// What they are.
    const TYPE: Type;
    /// Whether a null is one.
    const NULLABLE: bool = false;
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A text.
    Text,
    /// A text, which is most often one of those that the function knows.
    Word(fn(&str) -> bool),
    /// A UUID.
    Uuid,
    /// True or false.
    Boolean,
    /// A whole number of 64 bits.
    Integer,
    /// A float of 64 bits.
    Float,
    /// A decimal number.
    Decimal,
    /// An instant.
    Timestamp,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// Bytes.
    Binary,
    /// Any JSON, as a text.
    Json,
    /// A list.
    List(&'static Element),
    /// A record. A function, since a record may hold itself.
    Record(fn() -> Shape),
}

/// The elements of a list.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// What they are.
    pub kind: Type,
    /// Whether a null is one.
    pub nullable: bool,
}

/// A field of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What its values are.
    pub kind: Type,
    /// Whether neighbouring forms of a value are read as well.
    pub lenient: bool,
}

/// The fields of a record, in the order of its keys.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its keys.
    pub keys: &'static [Key],
    /// What their values are.
    pub fields: &'static [Field],
    /// What the members that it has besides are called, if it keeps them.
    pub rest: Option<&'static str>,
}

/// How a record reads a field, as `fields!` writes it.
pub trait ColumnOf {
    /// The field.
    const FIELD: Field;
}

impl<T: Columnar> ColumnOf for T {
    const FIELD: Field = Field { kind: T::TYPE, lenient: false };
}

impl<T: Columnar> ColumnOf for Leniently<T> {
    const FIELD: Field = Field { kind: T::TYPE, lenient: true };
}

macro_rules! scalars {
    ($($type:ty: $kind:ident),+ $(,)?) => {
        $(impl Columnar for $type {
            const TYPE: Type = Type::$kind;
        })+
    };
}

scalars! {
    String: Text, Uuid: Uuid, bool: Boolean, i64: Integer, f64: Float, Decimal: Decimal,
    Timestamp: Timestamp, Date: Date, Time: Time, Binary: Binary, Json: Json,
}

impl<T: Columnar> Columnar for Option<T> {
    const TYPE: Type = T::TYPE;
    const NULLABLE: bool = true;
}

impl<T: Columnar> Columnar for Box<T> {
    const TYPE: Type = T::TYPE;
    const NULLABLE: bool = T::NULLABLE;
}

impl<T: Columnar> Columnar for Vec<T> {
    const TYPE: Type = Type::List(&Element { kind: T::TYPE, nullable: T::NULLABLE });
}

/// An object with free keys is no record.
impl<T> Columnar for BTreeMap<String, T> {
    const TYPE: Type = Type::Json;
}

/// Has the values of types be JSON in their columns: those of several types, and records with more fields than a row of types has
/// room for. `as_json!(Event);`
#[doc(hidden)]
#[macro_export]
macro_rules! __as_json {
    ($type:ident) => {
        #[cfg(feature = "arrow")]
        impl $crate::rt::columnar::Columnar for $type {
            const TYPE: $crate::rt::columnar::Type = $crate::rt::columnar::Type::Json;
        }
    };
}

pub use crate::__as_json as as_json;
