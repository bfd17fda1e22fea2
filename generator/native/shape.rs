//! Holds a document to the table of the language: known keys, the right kinds, one spelling.
//!
//! Afterwards every alias bears its key's name, every word its own, a type alone is a map, and what did not fit is gone, so that
//! lowering reads without looking for errors of form again.

use super::language::{FIELD_KIND, Kind, PARAM, SCHEMA, Section, Tagged, Word, is_argument, is_long_schema};
use super::node::{Content, Member, Node, Scalar, ScalarKind};
use super::units;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, list};
use crate::source::Span;

/// Checks a whole spec.
pub fn check(node: &mut Node, spec: &'static Section, diagnostics: &mut Diagnostics) {
    if matches!(node.content, Content::Map(_)) {
        Shape { diagnostics }.section(node, spec, &[]);
    } else {
        diagnostics.report(Code::NotAMap, node.span, &[]);
        node.content = Content::Map(Vec::new());
    }
}

struct Shape<'a> {
    diagnostics: &'a mut Diagnostics,
}

impl Shape<'_> {
    /// Checks the value of a key; one that does not fit becomes null. A null fits everywhere: it says nothing.
    fn value(&mut self, key: &str, node: &mut Node, kind: &'static Kind) {
        if node.is_null() {
            return;
        }
        if let Some(value) = node.text().filter(|text| is_python(text)) {
            let python = Diagnostic::new(Code::PythonValue, node.span, &[value]);
            self.diagnostics.push(python.help(instead_of_python(key, kind)));
            node.content = Content::Refused;
            return;
        }
        if !accepts(kind, node) {
            self.refuse(key, node, kind);
            return;
        }
        match kind {
            Kind::List(element) => self.items(key, node, element),
            Kind::Map(values) => {
                for member in members_mut(node) {
                    self.value(&member.key.clone(), &mut member.node, values);
                }
            }
            Kind::Section(section) => self.section(node, section, &[]),
            Kind::Tagged(tagged) => self.tagged(node, tagged),
            Kind::Schema => self.schema(key, node),
            Kind::Word(words) => self.word(key, node, words),
            Kind::Json => self.json(key, node),
            Kind::Either(kinds) => {
                if let Some(kind) = kinds.iter().find(|kind| accepts(kind, node)) {
                    self.value(key, node, kind);
                }
            }
            Kind::Empty(help) => {
                self.diagnostics.push(Diagnostic::new(Code::NotEmpty, node.span, &[key]).help(*help));
                node.content = Content::Refused;
            }
            Kind::Ignored(reason) => {
                self.diagnostics.report(Code::NoEffect, node.span, &[key, reason]);
                node.content = Content::Null;
            }
            Kind::Python(_) => {
                let python = Diagnostic::new(Code::PythonValue, node.span, &[key]);
                self.diagnostics.push(python.help(instead_of_python(key, kind)));
                node.content = Content::Refused;
            }
            Kind::Count => self.count(key, node),
            Kind::Duration if node.text().is_some_and(|text| units::duration_ms(text).is_none()) => {
                self.unreadable(key, node, Code::BadDuration);
            }
            Kind::Size if node.text().is_some_and(|text| units::size_bytes(text).is_none()) => {
                self.unreadable(key, node, Code::BadSize);
            }
            Kind::Text | Kind::Number | Kind::Boolean | Kind::Duration | Kind::Size => {}
        }
    }

    fn items(&mut self, key: &str, node: &mut Node, element: &'static Kind) {
        if let Content::List(items) = &mut node.content {
            for item in items.iter_mut() {
                if matches!(item.content, Content::Null) {
                    self.diagnostics.report(Code::NullElement, item.span, &[key]);
                }
                self.value(key, item, element);
            }
            items.retain(|item| !item.is_null());
        }
    }

    /// Checks the arguments in a JSON body; everything else is data.
    fn json(&mut self, key: &str, node: &mut Node) {
        if json_argument(node) {
            self.tagged(node, &PARAM);
            return;
        }
        match &mut node.content {
            Content::Map(members) => {
                for member in members {
                    self.json(&member.key, &mut member.node);
                }
            }
            Content::List(items) => {
                for item in items {
                    if json_argument(item) {
                        self.diagnostics.report(Code::ArgumentWithoutName, item.span, &[key]);
                        item.content = Content::Refused;
                    }
                    self.json(key, item);
                }
            }
            Content::Null | Content::Refused | Content::Scalar(_) => {}
        }
    }

    /// `further` are keys that stand in the map besides the section's, such as `type`.
    fn section(&mut self, node: &mut Node, section: &'static Section, further: &'static [&'static str]) {
        let span = node.span;
        let Content::Map(members) = &mut node.content else { return };
        let mut kept: Vec<Member> = Vec::with_capacity(members.len());
        // A value that does not fit is reported as such, not as missing as well.
        let mut given: Vec<&str> = Vec::new();
        for mut member in std::mem::take(members) {
            if further.contains(&member.key.as_str()) {
                kept.push(member);
                continue;
            }
            let Some(key) = section.key(&member.key) else {
                self.diagnostics.push(unknown_key(&member, section, further));
                continue;
            };
            if let Some(first) = kept.iter().find(|other| other.key == key.name) {
                self.diagnostics.push(
                    Diagnostic::new(Code::TwoSpellings, member.span, &[key.name, &member.key])
                        .label("the same key again")
                        .also(first.span, "first given here"),
                );
                continue;
            }
            key.name.clone_into(&mut member.key);
            if !member.node.is_null() {
                given.push(key.name);
            }
            self.value(key.name, &mut member.node, &key.kind);
            kept.push(member);
        }
        for key in section.keys.iter().filter(|key| key.required) {
            if !given.contains(&key.name) {
                self.diagnostics.push(missing_key(span, section, key.name, key.example));
            }
        }
        *members = kept;
    }

    fn tagged(&mut self, node: &mut Node, tagged: &'static Tagged) {
        if let (Content::Scalar(scalar), true) = (&node.content, tagged.shorthand) {
            let scalar = Node { span: node.span, content: Content::Scalar(scalar.clone()) };
            node.content = Content::Map(vec![Member { key: "type".to_owned(), span: node.span, node: scalar }]);
        }
        let (name, span) = match (node.get("type").and_then(Node::spanned), tagged.default) {
            (Some(name), _) => (name.value, name.span),
            (None, Some(default)) => (default.to_owned(), node.span),
            (None, None) => {
                let known: Vec<&str> = tagged.variants.iter().map(|variant| variant.name).collect();
                let missing = Diagnostic::new(Code::MissingType, node.span, &[tagged.name]);
                self.diagnostics.push(missing.help(format!("the types are {}", list(&known))));
                node.content = Content::Refused;
                return;
            }
        };
        let Some(variant) = tagged.variant(&name) else {
            self.diagnostics.push(unknown_type(&name, span, tagged));
            node.content = Content::Refused;
            return;
        };
        self.section(node, variant.section, &["type"]);
        let named = Scalar { text: variant.name.to_owned(), at: None, kind: ScalarKind::Text };
        let ty = Node { span, content: Content::Scalar(named) };
        if let Content::Map(members) = &mut node.content {
            members.retain(|member| member.key != "type");
            members.push(Member { key: "type".to_owned(), span, node: ty });
        }
    }

    /// A schema is a map of fields, or the long form.
    fn schema(&mut self, key: &str, node: &mut Node) {
        if matches!(node.content, Content::Scalar(_)) {
            return;
        }
        let fields = node.get("fields").map(|fields| keys(fields.members())).unwrap_or_default();
        let is_list = |key: &str| node.get(key).map(|node| matches!(node.content, Content::List(_)));
        if is_long_schema(&keys(node.members()), &fields, is_list) {
            self.section(node, &SCHEMA, &[]);
        } else {
            let fields = Node { span: node.span, content: std::mem::replace(&mut node.content, Content::Null) };
            let mut member = Member { key: "fields".to_owned(), span: node.span, node: fields };
            self.value(key, &mut member.node, &FIELDS);
            node.content = Content::Map(vec![member]);
        }
    }

    fn word(&mut self, key: &str, node: &mut Node, words: &'static [Word]) {
        let span = node.span;
        let Content::Scalar(scalar) = &mut node.content else { return };
        let known = words.iter().find(|word| word.name == scalar.text || word.aliases.contains(&scalar.text.as_str()));
        if let Some(word) = known {
            word.name.clone_into(&mut scalar.text);
            return;
        }
        let unknown = Diagnostic::new(Code::UnknownWord, span, &[&scalar.text, key]);
        self.diagnostics.push(unknown.nearest(&scalar.text, words.iter().map(|word| word.name)));
        node.content = Content::Refused;
    }

    fn count(&mut self, key: &str, node: &mut Node) {
        let Some(text) = node.text() else { return };
        if text.parse::<u64>().is_err() {
            self.diagnostics.report(Code::NotACount, node.span, &[key, text]);
            node.content = Content::Refused;
        }
    }

    fn unreadable(&mut self, key: &str, node: &mut Node, code: Code) {
        self.diagnostics.report(code, node.span, &[key, node.text().unwrap_or_default()]);
        node.content = Content::Refused;
    }

    fn refuse(&mut self, key: &str, node: &mut Node, kind: &'static Kind) {
        self.diagnostics.report(Code::WrongKind, node.span, &[key, &describe(kind), found(node)]);
        node.content = Content::Refused;
    }
}

