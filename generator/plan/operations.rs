//! Lists and calls: their builders, arguments and setters.

use std::collections::BTreeMap;

use super::Context;
use super::cells::{Cell, cells};
use super::docs::{Docs, one_line};
use super::groups::Groups;
use super::projections::Unprojected;
use super::types::{RustType, is_enum};
use crate::facts::{Level, LevelSource, is_sensitive, levels};
use crate::fingerprint;
use crate::model::{
    self, Body, Cast, Decoder, Encoding, InputKind, Location, Operation, Paging, Param, ParamStyle, ParamValue, PartitionBy,
    Path, Payload, Resource, Scalar, Segment, StepKind, Style, Template, Type, WindowStep, WriteDisposition,
};
use crate::names::{self, Builder};

/// Something that a user of the connector gives.
#[derive(Debug)]
pub struct Input<'a> {
    /// What it is made from.
    pub spec: &'a model::Input,
    /// Its setter.
    pub method: String,
    /// The environment variable that holds it.
    pub env: String,
    /// What its setter says.
    pub docs: Docs,
}

impl Input<'_> {
    /// Whether a client can not be built without it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.spec.default.is_none() && !self.spec.optional
    }
}

/// An operation that lists records.
#[derive(Debug)]
pub struct List<'a> {
    /// What it is made from.
    pub spec: &'a Resource,
    /// Its request.
    pub call: Call<'a>,
    /// The digest of its request and schema.
    pub fingerprint: String,
    /// What the columns hold, where it comes as CSV.
    pub cells: Vec<Cell>,
    /// What it is read for, the outermost first.
    pub levels: Vec<Level<'a>>,
    /// The paths of the modules of the lists among those, by their names.
    pub modules: BTreeMap<String, String>,
    /// The method of `Hooks` that its records pass through.
    pub hook: Option<String>,
    /// The record that projections are made of, and the digest of its schema; or why there are none.
    pub projected: Result<(String, String), Unprojected>,
    /// How the service is told which fields to send.
    pub asked: Option<AskedFields>,
    /// Whether its records hold what is not to be shown.
    pub is_sensitive: bool,
}

/// How a service is told which fields of a record it shall send.
#[derive(Debug)]
pub struct AskedFields {
    /// The parameter of the query.
    pub param: String,
    /// Fields that paging or an incremental read looks at.
    pub always: Vec<String>,
    /// Fields that are not the service's, since they are added to its records.
    pub never: Vec<String>,
}

impl List<'_> {
    /// Whether it can be read without reading another one.
    #[must_use]
    pub fn is_root(&self) -> bool {
        !self.levels.iter().any(|level| matches!(level.source, LevelSource::Records(_)))
    }
}

/// A method of `Hooks`.
#[derive(Debug)]
pub struct Hook {
    /// Its name.
    pub method: String,
    /// The lists whose records pass through it.
    pub lists: Vec<String>,
    /// Their type.
    pub record: RustType,
}

/// The hooks of all lists, in the order of the spec.
pub(super) fn hooks(lists: &[List<'_>]) -> Vec<Hook> {
    let mut hooks: Vec<Hook> = Vec::new();
    for list in lists {
        let Some(method) = &list.hook else { continue };
        let name = list.spec.operation.name.value.clone();
        match hooks.iter_mut().find(|hook| hook.method == *method) {
            Some(hook) => hook.lists.push(name),
            None => {
                hooks.push(Hook { method: method.clone(), lists: vec![name], record: list.call.response.clone() });
            }
        }
    }
    hooks
}

/// An operation.
#[derive(Debug)]
pub struct Call<'a> {
    /// What it is made from.
    pub spec: &'a Operation,
    /// The client's method.
    pub method: String,
    /// Its module.
    pub module: String,
    /// Its builder.
    pub builder: String,
    /// What the client's method says.
    pub docs: Docs,
    /// What a call can not do without, in the order of the spec.
    pub arguments: Vec<Argument>,
    /// What a call may set, in the order of the spec.
    pub setters: Vec<Argument>,
    /// The type of its answer, or of a record.
    pub response: RustType,
    /// The number of its group, in a large crate.
    pub group: Option<usize>,
}

impl Call<'_> {
    /// The names that its module defines, those of its methods' arguments among them.
    pub fn defined(&self) -> impl Iterator<Item = &str> {
        let arguments = self.arguments.iter().chain(&self.setters).map(|argument| argument.name.as_str());
        arguments.chain([self.builder.as_str()])
    }
}

