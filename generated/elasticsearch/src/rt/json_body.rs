//! JSON documents as static data: objects, arrays and values, with holes in their texts.

use crate::rt::body::{Document, Lookup};
use crate::rt::descriptor::{Path, Segment, Template};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::json_write;
use crate::rt::reader::{Kind, Reader};
use crate::rt::template::{Part, Parts, refers};

pub use self::Node::{Array, Boolean, Literal, Number, Object, Text};

/// A value of a document. One whose holes all lack a value is left out of the object or array around it.
#[derive(Clone, Copy, Debug)]
pub enum Node {
    /// A number, a truth value or a null, as JSON text.
    Literal(&'static str),
    /// A text.
    Text(Template),
    /// A number that fills a hole.
    Number(Template),
    /// A truth value that fills a hole.
    Boolean(Template),
    /// An array.
    Array(&'static [Node]),
    /// An object.
    Object(&'static [(&'static str, Node)]),
}

impl Document for Node {
    fn text(&self, value: &Lookup<'_>, placed: &[(Path, String)]) -> Result<String> {
        let mut tree = self.tree(value)?.unwrap_or_else(|| Tree::Object(Vec::new()));
        for (path, text) in placed {
            tree.put(path, text);
        }
        let mut text = String::new();
        tree.write(&mut text);
        Ok(text)
    }

    fn refers_to(&self, name: &str) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Text(template) | Self::Number(template) | Self::Boolean(template) => refers(template, |hole| hole == name),
            Self::Array(nodes) => nodes.iter().any(|node| node.refers_to(name)),
            Self::Object(members) => members.iter().any(|(_, node)| node.refers_to(name)),
        }
    }
}

impl Node {
    /// The value with its holes filled; none if they have nothing to be filled with.
    fn tree(&self, value: &Lookup<'_>) -> Result<Option<Tree>> {
        Ok(match self {
            Self::Literal(text) => Some(Tree::Json((*text).to_owned())),
            Self::Text(template) => filled(template, value)?.map(|text| {
                let mut json = String::with_capacity(text.len() + 2);
                json_write::string(&mut json, &text);
                Tree::Json(json)
            }),
            Self::Number(template) => typed(template, value, Kind::Number, "a number")?,
            Self::Boolean(template) => typed(template, value, Kind::Bool, "`true` or `false`")?,
            Self::Array(nodes) => {
                let elements = nodes.iter().filter_map(|node| node.tree(value).transpose());
                Some(Tree::Array(elements.collect::<Result<_>>()?))
            }
            Self::Object(members) => {
                let members = members.iter().filter_map(|(key, node)| {
                    let tree = node.tree(value).transpose()?;
                    Some(tree.map(|tree| (*key, tree)))
                });
                Some(Tree::Object(members.collect::<Result<_>>()?))
            }
        })
    }
}

/// A document for one request.
enum Tree {
    /// A value as JSON text.
    Json(String),
    Array(Vec<Tree>),
    Object(Vec<(&'static str, Tree)>),
}

impl Tree {
    /// Puts a JSON text at a place, in place of what is there; objects and arrays on the way are made as needed.
    fn put(&mut self, path: &[Segment], text: &str) {
        let Some((segment, rest)) = path.split_first() else {
            *self = Self::Json(text.to_owned());
            return;
        };
        match *segment {
            Segment::Key(key) => {
                if !matches!(self, Self::Object(_)) {
                    *self = Self::Object(Vec::new());
                }
                let Self::Object(members) = self else { return };
                if let Some((_, held)) = members.iter_mut().find(|(held, _)| *held == key) {
                    held.put(rest, text);
                } else {
                    let mut value = Self::Object(Vec::new());
                    value.put(rest, text);
                    members.push((key, value));
                }
            }
            Segment::Index(index) => {
                if !matches!(self, Self::Array(_)) {
                    *self = Self::Array(Vec::new());
                }
                let Self::Array(elements) = self else { return };
                while elements.len() <= index {
                    elements.push(Self::Json("null".to_owned()));
                }
                if let Some(element) = elements.get_mut(index) {
                    element.put(rest, text);
                }
            }
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Json(text) => out.push_str(text),
            Self::Array(elements) => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    json_write::string(out, key);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// A template with its holes filled. None if there are holes and not one of them has a value.
fn filled(template: &str, value: &Lookup<'_>) -> Result<Option<String>> {
    let mut text = String::with_capacity(template.len());
    let (mut holes, mut filled) = (0, 0);
    for part in Parts::of(template) {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Hole(name) => {
                holes += 1;
                if let Some(value) = value(name)? {
                    filled += 1;
                    text.push_str(&value);
                }
            }
        }
    }
    Ok((holes == 0 || filled > 0).then_some(text))
}

/// A value that must be JSON of a kind. The message does not repeat it: it may be a secret in the wrong place.
fn typed(template: &str, value: &Lookup<'_>, kind: Kind, expected: &str) -> Result<Option<Tree>> {
    let Some(text) = filled(template, value)? else { return Ok(None) };
    let mut r = Reader::new(&text);
    let fits = r.peek().is_ok_and(|held| held == kind) && r.skip().is_ok() && r.end().is_ok();
    if fits {
        return Ok(Some(Tree::Json(text)));
    }
    Err(Error::new(ErrorKind::Config, format!("the value of `{}` must be {expected}", template.trim_matches(['{', '}']))))
}
