//! What a spec says of its resources, in the form in which decisions are shown.

use serde_json::{Value, json};

use super::table::{Line, layout, lines};
use super::yaml;
use crate::model::{Api, Incremental, Paging, Resource, Style};

/// The resources of a spec as a table.
#[must_use]
pub fn to_table(api: &Api) -> String {
    let lines: Vec<Line> = api.resources.iter().map(|resource| Line { cells: cells(resource), notes: notes(resource) }).collect();
    layout(&lines) + &format!("\n{} resources, {} operations\n", api.resources.len(), api.operations.len())
}

/// The same for programs: one object a line.
#[must_use]
pub fn to_json_lines(api: &Api) -> String {
    lines(api.resources.iter().map(object))
}

fn cells(resource: &Resource) -> [String; 6] {
    let operation = &resource.operation;
    [
        request(resource),
        operation.name.value.clone(),
        selectors(resource).join(", "),
        key(resource).join(", "),
        pages(&resource.paging.value),
        "said".to_owned(),
    ]
}

fn request(resource: &Resource) -> String {
    format!("{} {}", resource.operation.method.as_str(), resource.operation.path.to_runtime())
}

fn selectors(resource: &Resource) -> Vec<String> {
    resource.selectors.iter().map(|path| yaml::path(&path.value)).collect()
}

fn key(resource: &Resource) -> Vec<&str> {
    resource.primary_key.iter().map(|key| key.value.as_str()).collect()
}

fn style(paging: &Paging) -> &'static str {
    match paging.style {
        Style::Single => super::Style::SinglePage,
        Style::PageNumber { .. } => super::Style::PageNumber,
        Style::Offset { .. } => super::Style::Offset,
        Style::Cursor { .. } => super::Style::Cursor,
        Style::HeaderCursor { .. } => super::Style::HeaderCursor,
        Style::LastRecord { .. } => super::Style::LastRecord,
        Style::HeaderLink { .. } => super::Style::HeaderLink,
        Style::JsonLink { .. } => super::Style::JsonLink,
    }
    .word()
}

/// Where what leads to the next page comes from.
fn from(paging: &Paging) -> Option<String> {
    match &paging.style {
        Style::Cursor { path, .. } | Style::JsonLink { path } | Style::LastRecord { field: path, .. } => {
            Some(yaml::path(&path.value))
        }
        Style::HeaderCursor { header, .. } => Some(header.clone()),
        Style::Single | Style::PageNumber { .. } | Style::Offset { .. } | Style::HeaderLink { .. } => None,
    }
}

fn pages(paging: &Paging) -> String {
    let slot = paging.slot().map(|slot| format!(" {slot}")).unwrap_or_default();
    let from = from(paging).map(|from| format!(" <- {from}")).unwrap_or_default();
    format!("{}{slot}{from}", style(paging))
}

fn notes(resource: &Resource) -> Vec<String> {
    let parents = resource.parents().map(|parent| format!("parent: {}", parent.resource.value));
    parents.chain(resource.incremental.iter().map(|incremental| format!("incremental: {}", bounds(incremental)))).collect()
}

fn bounds(incremental: &Incremental) -> String {
    let names = [&incremental.start_param, &incremental.end_param];
    let params: Vec<String> = names.into_iter().flatten().map(|param| format!("`{}`", param.value)).collect();
    let cursor = yaml::path(&incremental.cursor.value);
    if params.is_empty() { format!("`{cursor}`") } else { format!("{} by `{cursor}`", params.join(" and ")) }
}

fn object(resource: &Resource) -> Value {
    json!({
        "operation": request(resource),
        "resource": resource.operation.name.value,
        "selector": selectors(resource),
        "key": key(resource),
        "paginator": {
            "style": style(&resource.paging),
            "param": resource.paging.slot().map(|slot| slot.to_string()),
            "from": from(&resource.paging),
        },
        "parents": resource.parents().map(|parent| parent.resource.value.clone()).collect::<Vec<_>>(),
        "incremental": resource.incremental.as_ref().map(|incremental| yaml::path(&incremental.cursor.value)),
    })
}
