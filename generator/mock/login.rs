//! Where tokens are given: the token endpoint with its grants, the page where users log in, and the logins of sessions.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::{Request, body::Bytes};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    auth::basic,
    jwt,
    reply::Reply,
    request::{self, Arguments, Pairs, encode, place},
    tokens::{Code, Tokens},
};
use crate::model::{Answer, Api, Auth, Hole, OAuth2, Path, Purpose, Refresh, Session, Template, TokenIn};

/// The life of a token in seconds, as it is announced.
pub(super) const EXPIRES_IN: u64 = 86_400;

/// Where requests go with a token whose login says where: the path that everything else is below.
pub(super) const INSTANCE: &str = "/instance";

type Refusal = (u16, &'static str, String);

/// What a grant gives.
struct Granted<'a> {
    /// The number of the login.
    login: usize,
    answer: &'a Answer,
    /// The next refresh token, and where it goes.
    refresh: Option<(&'a Path, String)>,
}

/// Answers a token request (RFC 6749, sections 4 and 5).
pub(super) fn token(api: &Api, tokens: &Tokens, request: &Request<Bytes>, origin: &str, life: u64) -> Reply {
    match granted(api, tokens, request) {
        Ok(Granted { login, answer, refresh }) => {
            let mut document = json!({});
            place(&mut document, &answer.token_path, Value::from(tokens.issue(login)));
            if let Some((path, token)) = refresh {
                place(&mut document, path, Value::from(token));
            }
            tell(&mut document, answer, origin, life);
            if let Value::Object(members) = &mut document {
                members.insert("token_type".to_owned(), answer.prefix.trim().into());
            }
            Reply::json(200, document.to_string()).with("cache-control", "no-store")
        }
        Err((status, error, description)) => {
            let body = json!({ "error": error, "error_description": description });
            Reply::json(status, body.to_string())
        }
    }
}

/// What the answer of a login says besides the token: its life, and where requests go.
fn tell(document: &mut Value, answer: &Answer, origin: &str, life: u64) {
    let mut put = |path: &Path, value: Value| {
        if !path.0.is_empty() {
            place(document, path, value);
        }
    };
    put(&answer.expires_path, life.into());
    let end = jiff::Timestamp::try_from(SystemTime::now() + Duration::from_secs(life)).unwrap_or_default();
    put(&answer.expires_at_path, format!("{end:.0}").into());
    put(&answer.base_url_path, format!("{origin}{INSTANCE}").into());
}

fn granted<'a>(api: &'a Api, tokens: &Tokens, request: &Request<Bytes>) -> Result<Granted<'a>, Refusal> {
    let invalid = |description: String| (400, "invalid_request", description);
    let Some(fields) = request::body(request) else {
        return Err(invalid("the body is no form and no JSON object, or its `Content-Type` says something else".to_owned()));
    };
    let field =
        |name: &str| fields.iter().find(|(held, value)| held == name && !value.is_empty()).map(|(_, value)| value.as_str());
    let Some(grant) = field("grant_type") else { return Err(invalid("`grant_type` is missing".to_owned())) };
    // Several logins may have one grant; the client tells them apart.
    let mut refusal = (400, "unsupported_grant_type", format!("the grant `{grant}` is none of this service"));
    let parts = api.client.auth.parts().into_iter().enumerate();
    for (login, part) in parts.filter(|(_, part)| takes(part, grant, field("client_assertion").is_some())) {
        match granted_by(part, login, api, tokens, request, &fields) {
            Ok(granted) => return Ok(granted),
            Err(refused) => refusal = refused,
        }
    }
    Err(refusal)
}

