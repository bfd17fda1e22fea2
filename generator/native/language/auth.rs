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
        Variant::new("oauth2_refresh_token", &REFRESH_TOKEN),
        Variant::new("oauth2_authorization_code", &AUTHORIZATION_CODE),
        Variant::new("jwt", &JWT),
        Variant::new("session", &SESSION),
        Variant::new("one_of", &ONE_OF),
        Variant::new("all_of", &ALL_OF),
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
    doc: "Sends a key in a header, the query or a cookie. For several keys see `all_of`.",
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
        TOKEN_URL.required(),
        Key::new("client_id", Kind::Text, "The id of the client; the input `client_id` where it is absent.")
            .example("\"{client_id}\""),
        Key::new("client_secret", Kind::Text, "The secret of the client; the secret input `client_secret` where it is absent.")
            .example("\"{client_secret}\""),
        AUDIENCE,
        SCOPE,
        REQUEST_DATA,
        REQUEST_HEADERS,
        BODY,
        SECRET_IN,
        TOKEN_PATH,
        EXPIRES_PATH,
        EXPIRES_AT_PATH,
        DEFAULT_EXPIRES_IN,
        EXPIRY_MARGIN,
        SCHEME,
        BASE_URL_PATH,
    ],
};

static REFRESH_TOKEN: Section = Section {
    name: "auth `oauth2_refresh_token`",
    doc: "Fetches tokens with a refresh token (RFC 6749, section 6). A refresh token that the service gives in place of it is kept \
          in the user's token store before it is used.",
    keys: &[
        TOKEN_URL.required(),
        Key::new("refresh_token", Kind::Text, "The refresh token; the secret input `refresh_token` where it is absent.")
            .example("\"{refresh_token}\""),
        CLIENT_ID,
        CLIENT_SECRET,
        AUDIENCE,
        SCOPE,
        REQUEST_DATA,
        REQUEST_HEADERS,
        BODY,
        SECRET_IN,
        TOKEN_PATH,
        REFRESH_TOKEN_PATH,
        EXPIRES_PATH,
        EXPIRES_AT_PATH,
        DEFAULT_EXPIRES_IN,
        EXPIRY_MARGIN,
        SCHEME,
        BASE_URL_PATH,
    ],
};

static AUTHORIZATION_CODE: Section = Section {
    name: "auth `oauth2_authorization_code`",
    doc: "Users log in in the browser (RFC 6749, section 4.1, with PKCE): `gen login`, or `Client::login` of the crate. From then \
          on tokens are fetched with the refresh token, which is kept in the user's token store.",
    keys: &[
        Key::new("authorize_url", Kind::Text, "Where users log in.").required().example("https://{domain}/authorize"),
        TOKEN_URL.required(),
        Key::new(
            "redirect_uri",
            Kind::Text,
            "Where the browser comes back to, as the service knows it; a free port of 127.0.0.1 where it is absent.",
        )
        .example("http://127.0.0.1:8484/callback"),
        Key::new("authorize_params", Kind::Map(&Kind::Text), "Further parameters of the address where users log in.")
            .example("{prompt: consent}"),
        CLIENT_ID,
        CLIENT_SECRET,
        AUDIENCE,
        SCOPE,
        REQUEST_DATA,
        REQUEST_HEADERS,
        BODY,
        SECRET_IN,
        TOKEN_PATH,
        REFRESH_TOKEN_PATH,
        EXPIRES_PATH,
        EXPIRES_AT_PATH,
        DEFAULT_EXPIRES_IN,
        EXPIRY_MARGIN,
        SCHEME,
        BASE_URL_PATH,
    ],
};

