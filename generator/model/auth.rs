//! How requests are authorised.

use super::{Hole, Method, Path, Spanned, Template};

/// How requests are authorised.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`.
    Bearer {
        /// The token.
        token: Template,
    },
    /// A key in a header, the query or a cookie.
    ApiKey {
        /// The name of the header, parameter or cookie.
        name: String,
        /// Where it goes.
        location: KeyLocation,
        /// The key, with any prefix that belongs to it.
        value: Template,
    },
    /// HTTP Basic.
    Basic {
        /// The user name.
        username: Template,
        /// The password.
        password: Template,
    },
    /// OAuth 2.0 client credentials.
    OAuth2(OAuth2),
    /// OAuth 2.0 refresh tokens.
    Refresh(Refresh),
    /// OAuth 2.0 refresh tokens that a user comes by in the browser.
    Code(AuthorizationCode),
    /// A JWT that the client signs.
    Jwt(Box<Jwt>),
    /// A session that a request opens.
    Session(Box<Session>),
    /// Several at once; at most one of them fetches tokens.
    AllOf(Vec<Auth>),
    /// One of several, as the user chooses.
    OneOf(OneOf),
}

impl Auth {
    /// Every text with holes.
    #[must_use]
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::None => Vec::new(),
            Self::Bearer { token } => vec![token],
            Self::ApiKey { value, .. } => vec![value],
            Self::Basic { username, password } => vec![username, password],
            Self::OAuth2(oauth2) => oauth2.templates(),
            Self::Refresh(refresh) => refresh.templates(),
            Self::Code(code) => {
                let params = code.params.iter().map(|(_, value)| value);
                code.refresh.templates().into_iter().chain([&code.authorize_url]).chain(params).collect()
            }
            Self::Jwt(jwt) => jwt.templates(),
            Self::Session(session) => session.templates(),
            Self::AllOf(all) => all.iter().flat_map(Self::templates).collect(),
            Self::OneOf(one_of) => one_of.options.iter().flat_map(|option| option.auth.templates()).collect(),
        }
    }

    /// This one, or those of which it is made up.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::AllOf(all) => all.iter().flat_map(Self::parts).collect(),
            Self::OneOf(one_of) => one_of.options.iter().flat_map(|option| option.auth.parts()).collect(),
            _ => vec![self],
        }
    }

    /// How the answer to a token request is read, where tokens are fetched or made.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::OAuth2(oauth2) => Some(&oauth2.answer),
            Self::Refresh(refresh) => Some(&refresh.oauth2.answer),
            Self::Code(code) => Some(&code.refresh.oauth2.answer),
            Self::Jwt(jwt) => Some(jwt.answer()),
            Self::Session(session) => Some(&session.answer),
            Self::None | Self::Bearer { .. } | Self::ApiKey { .. } | Self::Basic { .. } | Self::AllOf(_) | Self::OneOf(_) => None,
        }
    }

    /// The choice that users have, if they have one.
    #[must_use]
    pub fn choice(&self) -> Option<&OneOf> {
        match self {
            Self::OneOf(one_of) => Some(one_of),
            _ => None,
        }
    }

    /// The login in the browser, if there is one.
    #[must_use]
    pub fn code(&self) -> Option<&AuthorizationCode> {
        self.parts().into_iter().find_map(|part| match part {
            Self::Code(code) => Some(code),
            _ => None,
        })
    }

    /// The inputs whose place a store of refresh tokens takes. Users who log in in the browser have nothing but the store.
    #[must_use]
    pub fn stored(&self) -> Vec<String> {
        let template = |part: &Self| match part {
            Self::Refresh(refresh) => Some(refresh.refresh_token.clone()),
            Self::Code(code) => Some(code.refresh.token_file.clone()),
            _ => None,
        };
        let templates: Vec<Template> = self.parts().into_iter().filter_map(template).collect();
        templates.iter().flat_map(Template::holes).map(Hole::name).collect()
    }

    /// Inputs that make one of the logins complete, besides those that every client needs. One of a choice comes with the name of
    /// the option.
    #[must_use]
    pub fn complete(&self) -> Vec<(String, Option<String>)> {
        let Self::OneOf(one_of) = self else { return self.stored().into_iter().map(|name| (name, None)).collect() };
        let is_default = |option: &&Choice| one_of.default.as_deref() == Some(option.name.as_str());
        // A key of one's own takes more than any text.
        let is_plain = |option: &&Choice| !option.auth.parts().iter().any(|part| matches!(part, Self::Jwt(_)));
        let options = || one_of.options.iter();
        let option = options().find(is_default).or_else(|| options().find(is_plain)).or_else(|| options().next());
        let Some(option) = option else { return Vec::new() };
        let chosen = (one_of.input.clone(), Some(option.name.value.clone()));
        let needed = option.required.iter().chain(&option.stored).map(|name| (name.clone(), None));
        std::iter::once(chosen).chain(needed).collect()
    }

    /// Whether refresh tokens are kept.
    #[must_use]
    pub fn keeps_tokens(&self) -> bool {
        self.parts().iter().any(|part| matches!(part, Self::Refresh(_) | Self::Code(_)))
    }
}

