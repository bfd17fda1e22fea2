//! Rules on responses and rate limits must be able to do what they say.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Action, Api, Auth, Conduct, Operation, RateLimit, ResponseRule};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let lists = api.resources.iter().map(|resource| &resource.operation);
    for operation in lists.chain(&api.operations) {
        check_limits(api, operation, diagnostics);
        check_key(operation, diagnostics);
    }
    for operation in &api.operations {
        for rule in rules(&operation.conduct, Action::SkipPartition) {
            diagnostics.report(Code::SkipInOperation, rule.action.span, &[]);
        }
    }
    check_refresh(api, diagnostics);
}

fn rules(conduct: &Conduct, action: Action) -> impl Iterator<Item = &ResponseRule> {
    conduct.rules.iter().filter(move |rule| rule.action.value == action)
}

fn check_limits(api: &Api, operation: &Operation, diagnostics: &mut Diagnostics) {
    let conduct = &operation.conduct;
    let Some(weight) = &conduct.weight else { return };
    let limits = || api.client.rate_limits.iter().chain(&conduct.rate_limit);
    if limits().next().is_none() {
        diagnostics.report(Code::WeightsNothing, weight.span, &[]);
    }
    let most = |limit: &RateLimit| limit.burst.or(limit.rate.map(|(requests, _)| requests));
    for (limit, most) in limits().filter_map(|limit| Some((limit, most(limit)?))) {
        if weight.value > most && most > 0 {
            let heavy = Diagnostic::new(Code::TooHeavy, weight.span, &[&weight.value.to_string(), &most.to_string()]);
            diagnostics.push(heavy.also(limit.span, "this limit"));
        }
    }
}

fn check_key(operation: &Operation, diagnostics: &mut Diagnostics) {
    if let Some(name) = operation.conduct.idempotency_header.as_ref().filter(|_| operation.idempotent) {
        diagnostics.report(Code::RepeatedAnyway, name.span, &[operation.method.as_str()]);
    }
}

/// A token can only be fetched anew where tokens are fetched.
fn check_refresh(api: &Api, diagnostics: &mut Diagnostics) {
    if !matches!(api.client.auth, Auth::None | Auth::Bearer { .. } | Auth::ApiKey { .. } | Auth::Basic { .. }) {
        return;
    }
    let lists = api.resources.iter().map(|resource| &resource.operation);
    let own = lists.chain(&api.operations).flat_map(|operation| &operation.conduct.rules);
    let mut seen = Vec::new();
    for rule in own.chain(&api.client.rules).filter(|rule| rule.action.value == Action::RefreshAndRetry) {
        // A rule of the defaults is one of every resource.
        if !seen.contains(&rule.action.span) {
            seen.push(rule.action.span);
            diagnostics.report(Code::NothingToRefresh, rule.action.span, &[]);
        }
    }
}
