//! Our own language: YAML (or JSON) text to a draft of an API.
//!
//! Text, then places and values, then nodes that pair them, then nodes of the right form, then the draft. Every step reports all
//! that is wrong with its input; only a text that is no YAML stops the rest.

mod auth;
mod client;
mod conduct;
mod config;
mod decoder;
mod defaults;
mod document;
mod endpoint;
mod incremental;
mod job;
mod json;
pub(crate) mod json_path;
pub mod language;
mod node;
mod oauth2;
mod openapi_types;
mod operation;
mod paginator;
mod params;
mod partition;
pub(crate) mod places;
mod reference;
mod resource;
mod schemas;
mod session;
pub(crate) mod shape;
mod steps;
pub(crate) mod template;
pub(crate) mod type_expr;
pub(crate) mod units;
pub(crate) mod values;

use std::path::Path;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::draft::Draft;
use crate::model::{Input, Retry, Spanned};
use crate::openapi::Document;
use crate::source::{FileId, Sources, Span};
use document::Lender;
use node::Node;
use reference::Imports;

/// Reads a spec. None if its text is not YAML; otherwise a draft in which everything that could not be read is left out.
///
/// A spec may build on an OpenAPI document: the one that is `given`, or the one that it names.
pub fn read(file: FileId, given: Option<&Document>, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Draft> {
    let mut node = read_node(file, sources, diagnostics)?;
    let opened = if given.is_none() { document::open(&node, file, sources, diagnostics) } else { None };
    let document = given.or(opened.as_ref());
    let lender = document.map(|document| Lender::new(document, &node));
    if let (Some(held), Some(lender)) = (document, &lender) {
        let head = sources.add("connector.yaml", held.head(lender.operations()).to_yaml("document"));
        let head = read_node(head, sources, diagnostics)?;
        document::complete(&mut node, &head);
        lender.check_patterns(&node, diagnostics);
    }
    shape::check(&mut node, &language::SPEC, diagnostics);
    let draft = lower(&node, file, lender, sources, diagnostics);
    if let Some(document) = document {
        document.report(sources, diagnostics);
    }
    Some(draft)
}

/// Reads a place in a document, as specs write them; otherwise what is wrong with it, in words that follow the path.
pub fn path(text: &str) -> Result<crate::model::Path, &'static str> {
    json_path::parse(text).map_err(|error| error.message)
}

fn lower(node: &Node, file: FileId, lender: Option<Lender<'_>>, sources: &Sources, diagnostics: &mut Diagnostics) -> Draft {
    let lowering = Lowering {
        sources,
        file,
        diagnostics,
        inputs: Vec::new(),
        declares_inputs: false,
        imports: Imports::default(),
        taken_names: Vec::new(),
        resource_names: Vec::new(),
        lent: Vec::new(),
        client_retry: Retry::default(),
        default_rules: Vec::new(),
        has_shared_rules: false,
        has_rate_limits: false,
        lender,
    };
    lowering.spec(node)
}

/// Reads a YAML or JSON text: its values, paired with their places.
fn read_node(file: FileId, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = sources.text(file);
    let whole = Span { file, start: 0, end: 0 };
    let is_json = sources.path(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    match serde_json::from_str::<serde_json::Value>(text) {
        // A YAML map in braces is JSON now and then, and means the same.
        Ok(value) if is_json || text.trim_start().starts_with('{') => {
            let errors_before = diagnostics.error_count();
            let places = places::scan_json(file, text, diagnostics);
            let value = serde_yaml::to_value(value).ok().filter(|_| diagnostics.error_count() == errors_before)?;
            Some(Node::pair(&value, &places, whole, diagnostics))
        }
        Err(error) if is_json => {
            let (title, at) = (error.to_string(), sources.byte_at(file, error.line(), error.column()));
            let title = title.split(" at line ").next().unwrap_or(&title);
            diagnostics.report(Code::NotJson, Span { file, start: at, end: at }, &[title]);
            None
        }
        _ => read_yaml(file, text, whole, diagnostics),
    }
}

fn read_yaml(file: FileId, text: &str, whole: Span, diagnostics: &mut Diagnostics) -> Option<Node> {
    let errors_before = diagnostics.error_count();
    let places = places::scan(file, text, diagnostics);
    if diagnostics.error_count() > errors_before {
        return None;
    }
    let mut value: serde_yaml::Value = match serde_yaml::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let at = error.location().and_then(|location| u32::try_from(location.index()).ok()).unwrap_or(0);
            diagnostics.push(unreadable(&error, Span { file, start: at, end: at }));
            return None;
        }
    };
    if let Err(error) = value.apply_merge() {
        diagnostics.push(unreadable(&error, places.bad_merge().unwrap_or(whole)));
        return None;
    }
    Some(Node::pair(&value, &places, whole, diagnostics))
}

/// What the reader of values refuses although the pass over the events did not.
fn unreadable(error: &serde_yaml::Error, place: Span) -> Diagnostic {
    let message = error.to_string();
    // The place stands at its end; it is shown anyway.
    let message = message.split(" at line ").next().unwrap_or(&message);
    if message.contains("tab character") {
        Diagnostic::new(Code::Tab, place, &[])
    } else if message.contains("repetition limit") {
        Diagnostic::new(Code::Unreadable, place, &["aliases that multiply to more than can be read"])
    } else if message.contains("invalid type: integer") {
        Diagnostic::new(Code::Unreadable, place, &["a number of more than 64 bits"]).help("write it in quotes")
    } else {
        Diagnostic::new(Code::Unreadable, place, &[message])
    }
}

