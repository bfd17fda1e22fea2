//! Steps: each is held to the type that a record has when it comes to it, and gives the type that the record has afterwards.

use super::expression::{self, Class, class};
use super::shape::{Holder, Shape};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::draft::{DraftStep, DraftStepKind, Written};
use crate::model::{
    Cast, Field, Hole, Input, Lookup, Path, Resource, Scalar, Segment, Spanned, Step, StepKind, Template, Type, Types,
};
use crate::source::Span;

/// A step, with the type that a computed field is said to have.
pub(super) struct Prepared {
    pub(super) step: DraftStep,
    pub(super) ty: Option<Type>,
}

/// Gives a resource its steps, and the type of its records after them.
pub(super) fn apply(
    resource: &mut Resource,
    steps: Vec<Prepared>,
    inputs: &[Input],
    types: &mut Types,
    diagnostics: &mut Diagnostics,
) {
    let source = resource.source.clone();
    if steps.is_empty() {
        return;
    }
    let count = steps.len();
    let owner = format!("the record of `{}`", resource.operation.name.value);
    let shape = Shape::new(types, source, &resource.operation.name);
    let mut line = Line { shape, inputs, owner, diagnostics };
    for (at, Prepared { step, ty }) in steps.into_iter().enumerate() {
        if matches!(step.kind, DraftStepKind::Hook(_)) && at + 1 < count {
            line.diagnostics.report(Code::HookNotLast, step.span, &[]);
            continue;
        }
        if let Some(kind) = line.step(step.kind, ty) {
            resource.steps.push(Step { span: step.span, kind });
        }
    }
    if line.shape.is_empty() {
        let span = resource.steps.last().map_or(resource.operation.name.span, |step| step.span);
        line.diagnostics.report(Code::NothingLeft, span, &[]);
    }
    resource.operation.response = Some(line.shape.record().clone());
}

/// Each hook is given records of one type.
pub(super) fn check_hooks(resources: &[Resource], diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(&Spanned<String>, &Resource)> = Vec::new();
    for resource in resources {
        let Some(hook) = resource.hook() else { continue };
        match seen.iter().find(|(other, _)| other.value == hook.value) {
            None => seen.push((hook, resource)),
            Some((first, other)) if other.operation.response != resource.operation.response => {
                diagnostics
                    .push(Diagnostic::new(Code::HookTypes, hook.span, &[hook]).also(first.span, "records of another type"));
            }
            Some(_) => {}
        }
    }
}

/// The steps of one resource, one after the other.
struct Line<'l> {
    shape: Shape<'l>,
    inputs: &'l [Input],
    owner: String,
    diagnostics: &'l mut Diagnostics,
}

