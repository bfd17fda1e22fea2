//! The grants of OAuth 2.0: client credentials, refresh tokens, codes and JWTs.

use super::Lowering;
use super::client::duration_of;
use super::node::{Node, ScalarKind};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Algorithm, Answer, AuthorizationCode, BodyEncoding, Input, InputKind, Jwt, KeyEncoding, KeyLocation, OAuth2, Path, Purpose,
    Redirect, Refresh, SecretIn, Segment, Spanned, Template, TemplatePart,
};

/// How long a token lasts, in seconds, where neither its answer nor the spec says it.
pub const DEFAULT_LIFE: u64 = 3600;

/// How long before its end a token is renewed, in milliseconds, where the spec does not say it.
const MARGIN: u64 = 60_000;

/// The input that names the file of refresh tokens.
const TOKEN_FILE: &str = "token_file";

impl Lowering<'_> {
    pub(super) fn client_credentials(&mut self, node: &Node) -> OAuth2 {
        let client_id = self.credential(node, "client_id", false);
        let client_secret = self.credential(node, "client_secret", true);
        self.oauth2(node, client_id, client_secret, "client_credentials")
    }

    pub(super) fn refresh_token(&mut self, node: &Node) -> Refresh {
        let refresh_token = self.credential(node, "refresh_token", true);
        // A store may hold what the input does not.
        for hole in refresh_token.holes() {
            if let Some(input) = self.inputs.iter_mut().find(|input| input.name.value == hole.name() && input.default.is_none()) {
                input.optional = true;
            }
        }
        self.refresh(node, refresh_token)
    }

    fn refresh(&mut self, node: &Node, refresh_token: Template) -> Refresh {
        let client_id =
            if node.get("client_id").is_some() { self.credential(node, "client_id", false) } else { Template::default() };
        let client_secret =
            if node.get("client_secret").is_some() { self.credential(node, "client_secret", true) } else { Template::default() };
        Refresh {
            oauth2: self.oauth2(node, client_id, client_secret, "refresh_token"),
            refresh_token,
            token_file: self.token_file(node),
            refresh_token_path: self.path_of(node, "refresh_token_path").map_or_else(|| key("refresh_token"), |path| path.value),
        }
    }

    /// The input for the file that keeps refresh tokens, which every client of this kind has.
    fn token_file(&mut self, node: &Node) -> Template {
        if !self.inputs.iter().any(|input| *input.name == TOKEN_FILE) {
            self.inputs.push(Input {
                name: Spanned::new(TOKEN_FILE.to_owned(), node.span),
                description: Some("The file that keeps the refresh token between runs.".to_owned()),
                kind: InputKind::String,
                secret: false,
                default: None,
                optional: true,
            });
        }
        Template { parts: vec![TemplatePart::Hole(crate::model::Hole::Input(TOKEN_FILE.to_owned()))], span: node.span }
    }

    pub(super) fn authorization_code(&mut self, node: &Node) -> AuthorizationCode {
        let authorize_url = self.text_or_empty(node, "authorize_url");
        if node.get("authorize_url").is_some() {
            self.check_address("authorize_url", &authorize_url);
        }
        let mut params = Vec::new();
        if let Some(audience) = self.template_of(node, "audience") {
            params.push(("audience".to_owned(), audience));
        }
        if let Some(scope) = node.get("scope") {
            params.push(("scope".to_owned(), self.scopes(scope)));
        }
        params.extend(self.named_texts(node.get("authorize_params")));
        let redirect = node.get("redirect_uri").and_then(|uri| self.redirect(uri));
        // Any free port, where the service takes every loopback address (RFC 8252, section 7.3).
        let anywhere = || Redirect { host: "127.0.0.1".to_owned(), port: 0, path: "/callback".to_owned() };
        let mut refresh = self.refresh(node, Template::default());
        // They are asked for where the user logs in.
        refresh.oauth2.fields.retain(|(name, _)| !matches!(name.as_str(), "audience" | "scope"));
        AuthorizationCode { refresh, authorize_url, params, redirect: redirect.unwrap_or_else(anywhere) }
    }

    fn redirect(&mut self, node: &Node) -> Option<Redirect> {
        match redirect(node.text()?) {
            Ok(redirect) => Some(redirect),
            Err(problem) => {
                self.diagnostics.report(Code::BadRedirect, node.span, &[problem]);
                None
            }
        }
    }

    pub(super) fn jwt(&mut self, node: &Node) -> Jwt {
        let algorithm = match node.get("algorithm").and_then(Node::text) {
            Some("ES256") => Algorithm::Es256,
            Some("HS256") => Algorithm::Hs256,
            _ => Algorithm::Rs256,
        };
        let key_encoding = match node.get("key_encoding").and_then(Node::text) {
            Some("base64") => KeyEncoding::Base64,
            Some("hex") => KeyEncoding::Hex,
            _ => KeyEncoding::Text,
        };
        if let (Some(encoding), true) = (node.get("key_encoding"), algorithm != Algorithm::Hs256) {
            let message = "`key_encoding` of a PEM text, which says itself how it is written";
            self.diagnostics.push(Diagnostic::new(Code::Contradiction, encoding.span, &[message]).help("remove it"));
        }
        let (mut claims, mut constants) = (Vec::new(), Vec::new());
        for member in node.get("claims").map(Node::members).unwrap_or_default() {
            match member.node.scalar().map(|scalar| scalar.kind) {
                _ if member.node.is_null() => {}
                Some(ScalarKind::Text) => claims.push((member.key.clone(), self.template(&member.node))),
                _ => constants.push((member.key.clone(), self.json_constant(&member.node))),
            }
            if matches!(member.key.as_str(), "iat" | "exp") {
                let message = format!("the claim `{}`, which is the moment of the signing", member.key);
                let told = Diagnostic::new(Code::Contradiction, member.span, &[&message]);
                self.diagnostics.push(told.help("remove it; `lifetime` says how long a JWT lasts"));
            }
        }
        let purpose = self.jwt_purpose(node, &mut claims, &constants);
        Jwt {
            algorithm,
            key: self.credential(node, "private_key", true),
            key_encoding,
            key_id: self.text_or_empty(node, "key_id"),
            headers: self.named_texts(node.get("jwt_headers")),
            claims,
            constants,
            lifetime: duration_of(node, "lifetime").unwrap_or(300_000) / 1000,
            purpose,
        }
    }

    /// What a JWT is for. Where it is traded, it is meant for the token endpoint, and where it stands for a client, it is by that client.
    fn jwt_purpose(&mut self, node: &Node, claims: &mut Vec<(String, Template)>, constants: &[(String, String)]) -> Purpose {
        let word = node.get("use").and_then(Node::text).unwrap_or("assertion");
        if word == "bearer" {
            for name in ["token_url", "access_token_request_data", "scope", "audience", "client_id", "token_path", "expires_path"]
            {
                if let Some(member) = node.member(name) {
                    let message = format!("`{name}` of a JWT that is not traded for a token");
                    let told = Diagnostic::new(Code::Contradiction, member.span, &[&message]);
                    self.diagnostics.push(told.help("remove it, or leave `use: bearer` out"));
                }
            }
            return Purpose::Bearer(self.answer(node));
        }
        if node.lacks("token_url") {
            self.diagnostics.report(Code::NoTokenUrl, node.span, &[word]);
        }
        let is_client = word == "client_assertion";
        let client_id = if is_client || node.get("client_id").is_some() {
            self.credential(node, "client_id", false)
        } else {
            Template::default()
        };
        let grant = if is_client { "client_credentials" } else { "urn:ietf:params:oauth:grant-type:jwt-bearer" };
        let oauth2 = self.oauth2(node, client_id.clone(), Template::default(), grant);
        let mut add = |name: &str, value: &Template| {
            let is_constant = constants.iter().any(|(held, _)| held == name);
            if !is_constant && !claims.iter().any(|(held, _)| held == name) {
                claims.push((name.to_owned(), value.clone()));
            }
        };
        if is_client {
            add("iss", &client_id);
            add("sub", &client_id);
        }
        add("aud", &oauth2.token_url);
        if is_client { Purpose::ClientAssertion(oauth2) } else { Purpose::Assertion(oauth2) }
    }

    /// A token endpoint and its client.
    fn oauth2(&mut self, node: &Node, client_id: Template, client_secret: Template, grant: &str) -> OAuth2 {
        let token_url = self.text_or_empty(node, "token_url");
        if node.get("token_url").is_some() {
            self.check_address("token_url", &token_url);
        }
        let encoding =
            if node.get("body").and_then(Node::text) == Some("json") { BodyEncoding::Json } else { BodyEncoding::Form };
        let secret_in =
            if node.get("secret_in").and_then(Node::text) == Some("header") { SecretIn::Header } else { SecretIn::Body };
        OAuth2 {
            token_url,
            client_id,
            client_secret,
            secret_in,
            encoding,
            fields: self.token_fields(node, grant),
            headers: self.headers(node.get("request_headers")),
            answer: self.answer(node),
        }
    }

    /// How the answer of a token endpoint is read, and how its token is sent.
    fn answer(&mut self, node: &Node) -> Answer {
        let scheme = node.get("scheme").and_then(Node::text).unwrap_or("Bearer").trim();
        Answer {
            token_path: self.path_of(node, "token_path").map_or_else(|| key("access_token"), |path| path.value),
            expires_path: self.path_of(node, "expires_path").map_or_else(|| key("expires_in"), |path| path.value),
            default_expires_in: Self::default_life(node),
            location: KeyLocation::Header,
            name: "authorization".to_owned(),
            prefix: if scheme.is_empty() { String::new() } else { format!("{scheme} ") },
            refused_on: vec![401],
            ..self.plain_answer(node)
        }
    }

    /// What the answer of any login may say.
    pub(super) fn plain_answer(&mut self, node: &Node) -> Answer {
        let mut path = |key| self.path_of(node, key).map(|path| path.value).unwrap_or_default();
        Answer {
            token_path: path("token_path"),
            expires_path: path("expires_path"),
            expires_at_path: path("expires_at_path"),
            default_expires_in: 0,
            margin: duration_of(node, "expiry_margin").unwrap_or(MARGIN) / 1000,
            location: KeyLocation::Header,
            name: String::new(),
            prefix: String::new(),
            refused_on: Vec::new(),
            base_url_path: path("base_url_path"),
        }
    }

    /// The fields of a token request besides the grant and the credentials.
    fn token_fields(&mut self, node: &Node, grant: &str) -> Vec<(String, Template)> {
        let mut fields = Vec::new();
        if let Some(audience) = self.template_of(node, "audience") {
            fields.push(("audience".to_owned(), audience));
        }
        if let Some(scope) = node.get("scope") {
            fields.push(("scope".to_owned(), self.scopes(scope)));
        }
        for member in node.get("access_token_request_data").map(Node::members).unwrap_or_default() {
            match member.key.as_str() {
                "grant_type" if member.node.text() == Some(grant) => {}
                "grant_type" => {
                    let message =
                        format!("a grant other than `{grant}` under auth `{}`", node.text_of("type").unwrap_or_default());
                    let diagnostic = Diagnostic::new(Code::Contradiction, member.node.span, &[&message]);
                    self.diagnostics.push(diagnostic.help("remove it"));
                }
                name @ ("client_id" | "client_secret" | "refresh_token") => {
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

/// The address that a browser comes back to, or what is wrong with it.
fn redirect(text: &str) -> Result<Redirect, &'static str> {
    let rest = text.strip_prefix("http://").ok_or("does not begin with `http://`")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    if !matches!(host, "127.0.0.1" | "localhost") {
        return Err("is no address of this machine");
    }
    let port = port.parse().map_err(|_| "has no port")?;
    if path.contains(['?', '#', '{', ' ']) {
        return Err("has more than a path");
    }
    Ok(Redirect { host: host.to_owned(), port, path: format!("/{path}") })
}

pub(super) fn key(name: &str) -> Path {
    Path(vec![Segment::Key(name.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::redirect;

    #[test]
    fn browsers_come_back_to_this_machine() {
        for (text, port, path) in [
            ("http://127.0.0.1:0/callback", 0, "/callback"),
            ("http://localhost:8484/", 8484, "/"),
            ("http://localhost:8484", 8484, "/"),
        ] {
            let redirect = redirect(text).expect(text);
            assert_eq!((redirect.port, redirect.path.as_str()), (port, path), "{text}");
        }
        for bad in [
            "https://127.0.0.1:1/x",
            "http://127.0.0.1/x",
            "http://example.com:1/x",
            "http://localhost:1/x?y",
            "http://localhost:99999/",
        ] {
            assert!(redirect(bad).is_err(), "{bad}");
        }
    }
}
