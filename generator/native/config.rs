//! The inputs of the connector: declared ones, and those that credentials imply.

use super::Lowering;
use super::node::{Member, Node};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Hole, Input, InputKind, Spanned, Template};
use crate::source::Span;

impl Lowering<'_> {
    /// Reads the section `config`.
    pub fn config(&mut self, member: Option<&Member>) {
        let Some(member) = member else { return };
        self.declares_inputs = true;
        for member in member.node.members() {
            let input = self.input(member);
            self.inputs.push(input);
        }
    }

    fn input(&mut self, member: &Member) -> Input {
        let node = &member.node;
        let name = Spanned::new(member.key.clone(), member.span);
        self.check_item_name(&name, "an input");
        let kind = match node.text().or_else(|| node.get("type").and_then(Node::text)) {
            None => self.input_kind("string", node, member.span),
            Some(word) => self.input_kind(word, node, member.span),
        };
        let default = self.template_of(node, "default");
        let optional = node.boolean_of("optional").unwrap_or(false);
        if let Some(default) = &default {
            self.check_input_default(default, &kind);
            if optional {
                let message = "an input with a default is never absent; `optional` says nothing";
                self.diagnostics.push(Diagnostic::new(Code::Contradiction, default.span, &[message]).help("remove `optional`"));
            }
        }
        Input {
            name,
            description: node.text_of("description"),
            kind,
            secret: node.boolean_of("secret").unwrap_or(false),
            default,
            optional,
        }
    }

    fn input_kind(&mut self, word: &str, node: &Node, place: Span) -> InputKind {
        let values = node.get("values");
        if let (Some(values), true) = (values, word != "enum") {
            let message = format!("`values` belongs to an `enum`, and this input is of type `{word}`");
            self.diagnostics.push(Diagnostic::new(Code::Contradiction, values.span, &[&message]).help("write `type: enum`"));
        }
        match word {
            "integer" => InputKind::Integer,
            "boolean" => InputKind::Boolean,
            "hostname" => InputKind::Hostname,
            "url" => InputKind::Url,
            "enum" => {
                let values = self.distinct(values.map(Node::items).unwrap_or_default());
                if values.is_empty() {
                    self.diagnostics.report(Code::EnumWithoutValues, place, &[]);
                }
                InputKind::Enum(values.into_iter().map(|value| value.value).collect())
            }
            "string" => InputKind::String,
            _ => {
                let known = ["string", "integer", "boolean", "enum", "url", "hostname"];
                let unknown = Diagnostic::new(Code::UnknownType, node.span, &["input", word]);
                self.diagnostics.push(unknown.nearest(word, known));
                InputKind::String
            }
        }
    }

    /// The texts of a list, each once.
    pub fn distinct(&mut self, items: &[Node]) -> Vec<Spanned<String>> {
        let mut values: Vec<Spanned<String>> = Vec::new();
        for value in items.iter().filter_map(Node::spanned) {
            match values.iter().find(|other| other.value == value.value) {
                Some(first) => {
                    let repeated = Diagnostic::new(Code::DuplicateValue, value.span, &[&value]);
                    self.diagnostics.push(repeated.label("again here").also(first.span, "first given here"));
                }
                None => values.push(value),
            }
        }
        values
    }

    /// A default must fit its input, as far as it is known before the inputs are.
    fn check_input_default(&mut self, default: &Template, kind: &InputKind) {
        if default.holes().next().is_some() {
            return;
        }
        let text = default.literal_text();
        let what = match kind {
            InputKind::Integer if text.parse::<i64>().is_err() => "whole number",
            InputKind::Boolean if !matches!(text.as_str(), "true" | "false") => "truth value (`true` or `false`)",
            InputKind::Hostname if !is_host(&text) => "host name",
            InputKind::Url if super::values::address_problem(default).is_some() => "absolute http or https address",
            InputKind::Enum(values) if !values.contains(&text) => {
                let unknown = Diagnostic::new(Code::NotAmongValues, default.span, &[&text]);
                self.diagnostics.push(unknown.nearest(&text, values.iter().map(String::as_str)));
                return;
            }
            _ => return,
        };
        self.diagnostics.report(Code::BadDefault, default.span, &[&text, what]);
    }

    /// A credential: a text with placeholders, or the input that stands for it.
    ///
    /// A literal is never taken over: what it stands for becomes a secret input of the name that it gives, or of its key's.
    pub fn credential(&mut self, map: &Node, key: &str, secret: bool) -> Template {
        let Some(node) = map.get(key) else { return self.implied(key, secret, map.span) };
        let text = node.text().unwrap_or_default();
        if let Some(name) = stand_in(text, key) {
            return self.implied(&name, secret, node.span);
        }
        if !text.contains('{') {
            self.diagnostics.report(Code::LiteralCredential, node.span, &[key]);
            return self.implied(key, true, node.span);
        }
        let template = self.template(node);
        for hole in template.holes() {
            if let (Hole::Input(name), true) = (hole, secret) {
                self.imply(name, secret, template.place_of(hole, self.sources));
            }
        }
        template
    }

    /// The input of a name as a text, declared or not.
    fn implied(&mut self, name: &str, secret: bool, span: Span) -> Template {
        if !self.inputs.iter().any(|input| *input.name == name) {
            self.add_input(name, secret, span);
        }
        self.imply(name, secret, span);
        Template { parts: vec![crate::model::TemplatePart::Hole(Hole::Input(name.to_owned()))], span }
    }

    /// Sees to it that an input which serves as a credential is a secret. One that must be declared and is not is reported later.
    fn imply(&mut self, name: &str, secret: bool, span: Span) {
        match self.inputs.iter_mut().find(|input| *input.name == name) {
            Some(input) if secret && !input.secret => {
                input.secret = true;
                self.diagnostics.report(Code::NotSecret, input.name.span, &[name]);
            }
            None if !self.declares_inputs => {
                self.diagnostics.report(Code::ImplicitInput, span, &[name]);
                self.add_input(name, secret, span);
            }
            _ => {}
        }
    }

    fn add_input(&mut self, name: &str, secret: bool, span: Span) {
        let name = Spanned::new(name.to_owned(), span);
        self.inputs.push(Input { name, description: None, kind: InputKind::String, secret, default: None, optional: false });
    }
}

