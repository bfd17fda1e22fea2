//! What is done with each record before it is given out.

use super::{Key, Kind, Section, Word};

/// A step: exactly one of these keys.
pub static STEP: Section = Section {
    name: "a step",
    doc: "Something that is done with each record: exactly one of these keys. Expressions have paths (`user.email`, `tags[0]`, `$['odd key']`), texts in quotes, numbers, `true`, `false`, `null`; `== != < <= > >=`, `in`, `is null`, `and`, `or`, `not`, `+ - * /`; and the functions abs, coalesce, concat, contains, date, ends_with, epoch, floor, from_epoch, if, length, lower, replace, round, split, starts_with, substring, trim, upper, year. A comparison with a null is false; anything else that meets a null is null. What can not be computed follows `schema_contract`.",
    keys: &[
        Key::new("filter", Kind::Text, "Only records for which this is true go on.").example("\"status == 'active' and age >= 18\""),
        Key::new(
            "rename",
            Kind::Map(&Kind::Text),
            "New names of fields. A nested field may be lifted to the top: `{profile.email: email}`.",
        )
        .example("{usr_nm: user_name}"),
        Key::new("drop", ONE_OR_MANY, "Fields that go away, also nested ones.").example("[password, profile.phone]"),
        Key::new(
            "set",
            Kind::Map(&SET_KIND),
            "Fields and the expressions that give their values, in order; each has the type of its expression. A nested field is set where its object is there.",
        )
        .example("{name: \"concat(first, ' ', last)\"}"),
        Key::new(
            "cast",
            Kind::Map(&Kind::Word(CASTS)),
            "Fields and the types that they get. A number may stand in a text, a truth value may be 0 or 1, a moment may be a date or seconds or milliseconds since 1970; a blank text becomes null unless it is cast to a string.",
        )
        .example("{age: integer}"),
        Key::new(
            "explode",
            Kind::Either(&[Kind::Text, Kind::Section(&EXPLODE)]),
            "A list of which each element makes a record of its own, in the list's place.",
        )
        .example("items"),
        Key::new(
            "hash",
            Kind::Either(&[Kind::Text, Kind::List(&Kind::Text), Kind::Section(&HASH)]),
            "Fields of plain values that become their SHA-256, in hexadecimal digits.",
        )
        .example("[email]"),
        Key::new(
            "hook",
            Kind::Text,
            "A method of the trait `Hooks` that each record passes through; it is written in `src/hooks.rs`, which `gen` never overwrites. The last step.",
        )
        .example("enrich_user"),
        Key::new(
            "map",
            Kind::Python("say it by `set`, `rename`, `cast`, `drop` or `hash`; what those can not say is a `hook`, which is written in Rust"),
            "Occurs in dlt configurations, as a Python function.",
        ),
        Key::new(
            "yield_map",
            Kind::Python("`explode` makes a record of each element of a list; anything else is a `hook`, which is written in Rust"),
            "Occurs in dlt configurations, as a Python function.",
        ),
    ],
};

const ONE_OR_MANY: Kind = Kind::Either(&[Kind::Text, Kind::List(&Kind::Text)]);

static SET_KIND: Kind = Kind::Either(&[Kind::Text, Kind::Section(&SET)]);
static SET: Section = Section {
    name: "a computed field",
    doc: "A field whose type is not that of its expression.",
    keys: &[
        Key::new("type", Kind::Text, "Its type.").required().example("date-time"),
        Key::new("value", Kind::Text, "The expression; null where it is absent.").example("meta.created"),
    ],
};

static EXPLODE: Section = Section {
    name: "`explode`",
    doc: "A list of which each element makes a record of its own.",
    keys: &[
        Key::new("field", Kind::Text, "The list.").required().example("items"),
        Key::new(
            "keep_empty",
            Kind::Boolean,
            "Whether a record with an empty list, or none, goes on without an element; `false` where it is absent.",
        ),
        Key::new(
            "as",
            Kind::Text,
            "The members of an element go beside the list, each name with this prefix (which may be empty), instead of the element in the list's place.",
        )
        .example("item_"),
    ],
};

static HASH: Section = Section {
    name: "`hash`",
    doc: "Fields that become their digest.",
    keys: &[
        Key::new("fields", ONE_OR_MANY, "The fields.").required().example("[email]"),
        Key::new(
            "key",
            Kind::Text,
            "A secret input that the digest is made with (HMAC-SHA-256), so that nobody can guess values by trying.",
        )
        .example("\"{pii_key}\""),
    ],
};

const CASTS: &[Word] = &[
    Word::or("integer", &["bigint", "int"]),
    Word::or("number", &["double", "float"]),
    Word::new("decimal"),
    Word::or("string", &["text"]),
    Word::or("boolean", &["bool"]),
    Word::or("date-time", &["timestamp", "datetime"]),
    Word::new("date"),
];
