//! Sessions: a request that logs in, and the token of its answer, which holds until the service refuses it or its life is over.

use crate::rt::auth::{Credentials, Scheme, Setup, basic};
use crate::rt::body;
use crate::rt::descriptor::{BodyEncoding, Method, Path, Template};
use crate::rt::error::Result;
use crate::rt::lookup::scalar;
use crate::rt::message::{Request, Response};
use crate::rt::secret::ExposeSecret;
use crate::rt::token::{Answer, Grant, Next, Notes, TokenSource};

/// A session that a request opens.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// The method of the login.
    pub method: Method,
    /// Where it goes: an absolute address, or a path below the base address.
    pub url: Template,
    /// What it sends in the query.
    pub params: &'static [(&'static str, Template)],
    /// What it sends in the body.
    pub fields: &'static [(&'static str, Template)],
    /// How the body is written.
    pub encoding: BodyEncoding,
    /// Its headers.
    pub headers: &'static [(&'static str, Template)],
    /// The user name of HTTP Basic; empty for none.
    pub username: Template,
    /// The password of HTTP Basic.
    pub password: Template,
    /// Where the token is in the answer.
    pub token: TokenIn,
    /// How the rest of the answer is read, and how the token is sent.
    pub answer: Answer,
}

/// Where an answer holds the token of a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenIn {
    /// In the body, at the path of the answer.
    Body,
    /// In a header.
    Header(&'static str),
    /// In a cookie that the answer sets.
    Cookie(&'static str),
}

impl Session {
    /// A `POST` of a form; a descriptor says only in what it differs.
    pub const DEFAULT: Self = Self {
        method: Method::Post,
        url: "",
        params: &[],
        fields: &[],
        encoding: BodyEncoding::Form,
        headers: &[],
        username: "",
        password: "",
        token: TokenIn::Body,
        answer: Answer { default_expires_in: 0, ..Answer::OAUTH2 },
    };
}

impl Scheme for Session {
    fn credentials(&'static self, setup: &mut Setup<'_>) -> Result<Option<Credentials>, String> {
        let mut url = setup.login_url(self.url)?;
        for (name, value) in setup.fields(self.params) {
            url.push_query(name, &value);
        }
        let mut headers = setup.headers(self.headers)?;
        if let Some(username) = setup.inputs.expand(self.username).filter(|username| !username.is_empty()) {
            let credentials = basic(&username, &setup.inputs.expand(self.password).unwrap_or_default());
            setup.hide(credentials.expose_secret());
            headers.set("authorization", format!("Basic {}", credentials.expose_secret()));
        }
        let fields = setup.fields(self.fields);
        let mut text = String::new();
        if !fields.is_empty() {
            let (content_type, body) = body::encode(self.encoding, fields.iter().map(|(name, value)| (*name, value.as_str())));
            headers.set("content-type", content_type);
            text = body;
        }
        let request = Request { method: self.method, url, headers, body: text.into_bytes() };
        let source = TokenSource::new(Login { request, token: self.token }, &self.answer, setup.origins.clone());
        Ok(Some(Credentials::Token(source)))
    }
}

#[derive(Debug)]
struct Login {
    request: Request,
    token: TokenIn,
}

impl Grant for Login {
    fn ask(&self, _: &mut Notes<'_>) -> Result<Next> {
        Ok(Next::Send(self.request.clone()))
    }

    fn token(&self, response: &Response, path: Path) -> Option<String> {
        match self.token {
            TokenIn::Body => scalar(&response.body, path),
            TokenIn::Header(name) => response.headers.get(name).map(|value| value.trim().to_owned()),
            TokenIn::Cookie(name) => response.headers.all("set-cookie").find_map(|cookie| {
                let (held, value) = cookie.split(';').next()?.split_once('=')?;
                (held.trim() == name).then(|| value.trim().to_owned())
            }),
        }
    }
}