/// What one login gives.
fn granted_by<'a>(
    part: &'a Auth,
    login: usize,
    api: &Api,
    tokens: &Tokens,
    request: &Request<Bytes>,
    fields: &Pairs,
) -> Result<Granted<'a>, Refusal> {
    let invalid = |description: String| (400, "invalid_request", description);
    let field =
        |name: &str| fields.iter().find(|(held, value)| held == name && !value.is_empty()).map(|(_, value)| value.as_str());
    let grant = field("grant_type").unwrap_or_default();
    let plain = |oauth2: &'a OAuth2| Granted { login, answer: &oauth2.answer, refresh: None };
    match part {
        Auth::OAuth2(oauth2) => {
            client(oauth2, request, fields, true)?;
            complete(api, oauth2, fields)?;
            Ok(plain(oauth2))
        }
        Auth::Refresh(refresh) => refreshed(refresh, login, tokens, request, fields),
        Auth::Code(code) if grant == "refresh_token" => refreshed(&code.refresh, login, tokens, request, fields),
        Auth::Code(code) => {
            client(&code.refresh.oauth2, request, fields, false)?;
            let refused = |why: &str| (400, "invalid_grant", why.to_owned());
            let given =
                field("code").and_then(|code| tokens.redeem(code)).ok_or_else(|| refused("Invalid authorization code"))?;
            let challenge = field("code_verifier").map(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
            if challenge.as_deref() != Some(&given.challenge) || field("redirect_uri") != Some(&given.redirect_uri) {
                return Err(refused("Failed to verify code verifier"));
            }
            let refresh = Some((&code.refresh.refresh_token_path, tokens.refresh_token()));
            Ok(Granted { login, answer: &code.refresh.oauth2.answer, refresh })
        }
        Auth::Jwt(spec) => {
            let (oauth2, name) = match &spec.purpose {
                Purpose::Assertion(oauth2) => (oauth2, "assertion"),
                Purpose::ClientAssertion(oauth2) => (oauth2, "client_assertion"),
                Purpose::Bearer(_) => return Err(invalid("there is no such grant".to_owned())),
            };
            let problem =
                field(name).map_or_else(|| Some(format!("`{name}` is missing")), |token| jwt::problem(spec, &api.inputs, token));
            match problem {
                Some(problem) => Err((400, "invalid_grant", problem)),
                None => complete(api, oauth2, fields).map(|()| plain(oauth2)),
            }
        }
        _ => Err(invalid("there is no such grant".to_owned())),
    }
}

/// Whether a login has a grant.
fn takes(part: &Auth, grant: &str, is_asserted: bool) -> bool {
    match (part, grant) {
        (Auth::OAuth2(_), "client_credentials") => !is_asserted,
        (Auth::Refresh(_) | Auth::Code(_), "refresh_token") | (Auth::Code(_), "authorization_code") => true,
        (Auth::Jwt(jwt), "client_credentials") => is_asserted && matches!(jwt.purpose, Purpose::ClientAssertion(_)),
        (Auth::Jwt(jwt), "urn:ietf:params:oauth:grant-type:jwt-bearer") => matches!(jwt.purpose, Purpose::Assertion(_)),
        _ => false,
    }
}

/// A refresh token is taken once; there is another in the answer.
fn refreshed<'a>(
    refresh: &'a Refresh,
    login: usize,
    tokens: &Tokens,
    request: &Request<Bytes>,
    fields: &Pairs,
) -> Result<Granted<'a>, Refusal> {
    client(&refresh.oauth2, request, fields, false)?;
    let held = fields.iter().find(|(name, value)| name == "refresh_token" && !value.is_empty());
    let Some((_, held)) = held else { return Err((400, "invalid_request", "`refresh_token` is missing".to_owned())) };
    match tokens.rotate(held) {
        Some(next) => Ok(Granted { login, answer: &refresh.oauth2.answer, refresh: Some((&refresh.refresh_token_path, next)) }),
        None => Err((400, "invalid_grant", format!("Unknown or invalid refresh token {held}"))),
    }
}

