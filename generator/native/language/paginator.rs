//! The ways from one page to the next.

use super::{Key, Kind, Section, Tagged, Variant};

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
        Variant::new("last_record", &LAST_RECORD),
        Variant::new("header_link", &HEADER_LINK),
        Variant::or("json_link", &["json_response"], &JSON_LINK),
    ],
};

const LIMIT_PARAM: Key = Key::new("limit_param", Kind::Text, "The parameter for the size of a page.")
    .aliases(&["page_size_param"])
    .example("per_page");
const LIMIT: Key = Key::new("limit", Kind::Count, "How many records a page has.").aliases(&["page_size"]).example("100");
const MAXIMUM_LIMIT: Key = Key::new("maximum_limit", Kind::Count, "The most records a page that the service accepts.")
    .aliases(&["max_limit"])
    .example("100");
const TOTAL_PATH: Key = Key::new("total_path", Kind::Text, "Where the number of all records is in a page.").example("total");
const HAS_MORE_PATH: Key =
    Key::new("has_more_path", Kind::Text, "Where a page says whether more follow.").example("meta.has_more");
const STOP_EMPTY: Key =
    Key::new("stop_after_empty_page", Kind::Boolean, "Whether an empty page ends the sequence; `true` where it is absent.");
const STOP_SHORT: Key = Key::new(
    "stop_after_short_page",
    Kind::Boolean,
    "Whether a page with fewer records than asked for ends the sequence; `false` where it is absent.",
);

static SINGLE_PAGE: Section = Section { name: "paginator `single_page`", doc: "There is one page.", keys: &[] };

static PAGE_NUMBER: Section = Section {
    name: "paginator `page_number`",
    doc: "Counts pages.",
    keys: &[
        Key::new("page_param", Kind::Text, "The parameter for the number of the page; `page` where it is absent.")
            .example("page"),
        Key::new("base_page", Kind::Count, "The number of the first page; `0` where it is absent.")
            .aliases(&["page"])
            .example("1"),
        LIMIT_PARAM,
        LIMIT,
        MAXIMUM_LIMIT,
        TOTAL_PATH,
        Key::new("total_pages_path", Kind::Text, "Where the number of all pages is in a page.").example("meta.pages"),
        HAS_MORE_PATH,
        Key::new("maximum_page", Kind::Count, "The largest page number that is asked for.").example("50"),
        STOP_EMPTY,
        STOP_SHORT,
    ],
};

static OFFSET: Section = Section {
    name: "paginator `offset`",
    doc: "Counts records to pass over.",
    keys: &[
        Key::new(
            "offset_param",
            Kind::Text,
            "The parameter for the number of records to pass over; `offset` where it is absent.",
        )
        .example("skip"),
        Key::new("offset", Kind::Count, "The first offset; `0` where it is absent.").example("0").aliases(&["base"]),
        Key::new("limit_param", Kind::Text, "The parameter for the size of a page; `limit` where it is absent.")
            .example("take")
            .aliases(&["page_size_param"]),
        Key::new("limit", Kind::Count, "How many records a page has.").aliases(&["page_size"]).required().example("100"),
        MAXIMUM_LIMIT,
        TOTAL_PATH,
        HAS_MORE_PATH,
        Key::new("maximum_offset", Kind::Count, "The largest offset that is asked for.").example("10000"),
        STOP_EMPTY,
        STOP_SHORT,
    ],
};

static CURSOR: Section = Section {
    name: "paginator `cursor`",
    doc: "Sends a value of this page to get the next.",
    keys: &[
        Key::new("cursor_param", Kind::Text, "The parameter for the value; `cursor` where it is absent.").example("from"),
        Key::new("cursor_path", Kind::Text, "Where the value is in a page; `cursors.next` where it is absent.").example("next"),
        LIMIT_PARAM,
        LIMIT,
        MAXIMUM_LIMIT,
        HAS_MORE_PATH,
    ],
};

static LAST_RECORD: Section = Section {
    name: "paginator `last_record`",
    doc: "Sends a field of the last record to get the next page; an empty page is the end.",
    keys: &[
        Key::new("cursor_param", Kind::Text, "The parameter for the value.").required().example("from"),
        Key::new("cursor_path", Kind::Text, "Where the value is in a record.").required().example("log_id"),
        LIMIT_PARAM,
        LIMIT,
        MAXIMUM_LIMIT,
        HAS_MORE_PATH,
    ],
};

static HEADER_LINK: Section = Section {
    name: "paginator `header_link`",
    doc: "Follows the address in the `Link` header (RFC 8288).",
    keys: &[
        Key::new("rel", Kind::Text, "The relation of the next page; `next` where it is absent.")
            .example("next")
            .aliases(&["links_next_key"]),
        LIMIT_PARAM,
        LIMIT,
        MAXIMUM_LIMIT,
    ],
};

static JSON_LINK: Section = Section {
    name: "paginator `json_link`",
    doc: "Follows an address in the page.",
    keys: &[
        Key::new("next_url_path", Kind::Text, "Where the address is in a page; `next` where it is absent.")
            .example("links.next.href"),
        LIMIT_PARAM,
        LIMIT,
        MAXIMUM_LIMIT,
    ],
};
