//! The values of rows, one by one: for destinations that do not take columns.
#![cfg(any(feature = "postgres", feature = "sqlite"))]

use std::fmt;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType};
use arrow_array::{Array, BinaryArray, BooleanArray, PrimitiveArray, RecordBatch, StringArray};
use arrow_schema::DataType;
use jiff::civil::{Date, Time, date};
use jiff::{Span, Timestamp};

use crate::rt::destination::failed;
use crate::rt::error::Result;

const EPOCH: Date = date(1970, 1, 1);

/// A value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// There is none.
    Null,
    /// A text.
    Text(&'a str),
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A float.
    Float(f64),
    /// Units of the last place of a decimal number, and how many of its digits are behind the point.
    Decimal(i128, i8),
    /// Microseconds since 1970.
    Timestamp(i64),
    /// Days since 1970.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Bytes.
    Binary(&'a [u8]),
}

/// A column whose values are read one by one.
pub(crate) enum Cells<'a> {
    /// Of texts.
    Text(&'a StringArray),
    /// Of truths.
    Boolean(&'a BooleanArray),
    /// Of whole numbers.
    Integer(&'a PrimitiveArray<Int64Type>),
    /// Of floats.
    Float(&'a PrimitiveArray<Float64Type>),
    /// Of decimal numbers.
    Decimal(&'a PrimitiveArray<Decimal128Type>, i8),
    /// Of instants.
    Timestamp(&'a PrimitiveArray<TimestampMicrosecondType>),
    /// Of dates.
    Date(&'a PrimitiveArray<Date32Type>),
    /// Of times of day.
    Time(&'a PrimitiveArray<Time64MicrosecondType>),
    /// Of bytes.
    Binary(&'a BinaryArray),
}

impl<'a> Cells<'a> {
    /// The columns of rows.
    pub(crate) fn of(rows: &'a RecordBatch) -> Result<Vec<Self>> {
        rows.columns().iter().map(|column| Self::column(column.as_ref())).collect()
    }

    fn column(column: &'a dyn Array) -> Result<Self> {
        Ok(match column.data_type() {
            DataType::Utf8 => Self::Text(column.as_string()),
            DataType::Boolean => Self::Boolean(column.as_boolean()),
            DataType::Int64 => Self::Integer(column.as_primitive()),
            DataType::Float64 => Self::Float(column.as_primitive()),
            DataType::Decimal128(_, scale) => Self::Decimal(column.as_primitive(), *scale),
            DataType::Timestamp(..) => Self::Timestamp(column.as_primitive()),
            DataType::Date32 => Self::Date(column.as_primitive()),
            DataType::Time64(_) => Self::Time(column.as_primitive()),
            DataType::Binary => Self::Binary(column.as_binary()),
            other => return Err(failed(format!("a column of {other} has no values that a row could have"))),
        })
    }

    /// The value of a row.
    pub(crate) fn get(&self, row: usize) -> Cell<'a> {
        match self {
            Self::Text(column) if column.is_valid(row) => Cell::Text(column.value(row)),
            Self::Boolean(column) if column.is_valid(row) => Cell::Boolean(column.value(row)),
            Self::Integer(column) if column.is_valid(row) => Cell::Integer(column.value(row)),
            Self::Float(column) if column.is_valid(row) => Cell::Float(column.value(row)),
            Self::Decimal(column, scale) if column.is_valid(row) => Cell::Decimal(column.value(row), *scale),
            Self::Timestamp(column) if column.is_valid(row) => Cell::Timestamp(column.value(row)),
            Self::Date(column) if column.is_valid(row) => Cell::Date(column.value(row)),
            Self::Time(column) if column.is_valid(row) => Cell::Time(column.value(row)),
            Self::Binary(column) if column.is_valid(row) => Cell::Binary(column.value(row)),
            _ => Cell::Null,
        }
    }
}

/// As ISO 8601 and plain decimal numbers have it.
impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Boolean(is_true) => write!(f, "{is_true}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Decimal(units, scale) => decimal(f, units, scale),
            Self::Timestamp(microseconds) => match Timestamp::from_microsecond(microseconds) {
                Ok(instant) => write!(f, "{instant:.6}"),
                Err(_) => write!(f, "{microseconds}"),
            },
            Self::Date(days) => match EPOCH.checked_add(Span::new().days(days)) {
                Ok(date) => write!(f, "{date}"),
                Err(_) => write!(f, "{days}"),
            },
            Self::Time(microseconds) => match Time::midnight().checked_add(Span::new().microseconds(microseconds)) {
                Ok(time) => write!(f, "{time}"),
                Err(_) => write!(f, "{microseconds}"),
            },
            Self::Binary(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// All digits but zeros at the end of the fraction.
fn decimal(f: &mut fmt::Formatter<'_>, units: i128, scale: i8) -> fmt::Result {
    let scale = u32::try_from(scale).unwrap_or(0);
    let one = 10_u128.checked_pow(scale).unwrap_or(u128::MAX);
    let (whole, fraction) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    let sign = if units < 0 { "-" } else { "" };
    if fraction == 0 {
        return write!(f, "{sign}{whole}");
    }
    let digits = format!("{fraction:0width$}", width = scale as usize);
    write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_others_read_them() {
        for (cell, expected) in [
            (Cell::Null, ""),
            (Cell::Decimal(0, 9), "0"),
            (Cell::Decimal(-1_500_000_000, 9), "-1.5"),
            (Cell::Decimal(1, 9), "0.000000001"),
            (Cell::Decimal(-100_000_000_000, 9), "-100"),
            (Cell::Timestamp(0), "1970-01-01T00:00:00.000000Z"),
            (Cell::Timestamp(-1), "1969-12-31T23:59:59.999999Z"),
            (Cell::Timestamp(1_709_164_800_123_456), "2024-02-29T00:00:00.123456Z"),
            (Cell::Date(19_782), "2024-02-29"),
            (Cell::Date(-1), "1969-12-31"),
            (Cell::Time(0), "00:00:00"),
            (Cell::Time(86_399_999_999), "23:59:59.999999"),
            (Cell::Binary(&[0, 255]), "00ff"),
        ] {
            assert_eq!(cell.to_string(), expected, "{cell:?}");
        }
    }
}
