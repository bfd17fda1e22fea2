//! Parameters that ask for what has changed since: paired with the moment of a record that they compare with.

use super::request::Input;
use super::schema::{Kinds, Property, Schemas, View};
use super::words::{Name, among, has_word, mentions};
use super::{Choice, Incremental};
use crate::model::Slot;

const STARTS: &str = "gte gt ge since after from min start starting newer begin lower";
const ENDS: &str = "lte lt le until before to max end ending upper older";
const COMPARISONS: &str = "gte gt ge min";
/// Words that say nothing of which moment is meant.
const NOISE: &str = "at date time on timestamp datetime filter range utc ts query is than iso ms last the";
/// Words for one and the same moment.
const SAME: [&str; 2] = ["updated modified changed update modification edited", "created creation create added"];

/// The parameters that bound a run, and the field that they compare with.
pub(super) fn incremental<'d>(inputs: &[Input], record: &View<'d>, schemas: &Schemas<'d>) -> Option<Choice<Incremental>> {
    let moments: Vec<Moment<'d>> = record.properties.iter().filter_map(|field| moment(field, schemas)).collect();
    let bounds = || inputs.iter().filter(|input| is_bound(input));
    let mut best: Option<Choice<Incremental>> = None;
    for input in bounds() {
        let Some(stem) = stem(&input.name, STARTS) else { continue };
        // A mere `gt` is a member of something whose name got lost.
        if input.name.is(COMPARISONS) {
            continue;
        }
        let Some((field, confidence)) = field_of(input, &stem, &moments) else { continue };
        if !fits(input, field) {
            continue;
        }
        let end = bounds()
            .find(|other| super::incremental::stem(&other.name, ENDS).is_some_and(|end| end == stem) && fits(other, field));
        let found = Incremental {
            field: field.name.to_owned(),
            start: input.text.clone(),
            end: end.map(|input| input.text.clone()),
            format: field.format,
            request_format: request_format(input, field),
            is_open: input.name.has("gt"),
            is_certain: field.is_certain,
        };
        let reason = format!("`{}` asks for records from a `{}` on", input.text, field.name);
        // What changes is seen again by the moment of its change alone.
        let confidence = if is_change(field) { confidence + 0.02 } else { confidence };
        // Of `gt` and `gte` the one that leaves nothing out.
        let confidence = if found.is_open { confidence - 0.01 } else { confidence };
        if best.as_ref().is_none_or(|best| best.confidence < confidence) {
            best = Some(Choice { value: found, confidence, reason });
        }
    }
    best
}

/// A field that holds a moment.
struct Moment<'d> {
    name: &'d str,
    words: Vec<String>,
    /// How it is written, where its type does not say so.
    format: Option<&'static str>,
    is_date: bool,
    is_certain: bool,
}

fn moment<'d>(field: &Property<'d>, schemas: &Schemas<'d>) -> Option<Moment<'d>> {
    let view = schemas.view(field.schema);
    let name = Name::new(field.name);
    let prose = view.prose();
    let (format, is_date) = match view.format {
        Some("date-time") if view.kinds.may_be(Kinds::STRING) => (None, false),
        Some("date") if view.kinds.may_be(Kinds::STRING) => (None, true),
        _ if view.kinds.is_number() && !view.kinds.has(Kinds::STRING) => {
            let is_time = view.format.is_some_and(|format| format.contains("time"))
                || mentions(&prose, "unix|epoch|timestamp|since 1970|measured in seconds")
                || name.has("timestamp");
            let is_fine = mentions(&prose, "millisecond|in ms");
            (Some(if is_fine { "epoch_ms" } else { "epoch" }).filter(|_| is_time)?.into(), false)
        }
        _ => return None,
    };
    Some(Moment { name: field.name, words: bare(&name), format, is_date, is_certain: field.required && !view.nullable })
}

fn is_change(field: &Moment<'_>) -> bool {
    field.words.iter().any(|word| among(word, SAME[0]))
}

/// Whether a parameter could bound a run: one that the caller may leave out, and that is no part of the paging.
fn is_bound(input: &Input) -> bool {
    !input.required
        && !input.has_default
        && input.role.is_none()
        && matches!(input.slot, Slot::Query(_))
        && !input.kinds.has(Kinds::BOOLEAN)
}

/// The words of a name that say which moment is meant, where another of them says on which side of it.
fn stem(name: &Name, sides: &str) -> Option<Vec<String>> {
    let side = name.words.first().into_iter().chain(name.words.last()).any(|word| among(word, sides))
        || name.words.len() > 2 && name.words.iter().any(|word| among(word, sides));
    side.then(|| bare(&name.without(sides)))
}

