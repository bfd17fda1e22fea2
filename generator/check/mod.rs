//! What a spec must hold to besides its form: one rule a file, each a function.

mod conduct;
mod credentials;
mod cursors;
mod decoders;
mod dispositions;
mod inputs;
mod jobs;
mod keys;
mod logins;
mod names;
mod paging;
mod partitions;
mod positions;
mod projections;
mod recursion;
mod schemas;
mod silence;
mod splits;
mod windows;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Lookup, Path, Type, Types};
use crate::source::{Sources, Span};

/// Holds an API to every rule.
pub fn check(api: &Api, sources: &Sources, diagnostics: &mut Diagnostics) {
    // After other errors, the resources may be there and not readable.
    if api.resources.is_empty() && api.operations.is_empty() && !diagnostics.has_errors() {
        diagnostics.report(Code::Nothing, api.name.span, &[]);
    }
    inputs::check(api, sources, diagnostics);
    credentials::check(api, sources, diagnostics);
    logins::check(api, diagnostics);
    partitions::check(api, sources, diagnostics);
    keys::check(api, diagnostics);
    dispositions::check(api, diagnostics);
    cursors::check(api, diagnostics);
    windows::check(api, diagnostics);
    splits::check(api, diagnostics);
    paging::check(api, diagnostics);
    conduct::check(api, diagnostics);
    decoders::check(api, diagnostics);
    jobs::check(api, diagnostics);
    projections::check(api, diagnostics);
    schemas::check(api, diagnostics);
    recursion::check(api, diagnostics);
    names::check(api, diagnostics);
    // Who reads of errors has enough to do.
    if !diagnostics.has_errors() {
        silence::check(api, diagnostics);
    }
}

/// What a path leads to in a record; reports a path that leads nowhere.
fn find<'a>(
    types: &'a Types,
    record: &'a Type,
    path: &Path,
    (what, span): (&str, Span),
    diagnostics: &mut Diagnostics,
) -> Option<&'a Type> {
    match types.lookup(record, path) {
        Lookup::Found(ty, _) => Some(ty),
        Lookup::Unknown => None,
        Lookup::Missing { within, key, known } => {
            let owner = if within.0.is_empty() { what.to_owned() } else { format!("`{within}` of {what}") };
            diagnostics.push(Diagnostic::new(Code::UnknownField, span, &[&owner, &key]).nearest(&key, known));
            None
        }
    }
}
