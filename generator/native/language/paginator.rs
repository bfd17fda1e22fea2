//! The ways from one page to the next.

use super::{Key, Kind, Section, Tagged, Variant, Word};

/// The ways from one page to the next.
pub static PAGINATOR: Tagged = Tagged {
    name: "paginator",
    default: None,
    shorthand: true,
    variants: &[
        Variant::new("single_page", &SINGLE_PAGE),
        Variant::new("page_number", &PAGE_NUMBER),
        Variant::new("offset", &OFFSET),
        Variant::new("cursor", &CURSOR),
        Variant::new("header_cursor", &HEADER_CURSOR),
        Variant::new("last_record", &LAST_RECORD),
        Variant::new("header_link", &HEADER_LINK),
        Variant::or("json_link", &["json_response"], &JSON_LINK),
    ],
};

// The size of a page.
const LIMIT_PARAM: Key = Key::new(
    "limit_param",
    Kind::Text,
    "The query parameter for the size of a page, or a placeholder of the path. Without a place the size is known but not sent.",
)
.aliases(&["page_size_param"])
.example("per_page");
const LIMIT_HEADER: Key =
    Key::new("limit_header", Kind::Text, "The request header for the size of a page, in place of a parameter.")
        .example("X-Page-Size");
const LIMIT_BODY_PATH: Key =
    Key::new("limit_body_path", Kind::Text, "The place in the JSON body for the size of a page, in place of a parameter.")
        .example("pagination.limit");
const LIMIT: Key = Key::new("limit", Kind::Count, "How many records a page has.").aliases(&["page_size"]).example("100");
const MAXIMUM_LIMIT: Key = Key::new("maximum_limit", Kind::Count, "The most records a page that the service accepts.")
    .aliases(&["max_limit"])
    .example("100");

// What a page says about the end.
const TOTAL_PATH: Key = Key::new("total_path", Kind::Text, "Where the number of all records is in a page.").example("total");
const TOTAL_HEADER: Key =
    Key::new("total_header", Kind::Text, "The response header that holds the number of all records.").example("X-Total-Count");
const TOTAL_MEANS: Key = Key::new(
    "total_means",
    Kind::Word(TOTALS),
    "What the total counts: `all` records (where it is absent); all, but `unknown_if_zero`; or the records of this `page` alone, which ends nothing.",
)
.example("unknown_if_zero");
const TOTALS: &[Word] = &[Word::new("all"), Word::new("unknown_if_zero"), Word::new("page")];
const TOTAL_PAGES_PATH: Key =
    Key::new("total_pages_path", Kind::Text, "Where the number of all pages is in a page.").example("meta.pages");
const HAS_MORE_PATH: Key = Key::new(
    "has_more_path",
    Kind::Text,
    "Where a page says whether more follow: a truth value, `\"true\"`, or 1. The end is believed; a promise without a way to go on is an error.",
)
.example("meta.has_more");
const IS_LAST_PATH: Key = Key::new(
    "is_last_path",
    Kind::Text,
    "Where a page says whether it is the last one, as `isLast`, `done` and `end_of_stream` do; the opposite of `has_more_path`.",
)
.example("isLast");
const STOP_EMPTY: Key =
    Key::new("stop_after_empty_page", Kind::Boolean, "Whether an empty page ends the sequence; `true` where it is absent.");
const STOP_EMPTY_TOKEN: Key = Key::new(
    "stop_after_empty_page",
    Kind::Boolean,
    "Whether an empty page ends the sequence although it leads on, as in a log that can be asked again later; `false` where it is absent.",
);
const STOP_SHORT: Key = Key::new(
    "stop_after_short_page",
    Kind::Boolean,
    "Whether a page with fewer records than asked for ends the sequence; `false` where it is absent.",
);
const WINDOW_LIMIT: Key = Key::new(
    "window_limit",
    Kind::Section(&WINDOW),
    "That the service gives only so many records of one query, whatever it holds.",
);

/// A limit of the service on the records of one query.
static WINDOW: Section = Section {
    name: "`window_limit`",
    doc: "That the service gives only so many records of one query, whatever it holds.",
    keys: &[
        Key::new("records", Kind::Count, "How many records it gives.").required().example("1000"),
        Key::new(
            "then",
            Kind::Word(&[Word::new("fail"), Word::new("split_by_cursor")]),
            "What happens when so many came and nothing proves that these are all: the run ends with an error (`fail`, where it is absent), or the query is narrowed by the cursor of `incremental` and goes on (`split_by_cursor`).",
        )
        .example("fail"),
    ],
};

// How the first request differs.
const FIRST_PARAMS: Key =
    Key::new("first_params", Kind::Map(&Kind::Text), "Query parameters that only the first request of a sequence sends.")
        .example("{sort: \"date:1\"}");
const FIRST_REQUEST_ONLY: Key = Key::new(
    "first_request_only",
    Kind::List(&Kind::Text),
    "Those of the request's query parameters that later requests leave out.",
)
.example("[status]");
const KEEP_PARAMS: Key = Key::new(
    "keep_params",
    Kind::List(&Kind::Text),
    "The only ones of the request's query parameters that later requests send; the paginator's own are sent besides.",
)
.example("[fields]");