/// The name of an input that circulating configurations write in place of a secret: `dlt.secrets["x"]`, `<your_x>`, `${X}`.
fn stand_in(text: &str, key: &str) -> Option<String> {
    let text = text.trim();
    let name = if let Some(rest) = text.strip_prefix("dlt.secrets").or_else(|| text.strip_prefix("dlt.config")) {
        let quoted = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        match quoted.map(|quoted| quoted.trim_matches(['"', '\''])) {
            Some(name) => name.rsplit('.').next().unwrap_or(name),
            None if rest == ".value" => key,
            None => return None,
        }
    } else if let Some(inner) = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        inner.strip_prefix("your_").or_else(|| inner.strip_prefix("your-")).unwrap_or(inner)
    } else {
        text.strip_prefix("${")?.strip_suffix('}')?
    };
    let name: String = name.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let begins = name.chars().next().is_some_and(char::is_alphabetic);
    Some(if begins { name } else { key.to_owned() })
}

/// A host name or address, with or without a port.
fn is_host(text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') && !label.starts_with('-')
    };
    host.split('.').all(label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_for_secrets() {
        for (text, expected) in [
            ("dlt.secrets[\"client_id\"]", Some("client_id")),
            ("dlt.secrets['auth0.client_secret']", Some("client_secret")),
            ("dlt.secrets.value", Some("token")),
            ("<your_client_id>", Some("client_id")),
            ("<YOUR-TOKEN>", Some("your_token")),
            ("<token>", Some("token")),
            ("${API_TOKEN}", Some("api_token")),
            ("abc123", None),
            ("{token}", None),
        ] {
            assert_eq!(stand_in(text, "token").as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn hosts() {
        for (text, expected) in [
            ("t.eu.auth0.com", true),
            ("localhost:8080", true),
            ("https://x", false),
            ("x/y", false),
            ("", false),
            ("a..b", false),
        ] {
            assert_eq!(is_host(text), expected, "{text}");
        }
    }
}
