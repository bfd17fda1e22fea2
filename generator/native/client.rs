//! What all requests share.

use super::Lowering;
use super::node::{Node, ScalarKind};
use super::units;
use super::values::address_problem;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Auth, Client, Compression, Retry, Template, TemplatePart, Timeouts};
use crate::source::Span;

/// The largest response that is read where the spec says nothing: a page of records is a thousandth of it.
const MAX_RESPONSE_BYTES: u64 = 64 << 20;

impl Lowering<'_> {
    /// Reads the section `client`.
    pub fn client(&mut self, node: Option<&Node>) -> Client {
        let Some(node) = node else { return empty() };
        if let Some(retry) = node.get("retry") {
            self.client_retry = self.retry(retry, Retry::default());
        }
        Client {
            base_url: node.get("base_url").map(|node| self.base_url(node)).unwrap_or_default(),
            headers: self.headers(node.get("headers")),
            auth: node.get("auth").map_or(Auth::None, |node| self.auth(node)),
            retry: self.client_retry.clone(),
            rules: self.response_rules(node.get("response_actions")),
            rate_limits: self.rate_limits(node.get("rate_limits")),
            timeouts: node.get("timeouts").map(timeouts).unwrap_or_default(),
            allowed_hosts: node.get("allowed_hosts").map(|hosts| self.allowed_hosts(hosts)).unwrap_or_default(),
            credential_hosts: node.get("credential_hosts").map(|hosts| self.credential_hosts(hosts)).unwrap_or_default(),
            max_response_bytes: size_of(node, "max_response_bytes").unwrap_or(MAX_RESPONSE_BYTES),
            compression: node.get("compression").map_or(vec![Compression::Gzip], |node| self.compressions(node)),
        }
    }

    fn base_url(&mut self, node: &Node) -> Template {
        let mut template = self.template(node);
        let problem = address_problem(&template);
        let (problem, help) = match problem {
            Some("has no scheme") => (problem, "begin with `https://`"),
            Some(_) => (problem, "write an absolute address such as `https://api.example.com/v1`"),
            None if has(&template, '?') => (Some("has a query"), "put parameters under `params` of `resource_defaults`"),
            None if has(&template, '#') => (Some("has a fragment"), "a fragment is never sent; remove it"),
            None => (None, ""),
        };
        if let Some(problem) = problem {
            self.diagnostics.push(Diagnostic::new(Code::BadBaseUrl, node.span, &[problem]).help(help));
        }
        if let Some(TemplatePart::Literal(text)) = template.parts.last_mut() {
            text.truncate(text.trim_end_matches('/').len());
            if text.is_empty() {
                template.parts.pop();
            }
        }
        template
    }

    /// Terms of repeating; what they do not say is as in the default.
    pub fn retry(&mut self, node: &Node, default: Retry) -> Retry {
        let statuses = node.get("statuses").map(|list| list.items().iter().filter_map(|item| self.status(item)).collect());
        let header = |key, default: Option<String>| match node.member(key) {
            // A null says that the service sends none.
            Some(member) => member.node.text().map(str::to_owned),
            None => default,
        };
        Retry {
            statuses: statuses.unwrap_or(default.statuses),
            max_retries: count_of(node, "max_retries").and_then(|count| u32::try_from(count).ok()).unwrap_or(default.max_retries),
            base_delay_ms: duration_of(node, "base_delay").unwrap_or(default.base_delay_ms),
            backoff_factor: self.backoff_factor(node).unwrap_or(default.backoff_factor),
            max_delay_ms: duration_of(node, "max_delay").unwrap_or(default.max_delay_ms),
            respect_retry_after: node.boolean_of("respect_retry_after").unwrap_or(default.respect_retry_after),
            reset_header: header("reset_header", default.reset_header),
            remaining_header: header("remaining_header", default.remaining_header),
        }
    }

    /// A status of a failed request.
    pub fn status(&mut self, node: &Node) -> Option<u16> {
        let text = node.text()?;
        let status = text.parse().ok().filter(|status| (400..600).contains(status));
        if status.is_none() {
            self.diagnostics.report(Code::BadStatus, node.span, &[text]);
        }
        status
    }

    /// How much a wait grows from one to the next.
    pub fn backoff_factor(&mut self, node: &Node) -> Option<f64> {
        let node = node.get("backoff_factor")?;
        let factor = node.text()?.parse::<f64>().ok().filter(|factor| (1.0..=100.0).contains(factor));
        if factor.is_none() {
            let message = "a wait that does not grow from attempt to attempt, or grows beyond measure";
            self.diagnostics
                .push(Diagnostic::new(Code::Contradiction, node.span, &[message]).help("write a number from 1 to 100"));
        }
        factor
    }

    fn allowed_hosts(&mut self, node: &Node) -> Vec<Template> {
        let mut hosts = Vec::new();
        for item in node.items() {
            let template = self.template(item);
            if let Some(text) = item.text().filter(|text| text.contains('*') && !is_host_pattern(text)) {
                self.diagnostics.report(Code::BadHostPattern, item.span, &[text]);
            } else {
                self.check_host("allowed_hosts", &template, item.span);
            }
            hosts.push(template);
        }
        hosts
    }

    /// Each of them is named in full: a pattern would send secrets to whoever gets a name below it.
    fn credential_hosts(&mut self, node: &Node) -> Vec<Template> {
        let mut hosts = Vec::new();
        for item in node.items() {
            let template = self.template(item);
            if template.literal_text().contains('*') {
                let bad = Diagnostic::new(Code::BadUrl, item.span, &["credential_hosts", "takes no patterns"]);
                self.diagnostics.push(bad.help("credentials go there: name each host in full"));
            } else {
                self.check_host("credential_hosts", &template, item.span);
            }
            hosts.push(template);
        }
        hosts
    }

    fn check_host(&mut self, key: &str, template: &Template, span: Span) {
        if template.literal_text().contains(['/', ' ', '@']) {
            let bad = Diagnostic::new(Code::BadUrl, span, &[key, "takes host names"]);
            self.diagnostics.push(bad.help("leave out the scheme and the path: `files.example.com`"));
        }
    }
}

