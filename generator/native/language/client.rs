//! Inputs, and what all requests share.

use super::{AUTH, Key, Kind, PAGINATOR, RATE_LIMITS, RESPONSE_ACTIONS, Section, Word};

/// An input of the connector.
pub static INPUT: Section = Section {
    name: "an input",
    doc: "Something that a user of the connector gives.",
    keys: &[
        Key::new("type", Kind::Word(INPUT_TYPES), "What a value must be; `string` where it is absent.").example("hostname"),
        Key::new("values", Kind::List(&Kind::Text), "The words that an `enum` takes.").example("[us, eu]"),
        Key::new("default", Kind::Text, "The value when none is given; may name other inputs.").example("api.example.com"),
        Key::new("secret", Kind::Boolean, "Whether the value must never be shown.").example("true"),
        Key::new("optional", Kind::Boolean, "Whether it may be left out although it has no default."),
        Key::new("description", Kind::Text, "What it is, for people.").example("The domain of the tenant."),
    ],
};

const INPUT_TYPES: &[Word] = &[
    Word::or("string", &["text"]),
    Word::new("integer"),
    Word::new("boolean"),
    Word::new("enum"),
    Word::new("url"),
    Word::new("hostname"),
];

/// What all requests share.
pub static CLIENT: Section = Section {
    name: "`client`",
    doc: "What all requests share.",
    keys: &[
        Key::new("base_url", Kind::Text, "The address that every path is appended to.")
            .required()
            .example("https://{domain}/api/v2"),
        Key::new("headers", Kind::Map(&Kind::Text), "Headers sent with every request.").example("{Accept: application/json}"),
        Key::new("auth", Kind::Tagged(&AUTH), "How requests are authorised."),
        Key::new("paginator", Kind::Tagged(&PAGINATOR), "The paging of resources that give none.").aliases(&["pagination"]),
        Key::new("timeouts", Kind::Section(&TIMEOUTS), "How long each stage of a request may take."),
        Key::new("retry", Kind::Section(&RETRY), "When and how often a request is repeated."),
        Key::new(
            "response_actions",
            RESPONSE_ACTIONS,
            "What follows from responses, for all resources and operations, after their own rules.",
        ),
        Key::new("rate_limits", RATE_LIMITS, "How many calls may go out."),
        Key::new(
            "allowed_hosts",
            Kind::List(&Kind::Text),
            "Hosts that links may lead to, besides the one of `base_url`; a `*` is any one label of a host.",
        )
        .example("[files.example.com, \"*.example.com\"]"),
        Key::new(
            "credential_hosts",
            Kind::List(&Kind::Text),
            "Hosts that are the API's own, besides the one of `base_url`: credentials go to them as well, over https alone, and links may lead to them.",
        )
        .example("[messaging.example.com]"),
        Key::new("max_response_bytes", Kind::Size, "The largest response body that is read, counted after unpacking.")
            .example("64MiB"),
        Key::new(
            "compression",
            Kind::Either(&[Kind::Word(COMPRESSIONS), Kind::List(&Kind::Word(COMPRESSIONS))]),
            "What responses may be packed with, the preferred encoding first; `gzip` where it is absent, `none` asks for plain ones. `zstd` and `br` turn on features of the crate.",
        )
        .example("[zstd, gzip]"),
        Key::new(
            "session",
            Kind::Python("connections are the crate's own; `timeouts`, `retry` and `headers` say how they behave"),
            "Occurs in dlt configurations, as a Python object.",
        ),
    ],
};

/// What a body may be packed with.
pub const COMPRESSIONS: &[Word] =
    &[Word::new("none"), Word::new("gzip"), Word::or("zstd", &["zstandard"]), Word::or("br", &["brotli"])];

/// How long each stage of a request may take.
pub static TIMEOUTS: Section = Section {
    name: "`timeouts`",
    doc: "How long each stage of a request may take; `0` is without limit.",
    keys: &[
        Key::new("connect", Kind::Duration, "To have a connection, TLS included.").example("10s"),
        Key::new("first_byte", Kind::Duration, "From the request to the head of the response.").example("60s"),
        Key::new("between_bytes", Kind::Duration, "Between two pieces of the body.").example("30s"),
        Key::new("whole", Kind::Duration, "For one attempt as a whole.").example("5m"),
    ],
};

/// When and how often a request is repeated.
pub static RETRY: Section = Section {
    name: "`retry`",
    doc: "When and how often a request is repeated.",
    keys: &[
        Key::new("statuses", Kind::List(&Kind::Count), "The statuses that are worth another try.")
            .aliases(&["status_codes"])
            .example("[429, 500, 502, 503, 504]"),
        Key::new("max_retries", Kind::Count, "How many times a call is repeated after its first attempt.").example("3"),
        Key::new("backoff_factor", Kind::Number, "What the wait's bound is multiplied with after each attempt.").example("2"),
        Key::new("base_delay", Kind::Duration, "The upper bound of the first wait.").example("500ms"),
        Key::new("max_delay", Kind::Duration, "No wait is longer, whatever a server asks for.").example("60s"),
        Key::new(
            "respect_retry_after",
            Kind::Boolean,
            "Whether `Retry-After` and the reset header decide the wait where they are sent.",
        ),
        Key::new("reset_header", Kind::Text, "The response header that says when the limit resets.").example("x-ratelimit-reset"),
        Key::new("remaining_header", Kind::Text, "The response header that says how many calls are left.")
            .example("x-ratelimit-remaining"),
    ],
};
