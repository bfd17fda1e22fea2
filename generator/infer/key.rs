//! The primary key: the field that tells records apart.

use std::collections::HashMap;

use super::Choice;
use super::list::Subject;
use super::schema::{Property, Schemas, View};
use super::words::{Name, mentions};
use crate::openapi::Operation;

/// Below this a field is no key: none is better than a wrong one.
const ENOUGH: f32 = 0.65;

/// The operations on one record of each list: what their paths add to the list's.
#[derive(Debug, Default)]
pub(super) struct Details<'d> {
    params: HashMap<String, Vec<Vec<&'d str>>>,
}

impl<'d> Details<'d> {
    pub(super) fn new(operations: &[Operation<'d>]) -> Self {
        let mut params: HashMap<String, Vec<Vec<&str>>> = HashMap::new();
        for operation in operations {
            let steps: Vec<&str> = steps(operation.path).collect();
            let tail = steps.iter().rev().take_while(|step| hole(step).is_some()).count();
            for count in 1..=tail.min(2) {
                let (above, holes) = steps.split_at(steps.len() - count);
                let holes = holes.iter().filter_map(|step| hole(step)).collect();
                let held = params.entry(shape(above.iter().copied())).or_default();
                if !held.contains(&holes) {
                    held.push(holes);
                }
            }
        }
        Self { params }
    }

    /// The parameters that lead from a list to one of its records.
    fn of(&self, path: &str) -> &[Vec<&'d str>] {
        self.params.get(&shape(steps(path))).map(Vec::as_slice).unwrap_or_default()
    }

    /// The parameters that a path without its last one takes.
    pub(super) fn single(&self, path: &str) -> impl Iterator<Item = &'d str> {
        self.of(path).iter().filter_map(|holes| if let [hole] = holes.as_slice() { Some(*hole) } else { None })
    }
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split(['?', '#']).next().unwrap_or_default().split('/').filter(|step| !step.is_empty())
}

/// The parameter that a step of a path is, whatever is written behind it (`{id}.json`).
pub(super) fn hole(step: &str) -> Option<&str> {
    step.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// A path whatever its parameters are called.
pub(super) fn shape<'p>(steps: impl Iterator<Item = &'p str>) -> String {
    let mut shape = String::new();
    for step in steps {
        shape.push('/');
        shape.push_str(if hole(step).is_some() { "{}" } else { step.trim_end_matches(".json") });
    }
    shape
}

/// The shape of a path, and of what is above its last step.
pub(super) fn shapes(path: &str) -> (String, String) {
    let all: Vec<&str> = steps(path).collect();
    let above = all.len().saturating_sub(1);
    (shape(all.iter().copied()), shape(all.iter().take(above).copied()))
}

/// The fields that tell records apart.
pub(super) fn key<'d>(
    operation: &Operation<'d>,
    subject: &Subject,
    record: &View<'d>,
    details: &Details<'d>,
    schemas: &Schemas<'d>,
) -> Option<Choice<Vec<String>>> {
    let nouns: Vec<Name> =
        subject.noun().map(|step| Name::new(&step.singular())).into_iter().chain(record.name.map(Name::new)).collect();
    let fields: Vec<&Property<'d>> = record.properties.iter().filter(|field| is_plain(schemas, field)).collect();
    let detail: Vec<Name> = details.single(operation.path).map(Name::new).collect();
    let is_rivalled = operation.path.contains('{') && fields.iter().any(|field| Name::new(field.name).is("id"));
    let scored = fields.iter().map(|field| (score(field, &nouns, &detail, is_rivalled, schemas), field));
    let best = scored.max_by(|(a, left), (b, right)| a.0.total_cmp(&b.0).then(right.name.len().cmp(&left.name.len())));
    if let Some(((confidence, reason), field)) = best
        && confidence >= ENOUGH
    {
        return Some(Choice { value: vec![field.name.to_owned()], confidence, reason });
    }
    composite(operation, &fields, details)
}

/// Two parameters that lead to one record, and are both fields of it.
fn composite(operation: &Operation<'_>, fields: &[&Property<'_>], details: &Details<'_>) -> Option<Choice<Vec<String>>> {
    let pair = details.of(operation.path).iter().find(|holes| holes.len() == 2)?;
    let named = |hole: &&str| {
        let hole = Name::new(hole);
        fields.iter().find(|field| Name::new(field.name).flat == hole.flat).map(|field| field.name.to_owned())
    };
    let value: Vec<String> = pair.iter().filter_map(named).collect();
    let reason = format!("`{{{}}}` of the path of one record", pair.join("}`, `{"));
    (value.len() == 2 && value[0] != value[1]).then_some(Choice { value, confidence: 0.8, reason })
}

fn is_plain<'d>(schemas: &Schemas<'d>, field: &Property<'d>) -> bool {
    let view = schemas.view(field.schema);
    let is_value = view.kinds.is_scalar() || view.kinds.is_unknown() && view.properties.is_empty();
    is_value && !view.kinds.has(super::schema::Kinds::BOOLEAN)
}