/// What a call is given: an argument of the client's method, or of a setter of its own name.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// The name by which the runtime knows its value.
    pub key: String,
    /// The type of its value; of a list, that of an element.
    pub ty: RustType,
    /// How it is given and sent.
    pub form: Form,
    /// What its setter says.
    pub docs: Docs,
    /// What the spec says of it.
    pub description: Option<String>,
}

/// How an argument is given and sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A value that is sent as its text.
    Plain,
    /// A list whose elements are sent as their texts.
    List,
    /// A value that is sent as JSON, or is taken apart.
    Json,
    /// The body: a value that is written as JSON, whatever becomes of that.
    Body,
    /// The body: bytes or a text, sent as they are.
    Raw,
}

pub(super) fn inputs(api: &model::Api) -> Vec<Input<'_>> {
    api.inputs
        .iter()
        .map(|spec| Input {
            method: names::method(Builder::Inputs, &spec.name),
            env: names::environment(&api.name, &spec.name),
            docs: input_docs(api, spec),
            spec,
        })
        .collect()
}

fn input_docs(api: &model::Api, input: &model::Input) -> Docs {
    let mut notes = vec![format!("`{}` in the environment.", names::environment(&api.name, &input.name))];
    if let InputKind::Enum(words) = &input.kind {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        notes.push(format!("One of {}.", words.join(", ")));
    }
    match &input.default {
        Some(_) if input.secret => {}
        Some(default) => notes.push(format!("`{}` unless set.", default.to_runtime())),
        None if input.optional => notes.push(logins(api, &input.name).unwrap_or_else(|| "Optional.".to_owned())),
        None => {}
    }
    Docs::spec(input.description.as_deref()).or(|| Docs::own(&format!("Sets `{}`.", *input.name))).paragraph(&notes.join(" "))
}

/// Which of several logins an input is for.
fn logins(api: &model::Api, input: &str) -> Option<String> {
    let takes = |option: &&model::Choice| {
        [&option.required, &option.optional, &option.stored].into_iter().flatten().any(|name| name == input)
    };
    let options = &api.client.auth.choice()?.options;
    let names: Vec<String> = options.iter().filter(takes).map(|option| format!("`{}`", option.name.value)).collect();
    (!names.is_empty()).then(|| format!("For the login {}.", names.join(", ")))
}

pub(super) fn list<'a>(cx: &Context<'a>, resource: &'a Resource) -> List<'a> {
    let mut call = call(cx, &resource.operation);
    let name = &resource.operation.name;
    call.docs = Docs::spec(resource.operation.description.as_deref())
        .or(|| Docs::own(&format!("The records of `{}`.", **name)))
        .paragraph(&list_facts(resource))
        .paragraph(&step_facts(resource).map(|facts| format!("Each record on its way: {facts}.")).unwrap_or_default());
    call.response = resource.operation.response.as_ref().map_or(RustType::Value("Json"), |ty| cx.rust(ty));
    call.setters.extend(page_size(&resource.paging));
    rename(&[], &mut call.setters);
    List {
        call,
        fingerprint: fingerprint::resource(cx.api, resource),
        cells: cells(cx.api, resource),
        levels: levels(cx.api, resource),
        modules: BTreeMap::new(),
        hook: resource.hook().map(|name| names::value(name)),
        projected: Err(Unprojected::Fieldless),
        asked: asked(cx, resource),
        is_sensitive: resource.operation.response.iter().chain([&resource.source]).any(|ty| is_sensitive(&cx.api.types, ty)),
        spec: resource,
    }
}

fn asked(cx: &Context<'_>, resource: &Resource) -> Option<AskedFields> {
    let param = resource.fields_param.as_ref().filter(|_| resource.job.is_none())?;
    let cursor = resource.incremental.iter().map(|incremental| &*incremental.value.cursor);
    let last = match &resource.paging.style {
        Style::LastRecord { field, .. } => Some(&**field),
        _ => None,
    };
    let first = |path: &Path| match path.0.first() {
        Some(Segment::Key(key)) => Some(key.clone()),
        _ => None,
    };
    let mut always: Vec<String> = cursor.chain(last).filter_map(first).collect();
    // Records at the start of a run that the one before gave are known by their key.
    always.extend(resource.incremental.iter().flat_map(|_| &resource.primary_key).map(|key| key.value.clone()));
    let fields = resource.operation.response.as_ref().and_then(|record| cx.api.types.fields(record)).unwrap_or_default();
    let never = fields.iter().take(resource.include.len()).map(|field| field.name.value.clone()).collect();
    Some(AskedFields { param: param.value.clone(), always, never })
}

