//! How requests are authorised: credentials that are fixed, and tokens that are fetched.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::rt::descriptor::{Auth, KeyLocation};
use crate::rt::inputs::Inputs;
use crate::rt::message::Request;
use crate::rt::origin::Origins;
use crate::rt::secret::{ExposeSecret, SecretString, Secrets};
use crate::rt::token::{Token, TokenSource, TokenStore};
use crate::rt::url::Url;

/// Where a credential goes in a request.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Into a header, the query or a cookie.
    pub location: KeyLocation,
    /// The name of the header, parameter or cookie.
    pub name: &'static str,
    /// A text before the credential.
    pub prefix: &'static str,
}

impl Place {
    /// `Authorization: Bearer …`.
    pub const BEARER: Self = Self { location: KeyLocation::Header, name: "authorization", prefix: "Bearer " };

    /// Puts a credential into a request. Cookies are joined; anything else of the same name is replaced.
    pub fn put(&self, request: &mut Request, credential: &str) {
        let value = format!("{}{credential}", self.prefix);
        match self.location {
            KeyLocation::Header => request.headers.set(self.name, value),
            KeyLocation::Query => request.url.push_query(self.name, &value),
            KeyLocation::Cookie => {
                let others = request.headers.get("cookie").map(|others| format!("{others}; ")).unwrap_or_default();
                request.headers.set("cookie", format!("{others}{}={value}", self.name));
            }
        }
    }
}

/// What is added to a request to authorise it.
#[derive(Debug)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A credential that stays the same.
    Fixed {
        /// Where it goes.
        place: Place,
        /// The credential, without the prefix.
        value: SecretString,
    },
    /// A token that is fetched.
    Token(TokenSource),
    /// All of these; at most one of them is a token that is fetched.
    All(Vec<Self>),
}

impl Credentials {
    /// A key in a header, the query or a cookie.
    #[must_use]
    pub fn key(name: &'static str, location: KeyLocation, value: String) -> Self {
        Self::Fixed { place: Place { location, name, prefix: "" }, value: value.into() }
    }

    /// `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(token: &str) -> Self {
        Self::Fixed { place: Place::BEARER, value: token.into() }
    }

    /// HTTP Basic.
    #[must_use]
    pub fn basic(username: &str, password: &str) -> Self {
        Self::Fixed { place: Place { prefix: "Basic ", ..Place::BEARER }, value: basic(username, password) }
    }

    /// Where tokens come from, if they are fetched.
    #[must_use]
    pub fn source(&self) -> Option<&TokenSource> {
        match self {
            Self::Token(source) => Some(source),
            Self::All(all) => all.iter().find_map(Self::source),
            Self::None | Self::Fixed { .. } => None,
        }
    }

    /// Authorises a request; `token` is the fetched one, where tokens are fetched.
    pub fn put(&self, request: &mut Request, token: Option<&Token>) {
        match self {
            Self::None => {}
            Self::Fixed { place, value } => place.put(request, value.expose_secret()),
            Self::All(all) => all.iter().for_each(|credentials| credentials.put(request, token)),
            Self::Token(_) => {
                if let Some(token) = token {
                    token.put(request);
                }
            }
        }
    }
}

/// What HTTP Basic sends after its name.
#[must_use]
pub fn basic(username: &str, password: &str) -> SecretString {
    STANDARD.encode(format!("{username}:{password}")).into()
}

/// A way to authorise that only some APIs have, as their descriptors name it.
pub trait Scheme: fmt::Debug + Sync {
    /// The credentials. None if they are optional and their inputs are absent.
    ///
    /// # Errors
    /// Says what is wrong with the inputs.
    fn credentials(&'static self, setup: &mut Setup<'_>) -> Result<Option<Credentials>, String>;
}

/// What credentials are made from.
pub struct Setup<'a> {
    /// The inputs of the client.
    pub inputs: &'a Inputs,
    /// Where the client may go.
    pub origins: &'a Origins,
    /// What no error may show.
    pub secrets: &'a mut Secrets,
    /// Where refresh tokens are kept, if the user brings a store.
    pub store: Option<Arc<dyn TokenStore>>,
}

impl Setup<'_> {
    /// The credentials of an API.
    ///
    /// # Errors
    /// Says what is wrong with the inputs.
    pub fn credentials(&mut self, auth: &'static Auth) -> Result<Credentials, String> {
        let inputs = self.inputs;
        let credentials = match auth {
            Auth::None => None,
            Auth::Bearer { token } => inputs.expand(token).map(|token| Credentials::bearer(&token)),
            Auth::ApiKey { name, location, value } => inputs.expand(value).map(|value| Credentials::key(name, *location, value)),
            Auth::Basic { username, password } => inputs
                .expand(username)
                .map(|username| Credentials::basic(&username, &inputs.expand(password).unwrap_or_default())),
            Auth::All(all) => Some(Credentials::All(all.iter().map(|auth| self.credentials(auth)).collect::<Result<_, _>>()?)),
            Auth::Scheme(scheme) => scheme.credentials(self)?,
        };
        // Credentials whose inputs are all absent, which only optional ones can be: the calls go out without.
        let credentials = credentials.unwrap_or(Credentials::None);
        if let Credentials::Fixed { value, .. } = &credentials {
            self.secrets.add(value.expose_secret());
            if value.expose_secret().bytes().any(|byte| byte.is_ascii_control()) {
                return Err("the credentials hold a character that can not be sent".to_owned());
            }
        }
        Ok(credentials)
    }

    /// The address that secrets are sent to for a token: absolute, or below the base address.
    ///
    /// # Errors
    /// Says why it can not be used.
    pub fn login_url(&self, template: &str) -> Result<Url, String> {
        let mut text = self.inputs.expand(template).unwrap_or_default();
        if text.starts_with('/') {
            text.insert_str(0, self.origins.base().as_str().trim_end_matches('/'));
        }
        let url = Url::parse(&text).map_err(|why| format!("the token address can not be used: {why}"))?;
        let url = self.origins.named(url);
        if !url.is_https() && !self.origins.may_be_plain(&url) {
            return Err("the token address must be `https`: a secret is sent there".to_owned());
        }
        Ok(url)
    }

    /// Fields of a login with their values; a field whose inputs are all absent is left out.
    #[must_use]
    pub fn fields(&self, fields: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
        fields.iter().filter_map(|(name, value)| Some((*name, self.inputs.expand(value)?))).collect()
    }

    /// Headers of a login with their values, each of which can be sent.
    ///
    /// # Errors
    /// Names the header that can not be.
    pub fn headers(&self, headers: &[(&'static str, &'static str)]) -> Result<crate::rt::message::Headers, String> {
        let mut set = crate::rt::message::Headers::default();
        for (name, value) in self.fields(headers) {
            crate::rt::core::set_header(&mut set, name, value).map_err(|error| error.message().to_owned())?;
        }
        Ok(set)
    }

    /// Tells of a secret that is made from inputs.
    pub fn hide(&mut self, secret: &str) {
        self.secrets.add(secret);
    }
}

impl fmt::Debug for Setup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("inputs", &self.inputs).finish_non_exhaustive()
    }
}
