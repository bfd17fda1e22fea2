//! Columns that grow while records are read: the bytes of a response go straight into them, with no struct and no tree between.
//!
//! The loop that reads structs reads these as well, so that required keys, contracts and drift are the same for both.
#![cfg(feature = "arrow")]

use std::sync::Arc;

use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType};
use arrow_array::{ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, ListArray, PrimitiveArray, StringArray, StructArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, NullBufferBuilder, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field as ArrowField, FieldRef, Fields as ArrowFields, TimeUnit};

use crate::rt::codec::{Decode, Lenient};
use crate::rt::columnar::{Element, Field, Shape, Type};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::reader::Reader;
use crate::rt::record::{Fields, Key};
use crate::rt::time::{Time, Timestamp};
use crate::rt::units::{DECIMAL, days, decimal, microseconds};
use crate::rt::value::{Binary, Json, Uuid};

/// The zone of instants.
pub(crate) const UTC: &str = "+00:00";

/// The key of a field's metadata that tells what its text is, and its value where that is JSON.
pub const EXTENSION: (&str, &str) = ("ARROW:extension:name", "arrow.json");

/// The only column of a table whose rows are no records with known keys.
static VALUE: [Key; 1] = [Key::optional("value")];

/// The rows of records: a column for each key.
#[derive(Debug)]
pub struct Rows {
    keys: &'static [Key],
    columns: Vec<Column>,
    rest: Option<Box<Rest>>,
    len: usize,
    /// Whether a row is a value of the only column, rather than a record.
    are_values: bool,
}

/// What records have besides their keys: a column of objects.
#[derive(Debug)]
struct Rest {
    name: String,
    column: Column,
    /// The object of the record that is being read, without its end.
    open: String,
}

/// How records are laid out.
#[derive(Clone, Copy, Debug)]
pub struct Nesting<'a> {
    /// How many levels below are columns of their own; what is deeper is JSON.
    levels: usize,
    /// The records around.
    around: Option<&'a Around<'a>>,
}

/// A record around others, and how it is laid out.
#[derive(Debug)]
pub struct Around<'a> {
    keys: &'static [Key],
    nesting: Nesting<'a>,
}

impl Nesting<'_> {
    /// With so many levels of lists and records within records.
    #[must_use]
    pub fn levels(levels: usize) -> Self {
        Self { levels, around: None }
    }

    /// Whether a record is within one of its own type.
    fn is_in(&self, keys: &'static [Key]) -> bool {
        self.around.is_some_and(|around| around.keys.as_ptr() == keys.as_ptr() || around.nesting.is_in(keys))
    }
}

impl Rows {
    /// A table without rows, for records or other values.
    #[must_use]
    pub fn table(kind: Type, nesting: Nesting<'_>) -> Self {
        match kind {
            Type::Record(shape) => Self::new(shape(), nesting),
            _ => Self {
                keys: &VALUE,
                columns: vec![Column::new(kind, false, true, nesting)],
                rest: None,
                len: 0,
                are_values: true,
            },
        }
    }

    fn new(shape: Shape, nesting: Nesting<'_>) -> Self {
        let around = Around { keys: shape.keys, nesting };
        let within = Nesting { levels: nesting.levels, around: Some(&around) };
        let column = |(field, key): (&Field, &Key)| Column::new(field.kind, field.lenient, !key.is_required(), within);
        let columns = shape.fields.iter().zip(shape.keys).map(column).collect();
        let rest = shape.rest.map(|name| {
            Box::new(Rest {
                name: unlike(name, shape.keys),
                column: Column::new(Type::Json, false, true, within),
                open: String::new(),
            })
        });
        Self { keys: shape.keys, columns, rest, len: 0, are_values: false }
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Column> {
        self.columns.iter_mut().chain(self.rest.as_mut().map(|rest| &mut rest.column))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Reads one. After a fault the rows are as before.
    pub fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        let result = if self.are_values { self.set(0, r) } else { r.record(self.keys, self) };
        let result = result.and_then(|()| self.rest.as_mut().map_or(Ok(()), |rest| rest.end()));
        if result.is_err() {
            self.truncate(self.len);
            return result;
        }
        self.len += 1;
        let len = self.len;
        for column in self.all().filter(|column| column.len() < len) {
            column.push_null();
        }
        Ok(())
    }

    fn push_null(&mut self) {
        self.len += 1;
        self.all().for_each(Column::push_null);
    }

    /// Forgets all but so many.
    pub fn truncate(&mut self, len: usize) {
        self.len = len;
        self.all().for_each(|column| column.truncate(len));
        if let Some(rest) = &mut self.rest {
            rest.open.clear();
        }
    }

    /// About how many bytes the columns have.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.columns.iter().chain(self.rest.as_ref().map(|rest| &rest.column)).map(Column::bytes).sum()
    }

