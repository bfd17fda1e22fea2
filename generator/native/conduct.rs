//! What becomes of responses, and how often calls may go out.

use super::Lowering;
use super::client::{count_of, duration_of};
use super::json_path;
use super::language::ACTIONS;
use super::node::{Content, Node};
use super::values::is_header_name;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, list};
use crate::model::{
    Action, Conduct, FailureKind, LimitHeaders, LimitScope, Match, MessagePart, Path, RateLimit, ResetUnit, ResponseRule, Spanned,
};

impl Lowering<'_> {
    /// Reads what an endpoint says of its responses and limits.
    pub fn conduct(&mut self, node: &Node) -> Conduct {
        let rules = node.member("response_actions");
        Conduct {
            rules: self.response_rules(rules.map(|member| &member.node)),
            // A null says that it has none at all.
            shares_rules: self.has_shared_rules && rules.is_none_or(|member| !matches!(member.node.content, Content::Null)),
            retry: node.get("retry").map(|retry| self.retry(retry, self.client_retry.clone())),
            idempotency_header: node.get("idempotency_header").and_then(|name| self.header_name(name)),
            weight: node.get("weight").and_then(|weight| Some(Spanned::new(weight.text()?.parse().ok()?, weight.span))),
            rate_limit: node.get("rate_limit").map(|limit| self.rate_limit(limit, !self.has_rate_limits)),
        }
    }

    /// Reads rules on responses.
    pub fn response_rules(&mut self, node: Option<&Node>) -> Vec<ResponseRule> {
        let mut rules: Vec<ResponseRule> = Vec::new();
        for item in node.map(Node::items).unwrap_or_default() {
            let Some(rule) = self.response_rule(item) else { continue };
            // A rule of the defaults may well give way to one of the resource's own.
            let first = rules.iter().find(|first| first.has_conditions_of(&rule));
            if let Some(first) = first.filter(|_| !self.default_rules.contains(&item.span)) {
                let unreached = Diagnostic::new(Code::NeverReached, rule.span, &[]);
                self.diagnostics.push(unreached.also(first.span, "this one decides before"));
            }
            rules.push(rule);
        }
        rules
    }

    fn response_rule(&mut self, node: &Node) -> Option<ResponseRule> {
        if let Some(text) = node.text() {
            return self.ignored_status(node, text);
        }
        let errors_before = self.diagnostics.error_count();
        let action = self.action(node.get("action")?, node)?;
        let statuses = node.get("status").map(Node::one_or_many).unwrap_or_default();
        let statuses = statuses.iter().filter_map(|status| self.status_range(status)).collect();
        let rule = ResponseRule {
            span: node.get("action").map_or(node.span, |action| action.span),
            statuses,
            header: node.get("header").and_then(|header| self.header_condition(header)),
            content: node.text_of("content"),
            path: self.path_condition(node),
            message: node.get("message").map(|message| self.message(message)).unwrap_or_default(),
            action,
        };
        // Without a condition that could not be read, it is not the rule that was meant.
        let is_whole = self.diagnostics.error_count() == errors_before;
        if is_whole && rule.is_unconditional() {
            self.diagnostics.report(Code::NoCondition, rule.span, &[]);
            return None;
        }
        Some(rule).filter(|_| is_whole)
    }

    /// A status alone.
    fn ignored_status(&mut self, node: &Node, text: &str) -> Option<ResponseRule> {
        if text.parse::<u16>().is_err() {
            self.python_function(node, text);
            return None;
        }
        Some(ResponseRule {
            span: node.span,
            statuses: vec![self.status_range(node)?],
            header: None,
            content: None,
            path: None,
            action: Spanned::new(Action::Ignore, node.span),
            message: Vec::new(),
        })
    }

    fn action(&mut self, action: &Node, rule: &Node) -> Option<Spanned<Action>> {
        let Some(word) = action.text() else {
            let first = action.items().first().and_then(Node::text).unwrap_or_default();
            self.python_function(action, first);
            return None;
        };
        let failure = rule.get("failure");
        let action = Spanned::new(read_action(word, failure.and_then(Node::text))?, action.span);
        let is_passed_over = matches!(action.value, Action::Ignore | Action::SkipPartition);
        let message = rule.get("message").filter(|_| is_passed_over);
        let failure = failure.filter(|_| !matches!(action.value, Action::Fail(_)));
        for (key, node) in [("message", message), ("failure", failure)] {
            if let Some(node) = node {
                self.diagnostics.report(Code::NotAFailure, node.span, &[key, word]);
            }
        }
        Some(action)
    }

    fn python_function(&mut self, node: &Node, name: &str) {
        let known: Vec<&str> = ACTIONS.iter().map(|word| word.name).collect();
        let function = Diagnostic::new(Code::PythonFunction, node.span, &[name]);
        self.diagnostics.push(function.help(format!("say what it does with a rule; the actions are {}", list(&known))));
    }

    /// `404`, `4xx` or `500-599`.
    fn status_range(&mut self, node: &Node) -> Option<(u16, u16)> {
        let text = node.text()?;
        let range = status_range(text);
        if range.is_none() {
            self.diagnostics.report(Code::BadStatusRange, node.span, &[text]);
        }
        range
    }

    fn header_name(&mut self, node: &Node) -> Option<Spanned<String>> {
        let name = node.spanned()?;
        if is_header_name(&name) {
            return Some(name);
        }
        self.diagnostics.report(Code::BadHeader, name.span, &[&name]);
        None
    }

    fn header_condition(&mut self, node: &Node) -> Option<(String, Match)> {
        let name = self.header_name(node.get("name").unwrap_or(node))?;
        let fits = match (node.text_of("value"), node.text_of("contains")) {
            (Some(value), _) => Match::OneOf(vec![value]),
            (None, Some(part)) => Match::Contains(part),
            (None, None) => Match::Exists,
        };
        Some((name.value.to_ascii_lowercase(), fits))
    }

    /// The condition on a value of the body, where there is one. One that makes no sense is reported.
    fn path_condition(&mut self, node: &Node) -> Option<(Path, Match)> {
        let fits = [
            node.text_of("equals").map(|text| Match::OneOf(vec![text])),
            node.get("in").map(|texts| Match::OneOf(texts.items().iter().filter_map(Node::text).map(str::to_owned).collect())),
            node.boolean_of("exists").map(|exists| if exists { Match::Exists } else { Match::Absent }),
        ];
        let mut fits = fits.into_iter().flatten();
        match (node.get("path"), fits.next(), fits.next()) {
            (None, None, _) => None,
            (Some(path), Some(fits), None) => self.path(path).map(|path| (path.value, fits)),
            (path, ..) => {
                let place = path.map_or(node.span, |path| path.span);
                self.diagnostics.report(Code::PathCondition, place, &[]);
                None
            }
        }
    }

    /// A text with places of the body in braces.
    fn message(&mut self, node: &Node) -> Vec<MessagePart> {
        let text = node.text().unwrap_or_default();
        message(text).unwrap_or_else(|(problem, start, end)| {
            self.diagnostics.report(Code::BadTemplate, node.part(start, end), &[&problem]);
            Vec::new()
        })
    }

    /// Reads the limits of a client. The first is told by the headers that `retry` names, unless it names others.
    pub fn rate_limits(&mut self, node: Option<&Node>) -> Vec<RateLimit> {
        let items = node.map(Node::items).unwrap_or_default();
        items.iter().enumerate().map(|(at, item)| self.rate_limit(item, at == 0)).collect()
    }

    fn rate_limit(&mut self, node: &Node, is_first: bool) -> RateLimit {
        let small = |key| count_of(node, key).and_then(|count| u32::try_from(count).ok());
        let retry = self.client_retry.clone();
        let mut header = |key: &str, default: Option<String>| match node.member(key) {
            Some(member) => self.header_name(&member.node).map(|name| name.value.to_ascii_lowercase()),
            None => default.filter(|_| is_first),
        };
        let headers = LimitHeaders {
            limit: header("limit_header", None),
            remaining: header("remaining_header", retry.remaining_header),
            reset: header("reset_header", retry.reset_header),
            unit: reset_unit(node.get("reset_unit").and_then(Node::text)),
        };
        let limit = RateLimit {
            span: node.span,
            scope: match node.get("scope").and_then(Node::text) {
                Some("resource") => LimitScope::Resource,
                Some("host") => LimitScope::Host,
                _ => LimitScope::Client,
            },
            rate: small("requests").zip(duration_of(node, "per")),
            burst: small("burst"),
            concurrency: small("concurrency"),
            headers,
        };
        self.check_limit(node, &limit);
        limit
    }

    fn check_limit(&mut self, node: &Node, limit: &RateLimit) {
        let half_a_rate = node.get("requests").is_some() != node.get("per").is_some();
        let is_zero = limit.rate.is_some_and(|(requests, per)| requests == 0 || per == 0)
            || limit.burst == Some(0)
            || limit.concurrency == Some(0);
        let says_nothing = limit.rate.is_none() && (limit.concurrency.is_none() || limit.burst.is_some());
        if half_a_rate || is_zero || says_nothing {
            self.diagnostics.report(Code::EmptyLimit, node.span, &[]);
        }
    }
}