fn bare(name: &Name) -> Vec<String> {
    name.without(NOISE).words
}

/// The field that a parameter compares with.
fn field_of<'m, 'd>(input: &Input, stem: &[String], moments: &'m [Moment<'d>]) -> Option<(&'m Moment<'d>, f32)> {
    let is_same = |a: &str, b: &str| a == b || SAME.iter().any(|words| among(a, words) && among(b, words));
    let fits =
        |moment: &&Moment<'_>| moment.words.len() == stem.len() && moment.words.iter().zip(stem).all(|(a, b)| is_same(a, b));
    if !stem.is_empty() {
        return moments.iter().find(fits).map(|moment| (moment, 0.92));
    }
    // A mere `since`: what it compares with is said, or there is one thing that it can be.
    let said = SAME.iter().find(|words| has_word(&input.prose, words));
    if let Some(words) = said {
        let named = |moment: &&Moment<'_>| matches!(moment.words.as_slice(), [only] if among(only, words));
        return moments.iter().find(named).map(|moment| (moment, 0.85));
    }
    match moments {
        [only] => Some((only, 0.75)),
        _ => None,
    }
}

/// Whether a parameter takes what the field holds, or a moment in another form.
fn fits(input: &Input, field: &Moment<'_>) -> bool {
    let is_number = input.kinds.is_number() && !input.kinds.has(Kinds::STRING);
    match field.format {
        Some(_) => is_number || input.kinds.is_unknown(),
        None => !is_number && (input.format.is_some() || input.is_moment()) || is_number && mentions(&input.prose, "unix|epoch"),
    }
}

fn request_format(input: &Input, field: &Moment<'_>) -> Option<&'static str> {
    let is_number = input.kinds.is_number() && !input.kinds.has(Kinds::STRING);
    match (field.format, input.format.as_deref()) {
        (None, _) if is_number => Some(if mentions(&input.prose, "millisecond") { "epoch_ms" } else { "epoch" }),
        (None, Some("date")) if !field.is_date => Some("date"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::infer::tests::decisions;

    fn bounds(params: &Value, fields: &Value) -> Option<(String, String, Option<String>)> {
        let mut fields = fields.clone();
        fields["id"] = json!({"type": "string"});
        let paths = json!({"/things": {"get": {"parameters": params, "responses": {"200": {"content": {"application/json": {
            "schema": {"type": "array", "items": {"type": "object", "properties": fields}}}}}}}}});
        let found = decisions(&json!({"openapi": "3.1.0", "paths": paths})).resources[0].incremental.clone()?;
        Some((found.value.field, found.value.start, found.value.end))
    }

    #[test]
    fn bounds_are_paired_with_the_moment_of_a_record() {
        let moment = json!({"type": "string", "format": "date-time"});
        let epoch = json!({"type": "integer", "format": "unix-time"});
        let param = |name: &str, schema: &Value| json!({"name": name, "in": "query", "schema": schema});
        let both = json!({"created_at": moment, "updatedAt": moment});
        for (params, fields, expected) in [
            (json!([param("updated_since", &moment)]), &both, Some(("updatedAt", "updated_since", None))),
            (
                json!([param("modified_after", &moment), param("modified_before", &moment)]),
                &both,
                Some(("updatedAt", "modified_after", Some("modified_before"))),
            ),
            (json!([param("filter[created_at][gte]", &moment)]), &both, Some(("created_at", "filter[created_at][gte]", None))),
            (json!([param("since", &moment)]), &both, None),
            (json!([param("since", &moment)]), &json!({"time": moment}), None),
            (json!([param("since", &json!({"type": "integer"}))]), &both, None),
            (
                json!([{"name": "created", "in": "query", "style": "deepObject", "schema": {"type": "object", "properties": {
                "gt": {"type": "integer"}, "gte": {"type": "integer"}, "lt": {"type": "integer"}}}}]),
                &json!({"created": epoch}),
                Some(("created", "created[gte]", Some("created[lt]"))),
            ),
            (json!([param("since_id", &json!({"type": "integer"}))]), &both, None),
        ] {
            let expected =
                expected.map(|(a, b, c): (&str, &str, Option<&str>)| (a.to_owned(), b.to_owned(), c.map(str::to_owned)));
            assert_eq!(bounds(&params, fields), expected, "{params}");
        }
    }
}
