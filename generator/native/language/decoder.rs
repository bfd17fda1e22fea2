//! What the records of a list are written as.

use super::{Key, Kind, Section, Tagged, Variant, Word};

/// What the records of a list are written as.
pub static DECODER: Tagged = Tagged {
    name: "decoder",
    default: None,
    shorthand: true,
    variants: &[
        Variant::new("json", &JSON),
        Variant::or("ndjson", &["jsonl", "json_lines", "jsonlines"], &NDJSON),
        Variant::new("csv", &CSV),
    ],
};

static JSON: Section = Section { name: "a `json` decoder", doc: "A JSON document: the records are an array in it.", keys: &[] };

static NDJSON: Section =
    Section { name: "an `ndjson` decoder", doc: "A JSON object on each line; blank lines are passed over.", keys: &[] };

static CSV: Section = Section {
    name: "a `csv` decoder",
    doc: "CSV (RFC 4180): a record is a row, and a column is a field by its name. Values are read by the types of the schema; an empty one is a null.",
    keys: &[
        Key::new("separator", Kind::Text, "The character between two values; `,` where it is absent.")
            .aliases(&["delimiter"])
            .example("\";\""),
        Key::new("quote", Kind::Text, "The character around values that hold separators or line ends; `\"` where it is absent.")
            .aliases(&["quote_char"])
            .example("\"'\""),
        Key::new("columns", Kind::List(&Kind::Text), "The names of the columns, where no first row gives them.")
            .aliases(&["column_names"])
            .example("[id, name]"),
    ],
};

/// What a file may be packed with.
pub const FILE_COMPRESSIONS: &[Word] = &[Word::new("none"), Word::new("gzip"), Word::or("zstd", &["zstandard"])];
