//! Projections: a struct of a caller's own that holds a few fields of a record. Only these are decoded, and where a service can be
//! told which fields it shall send, only they are asked for.
//!
//! Each such record says what its fields are called and what their types are: `project!` finds the place of a name, and with it the
//! key and the type. It looks at the field itself as well, so that a name which is wrong, and a field that a new version of the API
//! no longer has, are errors of the compiler's about a field.

use std::marker::PhantomData;

use crate::rt::codec::{Decode, Fields, Key, Lenient, Record};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::pin::is_same;
use crate::rt::reader::{Kind, Reader};
use crate::rt::value::Json;

/// A struct that holds fields of the records of `R`. Declare it by `project!`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no projection of `{R}`",
    label = "this has fields of other records",
    note = "declare it with `project! {{ struct … from LIST {{ … }} }}`, where LIST is the one that is read"
)]
pub trait ProjectionOf<R>: Record {}

/// A record that projections can be made of. All it says stands in a few items, since an item for each field costs the compiler a
/// sixth of all.
pub trait Projected: Record {
    /// What its fields and those within them are; the files of its lists know it as well.
    const FINGERPRINT: u64;
    /// The names of its fields, in the order of its keys, with blanks between them.
    const NAMES: &'static str;
    /// [`Types`] of [`Types`] of their types, in the same order.
    type Types;
}

/// Stands for the records of a list of which no fields can be taken: the compiler says of each that there is none, and of what type.
macro_rules! unprojected {
    ($($module:ident $why:ident $docs:literal;)+) => {
        $(#[doc = $docs]
        pub mod $module {
            use super::{Fault, Fields, Json, Key, Projected, Reader, Record, Types};
            pub use $why as Row;

            #[doc = $docs]
            #[derive(Clone, Copy, Debug, Default)]
            pub struct $why;

            impl Record for $why {
                const KEYS: &'static [Key] = &[Key::optional("")];
            }

            impl Fields for $why {
                fn set(&mut self, _: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
                    r.skip().map(drop)
                }
            }

            impl Projected for $why {
                const FINGERPRINT: u64 = 0;
                const NAMES: &'static str = "";
                type Types = Types<Types<Json>>;
            }
        })+
    };
}

unprojected! {
    hooked RecordForAHook "The records of a list pass through a hook, which takes them whole.";
    wide RecordOfMoreThan1024Fields "The records of a list have more fields than `Types` of `Types` have room for.";
    fieldless RecordWithoutFields "Of the records of a list no fields are known.";
}

/// One of up to 32 types.
pub trait At<const INDEX: usize> {
    /// The type at the index.
    type Type;
}

macro_rules! types {
    ($($index:literal $name:ident)+) => {
        /// A row of types.
        #[derive(Debug)]
        pub struct Types<$($name = ()),+>(PhantomData<($($name,)+)>);

        types! { @at [$($name),+] $($index $name)+ }
    };
    (@at $all:tt $($index:literal $name:ident)+) => {
        $(types! { @one $all $index $name })+
    };
    (@one [$($all:ident),+] $index:literal $name:ident) => {
        impl<$($all),+> At<$index> for Types<$($all),+> {
            type Type = $name;
        }
    };
}

types! {
    0 A0 1 A1 2 A2 3 A3 4 A4 5 A5 6 A6 7 A7 8 B0 9 B1 10 B2 11 B3 12 B4 13 B5 14 B6 15 B7
    16 C0 17 C1 18 C2 19 C3 20 C4 21 C5 22 C6 23 C7 24 D0 25 D1 26 D2 27 D3 28 D4 29 D5 30 D6 31 D7
}

/// How a field of a record is read, by its place in the rows of [`Types`].
pub type FieldAt<R, const ROW: usize, const INDEX: usize> =
    <<<R as Projected>::Types as At<{ ROW }>>::Type as At<{ INDEX }>>::Type;

/// How a field is read: as its type is, or [`Leniently`].
pub trait FieldOf {
    /// Its type, `Option` included.
    type Type;

    /// Reads it.
    fn read(r: &mut Reader<'_>) -> Result<Self::Type, Fault>;
}

impl<T: Decode> FieldOf for T {
    type Type = T;

