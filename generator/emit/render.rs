//! Everything that passes through a template: the manifest, the README, the examples, the tests.
//!
//! What a template shows is worked out here; the template only says where it stands.

use std::collections::BTreeSet;

use askama::Template;

use super::{features, samples};
use crate::lock::quote;
use crate::model::{Compression, InputKind, Operation};
use crate::names;
use crate::plan::{
    Call, Crate, Docs, Form, Input, ItemKind, List, Runtime, RustType, cell, first_sentence, one_line, reading_facts, step_facts,
};

/// Keeps a user's `cargo fmt` from these files: they are printed by prettyplease, the same on every machine.
const RUSTFMT: &str = "disable_all_formatting = true\n";

/// `Cargo.toml`.
#[derive(Template)]
#[template(path = "Cargo.toml.askama", escape = "none")]
struct Manifest<'a> {
    spec: &'a str,
    package: String,
    version: String,
    description: String,
    documentation: Option<String>,
    /// The features that are on unless a user says otherwise.
    defaults: String,
    features: Vec<(&'a str, String)>,
    /// The groups of a large crate, and what each needs of the others.
    groups: Vec<(&'a str, String)>,
    dependencies: &'a [&'a str],
    /// The examples, and the features that each needs.
    examples: Vec<(&'a str, String)>,
    has_lists: bool,
    /// Whether there are tests against a hostile service.
    hostile: bool,
    has_unions: bool,
}

/// `README.md`.
#[derive(Template)]
#[template(path = "README.md.askama", escape = "none")]
struct Readme<'a> {
    plan: &'a Crate<'a>,
    spec: &'a str,
    description: String,
    inputs: Vec<Row>,
    lists: Vec<Row>,
    /// What is done with the records of lists.
    steps: Vec<String>,
    hooks: bool,
    calls: Vec<Row>,
    program: Option<String>,
    /// The list that the first program reads.
    first: &'a str,
    example: Option<&'a str>,
    /// Whether there are tests against a hostile service.
    hostile: bool,
    /// The groups of a large crate, and what is in them.
    groups: Vec<Row>,
}

/// `src/hooks.rs`, which is the user's from then on.
#[derive(Template)]
#[template(path = "hooks.rs.askama", escape = "none")]
struct Hooks<'a> {
    hooks: Vec<HookLine<'a>>,
}

/// A hook that may be written.
struct HookLine<'a> {
    method: &'a str,
    record: String,
}

/// A row of a table.
struct Row(Vec<String>);

/// The first program, for the README and the crate's documentation.
#[derive(Template)]
#[template(path = "program.rs.askama", escape = "none")]
struct Program<'a> {
    library: &'a str,
    method: &'a str,
}

/// A setter of the client's builder, with a value to show.
struct Setter {
    method: String,
    value: String,
}

/// `examples/read_….rs`.
#[derive(Template)]
#[template(path = "read.rs.askama", escape = "none")]
struct Read<'a> {
    head: &'a str,
    example: &'a str,
    library: &'a str,
    lists: Vec<Listed<'a>>,
    first: Vec<String>,
}

/// A list that can be read without arguments.
struct Listed<'a> {
    /// Its name, as a literal.
    literal: String,
    method: &'a str,
}

/// `examples/login_….rs`, of a crate whose users log in in the browser.
#[derive(Template)]
#[template(path = "login.rs.askama", escape = "none")]
struct LoginExample<'a> {
    head: &'a str,
    example: &'a str,
    library: &'a str,
    /// The setter that names the login, where there are several.
    choice: Option<Setter>,
}

/// `examples/call_….rs`, of a crate without lists.
#[derive(Template)]
#[template(path = "call.rs.askama", escape = "none")]
struct CallExample<'a> {
    head: &'a str,
    example: &'a str,
    library: &'a str,
    name: &'a str,
    method: &'a str,
    arguments: Vec<&'a str>,
    /// Whether there is an answer to print.
    answers: bool,
}

/// `tests/connector.rs`.
#[derive(Template)]
#[template(path = "connector.rs.askama", escape = "none")]
struct Tests<'a> {
    head: &'a str,
    library: &'a str,
    required: Vec<String>,
    setters: Vec<Setter>,
    has_lists: bool,
    has_calls: bool,
    /// Whether the crate has groups.
    grouped: bool,
    lists: Vec<Listed<'a>>,
    /// Under which features the first of them are there.
    condition: String,
    records: Vec<samples::Sample>,
}

/// `tests/hostile.rs`, of a crate with lists that can be read without arguments.
#[derive(Template)]
#[template(path = "hostile.rs.askama", escape = "none")]
struct HostileTests<'a> {
    head: &'a str,
    spec: &'a str,
    /// Whether the spec is beside the tests.
    own_spec: bool,
    library: &'a str,
    setters: Vec<Setter>,
    /// Whether the client keeps to a limit.
    limited: bool,
    lists: Vec<Listed<'a>>,
}

