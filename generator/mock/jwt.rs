//! The form of a JWT: who signed it is for those to check who have the key.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::model::{Algorithm, Input, Jwt, Template};

/// What is wrong with a JWT, if anything is.
pub(super) fn problem(spec: &Jwt, inputs: &[Input], token: &str) -> Option<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return Some("a JWT has three parts".to_owned()) };
    let (Some(header), Some(claims)) = (object(header), object(claims)) else { return Some("a part is no JSON".to_owned()) };
    let length = URL_SAFE_NO_PAD.decode(signature).map_or(0, |bytes| bytes.len());
    let (name, fits) = match spec.algorithm {
        Algorithm::Rs256 => ("RS256", length >= 256),
        Algorithm::Es256 => ("ES256", length == 64),
        Algorithm::Hs256 => ("HS256", length == 32),
    };
    if header["alg"] != name || !fits {
        return Some(format!("it is not signed with {name}"));
    }
    if !spec.key_id.parts.is_empty() && !is_told(&header["kid"]) {
        return Some("`kid` is missing".to_owned());
    }
    // A claim whose inputs are absent is left out.
    let is_optional = |name: &str| inputs.iter().any(|input| *input.name == *name && input.optional);
    let may_miss = |value: &Template| value.holes().any(|hole| is_optional(&hole.name()));
    if let Some((missing, _)) = spec.claims.iter().find(|(name, value)| !is_told(&claims[name.as_str()]) && !may_miss(value)) {
        return Some(format!("`{missing}` is missing"));
    }
    let as_given =
        |(name, json): &(String, String)| serde_json::from_str(json).is_ok_and(|json: Value| claims[name.as_str()] == json);
    if let Some((other, _)) = spec.constants.iter().find(|constant| !as_given(constant)) {
        return Some(format!("`{other}` is not what it should be"));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    match (claims["iat"].as_u64(), claims["exp"].as_u64()) {
        (Some(issued), Some(expires)) if issued <= now && now < expires && expires - issued <= spec.lifetime => None,
        _ => Some("`iat` and `exp` do not hold the present between them, or are too far apart".to_owned()),
    }
}

fn object(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

fn is_told(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}