    /// What the columns are.
    #[must_use]
    pub fn fields(&self) -> ArrowFields {
        let rest = self.rest.as_ref().map(|rest| rest.column.field(&rest.name));
        self.keys.iter().zip(&self.columns).map(|(key, column)| column.field(key.name)).chain(rest).collect()
    }

    /// Takes the columns; there are no rows after that.
    pub fn finish(&mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        self.len = 0;
        self.all().map(Column::finish).collect()
    }
}

impl Rest {
    /// Ends the object of a record.
    fn end(&mut self) -> Result<(), Fault> {
        if self.open.is_empty() {
            return Ok(());
        }
        self.open.push('}');
        if let Values::Text(texts) = &mut self.column.values {
            texts.push(&self.open)?;
        }
        self.column.valid.push(true);
        self.open.clear();
        Ok(())
    }
}

/// A name that is none of the keys'.
fn unlike(name: &str, keys: &[Key]) -> String {
    let mut name = name.to_owned();
    while keys.iter().any(|key| key.name == name) {
        name.push('_');
    }
    name
}

impl Fields for Rows {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        let Some(column) = self.columns.get_mut(index) else {
            return match &mut self.rest {
                Some(rest) => r.keep_text(&mut rest.open),
                None => r.skip_unknown(),
            };
        };
        if column.len() > self.len {
            // Of a repeated key the last value counts.
            column.truncate(self.len);
        }
        column.read(r).inspect_err(|_| column.truncate(self.len))
    }
}

/// A column that grows.
#[derive(Debug)]
struct Column {
    kind: Type,
    lenient: bool,
    nullable: bool,
    valid: Valid,
    values: Values,
}

/// Which values of a column are none, and how many values there are.
#[derive(Debug)]
struct Valid {
    nulls: NullBufferBuilder,
    /// Kept here, since it is asked for at every value.
    len: usize,
}

impl Valid {
    fn push(&mut self, is_value: bool) {
        self.nulls.append(is_value);
        self.len += 1;
    }

    fn truncate(&mut self, len: usize) {
        if self.len > len {
            self.nulls.truncate(len);
            self.len = len;
        }
    }

    fn finish(&mut self) -> Option<NullBuffer> {
        self.len = 0;
        self.nulls.finish()
    }
}

/// The values of a column; where there is a null, there is some value all the same.
#[derive(Debug)]
enum Values {
    Boolean(BooleanBufferBuilder),
    Integer(Vec<i64>),
    Float(Vec<f64>),
    Decimal(Vec<i128>),
    Date(Vec<i32>),
    Text(Texts),
    Binary(Vec<u8>, Vec<i32>),
    List(Box<Column>, Vec<i32>),
    Record(Rows),
}

/// Texts, one behind the other.
#[derive(Debug)]
struct Texts {
    text: String,
    /// Where each ends; before them a 0.
    offsets: Vec<i32>,
}

impl Texts {
    fn push(&mut self, text: &str) -> Result<(), Fault> {
        self.text.push_str(text);
        push_offset(&mut self.offsets, self.text.len())
    }
}

