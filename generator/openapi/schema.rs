//! Schemas as types of the model.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::direction::{Direction, Directional};
use super::outline::{At, Outline};
use super::{Document, below, reference};
use crate::codes::Code;
use crate::model::{Field, MAX_NESTING, Scalar, Spanned, Type, TypeDef, TypeId, TypeKind, Types};
use crate::names;
use crate::source::Span;

/// How deep schemas without a name may lie in one another: deeper, the compiler does not follow the types that they become.
const MAX_INLINE: usize = 40;

/// An enum of more values is read as a text: nobody matches on so many.
const MAX_VALUES: usize = 1_000;

/// The types of a document, made as they are asked for.
#[derive(Debug)]
pub struct Schemas<'d> {
    pub(super) document: &'d Document,
    /// The types so far.
    pub types: Types,
    directional: Directional,
    /// What schemas with a pointer of their own have become; none while that is being found out.
    made: HashMap<(String, Direction), Option<Use>>,
    /// The schemas without a name that are being found out: how each is called, and its type if it stands in itself.
    open: HashMap<(String, Direction), (Vec<String>, Option<TypeId>)>,
    /// How many alternatives lie in one another here, with properties beside each, up to the next property.
    pub(super) joined: usize,
    /// The Rust names that are taken.
    taken: HashSet<String>,
    /// Types without a name in the document, by what they are: one that is there already is used again.
    same: HashMap<String, TypeId>,
    depth: usize,
}

/// A type where it is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The type.
    pub ty: Type,
    /// Whether null may stand in its place.
    pub nullable: bool,
}

impl Use {
    fn plain(ty: Type) -> Self {
        Self { ty, nullable: false }
    }

    fn json() -> Self {
        // Any JSON includes null.
        Self::plain(Type::Json)
    }
}

impl<'d> Schemas<'d> {
    /// No types yet.
    #[must_use]
    pub fn new(document: &'d Document) -> Self {
        Self {
            document,
            types: Types::default(),
            directional: Directional::of(document),
            made: HashMap::new(),
            open: HashMap::new(),
            joined: 0,
            taken: HashSet::new(),
            same: HashMap::new(),
            depth: 0,
        }
    }

    /// The type of a schema. `path` names it should it be an inline one: the type around it, and the way from there.
    pub fn of(&mut self, (schema, pointer): At<'d>, path: &[String], direction: Direction) -> Use {
        if reference(schema).is_some() {
            let nullable = schema.get("nullable") == Some(&Value::Bool(true));
            let Some((target, at)) = self.document.follow(schema, &pointer) else { return Use::json() };
            let mut used = self.named(target, at, direction);
            used.nullable |= nullable;
            return used;
        }
        self.deeper(schema, &pointer, path, direction)
    }

    /// A schema that has no name of its own. They may only lie so deep in one another, by references as well.
    fn deeper(&mut self, schema: &'d Value, pointer: &str, path: &[String], direction: Direction) -> Use {
        self.depth += 1;
        let used = if self.depth > MAX_INLINE { None } else { Some(self.inline(schema, pointer, path, direction)) };
        self.depth -= 1;
        used.filter(|used| used.ty.nesting() <= MAX_NESTING).unwrap_or_else(|| {
            self.document.note(pointer, Code::TooDeepSchema, &[]);
            Use::json()
        })
    }

