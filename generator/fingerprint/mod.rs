//! Short digests of what a resource requests and what its records are.
//!
//! A checkpoint carries the digest of its resource, and `connector.lock` those of everything. So a digest changes exactly when
//! something a service or a reader notices does: neither documentation, nor the order of fields, nor the names of types count.

mod types;

use std::fmt::Write as _;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use types::TypeText;

use crate::model::{
    Action, Advance, Api, Body, Condition, Csv, Decoder, Incremental, Job, Json, Later, ListValues, Operation, Paging,
    ParamValue, PartitionBy, PartitionValue, Path, Resource, ResponseRule, Spanned, Step, Stop, Style, Template, Test,
    TotalMeans, Type, TypeId, Types,
};

pub(crate) use types::{Digest, digests};

/// The digest of a resource: its request, where its records are and how it pages, and the type of its records.
#[must_use]
pub fn resource(api: &Api, resource: &Resource) -> String {
    canonical(api, resource).digest()
}

/// What goes into the digest of a resource besides types: names and values, in order. What it requests comes before `selectors`.
#[must_use]
pub fn resource_facts(api: &Api, resource: &Resource) -> Vec<(&'static str, String)> {
    canonical(api, resource).facts()
}

fn canonical<'a>(api: &'a Api, resource: &Resource) -> Canonical<'a> {
    let mut text = Canonical::new(&api.types);
    text.operation(api, &resource.operation);
    text.list("selectors", resource.selectors.iter().map(|path| path.to_string()));
    match &*resource.decoder {
        Decoder::Json => {}
        Decoder::Ndjson => text.line("decoder", format_args!("ndjson")),
        Decoder::Csv(Csv { separator, quote, columns }) => {
            text.line("decoder", format_args!("csv {separator} {quote}"));
            text.list("column", columns.iter().map(|column| column.value.clone()));
        }
    }
    if let Some(job) = &resource.job {
        text.job(api, job);
    }
    let paging = &*resource.paging;
    text.line("paging", format_args!("{}", style(&paging.style)));
    text.list("size", paging.size.iter().map(|size| size.param.clone()));
    text.line("stop", format_args!("{}", stop(paging)));
    text.list("further", further(paging).into_iter());
    text.list("key", resource.primary_key.iter().map(|field| field.value.clone()));
    let passed_over = resource.operation.conduct.rules.iter().chain(shared_rules(api, &resource.operation));
    let passed_over = passed_over.filter(|rule| matches!(rule.action.value, Action::Ignore | Action::SkipPartition));
    text.list("passed over", passed_over.map(conditions));
    for by in &resource.partitions {
        text.partition(by);
    }
    text.list("include", resource.include.iter().map(PartitionValue::name));
    if let Some(incremental) = &resource.incremental {
        let Incremental { cursor, token, format, request_format, start_closed, end_closed, lag, row_order, on_missing, .. } =
            &**incremental;
        text.line("incremental", format_args!("{} {token:?} {format:?} {lag} {row_order:?} {on_missing:?}", **cursor));
        let request_format = request_format.as_ref().map(|format| &format.value);
        text.line("bounds", format_args!("{request_format:?} {start_closed} {end_closed}"));
        text.list("split", resource.paging.splits().then(String::new).into_iter());
        text.list("window", incremental.step.iter().map(|step| format!("{:?}", **step)));
    }
    if !resource.steps.is_empty() {
        text.text.push_str("source ");
        text.ty(&resource.source);
        text.text.push('\n');
        text.list("step", resource.steps.iter().map(Step::to_string));
    }
    text
}

fn shared_rules<'a>(api: &'a Api, operation: &Operation) -> &'a [ResponseRule] {
    if operation.conduct.shares_rules { &api.client.rules } else { &[] }
}

/// Which responses a rule applies to: those that are passed over are records that are not read.
fn conditions(rule: &ResponseRule) -> String {
    let ResponseRule { statuses, header, content, path, .. } = rule;
    let path = path.as_ref().map(|(path, fits)| format!("{path} {fits:?}"));
    format!("{statuses:?} {header:?} {content:?} {path:?}")
}

/// The digest of an operation that is no list.
#[must_use]
pub fn operation(api: &Api, operation: &Operation) -> String {
    let mut text = Canonical::new(&api.types);
    text.operation(api, operation);
    text.digest()
}

/// What goes into the digest of an operation besides types.
#[must_use]
pub fn operation_facts(api: &Api, operation: &Operation) -> Vec<(&'static str, String)> {
    let mut text = Canonical::new(&api.types);
    text.operation(api, operation);
    text.facts()
}

/// The digest of a type and of all that it is made of.
#[must_use]
pub fn named_type(types: &Types, id: TypeId) -> String {
    of_type(types, &Type::Named(id))
}

/// The digest of a type where it is used.
#[must_use]
pub fn of_type(types: &Types, ty: &Type) -> String {
    let mut text = Canonical::new(types);
    text.ty(ty);
    text.digest()
}

