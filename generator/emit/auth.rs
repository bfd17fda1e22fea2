//! The descriptors of logins.
//!
//! What a login shares with the plainest one of its kind is left out, and the file of the runtime that makes it is named here
//! alone.

use proc_macro2::TokenStream;
use quote::quote;

use super::descriptors::Descriptors;
use super::imports::Imports;
use super::literals::{number, pairs, text, texts};
use crate::model::{
    Algorithm, Answer, Auth, AuthorizationCode, BodyEncoding, Choice, Jwt, KeyEncoding, KeyLocation, Method, OAuth2, OneOf, Path,
    Purpose, Redirect, Refresh, SecretIn, Segment, Session, Template, TokenIn,
};

/// Writes descriptors of logins, and notes the names they need.
pub(super) struct Logins<'a>(pub(super) &'a mut Imports);

impl Logins<'_> {
    /// How requests are authorised.
    pub(super) fn auth(&mut self, spec: &Auth) -> TokenStream {
        let auth = self.0.rt("descriptor", "Auth");
        let scheme = match spec {
            Auth::None => return quote!(#auth::None),
            Auth::Bearer { token } => {
                let token = text(token);
                return quote!(#auth::Bearer { token: #token });
            }
            Auth::ApiKey { name, location, value } => {
                let (location, value) = (self.location(*location), text(value));
                return quote!(#auth::ApiKey { name: #name, location: #location, value: #value });
            }
            Auth::Basic { username, password } => {
                let (username, password) = (text(username), text(password));
                return quote!(#auth::Basic { username: #username, password: #password });
            }
            Auth::AllOf(all) => {
                let all: Vec<_> = all.iter().map(|part| self.auth(part)).collect();
                return quote!(#auth::All(&[#(#all),*]));
            }
            // The client names it as well, to log in.
            Auth::Code(_) => quote!(LOGIN),
            Auth::OAuth2(oauth2) => self.oauth2(oauth2),
            Auth::Refresh(refresh) => self.refresh(refresh),
            Auth::Jwt(jwt) => self.jwt(jwt),
            Auth::Session(session) => self.session(session),
            Auth::OneOf(one_of) => self.one_of(one_of),
        };
        quote!(#auth::Scheme(&#scheme))
    }

    /// The login in the browser, as a static of its own.
    pub(super) fn code(&mut self, spec: &AuthorizationCode) -> TokenStream {
        let name = self.0.rt("login", "AuthorizationCode");
        let (refresh, authorize_url) = (self.refresh(&spec.refresh), text(&spec.authorize_url));
        let params = (!spec.params.is_empty()).then(|| {
            let params = pairs(&spec.params);
            quote!(params: #params,)
        });
        let Redirect { host, port, path } = &spec.redirect;
        let port = number(u64::from(*port));
        let base = params.is_none().then(|| quote!(..#name::DEFAULT));
        quote! {
            static LOGIN: #name = #name {
                refresh: #refresh,
                authorize_url: #authorize_url,
                #params
                redirect_host: #host,
                redirect_port: #port,
                redirect_path: #path,
                #base
            };
        }
    }

    fn variant(&mut self, file: &str, name: &str, variant: &str) -> TokenStream {
        let (name, variant) = (self.0.rt(file, name), super::ident(variant));
        quote!(#name::#variant)
    }

    fn location(&mut self, location: KeyLocation) -> TokenStream {
        let variant = match location {
            KeyLocation::Header => "Header",
            KeyLocation::Query => "Query",
            KeyLocation::Cookie => "Cookie",
        };
        self.variant("descriptor", "KeyLocation", variant)
    }

    fn json(&mut self, encoding: BodyEncoding) -> Option<TokenStream> {
        (encoding == BodyEncoding::Json).then(|| {
            let json = self.variant("descriptor", "BodyEncoding", "Json");
            quote!(encoding: #json,)
        })
    }

    fn oauth2(&mut self, spec: &OAuth2) -> TokenStream {
        let name = self.0.rt("oauth2", "OAuth2");
        let token_url = text(&spec.token_url);
        let (client_id, client_secret) = (given("client_id", &spec.client_id), given("client_secret", &spec.client_secret));
        let secret_in = (spec.secret_in == SecretIn::Header).then(|| {
            let header = self.variant("oauth2", "SecretIn", "Header");
            quote!(secret_in: #header,)
        });
        let encoding = self.json(spec.encoding);
        let (fields, headers) = (listed("fields", &spec.fields), listed("headers", &spec.headers));
        let answer = self.answer(&spec.answer, OAUTH2_LIFE).map(|answer| quote!(answer: #answer,));
        let parts = [&client_id, &client_secret, &secret_in, &encoding, &fields, &headers, &answer];
        let base = parts.iter().any(|part| part.is_none()).then(|| quote!(..#name::DEFAULT));
        quote! {
            #name {
                token_url: #token_url,
                #client_id
                #client_secret
                #secret_in
                #encoding
                #fields
                #headers
                #answer
                #base
            }
        }
    }

    fn refresh(&mut self, spec: &Refresh) -> TokenStream {
        let name = self.0.rt("refresh", "RefreshToken");
        let oauth2 = self.oauth2(&spec.oauth2);
        let refresh_token = given("refresh_token", &spec.refresh_token);
        let token_file = text(&spec.token_file);
        let path = self.path("refresh_token_path", &spec.refresh_token_path, Some("refresh_token"));
        let base = (refresh_token.is_none() || path.is_none()).then(|| quote!(..#name::DEFAULT));
        quote!(#name { oauth2: #oauth2, #refresh_token token_file: #token_file, #path #base })
    }

    fn jwt(&mut self, spec: &Jwt) -> TokenStream {
        let name = self.0.rt("jwt", "Jwt");
        let algorithm = match spec.algorithm {
            Algorithm::Rs256 => "Rs256",
            Algorithm::Es256 => "Es256",
            Algorithm::Hs256 => "Hs256",
        };
        let (algorithm, key) = (self.variant("jwt", "Algorithm", algorithm), text(&spec.key));
        let encoding = match spec.key_encoding {
            KeyEncoding::Text => None,
            KeyEncoding::Base64 => Some("Base64"),
            KeyEncoding::Hex => Some("Hex"),
        };
        let encoding = encoding.map(|encoding| {
            let encoding = self.variant("jwt", "KeyEncoding", encoding);
            quote!(key_encoding: #encoding,)
        });
        let key_id = given("key_id", &spec.key_id);
        let (headers, claims, lifetime) = (listed("headers", &spec.headers), pairs(&spec.claims), number(spec.lifetime));
        let constants = (!spec.constants.is_empty()).then(|| {
            let pairs = spec.constants.iter().map(|(name, json)| quote!((#name, #json)));
            quote!(constants: &[#(#pairs),*],)
        });
        let purpose = self.0.rt("jwt", "Purpose");
        let purpose = match &spec.purpose {
            Purpose::Bearer(answer) => {
                let answer = self.answer(answer, OAUTH2_LIFE).unwrap_or_else(|| self.plain_answer());
                quote!(#purpose::Bearer(#answer))
            }
            Purpose::Assertion(oauth2) => {
                let oauth2 = self.oauth2(oauth2);
                quote!(#purpose::Assertion(#oauth2))
            }
            Purpose::ClientAssertion(oauth2) => {
                let oauth2 = self.oauth2(oauth2);
                quote!(#purpose::ClientAssertion(#oauth2))
            }
        };
        let base = (encoding.is_none() || key_id.is_none() || headers.is_none() || constants.is_none())
            .then(|| quote!(..#name::DEFAULT));
        quote! {
            #name {
                algorithm: #algorithm,
                key: #key,
                #encoding
                #key_id
                #headers
                claims: #claims,
                #constants
                lifetime: #lifetime,
                purpose: #purpose,
                #base
            }
        }
    }

    fn session(&mut self, spec: &Session) -> TokenStream {
        let name = self.0.rt("session", "Session");
        let url = text(&spec.url);
        let method = match &spec.method {
            Method::Get => "Get",
            Method::Head => "Head",
            Method::Post => "Post",
            Method::Put => "Put",
            Method::Patch => "Patch",
            Method::Delete => "Delete",
            Method::Other(_) => "Other",
        };
        let method = self.variant("descriptor", "Method", method);
        let sent_as = if let Method::Other(name) = &spec.method { Some(quote!((#name))) } else { None };
        let (params, fields, headers) =
            (listed("params", &spec.params), listed("fields", &spec.fields), listed("headers", &spec.headers));
        let encoding = self.json(spec.encoding);
        let (username, password) = (given("username", &spec.username), given("password", &spec.password));
        let token = match &spec.token {
            TokenIn::Body => None,
            TokenIn::Header(header) => Some(("Header", header)),
            TokenIn::Cookie(cookie) => Some(("Cookie", cookie)),
        };
        let token = token.map(|(variant, header)| {
            let variant = self.variant("session", "TokenIn", variant);
            quote!(token: #variant(#header),)
        });
        let answer = self.answer(&spec.answer, u64::MAX).map(|answer| quote!(answer: #answer,));
        let parts = [&params, &fields, &headers, &encoding, &username, &password, &token, &answer];
        let base = parts.iter().any(|part| part.is_none()).then(|| quote!(..#name::DEFAULT));
        quote! {
            #name {
                method: #method #sent_as,
                url: #url,
                #params
                #fields
                #encoding
                #headers
                #username
                #password
                #token
                #answer
                #base
            }
        }
    }

    fn one_of(&mut self, spec: &OneOf) -> TokenStream {
        let name = self.0.rt("one_of", "OneOf");
        let (input, default) = (&spec.input, spec.default.as_deref().unwrap_or_default());
        let options: Vec<_> = spec.options.iter().map(|option| self.choice(option)).collect();
        quote!(#name { input: #input, default: #default, options: &[#(#options),*] })
    }

    fn choice(&mut self, spec: &Choice) -> TokenStream {
        let choice = self.0.rt("one_of", "Choice");
        let name = spec.name.as_str();
        let [required, optional, stored] =
            [&spec.required, &spec.optional, &spec.stored].map(|names| texts(names.iter().map(String::as_str)));
        let files = spec.auth.parts().into_iter().find_map(|part| match part {
            Auth::Refresh(refresh) => refresh.token_file.holes().next(),
            Auth::Code(code) => code.refresh.token_file.holes().next(),
            _ => None,
        });
        let token_file = files.map(crate::model::Hole::name).unwrap_or_default();
        let auth = self.auth(&spec.auth);
        quote! {
            #choice {
                name: #name,
                required: #required,
                optional: #optional,
                stored: #stored,
                token_file: #token_file,
                auth: #auth,
            }
        }
    }

    fn plain_answer(&mut self) -> TokenStream {
        let answer = self.0.rt("token", "Answer");
        quote!(#answer::OAUTH2)
    }

    /// How an answer is read; nothing if it is as OAuth 2.0 has it. `life` is the one that needs no saying.
    fn answer(&mut self, spec: &Answer, life: u64) -> Option<TokenStream> {
        let token_path = self.path("token_path", &spec.token_path, Some("access_token"));
        let expires_path = self.path("expires_path", &spec.expires_path, Some("expires_in"));
        let expires_at_path = self.path("expires_at_path", &spec.expires_at_path, None);
        let default_life = (spec.default_expires_in != life).then(|| {
            let life = number(spec.default_expires_in);
            quote!(default_expires_in: #life,)
        });
        let margin = (spec.margin != 60).then(|| {
            let margin = number(spec.margin);
            quote!(margin: #margin,)
        });
        let place = self.place(spec);
        let refused_on = (spec.refused_on != [401]).then(|| {
            let statuses = spec.refused_on.iter().map(|status| number(u64::from(*status)));
            quote!(refused_on: &[#(#statuses),*],)
        });
        let base_url_path = self.path("base_url_path", &spec.base_url_path, None);
        let parts = [token_path, expires_path, expires_at_path, default_life, margin, place, refused_on, base_url_path];
        if parts.iter().all(Option::is_none) {
            return None;
        }
        let answer = self.0.rt("token", "Answer");
        let base = parts.iter().any(Option::is_none).then(|| quote!(..#answer::OAUTH2));
        Some(quote!(#answer { #(#parts)* #base }))
    }

    fn place(&mut self, spec: &Answer) -> Option<TokenStream> {
        let is_bearer =
            spec.location == KeyLocation::Header && spec.name.eq_ignore_ascii_case("authorization") && spec.prefix == "Bearer ";
        (!is_bearer).then(|| {
            let (place, location) = (self.0.rt("auth", "Place"), self.location(spec.location));
            let (name, prefix) = (&spec.name, &spec.prefix);
            quote!(place: #place { location: #location, name: #name, prefix: #prefix },)
        })
    }

    /// A path, unless it is the usual one.
    fn path(&mut self, field: &str, path: &Path, usual: Option<&str>) -> Option<TokenStream> {
        let is_usual = match (path.0.as_slice(), usual) {
            ([Segment::Key(key)], Some(usual)) => key == usual,
            ([], None) => true,
            _ => false,
        };
        (!is_usual).then(|| {
            let (field, path) = (super::ident(field), Descriptors(self.0).path(path));
            quote!(#field: #path,)
        })
    }
}

/// The life of a token that `Answer::OAUTH2` assumes, in seconds.
const OAUTH2_LIFE: u64 = 3600;

/// A field that is a template, if it has one.
fn given(field: &str, template: &Template) -> Option<TokenStream> {
    let value = text(template);
    (!value.is_empty()).then(|| {
        let field = super::ident(field);
        quote!(#field: #value,)
    })
}

/// A field that is a list of names and templates, if there are any.
fn listed(field: &str, values: &[(String, Template)]) -> Option<TokenStream> {
    (!values.is_empty()).then(|| {
        let (field, values) = (super::ident(field), pairs(values));
        quote!(#field: #values,)
    })
}
