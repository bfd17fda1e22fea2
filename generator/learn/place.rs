//! The way from a path in a record to the place in a spec's text that says its type.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser};

use crate::diagnostic::Diagnostics;
use crate::native::places::{self, Entry, Form, PlaceId, Places};
use crate::source::Sources;

use super::{Root, Step};

/// A name may stand for another name; longer chains are no types.
const MAX_NAMES: usize = 32;

/// The text of a spec, and where everything stands in it.
pub(super) struct Spec<'t> {
    pub(super) text: &'t str,
    pub(super) places: Places,
    /// Where each list and map in brackets ends, by where it begins.
    ends: HashMap<usize, usize>,
}

/// A type in the text.
#[derive(Clone, Debug)]
pub(super) struct At {
    /// The scalar or map that says it.
    pub(super) holder: PlaceId,
    /// Where it is an expression: the scalar that this stands in, and the part of it that is meant.
    pub(super) expression: Option<(PlaceId, String)>,
    /// Whether the holder is a schema, whose keys may be fields.
    is_schema: bool,
}

impl<'t> Spec<'t> {
    pub(super) fn new(text: &'t str) -> Option<Self> {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let file = sources.add("spec.yaml", text);
        let places = places::scan(file, text, &mut diagnostics);
        (!diagnostics.has_errors()).then(|| Self { text, places, ends: ends(text) })
    }

    /// The type of a record.
    pub(super) fn root(&self, root: &Root) -> Result<At, String> {
        let spec = self.places.root().ok_or("the spec is empty")?;
        match root {
            Root::Schema(name) => self
                .schema(name)
                .map(|id| self.open(id, true))
                .ok_or_else(|| format!("there is no schema `{name}` in the spec's text")),
            Root::Resource(name) => {
                let lists = ["resources", "ENDPOINTS"].iter().filter_map(|key| self.get(spec, key));
                let mut items = lists.flat_map(|list| self.items(list).to_vec());
                let is_meant = |item: &PlaceId| self.text_of(self.get(*item, "name").unwrap_or(*item)) == Some(name);
                let item = items.find(is_meant).ok_or_else(|| format!("there is no resource `{name}` in the spec's text"))?;
                let defaults = self.get(spec, "resource_defaults").and_then(|defaults| self.get(defaults, "schema"));
                let schema = self.get(item, "schema").or(defaults);
                schema.map(|id| self.open(id, true)).ok_or_else(|| format!("`{name}` has no `schema`"))
            }
        }
    }

    /// The type at a path below another one.
    pub(super) fn follow(&self, from: At, path: &[Step]) -> Result<At, String> {
        path.iter().try_fold(from, |at, step| {
            let at = self.settle(at);
            let next = match step {
                Step::Key(key) => {
                    self.fields(&at).and_then(|fields| self.places.entry(fields, key)).map(|entry| self.open(entry.value, false))
                }
                Step::Element => self.part(&at, "items", &["array of ", "list of "]),
                Step::Value => self.part(&at, "values", &["map of "]),
            };
            next.ok_or_else(|| "the spec's text does not say the type there by itself".to_owned())
        })
    }

    /// Names replaced by what they stand for.
    pub(super) fn settle(&self, mut at: At) -> At {
        for _ in 0..MAX_NAMES {
            let Some(schema) = at.expression.as_ref().and_then(|(_, name)| self.schema(name.trim_matches(['(', ')']))) else {
                break;
            };
            at = self.open(schema, true);
        }
        at
    }

    /// The map of an object's fields.
    pub(super) fn fields(&self, at: &At) -> Option<PlaceId> {
        if at.expression.is_some() {
            return None;
        }
        let is_map = |id: &PlaceId| matches!(self.form(*id), Some(Form::Map(_)));
        if at.is_schema && is_map(&at.holder) && !self.places.is_long_schema(self.entries(at.holder)) {
            return Some(at.holder);
        }
        self.get(at.holder, "fields").filter(is_map)
    }

    fn part(&self, at: &At, key: &str, words: &[&str]) -> Option<At> {
        if let Some((scalar, text)) = &at.expression {
            let rest = words.iter().find_map(|word| text.trim().strip_prefix(word))?;
            // `array of strings` is one of `string`.
            return Some(At { holder: at.holder, expression: Some((*scalar, rest.trim().to_owned())), is_schema: false });
        }
        match self.get(at.holder, key) {
            Some(part) => Some(self.open(part, false)),
            // `type: array` beside `fields` is an array of such objects.
            None => self.get(at.holder, "fields").filter(|_| key == "items").map(|_| at.clone()),
        }
    }

    fn open(&self, id: PlaceId, is_schema: bool) -> At {
        let is_expression = |id: &PlaceId| matches!(self.form(*id), Some(Form::Scalar { .. }));
        let says_form = |key: &&str| self.get(id, key).is_some();
        let scalar = if is_expression(&id) {
            Some(id)
        } else if ["fields", "enum", "any_of", "items", "values", "$ref"].iter().any(says_form) {
            None
        } else {
            self.get(id, "type").filter(is_expression).filter(|_| !is_schema)
        };
        let expression = scalar.and_then(|scalar| Some((scalar, self.text_of(scalar)?.clone())));
        At { holder: id, expression, is_schema }
    }

    fn schema(&self, name: &str) -> Option<PlaceId> {
        self.get(self.get(self.places.root()?, "schemas")?, name)
    }

    pub(super) fn get(&self, id: PlaceId, key: &str) -> Option<PlaceId> {
        self.places.entry(id, key).map(|entry| entry.value)
    }

    pub(super) fn form(&self, id: PlaceId) -> Option<&Form> {
        self.places.get(id).map(|place| &place.form)
    }

    pub(super) fn items(&self, id: PlaceId) -> &[PlaceId] {
        match self.form(id) {
            Some(Form::List(items)) => items,
            _ => &[],
        }
    }

    pub(super) fn entries(&self, id: PlaceId) -> &[Entry] {
        match self.form(id) {
            Some(Form::Map(entries)) => entries,
            _ => &[],
        }
    }

    pub(super) fn text_of(&self, id: PlaceId) -> Option<&String> {
        match self.form(id) {
            Some(Form::Scalar { text, .. }) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a scalar, or of a list or map in brackets; of what stands in lines the first one is known alone.
    pub(super) fn bytes(&self, id: PlaceId) -> Option<(usize, usize)> {
        let place = self.places.get(id)?;
        let start = place.span.start as usize;
        match &place.form {
            Form::Scalar { .. } => Some((start, place.span.end as usize)),
            _ => self.ends.get(&start).map(|end| (start, *end)),
        }
    }
}

/// Where lists and maps in brackets end.
fn ends(text: &str) -> HashMap<usize, usize> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let byte = |character: usize| starts.get(character).copied().unwrap_or(text.len());
    let (mut open, mut ends) = (Vec::new(), HashMap::new());
    for (event, span) in Parser::new_from_str(text).map_while(Result::ok) {
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => open.push(byte(span.start.index())),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(start) = open.pop() else { break };
                let end = byte(span.end.index());
                let has_bracket = matches!(text.as_bytes().get(start), Some(b'{' | b'['));
                if has_bracket && matches!(text.get(..end).and_then(|before| before.bytes().last()), Some(b'}' | b']')) {
                    ends.insert(start, end);
                }
            }
            _ => {}
        }
    }
    ends
}
