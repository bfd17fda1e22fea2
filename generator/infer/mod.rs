//! What a document does not say: which operations list records, where the records are, what identifies them, how one page leads to
//! the next, whose records fill the path, and which parameter asks for what is new.
//!
//! Each operation is looked at by itself first: what its request takes ([`request`]), what its answer holds ([`answer`]), which array
//! is the point of it ([`list`]), and every way from one page to the next that both allow ([`paging`]). Then the document as a whole
//! has its say: what most lists do is likelier for the others. Whatever stays below [`ENOUGH`] is not guessed, and the operation
//! remains a plain call. So does one that has pages, but no way to the next that is sure: a list that ends after its first page
//! without a word would be worse than none.

mod answer;
mod hints;
mod incremental;
mod key;
pub(crate) mod list;
pub(crate) mod naming;
mod paging;
mod parents;
mod request;
mod schema;
pub mod spec;
mod table;
mod withdraw;
pub(crate) mod words;
pub(crate) mod yaml;

use std::collections::HashMap;
use std::rc::Rc;

use crate::codes::Code;
use crate::model::{Method, Path, Segment, Slot};
use crate::openapi::{Document, Filter, Operation};

use answer::Answer;
use key::Details;
use list::Subject;
use request::Input;
use schema::{Schemas, View};

pub use hints::Hints;

/// What is less sure than this is not taken.
pub const ENOUGH: f32 = 0.6;

/// From here on a reader may rely on it.
pub const HIGH: f32 = 0.8;

/// Parents are taken from here on: without one the caller names a record, which is never wrong.
const ENOUGH_FOR_PARENTS: f32 = 0.9;

/// What was worked out of a document.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// The operations that list records, in the order of the document.
    pub resources: Vec<Resource>,
    /// The operations that look like lists and stay calls.
    pub left: Vec<Left>,
    /// Limits and repeated calls.
    pub hints: Hints,
}

/// Something that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<T> {
    /// What.
    pub value: T,
    /// How sure it is, from 0 to 1.
    pub confidence: f32,
    /// Why, in words.
    pub reason: String,
}

/// An operation that lists records.
#[derive(Clone, Debug)]
pub struct Resource {
    /// A name that no other resource has.
    pub name: String,
    /// The name of the operation.
    pub operation: String,
    /// Where the operation is, as a JSON pointer.
    pub pointer: String,
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// Where the records are; of several places the first that leads to an array.
    pub selector: Choice<Vec<Path>>,
    /// The fields that tell records apart.
    pub key: Option<Choice<Vec<String>>>,
    /// How one page leads to the next.
    pub paginator: Choice<Paginator>,
    /// The resources whose records fill the path: all of it, or none.
    pub parents: Vec<Choice<Parent>>,
    /// What its body holds besides what the paginator puts there.
    pub body: Vec<Argument>,
    /// Whether a record is an array, which is no type of a record.
    pub is_untyped: bool,
    /// Which parameters ask for what is new.
    pub incremental: Option<Choice<Incremental>>,
}

impl Resource {
    /// How sure it is as a whole.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        self.selector.confidence.min(self.paginator.confidence)
    }
}

/// An operation that looks like a list and stays a call.
#[derive(Clone, Debug)]
pub struct Left {
    /// The name of the operation.
    pub operation: String,
    /// Where it is, as a JSON pointer.
    pub pointer: String,
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// How sure it was.
    pub confidence: f32,
    /// Why it is none.
    pub reason: String,
}

/// How one page leads to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Paginator {
    /// The way.
    pub style: Style,
    /// Where the number, offset or cursor goes.
    pub slot: Option<Slot>,
    /// Where the cursor or the address comes from.
    pub from: From,
    /// The first page's number, or the first offset.
    pub first: u64,
    /// The size of a page.
    pub size: Option<Size>,
    /// What ends the sequence.
    pub stop: Stop,
}

/// The way from one page to the next: the paginators of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// There is one page.
    SinglePage,
    /// A counter of pages.
    PageNumber,
    /// A count of records to pass over.
    Offset,
    /// A value of this page.
    Cursor,
    /// An address in the page.
    JsonLink,
    /// The address in the header `Link`.
    HeaderLink,
    /// A header of this page.
    HeaderCursor,
    /// A field of the last record.
    LastRecord,
}

impl Style {
    /// Its name in the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::SinglePage => "single_page",
            Self::PageNumber => "page_number",
            Self::Offset => "offset",
            Self::Cursor => "cursor",
            Self::JsonLink => "json_link",
            Self::HeaderLink => "header_link",
            Self::HeaderCursor => "header_cursor",
            Self::LastRecord => "last_record",
        }
    }
}