/// The files that templates make, with their paths.
pub(super) fn texts(plan: &Crate<'_>, runtime: &Runtime, head: &str, spec: &str) -> Result<Vec<(String, String)>, String> {
    let example = example(plan, head)?;
    let name = example.as_ref().map(|example| example.name.as_str());
    let login = login(plan, head)?;
    let example_features =
        example.iter().chain(&login).map(|example| (example.name.as_str(), quoted(&example.features))).collect();
    let readable = readable(plan);
    let mut features: Vec<_> = runtime.features.iter().map(|(name, parts)| (*name, quoted(parts))).collect();
    if !readable.is_empty() {
        let groups = features::of_calls(plan, readable.iter().map(|list| &list.call));
        features.push(("hostile", quoted(&["async", "serde"].into_iter().chain(groups).collect::<Vec<_>>())));
        features.sort();
    }
    let manifest = Manifest {
        spec,
        package: quote(&plan.package),
        version: quote(&plan.version),
        description: quote(&description(plan)),
        documentation: plan.api.docs.as_deref().map(quote),
        defaults: quoted(&default_features(plan)),
        groups: plan.groups.iter().map(|group| (group.feature.as_str(), features::needs(group))).collect(),
        features,
        dependencies: &runtime.dependencies,
        examples: example_features,
        has_lists: !plan.lists.is_empty(),
        hostile: !readable.is_empty(),
        has_unions: plan.models.iter().flat_map(|module| &module.items).any(|item| matches!(item.kind, ItemKind::Union(_))),
    };
    let mut files = vec![
        ("Cargo.toml".to_owned(), render("Cargo.toml", &manifest)?),
        ("README.md".to_owned(), render("README.md", &readme(plan, spec, name)?)?),
        ("rustfmt.toml".to_owned(), RUSTFMT.to_owned()),
        ("tests/connector.rs".to_owned(), render("tests/connector.rs", &tests(plan, head))?),
    ];
    if !readable.is_empty() {
        files.push(("tests/hostile.rs".to_owned(), render("tests/hostile.rs", &hostile_tests(plan, &readable, head, spec))?));
        // The tests play it, for those who have the crate alone.
        files.extend(plan.api.text.iter().map(|text| (format!("tests/{spec}"), text.clone())));
    }
    if let Some(connector) = &plan.api.inferred {
        let note = format!(
            "# Made by tapwright from {spec}. Beside that document, this file is a spec: change it, and give it to `gen --spec`.\n"
        );
        files.push((crate::CONNECTOR.to_owned(), note + connector));
    }
    files.extend(example.into_iter().chain(login).map(|Example { name, text, .. }| (format!("examples/{name}.rs"), text)));
    Ok(files)
}

/// The file in which a user writes hooks.
pub(super) fn hooks(plan: &Crate<'_>) -> Result<String, String> {
    let line = |hook: &'_ crate::plan::Hook| match &hook.record {
        RustType::Model(name) => format!("crate::models::{name}"),
        RustType::Value(name) | RustType::Time(name) => format!("crate::{name}"),
        RustType::Primitive(name) => (*name).to_owned(),
        _ => "_".to_owned(),
    };
    let hooks = plan.hooks.iter().map(|hook| HookLine { method: &hook.method, record: line(hook) }).collect();
    render(super::hooks::FILE, &Hooks { hooks })
}

/// What `lib.rs` says of the crate: what it is, and the first program.
pub(super) fn crate_docs(plan: &Crate<'_>) -> Result<Docs, String> {
    let docs = Docs::spec(plan.api.description.as_deref()).or(|| Docs::own(&description(plan)));
    let Some(program) = program(plan)? else { return Ok(docs) };
    let mut lines = docs.paragraph("The first program:").0;
    // The example needs an async runtime, which a crate without the feature does not have.
    let needed = features::all("async", &features::of_calls(plan, first(plan).map(|list| &list.call)));
    lines.extend([String::new(), "```no_run".to_owned(), format!("# #[cfg({needed})]")]);
    lines.extend(program.lines().map(str::to_owned));
    lines.extend([format!("# #[cfg(not({needed}))]"), "# fn main() {}".to_owned(), "```".to_owned()]);
    Ok(Docs(lines))
}