    /// The type of a schema that is referred to.
    fn named(&mut self, schema: &'d Value, pointer: String, direction: Direction) -> Use {
        let direction = if self.directional.differs(&pointer) { direction } else { Direction::Received };
        let key = (pointer, direction);
        match self.made.get(&key) {
            Some(Some(used)) => return used.clone(),
            // It stands in itself without an object in between.
            Some(None) => {
                self.document.note(&key.0, Code::EndlessSchema, &[]);
                return Use::json();
            }
            None => {}
        }
        self.made.insert(key.clone(), None);
        let name = name_of(schema, &key.0);
        let outline = self.document.outline(schema, &key.0);
        let used = if Self::stands_alone(schema, &outline) {
            let path = if direction == Direction::Sent { vec![format!("{name} input")] } else { vec![name] };
            let path = self.claim(path);
            let id = self.types.add(TypeDef::new(nowhere(path.clone()), None, TypeKind::Struct(Vec::new())));
            let used = Use { ty: Type::Named(id), nullable: outline.nullable };
            // Others may refer to it while its parts are found out.
            self.made.insert(key.clone(), Some(used.clone()));
            // What lies in it is counted from here on.
            let depth = std::mem::take(&mut self.depth);
            let shape = self.entering(&outline, &key.0, &path, direction);
            self.depth = depth;
            let plain = match &shape {
                Shape::Plain(ty) => Some(ty.clone()),
                Shape::Def(_) => None,
            };
            self.define(id, shape, description(schema));
            plain.map_or(used, |ty| Use { ty, nullable: outline.nullable })
        } else {
            self.deeper(schema, &key.0, &[name], direction)
        };
        self.made.insert(key, Some(used.clone()));
        used
    }

    /// Whether a schema becomes a type with a name of its own.
    fn stands_alone(schema: &Value, outline: &Outline<'_>) -> bool {
        if lone_reference(schema).is_some() {
            return false;
        }
        let is_object = !outline.properties.is_empty() && matches!(outline.the_kind(), None | Some("object"));
        let is_enum = is_open_enum(outline);
        let is_union = outline.groups.iter().any(|group| group.branches.len() > 1);
        is_object || is_enum || is_union
    }

    fn inline(&mut self, schema: &'d Value, pointer: &str, path: &[String], direction: Direction) -> Use {
        if !matches!(schema, Value::Object(_) | Value::Bool(_)) {
            self.document.note(pointer, Code::NotWellFormed, &["a schema", "an object"]);
            return Use::json();
        }
        // One reference with something beside it is that type under another description.
        if let Some(inner) = lone_reference(schema) {
            let mut used = self.of((inner, format!("{pointer}/allOf/0")), path, direction);
            used.nullable |= schema.get("nullable") == Some(&Value::Bool(true));
            return used;
        }
        let outline = self.document.outline(schema, pointer);
        let place = (pointer.to_owned(), direction);
        if self.open.contains_key(&place) {
            return Use { ty: Type::Named(self.within_itself(&place)), nullable: outline.nullable };
        }
        self.open.insert(place.clone(), (path.to_vec(), None));
        let shape = self.entering(&outline, pointer, path, direction);
        let ty = match (self.open.remove(&place).and_then(|(_, id)| id), shape) {
            (Some(id), shape) => {
                self.define(id, shape, description(schema));
                Type::Named(id)
            }
            (None, Shape::Plain(ty)) => ty,
            (None, Shape::Def(mut def)) => {
                let key = format!("{:?}{:?}{:?}", Bare(&def.kind), def.rest, def.tag);
                if let Some(id) = self.same.get(&key) {
                    Type::Named(*id)
                } else {
                    def.path = nowhere(self.claim(path.to_vec()));
                    def.description = description(schema);
                    let id = self.types.add(def);
                    self.same.insert(key, id);
                    Type::Named(id)
                }
            }
        };
        Use { ty, nullable: outline.nullable }
    }

    /// The type of a schema that stands in itself without having a name.
    fn within_itself(&mut self, place: &(String, Direction)) -> TypeId {
        let (path, id) = self.open.get(place).cloned().unwrap_or_default();
        id.unwrap_or_else(|| {
            let path = self.claim(path);
            let id = self.types.add(TypeDef::new(nowhere(path), None, TypeKind::Struct(Vec::new())));
            if let Some((_, held)) = self.open.get_mut(place) {
                *held = Some(id);
            }
            id
        })
    }

    /// Says what a type is that others refer to already.
    fn define(&mut self, id: TypeId, shape: Shape, description: Option<String>) {
        let held = self.types.get_mut(id);
        held.description = description;
        match shape {
            Shape::Def(def) => (held.kind, held.rest, held.tag) = (def.kind, def.rest, def.tag),
            // It has come out as something else after all; what refers to it by its name reads it through a union of one.
            Shape::Plain(ty) => held.kind = TypeKind::Union(vec![ty]),
        }
    }

