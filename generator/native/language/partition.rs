//! What a resource is read for.

use super::{Key, Kind, Section, Tagged, Variant};

/// What a resource is read for.
pub static PARTITION: Tagged = Tagged {
    name: "partition",
    default: None,
    shorthand: false,
    variants: &[Variant::new("list", &LIST), Variant::new("parent", &PARENT)],
};

static LIST: Section = Section {
    name: "partition `list`",
    doc: "Reads the resource once for each value of a list.",
    keys: &[
        Key::new("name", Kind::Text, "The name of the value: `{partition.region}` in a path, parameter, header or body.")
            .required()
            .example("region"),
        Key::new(
            "values",
            Kind::Either(&[Kind::Text, Kind::List(&VALUE)]),
            "The values: a list of texts, a list of maps whose fields are `{partition.report.id}`, or a text that separates them by commas, such as an input.",
        )
        .required()
        .example("[us, eu]"),
    ],
};

static VALUE: Kind = Kind::Either(&[Kind::Text, Kind::Map(&Kind::Text)]);

static PARENT: Section = Section {
    name: "partition `parent`",
    doc: "Reads the resource once for each record of another one. A parent that only stands in a placeholder, such as `{resources.organizations.id}`, need not be listed.",
    keys: &[
        Key::new("resource", Kind::Text, "The parent resource. What it is read for itself counts as well.")
            .required()
            .example("organizations"),
        Key::new(
            "where",
            Kind::Map(&CONDITION_KIND),
            "Which records are taken, by their fields; the others' children are never asked for. All conditions must hold.",
        )
        .example("{status: active}"),
    ],
};

static CONDITION_KIND: Kind = Kind::Either(&[Kind::Text, Kind::List(&Kind::Text), Kind::Section(&CONDITION)]);

static CONDITION: Section = Section {
    name: "a condition",
    doc: "What holds for a field; a text alone is `equals`, a list alone is `in`.",
    keys: &[
        Key::new("equals", Kind::Text, "The field is this value.").example("active"),
        Key::new("not_equals", Kind::Text, "The field is another value, null, or missing.").example("archived"),
        Key::new("in", Kind::List(&Kind::Text), "The field is one of these values.").example("[pro, team]"),
        Key::new("not_in", Kind::List(&Kind::Text), "The field is none of these values, null, or missing.").example("[free]"),
        Key::new("is_null", Kind::Boolean, "Whether the field is null or missing.").example("false"),
    ],
};