/// The features that a crate can not do without as its spec is, and all its groups, so that nothing is missing.
fn default_features<'a>(plan: &'a Crate<'_>) -> Vec<&'a str> {
    let operations = plan.api.resources.iter().map(|resource| &resource.operation).chain(&plan.api.operations);
    let packed = plan.api.client.compression.iter().copied().chain(operations.filter_map(|operation| operation.packed));
    let files = plan.api.resources.iter().filter_map(|resource| resource.job.as_ref()?.packed);
    let packed = packed.chain(files);
    let features: BTreeSet<&str> = packed.filter_map(Compression::feature).collect();
    let groups = plan.groups.iter().map(|group| group.feature.as_str());
    std::iter::once("async").chain(features).chain(groups).collect()
}

fn render(path: &str, template: &impl Template) -> Result<String, String> {
    // askama leaves out the last line's end.
    template.render().map(|text| text + "\n").map_err(|error| format!("{path}: {error}"))
}

pub(super) fn quoted(texts: &[&str]) -> String {
    texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", ")
}

/// What the crate is, in a sentence.
fn description(plan: &Crate<'_>) -> String {
    plan.api.description.as_deref().map_or_else(|| format!("A connector for {}.", one_line(&plan.title)), first_sentence)
}

fn readme<'a>(plan: &'a Crate<'a>, spec: &'a str, example: Option<&'a str>) -> Result<Readme<'a>, String> {
    Ok(Readme {
        plan,
        spec,
        description: plan
            .api
            .description
            .as_deref()
            .map_or_else(|| description(plan), |text| Docs::spec(Some(text)).0.join("\n")),
        inputs: plan.inputs.iter().map(input_row).collect(),
        lists: plan.lists.iter().map(list_row).collect(),
        steps: plan.lists.iter().filter_map(steps_line).collect(),
        hooks: !plan.hooks.is_empty(),
        calls: plan.calls.iter().map(call_row).collect(),
        program: program(plan)?,
        first: first(plan).map_or("", |list| &list.call.method),
        example,
        hostile: !readable(plan).is_empty(),
        groups: plan.groups.iter().map(|group| Row(features::row(plan, group))).collect(),
    })
}

fn input_row(input: &Input<'_>) -> Row {
    let value = match &input.spec.default {
        Some(default) => format!("`{}`", default.to_runtime()),
        None if input.spec.optional => "optional".to_owned(),
        None => "required".to_owned(),
    };
    let description = input.spec.description.as_deref().map(cell).unwrap_or_default();
    Row(vec![code(&input.method), code(&input.env), value, description])
}

fn list_row(list: &List<'_>) -> Row {
    let key: Vec<String> = list.spec.primary_key.iter().map(|field| code(field)).collect();
    Row(vec![code(&list.call.method), request(list.call.spec), key.join(", "), reading_facts(list.spec)])
}

/// What is done with the records of a list.
fn steps_line(list: &List<'_>) -> Option<String> {
    step_facts(list.spec).map(|facts| format!("{}: {facts}.", code(&list.call.method)))
}

fn call_row(call: &Call<'_>) -> Row {
    Row(vec![code(&call.method), request(call.spec), call.spec.description.as_deref().map(cell).unwrap_or_default()])
}

fn request(operation: &Operation) -> String {
    code(&format!("{} {}", operation.method.as_str(), operation.path.to_runtime()))
}

/// A name in a table.
fn code(text: &str) -> String {
    format!("`{}`", one_line(text).replace('|', "\\|"))
}

/// The first program; none for a crate without a list to read in it.
fn program(plan: &Crate<'_>) -> Result<Option<String>, String> {
    first(plan).map(|list| render("program", &Program { library: &plan.library, method: &list.call.method })).transpose()
}

/// The first list that can be read without arguments and without reading another one.
fn first<'a>(plan: &'a Crate<'_>) -> Option<&'a List<'a>> {
    let mut lists = plan.lists.iter().filter(|list| list.call.arguments.is_empty() && list.is_root());
    lists.clone().find(|list| list.spec.job.is_none()).or_else(|| lists.next())
}

/// The lists that can be read without arguments. To start a job is more than to read.
fn readable<'a>(plan: &'a Crate<'_>) -> Vec<&'a List<'a>> {
    plan.lists.iter().filter(|list| list.call.arguments.is_empty() && list.spec.job.is_none()).collect()
}

/// A program to begin with.
struct Example<'a> {
    name: String,
    text: String,
    features: Vec<&'a str>,
}

