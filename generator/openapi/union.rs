//! `oneOf` and `anyOf`.

use serde_json::Value;

use super::direction::Direction;
use super::outline::{At, Group, Outline};
use super::schema::{Schemas, Shape, child_path, one_of};
use super::{last_step, reference};
use crate::codes::Code;
use crate::model::{Scalar, Tag, Type, TypeDef, TypeKind};

/// How many alternatives may lie in one another with properties beside each. There is a type for each way through them.
const MAX_JOINED: usize = 4;

impl<'d> Schemas<'d> {
    /// The alternatives of a schema, each together with what the schema says beside them.
    pub(super) fn union(&mut self, outline: &Outline<'d>, pointer: &str, path: &[String], direction: Direction) -> Shape {
        let mut base = outline.clone();
        let mut groups = std::mem::take(&mut base.groups);
        let Some(first) = pop_first(&mut groups) else { return self.shape(&base, pointer, path, direction) };
        // Of several groups one is told apart; what the others allow may be there or not.
        for group in groups {
            let required = base.required.clone();
            for branch in group.branches {
                self.document.absorb(&mut base, branch);
            }
            (base.required, base.groups) = (required, Vec::new());
        }
        if let [branch] = first.branches.as_slice() {
            return self.joined(&base, branch, path, direction);
        }
        self.alternatives(&base, &first, path, direction)
    }

    fn alternatives(&mut self, base: &Outline<'d>, group: &Group<'d>, path: &[String], direction: Direction) -> Shape {
        let has_base = !base.properties.is_empty() || base.rest.is_some();
        let mut types: Vec<Type> = Vec::new();
        // The number of each branch's type.
        let mut numbers = Vec::new();
        for (index, branch) in group.branches.iter().enumerate() {
            let ty = self.alternative(base, has_base, (index, branch), path, direction);
            let number = types.iter().position(|held| *held == ty).unwrap_or_else(|| {
                types.push(ty);
                types.len() - 1
            });
            numbers.push(number);
        }
        // A text of certain values or of any other is a text.
        if types.contains(&Type::Scalar(Scalar::String)) && types.iter().any(|ty| self.is_text_enum(ty)) {
            types.retain(|ty| !self.is_text_enum(ty));
            return one_of(types);
        }
        let count = types.len();
        match one_of(types) {
            Shape::Def(def) if matches!(&def.kind, TypeKind::Union(types) if types.len() == count) => {
                let tag = self.tag(group, &numbers);
                Shape::Def(TypeDef { tag, ..def })
            }
            shape => shape,
        }
    }

    fn is_text_enum(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(id) if matches!(self.types.get(*id).kind, TypeKind::Enum(_)))
    }

    fn alternative(
        &mut self,
        base: &Outline<'d>,
        has_base: bool,
        (index, branch): (usize, &At<'d>),
        path: &[String],
        direction: Direction,
    ) -> Type {
        let title = branch.0.get("title").and_then(Value::as_str).filter(|title| title.len() < 40);
        let name = title.or_else(|| reference(branch.0).map(last_step));
        let name = name.map_or_else(|| format!("option {}", index + 1), str::to_owned);
        let path = child_path(path, &name);
        if !has_base {
            let used = self.of(branch.clone(), &path, direction);
            return if used.nullable { Type::Json } else { used.ty };
        }
        match self.joined(base, branch, &path, direction) {
            Shape::Plain(ty) => ty,
            Shape::Def(def) => self.add(def, path),
        }
    }

    /// An alternative together with what stands beside it. One that leads back to the schema around it says nothing new there: `Pet` is
    /// one of `Cat` and `Dog`, and each of these is all of `Pet` and more.
    fn joined(&mut self, base: &Outline<'d>, branch: &At<'d>, path: &[String], direction: Direction) -> Shape {
        if self.joined == MAX_JOINED {
            self.document.note(&branch.1, Code::TooDeepSchema, &[]);
            return Shape::Plain(Type::Json);
        }
        let mut whole = base.clone();
        self.document.absorb(&mut whole, branch.clone());
        self.joined += 1;
        let shape = self.shape(&whole, &branch.1, path, direction);
        self.joined -= 1;
        shape
    }

    /// The member that tells the alternatives apart: the one that the document names, or one that has another single value in each.
    fn tag(&self, group: &Group<'d>, numbers: &[usize]) -> Option<Tag> {
        self.discriminator(group, numbers).or_else(|| self.constant_tag(group, numbers))
    }

    fn discriminator(&self, group: &Group<'d>, numbers: &[usize]) -> Option<Tag> {
        let discriminator = group.discriminator?;
        let key = discriminator.get("propertyName").or(Some(discriminator)).and_then(Value::as_str)?.to_owned();
        let mut values = Vec::new();
        if let Some(Value::Object(mapping)) = discriminator.get("mapping") {
            for (value, target) in mapping {
                let Some(target) = target.as_str() else { continue };
                let is_it =
                    |(branch, _): &At<'d>| reference(branch).is_some_and(|held| held == target || last_step(held) == target);
                if let Some(index) = group.branches.iter().position(is_it) {
                    values.push((value.clone(), *numbers.get(index)?));
                }
            }
        }
        // Without a mapping, the schemas' own names are the values; and with one as well.
        for ((branch, _), number) in group.branches.iter().zip(numbers) {
            let name = reference(branch).map(last_step);
            values
                .extend(name.filter(|name| !values.iter().any(|(held, _)| held == name)).map(|name| (name.to_owned(), *number)));
        }
        let constants = self.constants(group, &key);
        for (value, number) in constants.into_iter().flatten().zip(numbers) {
            if !values.iter().any(|(held, _)| *held == value) {
                values.push((value, *number));
            }
        }
        (!values.is_empty()).then_some(Tag { key, values })
    }

    fn constant_tag(&self, group: &Group<'d>, numbers: &[usize]) -> Option<Tag> {
        let (first, at) = group.branches.first()?;
        let outline = self.document.outline(first, at);
        outline.properties.keys().find_map(|key| {
            let values = self.constants(group, key)?;
            let distinct: std::collections::BTreeSet<&String> = values.iter().collect();
            (distinct.len() == values.len())
                .then(|| Tag { key: (*key).to_owned(), values: values.iter().cloned().zip(numbers.iter().copied()).collect() })
        })
    }

    /// The one text that each alternative has for a key, if each has one.
    fn constants(&self, group: &Group<'d>, key: &str) -> Option<Vec<String>> {
        let constant = |(branch, at): &At<'d>| {
            let outline = self.document.outline(branch, at);
            let (schema, at) = outline.properties.get(key)?;
            match self.document.outline(self.document.resolve(schema)?, at).values.as_slice() {
                [Value::String(text)] => Some(text.clone()),
                _ => None,
            }
        };
        group.branches.iter().map(constant).collect()
    }
}

fn pop_first<'d>(groups: &mut Vec<Group<'d>>) -> Option<Group<'d>> {
    // The group with most to tell apart is the one that matters.
    let at = (0..groups.len()).max_by_key(|at| (groups.get(*at).map_or(0, |group| group.branches.len()), usize::MAX - at))?;
    Some(groups.remove(at))
}
