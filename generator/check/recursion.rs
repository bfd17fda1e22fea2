//! A type that holds itself must do so through something that may be absent, or through an array or a map.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Field, Type, TypeDef, TypeId, TypeKind, Types};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let finite = finite(&api.types);
    let is_finite = |id: TypeId| finite.get(id.0 as usize).copied().unwrap_or(true);
    let mut reported: Vec<TypeId> = Vec::new();
    for (id, _) in api.types.iter().filter(|(id, def)| !is_finite(*id) && !def.path.span.is_nowhere()) {
        let chain = chain(id, &api.types, &is_finite);
        if chain.iter().any(|(id, _)| reported.contains(id)) {
            continue;
        }
        reported.extend(chain.iter().map(|(id, _)| *id));
        report(&chain, &api.types, diagnostics);
    }
}

/// Which types have values that end: found by adding types until no more can be added.
fn finite(types: &Types) -> Vec<bool> {
    let mut finite = vec![false; types.len()];
    loop {
        let mut has_changed = false;
        for (id, def) in types.iter() {
            let ends = match &def.kind {
                TypeKind::Enum(_) => true,
                TypeKind::Struct(fields) => fields.iter().all(|field| may_be_absent(field) || is_finite(&field.ty, &finite)),
                TypeKind::Union(variants) => {
                    // A union directly in a union takes up its place: a cycle of them alone would have no end in memory.
                    let is_nested = |variant: &&Type| is_union(variant, types);
                    variants.iter().any(|variant| is_finite(variant, &finite))
                        && variants.iter().filter(is_nested).all(|variant| is_finite(variant, &finite))
                }
            };
            if let Some(known) = finite.get_mut(id.0 as usize)
                && ends
                && !*known
            {
                *known = true;
                has_changed = true;
            }
        }
        if !has_changed {
            return finite;
        }
    }
}

fn is_union(ty: &Type, types: &Types) -> bool {
    matches!(ty, Type::Named(id) if matches!(types.get(*id).kind, TypeKind::Union(_)))
}

fn may_be_absent(field: &Field) -> bool {
    !field.required || field.nullable
}

fn is_finite(ty: &Type, finite: &[bool]) -> bool {
    match ty {
        Type::Named(id) => finite.get(id.0 as usize).copied().unwrap_or(true),
        _ => true,
    }
}

/// The way from a type over fields that are always there back to a type on it; a union has no field.
fn chain<'a>(start: TypeId, types: &'a Types, is_finite: &dyn Fn(TypeId) -> bool) -> Vec<(TypeId, Option<&'a Field>)> {
    let mut chain: Vec<(TypeId, Option<&Field>)> = Vec::new();
    let mut at = start;
    loop {
        if let Some(begin) = chain.iter().position(|(id, _)| *id == at) {
            chain.drain(..begin);
            return chain;
        }
        let endless = |ty: &Type| match ty {
            Type::Named(id) if !is_finite(*id) => Some(*id),
            _ => None,
        };
        let next = match &types.get(at).kind {
            TypeKind::Struct(fields) => {
                fields.iter().filter(|field| !may_be_absent(field)).find_map(|field| Some((endless(&field.ty)?, Some(field))))
            }
            TypeKind::Union(variants) => variants.iter().find_map(|variant| Some((endless(variant)?, None))),
            TypeKind::Enum(_) => None,
        };
        let Some((next, field)) = next else { return chain };
        chain.push((at, field));
        at = next;
    }
}

fn report(chain: &[(TypeId, Option<&Field>)], types: &Types, diagnostics: &mut Diagnostics) {
    let name = |def: &TypeDef| def.path.join(".");
    let Some((first, _)) = chain.first() else { return };
    let mut shown: Vec<String> = chain
        .iter()
        .map(|(id, field)| {
            let name = name(types.get(*id));
            field.map_or_else(|| name.clone(), |field| format!("{name}.{}", field.name.value))
        })
        .collect();
    shown.push(name(types.get(*first)));
    let place = chain.iter().find_map(|(_, field)| field.map(|field| field.name.span)).unwrap_or(types.get(*first).path.span);
    diagnostics.push(Diagnostic::new(Code::InfiniteType, place, &[&shown.join(" -> ")]));
}