fn read_action(word: &str, failure: Option<&str>) -> Option<Action> {
    Some(match word {
        "ignore" => Action::Ignore,
        "retry" => Action::Retry,
        "refresh_and_retry" => Action::RefreshAndRetry,
        "rate_limited" => Action::RateLimited,
        "skip_partition" => Action::SkipPartition,
        "fail" => Action::Fail(match failure {
            Some("config") => Some(FailureKind::Config),
            Some("transient") => Some(FailureKind::Transient),
            Some("system") => Some(FailureKind::System),
            _ => None,
        }),
        _ => return None,
    })
}

fn reset_unit(word: Option<&str>) -> ResetUnit {
    match word {
        Some("epoch") => ResetUnit::Epoch,
        Some("epoch_ms") => ResetUnit::EpochMs,
        Some("delta") => ResetUnit::Delta,
        Some("delta_ms") => ResetUnit::DeltaMs,
        Some("iso") => ResetUnit::Iso,
        _ => ResetUnit::Auto,
    }
}

fn status_range(text: &str) -> Option<(u16, u16)> {
    let text = text.trim();
    let status = |text: &str| text.trim().parse().ok().filter(|status| (100..600).contains(status));
    if let Some(class) = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")) {
        let first = status(&format!("{class}00"))?;
        return Some((first, first + 99));
    }
    match text.split_once('-') {
        Some((from, to)) => Some((status(from)?, status(to)?)).filter(|(from, to)| from <= to),
        None => status(text).map(|status| (status, status)),
    }
}