pub(crate) static FIELDS: Kind = Kind::Map(&FIELD_KIND);

/// Whether a value has the outer form that a kind takes.
fn accepts(kind: &Kind, node: &Node) -> bool {
    match (kind, &node.content) {
        (Kind::Empty(_) | Kind::Ignored(_) | Kind::Python(_), _)
        | (Kind::Json, Content::Map(_) | Content::List(_))
        | (Kind::Text | Kind::Word(_) | Kind::Duration | Kind::Size, Content::Scalar(_))
        | (Kind::List(_), Content::List(_))
        | (Kind::Map(_) | Kind::Section(_) | Kind::Schema | Kind::Tagged(_), Content::Map(_)) => true,
        // A schema may be another type under a name: `Ids: array of string`.
        (Kind::Schema, Content::Scalar(scalar)) => scalar.kind == ScalarKind::Text,
        (Kind::Tagged(tagged), Content::Scalar(_)) => tagged.shorthand,
        (Kind::Count, Content::Scalar(scalar)) => scalar.kind == ScalarKind::Integer,
        (Kind::Number, Content::Scalar(scalar)) => matches!(scalar.kind, ScalarKind::Integer | ScalarKind::Number),
        (Kind::Boolean, Content::Scalar(scalar)) => scalar.kind == ScalarKind::Boolean,
        (Kind::Either(kinds), _) => kinds.iter().any(|kind| accepts(kind, node)),
        _ => false,
    }
}