static JWT: Section = Section {
    name: "auth `jwt`",
    doc: "Signs a JSON Web Token (RFC 7519), which is traded for a token (RFC 7523), or sent itself.",
    keys: &[
        Key::new("use", Kind::Word(JWT_USES), "What it is for; `assertion` where it is absent.").example("client_assertion"),
        Key::new("algorithm", Kind::Word(ALGORITHMS), "How it is signed; `RS256` where it is absent.").example("ES256"),
        Key::new(
            "private_key",
            Kind::Text,
            "The key, a PEM text, or the shared secret of HS256; the secret input `private_key` where it is absent.",
        )
        .aliases(&["secret_key"])
        .example("\"{private_key}\""),
        Key::new("key_encoding", Kind::Word(KEY_ENCODINGS), "How a shared secret is written; `text` where it is absent.")
            .example("base64"),
        Key::new("key_id", Kind::Text, "The id of the key, for the header `kid`.").aliases(&["kid"]).example("\"{key_id}\""),
        Key::new(
            "claims",
            Kind::Map(&Kind::Either(&[Kind::Text, Kind::Json])),
            "The claims besides `iat`, `exp` and `jti`: texts, which may hold placeholders, or numbers, truth values, lists and objects, which are signed as they stand.",
        )
        .example("{iss: \"{client_email}\", scope: https://www.googleapis.com/auth/drive.readonly, admin: true, roles: [reader]}"),
        Key::new("jwt_headers", Kind::Map(&Kind::Text), "Further members of the header, besides `alg`, `typ` and `kid`.")
            .example("{cty: example}"),
        Key::new("lifetime", Kind::Duration, "How long it lasts; five minutes where it is absent.").example("1h"),
        TOKEN_URL,
        CLIENT_ID,
        SCOPE,
        AUDIENCE,
        REQUEST_DATA,
        REQUEST_HEADERS,
        BODY,
        TOKEN_PATH,
        EXPIRES_PATH,
        EXPIRES_AT_PATH,
        DEFAULT_EXPIRES_IN,
        EXPIRY_MARGIN,
        SCHEME,
        BASE_URL_PATH,
    ],
};

static SESSION: Section = Section {
    name: "auth `session`",
    doc: "Logs in by a request, and sends the token of its answer until the service refuses it or its life is over.",
    keys: &[
        Key::new("login", Kind::Section(&LOGIN), "The request that logs in.")
            .required()
            .example("{url: /session, username: \"{username}\", password: \"{password}\"}"),
        Key::new(
            "token_path",
            Kind::Text,
            "Where the token is in the body of the answer; `access_token` where no other place is given.",
        )
        .example("data.session_id"),
        Key::new("token_header", Kind::Text, "The header of the answer that holds the token.").example("X-Session-Id"),
        Key::new("token_cookie", Kind::Text, "The cookie of the answer that holds the token.").example("JSESSIONID"),
        Key::new("location", Kind::Word(KEY_LOCATIONS), "Where the token goes in requests; `header` where it is absent.")
            .aliases(&["in"])
            .example("header"),
        Key::new("name", Kind::Text, "The name of the header, parameter or cookie; `Authorization` where it is absent.")
            .example("X-Metabase-Session"),
        Key::new("prefix", Kind::Text, "A text before the token; `\"Bearer \"` where `name` is absent too.")
            .example("\"Token \""),
        Key::new(
            "expired_statuses",
            Kind::List(&Kind::Count),
            "The statuses that ask for another login; `[401]` where it is absent.",
        )
        .example("[401, 403]"),
        Key::new("expires_path", Kind::Text, "Where the life of the token, in seconds, is in the answer.").example("data.ttl"),
        EXPIRES_AT_PATH,
        Key::new(
            "default_expires_in",
            Kind::Duration,
            "The life of a token whose answer names none; until it is refused where absent.",
        )
        .example("2h"),
        EXPIRY_MARGIN,
        BASE_URL_PATH,
    ],
};

static LOGIN: Section = Section {
    name: "`login`",
    doc: "A request that logs in.",
    keys: &[
        Key::new("url", Kind::Text, "Where it goes: an absolute address, or a path below `base_url`.")
            .aliases(&["path"])
            .required()
            .example("/session"),
        Key::new("method", Kind::Text, "Its method; `POST` where it is absent.").example("POST"),
        Key::new("params", Kind::Map(&Kind::Text), "What it sends in the query.").example("{client: connector}"),
        Key::new("json", Kind::Map(&Kind::Text), "What it sends as a JSON object.")
            .example("{username: \"{username}\", password: \"{password}\"}"),
        Key::new("data", Kind::Map(&Kind::Text), "What it sends as a form.").example("{apikey: \"{api_key}\"}"),
        Key::new("headers", Kind::Map(&Kind::Text), "Its headers.").example("{X-Client: connector}"),
        Key::new("username", Kind::Text, "The user name that it sends by HTTP Basic.").example("\"{username}\""),
        Key::new("password", Kind::Text, "The password that it sends by HTTP Basic.").example("\"{password}\""),
    ],
};

static ALL_OF: Section = Section {
    name: "auth `all_of`",
    doc: "Sends several credentials with each request, such as two keys; at most one of them may be fetched.",
    keys: &[Key::new("of", Kind::List(&Kind::Tagged(&AUTH)), "The credentials.")
        .required()
        .example("[{type: api_key, name: key}, {type: api_key, name: token, api_key: \"{token}\"}]")],
};