/// Arrow counts with 32 bits; a page of which that is not enough is refused.
fn push_offset(offsets: &mut Vec<i32>, end: usize) -> Result<(), Fault> {
    let too_large = |_| Fault::new(FaultKind::Type, 0, "the values of the column have more than 2 GiB");
    offsets.push(i32::try_from(end).map_err(too_large)?);
    Ok(())
}

fn last(offsets: &[i32]) -> usize {
    offsets.last().map_or(0, |end| usize::try_from(*end).unwrap_or(0))
}

fn repeat_last(offsets: &mut Vec<i32>) {
    offsets.push(offsets.last().copied().unwrap_or(0));
}

impl Column {
    fn new(kind: Type, lenient: bool, nullable: bool, nesting: Nesting<'_>) -> Self {
        let texts = || Values::Text(Texts { text: String::new(), offsets: vec![0] });
        let within = Nesting { levels: nesting.levels.saturating_sub(1), ..nesting };
        let values = match kind {
            Type::Text | Type::Word(_) | Type::Uuid | Type::Json => texts(),
            Type::Boolean => Values::Boolean(BooleanBufferBuilder::new(0)),
            Type::Integer | Type::Timestamp | Type::Time => Values::Integer(Vec::new()),
            Type::Float => Values::Float(Vec::new()),
            Type::Decimal => Values::Decimal(Vec::new()),
            Type::Date => Values::Date(Vec::new()),
            Type::Binary => Values::Binary(Vec::new(), vec![0]),
            Type::List(Element { kind, nullable }) if nesting.levels > 0 => {
                Values::List(Box::new(Self::new(*kind, false, *nullable, within)), vec![0])
            }
            Type::Record(shape) if nesting.levels > 0 && !nesting.is_in(shape().keys) => {
                Values::Record(Rows::new(shape(), within))
            }
            Type::List(_) | Type::Record(_) => return Self::new(Type::Json, false, nullable, nesting),
        };
        Self { kind, lenient, nullable, valid: Valid { nulls: NullBufferBuilder::new(0), len: 0 }, values }
    }

    fn len(&self) -> usize {
        self.valid.len
    }

    fn bytes(&self) -> usize {
        match &self.values {
            Values::Boolean(values) => values.len() / 8,
            Values::Integer(values) => values.len() * 8,
            Values::Float(values) => values.len() * 8,
            Values::Decimal(values) => values.len() * 16,
            Values::Date(values) => values.len() * 4,
            Values::Text(Texts { text, offsets }) => text.len() + offsets.len() * 4,
            Values::Binary(bytes, offsets) => bytes.len() + offsets.len() * 4,
            Values::List(element, offsets) => element.bytes() + offsets.len() * 4,
            Values::Record(rows) => rows.bytes(),
        }
    }

    fn push_null(&mut self) {
        self.valid.push(false);
        match &mut self.values {
            Values::Boolean(values) => values.append(false),
            Values::Integer(values) => values.push(0),
            Values::Float(values) => values.push(0.0),
            Values::Decimal(values) => values.push(0),
            Values::Date(values) => values.push(0),
            Values::Text(Texts { offsets, .. }) | Values::Binary(_, offsets) | Values::List(_, offsets) => repeat_last(offsets),
            Values::Record(rows) => rows.push_null(),
        }
    }