/// The client's id and secret stand in the body or in a Basic header, never in both. A login may do without either.
fn client(oauth2: &OAuth2, request: &Request<Bytes>, fields: &Pairs, required: bool) -> Result<(), Refusal> {
    let in_body = |name: &str| fields.iter().any(|(held, value)| held == name && !value.is_empty());
    let needs_id = required || !oauth2.client_id.parts.is_empty();
    let needs_secret = required || !oauth2.client_secret.parts.is_empty();
    match (basic(request), in_body("client_id"), in_body("client_secret")) {
        (Some(_), _, true) => Err((400, "invalid_request", "the client's secret is in the header and in the body".to_owned())),
        (Some((id, secret)), ..) if !id.is_empty() && !secret.is_empty() => Ok(()),
        (None, id, secret) if (id || !needs_id) && (secret || !needs_secret) => Ok(()),
        _ => Err((401, "invalid_client", "the client's id or secret is missing".to_owned())),
    }
}

/// Every field that is always sent is there.
fn complete(api: &Api, oauth2: &OAuth2, fields: &Pairs) -> Result<(), Refusal> {
    match missing(api, &oauth2.fields, fields) {
        Some(name) => Err((403, "access_denied", format!("`{name}` is missing"))),
        None => Ok(()),
    }
}

/// The first of the fields that are always sent and is not there.
fn missing<'a>(api: &Api, expected: &'a [(String, Template)], sent: &Pairs) -> Option<&'a str> {
    let is_sent = |name: &str| sent.iter().any(|(held, value)| held == name && !value.is_empty());
    expected.iter().find(|(name, value)| is_always_sent(api, value) && !is_sent(name)).map(|(name, _)| name.as_str())
}

/// Whether a field of a request is never left out: all that it is made of is always known.
fn is_always_sent(api: &Api, value: &Template) -> bool {
    value.holes().all(|hole| match hole {
        Hole::Input(name) => {
            api.inputs.iter().any(|input| input.name.value == *name && (!input.optional || input.default.is_some()))
        }
        Hole::Argument(_) | Hole::Start | Hole::End | Hole::Parent { .. } | Hole::List(_) => false,
    })
}

/// The page where users log in: this one lets everyone in, and sends the browser back at once (RFC 6749, section 4.1).
pub(super) fn authorize(tokens: &Tokens, request: &Request<Bytes>) -> Reply {
    let arguments = Arguments::new(request);
    let get = |name: &str| arguments.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let (Some(redirect_uri), Some(state), Some(challenge)) = (get("redirect_uri"), get("state"), get("code_challenge")) else {
        return Reply::error(400, "invalid_request", "`redirect_uri`, `state` or `code_challenge` is missing");
    };
    if get("response_type").as_deref() != Some("code") || get("code_challenge_method").as_deref() != Some("S256") {
        return Reply::error(400, "invalid_request", "`response_type` must be `code`, and `code_challenge_method` `S256`");
    }
    let code = tokens.code(Code { challenge, redirect_uri: redirect_uri.clone() });
    let address = format!("{redirect_uri}?code={}&state={}", encode(&code), encode(&state));
    Reply { status: 302, ..Reply::empty() }.with("location", address)
}

/// Answers the login of a session.
pub(super) fn session(
    api: &Api,
    session: &Session,
    login: usize,
    tokens: &Tokens,
    request: &Request<Bytes>,
    origin: &str,
    life: u64,
) -> Reply {
    let arguments = Arguments::new(request);
    if let Some(name) = missing(api, &session.fields, &arguments.body).or(missing(api, &session.params, &arguments.query)) {
        return Reply::error(401, "invalid_login", &format!("`{name}` is missing"));
    }
    if !session.username.parts.is_empty() && basic(request).is_none() {
        return Reply::error(401, "invalid_login", "the user name or the password is missing");
    }
    let token = tokens.issue(login);
    let mut document = json!({});
    tell(&mut document, &session.answer, origin, life);
    match &session.token {
        TokenIn::Body => {
            place(&mut document, &session.answer.token_path, token.into());
            Reply::json(200, document.to_string())
        }
        TokenIn::Header(name) => Reply::json(200, document.to_string()).with(name, token),
        TokenIn::Cookie(name) => {
            Reply::json(200, document.to_string()).with("set-cookie", format!("{name}={token}; Path=/; HttpOnly"))
        }
    }
}