// Cursors.
const CURSOR_HEADER: Key = Key::new("cursor_header", Kind::Text, "The request header for the value, in place of a parameter.")
    .example("X-Continuation-Token");
const CURSOR_BODY_PATH: Key = Key::new(
    "cursor_body_path",
    Kind::Text,
    "The place in the JSON body for the value, in place of a parameter; the value keeps its JSON type, be it an array.",
)
.example("pagination.starting_after");
const INITIAL_CURSOR: Key =
    Key::new("initial_cursor", Kind::Text, "The value of the first request, which sends none where this is absent.")
        .example("\"0\"");
const CARRY: Key = Key::new(
    "carry",
    Kind::Map(&Kind::Text),
    "What each page gives that every later request sends besides the cursor: a place in the JSON body, and the place in the page.",
)
.example("{pit.id: pit_id}");
const TAKE_PARAM: Key = Key::new(
    "take_param",
    Kind::Text,
    "Takes only this parameter out of the address and sends it with the same request again, instead of following the address.",
)
.example("page_info");

static SINGLE_PAGE: Section = Section { name: "paginator `single_page`", doc: "There is one page.", keys: &[] };

static PAGE_NUMBER: Section = Section {
    name: "paginator `page_number`",
    doc: "Counts pages.",
    keys: &[
        Key::new(
            "page_param",
            Kind::Text,
            "The query parameter for the number of the page, or a placeholder of the path; `page` where no place is given.",
        )
        .example("page"),
        Key::new("page_header", Kind::Text, "The request header for the number of the page, in place of a parameter.")
            .example("X-Page"),
        Key::new("page_body_path", Kind::Text, "The place in the JSON body for the number of the page, in place of a parameter.")
            .example("paging.page"),
        Key::new("base_page", Kind::Count, "The number of the first page; `0` where it is absent.")
            .aliases(&["page"])
            .example("1"),
        LIMIT_PARAM,
        LIMIT_HEADER,
        LIMIT_BODY_PATH,
        LIMIT,
        MAXIMUM_LIMIT,
        TOTAL_PATH,
        TOTAL_HEADER,
        TOTAL_MEANS,
        TOTAL_PAGES_PATH,
        HAS_MORE_PATH,
        IS_LAST_PATH,
        Key::new(
            "maximum_page",
            Kind::Count,
            "The largest page number that is asked for, itself included (dlt stops before it).",
        )
        .example("100"),
        STOP_EMPTY,
        STOP_SHORT,
        WINDOW_LIMIT,
        FIRST_PARAMS,
        FIRST_REQUEST_ONLY,
        KEEP_PARAMS,
    ],
};

static OFFSET: Section = Section {
    name: "paginator `offset`",
    doc: "Counts records to pass over.",
    keys: &[
        Key::new(
            "offset_param",
            Kind::Text,
            "The query parameter for the number of records to pass over, or a placeholder of the path; `offset` where no place is given.",
        )
        .example("skip"),
        Key::new(
            "offset_header",
            Kind::Text,
            "The request header for the number of records to pass over, in place of a parameter.",
        )
        .example("X-Offset"),
        Key::new(
            "offset_body_path",
            Kind::Text,
            "The place in the JSON body for the number of records to pass over, in place of a parameter.",
        )
        .example("from"),
        Key::new("offset", Kind::Count, "The first offset; `0` where it is absent.").example("0").aliases(&["base"]),
        Key::new(
            "offset_step",
            Kind::Word(&[Word::new("rows"), Word::new("page")]),
            "By how much the offset advances: by the `rows` that came (where it is absent), or by a full `page`, whatever came.",
        )
        .example("page"),
        Key::new(
            "limit_path",
            Kind::Text,
            "Where a page says the size that the service made of it; the offset advances by that.",
        )
        .example("maxResults"),
        Key::new(
            "limit_param",
            Kind::Text,
            "The query parameter for the size of a page, or a placeholder of the path; `limit` where no place is given.",
        )
        .example("take")
        .aliases(&["page_size_param"]),
        LIMIT_HEADER,
        LIMIT_BODY_PATH,
        Key::new("limit", Kind::Count, "How many records a page has.").aliases(&["page_size"]).required().example("100"),
        MAXIMUM_LIMIT,
        TOTAL_PATH,
        TOTAL_HEADER,
        TOTAL_MEANS,
        HAS_MORE_PATH,
        IS_LAST_PATH,
        Key::new("maximum_offset", Kind::Count, "The largest offset that is asked for, itself included (dlt stops before it).")
            .example("10000"),
        STOP_EMPTY,
        STOP_SHORT,
        WINDOW_LIMIT,
        FIRST_PARAMS,
        FIRST_REQUEST_ONLY,
        KEEP_PARAMS,
    ],
};

