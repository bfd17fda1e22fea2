//! The ways to authorise requests.

use super::{Key, Kind, Section, Tagged, Variant, Word};

/// The ways to authorise requests.
pub static AUTH: Tagged = Tagged {
    name: "auth",
    default: Some("bearer"),
    shorthand: true,
    variants: &[
        Variant::new("none", &NONE),
        Variant::new("bearer", &BEARER),
        Variant::new("api_key", &API_KEY),
        Variant::or("http_basic", &["basic"], &BASIC),
        Variant::or("oauth2_client_credentials", &["oauth2"], &OAUTH2),
    ],
};

static NONE: Section = Section { name: "auth `none`", doc: "Requests are not authorised.", keys: &[] };

static BEARER: Section = Section {
    name: "auth `bearer`",
    doc: "Sends `Authorization: Bearer …`.",
    keys: &[Key::new("token", Kind::Text, "The token; the secret input `token` where it is absent.")
        .aliases(&["access_token"])
        .example("\"{token}\"")],
};

static API_KEY: Section = Section {
    name: "auth `api_key`",
    doc: "Sends a key in a header, the query or a cookie.",
    keys: &[
        Key::new("name", Kind::Text, "The name of the header, parameter or cookie.").required().example("X-Api-Key"),
        Key::new("api_key", Kind::Text, "The key; the secret input `api_key` where it is absent.")
            .example("\"{api_key}\"")
            .aliases(&["value"]),
        Key::new("location", Kind::Word(KEY_LOCATIONS), "Where it goes; `header` where it is absent.")
            .aliases(&["in"])
            .example("query"),
        Key::new("prefix", Kind::Text, "A text before the key.").example("\"Token \""),
    ],
};

const KEY_LOCATIONS: &[Word] = &[Word::new("header"), Word::or("query", &["param"]), Word::new("cookie")];

static BASIC: Section = Section {
    name: "auth `http_basic`",
    doc: "Sends a user name and a password (RFC 7617).",
    keys: &[
        Key::new("username", Kind::Text, "The user name; the input `username` where it is absent.").example("\"{username}\""),
        Key::new("password", Kind::Text, "The password; the secret input `password` where it is absent.")
            .example("\"{password}\""),
    ],
};

static OAUTH2: Section = Section {
    name: "auth `oauth2_client_credentials`",
    doc: "Fetches tokens with client credentials (RFC 6749, section 4.4).",
    keys: &[
        Key::new("token_url", Kind::Text, "Where tokens come from.")
            .aliases(&["access_token_url"])
            .required()
            .example("https://{domain}/oauth/token"),
        Key::new("client_id", Kind::Text, "The id of the client; the input `client_id` where it is absent.")
            .example("\"{client_id}\""),
        Key::new("client_secret", Kind::Text, "The secret of the client; the secret input `client_secret` where it is absent.")
            .example("\"{client_secret}\""),
        Key::new("audience", Kind::Text, "The field `audience` of the token request.").example("https://{tenant_domain}/api/v2/"),
        Key::new("scope", Kind::Either(&[Kind::Text, Kind::List(&Kind::Text)]), "The scopes asked for, as a text or a list.")
            .aliases(&["scopes"])
            .example("[read:users, read:logs]"),
        Key::new("access_token_request_data", Kind::Map(&Kind::Text), "Further fields of the token request.")
            .example("{resource: https://api.example.com}")
            .aliases(&["request_data"]),
        Key::new("body", Kind::Word(ENCODINGS), "How the token request is written; `form` where it is absent.")
            .aliases(&["body_encoding"])
            .example("json"),
        Key::new("secret_in", Kind::Word(SECRET_PLACES), "Where id and secret go; `body` where it is absent.")
            .aliases(&["client_auth"])
            .example("header"),
        Key::new("token_path", Kind::Text, "Where the token is in the answer; `access_token` where it is absent.")
            .example("access_token"),
        Key::new("expires_path", Kind::Text, "Where its life in seconds is in the answer; `expires_in` where it is absent.")
            .example("expires_in"),
        Key::new("default_expires_in", Kind::Duration, "The life of a token whose answer names none.")
            .aliases(&["default_token_expiration"])
            .example("1h"),
        Key::new("expiry_margin", Kind::Duration, "How long before its end a token is renewed.").example("60s"),
    ],
};

const ENCODINGS: &[Word] = &[Word::new("form"), Word::new("json")];
const SECRET_PLACES: &[Word] = &[Word::new("body"), Word::or("header", &["basic"])];