    /// What a schema is made of, whatever it lies in.
    fn entering(&mut self, outline: &Outline<'d>, pointer: &str, path: &[String], direction: Direction) -> Shape {
        let joined = std::mem::take(&mut self.joined);
        let shape = self.shape(outline, pointer, path, direction);
        self.joined = joined;
        shape
    }

    /// What a schema is made of.
    pub(super) fn shape(&mut self, outline: &Outline<'d>, pointer: &str, path: &[String], direction: Direction) -> Shape {
        if outline.groups.iter().any(|group| !group.branches.is_empty()) {
            return self.union(outline, pointer, path, direction);
        }
        if outline.has_values {
            return Self::values(outline);
        }
        if outline.kinds.len() > 1 {
            return self.several_kinds(outline, pointer, path, direction);
        }
        match outline.the_kind() {
            Some("object") => self.object(outline, path, direction),
            Some("array") => {
                let items = outline.items.clone();
                let element = items.map_or_else(Use::json, |items| self.of(items, &element_path(path), direction));
                Shape::Plain(Type::Array(Box::new(Self::element(element))))
            }
            Some(kind) => Shape::Plain(self.scalar(kind, outline, pointer, direction)),
            None => Shape::Plain(Type::Json),
        }
    }

    /// The type of an element or of a value in a map. The model has no elements that may be null: JSON stands for those.
    fn element(used: Use) -> Type {
        if used.nullable && !matches!(used.ty, Type::Json) { Type::Json } else { used.ty }
    }

    fn object(&mut self, outline: &Outline<'d>, path: &[String], direction: Direction) -> Shape {
        if outline.properties.is_empty() {
            return Shape::Plain(match &outline.rest {
                Some((Value::Object(members), at)) if !members.is_empty() => {
                    let schema = outline.rest.as_ref().map_or(&Value::Null, |(schema, _)| *schema);
                    let value = self.of((schema, at.clone()), &element_path(path), direction);
                    Type::Map(Box::new(Self::element(value)))
                }
                _ => Type::Json,
            });
        }
        let mut fields = Vec::new();
        for (name, (schema, at)) in &outline.properties {
            let target = self.document.resolve(schema).unwrap_or(schema);
            let is = |key: &str| schema.get(key).or_else(|| target.get(key)) == Some(&Value::Bool(true));
            if direction.leaves_out(is("readOnly"), is("writeOnly")) {
                continue;
            }
            let used = self.of((schema, at.clone()), &child_path(path, name), direction);
            let required = outline.required.contains(name);
            fields.push(Field {
                name: Spanned::new((*name).to_owned(), Span::default()),
                description: description(schema),
                nullable: used.nullable,
                distinct: used.nullable && !required && used.ty != Type::Json,
                sensitive: schema.get("format").and_then(Value::as_str) == Some("password"),
                lenient: used.ty == Type::Scalar(Scalar::DateTime),
                deprecated: is("deprecated"),
                ty: used.ty,
                required,
            });
        }
        let rest = outline.rest.clone().map(|rest| {
            let value = self.of(rest, &child_path(path, "rest"), direction);
            Self::element(value)
        });
        Shape::Def(TypeDef { rest, ..TypeDef::new(nowhere(Vec::new()), None, TypeKind::Struct(fields)) })
    }