static CURSOR: Section = Section {
    name: "paginator `cursor`",
    doc: "Sends a value of this page to get the next. Absent, null, an empty text, `false` and the number 0 are the end.",
    keys: &[
        Key::new(
            "cursor_param",
            Kind::Text,
            "The query parameter for the value, or a placeholder of the path; `cursor` where no place is given.",
        )
        .example("from"),
        CURSOR_HEADER,
        CURSOR_BODY_PATH,
        Key::new("cursor_path", Kind::Text, "Where the value is in a page; `cursors.next` where it is absent.").example("next"),
        INITIAL_CURSOR,
        CARRY,
        LIMIT_PARAM,
        LIMIT_HEADER,
        LIMIT_BODY_PATH,
        LIMIT,
        MAXIMUM_LIMIT,
        TOTAL_PATH,
        TOTAL_HEADER,
        TOTAL_MEANS,
        HAS_MORE_PATH,
        IS_LAST_PATH,
        STOP_EMPTY_TOKEN,
        STOP_SHORT,
        WINDOW_LIMIT,
        FIRST_PARAMS,
        FIRST_REQUEST_ONLY,
        KEEP_PARAMS,
    ],
};

static HEADER_CURSOR: Section = Section {
    name: "paginator `header_cursor`",
    doc: "Sends the value of a response header to get the next page. Absent and empty are the end.",
    keys: &[
        Key::new(
            "cursor_param",
            Kind::Text,
            "The query parameter for the value, or a placeholder of the path; `cursor` where no place is given.",
        )
        .example("page"),
        CURSOR_HEADER,
        CURSOR_BODY_PATH,
        Key::new("cursor_key", Kind::Text, "The response header; `next` where it is absent.")
            .aliases(&["response_header"])
            .example("X-Next-Page"),
        INITIAL_CURSOR,
        LIMIT_PARAM,
        LIMIT_HEADER,
        LIMIT_BODY_PATH,
        LIMIT,
        MAXIMUM_LIMIT,
        TOTAL_PATH,
        TOTAL_HEADER,
        TOTAL_MEANS,
        HAS_MORE_PATH,
        IS_LAST_PATH,
        STOP_EMPTY_TOKEN,
        STOP_SHORT,
        WINDOW_LIMIT,
        FIRST_PARAMS,
        FIRST_REQUEST_ONLY,
        KEEP_PARAMS,
    ],
};

static LAST_RECORD: Section = Section {
    name: "paginator `last_record`",
    doc: "Sends a field of the last record to get the next page; an empty page is the end.",
    keys: &[
        Key::new("cursor_param", Kind::Text, "The query parameter for the value, or a placeholder of the path.").example("from"),
        CURSOR_HEADER,
        CURSOR_BODY_PATH,
        Key::new("cursor_path", Kind::Text, "Where the value is in a record.").required().example("log_id"),
        INITIAL_CURSOR,
        CARRY,
        LIMIT_PARAM,
        LIMIT_HEADER,
        LIMIT_BODY_PATH,
        LIMIT,
        MAXIMUM_LIMIT,
        TOTAL_PATH,
        TOTAL_HEADER,
        TOTAL_MEANS,
        HAS_MORE_PATH,
        IS_LAST_PATH,
        STOP_SHORT,
        WINDOW_LIMIT,
        FIRST_PARAMS,
        FIRST_REQUEST_ONLY,
        KEEP_PARAMS,
    ],
};

static HEADER_LINK: Section = Section {
    name: "paginator `header_link`",
    doc: "Follows the address in the `Link` header (RFC 8288).",
    keys: &[
        Key::new("rel", Kind::Text, "The relation of the next page; `next` where it is absent.")
            .example("next")
            .aliases(&["links_next_key"]),
        TAKE_PARAM,
        CURSOR_HEADER,
        CURSOR_BODY_PATH,
        LIMIT_PARAM,
        LIMIT_HEADER,
        LIMIT_BODY_PATH,
        LIMIT,
        MAXIMUM_LIMIT,
        TOTAL_PATH,
        TOTAL_HEADER,
        TOTAL_MEANS,
        HAS_MORE_PATH,
        IS_LAST_PATH,
        STOP_EMPTY_TOKEN,
        STOP_SHORT,
        WINDOW_LIMIT,
        FIRST_PARAMS,
        FIRST_REQUEST_ONLY,
        KEEP_PARAMS,
    ],
};

static JSON_LINK: Section = Section {
    name: "paginator `json_link`",
    doc: "Follows an address in the page. Absent, null, an empty text and `false` are the end.",
    keys: &[
        Key::new("next_url_path", Kind::Text, "Where the address is in a page; `next` where it is absent.")
            .example("links.next.href"),
        TAKE_PARAM,
        CURSOR_HEADER,
        CURSOR_BODY_PATH,
        LIMIT_PARAM,
        LIMIT_HEADER,
        LIMIT_BODY_PATH,
        LIMIT,
        MAXIMUM_LIMIT,
        TOTAL_PATH,
        TOTAL_HEADER,
        TOTAL_MEANS,
        HAS_MORE_PATH,
        IS_LAST_PATH,
        STOP_EMPTY_TOKEN,
        STOP_SHORT,
        WINDOW_LIMIT,
        FIRST_PARAMS,
        FIRST_REQUEST_ONLY,
        KEEP_PARAMS,
    ],
};
