//! The check of what a request is authorised with.

use base64::Engine;
use hyper::{Request, body::Bytes, header};

use super::{
    jwt,
    reply::Reply,
    request::{Arguments, decode},
    tokens::Tokens,
};
use crate::model::{Answer, Api, Auth, Input, KeyLocation, Purpose};

/// Checks what a request is authorised with; a refusal says what is wrong. `below` says whether it came below the address that a
/// login names.
pub(super) fn check(
    api: &Api,
    tokens: &Tokens,
    request: &Request<Bytes>,
    arguments: &Arguments,
    below: bool,
) -> Result<(), Reply> {
    Check { inputs: &api.inputs, tokens, request, arguments, below }.auth(&api.client.auth, &mut 0)
}

struct Check<'a> {
    inputs: &'a [Input],
    tokens: &'a Tokens,
    request: &'a Request<Bytes>,
    arguments: &'a Arguments<'a>,
    below: bool,
}

impl Check<'_> {
    /// `login` is the number of the next login among the parts of the API's.
    fn auth(&self, auth: &Auth, login: &mut usize) -> Result<(), Reply> {
        match auth {
            Auth::AllOf(all) => {
                let outcomes: Vec<_> = all.iter().map(|part| self.auth(part, login)).collect();
                outcomes.into_iter().collect()
            }
            Auth::OneOf(one_of) => {
                // Every option has its number, whether or not it is the one.
                let outcomes: Vec<_> = one_of.options.iter().map(|option| (option, self.auth(&option.auth, login))).collect();
                let (mut refusals, mut is_open) = (Vec::new(), false);
                for (option, outcome) in outcomes {
                    match outcome {
                        Ok(()) if matches!(option.auth, Auth::None) => is_open = true,
                        Ok(()) => return Ok(()),
                        Err(refusal) => refusals.push(refusal),
                    }
                }
                // Whoever sends nothing may come in, and whoever sends something wrong hears of it.
                if is_open && refusals.iter().all(|refusal| refusal.is_missing) {
                    return Ok(());
                }
                // The refusal of a credential that was sent tells more than that of one that was not.
                let sent = refusals.iter().position(|refusal| !refusal.is_missing);
                let at = sent.unwrap_or(0);
                Err(refusals.into_iter().nth(at).unwrap_or_else(|| refused(401, "Bearer", "Missing authentication")))
            }
            part => {
                *login += 1;
                self.part(part, *login - 1)
            }
        }
    }

    fn part(&self, auth: &Auth, login: usize) -> Result<(), Reply> {
        match auth {
            Auth::Bearer { .. } => match authorization(self.request, "Bearer") {
                // It is another login's, which has its own say about it.
                Some(token) if self.tokens.is_known(token) => Err(refused(401, "Bearer", "Invalid token")),
                Some(_) => Ok(()),
                None => Err(missing("Bearer", "Missing authentication")),
            },
            Auth::Basic { .. } => basic(self.request).map(|_| ()).ok_or_else(|| missing("Basic", "Missing authentication")),
            Auth::ApiKey { name, location, .. } => {
                let held = self.held(*location, name).is_some();
                held.then_some(()).ok_or_else(|| missing("ApiKey", &format!("`{name}` is missing")))
            }
            Auth::Jwt(spec) if matches!(spec.purpose, Purpose::Bearer(_)) => {
                let Purpose::Bearer(answer) = &spec.purpose else { return Ok(()) };
                match jwt::problem(spec, self.inputs, &self.token(answer)?) {
                    Some(problem) => Err(refused(401, "Bearer", &problem)),
                    None => Ok(()),
                }
            }
            part => match part.answer() {
                Some(answer) => self.fetched(answer, login),
                None => Ok(()),
            },
        }
    }

    /// A token that was given by a login, and is sent where it belongs.
    fn fetched(&self, answer: &Answer, login: usize) -> Result<(), Reply> {
        let token = self.token(answer)?;
        let status = answer.refused_on.first().copied().unwrap_or(401);
        self.tokens.spend(&token, login).map_err(|message| refused(status, "Bearer", message))?;
        if self.below == answer.base_url_path.0.is_empty() {
            return Err(Reply::error(421, "misdirected", "This is not where requests with this token go"));
        }
        Ok(())
    }

    fn token(&self, answer: &Answer) -> Result<String, Reply> {
        let held = self.held(answer.location, &answer.name);
        let token =
            held.and_then(|held| held.strip_prefix(answer.prefix.as_str()).map(str::to_owned)).filter(|token| !token.is_empty());
        token.ok_or_else(|| missing("Bearer", "Missing authentication"))
    }

    /// What stands in a place, if it is not empty.
    fn held(&self, location: KeyLocation, name: &str) -> Option<String> {
        let held = match location {
            KeyLocation::Header => self.request.headers().get(name)?.to_str().ok()?.to_owned(),
            KeyLocation::Query => self.arguments.query.iter().find(|(held, _)| held == name)?.1.clone(),
            KeyLocation::Cookie => cookie(self.request, name)?,
        };
        Some(held).filter(|held| !held.is_empty())
    }
}

fn refused(status: u16, scheme: &str, message: &str) -> Reply {
    let challenge = format!("{scheme} realm=\"mock\", error=\"invalid_token\", error_description=\"{message}\"");
    Reply::error(status, "invalid_token", message).with("www-authenticate", challenge)
}

fn missing(scheme: &str, message: &str) -> Reply {
    Reply { is_missing: true, ..refused(401, scheme, message) }
}

fn authorization<'a>(request: &'a Request<Bytes>, scheme: &str) -> Option<&'a str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (held, credentials) = value.split_once(' ')?;
    (held.eq_ignore_ascii_case(scheme) && !credentials.is_empty()).then_some(credentials)
}

/// The user name and the password of HTTP Basic.
pub(super) fn basic(request: &Request<Bytes>) -> Option<(String, String)> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(authorization(request, "Basic")?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id), decode(secret)))
}

fn cookie(request: &Request<Bytes>, name: &str) -> Option<String> {
    let cookies = request.headers().get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(held, _)| *held == name).map(|(_, value)| value.to_owned())
}
