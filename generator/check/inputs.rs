//! Every declared input is used, and no default leads back to its own input.

use std::collections::HashSet;

use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::model::{Api, Hole, Input, Operation, Resource, Template};
use crate::source::Sources;

/// Checks it.
pub fn check(api: &Api, sources: &Sources, diagnostics: &mut Diagnostics) {
    // After other errors, what refers to an input may be missing.
    if !diagnostics.has_errors() {
        let used = used(api);
        for input in api.inputs.iter().filter(|input| !used.contains(input.name.as_str())) {
            diagnostics.report(Code::UnusedInput, input.name.span, &[&input.name]);
        }
    }
    let mut reported: HashSet<&str> = HashSet::new();
    for input in &api.inputs {
        if reported.contains(input.name.as_str()) {
            continue;
        }
        if let (Some(chain), Some(default)) = (circle(input, api), &input.default) {
            let place = default.holes().next().map_or(default.span, |hole| default.place_of(hole, sources));
            diagnostics.report(Code::CircularInput, place, &[&chain.join(" -> ")]);
            reported.extend(chain);
        }
    }
}

fn used(api: &Api) -> HashSet<&str> {
    let defaults = api.inputs.iter().filter_map(|input| input.default.as_ref());
    let resources = api.resources.iter().flat_map(Resource::templates);
    let operations = api.operations.iter().flat_map(Operation::templates);
    let choosing = api.client.auth.choice().map(|choice| choice.input.as_str());
    let templates = api.client.templates().chain(defaults).chain(resources).chain(operations);
    templates.flat_map(names).chain(choosing).collect()
}

fn names(template: &Template) -> impl Iterator<Item = &str> {
    template.holes().filter_map(|hole| match hole {
        Hole::Input(name) => Some(name.as_str()),
        _ => None,
    })
}

/// The way from an input over defaults back to it.
fn circle<'a>(input: &'a Input, api: &'a Api) -> Option<Vec<&'a str>> {
    let mut ways: Vec<Vec<&str>> = vec![vec![input.name.as_str()]];
    let mut seen: HashSet<&str> = HashSet::new();
    while let Some(way) = ways.pop() {
        let last = way.last()?;
        let default = api.inputs.iter().find(|input| input.name.as_str() == *last).and_then(|input| input.default.as_ref());
        for name in default.into_iter().flat_map(names) {
            let longer: Vec<&str> = way.iter().copied().chain([name]).collect();
            if name == input.name.as_str() {
                return Some(longer);
            }
            if seen.insert(name) {
                ways.push(longer);
            }
        }
    }
    None
}
