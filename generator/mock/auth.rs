//! The token endpoint, and the check of what a request is authorised with.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use base64::Engine;
use hyper::{Request, body::Bytes, header};
use serde_json::{Value, json};

use super::{
    random::seed_of,
    reply::Reply,
    request::{self, Arguments, Pairs, decode, place},
};
use crate::model::{Api, Auth, Hole, KeyLocation, OAuth2, Template};

/// The life of a token in seconds, as it is announced.
const EXPIRES_IN: u64 = 86_400;

/// Tokens and what they were used for.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    seed: u64,
    /// How many times a token can be used.
    uses: Option<u64>,
    issued: Mutex<HashMap<String, u64>>,
}

impl Tokens {
    pub(super) fn new(seed: u64, uses: Option<u64>) -> Self {
        Self { seed, uses, issued: Mutex::default() }
    }

    fn issue(&self) -> String {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let token = format!("mock-token-{}-{:016x}", issued.len() + 1, seed_of(self.seed, &issued.len().to_string()));
        issued.insert(token.clone(), 0);
        token
    }

    /// Counts a use of a token; says why it is refused.
    fn spend(&self, token: &str) -> Result<(), &'static str> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let used = issued.get_mut(token).ok_or("Invalid token")?;
        *used += 1;
        if self.uses.is_some_and(|uses| *used > uses) {
            Err("Expired token received for JSON Web Token validation")
        } else {
            Ok(())
        }
    }
}

/// Answers a token request (RFC 6749, sections 4.4 and 5).
pub(super) fn token(api: &Api, tokens: &Tokens, request: &Request<Bytes>) -> Reply {
    let Auth::OAuth2(oauth2) = &api.client.auth else { return Reply::error(404, "not_found", "Not found") };
    match granted(api, oauth2, request) {
        Ok(()) => {
            let mut answer = json!({});
            place(&mut answer, &oauth2.token_path, Value::from(tokens.issue()));
            place(&mut answer, &oauth2.expires_path, Value::from(EXPIRES_IN));
            if let Value::Object(members) = &mut answer {
                members.insert("token_type".to_owned(), "Bearer".into());
            }
            Reply::json(200, answer.to_string()).with("cache-control", "no-store")
        }
        Err((status, error, description)) => {
            let body = json!({ "error": error, "error_description": description });
            Reply::json(status, body.to_string())
        }
    }
}

type Refusal = (u16, &'static str, String);

fn granted(api: &Api, oauth2: &OAuth2, request: &Request<Bytes>) -> Result<(), Refusal> {
    let invalid = |description: String| (400, "invalid_request", description);
    let Some(fields) = request::body(request) else {
        return Err(invalid("the body is no form and no JSON object, or its `Content-Type` says something else".to_owned()));
    };
    let field = |name: &str| fields.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str());
    match field("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err((400, "unsupported_grant_type", "`grant_type` must be `client_credentials`".to_owned())),
        None => return Err(invalid("`grant_type` is missing".to_owned())),
    }
    client(request, &fields)?;
    let missing = oauth2.fields.iter().find(|(name, value)| is_always_sent(api, value) && field(name).is_none_or(str::is_empty));
    match missing {
        Some((name, _)) => Err((403, "access_denied", format!("`{name}` is missing"))),
        None => Ok(()),
    }
}

/// The client's id and secret stand in the body or in a Basic header, never in both.
fn client(request: &Request<Bytes>, fields: &Pairs) -> Result<(), Refusal> {
    let in_body = |name: &str| fields.iter().any(|(held, value)| held == name && !value.is_empty());
    match (basic(request), in_body("client_id"), in_body("client_secret")) {
        (Some(_), _, true) => Err((400, "invalid_request", "the client's secret is in the header and in the body".to_owned())),
        (Some((id, secret)), ..) if !id.is_empty() && !secret.is_empty() => Ok(()),
        (None, true, true) => Ok(()),
        _ => Err((401, "invalid_client", "the client's id or secret is missing".to_owned())),
    }
}

/// Whether a field of the request is never left out: all that it is made of is always known.
fn is_always_sent(api: &Api, value: &Template) -> bool {
    value.holes().all(|hole| match hole {
        Hole::Input(name) => {
            api.inputs.iter().any(|input| input.name.value == *name && (!input.optional || input.default.is_some()))
        }
        Hole::Argument(_) | Hole::Start | Hole::End | Hole::Parent { .. } | Hole::List(_) => false,
    })
}

/// Checks what a request is authorised with; a refusal says what is wrong.
pub(super) fn check(auth: &Auth, tokens: &Tokens, request: &Request<Bytes>, arguments: &Arguments) -> Result<(), Reply> {
    match auth {
        Auth::None => Ok(()),
        Auth::Bearer { .. } => bearer(request).map(|_| ()).ok_or_else(|| refused("Bearer", "Missing authentication")),
        Auth::OAuth2(_) => match bearer(request) {
            Some(token) => tokens.spend(token).map_err(|message| refused("Bearer", message)),
            None => Err(refused("Bearer", "Missing authentication")),
        },
        Auth::Basic { .. } => basic(request).map(|_| ()).ok_or_else(|| refused("Basic", "Missing authentication")),
        Auth::ApiKey { name, location, .. } => {
            let held = match location {
                KeyLocation::Header => request.headers().get(name).is_some_and(|value| !value.is_empty()),
                KeyLocation::Query => arguments.query.iter().any(|(held, value)| held == name && !value.is_empty()),
                KeyLocation::Cookie => cookie(request, name),
            };
            held.then_some(()).ok_or_else(|| refused("ApiKey", &format!("`{name}` is missing")))
        }
    }
}

fn refused(scheme: &str, message: &str) -> Reply {
    let challenge = format!("{scheme} realm=\"mock\", error=\"invalid_token\", error_description=\"{message}\"");
    Reply::error(401, "invalid_token", message).with("www-authenticate", challenge)
}

fn authorization<'a>(request: &'a Request<Bytes>, scheme: &str) -> Option<&'a str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (held, credentials) = value.split_once(' ')?;
    (held.eq_ignore_ascii_case(scheme) && !credentials.is_empty()).then_some(credentials)
}

fn bearer(request: &Request<Bytes>) -> Option<&str> {
    authorization(request, "Bearer")
}

fn basic(request: &Request<Bytes>) -> Option<(String, String)> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(authorization(request, "Basic")?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id), decode(secret)))
}

fn cookie(request: &Request<Bytes>, name: &str) -> bool {
    let cookies = request.headers().get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .any(|(held, value)| held == name && !value.is_empty())
}
