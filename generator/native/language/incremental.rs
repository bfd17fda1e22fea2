//! How a later run goes on from an earlier one.

use super::{Key, Kind, Section, Word};

pub(super) const CURSOR_PATH: Key = Key::new("cursor_path", Kind::Text, "Where the cursor is in a record.").example("updated_at");

pub(super) const FORMAT: Key = Key::new(
    "format",
    Kind::Text,
    "How records write the cursor: `iso`, `date`, `epoch`, `epoch_ms`, `integer`, `string`, or a pattern; from the field's type where it is absent.",
)
.example("epoch");

pub(super) const REQUEST_FORMAT: Key = Key::new(
    "request_format",
    Kind::Text,
    "How requests write it, where that differs. Where it is coarser than the cursor, a start is rounded down and an end up, and what comes too much is left out again.",
)
.aliases(&["datetime_format"])
.example("\"%Y-%m-%d %H:%M\"");

pub(super) const INITIAL_VALUE: Key = Key::new(
    "initial_value",
    Kind::Text,
    "Where a first run starts; everything where it is absent. A moment may be given in words, seen from when the run begins: `now - 30d`.",
)
.example("now - 30d");

pub(super) const END_VALUE: Key = Key::new(
    "end_value",
    Kind::Text,
    "Where a run ends, in the same forms; records beyond are left out also where no parameter says so to the service.",
)
.example("now");

pub(super) const START_BOUND: Key = Key::new(
    "start_bound",
    Kind::Word(BOUNDS),
    "Whether the service lists records at the start itself (`closed`, the default), which come again in the next run and are known by their `primary_key` then; or only those after it (`open`).",
)
.aliases(&["range_start"])
.example("open");

pub(super) const END_BOUND: Key = Key::new(
    "end_bound",
    Kind::Word(BOUNDS),
    "Whether records at the end itself belong to the run (`closed`), or not (`open`, the default).",
)
.aliases(&["range_end"])
.example("closed");

pub(super) const LAG: Key = Key::new(
    "lag",
    Kind::Text,
    "How much before the mark the next run starts, for records that come late: a duration, or a number for a cursor that is one. What lies within is given again in each run, whether it changed or not.",
)
.aliases(&["lookback"])
.example("2h");

pub(super) const ROW_ORDER: Key = Key::new(
    "row_order",
    Kind::Word(&[Word::new("asc"), Word::new("desc")]),
    "The order in which records come. No page is asked for beyond the end (`asc`) or before the start (`desc`), and with `asc` a run that breaks off is gone on from where it was.",
)
.example("asc");

pub(super) const STEP: Key = Key::new(
    "step",
    Kind::Text,
    "Reads the run in windows of this length, one after the other: a duration, or months of the calendar (`1mo`). The request takes both bounds, of which the end is the moment of the run where no `end_value` is given. Where bounds are closed, the next window starts one unit of the request's format later.",
)
.example("30d");

pub(super) const ON_MISSING: Key = Key::new(
    "on_cursor_value_missing",
    Kind::Word(&[Word::new("raise"), Word::new("include"), Word::new("exclude")]),
    "What becomes of a record without a cursor: an error (`raise`, the default), or it is given or left out.",
)
.example("include");

pub(super) const ON_EXPIRED: Key = Key::new(
    "on_expired",
    Kind::Either(EXPIRES),
    "What happens when the service no longer knows where to start: an error (`fail`, the default), or the run starts over and reports the gap (`restart`).",
)
.example("restart");

/// What dlt does to a cursor before it is sent.
pub(super) const CONVERT: Key = Key::new(
    "convert",
    Kind::Python("say in which form the cursor is sent: `request_format: epoch`"),
    "Occurs in dlt configurations, as a Python function.",
);

pub(super) const LAST_VALUE_FUNC: Key =
    Key::new("last_value_func", Kind::Word(&[Word::new("max")]), "Which cursor a later run starts from: the greatest.");

pub(super) const ALLOW_EXTERNAL_SCHEDULERS: Key = Key::new(
    "allow_external_schedulers",
    Kind::Ignored("the caller says where a run starts: `since` of the list"),
    "Occurs in dlt configurations.",
);

const BOUNDS: &[Word] = &[Word::new("closed"), Word::new("open")];
const ACTIONS: &[Word] = &[Word::new("fail"), Word::new("restart")];

/// The formats of a cursor that have a name.
pub static CURSOR_FORMATS: &[Word] = &[
    Word::or("iso", &["iso8601", "rfc3339", "date-time"]),
    Word::new("date"),
    Word::or("epoch", &["epoch_s", "unix"]),
    Word::new("epoch_ms"),
    Word::or("integer", &["number"]),
    Word::new("string"),
];

const EXPIRES: &[Kind] = &[Kind::Word(ACTIONS), Kind::Section(&EXPIRED)];
static EXPIRED: Section = Section {
    name: "`on_expired`",
    doc: "How the service says that it no longer knows where to start, and what happens then.",
    keys: &[
        Key::new("action", Kind::Word(ACTIONS), "What happens.").required().example("restart"),
        Key::new(
            "statuses",
            Kind::Either(&[Kind::Count, Kind::List(&Kind::Count)]),
            "The statuses that say so; 410 where they are absent.",
        )
        .example("[400, 410]"),
        Key::new("code", Kind::Text, "The service's error code that says so, where a status alone does not.")
            .example("fullSyncRequired"),
        Key::new("code_path", Kind::Text, "Where that code is in the body; where services usually have it, when absent.")
            .example("error.errors[0].reason"),
    ],
};

/// How a later run goes on from an earlier one.
pub static INCREMENTAL: Section = Section {
    name: "`incremental`",
    doc: "How a later run goes on from an earlier one.",
    keys: &[
        CURSOR_PATH,
        FORMAT,
        Key::new(
            "start_param",
            Kind::Text,
            "The parameter that asks for records from the cursor on; in the query, unless a parameter of that name is declared elsewhere. Without it, records before the start are left out on our side.",
        )
        .aliases(&["param_name", "cursor_param"])
        .example("since"),
        Key::new(
            "start_value",
            Kind::Text,
            "The text of that parameter around the cursor: `{value}` is the start and `{end}` the end.",
        )
        .example("\"updated_at:[{value} TO *]\""),
        REQUEST_FORMAT,
        INITIAL_VALUE,
        Key::new("end_param", Kind::Text, "The parameter that bounds a run.").example("until"),
        END_VALUE,
        START_BOUND,
        END_BOUND,
        LAG,
        STEP,
        ROW_ORDER,
        ON_MISSING,
        ON_EXPIRED,
        Key::new(
            "token_path",
            Kind::Text,
            "Where the last page holds a token that the next run starts from, in place of a cursor in the records.",
        )
        .example("nextSyncToken"),
        Key::new("token_param", Kind::Text, "The parameter that takes the token.").example("syncToken"),
        Key::new("delta_link_path", Kind::Text, "Where the last page holds the address at which the next run starts.")
            .example("\"$['@odata.deltaLink']\""),
        CONVERT,
        LAST_VALUE_FUNC,
        ALLOW_EXTERNAL_SCHEDULERS,
    ],
};