pub(super) fn call<'a>(cx: &Context<'a>, spec: &'a Operation) -> Call<'a> {
    let (arguments, setters) = given(cx, spec);
    let described = arguments.iter().filter_map(|argument| Some((argument.name.as_str(), argument.description.as_deref()?)));
    let docs =
        Docs::spec(spec.description.as_deref()).paragraph(&call_facts(spec)).list(described).paragraph(&failure_facts(cx, spec));
    let response = spec.response.as_ref().map_or(RustType::Unit, |ty| cx.rust(ty));
    let response = if spec.nullable && spec.response.is_some() { response.optional() } else { response };
    Call {
        method: names::method(Builder::Client, &spec.name),
        module: names::module(&spec.name),
        builder: names::type_name(&[spec.name.as_str()]),
        docs,
        arguments,
        setters,
        response: match spec.answer {
            Payload::Json => response,
            Payload::Text => RustType::String,
            Payload::Bytes => RustType::Value("Binary"),
        },
        group: None,
        spec,
    }
}

/// Makes the names of operations differ: the methods of the client, and the modules and builders of lists and of calls.
pub(super) fn rename_all<'a>(groups: &Groups, lists: &mut [List<'a>], calls: &mut [Call<'a>]) {
    let (mut listed, mut called): (Vec<_>, Vec<_>) =
        (lists.iter_mut().map(|list| &mut list.call).collect(), calls.iter_mut().collect());
    for calls in [&mut listed, &mut called] {
        rename_by(&groups.modules(), calls, |call| &mut call.module);
        rename_by(&[], calls, |call| &mut call.builder);
    }
    listed.append(&mut called);
    rename_by(&[], &mut listed, |call| &mut call.method);
    let modules: BTreeMap<String, (Option<usize>, String)> =
        lists.iter().map(|list| (list.spec.operation.name.value.clone(), (list.call.group, list.call.module.clone()))).collect();
    for list in lists {
        let above = list.levels.iter().filter_map(|level| match level.source {
            LevelSource::Records(resource) => modules.get_key_value(&resource.operation.name.value),
            LevelSource::List(_) | LevelSource::Windows(_) => None,
        });
        let path = |(group, module): &(Option<usize>, String)| match group.and_then(|at| groups.all.get(at)) {
            Some(other) if *group != list.call.group => format!("crate::resources::{}::{module}", other.module),
            _ => format!("super::{module}"),
        };
        list.modules = above.map(|(name, module)| (name.clone(), path(module))).collect();
    }
}

fn rename_by<'a>(reserved: &[&str], calls: &mut [&mut Call<'a>], name: for<'c> fn(&'c mut Call<'a>) -> &'c mut String) {
    let names = names::distinct(reserved, calls.iter_mut().map(|call| (call.spec.name.as_str(), name(call).clone())));
    calls.iter_mut().zip(names).for_each(|(call, new)| *name(call) = new);
}

/// What a call can not do without, and what it may set.
fn given(cx: &Context<'_>, spec: &Operation) -> (Vec<Argument>, Vec<Argument>) {
    let (mut arguments, mut setters) = (Vec::new(), Vec::new());
    for (at, param) in spec.params.iter().enumerate() {
        if let ParamValue::Argument { ty, required, default, .. } = &param.value {
            let (ty, form) = param_form(cx, ty, &param.style);
            let docs = setter_docs(param, default.as_ref());
            let description = param.description.clone();
            let key = spec.key_of(at);
            if *required && default.is_none() {
                arguments.push(Argument { name: names::value(&param.name), key, ty, form, docs, description });
            } else {
                setters.push(Argument { name: names::method(Builder::Call, &param.name), key, ty, form, docs, description });
            }
        }
    }
    if let Body::Given(body) = &spec.body {
        let docs = Docs::spec(body.description.as_deref()).or(|| Docs::own("Sets the body."));
        let (ty, form) = match body.encoding {
            Encoding::Json | Encoding::Form | Encoding::Multipart { .. } => (cx.rust(&body.ty), Form::Body),
            Encoding::Text => (RustType::String, Form::Raw),
            Encoding::Bytes => (RustType::List(Box::new(RustType::Primitive("u8"))), Form::Raw),
        };
        let description = body.description.clone();
        let argument = Argument { name: "body".to_owned(), key: "body".to_owned(), ty, form, docs, description };
        if body.required { arguments.push(argument) } else { setters.push(argument) }
    }
    // The names of locals of the method that they are given to.
    rename(&["call", "hook"], &mut arguments);
    rename(&[], &mut setters);
    (arguments, setters)
}

