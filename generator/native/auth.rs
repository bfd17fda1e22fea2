//! How requests are authorised.

use super::Lowering;
use super::client::duration_of;
use super::node::Node;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Auth, BodyEncoding, KeyLocation, OAuth2, Path, SecretIn, Segment, Template, TemplatePart};

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
            "oauth2_client_credentials" => Auth::OAuth2(self.oauth2(node)),
            _ => Auth::None,
        }
    }

    fn api_key(&mut self, node: &Node) -> Auth {
        let location = match node.get("location").and_then(Node::text) {
            Some("query") => KeyLocation::Query,
            Some("cookie") => KeyLocation::Cookie,
            _ => KeyLocation::Header,
        };
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

    fn oauth2(&mut self, node: &Node) -> OAuth2 {
        let token_url = self.template_of(node, "token_url").unwrap_or_default();
        if node.get("token_url").is_some() {
            self.check_address("token_url", &token_url);
        }
        let encoding =
            if node.get("body").and_then(Node::text) == Some("json") { BodyEncoding::Json } else { BodyEncoding::Form };
        let secret_in =
            if node.get("secret_in").and_then(Node::text) == Some("header") { SecretIn::Header } else { SecretIn::Body };
        OAuth2 {
            token_url,
            client_id: self.credential(node, "client_id", false),
            client_secret: self.credential(node, "client_secret", true),
            secret_in,
            encoding,
            fields: self.token_fields(node),
            token_path: self.path_of(node, "token_path").map_or_else(|| key("access_token"), |path| path.value),
            expires_path: self.path_of(node, "expires_path").map_or_else(|| key("expires_in"), |path| path.value),
            default_expires_in: duration_of(node, "default_expires_in").unwrap_or(3_600_000) / 1000,
            margin: duration_of(node, "expiry_margin").unwrap_or(60_000) / 1000,
        }
    }

    /// The fields of a token request besides the grant and the credentials.
    fn token_fields(&mut self, node: &Node) -> Vec<(String, Template)> {
        let mut fields = Vec::new();
        if let Some(audience) = self.template_of(node, "audience") {
            fields.push(("audience".to_owned(), audience));
        }
        if let Some(scope) = node.get("scope") {
            fields.push(("scope".to_owned(), self.scopes(scope)));
        }
        for member in node.get("access_token_request_data").map(Node::members).unwrap_or_default() {
            match member.key.as_str() {
                "grant_type" if member.node.text() == Some("client_credentials") => {}
                "grant_type" => {
                    let message = "a grant other than `client_credentials` under auth `oauth2_client_credentials`";
                    let diagnostic = Diagnostic::new(Code::Contradiction, member.node.span, &[message]);
                    self.diagnostics.push(diagnostic.help("remove it"));
                }
                name @ ("client_id" | "client_secret") => {
                    let message = format!("`{name}` is a key of auth itself");
                    let diagnostic = Diagnostic::new(Code::Contradiction, member.span, &[&message]);
                    self.diagnostics.push(diagnostic.help("move it one level up"));
                }
                name if fields.iter().any(|(known, _)| known == name) => {
                    self.diagnostics.report(Code::TwoSpellings, member.span, &[name, "access_token_request_data"]);
                }
                name => fields.push((name.to_owned(), self.template(&member.node))),
            }
        }
        fields
    }

    /// Scopes are sent with a space between them.
    fn scopes(&mut self, node: &Node) -> Template {
        let mut joined = Template { parts: Vec::new(), span: node.span };
        for item in node.one_or_many() {
            if !joined.parts.is_empty() {
                joined.push_literal(" ");
            }
            joined.append(self.template(item).parts);
        }
        joined
    }
}

fn key(name: &str) -> Path {
    Path(vec![Segment::Key(name.to_owned())])
}