    fn read(r: &mut Reader<'_>) -> Result<T, Fault> {
        T::decode(r)
    }
}

/// A field of which neighbouring forms are read as well.
#[derive(Debug)]
pub struct Leniently<T>(PhantomData<T>);

impl<T: Lenient> FieldOf for Leniently<T> {
    type Type = T;

    fn read(r: &mut Reader<'_>) -> Result<T, Fault> {
        T::lenient(r)
    }
}

/// A type that a field can be read as: its own, or the one inside its `Option`, where a record without it is refused.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` can not be read as `{To}`",
    label = "not the type of this field",
    note = "leave the type out to have the field's own; without its `Option`, records that lack the field are refused"
)]
pub trait ReadAs<To> {
    /// Whether a record without the field is refused, which the record itself would not do.
    const NARROWS: bool;

    /// The value as that type.
    fn read_as(self) -> Option<To>;
}

impl<T> ReadAs<T> for T {
    const NARROWS: bool = false;

    fn read_as(self) -> Option<T> {
        Some(self)
    }
}

impl<T> ReadAs<T> for Option<T> {
    const NARROWS: bool = true;

    fn read_as(self) -> Option<T> {
        self
    }
}

/// A field of any JSON, into which a projection can reach.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` is not any JSON",
    label = "a dot reaches into fields of type `Json` only",
    note = "the fields of a record are projected by `field: Name {{ … }}`"
)]
pub trait AnyJson {}

impl AnyJson for Json {}
impl AnyJson for Option<Json> {}

/// The place of a field of a record; that of the first where it has none of the name, which `project!` lets the compiler find.
#[must_use]
pub const fn place<R: Projected>(name: &str) -> usize {
    find(R::NAMES, name)
}

const fn find(names: &str, name: &str) -> usize {
    let (names, name) = (names.as_bytes(), name.as_bytes());
    let (mut place, mut at) = (0, 0);
    while at < names.len() {
        let (start, mut is_same) = (at, true);
        while at < names.len() && names[at] > b' ' {
            is_same = is_same && at - start < name.len() && names[at] == name[at - start];
            at += 1;
        }
        if is_same && at - start == name.len() {
            return place;
        }
        while at < names.len() && names[at] <= b' ' {
            at += 1;
        }
        place += 1;
    }
    0
}

/// The key at a place of a record's table; it is required where the type that it is read as can not be without it.
#[must_use]
pub const fn key<R: Record>(place: usize, narrows: bool) -> Key {
    let key = R::KEYS[place];
    if narrows { key.needed() } else { key }
}

/// For each of some keys the index of the first of the same name.
#[must_use]
pub const fn firsts<const N: usize>(keys: &[Key]) -> [usize; N] {
    let mut firsts = [0; N];
    let mut at = 0;
    while at < N {
        while !is_same(keys[firsts[at]].name, keys[at].name) {
            firsts[at] += 1;
        }
        at += 1;
    }
    firsts
}

/// Reads a field as a type of the caller's choice.
pub fn read_as<F: FieldOf, To>(r: &mut Reader<'_>) -> Result<To, Fault>
where
    F::Type: ReadAs<To>,
{
    r.token();
    let start = r.offset();
    // A null has been refused before, as the key is required.
    F::read(r)?.read_as().ok_or_else(|| Fault::new(FaultKind::Missing, start, "there is no value"))
}

/// Reads a value within a field of any JSON, by the keys that lead to it; there is none where one of them is missing or null.
pub fn within<F: FieldOf, To: Decode>(r: &mut Reader<'_>, keys: &[&'static str]) -> Result<Option<To>, Fault>
where
    F::Type: AnyJson,
{
    let mut found = None;
    reach(r, keys, &mut |r| {
        found = Option::<To>::decode(r)?;
        Ok(())
    })?;
    Ok(found)
}

