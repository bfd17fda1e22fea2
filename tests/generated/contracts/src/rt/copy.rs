//! Postgres's binary form of rows.
//!
//! <https://www.postgresql.org/docs/current/sql-copy.html> has the frame, and the server's `*_recv` functions have the values.
#![cfg(feature = "postgres")]

use arrow_array::RecordBatch;
use arrow_schema::Field;

use crate::rt::cells::{Cell, Cells};
use crate::rt::destination::failed;
use crate::rt::error::Result;
use crate::rt::sql::Kind;

/// What a stream of rows begins with: the signature, no flags, and no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What it ends with.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// How many bytes are handed on at a time.
const CHUNK: usize = 1 << 16;

/// Days from 1970 to 2000, when its calendar begins.
const EPOCH: i32 = 10_957;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Writes rows, in pieces.
pub(crate) fn write(rows: &RecordBatch, out: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let columns = Cells::of(rows)?;
    let schema = rows.schema();
    let count = i16::try_from(columns.len()).map_err(|_| failed("PostgreSQL takes 1600 columns at most"))?;
    let mut bytes = HEADER.to_vec();
    for row in 0..rows.num_rows() {
        bytes.extend(count.to_be_bytes());
        for (column, field) in columns.iter().zip(schema.fields()) {
            value(&mut bytes, column.get(row), field)?;
        }
        if bytes.len() > CHUNK {
            out(&bytes)?;
            bytes.clear();
        }
    }
    bytes.extend(TRAILER);
    out(&bytes)
}

/// Writes a value behind its length.
fn value(bytes: &mut Vec<u8>, cell: Cell<'_>, field: &Field) -> Result<()> {
    if cell == Cell::Null {
        bytes.extend((-1_i32).to_be_bytes());
        return Ok(());
    }
    let start = bytes.len();
    bytes.extend([0; 4]);
    match cell {
        Cell::Null => {}
        Cell::Text(text) => {
            if text.contains('\0') {
                let message = "has a text with a NUL character, which PostgreSQL takes in no text";
                return Err(failed(format!("the column `{}` {message}", field.name())));
            }
            if Kind::of(field) == Some(Kind::Json) {
                // The version of the form.
                bytes.push(1);
            }
            bytes.extend(text.as_bytes());
        }
        Cell::Boolean(is_true) => bytes.push(is_true.into()),
        Cell::Integer(number) => bytes.extend(number.to_be_bytes()),
        Cell::Float(number) => bytes.extend(number.to_be_bytes()),
        Cell::Decimal(units, scale) => numeric(bytes, units, scale),
        Cell::Timestamp(microseconds) => bytes.extend((microseconds - i64::from(EPOCH) * DAY).to_be_bytes()),
        Cell::Date(days) => bytes.extend((days - EPOCH).to_be_bytes()),
        Cell::Time(microseconds) => bytes.extend(microseconds.to_be_bytes()),
        Cell::Binary(binary) => bytes.extend(binary),
    }
    let length = i32::try_from(bytes.len() - start - 4).map_err(|_| failed("a value has more than 2 GiB"))?;
    if let Some(place) = bytes.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// Writes a decimal number: how many digits of base 10,000 it has, the place of the first, the sign, how many decimal digits are behind
/// the point, and the digits.
fn numeric(bytes: &mut Vec<u8>, units: i128, scale: i8) {
    const BASE: u128 = 10_000;
    let scale = u32::try_from(scale).unwrap_or(0);
    // Digits of base 10,000 begin at the point, so that the fraction has a multiple of four decimal digits.
    let fraction = scale.div_ceil(4);
    let one = 10_u128.pow(scale);
    let mut digits = Vec::new();
    let mut low = units.unsigned_abs() % one * 10_u128.pow(fraction * 4 - scale);
    for _ in 0..fraction {
        digits.push(low % BASE);
        low /= BASE;
    }
    let mut high = units.unsigned_abs() / one;
    while high > 0 {
        digits.push(high % BASE);
        high /= BASE;
    }
    digits.reverse();
    let count = u32::try_from(digits.len()).unwrap_or(0);
    let weight = i64::from(count) - i64::from(fraction) - 1;
    let sign = if units < 0 { 0x4000 } else { 0 };
    let short = |number: i64| i16::try_from(number).unwrap_or(i16::MAX).to_be_bytes();
    bytes.extend([i64::from(count), weight, sign, i64::from(scale)].into_iter().flat_map(short));
    bytes.extend(digits.into_iter().flat_map(|digit| short(i64::try_from(digit).unwrap_or(0))));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorts(units: i128) -> Vec<i16> {
        let mut bytes = Vec::new();
        numeric(&mut bytes, units, 9);
        bytes.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn decimals_have_digits_of_base_ten_thousand() {
        assert_eq!(shorts(0), [3, -1, 0, 9, 0, 0, 0]);
        assert_eq!(shorts(1), [3, -1, 0, 9, 0, 0, 1000]);
        assert_eq!(shorts(-1_500_000_000), [4, 0, 0x4000, 9, 1, 5000, 0, 0]);
        assert_eq!(shorts(12_345_678_000_000_001), [5, 1, 0, 9, 1234, 5678, 0, 0, 1000]);
    }
}
