//! How requests are authorised.

use super::Lowering;
use super::node::Node;
use super::oauth2::DEFAULT_LIFE;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Auth, Choice, Input, InputKind, KeyLocation, OneOf, Spanned, Template, TemplatePart};

impl Lowering<'_> {
    /// Reads `auth`, whose type says which keys it has.
    pub fn auth(&mut self, node: &Node) -> Auth {
        match node.get("type").and_then(Node::text).unwrap_or_default() {
            "bearer" => Auth::Bearer { token: self.credential(node, "token", true) },
            "http_basic" => Auth::Basic {
                username: self.credential(node, "username", false),
                password: self.credential(node, "password", true),
            },
            "api_key" => self.api_key(node),
            "oauth2_client_credentials" => Auth::OAuth2(self.client_credentials(node)),
            "oauth2_refresh_token" => Auth::Refresh(self.refresh_token(node)),
            "oauth2_authorization_code" => Auth::Code(self.authorization_code(node)),
            "jwt" => Auth::Jwt(Box::new(self.jwt(node))),
            "session" => Auth::Session(Box::new(self.session(node))),
            "all_of" => self.all_of(node),
            "one_of" => self.one_of(node),
            _ => Auth::None,
        }
    }

    fn api_key(&mut self, node: &Node) -> Auth {
        let location = location(node);
        let name = node.get("name").and_then(Node::spanned);
        if let (Some(name), KeyLocation::Header) = (&name, location)
            && !super::values::is_header_name(name)
        {
            self.diagnostics.report(Code::BadHeader, name.span, &[name]);
        }
        let mut value = self.credential(node, "api_key", true);
        if let Some(prefix) = node.text_of("prefix").filter(|prefix| !prefix.is_empty()) {
            match value.parts.first_mut() {
                Some(TemplatePart::Literal(text)) => text.insert_str(0, &prefix),
                _ => value.parts.insert(0, TemplatePart::Literal(prefix)),
            }
        }
        Auth::ApiKey { name: name.map(|name| name.value).unwrap_or_default(), location, value }
    }

    fn all_of(&mut self, node: &Node) -> Auth {
        let mut all: Vec<Auth> = Vec::new();
        for item in node.get("of").map(Node::items).unwrap_or_default() {
            let auth = self.auth(item);
            let fetches = |auth: &Auth| auth.answer().is_some();
            if matches!(auth, Auth::AllOf(_) | Auth::OneOf(_)) {
                let message = format!("`{}`", item.text_of("type").unwrap_or_default());
                let misplaced = Diagnostic::new(Code::AuthInAuth, item.span, &[&message, "within `all_of`"]);
                self.diagnostics.push(misplaced.help("make `one_of` the outermost, and give each option its own `all_of`"));
            } else if fetches(&auth) && all.iter().any(fetches) {
                let misplaced = Diagnostic::new(Code::AuthInAuth, item.span, &["a second fetched token", "within `all_of`"]);
                self.diagnostics.push(misplaced.help("a client fetches tokens in one way"));
            }
            all.push(auth);
        }
        Auth::AllOf(all)
    }

    fn one_of(&mut self, node: &Node) -> Auth {
        let mut options = Vec::new();
        let mut has_code = false;
        for member in node.get("options").map(Node::members).unwrap_or_default() {
            let name = Spanned::new(member.key.clone(), member.span);
            self.check_item_name(&name, "an option");
            let auth = self.auth(&member.node);
            if auth.choice().is_some() {
                let misplaced = Diagnostic::new(Code::AuthInAuth, member.span, &["`one_of`", "within `one_of`"]);
                self.diagnostics.push(misplaced.help("make its options options of the outer one"));
            }
            if auth.code().is_some() && std::mem::replace(&mut has_code, true) {
                let message = ["a second `oauth2_authorization_code`", "within `one_of`"];
                let misplaced = Diagnostic::new(Code::AuthInAuth, member.span, &message);
                self.diagnostics.push(misplaced.help("keep one of them"));
            }
            options.push(Choice { name, auth, required: Vec::new(), optional: Vec::new(), stored: Vec::new() });
        }
        if options.len() < 2 {
            self.diagnostics.report(Code::NoChoice, node.span, &[]);
        }
        let default = node.get("default").and_then(Node::spanned);
        if let Some(default) = &default
            && !options.iter().any(|option| option.name.value == default.value)
        {
            let unknown = Diagnostic::new(Code::UnknownOption, default.span, &[default]);
            self.diagnostics.push(unknown.nearest(default, options.iter().map(|option| option.name.as_str())));
        }
        let input = self.choosing_input(node, &options);
        Auth::OneOf(OneOf { input, default: default.map(|default| default.value), options })
    }

    /// The input by which users name an option: one that the spec does not declare.
    fn choosing_input(&mut self, node: &Node, options: &[Choice]) -> String {
        let written = node.get("input").and_then(Node::spanned);
        let name = written.unwrap_or_else(|| Spanned::new("auth".to_owned(), node.span));
        self.check_item_name(&name, "an input");
        if let Some(declared) = self.inputs.iter().find(|input| input.name.value == name.value) {
            let taken = Diagnostic::new(Code::ChoosingInput, name.span, &[&name]).also(declared.name.span, "declared here");
            self.diagnostics.push(taken);
        }
        self.inputs.push(Input {
            name: name.clone(),
            description: Some("Which login is used, where the other inputs do not tell.".to_owned()),
            kind: InputKind::Enum(options.iter().map(|option| option.name.value.clone()).collect()),
            secret: false,
            default: None,
            optional: true,
        });
        name.value
    }

    /// A text with placeholders that is empty where the key is absent. It may hold secrets, which must be declared as such.
    pub fn text_or_empty(&mut self, node: &Node, key: &str) -> Template {
        self.template_of(node, key).unwrap_or_default()
    }

    /// Names and texts with placeholders, in the order of the spec.
    pub fn named_texts(&mut self, node: Option<&Node>) -> Vec<(String, Template)> {
        let members = node.map(Node::members).unwrap_or_default().iter().filter(|member| !member.node.is_null());
        members.map(|member| (member.key.clone(), self.template(&member.node))).collect()
    }

    /// How long a token lasts whose answer does not say it, in seconds.
    pub fn default_life(node: &Node) -> u64 {
        super::client::duration_of(node, "default_expires_in").map_or(DEFAULT_LIFE, |life| life / 1000)
    }
}

/// Where a credential goes.
pub fn location(node: &Node) -> KeyLocation {
    match node.get("location").and_then(Node::text) {
        Some("query") => KeyLocation::Query,
        Some("cookie") => KeyLocation::Cookie,
        _ => KeyLocation::Header,
    }
}
