//! What becomes of responses, and how often calls may go out.

use super::{Key, Kind, Section, Word};

/// Rules on responses.
pub const RESPONSE_ACTIONS: Kind = Kind::List(&RESPONSE_ACTION_KIND);

/// A rule, or a status that is ignored.
static RESPONSE_ACTION_KIND: Kind = Kind::Either(&[Kind::Text, Kind::Section(&RESPONSE_ACTION)]);

static RESPONSE_ACTION: Section = Section {
    name: "a response action",
    doc: "What follows from a response: the first rule whose conditions all hold decides, before the status is looked at and before records are read. A number alone is a status that is ignored.",
    keys: &[
        Key::new(
            "status",
            Kind::Either(&[Kind::Text, Kind::List(&Kind::Text)]),
            "The status of the response: one, several, or ranges such as `4xx` and `500-599`.",
        )
        .aliases(&["status_code"])
        .example("[404, 410]"),
        Key::new(
            "header",
            Kind::Either(&[Kind::Text, Kind::Section(&HEADER_CONDITION)]),
            "A header of the response: its name, or what its value must be.",
        )
        .example("{name: x-ratelimit-remaining, value: \"0\"}"),
        Key::new("content", Kind::Text, "A text that the body has in it.").example("Not found"),
        Key::new("path", Kind::Text, "A place in the body; `equals`, `in` or `exists` says what must be there.").example("$.error"),
        Key::new("equals", Kind::Text, "The value at `path`; numbers and truth values are compared as they are written.")
            .example("ratelimited"),
        Key::new("in", Kind::List(&Kind::Text), "Values of which the one at `path` must be one.")
            .example("[invalid_auth, account_inactive]"),
        Key::new("exists", Kind::Boolean, "Whether there must be a value at `path` that is not null.").example("true"),
        Key::new(
            "action",
            Kind::Either(&[Kind::Word(ACTIONS), Kind::List(&Kind::Text)]),
            "What follows. `ignore`: the list ends here. `retry`: the call is repeated, if that does no harm. `refresh_and_retry`: with a new token. `rate_limited`: when the service is ready. `skip_partition`: the rest of this parent's list is passed over. `fail`: an error.",
        )
        .required()
        .example("fail"),
        Key::new(
            "failure",
            Kind::Word(FAILURES),
            "What it takes to mend the error of `fail`: `config` (somebody must change something), `transient` (time), `system` (the service or the spec is at fault); where it is absent, the status tells.",
        )
        .aliases(&["failure_type"])
        .example("config"),
        Key::new("message", Kind::Text, "What the error says; `{error.message}` is the value at that place in the body.")
            .aliases(&["error_message"])
            .example("\"Slack refuses: {error}\""),
    ],
};

static HEADER_CONDITION: Section = Section {
    name: "a header condition",
    doc: "What a header of the response must be.",
    keys: &[
        Key::new("name", Kind::Text, "Its name.").required().example("x-ratelimit-remaining"),
        Key::new("value", Kind::Text, "Its value; any where it is absent.").aliases(&["equals"]).example("\"0\""),
        Key::new("contains", Kind::Text, "A text that its value has in it.").example("quota"),
    ],
};

/// The actions, and what circulating configurations call them.
pub const ACTIONS: &[Word] = &[
    Word::or("ignore", &["IGNORE"]),
    Word::or("retry", &["RETRY"]),
    Word::or("refresh_and_retry", &["REFRESH_TOKEN_THEN_RETRY"]),
    Word::or("rate_limited", &["RATE_LIMITED"]),
    Word::new("skip_partition"),
    Word::or("fail", &["FAIL", "raise"]),
];

const FAILURES: &[Word] =
    &[Word::or("config", &["config_error"]), Word::or("transient", &["transient_error"]), Word::or("system", &["system_error"])];

/// The limits of a client.
pub const RATE_LIMITS: Kind = Kind::List(&CLIENT_RATE_LIMIT_KIND);

static CLIENT_RATE_LIMIT_KIND: Kind = Kind::Section(&CLIENT_RATE_LIMIT);

static CLIENT_RATE_LIMIT: Section = Section {
    name: "a rate limit",
    doc: "How many calls may go out. All clones of a client keep to it together, in the order in which they ask.",
    keys: &[
        Key::new(
            "scope",
            Kind::Word(SCOPES),
            "What is counted together: all calls, those of each resource, or those to each host; `client` where it is absent.",
        )
        .example("resource"),
        REQUESTS,
        PER,
        BURST,
        CONCURRENCY,
        LIMIT_HEADER,
        REMAINING_HEADER,
        RESET_HEADER,
        RESET_UNIT,
    ],
};

/// The limit of one resource or operation.
pub static RATE_LIMIT: Section = Section {
    name: "`rate_limit`",
    doc: "How many calls of this resource may go out, besides what `rate_limits` of the client says.",
    keys: &[REQUESTS, PER, BURST, CONCURRENCY, LIMIT_HEADER, REMAINING_HEADER, RESET_HEADER, RESET_UNIT],
};

const SCOPES: &[Word] = &[Word::new("client"), Word::new("resource"), Word::new("host")];

const REQUESTS: Key = Key::new("requests", Kind::Count, "How many calls may go out in the time `per`.").example("100");
const PER: Key = Key::new("per", Kind::Duration, "The time that `requests` counts for.").example("1m");
const BURST: Key = Key::new(
    "burst",
    Kind::Count,
    "How many calls may go at once, where the service fills a bucket with `requests` in the time `per`; where it is absent, no span of that time ever has more than `requests`.",
)
.example("40");
const CONCURRENCY: Key = Key::new("concurrency", Kind::Count, "How many calls may be under way at once.").example("4");
const LIMIT_HEADER: Key =
    Key::new("limit_header", Kind::Text, "The response header that says how many calls there are; a lower number is kept to.")
        .example("x-ratelimit-limit");
const REMAINING_HEADER: Key = Key::new(
    "remaining_header",
    Kind::Text,
    "The response header that says how many calls are left, or how many of how many are used (`10/40`); that of `retry` for the first limit.",
)
.example("x-ratelimit-remaining");
const RESET_HEADER: Key = Key::new(
    "reset_header",
    Kind::Text,
    "The response header that says when the count starts anew; that of `retry` for the first limit.",
)
.example("x-ratelimit-reset");
const RESET_UNIT: Key = Key::new(
    "reset_unit",
    Kind::Word(RESET_UNITS),
    "How the reset is written: `epoch` and `epoch_ms` since 1970, `delta` and `delta_ms` to go, `iso`; `auto`, where it is absent, tells by its size and form.",
)
.example("delta");

const RESET_UNITS: &[Word] = &[
    Word::new("auto"),
    Word::or("epoch", &["epoch_s", "unix"]),
    Word::new("epoch_ms"),
    Word::or("delta", &["delta_s", "seconds"]),
    Word::or("delta_ms", &["interval_ms"]),
    Word::or("iso", &["iso8601", "date"]),
];