fn score<'d>(field: &Property<'d>, nouns: &[Name], detail: &[Name], is_rivalled: bool, schemas: &Schemas<'d>) -> (f32, String) {
    let name = Name::new(field.name);
    let prose = schemas.view(field.schema).prose();
    let is_unique = mentions(&prose, "unique id|uniquely identif|primary key|unique key|globally unique|uuid of the");
    let (mut score, mut reason): (f32, String) = (0.0, String::new());
    let mut offer = |with: f32, why: String| {
        if with > score {
            (score, reason) = (with, why);
        }
    };
    let is_id = name.is("id");
    if is_id {
        offer(if field.required { 0.93 } else { 0.9 }, "a field `id`".to_owned());
    }
    if name.is("name") && mentions(&prose, "resource name") {
        offer(0.95, "`name` is said to be a resource name".to_owned());
    }
    if name.is("uuid guid gid sid uid") {
        offer(0.84, format!("a field `{}`", field.name));
    }
    let names_noun =
        |ending: &str| name.words.len() > 1 && nouns.iter().any(|noun| name.flat == format!("{}{ending}", noun.flat));
    if ["id", "uuid", "guid", "sid"].iter().any(|ending| names_noun(ending)) {
        offer(0.88, format!("`{}` names the record", field.name));
    }
    let speaking = "name slug key code login username number email handle path title version symbol alias";
    for param in detail {
        let leads = |how: &str| format!("`{{{}}}` of the path of one record{how}", param.words.join("_"));
        let is_noun = nouns.iter().any(|noun| noun.flat == param.flat);
        let of_noun = nouns.iter().any(|noun| param.flat == format!("{}id", noun.flat));
        if param.flat == name.flat && (is_id || !is_noun) {
            // Below another record it need not tell apart the records of several, as an `id` does.
            let confidence = match (name.is(speaking), of_noun) {
                (true, _) => 0.86,
                (false, true) => 0.99,
                (false, false) if is_rivalled && !is_id => 0.89,
                (false, false) => 0.97,
            };
            offer(confidence, leads(""));
        } else if is_id && (is_noun || of_noun || param.words.last().is_some_and(|word| word == "id")) {
            offer(0.98, leads(" is its `id`"));
        } else if !is_id && param.is("id") && names_noun("id") {
            offer(0.93, leads(""));
        } else if param.words.len() > 1 && name.words.len() == 1 && param.words.last() == name.words.last() && name.is(speaking) {
            // `{issue_number}` and `number`
            offer(0.82, leads(""));
        } else if param.words.len() > name.words.len()
            && name.is("uuid guid sid gid uid")
            && param.words.last() == name.words.last()
        {
            offer(0.94, leads(""));
        } else if is_noun && (names_noun("name") || name.is("name slug")) {
            offer(0.6, leads(""));
        }
    }
    if is_unique && (name.is(speaking) || name.has("id uuid identifier")) && names_something(&name, nouns) {
        offer(0.66, format!("`{}` is said to be unique", field.name));
    }
    // Where everything may be null, only the path of one record says that this never is.
    if schemas.view(field.schema).nullable && score < 0.93 {
        return (0.0, String::new());
    }
    if is_unique && score > 0.0 {
        score = (score + 0.02).min(0.99);
    }
    (score, reason)
}

/// Whether a field is about the record itself, and not about another one that it refers to.
fn names_something(name: &Name, nouns: &[Name]) -> bool {
    name.words.len() == 1 || nouns.iter().any(|noun| name.words.first().is_some_and(|first| noun.words.contains(first)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::infer::tests::decisions;

    /// The key of a list `/users` whose records have these fields, beside an operation on one of them.
    fn key_of(fields: &Value, detail: &str) -> String {
        let mut paths = json!({"/users": {"get": {"responses": {"200": {"content": {"application/json": {
            "schema": {"type": "array", "items": {"type": "object", "properties": fields}}}}}}}}});
        if !detail.is_empty() {
            paths[format!("/users/{detail}")] = json!({"get": {"responses": {}}});
        }
        let decisions = decisions(&json!({"openapi": "3.1.0", "paths": paths}));
        decisions.resources[0].key.as_ref().map(|key| key.value.join("+")).unwrap_or_default()
    }

    #[test]
    fn keys_are_found_and_never_made_up() {
        let text = json!({"type": "string"});
        for (fields, detail, expected) in [
            (json!({"name": text, "id": text}), "", "id"),
            (json!({"name": text, "user_id": text}), "", "user_id"),
            (json!({"userId": text, "org_id": text}), "{id}", "userId"),
            (json!({"uuid": text, "name": text}), "{user_uuid}", "uuid"),
            (json!({"key": text, "name": text}), "{userKey}", "key"),
            (json!({"key": text, "name": text}), "", ""),
            (json!({"id": text, "slug": text}), "{slug}", "id"),
            (json!({"org_id": text, "role": text}), "", ""),
            (json!({"id": {"type": "object", "properties": {"a": text}}}), "", ""),
            (json!({"id": {"type": ["string", "null"]}}), "", ""),
            (json!({"region": text, "number": text}), "{region}/{number}", "region+number"),
            (json!({"name": {"type": "string", "description": "The unique key of the user"}}), "", "name"),
        ] {
            assert_eq!(key_of(&fields, detail), expected, "{fields} {detail}");
        }
    }
}
