//! What changes about the fields of a struct.

use super::change::{Change, Effect, breaking, safe};
use super::compat::{Column, column, reads};
use super::pairs::Reach;
use super::side::Sides;
use super::types::checkpoints;
use crate::fingerprint;
use crate::model::{Field, Type, Types};
use crate::plan::{Item, Presence, Record, RecordField, RustType};

/// A struct of both versions.
pub(super) struct Structs<'a> {
    pub cx: &'a Sides<'a>,
    pub reach: &'a Reach,
    pub items: [&'a Item; 2],
    pub records: [&'a Record; 2],
    pub fields: [&'a [Field]; 2],
}

/// A field with what it becomes in code.
type Planned<'a> = (&'a Field, &'a RecordField);

impl<'a> Structs<'a> {
    pub fn changes(&self) -> Vec<Change> {
        let [old, new] = [0, 1].map(|side| self.planned(side));
        let find =
            |fields: &[Planned<'a>], field: &Field| fields.iter().find(|(held, _)| held.name.value == field.name.value).copied();
        let removed: Vec<Planned<'a>> = old.iter().filter(|(field, _)| find(&new, field).is_none()).copied().collect();
        let added: Vec<Planned<'a>> = new.iter().filter(|(field, _)| find(&old, field).is_none()).copied().collect();
        let both = old.iter().filter_map(|held| Some((*held, find(&new, held.0)?)));
        let mut changes: Vec<Change> = both.flat_map(|(old, new)| self.field(old, new)).collect();
        match (removed.as_slice(), added.as_slice()) {
            ([from], [to]) if self.is_same(from.0, to.0) => changes.push(self.renamed(*from, *to)),
            _ => {
                changes.extend(removed.iter().map(|field| self.removed(*field)));
                changes.extend(added.iter().map(|field| self.added(*field)));
            }
        }
        changes.extend(self.rest());
        changes
    }

    fn planned(&self, side: usize) -> Vec<Planned<'a>> {
        self.fields[side].iter().zip(&self.records[side].fields).collect()
    }

    fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.reach.path)
    }

    fn holder(&self) -> &str {
        &self.items[1].name
    }

    /// Code that makes a struct names each of its fields.
    fn new_field(&self, name: &str) -> Effect {
        if self.items[0].sent {
            breaking(format!("code that makes a `{}` does not set `{name}`", self.holder()))
        } else {
            safe(format!("`{}` may gain fields", self.holder()))
        }
    }

    /// What holds only where records hold the type.
    fn in_table(&self, effect: Effect) -> Effect {
        if self.reach.tables.is_empty() { Effect::default() } else { effect }
    }

    /// What holds only where the service sends the type.
    fn in_payload(&self, effect: Effect) -> Effect {
        if self.reach.received { effect } else { Effect::default() }
    }

    fn checkpoints(&self) -> Vec<String> {
        checkpoints(self.cx, self.reach)
    }

    fn is_same(&self, from: &Field, to: &Field) -> bool {
        let flags = |field: &Field| (field.required, field.nullable, field.lenient, field.distinct);
        let digest = |types: &Types, ty: &Type| fingerprint::of_type(types, ty);
        flags(from) == flags(to) && digest(&self.cx.old.api.types, &from.ty) == digest(&self.cx.new.api.types, &to.ty)
    }

    fn removed(&self, (field, planned): Planned<'_>) -> Change {
        Change::new(self.path(&field.name), "the field is gone")
            .rust(breaking(format!("`{}` has no `{}` any more", self.holder(), planned.name)))
            .decode(self.in_payload(without(planned, &field.name)))
            .table(self.in_table(breaking("the column gets no values any more: drop it, or keep what it holds")))
            .checkpoints(self.checkpoints())
    }

    fn added(&self, (field, planned): Planned<'_>) -> Change {
        Change::new(self.path(&field.name), "the field is new")
            .rust(self.new_field(&planned.name))
            .decode(self.in_payload(safe("old crates pass over members that they do not know")))
            .table(self.in_table(safe("add a column; rows that are there have no value in it")))
            .checkpoints(self.checkpoints())
    }

    fn renamed(&self, (from, old): Planned<'_>, (to, new): Planned<'_>) -> Change {
        let rust = if old.name == new.name {
            safe(format!("it is still `{}`", new.name))
        } else {
            breaking(format!("`{}` is `{}` now", old.name, new.name))
        };
        Change::new(self.path(&to.name), format!("the field was `{}`, as it seems", *from.name))
            .rust(rust)
            .decode(self.in_payload(without(old, &from.name)))
            .table(self.in_table(breaking("rename the column, or add one and drop one")))
            .checkpoints(self.checkpoints())
    }

    /// What changes about a field that both versions have: its type, whether it is always there, and how it is read and shown.
    fn field(&self, old: Planned<'_>, new: Planned<'_>) -> Vec<Change> {
        [self.ty(old, new), self.presence(old, new), self.leniency(old, new), self.shown(old, new), self.name(old, new)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn ty(&self, (old, old_planned): Planned<'_>, (new, new_planned): Planned<'_>) -> Option<Change> {
        let old_rust = self.cx.renamed(inside(&old_planned.ty));
        let new_rust = inside(&new_planned.ty);
        let describe = |rust: &RustType| format!("`{rust}`");
        if old_rust == *new_rust {
            return None;
        }
        let decode = if reads(self.cx, &old.ty, &new.ty, old.lenient) {
            safe("old crates read what comes now")
        } else {
            breaking(format!("old crates expect {}", self.cx.old.api.types.describe(&old.ty)))
        };
        let table = match column(self.cx, &old.ty, &new.ty) {
            Column::Same => Effect::default(),
            Column::Wider => safe("widen the column"),
            Column::Other => breaking("change the type of the column, and convert what it holds"),
        };
        let rust = format!("`{}` of `{}` is {}", new_planned.name, self.holder(), describe(new_rust));
        let change = Change::new(self.path(&new.name), format!("{} becomes {}", describe(&old_rust), describe(new_rust)));
        let change = change.rust(breaking(rust)).decode(self.in_payload(decode)).table(self.in_table(table));
        Some(if self.is_digested(old, new) { change.checkpoints(self.checkpoints()) } else { change })
    }

    /// Whether the digest knows the types of a field apart; names do not count there.
    fn is_digested(&self, old: &Field, new: &Field) -> bool {
        fingerprint::of_type(&self.cx.old.api.types, &old.ty) != fingerprint::of_type(&self.cx.new.api.types, &new.ty)
    }

    fn presence(&self, (old, old_planned): Planned<'_>, (new, new_planned): Planned<'_>) -> Option<Change> {
        let said = (old.required, old.nullable) != (new.required, new.nullable);
        let (old_form, new_form) = (form(&old_planned.ty), form(&new_planned.ty));
        if !said && old_form == new_form {
            return None;
        }
        let what = match ((old.required, old.nullable), (new.required, new.nullable)) {
            ((true, _), (false, _)) => "the field may be absent now",
            ((_, false), (_, true)) => "the field may be null now",
            ((false, _), (true, _)) => "the field is always there now",
            ((_, true), (_, false)) => "the field is never null now",
            _ => "absent and null are told apart otherwise",
        };
        let rust = if old_form == new_form {
            Effect::default()
        } else {
            breaking(format!("`{}` of `{}` is `{}`", new_planned.name, self.holder(), new_planned.ty))
        };
        let can_lack = |field: &Field| !field.required || field.nullable;
        let decode = if !said {
            Effect::default()
        } else if old_planned.presence == Presence::Required && can_lack(new) {
            breaking(format!("old crates refuse a record without `{}`", *old.name))
        } else {
            safe("old crates read it with a value and without")
        };
        let table = match (can_lack(old), can_lack(new)) {
            (false, true) => safe("the column has to take nulls"),
            (true, false) => safe("the column may stay as it is: rows that are there may have nulls"),
            _ => Effect::default(),
        };
        let change = Change::new(self.path(&new.name), what).rust(rust);
        let change = change.decode(self.in_payload(decode)).table(self.in_table(table));
        Some(if said { change.checkpoints(self.checkpoints()) } else { change })
    }

    fn leniency(&self, (old, old_planned): Planned<'_>, (new, new_planned): Planned<'_>) -> Option<Change> {
        if old.lenient == new.lenient {
            return None;
        }
        let what = if new.lenient { "other forms of the value are read as well" } else { "only one form of the value is read" };
        let decode = match (old_planned.lenient, new_planned.lenient) {
            (false, true) => breaking("old crates refuse the other forms of the value"),
            _ => safe("old crates read what comes now"),
        };
        let change = Change::new(self.path(&new.name), what).decode(self.in_payload(decode));
        Some(change.checkpoints(self.checkpoints()))
    }

    fn shown(&self, (_, old): Planned<'_>, (new, planned): Planned<'_>) -> Option<Change> {
        let what = match (old.sensitive, planned.sensitive) {
            (false, true) => "`Debug` output hides it now",
            (true, false) => "`Debug` output shows it now",
            _ => return None,
        };
        Some(Change::new(self.path(&new.name), what).rust(safe("only what is shown differs")))
    }

    fn name(&self, (_, old): Planned<'_>, (new, planned): Planned<'_>) -> Option<Change> {
        let differs = || breaking(format!("`{}` of `{}` is `{}` now", old.name, self.holder(), planned.name));
        let change = Change::new(self.path(&new.name), format!("the field is called `{}` in code", planned.name));
        (old.name != planned.name).then(|| change.rust(differs()))
    }

    /// What keeps the members without a field.
    fn rest(&self) -> Option<Change> {
        let [old, new] = self.records.map(|record| record.rest.as_ref());
        let path = self.path("*");
        match (old, new) {
            (Some(old), None) => {
                let reason = format!("`{}` has no `{}` any more", self.holder(), old.name);
                Some(Change::new(path, "members without a field are not kept any more").rust(breaking(reason)))
            }
            (None, Some(new)) => Some(Change::new(path, "members without a field are kept").rust(self.new_field(&new.name))),
            (Some(old), Some(new)) if old.name != new.name || self.cx.renamed(&old.ty) != new.ty => {
                let reason = format!("`{}` is `{}: {}`", old.name, new.name, new.ty);
                Some(Change::new(path, "members without a field have another type").rust(breaking(reason)))
            }
            _ => None,
        }
    }
}

/// What an old crate makes of a record without one of its fields.
fn without(planned: &RecordField, key: &str) -> Effect {
    if planned.presence == Presence::Required {
        breaking(format!("old crates refuse a record without `{key}`"))
    } else {
        safe("old crates read a record without it")
    }
}

/// A type without what says that there may be no value, and without a box.
fn inside(ty: &RustType) -> &RustType {
    match ty {
        RustType::Option(inner) | RustType::Maybe(inner) | RustType::Boxed(inner) => inside(inner),
        ty => ty,
    }
}

/// What stands around a type: whether there may be no value, and whether it is in a box.
fn form(ty: &RustType) -> Vec<&'static str> {
    match ty {
        RustType::Option(inner) => [vec!["Option"], form(inner)].concat(),
        RustType::Maybe(inner) => [vec!["Maybe"], form(inner)].concat(),
        RustType::Boxed(inner) => [vec!["Box"], form(inner)].concat(),
        _ => Vec::new(),
    }
}
