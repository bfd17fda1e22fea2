//! Which operations of a document are taken.

use std::collections::HashSet;

use serde_json::Value;

use super::{Document, Operation, files, last_step, reference};

/// Patterns, of which an operation matches one to be taken; without any, all are.
///
/// `tag:users`, `path:/v1/customers*`, `operation:List*`, `schema:Customer` (whatever sends or receives it); a pattern without such a
/// word is a path if it begins with a slash, and else a tag or an operation. `*` stands for any text.
#[derive(Clone, Debug, Default)]
pub struct Filter(Vec<String>);

impl Filter {
    /// A filter of these patterns.
    pub fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        Self(patterns.into_iter().collect())
    }

    /// Whether all operations are taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an operation is taken.
    #[must_use]
    pub fn takes(&self, document: &Document, operation: &Operation<'_>) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| matches(document, operation, pattern))
    }
}

fn matches(document: &Document, operation: &Operation<'_>, pattern: &str) -> bool {
    let tag = |pattern: &str| operation.tags.iter().any(|tag| fits(pattern, tag));
    let id = |pattern: &str| operation.id.is_some_and(|id| fits(pattern, id)) || fits(pattern, &operation.name);
    match pattern.split_once(':') {
        Some(("tag", pattern)) => tag(pattern),
        Some(("path", pattern)) => fits(pattern, operation.path),
        Some(("operation", pattern)) => id(pattern),
        Some(("schema", pattern)) => refers(document, operation.node, pattern, &mut HashSet::new()),
        _ if pattern.starts_with('/') => fits(pattern, operation.path),
        _ => tag(pattern) || id(pattern),
    }
}

/// Whether a schema whose name fits is anywhere in what a value refers to.
fn refers(document: &Document, value: &Value, pattern: &str, seen: &mut HashSet<String>) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|element| refers(document, element, pattern, seen)),
        Value::Object(members) => {
            if let Some(target) = reference(value) {
                let is_schema = ["/schemas/", "/definitions/", files::FILES].iter().any(|holder| target.contains(holder));
                return (is_schema && fits(pattern, last_step(target)))
                    || (seen.insert(target.to_owned())
                        && document.target(target).is_some_and(|(value, _)| refers(document, value, pattern, seen)));
            }
            members.values().any(|member| refers(document, member, pattern, seen))
        }
        _ => false,
    }
}

/// Whether a text is like a pattern, in which `*` stands for any text; letters of either case are the same.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    match last {
        None => rest.is_empty(),
        // The last part may stand further on than where it was first found.
        Some(part) => part.is_empty() || text.ends_with(part),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("users", "Users", true),
            ("users", "users2", false),
            ("/v1/*", "/v1/customers", true),
            ("*", "", true),
            ("get*s", "getUsersAll", false),
            ("get*s", "getUsersAlls", true),
            ("*customer*", "/v1/customers/{id}", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxc", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