/// Reads a message; what is wrong comes with the bytes that are.
fn message(text: &str) -> Result<Vec<MessagePart>, (String, usize, usize)> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("{{") || rest.starts_with("}}") {
            literal.push_str(&rest[..1]);
            at += 2;
        } else if let Some(inner) = rest.strip_prefix('{') {
            let length = inner.find('}').ok_or_else(|| ("has a `{` that is not closed".to_owned(), at, at + 1))?;
            let path = json_path::parse(&inner[..length]).map_err(|error| {
                (format!("has a place in braces that {}", error.message), at + 1 + error.start, at + 1 + error.end)
            })?;
            if !literal.is_empty() {
                parts.push(MessagePart::Literal(std::mem::take(&mut literal)));
            }
            parts.push(MessagePart::Value(path));
            at += length + 2;
        } else {
            let end = rest.char_indices().skip(1).find(|(_, c)| matches!(c, '{' | '}')).map_or(rest.len(), |(end, _)| end);
            literal.push_str(&rest[..end]);
            at += end;
        }
    }
    if !literal.is_empty() {
        parts.push(MessagePart::Literal(literal));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_numbers_and_ranges() {
        for (text, expected) in [
            ("404", Some((404, 404))),
            ("4xx", Some((400, 499))),
            ("5XX", Some((500, 599))),
            ("500-599", Some((500, 599))),
            ("401 - 403", Some((401, 403))),
            ("403-401", None),
            ("600", None),
            ("6xx", None),
            ("xx", None),
            ("40x", None),
            ("", None),
        ] {
            assert_eq!(status_range(text), expected, "{text}");
        }
    }

    #[test]
    fn messages_have_places_in_braces() {
        let shown = |text: &str| {
            let parts = message(text).unwrap_or_else(|(problem, ..)| panic!("{text}: {problem}"));
            let parts = parts.iter().map(|part| match part {
                MessagePart::Literal(text) => format!("<{text}>"),
                MessagePart::Value(path) => format!("[{path}]"),
            });
            parts.collect::<String>()
        };
        assert_eq!(shown("it says {error.message}, {errors[0].code}"), "<it says >[error.message]<, >[errors[0].code]");
        assert_eq!(shown("{$.a} {{b}} é"), "[a]< {b} é>");
        assert_eq!(shown(""), "");
        assert_eq!(message("a {b"), Err(("has a `{` that is not closed".to_owned(), 2, 3)));
        assert!(message("a {b..c}").is_err_and(|(_, start, end)| (start, end) == (4, 5)));
    }
}