impl Line<'_> {
    fn step(&mut self, kind: DraftStepKind, ty: Option<Type>) -> Option<StepKind> {
        match kind {
            DraftStepKind::Filter(written) => {
                let (types, record) = (self.shape.types(), self.shape.record());
                let condition = expression::condition(&written, types, record, &self.owner, self.diagnostics)?;
                Some(StepKind::Filter { condition, text: written.text })
            }
            DraftStepKind::Rename { from, to } => self.rename(from, to),
            DraftStepKind::Drop(path) => {
                self.known(&path)?;
                self.take(&path)?;
                Some(StepKind::Drop(path.value))
            }
            DraftStepKind::Set { field, value, ty } if ty.is_none() => self.set(field, &value, None),
            DraftStepKind::Set { field, value, .. } => self.set(field, &value, Some(ty.unwrap_or(Type::Json))),
            DraftStepKind::Cast { field, to } => self.cast(field, to),
            DraftStepKind::Explode { field, keep_empty, merge } => self.explode(field, keep_empty, merge),
            DraftStepKind::Hash { field, key } => self.hash(field, key),
            DraftStepKind::Hook(name) => Some(StepKind::Hook(name)),
        }
    }

    /// The type of a field and its last step; a null type for what is not known. None if there is no such field.
    fn known(&mut self, path: &Spanned<Path>) -> Option<(Type, Option<Field>)> {
        match self.shape.types().lookup(self.shape.record(), path) {
            Lookup::Found(ty, field) => Some((ty.clone(), field.cloned())),
            Lookup::Unknown => Some((Type::Json, None)),
            Lookup::Missing { within, .. } if self.is_list(&within) => {
                let message = "leads into a list; a step is for fields of objects";
                let told = Diagnostic::new(Code::BadJsonPath, path.span, &[&path.to_string(), message]);
                self.diagnostics.push(
                    told.help(format!("`explode: {within}` first makes a record of each element; a `hook` can do anything")),
                );
                None
            }
            Lookup::Missing { within, key, known } => {
                let owner = if within.0.is_empty() { self.owner.clone() } else { format!("`{within}` of {}", self.owner) };
                let missing = Diagnostic::new(Code::UnknownField, path.span, &[&owner, &key]);
                self.diagnostics.push(missing.nearest(&key, known));
                None
            }
        }
    }

    fn is_list(&self, path: &Path) -> bool {
        matches!(self.shape.types().lookup(self.shape.record(), path), Lookup::Found(Type::Array(_), _))
    }

    /// The object that holds a field, where it may be changed.
    fn holder(&mut self, path: &Spanned<Path>) -> Option<Holder> {
        let holder = self.shape.holder(path);
        if let Holder::Other(within, ty) = &holder {
            let owner = if within.0.is_empty() { self.owner.clone() } else { format!("`{within}`") };
            let found = class(self.shape.types(), Some(ty)).describe();
            self.diagnostics.report(Code::StepOnNoObject, path.span, &[&path.to_string(), &owner, found]);
            return None;
        }
        Some(holder)
    }

    fn take(&mut self, path: &Spanned<Path>) -> Option<()> {
        let holder = self.holder(path)?;
        self.shape.take(&holder, path);
        Some(())
    }

    /// Changes a field where it stands.
    fn change(&mut self, path: &Spanned<Path>, change: impl FnOnce(&mut Field)) -> Option<()> {
        let holder = self.holder(path)?;
        if let Some(field) = self.shape.field_mut(&holder, path) {
            change(field);
        }
        Some(())
    }

    fn is_free(&mut self, holder: &Holder, path: &Path, span: Span) -> Option<()> {
        let Some(taken) = self.shape.field_mut(holder, path) else { return Some(()) };
        let (name, place) = (taken.name.value.clone(), taken.name.span);
        self.diagnostics.push(
            Diagnostic::new(Code::FieldTaken, span, &[&name])
                .also(place, "here")
                .help("drop or rename that one first, or choose another name"),
        );
        None
    }

    fn rename(&mut self, from: Spanned<Path>, to: Spanned<Path>) -> Option<StepKind> {
        let (ty, field) = self.known(&from)?;
        let above = |path: &Path| path.0.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default();
        if to.value.0.len() > 1 && above(&to) != above(&from) {
            let message = "lies in another object; a field is renamed where it is, or lifted to the top";
            self.diagnostics.report(Code::BadJsonPath, to.span, &[&to.to_string(), message]);
            return None;
        }
        let is_lifted = above(&to) != above(&from);
        // An object on the way may be missing, and the field with it.
        let may_miss = is_lifted && self.may_miss(&above(&from));
        let holder = self.holder(&to)?;
        self.is_free(&holder, &to, to.span)?;
        let place = if is_lifted { None } else { self.shape.position(&holder, &from) };
        self.take(&from)?;
        let mut field = field.unwrap_or_else(|| computed(ty));
        field.name = Spanned::new(last(&to), to.span);
        if may_miss {
            (field.required, field.nullable) = (false, true);
        }
        self.shape.put(&holder, field, place);
        Some(StepKind::Rename { from: from.value, to: to.value })
    }

    /// Whether one of the objects on a way may be missing.
    fn may_miss(&self, above: &[Segment]) -> bool {
        (1..=above.len()).any(|count| {
            let path = Path(above.iter().take(count).cloned().collect());
            match self.shape.types().lookup(self.shape.record(), &path) {
                Lookup::Found(_, Some(field)) => !field.required || field.nullable,
                _ => true,
            }
        })
    }

    fn set(&mut self, path: Spanned<Path>, written: &Written, said: Option<Type>) -> Option<StepKind> {
        let (types, record) = (self.shape.types(), self.shape.record());
        let value = expression::typed(written, types, record, &self.owner, self.diagnostics)?;
        let ty = match (&value.ty, said) {
            (found, Some(said)) => {
                self.fits(found.as_ref(), &said, written)?;
                said
            }
            (Some(found), None) => found.clone(),
            (None, None) => {
                self.diagnostics.report(Code::NoTypeOfItsOwn, written.span, &[&path.to_string()]);
                return None;
            }
        };
        let holder = self.holder(&path)?;
        let field = Field {
            name: Spanned::new(last(&path), path.span),
            required: !value.nullable,
            nullable: value.nullable,
            distinct: false,
            sensitive: value.sensitive,
            ..computed(ty)
        };
        let place = self.shape.position(&holder, &path);
        let old = self.shape.take(&holder, &path);
        self.shape.put(&holder, Field { description: old.and_then(|old| old.description), ..field }, place);
        Some(StepKind::Set { field: path.value, value: value.expr, text: written.text.clone() })
    }

    /// Whether a value of one type can be read as another: the same, a wider number, what JSON writes as a text, or what only
    /// the value itself tells.
    fn fits(&mut self, found: Option<&Type>, said: &Type, written: &Written) -> Option<()> {
        let (of_found, of_said) = (class(self.shape.types(), found), class(self.shape.types(), Some(said)));
        let fits = match (of_found, of_said) {
            (Class::Null | Class::Json, _)
            | (_, Class::Json)
            | (Class::Integer, Class::Number | Class::Decimal)
            | (Class::Number, Class::Decimal)
            | (Class::Text, Class::Date | Class::DateTime)
            | (Class::Date | Class::DateTime, Class::Text) => true,
            (Class::Array | Class::Object, _) => found == Some(said),
            (found, said) => found == said,
        };
        if fits {
            return Some(());
        }
        let clash = Diagnostic::new(Code::BadCast, written.span, &[&written.text, of_found.describe(), of_said.describe()]);
        self.diagnostics.push(clash.help("leave out `type`, or `cast` the field in a step of its own"));
        None
    }

    fn cast(&mut self, path: Spanned<Path>, to: Cast) -> Option<StepKind> {
        let (ty, _) = self.known(&path)?;
        let found = class(self.shape.types(), Some(&ty));
        let can = match (found, to) {
            (Class::Array | Class::Object | Class::Null, _) => false,
            (Class::Json | Class::Text, _) | (_, Cast::String) => true,
            (Class::Boolean, to) => matches!(to, Cast::Boolean | Cast::Integer),
            (Class::Integer | Class::Number | Class::Decimal, to) => to != Cast::Date || found == Class::Integer,
            (Class::Date | Class::DateTime, to) => matches!(to, Cast::Date | Cast::DateTime),
        };
        let said = Type::Scalar(scalar_of(to));
        if !can {
            let target = class(self.shape.types(), Some(&said)).describe();
            self.diagnostics.report(Code::BadCast, path.span, &[&path.to_string(), found.describe(), target]);
            return None;
        }
        self.change(&path, |field| {
            field.ty = said;
            field.lenient = false;
        })?;
        Some(StepKind::Cast { field: path.value, to })
    }

    fn explode(&mut self, path: Spanned<Path>, keep_empty: bool, merge: Option<Spanned<String>>) -> Option<StepKind> {
        let (ty, _) = self.known(&path)?;
        let element = match ty {
            Type::Array(element) => *element,
            Type::Json => Type::Json,
            other => {
                let found = class(self.shape.types(), Some(&other)).describe();
                self.diagnostics.report(Code::NotAList, path.span, &[&path.to_string(), found]);
                return None;
            }
        };
        let holder = self.holder(&path)?;
        if let Some(prefix) = &merge {
            self.merge(&path, &holder, &element, prefix, keep_empty)?;
        } else if let Some(field) = self.shape.field_mut(&holder, &path) {
            // A JSON value among the elements may be null.
            let may_be_null = keep_empty || element == Type::Json;
            (field.required, field.nullable) = (!may_be_null, may_be_null);
            field.ty = element;
        }
        let merge = merge.map(|prefix| prefix.value);
        Some(StepKind::Explode { field: path.value, keep_empty, merge })
    }

    /// The members of an element go beside the list.
    fn merge(
        &mut self,
        path: &Spanned<Path>,
        holder: &Holder,
        element: &Type,
        prefix: &Spanned<String>,
        keep_empty: bool,
    ) -> Option<()> {
        if matches!(holder, Holder::Free) {
            return Some(());
        }
        let Some(members) = self.shape.types().fields(element).map(<[Field]>::to_vec) else {
            let found = class(self.shape.types(), Some(element)).describe();
            let none = Diagnostic::new(Code::StepOnNoObject, prefix.span, &["as", "an element of this list", found]);
            self.diagnostics.push(none.help("leave out `as`; the element goes into the place of the list"));
            return None;
        };
        let place = self.shape.position(holder, path);
        self.shape.take(holder, path);
        for (at, mut member) in members.into_iter().enumerate() {
            member.name.value.insert_str(0, prefix);
            let own = Path(path.0.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default());
            let own = Path(own.0.into_iter().chain([Segment::Key(member.name.value.clone())]).collect());
            self.is_free(holder, &own, prefix.span)?;
            if keep_empty {
                (member.required, member.nullable) = (false, true);
            }
            self.shape.put(holder, member, place.map(|place| place + at));
        }
        Some(())
    }

    fn hash(&mut self, path: Spanned<Path>, key: Option<Template>) -> Option<StepKind> {
        let (ty, _) = self.known(&path)?;
        let found = class(self.shape.types(), Some(&ty));
        if matches!(found, Class::Array | Class::Object) {
            let clash = Diagnostic::new(Code::BadCast, path.span, &[&path.to_string(), found.describe(), "a digest"]);
            self.diagnostics.push(clash.help("hash the plain values in it"));
            return None;
        }
        if let Some(key) = &key {
            self.check_key(key)?;
        }
        self.change(&path, |field| {
            field.ty = Type::Scalar(Scalar::String);
            field.lenient = false;
        })?;
        Some(StepKind::Hash { field: path.value, key })
    }

    /// The key of a digest is worth nothing if it may be absent, or if everybody can read it.
    fn check_key(&mut self, key: &Template) -> Option<()> {
        let problem = key.holes().find_map(|hole| match hole {
            // That there is no such input is another rule's affair.
            Hole::Input(name) => self.inputs.iter().find(|input| *input.name == *name).and_then(weakness),
            _ => Some("is no input"),
        });
        match problem {
            None => Some(()),
            Some(problem) => {
                self.diagnostics.report(Code::WeakHashKey, key.span, &[problem]);
                None
            }
        }
    }
}

/// Why an input is no key.
fn weakness(input: &Input) -> Option<&'static str> {
    if input.optional { Some("may be absent") } else { input.default.as_ref().map(|_| "has a default, which everybody can read") }
}

/// A field that nothing is known of but its type.
fn computed(ty: Type) -> Field {
    Field {
        name: Spanned::new(String::new(), Span::default()),
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

fn last(path: &Path) -> String {
    match path.0.last() {
        Some(Segment::Key(key)) => key.clone(),
        _ => String::new(),
    }
}

fn scalar_of(cast: Cast) -> Scalar {
    match cast {
        Cast::Integer => Scalar::Integer,
        Cast::Number => Scalar::Number,
        Cast::Decimal => Scalar::Decimal,
        Cast::String => Scalar::String,
        Cast::Boolean => Scalar::Boolean,
        Cast::DateTime => Scalar::DateTime,
        Cast::Date => Scalar::Date,
    }
}