static ONE_OF: Section = Section {
    name: "auth `one_of`",
    doc: "Lets the user choose: by an input that names an option, or by the inputs that are given. Inputs which only options use may \
          be left out of a client.",
    keys: &[
        Key::new("options", Kind::Map(&Kind::Tagged(&AUTH)), "The ways to authorise, by name.")
            .required()
            .example("{token: {type: bearer}, login: {type: http_basic}}"),
        Key::new("default", Kind::Text, "The option of clients that are given nothing an option takes.").example("token"),
        Key::new("input", Kind::Text, "The input that names an option; `auth` where it is absent.").example("login_type"),
    ],
};

const TOKEN_URL: Key = Key::new("token_url", Kind::Text, "Where tokens come from.")
    .aliases(&["access_token_url"])
    .example("https://{domain}/oauth/token");
const CLIENT_ID: Key = Key::new("client_id", Kind::Text, "The id of the client, if it has one.").example("\"{client_id}\"");
const CLIENT_SECRET: Key =
    Key::new("client_secret", Kind::Text, "The secret of the client, if it has one.").example("\"{client_secret}\"");
const AUDIENCE: Key =
    Key::new("audience", Kind::Text, "The field `audience` of the token request.").example("https://{tenant_domain}/api/v2/");
const SCOPE: Key =
    Key::new("scope", Kind::Either(&[Kind::Text, Kind::List(&Kind::Text)]), "The scopes asked for, as a text or a list.")
        .aliases(&["scopes"])
        .example("[read:users, read:logs]");
const REQUEST_DATA: Key = Key::new("access_token_request_data", Kind::Map(&Kind::Text), "Further fields of the token request.")
    .example("{resource: https://api.example.com}")
    .aliases(&["request_data"]);
const REQUEST_HEADERS: Key =
    Key::new("request_headers", Kind::Map(&Kind::Text), "Headers of the token request.").example("{X-Client: connector}");
const BODY: Key = Key::new("body", Kind::Word(ENCODINGS), "How the token request is written; `form` where it is absent.")
    .aliases(&["body_encoding"])
    .example("json");
const SECRET_IN: Key =
    Key::new("secret_in", Kind::Word(SECRET_PLACES), "Where id and secret go, never both; `body` where it is absent.")
        .aliases(&["client_auth"])
        .example("header");
const TOKEN_PATH: Key =
    Key::new("token_path", Kind::Text, "Where the token is in the answer; `access_token` where it is absent.")
        .example("access_token");
const REFRESH_TOKEN_PATH: Key = Key::new(
    "refresh_token_path",
    Kind::Text,
    "Where the next refresh token is in the answer; `refresh_token` where it is absent.",
)
.example("refresh_token");
const EXPIRES_PATH: Key =
    Key::new("expires_path", Kind::Text, "Where its life in seconds is in the answer; `expires_in` where it is absent.")
        .example("expires_in");
const EXPIRES_AT_PATH: Key = Key::new(
    "expires_at_path",
    Kind::Text,
    "Where the moment of its end is in the answer: a date, or seconds or milliseconds since 1970.",
)
.example("expires_at");
const DEFAULT_EXPIRES_IN: Key =
    Key::new("default_expires_in", Kind::Duration, "The life of a token whose answer names none; `0` is until it is refused.")
        .aliases(&["default_token_expiration"])
        .example("1h");
const EXPIRY_MARGIN: Key =
    Key::new("expiry_margin", Kind::Duration, "How long before its end a token is renewed.").example("60s");
const SCHEME: Key = Key::new("scheme", Kind::Text, "The word before the token in `Authorization`; `Bearer` where it is absent.")
    .example("Zoho-oauthtoken");
const BASE_URL_PATH: Key = Key::new(
    "base_url_path",
    Kind::Text,
    "Where the answer names the address that requests go below, in place of scheme and host of `base_url`; its host must be among \
     `allowed_hosts`.",
)
.example("instance_url");

const ENCODINGS: &[Word] = &[Word::new("form"), Word::new("json")];
const SECRET_PLACES: &[Word] = &[Word::new("body"), Word::or("header", &["basic"])];
const JWT_USES: &[Word] = &[Word::new("assertion"), Word::new("client_assertion"), Word::new("bearer")];
const ALGORITHMS: &[Word] = &[Word::new("RS256"), Word::new("ES256"), Word::new("HS256")];
const KEY_ENCODINGS: &[Word] = &[Word::new("text"), Word::new("base64"), Word::new("hex")];
