//! The values that have no type in the standard library: any JSON, exact decimals, bytes and UUIDs.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::rt::codec::Decode;
use crate::rt::encode::{Encode, Writer};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::json_write;
use crate::rt::reader::{Kind, Reader};

/// Any JSON value, kept as the text it came as.
///
/// Two are equal if their texts are: numbers keep all their digits, and objects the order of their members.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Json(Box<str>);

impl Json {
    /// The JSON text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The type of the value.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Reader::new(&self.0).peek().unwrap_or(Kind::Null)
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    /// The text of a string; `None` for a value of another type.
    #[must_use]
    pub fn as_str(&self) -> Option<String> {
        self.read().ok()
    }

    /// The value at a JSON pointer (RFC 6901), such as `/address/lines/0`.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<Self> {
        let mut text: &str = &self.0;
        if !pointer.is_empty() {
            for token in pointer.strip_prefix('/')?.split('/') {
                text = child(text, &token.replace("~1", "/").replace("~0", "~"))?;
            }
        }
        Some(Self(text.into()))
    }

    /// Reads the value as a type. One that fits none of several types is an error, which says why.
    pub fn read<T: Decode>(&self) -> Result<T, Fault> {
        let mut reader = Reader::new(&self.0);
        reader.closed(true);
        T::decode(&mut reader)
    }
}

/// The text of a member or an element. Of a repeated key the last value counts.
fn child<'a>(text: &'a str, token: &str) -> Option<&'a str> {
    let mut reader = Reader::new(text);
    let mut found = None;
    let read = match reader.peek().ok()? {
        Kind::Object => reader.object(&mut |r, key| {
            let value = r.skip()?;
            if key == token {
                found = Some(value);
            }
            Ok(())
        }),
        Kind::Array => reader.array(&mut |r, index| {
            let value = r.skip()?;
            if token == index.to_string() {
                found = Some(value);
            }
            Ok(())
        }),
        _ => return None,
    };
    read.ok().and(found)
}

impl Default for Json {
    fn default() -> Self {
        Self("null".into())
    }
}

impl Decode for Json {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let included = r.included();
        let text = r.skip()?;
        match text.strip_prefix('{') {
            Some(members) if !included.is_empty() => Ok(Self(with_members(included, members).into())),
            _ => Ok(Self(text.into())),
        }
    }
}

/// An object of further members and its own, which are given as the text behind the brace.
fn with_members(further: &[(String, String)], own: &str) -> String {
    let mut object = String::with_capacity(own.len() + 64 * further.len());
    for (name, value) in further {
        object.push(if object.is_empty() { '{' } else { ',' });
        json_write::string(&mut object, name);
        object.push(':');
        object.push_str(value);
    }
    if !own.trim_start().starts_with('}') {
        object.push(',');
    }
    object + own
}

impl Encode for Json {
    fn encode(&self, w: &mut Writer) {
        w.raw(&self.0);
    }
}

impl FromStr for Json {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader::new(text);
        let json = Self::decode(&mut reader)?;
        reader.end().map(|()| json)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number with all the digits it came with.
///
/// Read from a JSON number, or from a string that holds one. Two are equal if they are written the same: `1.50` is not `1.5`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Decimal(Box<str>);

impl Decimal {
    /// The number as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl Default for Decimal {
    fn default() -> Self {
        Self("0".into())
    }
}

impl Decode for Decimal {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.peek()? {
            Kind::String => r.parse("a decimal number", |text| text.parse().ok()),
            _ => r.number().map(|text| Self(text.into())),
        }
    }
}

/// A number, with all its digits.
impl Encode for Decimal {
    fn encode(&self, w: &mut Writer) {
        w.raw(&self.0);
    }
}

impl FromStr for Decimal {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader::new(text);
        let number = reader.number()?;
        reader.end().map(|()| Self(number.into()))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Bytes that travel as Base64.
///
/// Read from the standard or the URL-safe alphabet, padded or not; written in the standard one, padded.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Binary(pub Vec<u8>);

impl Binary {
    /// The bytes of an answer, as they are.
    pub fn read(body: &[u8]) -> Result<Self, Fault> {
        Ok(Self(body.to_vec()))
    }
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

impl Decode for Binary {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.parse("Base64", |text| text.parse().ok())
    }
}

impl Encode for Binary {
    fn encode(&self, w: &mut Writer) {
        w.quoted(self);
    }
}

impl FromStr for Binary {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let engine = if text.contains(['-', '_']) { URL_SAFE } else { STANDARD };
        engine.decode(text).map(Self).map_err(|_| Fault::new(FaultKind::Type, 0, "expected Base64"))
    }
}

impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(&self.0))
    }
}

/// A UUID.
///
/// Read with or without hyphens, in either case; written in lower case with hyphens.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Uuid(pub [u8; 16]);