/// Where what leads to the next page comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum From {
    /// Nowhere: it is counted, or always in the same place.
    Nothing,
    /// A place in the page.
    Page(Path),
    /// A place in the last record.
    Record(Path),
    /// A header.
    Header(String),
}

/// The size of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Size {
    /// Where it goes.
    pub slot: Slot,
    /// What the service takes where none is given.
    pub default: Option<u32>,
    /// The most that it takes.
    pub max: Option<u32>,
}

/// What ends a sequence of pages, besides what its style says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stop {
    /// Where the number of all records is.
    pub total: Option<Path>,
    /// The header that holds it.
    pub total_header: Option<String>,
    /// Where the number of all pages is.
    pub total_pages: Option<Path>,
    /// Where the page says that more follow.
    pub has_more: Option<Path>,
    /// Where the page says that it is the last one.
    pub is_last: Option<Path>,
}

/// A resource whose records fill a parameter of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Parent {
    /// The parameter.
    pub param: String,
    /// The resource.
    pub resource: String,
    /// The field of its records.
    pub field: String,
}

/// A member of a body that the caller gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type in the language of specs.
    pub ty: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

/// Which parameters ask for what is new.
#[derive(Clone, Debug, PartialEq)]
pub struct Incremental {
    /// The field that they compare with.
    pub field: String,
    /// The parameter for the start.
    pub start: String,
    /// The parameter for the end.
    pub end: Option<String>,
    /// How the field is written, where its type does not say it.
    pub format: Option<&'static str>,
    /// How the parameter is written, where that differs.
    pub request_format: Option<&'static str>,
    /// Whether records at the start itself are left out.
    pub is_open: bool,
    /// Whether every record has the field.
    pub is_certain: bool,
}

