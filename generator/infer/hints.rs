//! What a document says of how often it may be asked: the headers that answers have, and the words of a 429.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::words::{Name, mentions, number_after};
use crate::openapi::{Document, Operation};

/// What the document says about limits and repeated calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The header that says how many calls are left.
    pub remaining_header: Option<String>,
    /// The header that says when the count starts anew.
    pub reset_header: Option<String>,
    /// The header that says how many calls there are.
    pub limit_header: Option<String>,
    /// How many calls may go out in how many seconds, where all that is said of it agrees.
    pub rate: Option<(u64, u64)>,
}

/// Reads the answers of all operations.
pub(super) fn hints(document: &Document, operations: &[Operation<'_>]) -> Hints {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut rates: Vec<(u64, u64)> = Vec::new();
    for response in operations.iter().flat_map(|operation| &operation.responses) {
        let headers = response.node.get("headers").and_then(Value::as_object).into_iter().flatten();
        for (text, _) in headers {
            if let Some(kind) = kind(&Name::new(text)) {
                *counts.entry((kind, text)).or_default() += 1;
            }
        }
        if response.status == "429" {
            let said = response.node.get("description").and_then(Value::as_str).unwrap_or_default().to_lowercase();
            rates.extend(rate(&said).filter(|rate| !rates.contains(rate)));
        }
    }
    let info = document.root.pointer("/info/description").and_then(Value::as_str).unwrap_or_default();
    // What the document's own prose says is told in its own case: `X-RateLimit-Remaining`.
    for word in info.split(|char: char| !char.is_ascii_alphanumeric() && char != '-').filter(|word| word.contains('-')) {
        if let Some(kind) = kind(&Name::new(word)) {
            *counts.entry((kind, word)).or_default() += 1;
        }
    }
    let most = |kind: &str| {
        let of_kind = counts.iter().filter(|((held, _), _)| *held == kind);
        of_kind.max_by_key(|(_, count)| **count).map(|((_, text), _)| (*text).to_owned())
    };
    Hints {
        remaining_header: most("remaining"),
        reset_header: most("reset"),
        limit_header: most("limit"),
        rate: if let [only] = rates.as_slice() { Some(*only) } else { None },
    }
}

fn kind(name: &Name) -> Option<&'static str> {
    let flat = name.flat.as_str();
    if !mentions(flat, "ratelimit|rate|quota") || !mentions(flat, "limit|quota") {
        return None;
    }
    ["remaining", "reset"].into_iter().find(|word| flat.contains(word)).or_else(|| flat.ends_with("limit").then_some("limit"))
}

/// `100 requests per minute`
fn rate(text: &str) -> Option<(u64, u64)> {
    let spans = [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400)];
    let at = ["requests per ", "calls per ", "requests/", "requests a ", "requests every "]
        .iter()
        .find_map(|phrase| text.find(phrase))?;
    let before: String = text
        .get(..at)?
        .chars()
        .rev()
        .skip_while(|char| char.is_whitespace())
        .take_while(|char| char.is_ascii_digit() || *char == ',')
        .collect();
    let requests: u64 =
        before.chars().rev().filter(|char| *char != ',').collect::<String>().parse().ok().filter(|count| *count > 0)?;
    let rest: String = text.get(at..)?.chars().take(30).collect();
    let (word, seconds) = spans.into_iter().find(|(word, _)| rest.contains(word))?;
    let count = number_after(&rest, "per |every ").filter(|_| rest.contains(&format!("{word}s"))).unwrap_or(1);
    Some((requests, seconds * count))
}

impl Hints {
    /// The keys below `client:` of a spec, indented as they stand there; empty where nothing is known.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut text = String::new();
        let line = |key: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("    {key}: {}\n", super::yaml::scalar(value))).unwrap_or_default()
        };
        if self.reset_header.is_some() || self.remaining_header.is_some() {
            text += "  retry:\n";
            text += &line("reset_header", &self.reset_header);
            text += &line("remaining_header", &self.remaining_header);
        }
        if let Some((requests, seconds)) = self.rate {
            let _ = write!(text, "  rate_limits:\n    - requests: {requests}\n      per: {seconds}s\n");
            text += &self
                .limit_header
                .as_ref()
                .map(|header| format!("      limit_header: {}\n", super::yaml::scalar(header)))
                .unwrap_or_default();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_rates_are_known() {
        for (text, expected) in [
            ("X-RateLimit-Remaining", Some("remaining")),
            ("ratelimit-reset", Some("reset")),
            ("X-Rate-Limit-Limit", Some("limit")),
            ("X-Total-Count", None),
            ("Limit", None),
        ] {
            assert_eq!(kind(&Name::new(text)), expected, "{text}");
        }
        for (text, expected) in [
            ("more than 100 requests per minute", Some((100, 60))),
            ("1,000 requests per 10 seconds", Some((1000, 10))),
            ("too many requests per minute", None),
            ("slow down", None),
        ] {
            assert_eq!(rate(text), expected, "{text}");
        }
    }
}
