//! Where a login says where requests go, the hosts it may say are named.

use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::model::{Answer, Api};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let says_where = |answer: &Answer| !answer.base_url_path.0.is_empty();
    let parts = api.client.auth.parts();
    let answers = parts.into_iter().filter_map(|part| part.answer());
    if api.client.allowed_hosts.is_empty() && answers.into_iter().any(says_where) {
        diagnostics.report(Code::HomeNowhere, api.client.base_url.span, &[]);
    }
}
