//! What a path leads to in a type.

use super::{Field, Path, Scalar, Segment, Type, TypeKind, Types};

/// What a path leads to.
#[derive(Clone, Debug)]
pub enum Lookup<'a> {
    /// A type, and the last field on the way to it.
    Found(&'a Type, Option<&'a Field>),
    /// Something below a JSON value, of which nothing is known.
    Unknown,
    /// A key that is not there.
    Missing {
        /// The path before it.
        within: Path,
        /// The key, as it is shown.
        key: String,
        /// The keys that are there.
        known: Vec<&'a str>,
    },
}

impl Types {
    /// What a path leads to in a type.
    #[must_use]
    pub fn lookup<'a>(&'a self, ty: &'a Type, path: &Path) -> Lookup<'a> {
        self.follow(ty, None, path, 0)
    }

    fn follow<'a>(&'a self, ty: &'a Type, field: Option<&'a Field>, path: &Path, at: usize) -> Lookup<'a> {
        let Some(step) = path.0.get(at) else { return Lookup::Found(ty, field) };
        let missing = |known: Vec<&'a str>| Lookup::Missing {
            within: Path(path.0.iter().take(at).cloned().collect()),
            key: match step {
                Segment::Key(key) => key.clone(),
                Segment::Index(index) => format!("[{index}]"),
            },
            known,
        };
        match (ty, step) {
            (Type::Json, _) => Lookup::Unknown,
            (Type::Array(inner), Segment::Index(_)) | (Type::Map(inner), Segment::Key(_)) => {
                self.follow(inner, None, path, at + 1)
            }
            (Type::Named(id), _) => match (&self.get(*id).kind, step) {
                (TypeKind::Struct(fields), Segment::Key(key)) => match fields.iter().find(|field| *field.name == *key) {
                    Some(field) => self.follow(&field.ty, Some(field), path, at + 1),
                    None => missing(fields.iter().map(|field| field.name.as_str()).collect()),
                },
                (TypeKind::Union(variants), _) => {
                    let mut found = variants.iter().map(|variant| self.follow(variant, field, path, at));
                    found.find(|lookup| !matches!(lookup, Lookup::Missing { .. })).unwrap_or_else(|| missing(Vec::new()))
                }
                _ => missing(Vec::new()),
            },
            _ => missing(Vec::new()),
        }
    }

    /// The scalar that a type is, or that one variant of it is.
    #[must_use]
    pub fn scalar(&self, ty: &Type) -> Option<Scalar> {
        match ty {
            Type::Scalar(scalar) => Some(*scalar),
            Type::Named(id) => match &self.get(*id).kind {
                TypeKind::Enum(_) => Some(Scalar::String),
                TypeKind::Union(variants) => variants.iter().find_map(|variant| match variant {
                    Type::Scalar(scalar) => Some(*scalar),
                    _ => None,
                }),
                TypeKind::Struct(_) => None,
            },
            _ => None,
        }
    }

    /// What a type is, in a sentence.
    #[must_use]
    pub fn describe(&self, ty: &Type) -> &'static str {
        match ty {
            Type::Scalar(Scalar::Boolean) => "a truth value",
            Type::Scalar(Scalar::Binary) => "a piece of binary data",
            Type::Scalar(Scalar::Integer | Scalar::Number | Scalar::Decimal) => "a number",
            Type::Scalar(Scalar::DateTime | Scalar::Date | Scalar::Time) => "a date or time",
            Type::Scalar(Scalar::String | Scalar::Uuid) => "a text",
            Type::Json => "a JSON value",
            Type::Array(_) => "an array",
            Type::Map(_) => "a map",
            Type::Named(id) => match self.get(*id).kind {
                TypeKind::Struct(_) => "an object",
                TypeKind::Enum(_) => "a text",
                TypeKind::Union(_) => "a union",
            },
        }
    }
}