fn reach(
    r: &mut Reader<'_>,
    keys: &[&'static str],
    read: &mut dyn FnMut(&mut Reader<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let Some((first, rest)) = keys.split_first() else { return read(r) };
    if r.peek()? == Kind::Null {
        return r.skip().map(drop);
    }
    r.object(&mut |r, key| {
        if key == *first { reach(r, rest, read) } else { r.skip().map(drop) }
    })
}

/// Says of a record what `project!` looks up, 32 fields a row:
/// `fields!(User, 0x301f_5287; user_id: Option<String>, age: Leniently<Option<i64>>; more: Option<Json>);`, and behind the digest
/// the name of what keeps further members, where there is such.
#[doc(hidden)]
#[macro_export]
macro_rules! __fields {
    ($record:ident, $fingerprint:literal $(, $rest:literal)?; $($($field:ident: $ty:ty),+);+) => {
        #[doc(hidden)]
        impl $crate::rt::project::Projected for $record {
            const FINGERPRINT: u64 = $fingerprint;
            const NAMES: &'static str = stringify!($($($field)+)+);
            type Types = $crate::rt::project::Types<$($crate::rt::project::Types<$($ty),+>),+>;
        }

        #[cfg(feature = "arrow")]
        impl $crate::rt::columnar::Columnar for $record {
            const TYPE: $crate::rt::columnar::Type = $crate::rt::columnar::Type::Record(|| $crate::rt::columnar::Shape {
                keys: <$record as $crate::rt::codec::Record>::KEYS,
                fields: &[$($(<$ty as $crate::rt::columnar::ColumnOf>::FIELD),+),+],
                rest: [$(Some($rest),)? None][0],
            });
        }
    };
}

/// Defines the module of a record: the record, and for each field with records in it a module of its name.
/// `inside!(User_, User; identities as Identity_: ListOf<T> = Vec<T>);`
#[doc(hidden)]
#[macro_export]
macro_rules! __inside {
    ($module:ident, $record:ident $(; $($within:ident as $of:ident: $kind:ident<T> = $as:ty),+)?) => {
        #[doc(hidden)]
        #[allow(non_snake_case)]
        pub mod $module {
            pub use super::$record as Row;

            pub mod inside {
                $($(pub mod $within {
                    pub use $crate::models::$of::*;
                    pub type $kind<T> = $as;
                })+)?
            }
        }
    };
}

pub use {crate::__fields as fields, crate::__inside as inside};

/// Gives the builder of a list the method `project`, and holds its file and that of its records to one version of the spec:
/// `projected!(Users, User, Listing, 0x6e6f_bce9_9b55_92f6, "users", "auth0.yaml");`.
#[doc(hidden)]
#[macro_export]
macro_rules! projected {
    ($name:ident, $($of:ident)::+, $($listing:ident)::+, $fingerprint:literal, $list:literal, $spec:literal) => {
        const _: () = ::std::assert!(
            <$($of)::+ as $crate::rt::project::Projected>::FINGERPRINT == $fingerprint,
            concat!("`", $list, "` and its records are of different versions of the spec: run `gen --spec ", $spec, "`")
        );

        impl $name {
            /// The same call for some fields of each record only: those of a struct that `project!` declares.
            pub fn project<P: $crate::rt::project::ProjectionOf<$($of)::+>>(self) -> $($listing)::+<P> {
                self.0.project(P::KEYS)
            }
        }
    };
}

/// Declares a struct that holds some of the fields of a list's records; `project` of the list's builder reads it in their place.
///
/// - `email` takes the field as it is, `email as address` under another name.
/// - `email: String` takes it as the type inside its `Option`: a record without it is an error, which names the path.
/// - `identities: [Identity { provider }]` takes some fields of each record of a list or a map, `address: Address { city }` of a
///   record; each such struct is declared along with it.
/// - `app_metadata.plan as plan: Option<String>` takes a value out of a field of any JSON.
///
/// The struct has `Clone`, `Default` and `Debug`, which hides what is sensitive; name further traits in a `#[derive(…)]`.
#[macro_export]
macro_rules! project {
    // Structs within have the traits of the one around them, and not its documentation.
    (@attributes [$($derive:tt)*] [$($other:tt)*] #[derive($($traits:tt)*)] $($rest:tt)*) => {
        $crate::project! { @attributes [$($derive)* #[derive($($traits)*)]] [$($other)*] $($rest)* }
    };
    (@attributes [$($derive:tt)*] [$($other:tt)*] #[$attribute:meta] $($rest:tt)*) => {
        $crate::project! { @attributes [$($derive)*] [$($other)* #[$attribute]] $($rest)* }
    };
    (@attributes $derive:tt $other:tt $vis:vis struct $name:ident from $list:ident { $($fields:tt)* }) => {
        $crate::project! { @take [$other $derive [$vis] $name] [$crate::projections::$list] [] $($fields)* }
    };

    // The place of a field, how it is read, and its type. That the record has it, the compiler looks up by itself.
    (@place $of:ty, $field:ident) => {{
        let _ = |record: $of| { let _ = record.$field; };
        $crate::rt::project::place::<$of>(stringify!($field))
    }};
    (@field $of:ty, $field:ident) => {
        $crate::rt::project::FieldAt<
            $of,
            { $crate::project!(@place $of, $field) / 32 },
            { $crate::rt::project::place::<$of>(stringify!($field)) % 32 }
        >
    };
    (@type $of:ty, $field:ident) => {
        <$crate::project!(@field $of, $field) as $crate::rt::project::FieldOf>::Type
    };

    // One field after the other is taken from the front. `@take struct, record, fields done, fields left`.
    (@take $struct:tt $of:tt $done:tt $(,)?) => {
        $crate::project! { @struct $struct $of $done }
    };
    (@take $struct:tt [$($of:tt)*] [$($done:tt)*]
        $(#[$note:meta])* $field:ident $(. $key:ident)+ as $as:ident : Option<$ty:ty> $(, $($rest:tt)*)?
    ) => {
        $crate::project! { @take $struct [$($of)*] [$($done)* {
            [$(#[$note])*] $as
            [$crate::rt::project::key::<$($of)*::Row>($crate::project!(@place $($of)*::Row, $field), false)]
            [::std::option::Option<$ty>]
            [|reader: &mut $crate::rt::reader::Reader<'_>| {
                $crate::rt::project::within::<$crate::project!(@field $($of)*::Row, $field), $ty>(reader, &[$(stringify!($key)),+])
            }]
        }] $($($rest)*)? }
    };
    (@take $struct:tt $of:tt $done:tt $(#[$note:meta])* $field:ident . $($rest:tt)*) => {
        compile_error! { concat!("a value inside `", stringify!($field), "` is taken by `", stringify!($field),
            ".KEY as NAME: Option<TYPE>`: it may be missing") }
    };
    (@take $struct:tt $of:tt $done:tt $(#[$note:meta])* $field:ident as $as:ident $($rest:tt)*) => {
        $crate::project! { @one $struct $of $done [$(#[$note])*] $as $field $($rest)* }
    };
    (@take $struct:tt $of:tt $done:tt $(#[$note:meta])* $field:ident $($rest:tt)*) => {
        $crate::project! { @one $struct $of $done [$(#[$note])*] $field $field $($rest)* }
    };

    // What stands behind a field's name: the fields of the records in it, a type, or nothing.
    (@one $struct:tt $of:tt $done:tt $notes:tt $as:ident $field:ident : [$inner:ident { $($fields:tt)* }] $(, $($rest:tt)*)?) => {
        $crate::project! { @within $struct $of $done $notes $as $field ListOf $inner { $($fields)* } $($($rest)*)? }
    };
    (@one $struct:tt $of:tt $done:tt $notes:tt $as:ident $field:ident : $inner:ident { $($fields:tt)* } $(, $($rest:tt)*)?) => {
        $crate::project! { @within $struct $of $done $notes $as $field RecordOf $inner { $($fields)* } $($($rest)*)? }
    };
    (@within [$other:tt $derive:tt $vis:tt $name:ident] [$($of:tt)*] [$($done:tt)*] $notes:tt $as:ident $field:ident
        $kind:ident $inner:ident { $($fields:tt)* } $($rest:tt)*
    ) => {
        $crate::project! { @take [[] $derive $vis $inner] [$($of)*::inside::$field] [] $($fields)* }
        $crate::project! { @take [$other $derive $vis $name] [$($of)*] [$($done)* {
            $notes $as
            [$crate::rt::project::key::<$($of)*::Row>($crate::project!(@place $($of)*::Row, $field), false)]
            [$($of)*::inside::$field::$kind<$inner>]
            [<_ as $crate::rt::codec::Decode>::decode]
        }] $($rest)* }
    };
    (@one $struct:tt [$($of:tt)*] [$($done:tt)*] $notes:tt $as:ident $field:ident : $ty:ty $(, $($rest:tt)*)?) => {
        $crate::project! { @take $struct [$($of)*] [$($done)* {
            $notes $as
            [$crate::rt::project::key::<$($of)*::Row>(
                $crate::project!(@place $($of)*::Row, $field),
                <$crate::project!(@type $($of)*::Row, $field)
                    as $crate::rt::project::ReadAs<$ty>>::NARROWS
            )]
            [$ty] [$crate::rt::project::read_as::<$crate::project!(@field $($of)*::Row, $field), $ty>]
        }] $($($rest)*)? }
    };
    (@one $struct:tt [$($of:tt)*] [$($done:tt)*] $notes:tt $as:ident $field:ident $(, $($rest:tt)*)?) => {
        $crate::project! { @take $struct [$($of)*] [$($done)* {
            $notes $as
            [$crate::rt::project::key::<$($of)*::Row>($crate::project!(@place $($of)*::Row, $field), false)]
            [$crate::project!(@type $($of)*::Row, $field)]
            [<$crate::project!(@field $($of)*::Row, $field) as $crate::rt::project::FieldOf>::read]
        }] $($($rest)*)? }
    };

    (@struct [[$($other:tt)*] [$($derive:tt)*] [$vis:vis] $name:ident] [$($of:tt)*] [$({
        [$($note:tt)*] $as:ident [$key:expr] [$($ty:tt)*] [$($read:tt)*]
    })+]) => {
        $($other)*
        $($derive)*
        #[derive(::std::clone::Clone, ::std::default::Default)]
        #[allow(missing_docs)]
        $vis struct $name {
            $($($note)* $vis $as: $($ty)*,)+
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let mut keys = <$name as $crate::rt::codec::Record>::KEYS.iter();
                let mut shown = f.debug_struct(stringify!($name));
                $(if keys.next().is_some_and(|key| key.sensitive) {
                    shown.field(stringify!($as), &$crate::rt::redacted::Redacted);
                } else {
                    shown.field(stringify!($as), &self.$as);
                })+
                shown.finish()
            }
        }

        impl $crate::rt::codec::Record for $name {
            const KEYS: &'static [$crate::rt::codec::Key] =
                &[$($key),+];
        }

        impl $crate::rt::codec::Fields for $name {
            fn set(
                &mut self,
                index: usize,
                r: &mut $crate::rt::reader::Reader<'_>,
            ) -> ::std::result::Result<(), $crate::rt::fault::Fault> {
                // Several of the fields may be of one key, whose value is read for each of them.
                const FIRSTS: [usize; <$name as $crate::rt::codec::Record>::KEYS.len()] =
                    $crate::rt::project::firsts(<$name as $crate::rt::codec::Record>::KEYS);
                let start = r.offset();
                let (mut at, mut read) = (0, false);
                $(
                    if FIRSTS[at] == index {
                        r.rewind(start);
                        self.$as = ($($read)*)(r)?;
                        read = true;
                    }
                    at += 1;
                )+
                debug_assert_eq!(at, FIRSTS.len());
                // What has not been asked for is nothing unknown.
                if read { ::std::result::Result::Ok(()) } else { r.skip().map(drop) }
            }
        }

        impl $crate::rt::project::ProjectionOf<$($of)*::Row> for $name {}
    };

    (@ $($rest:tt)*) => {
        compile_error! { "write `struct NAME from LIST { FIELD, FIELD as NAME, FIELD: TYPE, … }`" }
    };
    ($($declaration:tt)*) => {
        $crate::project! { @attributes [] [] $($declaration)* }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_place_among_others() {
        for (name, expected) in [("id", 0), ("id_", 1), ("i", 2), ("idx", 3), ("name", 4), ("nam", 0), ("names", 0), ("", 0)] {
            assert_eq!(find("id id_  i\nidx name", name), expected, "{name}");
        }
    }
}
