//! The secrets, and how each may be spelt.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::drive::{EC, RSA};

/// A secret.
#[derive(Clone, Copy)]
pub(crate) struct Canary {
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
}

macro_rules! canaries {
    ($($constant:ident $name:literal $value:expr;)+) => {
        $(pub(crate) const $constant: Canary = Canary { name: $name, value: $value };)+

        const ALL: &[Canary] = &[$($constant),+];
    };
}

canaries! {
    TOKEN "bearer token" "cnr0/bearer+token=";
    API_KEY "API key in a header" "cnr1/api+key=";
    SECOND_KEY "API key in the query" "cnr2/second \"key\"+=&é";
    CLIENT_SECRET "client secret" "cnr3/client secret\"+=%";
    REFRESH_TOKEN "refresh token" "cnr4/refresh+token=";
    PASSWORD "password of a session" "cnr5/pass\"word\\+=";
    SHARED_SECRET "shared secret" "cnr6/shared+secret=";
    BASIC_PASSWORD "password of Basic" "cnr7/basic+password=";
    AUTH0_SECRET "Auth0's client secret" "cnr8/auth0+secret=";
    ACCESS_TOKEN "access token" "cnr9/access+token=";
    ROTATED_TOKEN "rotated refresh token" "cnrA/rotated+token=";
    SESSION_TOKEN "session" "cnrB/session+token=";
    COOKIE "cookie" "cnrC/cookie+value=";
}

/// What clients say they are besides a secret, where both go into Basic.
pub(crate) const USERS: [&str; 2] = ["id", "agent@example.com/token"];

/// All of them; of private keys the second line, and the beginning of what is signed.
pub(crate) fn all() -> Vec<Canary> {
    let line = |name, pem: &'static str| Canary { name, value: pem.lines().nth(1).expect("a line") };
    let signed = Canary { name: "signed text", value: "eyJhbGciOi" };
    ALL.iter().copied().chain([line("RSA key", RSA), line("EC key", EC), signed]).collect()
}

/// Every spelling of each.
pub(crate) struct Search(Vec<(&'static str, Vec<String>)>);

impl Search {
    pub(crate) fn new() -> Self {
        Self(all().into_iter().map(|canary| (canary.name, canary.spellings())).collect())
    }

    /// The names of those that are in a text.
    pub(crate) fn found(&self, text: &str) -> Vec<&'static str> {
        let is_told = |spellings: &[String]| spellings.iter().any(|spelling| text.contains(spelling));
        self.0.iter().filter(|(_, spellings)| is_told(spellings)).map(|(name, _)| *name).collect()
    }
}

impl Canary {
    /// As it is, encoded for addresses and forms, as JSON and as `Debug` writes it, and in Base64 with and without a user.
    pub(crate) fn spellings(self) -> Vec<String> {
        let value = self.value;
        let percent = percent(value, "");
        let json = serde_json::to_string(value).expect("a text").trim_matches('"').to_owned();
        let twice = serde_json::to_string(&json).expect("a text").trim_matches('"').to_owned();
        let mut spellings = vec![
            value.to_owned(),
            percent.replace("%20", "+"),
            // Some leave a slash as it is.
            self::percent(value, "/"),
            json.replace('/', "\\/"),
            format!("{value:?}").trim_matches('"').to_owned(),
            json,
            twice,
        ];
        spellings.extend(
            USERS
                .iter()
                .flat_map(|user| [format!("{user}:{value}"), format!("{user}:{percent}")])
                .map(|pair| STANDARD.encode(pair)),
        );
        spellings.extend([STANDARD.encode(value), URL_SAFE_NO_PAD.encode(value), percent]);
        spellings.sort();
        spellings.dedup();
        spellings
    }
}

/// Percent-encoded, but for letters, digits and some others.
fn percent(text: &str, plain: &str) -> String {
    let byte = |byte: u8| match char::from(byte) {
        letter if letter.is_ascii_alphanumeric() || "-._~".contains(letter) || plain.contains(letter) => letter.to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