/// Works out what a document does not say of the operations that are taken; the others are looked at as well, since they have habits in
/// common. What looks like a list and is not taken for one is noted.
#[must_use]
pub fn infer(document: &Document, operations: &[Operation<'_>], filter: &Filter) -> Decisions {
    let schemas = Schemas::new(document);
    let details = Details::new(operations);
    let requests: Vec<Vec<Input>> = operations.iter().map(|operation| request::inputs(operation, &schemas)).collect();
    let whole = Whole { document, schemas: &schemas, details: &details, first_page: first_page(&requests) };
    let mut sheets: Vec<Sheet<'_, '_>> =
        operations.iter().zip(requests).filter_map(|(operation, inputs)| Sheet::new(operation, inputs, &whole)).collect();
    mark_details(&mut sheets);
    let habits = Habits::new(&sheets);
    let mut decisions = Decisions { hints: hints::hints(document, operations), ..Decisions::default() };
    let mut taken: Vec<&Sheet<'_, '_>> = Vec::new();
    for sheet in sheets.iter().filter(|sheet| filter.takes(document, sheet.operation)) {
        match sheet.decide(&habits) {
            Verdict::List(resource) => {
                decisions.resources.push(*resource);
                taken.push(sheet);
            }
            Verdict::Left(left) => {
                document.note(&left.pointer, Code::ListLeft, &[&left.operation, &left.reason]);
                decisions.left.push(left);
            }
            Verdict::None => {}
        }
    }
    finish(&mut decisions, &taken);
    decisions
}

/// The document as a whole, for those who look at one operation of it.
struct Whole<'a, 'd> {
    document: &'d Document,
    schemas: &'a Schemas<'d>,
    details: &'a Details<'d>,
    /// The number of the first page, where what is said of it agrees.
    first_page: Option<u64>,
}

fn first_page(requests: &[Vec<Input>]) -> Option<u64> {
    let pages = requests.iter().flatten().filter(|input| input.role == Some(request::Role::Page));
    let said: Vec<u64> = pages.filter_map(paging::said_first_page).collect();
    let ones = said.iter().filter(|first| **first == 1).count();
    let zeros = said.len() - ones;
    match (zeros, ones) {
        (zeros, 0) if zeros > 1 => Some(0),
        (0, ones) if ones > 1 => Some(1),
        (zeros, ones) if zeros > 5 * ones => Some(0),
        (zeros, ones) if ones > 5 * zeros => Some(1),
        _ => None,
    }
}

/// What can only be said once it is known which operations are resources: names and parents.
fn finish(decisions: &mut Decisions, sheets: &[&Sheet<'_, '_>]) {
    let paths: Vec<(&str, &str)> = sheets.iter().map(|sheet| (sheet.operation.path, sheet.operation.name.as_str())).collect();
    for (resource, name) in decisions.resources.iter_mut().zip(naming::names(&paths)) {
        resource.name = name;
    }
    let places: Vec<parents::Place<'_, '_>> = decisions
        .resources
        .iter()
        .zip(sheets)
        .map(|(resource, sheet)| parents::Place {
            name: &resource.name,
            path: sheet.operation.path,
            key: resource.key.as_ref().map(|key| key.value.as_slice()).unwrap_or_default(),
            record: &sheet.record,
            needs_caller: sheet.inputs.iter().any(|input| input.required) || sheet.operation.method != Method::Get,
            confidence: resource.confidence(),
        })
        .collect();
    let parents = parents::parents(&places);
    for (resource, mut parents) in decisions.resources.iter_mut().zip(parents) {
        if parents.iter().all(|parent| parent.confidence >= ENOUGH_FOR_PARENTS) {
            resource.parents.append(&mut parents);
        }
    }
}

/// What is known of an operation whose answer has an array.
struct Sheet<'o, 'd> {
    operation: &'o Operation<'d>,
    subject: Subject,
    inputs: Vec<Input>,
    answer: Answer<'d>,
    selector: Choice<Vec<Path>>,
    record: Rc<View<'d>>,
    is_untyped: bool,
    key: Option<Choice<Vec<String>>>,
    paginators: Vec<Choice<Paginator>>,
    incremental: Option<Choice<Incremental>>,
}

enum Verdict {
    List(Box<Resource>),
    Left(Left),
    None,
}

impl<'o, 'd> Sheet<'o, 'd> {
    fn new(operation: &'o Operation<'d>, inputs: Vec<Input>, whole: &Whole<'_, 'd>) -> Option<Self> {
        if operation.method != Method::Get && !operation.method.may_ask_by_body() {
            return None;
        }
        let schemas = whole.schemas;
        let answer = answer::answer(operation, schemas, whole.document)?;
        let subject = Subject::new(operation);
        let (array, mut selector) = list::records(operation, &subject, &answer, &inputs)?;
        let record = array.item.map(|item| schemas.record(item)).unwrap_or_default();
        let key = key::key(operation, &subject, &record, whole.details, schemas);
        // Figures are no records: nothing tells them apart.
        if key.is_none() && subject.counts() {
            selector.confidence -= 0.5;
        }
        let fields: Vec<&str> = record.properties.iter().map(|field| field.name).collect();
        let records = paging::Records {
            key: key.as_ref().and_then(|key| key.value.first()).map(String::as_str),
            fields: &fields,
            is_scim: array.name.is("resources"),
            first_page: whole.first_page,
        };
        let paginators = paging::candidates(operation, &inputs, &answer, &records);
        let is_untyped = record.kinds.has(schema::Kinds::ARRAY) || array.item.is_some_and(|item| schemas.view(item).is_row);
        let incremental = incremental::incremental(&inputs, &record, schemas);
        Some(Self { operation, subject, inputs, answer, selector, record, is_untyped, key, paginators, incremental })
    }

    fn decide(&self, habits: &Habits) -> Verdict {
        let mut selector = self.selector.clone();
        if selector.value.len() == 1 && habits.selects(&selector.value[0]) {
            selector.confidence = (selector.confidence + 0.1).min(0.99);
        }
        let left = |confidence: f32, reason: String| {
            Verdict::Left(Left {
                operation: self.operation.name.clone(),
                pointer: self.operation.pointer.clone(),
                method: self.operation.method.clone(),
                path: self.operation.path.to_owned(),
                confidence,
                reason,
            })
        };
        if selector.confidence < ENOUGH {
            return if selector.confidence >= 0.45 { left(selector.confidence, unsure(&selector)) } else { Verdict::None };
        }
        let best = self.paginators.iter().map(|choice| habits.weigh(choice)).max_by(|a, b| rank(a).total_cmp(&rank(b)));
        let paginator = match best {
            Some(best) if best.confidence >= ENOUGH => best,
            best => match paging::hint(self.operation, &self.inputs, &self.answer) {
                Some(hint) => {
                    let confidence = best.map_or(0.0, |best| best.confidence);
                    return left(confidence, format!("{hint}, and nothing says how to get the rest"));
                }
                None => single_page(),
            },
        };
        let body = match self.body(&paginator.value) {
            Ok(body) => body,
            Err(member) => return left(0.0, format!("its body needs `{member}`, which is no plain value")),
        };
        Verdict::List(Box::new(Resource {
            body,
            is_untyped: self.is_untyped,
            name: String::new(),
            operation: self.operation.name.clone(),
            pointer: self.operation.pointer.clone(),
            method: self.operation.method.clone(),
            path: self.operation.path.to_owned(),
            selector,
            key: self.key.clone(),
            incremental: self.incremental.clone().filter(|it| it.confidence >= HIGH && self.key.is_some()),
            paginator,
            parents: Vec::new(),
        }))
    }

    /// What the caller gives of the body; or the member that must be there and that no argument can be.
    fn body(&self, paginator: &Paginator) -> Result<Vec<Argument>, String> {
        let mut body = Vec::new();
        for input in &self.inputs {
            let Slot::Body(path) = &input.slot else { continue };
            let is_sent = paginator.slot.as_ref() == Some(&input.slot)
                || paginator.size.as_ref().is_some_and(|size| size.slot == input.slot);
            match (path.0.as_slice(), input.type_word()) {
                _ if is_sent => {}
                ([Segment::Key(name)], Some(ty)) => {
                    body.push(Argument { name: name.clone(), ty, required: input.required });
                }
                _ if input.required => return Err(input.text.clone()),
                _ => {}
            }
        }
        Ok(body)
    }
}

/// What the service itself says of the next page goes before what is counted on our side, which it may stop taking somewhere.
fn rank(choice: &Choice<Paginator>) -> f32 {
    let is_counted = matches!(choice.value.style, Style::PageNumber | Style::Offset);
    if is_counted { choice.confidence - 0.12 } else { choice.confidence }
}

fn unsure(selector: &Choice<Vec<Path>>) -> String {
    if selector.reason.ends_with('?') {
        return selector.reason.clone();
    }
    format!("{}, but whether that is what it lists is not sure", selector.reason)
}

fn single_page() -> Choice<Paginator> {
    let value =
        Paginator { style: Style::SinglePage, slot: None, from: From::Nothing, first: 0, size: None, stop: Stop::default() };
    Choice { value, confidence: 0.9, reason: "nothing speaks of pages".to_owned() }
}

/// Takes back what ends with a parameter, where the path without it lists the same records: it gives one of them.
fn mark_details(sheets: &mut [Sheet<'_, '_>]) {
    let lists: Vec<String> = sheets
        .iter()
        .filter(|sheet| !sheet.subject.is_detail && sheet.operation.method == Method::Get && sheet.selector.confidence >= ENOUGH)
        .map(|sheet| key::shapes(sheet.operation.path).0)
        .collect();
    for sheet in sheets.iter_mut().filter(|sheet| sheet.subject.is_detail) {
        let pages = sheet.inputs.iter().any(|input| input.role.is_some_and(request::Role::is_position));
        if !pages && lists.contains(&key::shapes(sheet.operation.path).1) {
            sheet.selector.confidence = sheet.selector.confidence.min(0.95) - 0.55;
        }
    }
}

/// What the lists of a document have in common.
struct Habits {
    /// How many use each way to the next page, by what its parameter and its cursor are called.
    ways: HashMap<(Style, String, String), usize>,
    /// How many have their records under each key.
    keys: HashMap<String, usize>,
    /// How many have pages at all.
    paged: usize,
}

impl Habits {
    fn new(sheets: &[Sheet<'_, '_>]) -> Self {
        let mut habits = Self { ways: HashMap::new(), keys: HashMap::new(), paged: 0 };
        for sheet in sheets.iter().filter(|sheet| sheet.selector.confidence >= ENOUGH) {
            if let [path] = sheet.selector.value.as_slice() {
                *habits.keys.entry(path.to_string()).or_default() += 1;
            }
            let sure = sheet.paginators.iter().filter(|choice| choice.confidence >= ENOUGH);
            habits.paged += usize::from(sure.clone().next().is_some());
            for choice in sure {
                *habits.ways.entry(way(&choice.value)).or_default() += 1;
            }
        }
        habits
    }

    /// Whether several other lists have their records there too.
    fn selects(&self, path: &Path) -> bool {
        self.keys.get(&path.to_string()).is_some_and(|count| *count > 3)
    }

    /// A way to the next page, surer where most lists use it.
    fn weigh(&self, choice: &Choice<Paginator>) -> Choice<Paginator> {
        let count = self.ways.get(&way(&choice.value)).copied().unwrap_or(0);
        let mut choice = choice.clone();
        if count > 2 && count * 2 > self.paged {
            choice.confidence = (choice.confidence + 0.03).min(0.99);
        }
        choice
    }
}

fn way(paginator: &Paginator) -> (Style, String, String) {
    let slot = paginator.slot.as_ref().map(Slot::to_string).unwrap_or_default();
    let from = match &paginator.from {
        From::Nothing => String::new(),
        From::Page(path) | From::Record(path) => path.to_string(),
        From::Header(name) => name.clone(),
    };
    (paginator.style, slot, from)
}

/// The path of one key.
fn at(key: &str) -> Path {
    Path(vec![Segment::Key(key.to_owned())])
}

#[cfg(test)]
mod tests;
