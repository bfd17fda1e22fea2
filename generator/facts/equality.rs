//! Which types are free of floats, so that they can have `Eq` and `Hash`.

use crate::model::{Scalar, Type, TypeKind, Types};

/// Whether each type has `Eq`, by its id.
///
/// All have it until proved otherwise, so that types which hold each other do not stand in their own way.
pub(super) fn eq(types: &Types) -> Vec<bool> {
    let mut eq = vec![true; types.len()];
    loop {
        let mut changed = false;
        for (id, def) in types.iter() {
            let at = id.0 as usize;
            let holds = match &def.kind {
                TypeKind::Struct(fields) => fields.iter().map(|field| &field.ty).chain(&def.rest).all(|ty| has_eq(ty, &eq)),
                TypeKind::Enum(_) => true,
                TypeKind::Union(variants) => variants.iter().all(|ty| has_eq(ty, &eq)),
            };
            changed |= eq[at] && !holds;
            eq[at] = holds;
        }
        if !changed {
            return eq;
        }
    }
}

fn has_eq(ty: &Type, eq: &[bool]) -> bool {
    match ty {
        Type::Scalar(scalar) => *scalar != Scalar::Number,
        Type::Json => true,
        Type::Array(inner) | Type::Map(inner) => has_eq(inner, eq),
        Type::Named(id) => eq[id.0 as usize],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{named, structs};

    #[test]
    fn a_float_anywhere_inside_spoils_equality() {
        let float = Type::Scalar(Scalar::Number);
        let text = Type::Scalar(Scalar::String);
        // 0 and 1 hold each other; 2 holds a list of 3, which holds a float.
        let types = structs(&[&[named(1), text], &[named(0)], &[Type::Array(Box::new(named(3)))], &[float]]);
        assert_eq!(eq(&types), [true, true, false, false]);
    }
}