fn style(style: &Style) -> String {
    match style {
        Style::Single => "single".to_owned(),
        Style::PageNumber { param, base } => format!("page {param:?} from {base}"),
        Style::Offset { param, base } => format!("offset {param:?} from {base}"),
        Style::Cursor { param, path } => format!("cursor {param:?} at {}", **path),
        Style::HeaderCursor { param, header } => format!("header cursor {param:?} from {header:?}"),
        Style::LastRecord { param, field } => format!("last record {param:?} at {}", **field),
        Style::HeaderLink { rel } => format!("header link {rel:?}"),
        Style::JsonLink { path } => format!("json link at {}", **path),
    }
}

fn stop(paging: &Paging) -> String {
    let path = |path: &Option<Path>| path.as_ref().map(Path::to_string).unwrap_or_default();
    let Stop { total, total_pages, has_more, on_empty_page, on_short_page, maximum, .. } = &paging.stop;
    let paths = [path(total), path(total_pages), path(has_more)];
    let is_usual = *on_empty_page == paging.style.ends_empty();
    format!("{paths:?} {is_usual} {on_short_page} {maximum:?}")
}

/// What few paginators say, so that a digest without it stays what it was.
fn further(paging: &Paging) -> Vec<String> {
    let Paging { place, initial, size, advance, later, take, carry, stop, window, .. } = paging;
    let mut facts = Vec::new();
    facts.extend(place.iter().map(|place| format!("at {place:?}")));
    facts.extend(initial.iter().map(|initial| format!("from {initial}")));
    facts.extend(size.iter().filter_map(|size| size.place.as_ref()).map(|place| format!("size at {place:?}")));
    facts.extend((*advance != Advance::Rows).then(|| format!("advance {advance:?}")));
    facts.extend(match later {
        Later::All => None,
        Later::Without(names) => Some(format!("later without {:?}", texts(names))),
        Later::Only(names) => Some(format!("later only {:?}", texts(names))),
    });
    facts.extend(take.iter().map(|take| format!("take {take}")));
    facts.extend(carry.iter().map(|(to, from)| format!("carry {} from {}", **to, **from)));
    facts.extend(stop.is_last.iter().map(|path| format!("last at {path}")));
    facts.extend(stop.total_header.iter().map(|header| format!("total in {header}")));
    facts.extend((stop.total_means != TotalMeans::All).then(|| format!("{:?}", stop.total_means)));
    facts.extend(window.iter().map(|window| format!("{:?}", window.value)));
    facts
}

fn texts(names: &[Spanned<String>]) -> Vec<&str> {
    names.iter().map(|name| name.as_str()).collect()
}

/// The text that is digested.
struct Canonical<'a> {
    types: &'a Types,
    text: String,
    /// The lines of the text that are not about types: their names, and where their values stand.
    facts: Vec<(&'static str, Range<usize>)>,
}

impl<'a> Canonical<'a> {
    fn new(types: &'a Types) -> Self {
        Self { types, text: String::new(), facts: Vec::new() }
    }

    fn line(&mut self, name: &'static str, value: std::fmt::Arguments<'_>) {
        // Writing to a `String` can not fail.
        let _ = write!(self.text, "{name} ");
        let start = self.text.len();
        let _ = write!(self.text, "{value}");
        self.facts.push((name, start..self.text.len()));
        self.text.push('\n');
    }

    fn facts(self) -> Vec<(&'static str, String)> {
        let Self { text, facts, .. } = self;
        facts.into_iter().map(|(name, value)| (name, text[value].to_owned())).collect()
    }

    fn list(&mut self, name: &'static str, values: impl Iterator<Item = String>) {
        for value in values {
            self.line(name, format_args!("{value:?}"));
        }
    }

    fn job(&mut self, api: &Api, job: &Job) {
        self.line("job", format_args!("{:?} {} {}", job.id.as_ref().map(|id| id.value.to_string()), job.status, job.files));
        for (name, words) in [("running", &job.running), ("completed", &job.completed), ("failed", &job.failed)] {
            self.list(name, words.iter().map(|word| word.value.clone()));
        }
        if let Some(packed) = job.packed {
            self.line("packed", format_args!("{}", packed.as_str()));
        }
        job.operations().for_each(|operation| self.operation(api, operation));
    }