/// What a kind takes, in a sentence.
fn describe(kind: &Kind) -> String {
    match kind {
        Kind::Text => "a text".to_owned(),
        Kind::Count => "a whole number".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Boolean => "`true` or `false`".to_owned(),
        Kind::Duration => "a duration such as `10s`".to_owned(),
        Kind::Size => "a size such as `64MiB`".to_owned(),
        Kind::Word(words) => format!("one of {}", list(&words.iter().map(|word| word.name).collect::<Vec<_>>())),
        Kind::List(_) => "a list".to_owned(),
        Kind::Json => "a map or a list".to_owned(),
        Kind::Map(_) | Kind::Section(_) | Kind::Schema => "a map".to_owned(),
        Kind::Tagged(tagged) if tagged.shorthand => "a map with a `type`, or a type alone".to_owned(),
        Kind::Tagged(_) => "a map with a `type`".to_owned(),
        Kind::Either(kinds) => kinds.iter().map(describe).collect::<Vec<_>>().join(" or "),
        Kind::Empty(_) | Kind::Python(_) => "nothing".to_owned(),
        Kind::Ignored(_) => "anything".to_owned(),
    }
}

/// Whether a text is what Python prints for an object that has no text of its own: `<function mask at 0x7f3c>`.
fn is_python(text: &str) -> bool {
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).is_some_and(|inside| {
        inside.contains(" at 0x")
            || ["function ", "class '", "bound method ", "built-in "].iter().any(|start| inside.starts_with(start))
    })
}

