//! What has to be known of the types before code can be written for them: one pass a file, computed once.

mod equality;
mod levels;
mod reached;
mod recursion;
mod used;

use crate::model::{Api, TypeId, TypeKind, Types};

pub use levels::{Level, LevelSource, levels};
pub use reached::reached;
pub(crate) use recursion::strongly_connected;
pub use used::is_sensitive;

/// The results of all passes.
#[derive(Debug)]
pub struct Facts {
    used: Vec<bool>,
    sent: Vec<bool>,
    component: Vec<usize>,
    /// The same with unions alone.
    unions: Vec<usize>,
    eq: Vec<bool>,
}

impl Facts {
    /// Runs every pass.
    #[must_use]
    pub fn of(api: &Api) -> Self {
        Self {
            used: used::used(api),
            sent: used::sent(api),
            component: recursion::components(&api.types),
            unions: recursion::components_of_unions(&api.types),
            eq: equality::eq(&api.types),
        }
    }

    /// Whether an operation sends or receives values of the type.
    #[must_use]
    pub fn is_used(&self, id: TypeId) -> bool {
        self.used[id.0 as usize]
    }

    /// Whether an operation sends values of the type, or a hook gives them.
    #[must_use]
    pub fn is_sent(&self, id: TypeId) -> bool {
        self.sent[id.0 as usize]
    }

    /// Whether a value of one type that holds one of the other directly would be of infinite size, unless there is a box between
    /// them. It is structs that are boxed, and unions only in a circle of unions.
    #[must_use]
    pub fn must_box(&self, types: &Types, holder: TypeId, held: TypeId) -> bool {
        let (holder, held_at) = (holder.0 as usize, held.0 as usize);
        match &types.get(held).kind {
            TypeKind::Struct(_) => self.component[holder] == self.component[held_at],
            TypeKind::Union(_) => self.unions[holder] == self.unions[held_at],
            TypeKind::Enum(_) => false,
        }
    }

    /// Whether equality of the type's values is an equivalence: no float is in it.
    #[must_use]
    pub fn is_eq(&self, id: TypeId) -> bool {
        self.eq[id.0 as usize]
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::model::{Field, Spanned, Type, TypeDef, TypeId, TypeKind, Types};
    use crate::source::Span;

    /// A value without a place.
    pub(crate) fn at<T>(value: T) -> Spanned<T> {
        Spanned::new(value, Span::default())
    }

    /// A field as it is where the spec says nothing but its type.
    pub(crate) fn field(name: &str, ty: Type) -> Field {
        Field {
            name: at(name.to_owned()),
            description: None,
            ty,
            required: false,
            nullable: true,
            distinct: false,
            sensitive: false,
            lenient: false,
            deprecated: false,
        }
    }

    /// Structs `T0`, `T1`, … with a field of each type.
    pub(crate) fn structs(fields: &[&[Type]]) -> Types {
        let mut types = Types::default();
        for (at_, held) in fields.iter().enumerate() {
            let fields = held.iter().enumerate().map(|(n, ty)| field(&format!("f{n}"), ty.clone())).collect();
            let path = at(vec![format!("T{at_}")]);
            types.add(TypeDef::new(path, None, TypeKind::Struct(fields)));
        }
        types
    }

    pub(crate) fn named(id: u32) -> Type {
        Type::Named(TypeId(id))
    }
}