    fn values(outline: &Outline<'d>) -> Shape {
        if is_open_enum(outline) {
            let mut texts: Vec<Spanned<String>> = Vec::new();
            for text in outline.values.iter().filter_map(|value| value.as_str()) {
                if !texts.iter().any(|held| held.value == text) {
                    texts.push(Spanned::new(text.to_owned(), Span::default()));
                }
            }
            return Shape::Def(TypeDef::new(nowhere(Vec::new()), None, TypeKind::Enum(texts)));
        }
        let mut scalars: Vec<Scalar> = Vec::new();
        for value in &outline.values {
            let scalar = match value {
                Value::String(_) => Scalar::String,
                Value::Bool(_) => Scalar::Boolean,
                Value::Number(number) if number.is_i64() => Scalar::Integer,
                Value::Number(_) => Scalar::Number,
                _ => return Shape::Plain(Type::Json),
            };
            if !scalars.contains(&scalar) {
                scalars.push(scalar);
            }
        }
        Shape::Plain(match (scalars.as_slice(), outline.the_kind()) {
            ([scalar], _) => Type::Scalar(*scalar),
            ([], Some("string")) => Type::Scalar(Scalar::String),
            ([], Some("integer")) => Type::Scalar(Scalar::Integer),
            ([Scalar::Integer, Scalar::Number] | [Scalar::Number, Scalar::Integer], _) => Type::Scalar(Scalar::Number),
            _ => Type::Json,
        })
    }

    /// A value of one of several JSON types.
    fn several_kinds(&mut self, outline: &Outline<'d>, pointer: &str, path: &[String], direction: Direction) -> Shape {
        let mut types: Vec<Type> = Vec::new();
        for kind in &outline.kinds {
            let one = Outline { kinds: vec![kind], hint: None, ..outline.clone() };
            let ty = match self.shape(&one, pointer, &child_path(path, kind), direction) {
                Shape::Plain(ty) => ty,
                Shape::Def(def) => self.add(def, child_path(path, kind)),
            };
            if !types.contains(&ty) {
                types.push(ty);
            }
        }
        one_of(types)
    }

    /// Adds a type that the document has no name for.
    pub(super) fn add(&mut self, mut def: TypeDef, path: Vec<String>) -> Type {
        def.path = nowhere(self.claim(path));
        Type::Named(self.types.add(def))
    }

    fn scalar(&self, kind: &str, outline: &Outline<'_>, pointer: &str, direction: Direction) -> Type {
        let format = outline.format.unwrap_or_default();
        Type::Scalar(match kind {
            "string" => match format {
                "date-time" => Scalar::DateTime,
                "date" => Scalar::Date,
                "uuid" => Scalar::Uuid,
                "byte" => Scalar::Binary,
                // What is sent is a file; what comes within JSON can not be raw bytes, and nobody says what else.
                "binary" if direction == Direction::Sent => Scalar::Binary,
                _ => Scalar::String,
            },
            // What 64 bits with a sign do not hold is kept exactly.
            "integer" if format == "uint64" || outline.maximum.is_some_and(|maximum| maximum > 9.3e18) => Scalar::Decimal,
            "integer" => Scalar::Integer,
            "number" if format == "decimal" => Scalar::Decimal,
            "number" => Scalar::Number,
            "boolean" => Scalar::Boolean,
            other => {
                let known = match other.to_ascii_lowercase().as_str() {
                    "string" | "text" | "str" | "file" | "date" | "datetime" | "uuid" | "url" | "uri" => Some(Scalar::String),
                    "int" | "int32" | "int64" | "long" | "integer" => Some(Scalar::Integer),
                    "number" | "float" | "double" | "decimal" => Some(Scalar::Number),
                    "bool" | "boolean" => Some(Scalar::Boolean),
                    _ => None,
                };
                let read_as = known.map_or("any JSON", |scalar| match scalar {
                    Scalar::String => "a text",
                    Scalar::Integer => "a whole number",
                    Scalar::Number => "a number",
                    _ => "a truth value",
                });
                if other != "file" {
                    self.document.note(&below(pointer, "type"), Code::UnknownSchemaType, &[other, read_as]);
                }
                match known {
                    Some(scalar) => scalar,
                    None => return Type::Json,
                }
            }
        })
    }

    /// A path whose Rust name no other type has.
    pub(super) fn claim(&mut self, mut path: Vec<String>) -> Vec<String> {
        let Some(last) = path.last().cloned() else { return path };
        let mut number = 2;
        while !self.taken.insert(names::type_name(&path).to_lowercase()) {
            if let Some(held) = path.last_mut() {
                *held = format!("{last} {number}");
            }
            number += 1;
        }
        path
    }
}