/// Makes names differ.
fn rename(reserved: &[&str], arguments: &mut [Argument]) {
    let names = names::distinct(reserved, arguments.iter().map(|argument| (argument.key.as_str(), argument.name.clone())));
    arguments.iter_mut().zip(names).for_each(|(argument, name)| argument.name = name);
}

/// The type of a parameter's value or of its elements, and how it is given and sent.
fn param_form(cx: &Context<'_>, ty: &Type, style: &ParamStyle) -> (RustType, Form) {
    match (style, ty) {
        (ParamStyle::Joined(_) | ParamStyle::Repeated, Type::Array(element)) => (part_type(cx, element), Form::List),
        (ParamStyle::Plain | ParamStyle::Repeated, _) => (part_type(cx, ty), Form::Plain),
        (ParamStyle::Joined(_) | ParamStyle::Brackets | ParamStyle::Members | ParamStyle::Json, _) => (cx.rust(ty), Form::Json),
    }
}

/// The type of a value that is sent as a text: a scalar or an enum; anything else is given as the text itself.
fn part_type(cx: &Context<'_>, ty: &Type) -> RustType {
    if is_part(cx, ty) && *ty != Type::Scalar(Scalar::Binary) { cx.rust(ty) } else { RustType::String }
}

/// Whether a value is sent as one text.
fn is_part(cx: &Context<'_>, ty: &Type) -> bool {
    matches!(ty, Type::Scalar(_)) || is_enum(&cx.api.types, ty)
}

fn setter_docs(param: &Param, default: Option<&Template>) -> Docs {
    let place = match param.location {
        Location::Path => "in the path",
        Location::Query => "in the query",
        Location::Header => "in a header",
        Location::Cookie => "in a cookie",
        Location::Body => "in the body",
    };
    let docs = Docs::spec(param.description.as_deref()).or(|| Docs::own(&format!("Sends `{}` {place}.", *param.name)));
    match default {
        Some(default) => docs.paragraph(&format!("`{}` unless set.", one_line(&default.to_runtime()))),
        None => docs,
    }
}

fn page_size(paging: &Paging) -> Option<Argument> {
    let size = paging.size.as_ref().filter(|size| !size.param.is_empty())?;
    let most = size.max.map(|max| format!(", at most {max}")).unwrap_or_default();
    Some(Argument {
        name: names::method(Builder::Call, &size.param),
        key: size.param.clone(),
        ty: RustType::Primitive("u32"),
        form: Form::Plain,
        docs: Docs::own(&format!("Sets how many records are asked for at a time: {} unless set{most}.", size.default)),
        description: None,
    })
}

/// The request in a few words.
fn call_facts(operation: &Operation) -> String {
    format!("`{} {}`", operation.method.as_str(), operation.path.to_runtime())
}

/// What the bodies of failures are, by status.
fn failure_facts(cx: &Context<'_>, operation: &Operation) -> String {
    let mut by_type: Vec<(&str, Vec<&str>)> = Vec::new();
    for (status, ty) in &operation.failures {
        let Type::Named(id) = ty else { continue };
        let name = cx.type_name(*id);
        match by_type.iter_mut().find(|(held, _)| *held == name) {
            Some((_, statuses)) => statuses.push(status),
            None => by_type.push((name, vec![status])),
        }
    }
    let words = |status: &str| if status == "default" { "any other status".to_owned() } else { format!("status {status}") };
    let facts = by_type.into_iter().map(|(name, statuses)| {
        let statuses: Vec<String> = statuses.into_iter().map(words).collect();
        format!("`{name}` ({})", statuses.join(", "))
    });
    let facts: Vec<String> = facts.collect();
    if facts.is_empty() { String::new() } else { format!("What `Error::decode_body` gives of a failure: {}.", facts.join(", ")) }
}

/// What a user wants to know of a list: the request, the key, the paging.
fn list_facts(resource: &Resource) -> String {
    let mut facts = vec![call_facts(&resource.operation)];
    let each: Vec<String> = resource.partitions.iter().map(each).collect();
    if !each.is_empty() {
        facts.push(format!("for each {}", each.join(" and each ")));
    }
    match resource.incremental.as_ref().and_then(|incremental| incremental.step.as_deref()) {
        Some(WindowStep::Months(months)) => facts.push(format!("in windows of {months} months")),
        Some(WindowStep::Milliseconds(ms)) if ms % 86_400_000 == 0 => {
            facts.push(format!("in windows of {} days", ms / 86_400_000));
        }
        Some(WindowStep::Milliseconds(ms)) => facts.push(format!("in windows of {} seconds", ms / 1_000)),
        None => {}
    }
    let key: Vec<String> = resource.primary_key.iter().map(|field| format!("`{}`", **field)).collect();
    if !key.is_empty() {
        facts.push(format!("key {}", key.join(", ")));
    }
    facts.extend(loading_fact(resource));
    facts.push(reading_facts(resource));
    if !matches!(*resource.decoder, Decoder::Json) {
        facts.push(format!("comes as {}", resource.decoder.title()));
    }
    facts.join("; ") + "."
}