/// Where an API key goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLocation {
    /// A request header.
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
}

/// A token endpoint and its client (RFC 6749); by itself client credentials.
#[derive(Clone, Debug)]
pub struct OAuth2 {
    /// Where tokens come from.
    pub token_url: Template,
    /// The client's id; empty for none.
    pub client_id: Template,
    /// The client's secret; empty for none.
    pub client_secret: Template,
    /// Where both go.
    pub secret_in: SecretIn,
    /// How the request's body is written.
    pub encoding: BodyEncoding,
    /// Further fields of the request, in the order of the spec.
    pub fields: Vec<(String, Template)>,
    /// Headers of the request.
    pub headers: Vec<(String, Template)>,
    /// How the answer is read.
    pub answer: Answer,
}

impl OAuth2 {
    fn templates(&self) -> Vec<&Template> {
        let credentials = [&self.token_url, &self.client_id, &self.client_secret];
        credentials.into_iter().chain(values(&self.fields)).chain(values(&self.headers)).collect()
    }
}

fn values(pairs: &[(String, Template)]) -> impl Iterator<Item = &Template> {
    pairs.iter().map(|(_, value)| value)
}

/// How the answer to a token request is read, and how the token is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Where the token is.
    pub token_path: Path,
    /// Where its life in seconds is; the root for nowhere.
    pub expires_path: Path,
    /// Where the moment of its end is; the root for nowhere.
    pub expires_at_path: Path,
    /// The life that is assumed when the answer names none, in seconds; 0 is until the service refuses it.
    pub default_expires_in: u64,
    /// How long before its end a token is renewed, in seconds.
    pub margin: u64,
    /// Where the token goes.
    pub location: KeyLocation,
    /// The name of the header, parameter or cookie.
    pub name: String,
    /// What stands before the token.
    pub prefix: String,
    /// The statuses by which the service says that the token is no longer good.
    pub refused_on: Vec<u16>,
    /// Where the address that requests go to is; the root for nowhere.
    pub base_url_path: Path,
}

/// Where client credentials go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretIn {
    /// Into the request's body.
    Body,
    /// Into an `Authorization: Basic` header.
    Header,
}

/// How a request body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEncoding {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`.
    Json,
}

/// Access by a refresh token (RFC 6749, section 6).
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The token endpoint and its client.
    pub oauth2: OAuth2,
    /// The refresh token that a user gives; empty where users log in.
    pub refresh_token: Template,
    /// The file that keeps refresh tokens.
    pub token_file: Template,
    /// Where the next refresh token is in an answer.
    pub refresh_token_path: Path,
}

impl Refresh {
    fn templates(&self) -> Vec<&Template> {
        self.oauth2.templates().into_iter().chain([&self.refresh_token, &self.token_file]).collect()
    }
}

/// Access by a refresh token that a user comes by in the browser (RFC 6749, section 4.1, and RFC 7636).
#[derive(Clone, Debug)]
pub struct AuthorizationCode {
    /// The token endpoint, and how refresh tokens are kept.
    pub refresh: Refresh,
    /// Where users log in.
    pub authorize_url: Template,
    /// What is sent there besides what the protocol has.
    pub params: Vec<(String, Template)>,
    /// Where the browser comes back to.
    pub redirect: Redirect,
}