/// How that which is a piece of Python in a dlt pipeline is said here.
fn instead_of_python(key: &str, kind: &Kind) -> &'static str {
    match (kind, key) {
        (Kind::Python(help), _) => help,
        (_, "auth") => "say which way of authorising it is: `auth: {type: bearer, token: \"{token}\"}`",
        (_, "paginator") => "say how one page leads to the next: `paginator: {type: header_link}`",
        (_, "filter") => "write the condition: `filter: \"status == 'active'\"`",
        (_, "action") => "write the action: `ignore`, `retry` or `fail`",
        _ => "write the value itself; code goes into a `hook` of `processing_steps`",
    }
}

/// What a value is, in a sentence.
fn found(node: &Node) -> &'static str {
    match &node.content {
        Content::Null | Content::Refused => "nothing",
        Content::Scalar(scalar) => match scalar.kind {
            ScalarKind::Text => "a text",
            ScalarKind::Integer | ScalarKind::Number => "a number",
            ScalarKind::Boolean => "a truth value",
        },
        Content::List(_) => "a list",
        Content::Map(_) => "a map",
    }
}

/// Whether a map in a JSON body is an argument of the caller.
pub fn json_argument(node: &Node) -> bool {
    let ty = node.get("type").and_then(Node::scalar).filter(|scalar| scalar.kind == ScalarKind::Text);
    let others: Vec<&str> = node.members().iter().map(|member| member.key.as_str()).filter(|key| *key != "type").collect();
    ty.is_some_and(|ty| is_argument(&ty.text, &others))
}

fn members_mut(node: &mut Node) -> &mut [Member] {
    match &mut node.content {
        Content::Map(members) => members,
        _ => &mut [],
    }
}

fn unknown_key(member: &Member, section: &'static Section, further: &'static [&'static str]) -> Diagnostic {
    let unknown = Diagnostic::new(Code::UnknownKey, member.span, &[&member.key, section.name]);
    match home(section, &member.key) {
        Some(home) => unknown.help(format!("`{}` belongs under `{home}`", member.key)),
        None if section.keys.is_empty() => unknown.help("it takes no further keys"),
        None => unknown.nearest(&member.key, section.spellings().chain(further.iter().copied())),
    }
}

/// The key of a section under which another key has its place.
fn home(section: &'static Section, key: &str) -> Option<&'static str> {
    let holds = |kind: &'static Kind| {
        let mut kinds = vec![kind];
        while let Some(kind) = kinds.pop() {
            match kind {
                Kind::Section(inner) if inner.key(key).is_some() => return true,
                Kind::Tagged(tagged) if tagged.variants.iter().any(|variant| variant.section.key(key).is_some()) => return true,
                Kind::Either(inner) => kinds.extend(inner.iter()),
                _ => {}
            }
        }
        false
    };
    section.keys.iter().find(|candidate| holds(&candidate.kind)).map(|candidate| candidate.name)
}

fn missing_key(span: Span, section: &'static Section, key: &str, example: &str) -> Diagnostic {
    let missing = Diagnostic::new(Code::MissingKey, span, &[section.name, key]);
    if example.is_empty() { missing } else { missing.help(format!("add it, for example `{key}: {example}`")) }
}

fn unknown_type(name: &str, span: Span, tagged: &'static Tagged) -> Diagnostic {
    let unknown = Diagnostic::new(Code::UnknownType, span, &[tagged.name, name]);
    if tagged.name == "paginator" && name == "auto" {
        return unknown.help("paging is not guessed: say how one page leads to the next, or `single_page` where there is one");
    }
    unknown.nearest(name, tagged.variants.iter().map(|variant| variant.name))
}

fn keys(members: &[Member]) -> Vec<&str> {
    members.iter().map(|member| member.key.as_str()).collect()
}
