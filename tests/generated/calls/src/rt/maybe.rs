//! A value of which it matters whether it is absent or null.

use crate::rt::codec::{Decode, Lenient};
use crate::rt::encode::{Encode, Writer};
use crate::rt::fault::Fault;
use crate::rt::reader::Reader;

/// A value that may be absent, or there but null: to a service that changes a record, the first says "leave it as it is" and the
/// second "take it away".
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Maybe<T> {
    /// The key is not there.
    #[default]
    Absent,
    /// The value is null.
    Null,
    /// There is a value.
    Value(T),
}

impl<T> Maybe<T> {
    /// The same of a reference.
    pub const fn as_ref(&self) -> Maybe<&T> {
        match self {
            Self::Absent => Maybe::Absent,
            Self::Null => Maybe::Null,
            Self::Value(value) => Maybe::Value(value),
        }
    }

    /// The same of another value, made from this one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Maybe<U> {
        match self {
            Self::Absent => Maybe::Absent,
            Self::Null => Maybe::Null,
            Self::Value(value) => Maybe::Value(make(value)),
        }
    }

    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Whether the key is not there.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether it is there, and null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl<T> From<T> for Maybe<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// `None` is null.
impl<T> From<Option<T>> for Maybe<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<T: Decode> Decode for Maybe<T> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.read::<Option<T>>().map(Self::from)
    }
}

impl<T: Lenient> Lenient for Maybe<T> {
    fn lenient(r: &mut Reader<'_>) -> Result<Self, Fault> {
        Option::lenient(r).map(Self::from)
    }
}

#[cfg(feature = "arrow")]
impl<T: crate::rt::columnar::Columnar> crate::rt::columnar::Columnar for Maybe<T> {
    const TYPE: crate::rt::columnar::Type = T::TYPE;
    const NULLABLE: bool = true;
}

impl<T: Encode> Encode for Maybe<T> {
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::Value(value) => value.encode(w),
            Self::Absent | Self::Null => w.raw("null"),
        }
    }

    fn is_absent(&self) -> bool {
        Self::is_absent(self)
    }
}

/// Serde's traits. What is absent has to be skipped by the record that holds it.
#[cfg(feature = "serde")]
mod with_serde {
    use serde::de::{Deserialize, Deserializer};
    use serde::ser::{Serialize, Serializer};

    use super::Maybe;

    impl<T: Serialize> Serialize for Maybe<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.as_ref().value().serialize(serializer)
        }
    }

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Option::deserialize(deserializer).map(Self::from)
        }
    }
}