/// An address of the user's own machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `127.0.0.1` or `localhost`, as the service knows it.
    pub host: String,
    /// The port; 0 is any free one.
    pub port: u16,
    /// The path, from its slash on.
    pub path: String,
}

/// A JWT that the client signs (RFC 7519), and what it is for.
#[derive(Clone, Debug)]
pub struct Jwt {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The key: a PEM text, or a shared secret.
    pub key: Template,
    /// How a shared secret is written.
    pub key_encoding: KeyEncoding,
    /// The id of the key; empty for none.
    pub key_id: Template,
    /// Further members of the header.
    pub headers: Vec<(String, Template)>,
    /// The claims that are texts, in the order of the spec.
    pub claims: Vec<(String, Template)>,
    /// Claims that are no texts, as JSON.
    pub constants: Vec<(String, String)>,
    /// How long it lasts, in seconds.
    pub lifetime: u64,
    /// What it is for.
    pub purpose: Purpose,
}

impl Jwt {
    fn templates(&self) -> Vec<&Template> {
        let own = [&self.key, &self.key_id].into_iter().chain(values(&self.headers)).chain(values(&self.claims));
        match &self.purpose {
            Purpose::Bearer(_) => own.collect(),
            Purpose::Assertion(oauth2) | Purpose::ClientAssertion(oauth2) => own.chain(oauth2.templates()).collect(),
        }
    }

    fn answer(&self) -> &Answer {
        match &self.purpose {
            Purpose::Bearer(answer) => answer,
            Purpose::Assertion(oauth2) | Purpose::ClientAssertion(oauth2) => &oauth2.answer,
        }
    }
}

/// How a JWT is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// HMAC with SHA-256.
    Hs256,
}

/// How a shared secret is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEncoding {
    /// As it is.
    Text,
    /// In base64.
    Base64,
    /// In hexadecimal digits.
    Hex,
}

/// What a JWT is for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// It authorises requests itself.
    Bearer(Answer),
    /// It is traded for a token (RFC 7523, section 2.1).
    Assertion(OAuth2),
    /// It stands for the client's secret in client credentials (RFC 7523, section 2.2).
    ClientAssertion(OAuth2),
}

/// A session that a request opens.
#[derive(Clone, Debug)]
pub struct Session {
    /// The method of the login.
    pub method: Method,
    /// Where it goes: an absolute address, or a path below the base address.
    pub url: Template,
    /// What it sends in the query.
    pub params: Vec<(String, Template)>,
    /// What it sends in the body.
    pub fields: Vec<(String, Template)>,
    /// How the body is written.
    pub encoding: BodyEncoding,
    /// Its headers.
    pub headers: Vec<(String, Template)>,
    /// The user name of HTTP Basic; empty for none.
    pub username: Template,
    /// The password of HTTP Basic.
    pub password: Template,
    /// Where the token is in the answer.
    pub token: TokenIn,
    /// How the rest of the answer is read, and how the token is sent.
    pub answer: Answer,
}

impl Session {
    fn templates(&self) -> Vec<&Template> {
        let own = [&self.url, &self.username, &self.password].into_iter();
        own.chain(values(&self.params)).chain(values(&self.fields)).chain(values(&self.headers)).collect()
    }
}

/// Where an answer holds the token of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenIn {
    /// In the body, at the path of the answer.
    Body,
    /// In a header.
    Header(String),
    /// In a cookie.
    Cookie(String),
}

/// Several ways to authorise, of which each client uses one.
#[derive(Clone, Debug)]
pub struct OneOf {
    /// The input that names an option.
    pub input: String,
    /// The option of clients that give nothing which an option needs.
    pub default: Option<String>,
    /// The ways.
    pub options: Vec<Choice>,
}

/// One of several ways to authorise.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its name.
    pub name: Spanned<String>,
    /// What it is.
    pub auth: Auth,
    /// The inputs that it can not do without.
    pub required: Vec<String>,
    /// The inputs that it takes besides, and that it alone or other options take.
    pub optional: Vec<String>,
    /// The inputs that it can do without if a store keeps what they hold.
    pub stored: Vec<String>,
}