    fn operation(&mut self, api: &Api, operation: &Operation) {
        self.line("request", format_args!("{} {}", operation.method.as_str(), operation.path.to_runtime()));
        self.line("base", format_args!("{}", api.client.base_url.to_runtime()));
        let mut params: Vec<String> = operation
            .params
            .iter()
            .map(|param| {
                let value = match &param.value {
                    ParamValue::Fixed(value) => format!("={}", value.to_runtime()),
                    ParamValue::Argument { required, default, .. } => {
                        format!("? {required} {:?}", default.as_ref().map(Template::to_runtime))
                    }
                };
                format!("{} {:?} {value}", *param.name, param.location)
            })
            .collect();
        params.sort();
        self.list("param", params.into_iter());
        let mut headers: Vec<String> =
            operation.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_runtime())).collect();
        headers.sort();
        self.list("header", headers.into_iter());
        self.list("key", operation.conduct.idempotency_header.iter().map(|name| name.value.clone()));
        if let Body::Json(document) = &operation.body {
            let mut body = String::new();
            json(&mut body, document);
            self.line("body", format_args!("{body}"));
        }
        if let Some(packed) = operation.packed {
            self.line("packed", format_args!("{}", packed.as_str()));
        }
        self.text.push_str("response ");
        match &operation.response {
            Some(ty) => self.ty(ty),
            None => self.text.push_str("none"),
        }
    }

    fn partition(&mut self, by: &PartitionBy) {
        match by {
            PartitionBy::List(list) => {
                self.line("for", format_args!("{} {:?}", *list.name, list.fields));
                let is_split = matches!(list.values, ListValues::Split(_));
                self.list(if is_split { "split" } else { "value" }, list.templates().map(Template::to_runtime));
            }
            PartitionBy::Parent(parent) => {
                self.line("parent", format_args!("{}", *parent.resource));
                let texts = |values: &[Spanned<String>]| values.iter().map(|value| value.value.clone()).collect::<Vec<_>>();
                for Condition { field, test } in &parent.conditions {
                    match test {
                        Test::In(values) => self.line("where", format_args!("{} in {:?}", **field, texts(values))),
                        Test::NotIn(values) => self.line("where", format_args!("{} not in {:?}", **field, texts(values))),
                        Test::Null => self.line("where", format_args!("{} is null", **field)),
                        Test::NotNull => self.line("where", format_args!("{} is not null", **field)),
                    }
                }
            }
        }
    }

    fn ty(&mut self, ty: &Type) {
        self.text.push_str(&TypeText::of(ty).spelled(self.types.digests()));
    }

    /// Sixteen hexadecimal digits: enough to tell versions of one spec apart, short enough to be read.
    fn digest(self) -> String {
        hex(&Sha256::digest(self.text.as_bytes())[..8])
    }
}

/// A document with its holes, in the order in which it is sent. Writing to a `String` can not fail.
fn json(out: &mut String, document: &Json) {
    let _ = match document {
        Json::Literal(text) => write!(out, "{text}"),
        Json::Text(template) => write!(out, "{:?}", template.to_runtime()),
        Json::Number(template) => write!(out, "number {:?}", template.to_runtime()),
        Json::Boolean(template) => write!(out, "boolean {:?}", template.to_runtime()),
        Json::Array(elements) => {
            out.push('[');
            for element in elements {
                json(out, element);
                out.push(',');
            }
            write!(out, "]")
        }
        Json::Object(members) => {
            out.push('{');
            for (key, value) in members {
                let _ = write!(out, "{key:?}:");
                json(out, value);
                out.push(',');
            }
            write!(out, "}}")
        }
    };
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.extend([byte >> 4, byte & 15].map(|half| char::from(DIGITS[usize::from(half)])));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{at, field, named, structs};
    use crate::model::{Scalar, TypeDef, TypeKind};

    fn digest(types: &Types) -> String {
        named_type(types, TypeId(0))
    }

    #[test]
    fn docs_names_and_order_do_not_count() {
        let text = || Type::Scalar(Scalar::String);
        let plain = structs(&[&[text(), named(1)], &[named(0)]]);
        let expected = digest(&plain);
        assert_eq!(expected.len(), 16);

        let mut changed = plain.clone();
        let def = changed.get_mut(TypeId(0));
        def.description = Some("Described.".to_owned());
        def.path = at(vec!["Renamed".to_owned()]);
        if let TypeKind::Struct(fields) = &mut def.kind {
            fields.reverse();
            fields[0].description = Some("Described.".to_owned());
        }
        assert_eq!(digest(&changed), expected);
    }

    #[test]
    fn what_a_reader_notices_counts() {
        let text = || Type::Scalar(Scalar::String);
        let base = structs(&[&[text(), named(1)], &[text()]]);
        let mut seen = vec![digest(&base)];
        let changes: &[fn(&mut Vec<crate::model::Field>)] = &[
            |fields| fields[0].required = true,
            |fields| fields[0].lenient = true,
            |fields| fields[0].nullable = false,
            |fields| fields[0].ty = Type::Scalar(Scalar::Integer),
            |fields| fields[0].name = at("other".to_owned()),
            |fields| fields.truncate(1),
            |fields| fields.push(field("more", Type::Json)),
        ];
        for change in changes {
            let mut types = base.clone();
            if let TypeKind::Struct(fields) = &mut types.get_mut(TypeId(0)).kind {
                change(fields);
            }
            seen.push(digest(&types));
        }
        let mut deeper = base.clone();
        deeper.get_mut(TypeId(1)).kind = TypeKind::Enum(vec![at("a".to_owned())]);
        seen.push(digest(&deeper));
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn an_enums_values_count_and_their_order_does_not() {
        let of = |values: &[&str]| {
            let mut types = Types::default();
            let kind = TypeKind::Enum(values.iter().map(|value| at((*value).to_owned())).collect());
            types.add(TypeDef::new(at(vec!["E".to_owned()]), None, kind));
            digest(&types)
        };
        assert_eq!(of(&["a", "b"]), of(&["b", "a"]));
        assert_ne!(of(&["a", "b"]), of(&["a"]));
    }
}
