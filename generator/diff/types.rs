//! What changes about the types of records, arguments and failures.

use super::change::{Change, Effect, breaking, safe};
use super::fields::Structs;
use super::pairs::{Pairs, Reach};
use super::side::Sides;
use crate::model::{TypeDef, TypeKind};
use crate::plan::{EnumValue, Item, ItemKind, RustType, Union, UnionVariant};

/// The changes of every type that both versions have.
pub(super) fn changes(cx: &Sides<'_>, pairs: &Pairs) -> Vec<Change> {
    let mut changes = Vec::new();
    for ((old, new), reach) in pairs {
        let (Some(old_item), Some(new_item)) = (cx.old.item(*old), cx.new.item(*new)) else { continue };
        let (old, new) = (cx.old.api.types.get(*old), cx.new.api.types.get(*new));
        let parts = parts(cx, [old, new], [old_item, new_item], reach);
        // Of two types the one is not the other in code. That they stand at one place now is told where that is.
        if cx.renamed.get(&old_item.name).unwrap_or(&old_item.name) == &new_item.name {
            changes.extend(whole(cx, old_item, new_item, reach));
            changes.extend(parts);
        } else {
            changes.extend(parts.into_iter().map(|change| change.rust(Effect::default())));
        }
    }
    changes
}

/// The resources whose checkpoints a change of a type makes useless.
pub(super) fn checkpoints(cx: &Sides<'_>, reach: &Reach) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in reach.digests.iter().flat_map(|name| cx.read_for(name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What changes about a type whatever it is made of.
fn whole(cx: &Sides<'_>, old: &Item, new: &Item, reach: &Reach) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |what: String, effect| changes.push(Change::new(reach.path.clone(), what).rust(effect));
    let name = &new.name;
    if cx.renamed.get(&old.name) == Some(name) {
        add(format!("the type `{}` is called `{name}`", old.name), breaking(format!("there is no `{}` any more", old.name)));
    }
    let is_struct = |item: &Item| matches!(item.kind, ItemKind::Record(_));
    if is_struct(old) && is_struct(new) && old.sent != new.sent {
        if new.sent {
            add(format!("`{name}` is sent as well now"), safe(format!("code may make a `{name}`")));
        } else {
            add(
                format!("`{name}` is not sent any more"),
                breaking(format!("`{name}` is `#[non_exhaustive]` now: code can not make one")),
            );
        }
    }
    if old.eq && !new.eq {
        add(format!("`{name}` holds a floating-point number now"), breaking(format!("`{name}` has no `Eq` any more")));
    } else if new.eq && !old.eq {
        add(format!("`{name}` holds no floating-point number any more"), safe(format!("`{name}` has `Eq` now")));
    }
    changes
}

fn parts(cx: &Sides<'_>, [old, new]: [&TypeDef; 2], items: [&Item; 2], reach: &Reach) -> Vec<Change> {
    match (&old.kind, &new.kind, &items[0].kind, &items[1].kind) {
        (
            TypeKind::Struct(old_fields),
            TypeKind::Struct(new_fields),
            ItemKind::Record(old_record),
            ItemKind::Record(new_record),
        ) => {
            let (records, fields) = ([old_record, new_record], [old_fields.as_slice(), new_fields.as_slice()]);
            Structs { cx, reach, items, records, fields }.changes()
        }
        (_, _, ItemKind::OpenEnum(old), ItemKind::OpenEnum(new)) => values(cx, reach, items[1], old, new),
        (TypeKind::Union(old_types), TypeKind::Union(new_types), ItemKind::Union(old_union), ItemKind::Union(new_union)) => {
            let mut changes = variants(cx, reach, items[1], old_union, new_union);
            let is_told = changes.iter().any(|change| !change.checkpoints.is_empty());
            if !is_told && old_types.len() == new_types.len() && order(cx, old_union) != order(cx, new_union) {
                let what = "the types of the union come in another order";
                changes.push(Change::new(reach.path.clone(), what).checkpoints(checkpoints(cx, reach)));
            }
            changes
        }
        _ => vec![kind(cx, reach, items)],
    }
}

/// A struct, an enum or a union has become one of the others.
fn kind(cx: &Sides<'_>, reach: &Reach, [old, new]: [&Item; 2]) -> Change {
    let noun = |item: &Item| match item.kind {
        ItemKind::Record(_) => "an object",
        ItemKind::OpenEnum(_) => "a text",
        ItemKind::Union(_) => "a union",
    };
    let keeps = matches!(old.kind, ItemKind::Union(_));
    let decode =
        if keeps { safe("old crates keep what fits no type") } else { breaking(format!("old crates expect {}", noun(old))) };
    let becomes_json = matches!(new.kind, ItemKind::Union(_));
    let table = if becomes_json {
        safe("widen the column")
    } else {
        breaking("change the type of the column, and convert what it holds")
    };
    let change = Change::new(reach.path.clone(), format!("{} becomes {}", noun(old), noun(new)));
    let change = change.rust(breaking(format!("`{}` is {} now", new.name, noun(new))));
    let change = if reach.received { change.decode(decode) } else { change };
    let change = if reach.tables.is_empty() { change } else { change.table(table) };
    change.checkpoints(checkpoints(cx, reach))
}

/// The texts of an open enum.
fn values(cx: &Sides<'_>, reach: &Reach, item: &Item, old: &[EnumValue], new: &[EnumValue]) -> Vec<Change> {
    let name = &item.name;
    let mut changes = Vec::new();
    let change = |what: String, rust| {
        let change = Change::new(reach.path.clone(), what).rust(rust);
        if reach.received { change.decode(safe("old crates keep a text that they do not know as `Other`")) } else { change }
    };
    for value in old {
        let EnumValue { name: variant, text } = value;
        match new.iter().find(|held| held.text == *text) {
            None => {
                let rust = breaking(format!("`{name}` has no `{variant}` any more"));
                changes.push(change(format!("`{text}` is not a value any more"), rust).checkpoints(checkpoints(cx, reach)));
            }
            Some(now) if now.name != *variant => {
                let rust = breaking(format!("`{variant}` of `{name}` is `{}` now", now.name));
                changes.push(change(format!("`{text}` is called `{}` in code", now.name), rust));
            }
            Some(_) => {}
        }
    }
    for value in new.iter().filter(|value| !old.iter().any(|held| held.text == value.text)) {
        let rust = safe(format!("`{name}` may gain variants"));
        changes.push(change(format!("`{}` is a new value", value.text), rust).checkpoints(checkpoints(cx, reach)));
    }
    changes
}

/// The types of a union.
fn variants(cx: &Sides<'_>, reach: &Reach, item: &Item, old: &Union, new: &Union) -> Vec<Change> {
    let name = &item.name;
    let mut changes = Vec::new();
    let all = |union: &'_ Union| union.variants.iter().chain([&union.other]).cloned().collect::<Vec<UnionVariant>>();
    let (old_all, new_all) = (all(old), all(new));
    let is_same = |old: &UnionVariant, new: &UnionVariant| renamed_variant(cx, old) == new.name && cx.renamed(&old.ty) == new.ty;
    let change = |what: String, rust| {
        let change = Change::new(reach.path.clone(), what).rust(rust).checkpoints(checkpoints(cx, reach));
        if reach.received { change.decode(safe("old crates keep a value that fits no type")) } else { change }
    };
    for variant in old_all.iter().filter(|variant| !new_all.iter().any(|held| is_same(variant, held))) {
        let rust = breaking(format!("`{name}` has no `{}({})` any more", variant.name, variant.ty));
        changes.push(change(format!("`{}` is not among the types any more", variant.ty), rust));
    }
    for variant in new_all.iter().filter(|variant| !old_all.iter().any(|held| is_same(held, variant))) {
        let rust = safe(format!("`{name}` may gain variants"));
        changes.push(change(format!("`{}` is among the types now", variant.ty), rust));
    }
    if changes.is_empty()
        && old.tag.as_ref().map(|tag| (&tag.key, &tag.values)) != new.tag.as_ref().map(|tag| (&tag.key, &tag.values))
    {
        let decode = safe("old crates keep a value of which they can not tell the type");
        let change = Change::new(reach.path.clone(), "another member, or other values of it, tell the types apart");
        changes.push(if reach.received { change.decode(decode) } else { change });
    }
    changes
}

/// The name of a variant, as if its type were called what it is called now. The variant follows the type's name.
fn renamed_variant(cx: &Sides<'_>, variant: &UnionVariant) -> String {
    match &variant.ty {
        RustType::Model(name) if variant.name == *name => cx.renamed.get(name).unwrap_or(name).clone(),
        _ => variant.name.clone(),
    }
}

fn order(cx: &Sides<'_>, union: &Union) -> Vec<String> {
    union.variants.iter().map(|variant| cx.renamed(&variant.ty).to_string()).collect()
}
