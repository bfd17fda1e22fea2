//! Chains: the recorded pages that one read of a resource would ask for, one after the other.

use serde_json::{Map, Value};
use tapwright::model::{Api, Hole, Path, Resource, Segment, Style, Template, TemplatePart};

use super::recording::{Exchange, Recording};
use super::server::decoded;

/// Where the paths of the API begin.
const BASE: &str = "/api/v2";

/// Recorded pages of one list, in order.
#[derive(Clone)]
pub struct Chain {
    /// The recording that it comes from.
    pub recording: String,
    /// The name of the resource.
    pub resource: String,
    /// The path of the list below the host, decoded.
    pub path: String,
    /// What fills the holes of that path, by their names (`organizations.id`).
    pub bindings: Vec<(String, String)>,
    /// The pages.
    pub pages: Vec<Exchange>,
}

impl Chain {
    /// What fills a hole of the path.
    pub fn binding(&self, name: &str) -> Option<&str> {
        self.bindings.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The records of all pages, in order.
    pub fn records(&self, api: &Api) -> Vec<Value> {
        let resource = self.resource(api);
        let bodies = self.pages.iter().filter_map(Exchange::json);
        bodies.flat_map(|body| rows(resource, &body).expect("a page with records").clone()).collect()
    }

    /// The records as the connector gives them: with the fields of their parents.
    pub fn expected(&self, api: &Api) -> Vec<Value> {
        let added: Map<String, Value> = (self.resource(api).include.iter())
            .map(|included| {
                let value = self.binding(&included.name()).expect("a parent's field in the path");
                (format!("_{}", included.name().replace('.', "_")), Value::from(value))
            })
            .collect();
        let with_parent = |record: Value| match record {
            Value::Object(fields) => Value::Object(added.clone().into_iter().chain(fields).collect()),
            other => other,
        };
        self.records(api).into_iter().map(with_parent).collect()
    }

    /// The lists of the parents: one record each, which leads to this chain. No recording has them.
    pub fn parents(&self, api: &Api) -> Vec<Chain> {
        let mut lists = Vec::new();
        let mut child = self.resource(api);
        while let Some(parent) = child.parents().next().and_then(|parent| api.resource(&parent.resource)) {
            let name = &parent.operation.name.value;
            let fields = self.bindings.iter().filter_map(|(hole, value)| {
                let field = hole.strip_prefix(name.as_str())?.strip_prefix('.')?;
                Some((field.to_owned(), Value::from(value.as_str())))
            });
            let page = enveloped(parent, vec![Value::Object(fields.collect())]);
            let path = self.filled(&parent.operation.path);
            lists.push(Chain { resource: name.clone(), path, pages: vec![Exchange::json_page(&page)], ..self.clone() });
            child = parent;
        }
        lists
    }

    /// The page that follows the recorded ones, where the recorder stopped before the end: the same envelope without records.
    pub fn empty_page(&self, api: &Api) -> String {
        let mut body = self.pages.last().and_then(Exchange::json).expect("a page");
        rows_mut(self.resource(api), &mut body).expect("a page with records").clear();
        if let Some(envelope) = body.as_object_mut() {
            envelope.remove("next");
        }
        body.to_string()
    }

    /// What the resource is in the spec.
    pub fn resource<'a>(&self, api: &'a Api) -> &'a Resource {
        api.resource(&self.resource).expect("a resource of the spec")
    }

    fn filled(&self, template: &Template) -> String {
        let parts = template.parts.iter().map(|part| match part {
            TemplatePart::Literal(text) => text.as_str(),
            TemplatePart::Hole(hole) => self.binding(&hole.name()).expect("a hole that the child's path fills"),
        });
        parts.fold(BASE.to_owned(), |path, part| path + part)
    }
}