/// How many bytes precede each hyphen.
const HYPHENS: [usize; 4] = [4, 6, 8, 10];

impl Decode for Uuid {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.parse("a UUID", |text| text.parse().ok())
    }
}

impl Encode for Uuid {
    fn encode(&self, w: &mut Writer) {
        w.quoted(self);
    }
}

impl FromStr for Uuid {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        uuid(text).map(Self).ok_or_else(|| Fault::new(FaultKind::Type, 0, "expected a UUID"))
    }
}

fn uuid(text: &str) -> Option<[u8; 16]> {
    let hyphens = text.len() == 36;
    let mut digits = text.chars();
    let mut bytes = [0; 16];
    for (index, byte) in bytes.iter_mut().enumerate() {
        if hyphens && HYPHENS.contains(&index) && digits.next() != Some('-') {
            return None;
        }
        let high = digits.next()?.to_digit(16)?;
        let low = digits.next()?.to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    digits.next().is_none().then_some(bytes)
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if HYPHENS.contains(&index) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// Serde's traits. [`Json`] is written as the value it holds, the others as strings; each is read from what its
/// [`Decode`] takes.
#[cfg(feature = "serde")]
mod with_serde {
    use std::fmt;

    use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
    use serde::ser::{self, Serialize, Serializer};

    use super::{Binary, Decimal, Json, Uuid};
    use crate::rt::fault::Fault;
    use crate::rt::json_write;
    use crate::rt::reader::{Kind, Reader};

    impl Serialize for Json {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            Text(&self.0).serialize(serializer)
        }
    }

    /// JSON text as the value it stands for.
    struct Text<'a>(&'a str);

    impl Serialize for Text<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut reader = Reader::new(self.0);
            match reader.peek().map_err(ser::Error::custom)? {
                Kind::Null => serializer.serialize_unit(),
                Kind::Bool => serializer.serialize_bool(reader.bool().map_err(ser::Error::custom)?),
                Kind::String => serializer.serialize_str(&reader.str().map_err(ser::Error::custom)?),
                Kind::Number => match (self.0.parse::<i64>(), self.0.parse::<u64>()) {
                    (Ok(number), _) => serializer.serialize_i64(number),
                    (_, Ok(number)) => serializer.serialize_u64(number),
                    _ => serializer.serialize_f64(reader.float().map_err(ser::Error::custom)?),
                },
                Kind::Array => serializer.collect_seq(elements(&mut reader).map_err(ser::Error::custom)?),
                Kind::Object => serializer.collect_map(members(&mut reader).map_err(ser::Error::custom)?),
            }
        }
    }

    fn elements<'a>(reader: &mut Reader<'a>) -> Result<Vec<Text<'a>>, Fault> {
        let mut elements = Vec::new();
        reader.array(&mut |r, _| {
            elements.push(Text(r.skip()?));
            Ok(())
        })?;
        Ok(elements)
    }

    fn members<'a>(reader: &mut Reader<'a>) -> Result<Vec<(String, Text<'a>)>, Fault> {
        let mut members = Vec::new();
        reader.object(&mut |r, key| {
            members.push((key.to_owned(), Text(r.skip()?)));
            Ok(())
        })?;
        Ok(members)
    }

    impl<'de> Deserialize<'de> for Json {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = deserializer.deserialize_any(Writer)?;
            Ok(Self(text.into()))
        }
    }

    /// Writes whatever it is shown as JSON text.
    struct Writer;

    impl<'de> Visitor<'de> for Writer {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value that JSON has")
        }

        fn visit_unit<E: de::Error>(self) -> Result<String, E> {
            Ok("null".to_owned())
        }

        fn visit_bool<E: de::Error>(self, value: bool) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<String, E> {
            if value.is_finite() { Ok(format!("{value:?}")) } else { Err(E::custom("JSON has no such number")) }
        }

        fn visit_str<E: de::Error>(self, value: &str) -> Result<String, E> {
            let mut out = String::new();
            json_write::string(&mut out, value);
            Ok(out)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<String, A::Error> {
            let mut out = String::from("[");
            while let Some(Json(element)) = elements.next_element()? {
                separate(&mut out);
                out.push_str(&element);
            }
            out.push(']');
            Ok(out)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<String, A::Error> {
            let mut out = String::from("{");
            while let Some((key, Json(value))) = members.next_entry::<String, Json>()? {
                separate(&mut out);
                json_write::string(&mut out, &key);
                out.push(':');
                out.push_str(&value);
            }
            out.push('}');
            Ok(out)
        }
    }

    fn separate(out: &mut String) {
        if out.len() > 1 {
            out.push(',');
        }
    }

    macro_rules! as_text {
        ($($type:ty),+) => {$(
            impl Serialize for $type {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $type {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Json::deserialize(deserializer)?.read().map_err(de::Error::custom)
                }
            }
        )+};
    }

    as_text!(Decimal, Binary, Uuid);
}
