//! Sessions: the request that logs in, and how its token is sent.

use super::Lowering;
use super::auth::location;
use super::client::duration_of;
use super::node::Node;
use super::oauth2::key;
use super::values::is_header_name;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Answer, BodyEncoding, KeyLocation, Method, Session, Template, TokenIn};

impl Lowering<'_> {
    pub(super) fn session(&mut self, node: &Node) -> Session {
        let empty = Node::map(node.span, Vec::new());
        let login = node.get("login").unwrap_or(&empty);
        let url = self.text_or_empty(login, "url");
        if login.get("url").is_some() && !url.to_runtime().starts_with('/') {
            self.check_address("url", &url);
        }
        if let (Some(_), Some(data)) = (login.member("json"), login.member("data")) {
            self.diagnostics.report(Code::BothBodies, data.span, &[]);
        }
        let is_json = login.get("json").is_some();
        Session {
            method: login.get("method").and_then(|method| self.method(method)).unwrap_or(Method::Post),
            url,
            params: self.named_texts(login.get("params")),
            fields: self.named_texts(login.get("json").or(login.get("data"))),
            encoding: if is_json { BodyEncoding::Json } else { BodyEncoding::Form },
            headers: self.headers(login.get("headers")),
            username: self.basic(login, "username", false),
            password: self.basic(login, "password", true),
            token: self.session_token(node),
            answer: self.session_answer(node),
        }
    }

    fn basic(&mut self, login: &Node, key: &str, secret: bool) -> Template {
        if login.get(key).is_some() { self.credential(login, key, secret) } else { Template::default() }
    }

    fn session_token(&mut self, node: &Node) -> TokenIn {
        let given: Vec<_> = ["token_path", "token_header", "token_cookie"]
            .into_iter()
            .filter_map(|key| node.get(key).map(|node| (key, node)))
            .collect();
        match given.as_slice() {
            [("token_header", header)] => {
                let name = header.text().unwrap_or_default();
                if !is_header_name(name) {
                    self.diagnostics.report(Code::BadHeader, header.span, &[name]);
                }
                TokenIn::Header(name.to_owned())
            }
            [("token_cookie", cookie)] => TokenIn::Cookie(cookie.text().unwrap_or_default().to_owned()),
            [_, (_, second), ..] => {
                self.diagnostics.report(Code::TwoSessionTokens, second.span, &[]);
                TokenIn::Body
            }
            _ => TokenIn::Body,
        }
    }

    fn session_answer(&mut self, node: &Node) -> Answer {
        let (name, location) = (node.get("name").and_then(Node::spanned), location(node));
        match (&name, location) {
            (Some(name), KeyLocation::Header) if !is_header_name(name) => {
                self.diagnostics.report(Code::BadHeader, name.span, &[name]);
            }
            (None, KeyLocation::Query | KeyLocation::Cookie) => {
                let missing = Diagnostic::new(Code::MissingKey, node.span, &["a token in the query or in a cookie", "name"]);
                self.diagnostics.push(missing.help("say what the parameter or cookie is called"));
            }
            _ => {}
        }
        let default_prefix = if name.is_none() { "Bearer " } else { "" };
        let statuses = node.get("expired_statuses").map(Node::items).unwrap_or_default();
        let statuses: Vec<u16> = statuses.iter().filter_map(|status| self.status(status)).collect();
        let plain = self.plain_answer(node);
        Answer {
            token_path: if node.lacks("token_path") { key("access_token") } else { plain.token_path.clone() },
            default_expires_in: duration_of(node, "default_expires_in").unwrap_or(0) / 1000,
            location,
            name: name.map_or_else(|| "authorization".to_owned(), |name| name.value),
            prefix: node.text_of("prefix").unwrap_or_else(|| default_prefix.to_owned()),
            refused_on: if statuses.is_empty() { vec![401] } else { statuses },
            ..plain
        }
    }
}
