//! Values of one of several types: by tag, by what fits best, and what fits none.

use std::collections::BTreeMap;

use tapwright_runtime::rt::codec::{Choice, Decode, Fields, Key, Record};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::value::Json;

/// Defines a record of optional fields, as the generator writes it.
macro_rules! record {
    ($name:ident { $($field:ident: $ty:ty = $key:expr),* } $($rest:ident)?) => {
        #[derive(Clone, Debug, Default, PartialEq)]
        struct $name {
            $($field: $ty,)*
            $($rest: BTreeMap<String, i64>,)?
        }

        impl Record for $name {
            const KEYS: &'static [Key] = &[$($key),*];
        }

        impl Fields for $name {
            fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
                let mut at = 0..;
                $(if Some(index) == at.next() {
                    return r.fill(&mut self.$field);
                })*
                $(return r.keep(&mut self.$rest);)?
                #[allow(unreachable_code)]
                r.skip_unknown()
            }
        }
    };
}

/// Defines a choice, as the generator writes it.
macro_rules! choice {
    ($name:ident { $($variant:ident($ty:ty)),* } by $key:literal $tags:expr) => {
        #[derive(Clone, Debug, PartialEq)]
        enum $name {
            $($variant($ty),)*
            Other(Json),
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Other(Json::default())
            }
        }

        impl Record for $name {
            const CHOICE: Option<&'static Choice> =
                Some(&Choice { names: &[$(stringify!($variant)),*], key: $key, tags: $tags, any: false });
        }

        impl Fields for $name {
            fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
                let mut at = 0..;
                $(if Some(index) == at.next() {
                    return r.put(self, Self::$variant);
                })*
                r.put(self, Self::Other)
            }
        }
    };
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Cat,
    Other(Box<str>),
}

