//! What is requested, with which parameters, and how a later run goes on.

use super::decoder::{DECODER, FILE_COMPRESSIONS};
use super::incremental::{
    ALLOW_EXTERNAL_SCHEDULERS, CONVERT, CURSOR_PATH, END_BOUND, END_VALUE, FORMAT, INCREMENTAL, INITIAL_VALUE, LAG,
    LAST_VALUE_FUNC, ON_EXPIRED, ON_MISSING, REQUEST_FORMAT, ROW_ORDER, START_BOUND,
};
use super::{JOB, Key, Kind, PAGINATOR, RATE_LIMIT, RESPONSE_ACTIONS, RETRY, Section, Tagged, Variant, Word};

/// What is requested.
pub static ENDPOINT: Section = Section {
    name: "`endpoint`",
    doc: "What is requested.",
    keys: &[
        Key::new("path", Kind::Text, "The path below the base URL; the resource's name where it is absent.")
            .example("/organizations/{resources.organizations.id}/members"),
        Key::new("method", Kind::Text, "The HTTP method; `GET` where it is absent.").example("POST"),
        Key::new(
            "params",
            Kind::Map(&PARAM_KIND),
            "What is sent: fixed values, arguments of the caller, fields of a parent's record. A list sends its name several times.",
        )
        .example("{status: active, \"expand[]\": [customer, items]}"),
        Key::new("headers", Kind::Map(&Kind::Text), "Headers of this request alone.").example("{X-Region: eu}"),
        Key::new(
            "json",
            Kind::Json,
            "A JSON body: objects, arrays, texts with placeholders, numbers, truth values and nulls, sent with their types. A map whose `type` is that of a parameter is an argument of the caller.",
        )
        .example("{query: {match_all: {}}, size: {type: integer, default: 10}}"),
        Key::new("data", Kind::Map(&PARAM_KIND), "Fields of a form body; a list sends its name several times."),
        Key::new(
            "idempotent",
            Kind::Boolean,
            "Whether the request may be repeated without harm; where it is absent, a list always may, and an operation if its method says so.",
        )
        .example("false"),
        Key::new(
            "data_selector",
            Kind::Either(&[Kind::Text, Kind::List(&Kind::Text)]),
            "Where the records are in a page: one place, or several of which the first that leads to an array wins; the whole page where it is absent.",
        )
        .example("[$.users, $.data, $]"),
        Key::new(
            "fields_param",
            Kind::Text,
            "The query parameter that says which fields of a record are sent, with commas between their names. `project` names those that it reads.",
        )
        .example("fields"),
        Key::new("paginator", Kind::Tagged(&PAGINATOR), "How one page leads to the next.").aliases(&["pagination"]),
        Key::new("incremental", Kind::Section(&INCREMENTAL), "How a later run goes on from an earlier one."),
        Key::new("response_actions", RESPONSE_ACTIONS, "What follows from responses; the rules of `resource_defaults` and of `client` come after these."),
        Key::new("retry", Kind::Section(&RETRY), "When it is repeated, where that differs from the client's `retry`."),
        Key::new("idempotency_header", Kind::Text, "The header that carries a key of the call by which the service knows a repeated one, so that a POST may be repeated.")
            .example("Idempotency-Key"),
        Key::new("rate_limit", Kind::Section(&RATE_LIMIT), "How many calls of this one may go out."),
        Key::new("weight", Kind::Count, "How many calls it counts as in the rate limits; `1` where it is absent, and `0` for one that they do not count.").example("5"),
        Key::new(
            "decoder",
            Kind::Tagged(&DECODER),
            "What the records are written as: `json`, `ndjson` or `csv`; `json` where it is absent.",
        )
        .example("{type: csv, separator: \";\"}"),
        Key::new(
            "compression",
            Kind::Word(FILE_COMPRESSIONS),
            "What the content itself is packed with, as a file is, where no header says so.",
        )
        .example("gzip"),
        Key::new("job", Kind::Section(&JOB), "How the records are asked for where the service collects them in its own time."),
        Key::new("auth", Kind::Word(ENDPOINT_AUTH), "`none` for a request that is not authorised."),
    ],
};

const ENDPOINT_AUTH: &[Word] = &[Word::or("none", &["false"]), Word::or("client", &["true"])];

/// A parameter: a fixed value, several under one name, or a map that says where its value comes from.
pub static PARAM_KIND: Kind = Kind::Either(&[Kind::Text, Kind::List(&Kind::Text), Kind::Tagged(&PARAM)]);

/// Where the value of a parameter comes from.
pub static PARAM: Tagged = Tagged {
    name: "parameter",
    default: Some("string"),
    shorthand: false,
    variants: &[
        Variant::new("resolve", &RESOLVE),
        Variant::new("incremental", &INCREMENTAL_PARAM),
        Variant::new("string", &ARGUMENT),
        Variant::new("integer", &ARGUMENT),
        Variant::new("number", &ARGUMENT),
        Variant::new("decimal", &ARGUMENT),
        Variant::new("boolean", &ARGUMENT),
        Variant::or("date-time", &["datetime", "timestamp"], &ARGUMENT),
        Variant::new("date", &ARGUMENT),
        Variant::new("time", &ARGUMENT),
        Variant::new("uuid", &ARGUMENT),
    ],
};

static RESOLVE: Section = Section {
    name: "a `resolve` parameter",
    doc: "A field of a parent's record.",
    keys: &[
        Key::new("resource", Kind::Text, "The parent resource.").required().example("organizations"),
        Key::new("field", Kind::Text, "The field of its record.").required().example("id"),
    ],
};

static INCREMENTAL_PARAM: Section = Section {
    name: "an `incremental` parameter",
    doc: "The cursor of an earlier run.",
    keys: &[
        CURSOR_PATH.required(),
        FORMAT,
        REQUEST_FORMAT,
        INITIAL_VALUE,
        END_VALUE,
        START_BOUND,
        END_BOUND,
        LAG,
        ROW_ORDER,
        ON_MISSING,
        ON_EXPIRED,
        CONVERT,
        LAST_VALUE_FUNC,
        ALLOW_EXTERNAL_SCHEDULERS,
    ],
};

static ARGUMENT: Section = Section {
    name: "a parameter",
    doc: "A value that the caller gives.",
    keys: &[
        Key::new("in", Kind::Word(LOCATIONS), "Where it goes; where its section or the path puts it, when absent.")
            .aliases(&["location"])
            .example("header"),
        Key::new("required", Kind::Boolean, "Whether a call without it is refused."),
        Key::new("default", Kind::Text, "What is sent when the caller gives nothing.").example("100"),
        Key::new("description", Kind::Text, "What it does, for people.").example("The most users that are listed."),
        Key::new("sensitive", Kind::Boolean, "Whether it is a secret."),
    ],
};

const LOCATIONS: &[Word] = &[Word::new("query"), Word::new("path"), Word::new("header"), Word::new("body")];
