//! Resources, which list records, and the other operations.

use super::endpoint::PARAM_KIND;
use super::{ENDPOINT, INCREMENTAL, Key, Kind, PAGINATOR, PARTITION, RATE_LIMIT, RESPONSE_ACTIONS, STEP, Section, Word};

/// A list of records.
pub static RESOURCE: Section = Section {
    name: "a resource",
    doc: "A list of records. `path`, `method`, `params`, `data_selector`, `paginator`, `incremental`, `response_actions`, `rate_limit` and `weight` may stand here as well as under `endpoint`.",
    keys: &[
        Key::new("name", Kind::Text, "Its name.").example("users"),
        Key::new("description", Kind::Text, "What it lists, for people.").example("The users of the tenant."),
        Key::new("endpoint", Kind::Either(&[Kind::Text, Kind::Section(&ENDPOINT)]), "What is requested; a text is the path."),
        Key::new(
            "operation",
            Kind::Text,
            "The operation of the document (`openapi`) that lists it, by its id or by method and path; gives what the resource does not say.",
        )
        .example("GetUsers"),
        Key::new("primary_key", ONE_OR_MANY, "The fields that identify a record.").example("user_id"),
        Key::new("merge_key", ONE_OR_MANY, "The fields that a merge goes by, where it is not the primary key.")
            .example("user_id"),
        Key::new(
            "write_disposition",
            Kind::Either(&[Kind::Word(DISPOSITIONS), Kind::Section(&DISPOSITION)]),
            "How records meet those that a destination holds already; `append` where it is absent.",
        ),
        Key::new(
            "schema",
            Kind::Either(&[Kind::Text, Kind::Schema]),
            "The type of a record: the name of a schema, or its fields.",
        ),
        Key::new(
            "selected",
            Kind::Boolean,
            "Whether it is read when nobody says which; `true` where it is absent. One that is not is still read for its children, and its own records go nowhere then.",
        ),
        Key::new(
            "partitions",
            Kind::Either(&[Kind::Tagged(&PARTITION), Kind::List(&PARTITION_KIND)]),
            "What it is read for, the outermost first: once for each value or record, and of several for each of their product.",
        )
        .example("[{type: list, name: region, values: [us, eu]}]"),
        Key::new(
            "include_from_parent",
            ONE_OR_MANY,
            "Fields of the parent's record that are added to each record; of a list the value, such as `partition.region`.",
        )
        .example("[id]"),
        Key::new(
            "processing_steps",
            Kind::List(&STEP_KIND),
            "What is done with each record before it is given out, step by step. The type of a record is the one after the last step; cursors and the fields that other resources take are those before the first.",
        )
        .example("[{filter: \"status == 'active'\"}]"),
        Key::new(
            "schema_contract",
            Kind::Either(&[Kind::Word(CONTRACTS), Kind::Section(&CONTRACT)]),
            "What happens to a record that is not as its schema says; `{columns: evolve, data_type: freeze}` where it is absent. A word stands for both keys.",
        ),
        hint("table_name"),
        hint("max_table_nesting"),
        hint("columns"),
        hint("table_format"),
        hint("file_format"),
        hint("nested_hints"),
        hint("references"),
        Key::new(
            "parallelized",
            Kind::Ignored("pages that are known ahead are read concurrently anyway; `concurrency` of the list sets how many"),
            "Occurs in dlt configurations.",
        ),
        Key::new("path", Kind::Text, "As under `endpoint`.").example("/users"),
        Key::new("method", Kind::Text, "As under `endpoint`.").example("POST"),
        Key::new("params", Kind::Map(&PARAM_KIND), "As under `endpoint`."),
        Key::new("data_selector", ONE_OR_MANY, "As under `endpoint`.").example("users"),
        Key::new("paginator", Kind::Tagged(&PAGINATOR), "As under `endpoint`.").aliases(&["pagination"]),
        Key::new("incremental", Kind::Section(&INCREMENTAL), "As under `endpoint`."),
        Key::new("response_actions", RESPONSE_ACTIONS, "As under `endpoint`."),
        Key::new("rate_limit", Kind::Section(&RATE_LIMIT), "As under `endpoint`."),
        Key::new("weight", Kind::Count, "As under `endpoint`.").example("5"),
    ],
};

static STEP_KIND: Kind = Kind::Section(&STEP);

/// A key of dlt's resources that is about the table which they are loaded into.
const fn hint(name: &'static str) -> Key {
    Key::new(
        name,
        Kind::Ignored("it is about the table that records are loaded into, and a crate gives records"),
        "Occurs in dlt configurations; is about tables.",
    )
}