impl Kind {
    fn as_str(&self) -> &str {
        match self {
            Self::Cat => "cat",
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for Kind {
    fn from(text: &str) -> Self {
        if text == "cat" { Self::Cat } else { Self::Other(text.into()) }
    }
}

tapwright_runtime::__open_enum!(Kind);

record!(Cat { kind: Option<Kind> = Key::optional("kind"), name: Option<String> = Key::optional("name"), lives: Option<i64> = Key::optional("lives") });
record!(Dog { kind: Option<String> = Key::optional("kind"), name: Option<String> = Key::optional("name"), bark: Option<bool> = Key::optional("bark") });
record!(Loose { name: Option<String> = Key::optional("name") } rest);
record!(Node { id: i64 = Key::required("id"), left: Option<Box<Tree>> = Key::optional("left") });
record!(Leaf { left: Option<Box<Tree>> = Key::optional("left"), name: String = Key::required("name") });
choice!(Pet { Cat(Cat), Dog(Dog) } by "" &[]);
choice!(Tagged { Cat(Cat), Dog(Dog) } by "kind" &[("cat", 0), ("dog", 1), ("puppy", 1)]);
choice!(Nested { Pet(Pet), Loose(Loose), List(Vec<Pet>) } by "" &[]);
choice!(Tree { Node(Node), Leaf(Leaf) } by "" &[]);

fn read<T: Decode>(text: &str) -> T {
    let mut reader = Reader::new(text);
    let value = reader.read().and_then(|value| reader.end().map(|()| value));
    value.unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

fn why<T: Decode>(text: &str) -> String {
    match text.parse::<Json>().unwrap().read::<T>() {
        Ok(_) => String::new(),
        Err(fault) => fault.message().to_owned(),
    }
}

#[test]
fn the_type_that_knows_most_members_is_taken() {
    for (text, is_cat) in [
        (r#"{"name":"a"}"#, true),
        (r#"{"name":"a","bark":true}"#, false),
        (r#"{"bark":true,"lives":9}"#, true),
        (r#"{"bark":true,"lives":9,"x":1}"#, true),
        (r#"{"name":"a","bark":true,"x":1,"lives":"many"}"#, false),
        // The value of an enum tells more than members do.
        (r#"{"kind":"fox","lives":1}"#, false),
    ] {
        let pet: Pet = read(text);
        assert!(matches!((&pet, is_cat), (Pet::Cat(_), true) | (Pet::Dog(_), false)), "{text}: {pet:?}");
    }
}

#[test]
fn members_of_the_type_that_is_taken_are_counted_once() {
    let mut reader = Reader::new(r#"[{"bark":true,"x":1},{"bark":true,"lives":9,"x":1},{"bark":true}]"#);
    let pets: Vec<Pet> = reader.read().unwrap();
    assert_eq!(pets.len(), 3);
    assert_eq!((reader.end(), reader.noted()), (Ok(()), 3));
}

#[test]
fn a_tag_decides_wherever_it_stands() {
    let dog = |kind: &str| Tagged::Dog(Dog { kind: Some(kind.to_owned()), ..Dog::default() });
    assert_eq!(read::<Tagged>(r#"{"x":{"kind":"cat"},"lives":9,"kind":"puppy"}"#), dog("puppy"));
    assert!(matches!(read(r#"{"bark":true,"kind":"cat"}"#), Tagged::Cat(_)));
    // One that is unknown, or no text, or not there, decides nothing.
    assert!(matches!(read(r#"{"kind":"wolf","bark":true}"#), Tagged::Dog(_)));
    assert!(matches!(read(r#"{"lives":1}"#), Tagged::Cat(_)));
    // One that lies is not made up for.
    assert!(matches!(read(r#"{"kind":"dog","bark":"loud"}"#), Tagged::Other(_)));
    assert_eq!(
        why::<Tagged>(r#"{"kind":"dog","bark":"loud"}"#),
        "fits none of its types (Dog: expected a boolean, found a string at `$.bark`)"
    );
}

#[test]
fn what_fits_none_is_kept_and_can_be_asked_why() {
    assert_eq!(read::<Pet>("[1, 2]"), Pet::Other("[1, 2]".parse().unwrap()));
    assert_eq!(read::<Vec<Pet>>("[null]"), [Pet::default()]);
    assert_eq!(
        why::<Pet>("true"),
        "fits none of its types (Cat: expected an object, found a boolean; Dog: expected an object, found a boolean)"
    );
    assert_eq!(why::<Pet>("{}"), "");
    assert!(Reader::new("{\"name\":").read::<Pet>().is_err());
}

#[test]
fn a_choice_within_a_choice_is_told_by_what_fits_in_it() {
    assert!(matches!(read(r#"[{"lives":1}]"#), Nested::List(_)));
    assert!(matches!(read(r#"{"name":"a","x":1,"y":2}"#), Nested::Pet(Pet::Cat(_))));
    assert!(matches!(read("true"), Nested::Pet(Pet::Other(_))));
}

#[test]
fn further_members_are_kept() {
    let loose: Loose = read(r#"{"a":1,"name":"n","b":null,"\u0063":3,"a":2}"#);
    let rest = BTreeMap::from([("a".to_owned(), 2), ("c".to_owned(), 3)]);
    assert_eq!(loose, Loose { name: Some("n".to_owned()), rest });
    let mut reader = Reader::new(r#"{"a":1,"b":"x"}"#);
    assert_eq!(reader.read::<Loose>().map_err(|fault| fault.path()), Err("$.b".to_owned()));
    let mut reader = Reader::new(r#"{"a":1,"b":"x"}"#);
    reader.discard_values(true);
    assert_eq!(reader.read::<Loose>().map(|loose| loose.rest.len()), Ok(1));
    assert_eq!(reader.discarded().iter().map(Fault::path).collect::<Vec<_>>(), ["$.b"]);
}

/// Each level is read by two types, and neither fits before its end: without a bound that is two to the power of the depth.
#[test]
fn a_text_made_to_be_read_again_and_again_comes_to_an_end() {
    let text = format!("{}1{}", r#"{"left":"#.repeat(60), "}".repeat(60));
    let tree: Tree = read(&text);
    assert!(matches!(tree, Tree::Other(_)), "{tree:?}");
}