/// How its records meet those that a destination holds.
fn loading_fact(resource: &Resource) -> Option<String> {
    let key: Vec<String> = resource.merge_key.iter().map(|field| format!("`{}`", **field)).collect();
    match resource.write_disposition {
        WriteDisposition::Append => None,
        WriteDisposition::Replace => Some("replaces what is held".to_owned()),
        WriteDisposition::Skip => Some("is not loaded".to_owned()),
        WriteDisposition::InsertOnly => Some("what has a key that is not held is added".to_owned()),
        WriteDisposition::Scd2 => Some("each version of a record is kept".to_owned()),
        WriteDisposition::Upsert => Some("merged by its key".to_owned()),
        WriteDisposition::Merge if key.is_empty() => Some("merged by its key".to_owned()),
        WriteDisposition::Merge => Some(format!("merged by {}", key.join(", "))),
    }
}

/// What is done with each record, in words.
#[must_use]
pub fn step_facts(resource: &Resource) -> Option<String> {
    let facts: Vec<String> = resource.steps.iter().map(|step| step_fact(&step.kind)).collect();
    (!facts.is_empty()).then(|| facts.join("; "))
}

fn step_fact(kind: &StepKind) -> String {
    let code = |text: &str| format!("`{}`", one_line(text).replace('`', "'"));
    match kind {
        StepKind::Filter { text, .. } => format!("kept where {}", code(text)),
        StepKind::Rename { from, to } => format!("`{from}` becomes `{to}`"),
        StepKind::Drop(path) => format!("`{path}` is dropped"),
        StepKind::Set { field, text, .. } => format!("`{field}` is {}", code(text)),
        StepKind::Cast { field, to } => format!("`{field}` becomes {}", cast_words(*to)),
        StepKind::Explode { field, .. } => format!("one record for each element of `{field}`"),
        StepKind::Hash { field, key: None } => format!("`{field}` becomes its SHA-256"),
        StepKind::Hash { field, key: Some(_) } => format!("`{field}` becomes its HMAC-SHA-256"),
        StepKind::Hook(name) => format!("it passes through the hook `{}`", names::value(name)),
    }
}

fn cast_words(cast: Cast) -> &'static str {
    match cast {
        Cast::Integer => "an integer",
        Cast::Number => "a number",
        Cast::Decimal => "a decimal",
        Cast::String => "a text",
        Cast::Boolean => "a truth value",
        Cast::DateTime => "a moment",
        Cast::Date => "a date",
    }
}

/// A row of what a list is read for.
fn each(by: &PartitionBy) -> String {
    match by {
        PartitionBy::List(list) => format!("value of `{}`", *list.name),
        PartitionBy::Parent(parent) if parent.conditions.is_empty() => format!("record of `{}`", *parent.resource),
        PartitionBy::Parent(parent) => format!("record of `{}` that the spec takes", *parent.resource),
    }
}

/// How a list is read, in words.
#[must_use]
pub fn reading_facts(resource: &Resource) -> String {
    match &resource.job {
        Some(_) => "by a job".to_owned(),
        None => paging_facts(&resource.paging),
    }
}

/// How a list pages, in words.
fn paging_facts(paging: &Paging) -> String {
    let slot = || paging.slot().map(|slot| slot.to_string()).unwrap_or_default();
    let style = match &paging.style {
        Style::Single => return "one page".to_owned(),
        Style::PageNumber { .. } => format!("pages by number (`{}`)", slot()),
        Style::Offset { .. } => format!("pages by offset (`{}`)", slot()),
        Style::Cursor { .. } => format!("pages by cursor (`{}`)", slot()),
        Style::HeaderCursor { header, .. } => format!("pages by the header `{header}` (`{}`)", slot()),
        Style::LastRecord { field, .. } => format!("pages by the last record's `{}` (`{}`)", **field, slot()),
        Style::HeaderLink { .. } => "pages by the `Link` header".to_owned(),
        Style::JsonLink { path } => format!("pages by the link at `{}`", **path),
    };
    let size = paging.size.as_ref().map(|size| {
        let most = size.max.map(|max| format!(", at most {max}")).unwrap_or_default();
        format!(", {} records each{most}", size.default)
    });
    style + &size.unwrap_or_default()
}
