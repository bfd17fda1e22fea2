//! OAuth 2.0: the request for a token (RFC 6749), and the grant by client credentials.

use crate::rt::auth::{Credentials, Scheme, Setup, basic};
use crate::rt::body;
use crate::rt::descriptor::{BodyEncoding, Method, Template};
use crate::rt::error::Result;
use crate::rt::message::{Headers, Request};
use crate::rt::secret::ExposeSecret;
use crate::rt::token::{Answer, Grant, Next, Notes, TokenSource};
use crate::rt::url::{Url, encoded};

/// A token endpoint and its client; by itself the grant by client credentials (RFC 6749, section 4.4).
#[derive(Clone, Copy, Debug)]
pub struct OAuth2 {
    /// Where tokens come from.
    pub token_url: Template,
    /// The client's id; empty for none.
    pub client_id: Template,
    /// The client's secret; empty for none.
    pub client_secret: Template,
    /// Whether id and secret go into the body or into a Basic header; never both.
    pub secret_in: SecretIn,
    /// How the request's body is written.
    pub encoding: BodyEncoding,
    /// Further fields of the request (`audience`, `scope`, …); a field whose inputs are all absent is left out.
    pub fields: &'static [(&'static str, Template)],
    /// Headers of the request.
    pub headers: &'static [(&'static str, Template)],
    /// How the answer is read.
    pub answer: Answer,
}

/// Where client credentials go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SecretIn {
    /// Into the request's body.
    Body,
    /// Into an `Authorization: Basic` header.
    Header,
}

impl OAuth2 {
    /// What most services have; a descriptor says only in what it differs.
    pub const DEFAULT: Self = Self {
        token_url: "",
        client_id: "",
        client_secret: "",
        secret_in: SecretIn::Body,
        encoding: BodyEncoding::Form,
        fields: &[],
        headers: &[],
        answer: Answer::OAUTH2,
    };

    /// The token endpoint with its inputs.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn endpoint(&self, setup: &mut Setup<'_>) -> Result<Endpoint, String> {
        let inputs = setup.inputs;
        let client_id = inputs.expand(self.client_id).unwrap_or_default();
        let client_secret = inputs.expand(self.client_secret).unwrap_or_default();
        setup.hide(&client_secret);
        let mut headers = setup.headers(self.headers)?;
        let mut client = Vec::new();
        if self.secret_in == SecretIn::Header && !client_secret.is_empty() {
            let credentials = basic(&encoded(&client_id), &encoded(&client_secret));
            setup.hide(credentials.expose_secret());
            headers.set("authorization", format!("Basic {}", credentials.expose_secret()));
        } else {
            client.extend([("client_id", client_id), ("client_secret", client_secret)]);
            client.retain(|(_, value)| !value.is_empty());
        }
        Ok(Endpoint {
            url: setup.login_url(self.token_url)?,
            encoding: self.encoding,
            headers,
            client,
            fields: setup.fields(self.fields),
        })
    }
}

impl Scheme for OAuth2 {
    fn credentials(&'static self, setup: &mut Setup<'_>) -> Result<Option<Credentials>, String> {
        let has = |template| setup.inputs.expand(template).is_some_and(|value| !value.is_empty());
        if !(has(self.client_id) && has(self.client_secret)) {
            return Ok(None);
        }
        let endpoint = self.endpoint(setup)?;
        let source = TokenSource::new(ClientCredentials(endpoint), &self.answer, setup.origins.clone());
        Ok(Some(Credentials::Token(source)))
    }
}

/// A token endpoint: where requests for tokens go, and what each of them holds.
#[derive(Clone)]
pub struct Endpoint {
    url: Url,
    encoding: BodyEncoding,
    headers: Headers,
    client: Vec<(&'static str, String)>,
    fields: Vec<(&'static str, String)>,
}

impl Endpoint {
    /// The request for a token by a grant, with the fields of it. A field of the spec replaces one of the same name.
    #[must_use]
    pub fn request(&self, grant_type: &str, grant: &[(&'static str, String)]) -> Request {
        let is_own = |name: &str| self.fields.iter().any(|(own, _)| *own == name);
        let grant = std::iter::once(("grant_type", grant_type)).chain(pairs(&self.client)).chain(pairs(grant));
        let form = grant.filter(|(name, _)| !is_own(name)).chain(pairs(&self.fields));
        let (content_type, body) = body::encode(self.encoding, form);
        let mut headers = self.headers.clone();
        headers.set("content-type", content_type);
        Request { method: Method::Post, url: self.url.clone(), headers, body: body.into_bytes() }
    }

    /// Where requests for tokens go.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }
}

fn pairs<'a>(fields: &'a [(&'static str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str()))
}

/// Shows the address only: everything else may be, or hold, a secret.
impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct ClientCredentials(Endpoint);

impl Grant for ClientCredentials {
    fn ask(&self, _: &mut Notes<'_>) -> Result<Next> {
        Ok(Next::Send(self.0.request("client_credentials", &[])))
    }
}
