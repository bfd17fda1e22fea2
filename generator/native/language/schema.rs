//! The types of records.

use super::{Key, Kind, Section};

/// A schema in its long form.
pub static SCHEMA: Section = Section {
    name: "a schema",
    doc: "A type with a name.",
    keys: &[
        DESCRIPTION,
        Key::new("fields", Kind::Map(&FIELD_KIND), "The fields of an object, by name."),
        ENUM,
        any_of(),
        REFERENCE,
    ],
};

/// Whether a map in a schema's place is its long form, rather than its fields. A field may well be called `fields` or `enum`, so the
/// values decide: `fields` are the keys of the map under that key, and `is_list` says of a key that has a value whether that is a list.
pub fn is_long_schema(keys: &[&str], fields: &[&str], is_list: impl Fn(&str) -> Option<bool>) -> bool {
    let says_fields = !fields.is_empty()
        && (fields.iter().any(|key| FIELD.key(key).is_none()) || keys.iter().all(|key| SCHEMA.key(key).is_some()));
    says_fields || is_list("enum") == Some(true) || is_list("any_of") == Some(true) || is_list("$ref").is_some()
}

/// A field.
pub static FIELD: Section = Section {
    name: "a field",
    doc: "A field of a record. It may be absent and null unless the spec says otherwise.",
    keys: &[
        Key::new("type", Kind::Text, "A type: `string`, `array of User`, `map of integer`, `string | integer`.")
            .example("date-time"),
        DESCRIPTION,
        Key::new("required", Kind::Boolean, "Whether the key is always there."),
        Key::new("nullable", Kind::Boolean, "Whether the value may be null; `true` where it is absent."),
        ENUM,
        Key::new("format", Kind::Text, "Narrows `string`: date-time, date, time, uuid, byte.").example("date-time"),
        Key::new("sensitive", Kind::Boolean, "Whether it is hidden in `Debug` output."),
        Key::new("lenient", Kind::Boolean, "Whether neighbouring forms are taken as well: `\"true\"`, `\"12\"`, epoch seconds."),
        Key::new("deprecated", Kind::Boolean, "Whether the service advises against it."),
        Key::new("items", Kind::Either(&FIELD_FORMS), "The type of an array's elements."),
        Key::new("fields", Kind::Map(&FIELD_KIND), "The fields of an object, by name."),
        Key::new("values", Kind::Either(&FIELD_FORMS), "The type of a map's values."),
        any_of(),
        REFERENCE,
    ],
};

const DESCRIPTION: Key =
    Key::new("description", Kind::Text, "What it is, for people.").example("The address that was last confirmed.");
const ENUM: Key =
    Key::new("enum", Kind::List(&Kind::Text), "The texts it may be; others decode as well.").example("[spa, native]");
/// A function, since a constant could not be part of the table that it refers to.
const fn any_of() -> Key {
    Key::new("any_of", Kind::List(&FIELD_KIND), "The types it may be, tried in order.")
}

const REFERENCE: Key = Key::new("$ref", Kind::Text, "A schema of an OpenAPI document beside the spec.")
    .example("management.json#/components/schemas/User");
static FIELD_FORMS: [Kind; 2] = [Kind::Text, Kind::Section(&FIELD)];

/// A field: its type, or a map that says more.
pub static FIELD_KIND: Kind = Kind::Either(&FIELD_FORMS);