/// Every chain of the recordings, and the reads that belong to no resource.
pub fn chains<'r>(api: &Api, recordings: &'r [Recording]) -> (Vec<Chain>, Vec<(&'r str, &'r Exchange)>) {
    let (mut chains, mut others) = (Vec::<Chain>::new(), Vec::new());
    for recording in recordings {
        let first = chains.len();
        for exchange in recording.exchanges.iter().filter(|exchange| exchange.method == "GET") {
            let Some((resource, bindings)) = resource_of(api, &exchange.path) else {
                others.push((recording.name.as_str(), exchange));
                continue;
            };
            let path = decoded(&exchange.path);
            let own = chains.get_mut(first..).unwrap_or_default();
            match own.iter_mut().rfind(|chain| chain.path == path && follows(resource, chain, exchange)) {
                Some(chain) => chain.pages.push(exchange.clone()),
                None => chains.push(Chain {
                    recording: recording.name.clone(),
                    resource: resource.operation.name.value.clone(),
                    path,
                    bindings,
                    pages: vec![exchange.clone()],
                }),
            }
        }
    }
    (chains, others)
}

/// Whether a page was asked for with the cursor that the chain's last page ends with.
fn follows(resource: &Resource, chain: &Chain, exchange: &Exchange) -> bool {
    let Some(last) = chain.pages.last().and_then(Exchange::json) else { return false };
    let (param, cursor) = match &resource.paging.style {
        Style::Cursor { param, path } => (param, lookup(&last, path)),
        Style::LastRecord { param, field } => {
            (param, rows(resource, &last).and_then(|rows| rows.last()).and_then(|row| lookup(row, field)))
        }
        _ => return false,
    };
    cursor.and_then(Value::as_str).is_some_and(|cursor| exchange.param(param) == Some(cursor))
}

fn resource_of<'a>(api: &'a Api, path: &str) -> Option<(&'a Resource, Vec<(String, String)>)> {
    let path = path.strip_prefix(BASE)?;
    api.resources.iter().find_map(|resource| Some((resource, bindings(&resource.operation.path, path)?)))
}

/// What fills the holes of a path; none where it is another path. A hole is a whole segment.
fn bindings(template: &Template, path: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = path;
    for part in &template.parts {
        match part {
            TemplatePart::Literal(text) => rest = rest.strip_prefix(text.as_str())?,
            TemplatePart::Hole(hole) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let (value, after) = rest.split_at(end);
                if value.is_empty() || matches!(hole, Hole::Input(_)) {
                    return None;
                }
                found.push((hole.name(), decoded(value)));
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(found)
}

/// The records of a page, by the first selector that leads to an array.
pub fn rows<'v>(resource: &Resource, body: &'v Value) -> Option<&'v Vec<Value>> {
    resource.selectors.iter().find_map(|selector| lookup(body, selector)?.as_array())
}

/// The same, to be changed.
pub fn rows_mut<'v>(resource: &Resource, body: &'v mut Value) -> Option<&'v mut Vec<Value>> {
    let selector = resource.selectors.iter().find(|selector| lookup(body, selector).is_some_and(Value::is_array))?;
    body.pointer_mut(&pointer(selector))?.as_array_mut()
}

fn lookup<'v>(value: &'v Value, path: &Path) -> Option<&'v Value> {
    value.pointer(&pointer(path))
}

fn pointer(path: &Path) -> String {
    let steps = path.0.iter().map(|step| match step {
        Segment::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Index(index) => format!("/{index}"),
    });
    steps.collect()
}

/// Records in the envelope that the first selector of a resource leads into.
fn enveloped(resource: &Resource, records: Vec<Value>) -> Value {
    let steps = resource.selectors.first().map(|selector| selector.0.as_slice()).unwrap_or_default();
    steps.iter().rev().fold(Value::Array(records), |inner, step| match step {
        Segment::Key(key) => Value::Object(Map::from_iter([(key.clone(), inner)])),
        Segment::Index(_) => Value::Array(vec![inner]),
    })
}