    /// Forgets all but so many values; a value of which only a part was read is forgotten as well.
    fn truncate(&mut self, len: usize) {
        self.valid.truncate(len);
        match &mut self.values {
            Values::Boolean(values) if values.len() > len => values.truncate(len),
            Values::Boolean(_) => {}
            Values::Integer(values) => values.truncate(len),
            Values::Float(values) => values.truncate(len),
            Values::Decimal(values) => values.truncate(len),
            Values::Date(values) => values.truncate(len),
            Values::Text(Texts { text, offsets }) => {
                offsets.truncate(len + 1);
                text.truncate(last(offsets));
            }
            Values::Binary(bytes, offsets) => {
                offsets.truncate(len + 1);
                bytes.truncate(last(offsets));
            }
            Values::List(element, offsets) => {
                offsets.truncate(len + 1);
                element.truncate(last(offsets));
            }
            Values::Record(rows) => rows.truncate(len),
        }
    }

    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        if self.nullable && (r.no_value()? || self.lenient && self.blank_is_null() && r.blank()?) {
            self.push_null();
            return Ok(());
        }
        self.read_value(r)?;
        self.valid.push(true);
        Ok(())
    }

    /// Whether an empty text stands for no value, where neighbouring forms are read.
    fn blank_is_null(&self) -> bool {
        !matches!(self.kind, Type::Text)
    }

    fn read_value(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        let lenient = self.lenient;
        match (&mut self.values, self.kind) {
            (Values::Boolean(values), _) => values.append(value(r, lenient)?),
            (Values::Integer(values), Type::Timestamp) => values.push(value::<Timestamp>(r, lenient)?.as_microsecond()),
            (Values::Integer(values), Type::Time) => values.push(microseconds(Time::decode(r)?)),
            (Values::Integer(values), _) => values.push(value(r, lenient)?),
            (Values::Float(values), _) => values.push(value(r, lenient)?),
            (Values::Decimal(values), _) => values.push(decimal(r)?),
            (Values::Date(values), _) => values.push(days(value(r, lenient)?)),
            (Values::Text(texts), kind) => return texts.read(r, kind, lenient),
            (Values::Binary(bytes, offsets), _) => {
                bytes.extend_from_slice(&Binary::decode(r)?.0);
                return push_offset(offsets, bytes.len());
            }
            (Values::List(element, offsets), _) => {
                r.elements(&mut |r, _| element.read(r))?;
                return push_offset(offsets, element.len());
            }
            (Values::Record(rows), _) => return rows.read(r),
        }
        Ok(())
    }

    /// What the column is, by the name of its key.
    fn field(&self, name: &str) -> FieldRef {
        let field = ArrowField::new(name, self.data_type(), self.nullable || matches!(self.kind, Type::Json));
        let is_json = matches!(self.kind, Type::Json);
        let metadata = is_json.then(|| (EXTENSION.0.to_owned(), EXTENSION.1.to_owned()));
        Arc::new(field.with_metadata(metadata.into_iter().collect()))
    }

    fn data_type(&self) -> DataType {
        match (&self.values, self.kind) {
            (Values::Boolean(_), _) => DataType::Boolean,
            (Values::Integer(_), Type::Timestamp) => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            (Values::Integer(_), Type::Time) => DataType::Time64(TimeUnit::Microsecond),
            (Values::Integer(_), _) => DataType::Int64,
            (Values::Float(_), _) => DataType::Float64,
            (Values::Decimal(_), _) => DataType::Decimal128(DECIMAL.0, DECIMAL.1),
            (Values::Date(_), _) => DataType::Date32,
            (Values::Text(_), _) => DataType::Utf8,
            (Values::Binary(..), _) => DataType::Binary,
            (Values::List(element, _), _) => DataType::List(element.field(ArrowField::LIST_FIELD_DEFAULT_NAME)),
            (Values::Record(rows), _) => DataType::Struct(rows.fields()),
        }
    }

    /// Takes the values; there are none after that.
    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let data_type = self.data_type();
        let valid = self.valid.finish();
        Ok(match &mut self.values {
            Values::Boolean(values) => Arc::new(BooleanArray::new(values.finish(), valid)),
            Values::Integer(values) => match self.kind {
                Type::Timestamp => primitive::<TimestampMicrosecondType>(values, valid, data_type)?,
                Type::Time => primitive::<Time64MicrosecondType>(values, valid, data_type)?,
                _ => primitive::<Int64Type>(values, valid, data_type)?,
            },
            Values::Float(values) => primitive::<Float64Type>(values, valid, data_type)?,
            Values::Decimal(values) => primitive::<Decimal128Type>(values, valid, data_type)?,
            Values::Date(values) => primitive::<Date32Type>(values, valid, data_type)?,
            Values::Text(Texts { text, offsets }) => {
                let bytes = take_alike(text).into_bytes();
                Arc::new(StringArray::try_new(taken(offsets), bytes.into(), valid)?)
            }
            Values::Binary(bytes, offsets) => {
                Arc::new(BinaryArray::try_new(taken(offsets), std::mem::take(bytes).into(), valid)?)
            }
            Values::List(element, offsets) => {
                let field = element.field(ArrowField::LIST_FIELD_DEFAULT_NAME);
                Arc::new(ListArray::try_new(field, taken(offsets), element.finish()?, valid)?)
            }
            Values::Record(rows) => {
                let (fields, len) = (rows.fields(), rows.len());
                Arc::new(StructArray::try_new_with_length(fields, rows.finish()?, valid, len)?)
            }
        })
    }
}