/// The example that tries lists or a call out. A crate of calls that all need more than texts has none.
fn example<'a>(plan: &'a Crate<'_>, head: &str) -> Result<Option<Example<'a>>, String> {
    let read = readable(plan);
    if !read.is_empty() {
        let features = features::example(plan, read.iter().map(|list| &list.call));
        let lists = read.into_iter().map(listed).collect();
        let is_simple = |list: &&List<'_>| list.is_root() && list.call.arguments.is_empty() && list.spec.job.is_none();
        let roots = plan.lists.iter().filter(is_simple).filter(|list| list.spec.selected);
        let first = roots.take(3).map(|list| literal(&list.call.spec.name)).collect();
        let name = names::example("read", &plan.library);
        let text = render(&name, &Read { head, example: &name, library: &plan.library, lists, first })?;
        return Ok(Some(Example { name, text, features }));
    }
    let of_texts =
        |call: &&Call<'_>| call.arguments.iter().all(|argument| argument.ty == RustType::String && argument.form == Form::Plain);
    let simplest =
        plan.calls.iter().filter(|call| !call.spec.deprecated).filter(of_texts).min_by_key(|call| call.arguments.len());
    let Some(call) = simplest else { return Ok(None) };
    let arguments = call.arguments.iter().map(|argument| argument.name.as_str()).collect();
    let (library, name) = (&*plan.library, &*call.spec.name);
    let (method, answers) = (&*call.method, call.response != RustType::Unit);
    let example = names::example("call", library);
    let text = render(&example, &CallExample { head, example: &example, library, name, method, arguments, answers })?;
    Ok(Some(Example { name: example, text, features: features::example(plan, [call]) }))
}

/// The program that logs a user in, where there is such a login.
fn login<'a>(plan: &'a Crate<'_>, head: &str) -> Result<Option<Example<'a>>, String> {
    let auth = &plan.api.client.auth;
    if auth.code().is_none() {
        return Ok(None);
    }
    let choice = auth.choice().and_then(|one_of| {
        let option = one_of.options.iter().find(|option| option.auth.code().is_some())?;
        let input = plan.inputs.iter().find(|input| input.spec.name.value == one_of.input)?;
        Some(Setter { method: input.method.clone(), value: literal(&option.name) })
    });
    let example = names::example("login", &plan.library);
    let text = render(&example, &LoginExample { head, example: &example, library: &plan.library, choice })?;
    Ok(Some(Example { name: example, text, features: features::example(plan, []) }))
}

fn listed<'a>(list: &'a List<'_>) -> Listed<'a> {
    Listed { literal: literal(&list.call.spec.name), method: &list.call.method }
}

fn tests<'a>(plan: &'a Crate<'_>, head: &'a str) -> Tests<'a> {
    let required: Vec<&Input<'_>> = plan.inputs.iter().filter(|input| input.is_required()).collect();
    let lists: Vec<&List<'_>> = plan.lists.iter().filter(|list| list.call.arguments.is_empty()).collect();
    let first = lists.iter().take(2).map(|list| &list.call);
    Tests {
        head,
        library: &plan.library,
        required: required.iter().map(|input| literal(&input.spec.name)).collect(),
        setters: setters(plan),
        has_lists: !plan.lists.is_empty(),
        has_calls: !plan.calls.is_empty(),
        grouped: !plan.groups.is_empty(),
        condition: features::all("blocking", &features::of_calls(plan, first)),
        lists: lists.into_iter().map(listed).collect(),
        records: samples::records(plan),
    }
}

fn hostile_tests<'a>(plan: &'a Crate<'_>, lists: &[&'a List<'a>], head: &'a str, spec: &'a str) -> HostileTests<'a> {
    HostileTests {
        head,
        spec,
        own_spec: plan.api.text.is_some(),
        limited: !plan.api.client.rate_limits.is_empty()
            || plan.lists.iter().map(|list| &list.call).chain(&plan.calls).any(|call| call.spec.conduct.rate_limit.is_some()),
        library: &plan.library,
        setters: setters(plan),
        lists: lists.iter().map(|list| listed(list)).collect(),
    }
}

/// What makes a client complete: the inputs that each needs, and those of one login.
fn setters(plan: &Crate<'_>) -> Vec<Setter> {
    let login = plan.api.client.auth.complete();
    let setter = |input: &Input<'_>| {
        let of_login = login.iter().find(|(name, _)| *name == input.spec.name.value);
        let value = match of_login {
            Some((_, Some(option))) => literal(option),
            Some((_, None)) => sample_value(input),
            None if input.is_required() => sample_value(input),
            None => return None,
        };
        Some(Setter { method: input.method.clone(), value })
    };
    plan.inputs.iter().filter_map(setter).collect()
}

/// A text as a Rust literal.
fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// A value that an input takes, as Rust.
fn sample_value(input: &Input<'_>) -> String {
    match &input.spec.kind {
        InputKind::String => "\"x\"".to_owned(),
        InputKind::Hostname => "\"host.example\"".to_owned(),
        InputKind::Url => "\"https://host.example\"".to_owned(),
        InputKind::Integer => "1".to_owned(),
        InputKind::Boolean => "true".to_owned(),
        InputKind::Enum(words) => literal(words.first().map_or("", String::as_str)),
    }
}
