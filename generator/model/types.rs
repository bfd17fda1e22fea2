//! The types of records.

use std::sync::OnceLock;

use super::Spanned;
use crate::fingerprint::{self, Digest};

/// A type where it is used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A value without parts.
    Scalar(Scalar),
    /// Any JSON value, kept as it is.
    Json,
    /// A list.
    Array(Box<Type>),
    /// An object with free keys.
    Map(Box<Type>),
    /// A struct, enum or union.
    Named(TypeId),
}

/// How deep lists and maps may lie in one another: Rust's types are read and printed by functions that call themselves.
pub const MAX_NESTING: usize = 60;

impl Type {
    /// How many lists and maps lie in one another.
    #[must_use]
    pub fn nesting(&self) -> usize {
        match self {
            Self::Scalar(_) | Self::Json | Self::Named(_) => 0,
            Self::Array(inner) | Self::Map(inner) => 1 + inner.nesting(),
        }
    }

    /// The struct, enum or union in it.
    #[must_use]
    pub fn named(&self) -> Option<TypeId> {
        match self {
            Self::Scalar(_) | Self::Json => None,
            Self::Array(inner) | Self::Map(inner) => inner.named(),
            Self::Named(id) => Some(*id),
        }
    }
}

/// A value without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// Text.
    String,
    /// A whole number of 64 bits.
    Integer,
    /// A floating-point number of 64 bits.
    Number,
    /// A number of any size and precision, kept exactly.
    Decimal,
    /// True or false.
    Boolean,
    /// A moment (RFC 3339).
    DateTime,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A UUID.
    Uuid,
    /// Bytes, base64 on the wire.
    Binary,
}

/// Names a [`TypeDef`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u32);

/// Every named type of an API.
#[derive(Clone, Debug, Default)]
pub struct Types {
    defs: Vec<TypeDef>,
    /// Their digests, once they are asked for.
    digests: OnceLock<Vec<Digest>>,
}

impl Types {
    /// Adds a type.
    #[expect(clippy::cast_possible_truncation, reason = "a spec with four thousand million types does not fit into memory")]
    pub fn add(&mut self, def: TypeDef) -> TypeId {
        self.digests.take();
        self.defs.push(def);
        TypeId(self.defs.len() as u32 - 1)
    }

    /// A type by its id.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &TypeDef {
        &self.defs[id.0 as usize]
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: TypeId) -> &mut TypeDef {
        self.digests.take();
        &mut self.defs[id.0 as usize]
    }

    /// Every type and its id: the schemas in the order of the spec, then inline types, each after the one that holds it.
    pub fn iter(&self) -> impl Iterator<Item = (TypeId, &TypeDef)> {
        self.defs.iter().enumerate().map(|(at, def)| (TypeId(u32::try_from(at).unwrap_or(u32::MAX)), def))
    }

    /// The types that a type is made of.
    #[must_use]
    pub fn parts(&self, id: TypeId) -> Vec<&Type> {
        let def = self.get(id);
        match &def.kind {
            TypeKind::Struct(fields) => fields.iter().map(|field| &field.ty).chain(&def.rest).collect(),
            TypeKind::Enum(_) => Vec::new(),
            TypeKind::Union(variants) => variants.iter().collect(),
        }
    }

    /// The digest of each type and of all that it is made of, by its id.
    pub(crate) fn digests(&self) -> &[Digest] {
        self.digests.get_or_init(|| fingerprint::digests(self))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.defs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.defs.is_empty()
    }

    /// The fields of a type, where it is a struct.
    #[must_use]
    pub fn fields(&self, ty: &Type) -> Option<&[Field]> {
        match ty {
            Type::Named(id) => match &self.get(*id).kind {
                TypeKind::Struct(fields) => Some(fields),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A named type.
#[derive(Clone, Debug)]
pub struct TypeDef {
    /// Where its name comes from: the schema's name, then the fields that lead to an inline type (`["User", "identities"]`;
    /// an element of an array is named by the singular of its field: `["User", "identity"]`).
    pub path: Spanned<Vec<String>>,
    /// What it is, for people.
    pub description: Option<String>,
    /// What it is made of.
    pub kind: TypeKind,
    /// Of a struct: the type of the members that are not among its fields, where they are kept.
    pub rest: Option<Type>,
    /// Of a union: the member that says which of its types a value is, where there is one.
    pub tag: Option<Tag>,
}

impl TypeDef {
    /// A type that keeps no members without a field and has no tag.
    #[must_use]
    pub fn new(path: Spanned<Vec<String>>, description: Option<String>, kind: TypeKind) -> Self {
        Self { path, description, kind, rest: None, tag: None }
    }

    /// The schema that it is, or is written inside.
    #[must_use]
    pub fn schema(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }
}

/// The member of an object that says which type of a union it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its values, each with the number of the type that it stands for.
    pub values: Vec<(String, usize)>,
}

/// What a named type is made of.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// An object with known keys, in the order of the spec.
    Struct(Vec<Field>),
    /// One of some texts; others may come.
    Enum(Vec<Spanned<String>>),
    /// One of several types, told apart by the tag or else by the JSON that comes: the one that leaves the fewest members unread,
    /// the first of those.
    Union(Vec<Type>),
}

/// A field of a struct.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about a field")]
pub struct Field {
    /// Its key on the wire.
    pub name: Spanned<String>,
    /// What it is, for people.
    pub description: Option<String>,
    /// Its type.
    pub ty: Type,
    /// Whether the key is always there. Fields are optional unless the spec says otherwise.
    pub required: bool,
    /// Whether its value may be null. Fields are nullable unless the spec says otherwise.
    pub nullable: bool,
    /// Whether an absent key and a null are told apart, for a field that may be either.
    pub distinct: bool,
    /// Whether it is hidden in `Debug` output.
    pub sensitive: bool,
    /// Whether neighbouring forms of the type are taken as well (`"true"`, `"12"`, epoch seconds, a number as text).
    pub lenient: bool,
    /// Whether the service advises against it.
    pub deprecated: bool,
}