/// Takes a text, and leaves an empty one that has room for another of its size.
fn take_alike(text: &mut String) -> String {
    let room = text.len() + text.len() / 16;
    std::mem::replace(text, String::with_capacity(room))
}

fn taken(offsets: &mut Vec<i32>) -> OffsetBuffer<i32> {
    let mut next = Vec::with_capacity(offsets.len());
    next.push(0);
    OffsetBuffer::new(std::mem::replace(offsets, next).into())
}

fn primitive<T: ArrowPrimitiveType>(
    values: &mut Vec<T::Native>,
    valid: Option<NullBuffer>,
    data_type: DataType,
) -> Result<ArrayRef, ArrowError> {
    let room = values.len();
    let values = std::mem::replace(values, Vec::with_capacity(room));
    Ok(Arc::new(PrimitiveArray::<T>::try_new(values.into(), valid)?.with_data_type(data_type)))
}

impl Texts {
    fn read(&mut self, r: &mut Reader<'_>, kind: Type, lenient: bool) -> Result<(), Fault> {
        match kind {
            Type::Json if r.included().is_empty() => self.push(r.skip()?),
            Type::Json => self.push(Json::decode(r)?.text()),
            Type::Uuid => {
                let id = Uuid::decode(r)?;
                self.push(&id.to_string())
            }
            Type::Word(is_known) => {
                let text = r.str()?;
                self.push(&text)?;
                if !is_known(&text) {
                    r.unlisted(text);
                }
                Ok(())
            }
            _ if lenient => self.push(&String::lenient(r)?),
            _ => {
                r.str_onto(&mut self.text)?;
                push_offset(&mut self.offsets, self.text.len())
            }
        }
    }
}

/// Reads a value, also in a neighbouring form where that is wanted.
fn value<T: Decode + Lenient>(r: &mut Reader<'_>, lenient: bool) -> Result<T, Fault> {
    if lenient { T::lenient(r) } else { T::decode(r) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a record has besides its keys is kept, and that of a record that does not fit is forgotten with it.
    #[test]
    fn further_members_are_a_column() {
        static KEYS: [Key; 2] = [Key::required("id"), Key::optional("rest")];
        const FIELD: Field = Field { kind: Type::Integer, lenient: false };
        let shape = || Shape { keys: &KEYS, fields: &[FIELD, FIELD], rest: Some("rest") };
        let mut rows = Rows::table(Type::Record(shape), Nesting::levels(1));
        let mut read = |text: &str| rows.read(&mut Reader::new(text)).is_ok();
        assert!(read(r#"{"id": 1, "a \"b\"": [1, {"c": null}], "rest": 5, "d": null}"#));
        assert!(!read(r#"{"e": 1, "id": "no number"}"#));
        assert!(read(r#"{"id": 2}"#));
        let names: Vec<_> = rows.fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, ["id", "rest", "rest_"]);
        let columns = rows.finish().expect("columns");
        let expected = StringArray::from(vec![Some(r#"{"a \"b\"":[1, {"c": null}],"d":null}"#), None]);
        assert_eq!(columns[2].as_ref(), &expected as &dyn arrow_array::Array);
    }
}
