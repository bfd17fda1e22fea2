//! How requests are authorised.

use super::{Path, Template};

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
            Self::OAuth2(oauth2) => {
                let credentials = [&oauth2.token_url, &oauth2.client_id, &oauth2.client_secret];
                credentials.into_iter().chain(oauth2.fields.iter().map(|(_, value)| value)).collect()
            }
        }
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

/// OAuth 2.0 client credentials (RFC 6749, section 4.4).
#[derive(Clone, Debug)]
pub struct OAuth2 {
    /// Where tokens come from.
    pub token_url: Template,
    /// The client's id.
    pub client_id: Template,
    /// The client's secret.
    pub client_secret: Template,
    /// Where both go.
    pub secret_in: SecretIn,
    /// How the request's body is written.
    pub encoding: BodyEncoding,
    /// Further fields of the request, in the order of the spec.
    pub fields: Vec<(String, Template)>,
    /// Where the token is in the answer.
    pub token_path: Path,
    /// Where its life in seconds is in the answer.
    pub expires_path: Path,
    /// The life that is assumed when the answer names none, in seconds.
    pub default_expires_in: u64,
    /// How long before its end a token is renewed, in seconds.
    pub margin: u64,
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
