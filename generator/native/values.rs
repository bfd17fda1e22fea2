//! Values that occur in many sections: texts with placeholders, paths, names, addresses.

use super::node::Node;
use super::{Lowering, json_path, template};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Path, Spanned, Template, TemplatePart};

impl Lowering<'_> {
    /// A text with placeholders. One that cannot be read is a text without.
    pub fn template(&mut self, node: &Node) -> Template {
        let text = node.text().unwrap_or_default();
        match template::parse(text) {
            Ok(parts) => Template { parts, span: node.span },
            Err(error) => {
                self.diagnostics.report(Code::BadTemplate, node.part(error.start, error.end), &[&error.message]);
                Template::literal(text, node.span)
            }
        }
    }

    /// The text with placeholders of a key.
    pub fn template_of(&mut self, map: &Node, key: &str) -> Option<Template> {
        map.get(key).map(|node| self.template(node))
    }

    /// A place in a document.
    pub fn path(&mut self, node: &Node) -> Option<Spanned<Path>> {
        let text = node.text()?;
        match json_path::parse(text) {
            Ok(path) => Some(Spanned::new(path, node.span)),
            Err(error) => {
                self.diagnostics.report(Code::BadJsonPath, node.part(error.start, error.end), &[text, error.message]);
                None
            }
        }
    }

    /// The place in a document that a key names.
    pub fn path_of(&mut self, map: &Node, key: &str) -> Option<Spanned<Path>> {
        map.get(key).and_then(|node| self.path(node))
    }

    /// Headers, each a text with placeholders.
    pub fn headers(&mut self, node: Option<&Node>) -> Vec<(String, Template)> {
        let mut headers = Vec::new();
        for member in node.map(Node::members).unwrap_or_default() {
            if !is_header_name(&member.key) {
                self.diagnostics.report(Code::BadHeader, member.span, &[&member.key]);
            } else if !member.node.is_null() {
                headers.push((member.key.clone(), self.template(&member.node)));
            }
        }
        headers
    }

    /// The name of a resource or operation.
    pub fn item_name(&mut self, node: &Node, what: &str) -> Option<Spanned<String>> {
        let name = node.spanned()?;
        self.check_item_name(&name, what);
        Some(name)
    }

    /// Reports a name that cannot be part of a placeholder.
    pub fn check_item_name(&mut self, name: &Spanned<String>, what: &str) {
        let mut chars = name.chars();
        let good = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        if !good {
            self.diagnostics.report(Code::BadItemName, name.span, &[name, what]);
        }
    }

    /// Reports names that occur twice, each with what it names.
    pub fn unique_names<'n>(&mut self, names: impl IntoIterator<Item = (&'static str, &'n Spanned<String>)>) {
        let mut seen: Vec<&Spanned<String>> = Vec::new();
        for (what, name) in names {
            if let Some(first) = seen.iter().find(|other| other.value == name.value) {
                let repeated = Diagnostic::new(Code::DuplicateName, name.span, &[what, name]);
                self.diagnostics.push(repeated.label("again here").also(first.span, "first given here"));
            } else {
                seen.push(name);
            }
        }
    }

    /// An absolute address, or the beginning of one: what is wrong with it, if anything is.
    pub fn check_address(&mut self, key: &str, template: &Template) {
        if let Some(problem) = address_problem(template) {
            let bad = Diagnostic::new(Code::BadUrl, template.span, &[key, problem]);
            self.diagnostics.push(bad.help("write an absolute address such as `https://{domain}/oauth/token`"));
        }
    }
}

/// A name that may stand before the colon of a header (RFC 9110, section 5.6.2).
pub fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// What is wrong with an absolute address. A placeholder at its beginning may hold the scheme.
pub fn address_problem(template: &Template) -> Option<&'static str> {
    let text: String = template
        .parts
        .iter()
        .map(|part| match part {
            TemplatePart::Literal(text) => text.as_str(),
            TemplatePart::Hole(_) => "{}",
        })
        .collect();
    let lower = text.to_ascii_lowercase();
    let rest = match lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")) {
        Some(rest) => rest,
        None if lower.starts_with("{}") => return blank(&lower),
        None if lower.contains("://") => return Some("has a scheme other than http and https"),
        None => return Some("has no scheme"),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Some("has no host");
    }
    if authority.contains('@') {
        return Some("holds a user name or a password");
    }
    let port = authority.rsplit_once(':').filter(|(host, _)| !host.starts_with('[') || host.ends_with(']')).map(|(_, port)| port);
    if port.is_some_and(|port| port != "{}" && port.parse::<u16>().is_err()) {
        return Some("has a port that is no number up to 65535");
    }
    blank(rest)
}

fn blank(text: &str) -> Option<&'static str> {
    text.contains(|c: char| c.is_whitespace() || c.is_control()).then_some("has white space in it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn addresses() {
        for (text, good) in [
            ("https://api.example.com/v1", true),
            ("HTTP://x", true),
            ("https://{domain}/api", true),
            ("https://{domain}:{port}/api", true),
            ("{base}/api", true),
            ("http://localhost:8080", true),
            ("https://[::1]:80/", true),
            ("https://[::1]/", true),
            ("api.example.com", false),
            ("ftp://x", false),
            ("https:///x", false),
            ("https://u:p@x/", false),
            ("https://x:99999/", false),
            ("https://x/a b", false),
        ] {
            let template = Template { parts: template::parse(text).expect(text), span: Span::default() };
            assert_eq!(address_problem(&template).is_none(), good, "{text}");
        }
    }
}
