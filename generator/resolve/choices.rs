//! What each of several logins needs: the inputs that only logins use may be left out of a client, which needs one login alone.

use std::collections::BTreeSet;

use crate::model::{Api, Auth, Hole, Input, OneOf, Operation, Resource, Template};

/// Says of each option which inputs it needs, and makes them optional.
pub fn resolve(api: &mut Api) {
    let elsewhere: BTreeSet<String> = elsewhere(api).flat_map(names).map(str::to_owned).collect();
    let Auth::OneOf(OneOf { options, .. }) = &mut api.client.auth else { return };
    let mut needed: BTreeSet<String> = BTreeSet::new();
    for option in options {
        let own = own_inputs(&option.auth, &elsewhere);
        option.stored = option.auth.stored();
        for name in own.into_iter().filter(|name| !option.stored.contains(name)) {
            if api.inputs.iter().any(|input| *input.name == name && is_required(input)) {
                needed.insert(name.clone());
                option.required.push(name);
            } else {
                option.optional.push(name);
            }
        }
    }
    for input in api.inputs.iter_mut().filter(|input| needed.contains(&input.name.value)) {
        input.optional = true;
    }
}

fn is_required(input: &Input) -> bool {
    input.default.is_none() && !input.optional
}

/// The inputs of an option that nothing but logins uses, in the order of their use.
fn own_inputs(auth: &Auth, elsewhere: &BTreeSet<String>) -> Vec<String> {
    let mut own: Vec<String> = Vec::new();
    for name in auth.templates().into_iter().flat_map(names) {
        if !elsewhere.contains(name) && !own.iter().any(|held| held == name) {
            own.push(name.to_owned());
        }
    }
    own
}

/// Every text with holes but those of logins.
fn elsewhere(api: &Api) -> impl Iterator<Item = &Template> {
    let client = &api.client;
    let hosts = client.allowed_hosts.iter().chain(&client.credential_hosts);
    let shared = std::iter::once(&client.base_url).chain(client.headers.iter().map(|(_, value)| value)).chain(hosts);
    let defaults = api.inputs.iter().filter_map(|input| input.default.as_ref());
    let resources = api.resources.iter().flat_map(Resource::templates);
    let operations = api.operations.iter().flat_map(Operation::templates);
    shared.chain(defaults).chain(resources).chain(operations)
}

fn names(template: &Template) -> impl Iterator<Item = &str> {
    template.holes().filter_map(|hole| match hole {
        Hole::Input(name) => Some(name.as_str()),
        _ => None,
    })
}