/// What a schema has become.
pub(super) enum Shape {
    /// A type that needs no definition.
    Plain(Type),
    /// A type that needs one; its path is empty still.
    Def(TypeDef),
}

/// One of some types; fewer than two need no union.
pub(super) fn one_of(mut types: Vec<Type>) -> Shape {
    if types.contains(&Type::Json) {
        return Shape::Plain(Type::Json);
    }
    if types.contains(&Type::Scalar(Scalar::Number)) {
        types.retain(|ty| *ty != Type::Scalar(Scalar::Integer));
    }
    match types.len() {
        0 => Shape::Plain(Type::Json),
        1 => Shape::Plain(types.swap_remove(0)),
        _ => Shape::Def(TypeDef::new(nowhere(Vec::new()), None, TypeKind::Union(types))),
    }
}

/// Whether it is an enum of texts. One of a single value says nothing that a text does not, and there are thousands of those.
pub(super) fn is_open_enum(outline: &Outline<'_>) -> bool {
    let may_be_text = matches!(outline.the_kind(), None | Some("string"));
    let all_texts = outline.values.iter().all(|value| value.is_string());
    may_be_text && all_texts && (2..=MAX_VALUES).contains(&outline.values.len()) && outline.groups.is_empty()
}

/// The only part of an `allOf` with nothing of weight beside it.
fn lone_reference(schema: &Value) -> Option<&Value> {
    let Value::Object(members) = schema else { return None };
    let Some(Value::Array(parts)) = members.get("allOf") else { return None };
    let [part] = parts.as_slice() else { return None };
    let has_weight = |key: &str| {
        matches!(key, "properties" | "type" | "oneOf" | "anyOf" | "enum" | "items" | "additionalProperties" | "required")
    };
    reference(part)?;
    let is_object = |key: &&String| key.as_str() == "type" && members.get("type").and_then(Value::as_str) == Some("object");
    members.keys().all(|key| !has_weight(key) || is_object(&key)).then_some(part)
}

/// The name of a schema that is referred to: the key it stands under, or what says more.
fn name_of(schema: &Value, pointer: &str) -> String {
    let key = |step: &str| step.replace("~1", "/").replace("~0", "~");
    let mut steps = pointer.rsplit('/').map(key);
    let last = steps.next().unwrap_or_default();
    // A file that is a schema has no key, and a place in the middle of a schema says little.
    if last.is_empty() || last.chars().all(|c| c.is_ascii_digit()) || last == "schema" || last == "items" {
        if let Some(title) = schema.get("title").and_then(Value::as_str).filter(|title| !title.trim().is_empty()) {
            return title.to_owned();
        }
        let before: Vec<String> = steps.take(2).collect();
        return before.into_iter().rev().chain([last]).collect::<Vec<_>>().join(" ");
    }
    last
}

fn description(schema: &Value) -> Option<String> {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    text("description").or_else(|| text("title")).map(str::to_owned)
}

pub(super) fn child_path(path: &[String], name: &str) -> Vec<String> {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// The path of an element: its list's name in the singular.
fn element_path(path: &[String]) -> Vec<String> {
    let Some((last, before)) = path.split_last() else { return vec!["item".to_owned()] };
    let one = crate::resolve::singular(last).unwrap_or_else(|| format!("{last} item"));
    child_path(before, &one)
}

/// A path without a place in a spec.
pub(super) fn nowhere(path: Vec<String>) -> Spanned<Vec<String>> {
    Spanned::new(path, Span::default())
}

/// A kind without its descriptions: what makes two types the same.
struct Bare<'a>(&'a TypeKind);

impl std::fmt::Debug for Bare<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            TypeKind::Struct(fields) => {
                let bare = |field: &Field| {
                    (field.name.value.clone(), (field.ty.clone(), field.required, field.nullable, field.sensitive))
                };
                f.debug_map().entries(fields.iter().map(bare)).finish()
            }
            TypeKind::Enum(values) => f.debug_list().entries(values.iter().map(|value| &value.value)).finish(),
            TypeKind::Union(types) => f.debug_set().entries(types).finish(),
        }
    }
}
