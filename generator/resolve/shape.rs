//! The type of a record while steps change it: types that others use as well are copied before they are changed.

use super::include::free_path;
use crate::model::{Field, Path, Segment, Spanned, Type, TypeDef, TypeId, TypeKind, Types};

/// The type of a record on its way.
pub(super) struct Shape<'s> {
    types: &'s mut Types,
    record: Type,
    /// The name of the resource, which the new type is called by.
    name: &'s Spanned<String>,
    /// The copies made so far.
    own: Vec<TypeId>,
}

/// The object that holds a field.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    /// An object with known fields, which may be changed.
    Fields(TypeId),
    /// A JSON value, which may have any.
    Free,
    /// No object: where, and what it is.
    Other(Path, Type),
}

impl<'s> Shape<'s> {
    pub(super) fn new(types: &'s mut Types, record: Type, name: &'s Spanned<String>) -> Self {
        Self { types, record, name, own: Vec::new() }
    }

    pub(super) fn types(&self) -> &Types {
        self.types
    }

    pub(super) fn record(&self) -> &Type {
        &self.record
    }

    /// Whether no field is left.
    pub(super) fn is_empty(&self) -> bool {
        self.types.fields(&self.record).is_some_and(<[Field]>::is_empty)
    }

    /// The object that holds the last step of a path, ready to be changed.
    pub(super) fn holder(&mut self, path: &Path) -> Holder {
        let mut way: Vec<String> = Vec::new();
        let mut id = match self.own_root() {
            Ok(id) => id,
            Err(Type::Json) => return Holder::Free,
            Err(other) => return Holder::Other(Path::default(), other),
        };
        let above = path.0.split_last().map(|(_, above)| above).unwrap_or_default();
        for (at, segment) in above.iter().enumerate() {
            let within = || Path(path.0.iter().take(at + 1).cloned().collect());
            let Segment::Key(key) = segment else { return Holder::Other(within(), Type::Json) };
            let Some(ty) = self
                .fields_mut(id)
                .and_then(|fields| fields.iter().find(|field| *field.name == *key))
                .map(|field| field.ty.clone())
            else {
                return Holder::Other(within(), Type::Json);
            };
            way.push(key.clone());
            let inner = match &ty {
                Type::Json => return Holder::Free,
                Type::Named(inner) if self.types.fields(&ty).is_some() => *inner,
                _ => return Holder::Other(within(), ty),
            };
            let mine = self.copied(inner, &way);
            if let Some(field) = self.fields_mut(id).and_then(|fields| fields.iter_mut().find(|field| *field.name == *key)) {
                field.ty = Type::Named(mine);
            }
            id = mine;
        }
        Holder::Fields(id)
    }

    /// Takes the field that a path ends with out of the object that holds it.
    pub(super) fn take(&mut self, holder: &Holder, path: &Path) -> Option<Field> {
        let at = self.position(holder, path)?;
        let Holder::Fields(id) = holder else { return None };
        self.fields_mut(*id).filter(|fields| at < fields.len()).map(|fields| fields.remove(at))
    }

    /// Adds a field, at a place or at the end.
    pub(super) fn put(&mut self, holder: &Holder, field: Field, place: Option<usize>) {
        let Holder::Fields(id) = holder else { return };
        if let Some(fields) = self.fields_mut(*id) {
            let place = place.unwrap_or(fields.len()).min(fields.len());
            fields.insert(place, field);
        }
    }

    /// The place of the field that a path ends with.
    pub(super) fn position(&mut self, holder: &Holder, path: &Path) -> Option<usize> {
        let (Holder::Fields(id), Some(Segment::Key(key))) = (holder, path.0.last()) else { return None };
        self.fields_mut(*id)?.iter().position(|field| *field.name == *key)
    }

    /// The field that a path ends with.
    pub(super) fn field_mut(&mut self, holder: &Holder, path: &Path) -> Option<&mut Field> {
        let at = self.position(holder, path)?;
        let Holder::Fields(id) = holder else { return None };
        self.fields_mut(*id)?.get_mut(at)
    }

    fn fields_mut(&mut self, id: TypeId) -> Option<&mut Vec<Field>> {
        match &mut self.types.get_mut(id).kind {
            TypeKind::Struct(fields) => Some(fields),
            _ => None,
        }
    }

    /// The record's own type; what it is, where that is no object with known fields.
    fn own_root(&mut self) -> Result<TypeId, Type> {
        let id = match &self.record {
            Type::Named(id) if self.types.fields(&self.record).is_some() => *id,
            other => return Err(other.clone()),
        };
        let mine = self.copied(id, &[]);
        self.record = Type::Named(mine);
        Ok(mine)
    }

    /// A type that may be changed: a copy of its own, unless it is one already.
    fn copied(&mut self, id: TypeId, way: &[String]) -> TypeId {
        if self.own.contains(&id) {
            return id;
        }
        let root = match self.own.first() {
            Some(root) => self.types.get(*root).path.value.clone(),
            None => free_path(self.name, self.types),
        };
        let held = self.types.get(id).clone();
        let description = match (held.description.clone(), way) {
            (None, []) => Some(format!("A record of `{}`, after its steps.", self.name.value)),
            (description, _) => description,
        };
        let path = Spanned::new(root.into_iter().chain(way.iter().cloned()).collect(), self.name.span);
        let copy = self.types.add(TypeDef { path, description, ..held });
        self.own.push(copy);
        copy
    }
}
