//! What a spec does not say, and what would then be left out without a word: later pages, and credentials.

use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::model::{Api, Auth, Resource, Template, TemplatePart};

/// Warns of it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    // The files of a job have all records.
    for resource in api.resources.iter().filter(|resource| !resource.names_paging && resource.job.is_none()) {
        let name = &resource.operation.name;
        diagnostics.report(Code::Unpaged, name.span, &[name]);
    }
    let operations = api.resources.iter().flat_map(Resource::operations).chain(&api.operations);
    for operation in operations.filter(|operation| operation.auth && !matches!(api.client.auth, Auth::None)) {
        if authority(&operation.path).is_some_and(|host| !is_known(api, host)) {
            diagnostics.report(Code::NoLoginThere, operation.path.span, &[&operation.name]);
        }
    }
}

/// Whether credentials are sent to a host: it is the API's own, or an input may make it so.
fn is_known(api: &Api, host: &str) -> bool {
    authority(&api.client.base_url).is_none_or(|base| base.eq_ignore_ascii_case(host))
        || api
            .client
            .credential_hosts
            .iter()
            .any(|known| known.holes().next().is_some() || known.literal_text().eq_ignore_ascii_case(host))
}

/// The host and port of a whole address, where they hold no placeholder.
fn authority(address: &Template) -> Option<&str> {
    let TemplatePart::Literal(text) = address.parts.first()? else { return None };
    let (_, rest) = text.split_once("://")?;
    match rest.split_once('/') {
        Some((authority, _)) => Some(authority),
        None => (address.parts.len() == 1).then_some(rest),
    }
}