/// Keys of a resource that belong under its endpoint.
pub const ENDPOINT_KEYS: &[&str] =
    &["path", "method", "params", "data_selector", "paginator", "incremental", "response_actions", "rate_limit", "weight"];

static PARTITION_KIND: Kind = Kind::Tagged(&PARTITION);

const ONE_OR_MANY: Kind = Kind::Either(&[Kind::Text, Kind::List(&Kind::Text)]);

const DISPOSITIONS: &[Word] = &[Word::new("append"), Word::new("replace"), Word::new("merge"), Word::new("skip")];
const STRATEGIES: &[Word] =
    &[Word::new("delete-insert"), Word::new("upsert"), Word::or("insert-only", &["insert_only"]), Word::new("scd2")];
static DEDUP_SORT: Section = Section {
    name: "`dedup_sort`",
    doc: "Which of several records with the same key counts.",
    keys: &[
        Key::new("field", Kind::Text, "The field that says it.").required().example("updated_at"),
        Key::new(
            "order",
            Kind::Word(&[Word::new("asc"), Word::new("desc")]),
            "Whether the lowest value counts (`asc`) or the highest; `desc` where it is absent.",
        ),
    ],
};
static DISPOSITION: Section = Section {
    name: "`write_disposition`",
    doc: "How records meet those that a destination holds already.",
    keys: &[
        Key::new("disposition", Kind::Word(DISPOSITIONS), "The disposition.").required().example("merge"),
        Key::new(
            "strategy",
            Kind::Word(STRATEGIES),
            "How `merge` does it. By `delete-insert`, the default, rows with the `merge_key` or the `primary_key` of others go when these come; by `upsert` those with the `primary_key`; by `insert-only` they stay, and only what has another `primary_key` comes; by `scd2` each version of a record stays, with columns that say from when until when it was valid, and one that does not come again is ended, with a `merge_key` only among those that share one of its values.",
        ),
        Key::new(
            "hard_delete",
            Kind::Text,
            "For `merge`: the field that says of a record that it is deleted, so that its row goes and none comes. It is `true`, or of another type and not null.",
        )
        .example("deleted"),
        Key::new(
            "dedup_sort",
            Kind::Either(&[Kind::Text, Kind::Section(&DEDUP_SORT)]),
            "For `merge`: the field that says which of several records with the same key counts in a run, the one with the highest value; the last one where it is absent.",
        )
        .example("updated_at"),
        Key::new(
            "validity_column_names",
            Kind::List(&Kind::Text),
            "For `scd2`: the columns that say from when on a version is valid, and until when; null is until now. `[_dlt_valid_from, _dlt_valid_to]` where it is absent.",
        )
        .example("[valid_from, valid_to]"),
    ],
};

const CONTRACTS: &[Word] = &[
    Word::new("evolve"),
    Word::new("freeze"),
    Word::or("discard_row", &["discard_rows"]),
    Word::or("discard_value", &["discard_values"]),
];
static CONTRACT: Section = Section {
    name: "`schema_contract`",
    doc: "What happens to a record that is not as its schema says. What the contract lets pass is counted, and the client's `drift()` tells of it: unknown fields, new values of enums, nulls, values of another type.",
    keys: &[
        Key::new("tables", Kind::Ignored("a crate has the resources of its spec"), "Occurs in dlt configurations."),
        Key::new(
            "columns",
            Kind::Word(CONTRACTS),
            "What happens to a field that the schema does not know: `evolve` skips it and tells of it, `discard_value` skips it and tells nothing, `discard_row` leaves the record out, `freeze` ends the run with an error that names the field. A type that lists no fields knows all. For a load the columns of a table that is there are the schema: it grows, or values, records or the load are refused.",
        )
        .example("freeze"),
        Key::new(
            "data_type",
            Kind::Word(CONTRACTS),
            "What happens to a value of another type: `discard_value` leaves it out (of a required field: the record), `discard_row` leaves the record out, `freeze` ends the run with an error that names the value. `evolve` is refused: a field of a record has one type.",
        )
        .example("discard_value"),
    ],
};

/// A call that does not list records.
pub static OPERATION: Section = Section {
    name: "an operation",
    doc: "A call that does not list records.",
    keys: &[
        Key::new("name", Kind::Text, "Its name.").required().example("introspect"),
        Key::new("description", Kind::Text, "What it does, for people.").example("Says whether a token is good."),
        Key::new("endpoint", Kind::Either(&[Kind::Text, Kind::Section(&ENDPOINT)]), "What is requested; a text is the path.")
            .required(),
        Key::new(
            "response",
            Kind::Either(&[Kind::Text, Kind::Schema]),
            "The type of the answer: a type, or fields; an answer without a body where it is absent.",
        ),
    ],
};
