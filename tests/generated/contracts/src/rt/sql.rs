//! The SQL of destinations that are databases: what makes tables, lets them grow, and says what differs between databases.
#![cfg(any(feature = "duckdb", feature = "postgres", feature = "sqlite"))]

use arrow_schema::{DataType, Field, Schema};

use crate::rt::columns::EXTENSION;
use crate::rt::destination::Capabilities;
use crate::rt::naming;

/// What differs between databases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// What it is made for.
    pub(crate) capabilities: Capabilities,
    /// Begins a transaction in which nobody else writes.
    pub(crate) begin: &'static str,
    /// Gives the names of all tables.
    pub(crate) tables: &'static str,
    /// Gives the name and the type of each column of the table whose name comes behind it, as a literal.
    pub(crate) columns: (&'static str, &'static str),
    /// The type of a column, as the database itself calls it.
    pub(crate) types: fn(Kind) -> &'static str,
    /// Whether rows are found by an index rather than by looking at all.
    pub(crate) has_indexes: bool,
    /// What makes texts go by their bytes, where they do not by themselves.
    pub(crate) binary_order: &'static str,
}

impl Dialect {
    /// A name that is no longer than it may be.
    pub(crate) fn shortened(&self, name: String) -> String {
        naming::shortened(name, self.capabilities.max_identifier_length)
    }
}

/// Gives the names of all tables, where there is the standard's information schema.
#[cfg(any(feature = "duckdb", feature = "postgres"))]
pub(crate) const TABLES: &str =
    "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name";

/// Gives the columns of a table, where there is the same.
#[cfg(any(feature = "duckdb", feature = "postgres"))]
pub(crate) const COLUMNS: (&str, &str) =
    ("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ", "");

/// What the values of a column are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Texts.
    Text,
    /// JSON.
    Json,
    /// Truths.
    Boolean,
    /// Whole numbers of 64 bits.
    Integer,
    /// Floats of 64 bits.
    Float,
    /// Decimal numbers of 38 digits, nine of them behind the point.
    Decimal,
    /// Instants.
    Timestamp,
    /// Dates.
    Date,
    /// Times of day.
    Time,
    /// Bytes.
    Binary,
}

impl Kind {
    /// That of a column; none for lists and records, which no table has.
    pub(crate) fn of(field: &Field) -> Option<Self> {
        Some(match field.data_type() {
            DataType::Utf8 if field.metadata().get(EXTENSION.0).is_some_and(|name| name == EXTENSION.1) => Self::Json,
            DataType::Utf8 => Self::Text,
            DataType::Boolean => Self::Boolean,
            DataType::Int64 => Self::Integer,
            DataType::Float64 => Self::Float,
            DataType::Decimal128(..) => Self::Decimal,
            DataType::Timestamp(..) => Self::Timestamp,
            DataType::Date32 => Self::Date,
            DataType::Time64(_) => Self::Time,
            DataType::Binary => Self::Binary,
            _ => return None,
        })
    }

    /// What dlt calls it: the end of the name of a column that stands beside one of another type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Boolean => "bool",
            Self::Integer => "bigint",
            Self::Float => "double",
            Self::Decimal => "decimal",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Time => "time",
            Self::Binary => "binary",
        }
    }
}

/// A name in SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names in SQL, one behind the other.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// The names of columns in SQL, one behind the other.
pub(crate) fn columns(schema: &Schema) -> String {
    list(schema.fields().iter().map(|field| field.name().as_str()))
}

/// A text in SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A text in SQL, or that there is none.
pub(crate) fn literal_or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), literal)
}

/// Makes a table if there is none.
pub(crate) fn create(table: &str, columns: &[(&str, &str)]) -> String {
    let columns: Vec<String> = columns.iter().map(|(name, kind)| format!("{} {kind}", quoted(name))).collect();
    format!("CREATE TABLE IF NOT EXISTS {} ({})", quoted(table), columns.join(", "))
}

/// Says of the row `left` that it has the key of the row `right`.
pub(crate) fn same_key(left: &str, right: &str, key: &[String]) -> String {
    let each = key.iter().map(|name| format!("{left}.{0} = {right}.{0}", quoted(name)));
    each.collect::<Vec<_>>().join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_can_not_leave_their_quotes() {
        assert_eq!(quoted("a\"; DROP TABLE x; --"), "\"a\"\"; DROP TABLE x; --\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal_or_null(None), "NULL");
        assert_eq!(create("t", &[("a", "TEXT"), ("b", "BIGINT")]), "CREATE TABLE IF NOT EXISTS \"t\" (\"a\" TEXT, \"b\" BIGINT)");
        assert_eq!(same_key("t", "s", &["a".to_owned(), "b".to_owned()]), "t.\"a\" = s.\"a\" AND t.\"b\" = s.\"b\"");
    }
}
