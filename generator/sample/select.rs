//! Where in a response the records are.

use std::fmt;

use crate::infer::list::{GENERIC, NEVER};
use crate::infer::words::{Name, among};
use crate::infer::yaml;
use crate::model::{Path, Segment};

use super::shape::{Kind, Shape};

/// Keys that stand beside the records of a page, by their words.
const BESIDE: &str = "total count next previous prev last first page pages paging pagination limit offset skip start length size cursor \
     more token links link meta metadata response ok object url self href status success incomplete has per sys type kind errors error \
     warnings includes included current request took etag since until result code message";

/// How deep below an answer a list of records lies.
const MAX_DEPTH: usize = 3;

/// Why no place is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// Several lists may be meant.
    Several(Vec<String>),
    /// The path leads to nothing that the samples have; these lists are there.
    Nothing(Vec<String>),
}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |places: &[String]| places.iter().map(|place| format!("`{place}`")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Several(places) => write!(f, "there are several lists: {}", list(places)),
            Self::Nothing(places) if places.is_empty() => f.write_str("the path leads to nothing that the samples have"),
            Self::Nothing(places) => write!(f, "the path leads to nothing that the samples have; there are {}", list(places)),
        }
    }
}

/// The records of samples: the path to them, and what they are. Elements of a list are records; what is no list is one itself.
pub fn records(shape: &Shape) -> Result<(Path, &Shape), NoPlace> {
    if shape.kinds() == [Kind::List] {
        return Ok((Path(Vec::new()), elements(shape)));
    }
    let lists = lists(shape);
    match lists.as_slice() {
        [] => Ok((Path(Vec::new()), shape)),
        [one] => Ok((Path(one.0.clone()), elements(one.1))),
        _ => Err(NoPlace::Several(shown(&lists))),
    }
}

/// The records at a path.
pub fn at<'s>(shape: &'s Shape, path: &Path) -> Result<&'s Shape, NoPlace> {
    let mut place = shape;
    for segment in &path.0 {
        let next = match segment {
            Segment::Key(key) => elements(place).member(key),
            Segment::Index(_) => place.lists.as_ref().map(|lists| &lists.element),
        };
        place = next.ok_or_else(|| NoPlace::Nothing(shown(&lists(shape))))?;
    }
    Ok(elements(place))
}

/// What a list holds; anything else itself.
fn elements(shape: &Shape) -> &Shape {
    shape.lists.as_ref().map_or(shape, |lists| &lists.element)
}

fn shown(lists: &[Candidate<'_>]) -> Vec<String> {
    lists.iter().map(|(segments, _)| yaml::path(&Path(segments.clone()))).collect()
}

type Candidate<'s> = (Vec<Segment>, &'s Shape);

/// The lists that may be meant: those of a name that says so before others, and others only where what is beside them is what
/// stands on a page.
fn lists(shape: &Shape) -> Vec<Candidate<'_>> {
    let mut found = Vec::new();
    collect(shape, &mut Vec::new(), &mut found);
    let is_generic =
        |(path, _): &Candidate<'_>| matches!(path.last(), Some(Segment::Key(key)) if among(&Name::new(key).flat, GENERIC));
    let generic: Vec<Candidate<'_>> = found.iter().filter(|one| is_generic(one)).cloned().collect();
    if generic.len() == 1 { generic } else { found }
}

fn collect<'s>(shape: &'s Shape, path: &mut Vec<Segment>, found: &mut Vec<Candidate<'s>>) {
    let Some(objects) = shape.objects.as_ref().filter(|_| path.len() < MAX_DEPTH) else { return };
    let is_list = |shape: &Shape| {
        shape.kinds() == [Kind::List]
            && shape.lists.as_ref().is_some_and(|it| it.element.objects.is_some() || it.element.count() == 0)
    };
    let is_named = |key: &str| among(&Name::new(key).flat, GENERIC);
    let strangers = objects
        .fields
        .iter()
        .filter(|(key, member)| !is_list(&member.shape) && !is_named(key) && !Name::new(key).has(BESIDE))
        .count();
    for (key, member) in &objects.fields {
        if among(&Name::new(key).flat, NEVER) {
            continue;
        }
        path.push(Segment::Key(key.to_string()));
        if is_list(&member.shape) {
            if strangers == 0 || (is_named(key) && strangers <= 2) {
                found.push((path.clone(), &member.shape));
            }
        } else if is_named(key) || (strangers <= 1 && !Name::new(key).has(BESIDE)) {
            collect(&member.shape, path, found);
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Samples;

    fn found(text: &str) -> String {
        let mut samples = Samples::default();
        samples.read(text.as_bytes()).unwrap();
        match records(&samples.shape) {
            Ok((path, shape)) => format!("{} {}", yaml::path(&path), shape.count()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_one_list_is_found() {
        for (text, expected) in [
            ("[{\"a\": 1}, {\"a\": 2}]", "$ 2"),
            ("{\"a\": 1}\n{\"a\": 2}", "$ 2"),
            ("{\"total\": 1, \"start\": 0, \"users\": [{\"a\": 1}]}", "users 1"),
            ("{\"data\": {\"items\": [{\"a\": 1}], \"next\": null}}", "data.items 1"),
            ("{\"id\": 1, \"name\": \"x\", \"email\": \"y\", \"identities\": [{\"a\": 1}]}", "$ 1"),
            ("{\"results\": [{\"a\": 1}], \"errors\": [{\"b\": 1}]}", "results 1"),
            ("{\"results\": []}\n{\"results\": [{\"a\": 1}]}", "results 1"),
            ("{\"users\": [{\"a\": 1}], \"groups\": [{\"a\": 1}]}", "there are several lists: `users`, `groups`"),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn a_path_leads_through_lists() {
        let mut samples = Samples::default();
        samples.read(&b"{\"users\": [{\"tags\": [{\"a\": 1}]}]}"[..]).unwrap();
        let at = |path: &str| at(&samples.shape, &crate::native::json_path::parse(path).ok().unwrap()).map(Shape::count);
        assert_eq!(at("users.tags"), Ok(1));
        assert_eq!(at("users[0].tags"), Ok(1));
        assert_eq!(at("groups").unwrap_err().to_string(), "the path leads to nothing that the samples have; there are `users`");
    }
}