/// What all of lowering shares.
struct Lowering<'a> {
    sources: &'a Sources,
    /// The spec itself.
    file: FileId,
    diagnostics: &'a mut Diagnostics,
    /// The inputs so far: declared ones first, then those that credentials imply.
    inputs: Vec<Input>,
    declares_inputs: bool,
    /// Schemas that come from documents beside the spec.
    imports: Imports,
    /// The names that schemas have.
    taken_names: Vec<String>,
    /// The names of all resources, those that were not read yet included.
    resource_names: Vec<String>,
    /// The names of holes that are filled by values given elsewhere: in the requests about a job, its id and what started it.
    lent: Vec<String>,
    /// The client's terms of repeating, from which an endpoint's own ones differ.
    client_retry: Retry,
    /// Where the rules of the defaults on responses stand.
    default_rules: Vec<Span>,
    /// Whether the client has rules on responses.
    has_shared_rules: bool,
    /// Whether the client has limits, which the headers of `retry` then tell of.
    has_rate_limits: bool,
    /// The document that the spec builds on.
    lender: Option<Lender<'a>>,
}

impl Lowering<'_> {
    fn spec(mut self, spec: &Node) -> Draft {
        let name = self.name(spec);
        let version = spec.get("version").and_then(|node| self.version(node));
        self.config(spec.member("config"));
        let client_node = spec.get("client");
        let client = self.client(client_node);
        self.has_shared_rules = !client.rules.is_empty();
        self.has_rate_limits = !client.rate_limits.is_empty();
        let mut schemas = self.schemas(spec.get("schemas"));
        self.resource_names = resource_names(spec.get("resources"));
        let defaults = self.defaults(spec.get("resource_defaults"), client_node);
        let resources = spec.get("resources").map(|node| self.resources(node, &defaults)).unwrap_or_default();
        let mut operations = spec.get("operations").map(|node| self.operations(node)).unwrap_or_default();
        let taken: Vec<_> = resources.iter().map(|draft| &draft.resource.operation.name).collect();
        let taken: Vec<_> = taken.into_iter().chain(operations.iter().map(|draft| &draft.operation.name)).cloned().collect();
        let (lent, types) = self.lent(&taken.iter().collect::<Vec<_>>());
        operations.extend(lent);
        schemas.extend(self.finish_imports());
        // Both become methods of one client.
        let listed = resources.iter().map(|draft| ("the resource", &draft.resource.operation.name));
        let called = operations.iter().map(|draft| ("the operation", &draft.operation.name));
        self.unique_names(listed.chain(called));
        Draft {
            name,
            title: spec.text_of("title"),
            description: spec.text_of("description"),
            docs: spec.text_of("docs"),
            version,
            inputs: self.inputs,
            declares_inputs: self.declares_inputs,
            client,
            resources,
            operations,
            schemas,
            types,
        }
    }

    /// The name of the connector: what the spec says, or the name of its file.
    fn name(&mut self, spec: &Node) -> Spanned<String> {
        let stem = || self.sources.path(self.file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = match spec.get("name").and_then(Node::spanned) {
            Some(name) => name,
            None => Spanned::new(stem().unwrap_or_default(), Span { file: self.file, start: 0, end: 0 }),
        };
        if !is_crate_name(&name) {
            self.diagnostics.report(Code::BadName, name.span, &[&name]);
        }
        name
    }

    fn version(&mut self, node: &Node) -> Option<Spanned<String>> {
        let version = node.spanned()?;
        if is_semantic_version(&version) {
            return Some(version);
        }
        let bad = Diagnostic::new(Code::BadVersion, version.span, &[&version]);
        let padded = format!("{}.0", version.value);
        self.diagnostics.push(if is_semantic_version(&padded) { bad.help(format!("write `{padded}`")) } else { bad });
        None
    }

    /// The path of a file that a spec names, which lies beside it.
    fn beside(&self, name: &str) -> std::path::PathBuf {
        self.sources.path(self.file).parent().unwrap_or(Path::new("")).join(name)
    }
}

fn resource_names(resources: Option<&Node>) -> Vec<String> {
    let name = |item: &Node| item.text().map(str::to_owned).or_else(|| item.text_of("name"));
    resources.map(Node::items).unwrap_or_default().iter().filter_map(name).collect()
}

fn is_crate_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        && name.len() <= 64
}

fn is_semantic_version(version: &str) -> bool {
    let (version, build) = version.split_once('+').map_or((version, None), |(version, build)| (version, Some(build)));
    let (core, pre) = version.split_once('-').map_or((version, None), |(core, pre)| (core, Some(pre)));
    let is_number = |text: &str| text.parse::<u64>().is_ok_and(|number| number.to_string() == text);
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let numbers: Vec<&str> = core.split('.').collect();
    let is_pre = |word: &str| is_word(word) && (is_number(word) || !word.bytes().all(|b| b.is_ascii_digit()));
    numbers.len() == 3
        && numbers.into_iter().all(is_number)
        && pre.is_none_or(|pre| pre.split('.').all(is_pre))
        && build.is_none_or(|build| build.split('.').all(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (text, expected) in [
            ("0.1.0", true),
            ("1.2.3-rc.1+build.5", true),
            ("1.2.3-01", false),
            ("1.2", false),
            ("01.2.3", false),
            ("1.2.3.4", false),
            ("v1.2.3", false),
            ("+1.2.3", false),
            ("1.2.3-", false),
            ("", false),
        ] {
            assert_eq!(is_semantic_version(text), expected, "{text}");
        }
    }

    #[test]
    fn crate_names() {
        for (text, expected) in
            [("auth0", true), ("my-api_2", true), ("", false), ("2api", false), ("My", false), ("a.b", false), ("é", false)]
        {
            assert_eq!(is_crate_name(text), expected, "{text}");
        }
    }
}