/// Whether each `*` of a host is a whole label, and stands before at least two that are not.
fn is_host_pattern(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let stars = labels.iter().take_while(|label| **label == "*").count();
    labels.len() >= stars + 2 && !labels.iter().skip(stars).any(|label| label.is_empty() || label.contains('*'))
}

fn timeouts(node: &Node) -> Timeouts {
    let default = Timeouts::default();
    Timeouts {
        connect_ms: duration_of(node, "connect").unwrap_or(default.connect_ms),
        first_byte_ms: duration_of(node, "first_byte").unwrap_or(default.first_byte_ms),
        between_bytes_ms: duration_of(node, "between_bytes").unwrap_or(default.between_bytes_ms),
        whole_ms: duration_of(node, "whole").unwrap_or(default.whole_ms),
    }
}

/// The client of a spec that has none; that it has none was reported.
fn empty() -> Client {
    Client {
        base_url: Template::default(),
        headers: Vec::new(),
        auth: Auth::None,
        retry: Retry::default(),
        rules: Vec::new(),
        rate_limits: Vec::new(),
        timeouts: Timeouts::default(),
        allowed_hosts: Vec::new(),
        credential_hosts: Vec::new(),
        max_response_bytes: MAX_RESPONSE_BYTES,
        compression: Vec::new(),
    }
}

fn has(template: &Template, sign: char) -> bool {
    template.parts.iter().any(|part| matches!(part, TemplatePart::Literal(text) if text.contains(sign)))
}

/// The duration of a key, in milliseconds.
pub fn duration_of(map: &Node, key: &str) -> Option<u64> {
    map.get(key).and_then(Node::text).and_then(units::duration_ms)
}

fn size_of(map: &Node, key: &str) -> Option<u64> {
    map.get(key).and_then(Node::text).and_then(units::size_bytes)
}

/// The whole number of a key.
pub fn count_of(map: &Node, key: &str) -> Option<u64> {
    let scalar = map.get(key).and_then(Node::scalar).filter(|scalar| scalar.kind == ScalarKind::Integer)?;
    scalar.text.parse().ok()
}
