//! What an answer holds: arrays that may be the records, and what it tells of its page.

use std::collections::HashSet;
use std::rc::Rc;

use serde_json::Value;

use super::schema::{Kinds, Schemas, View};
use super::words::{Name, among, has_word, mentions};
use crate::model::{Path, Segment};
use crate::openapi::{Document, Operation};

/// How many objects may be around the records.
const MAX_DEPTH: usize = 3;

/// What a successful answer holds.
#[derive(Debug, Default)]
pub(super) struct Answer<'d> {
    pub(super) arrays: Vec<Array<'d>>,
    pub(super) outputs: Vec<Output>,
    pub(super) headers: Vec<Header>,
    /// Whether it may be a thing of its own as well as a list.
    pub(super) is_mixed: bool,
    /// The name of its schema.
    pub(super) name: Option<&'d str>,
    /// The alternatives that were walked, each by where it stands.
    walked: HashSet<(*const View<'d>, Vec<Segment>)>,
}

/// An array that may be the records.
#[derive(Clone, Debug)]
pub(super) struct Array<'d> {
    pub(super) path: Path,
    /// The key it is under; empty at the root.
    pub(super) name: Name,
    /// The schema of an element.
    pub(super) item: Option<&'d Value>,
    pub(super) elements: Elements,
    /// Whether what is around it is a thing of its own rather than a page.
    pub(super) in_entity: bool,
    /// Whether an object around it has a name that says nothing of pages.
    pub(super) in_stranger: bool,
    /// Other arrays of objects beside it.
    pub(super) rivals: usize,
    /// Members beside it that are no lists, and those of them that a page does not need.
    pub(super) members: usize,
    pub(super) strangers: usize,
}

/// What the elements of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elements {
    Objects,
    Plain,
    Unknown,
}

/// A value that tells of the page.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) path: Path,
    pub(super) name: Name,
    /// The words of the objects around it.
    pub(super) above: Name,
    pub(super) kinds: Kinds,
    pub(super) prose: String,
    pub(super) tells: Option<Tells>,
    /// How sure that is.
    pub(super) weight: f32,
}

/// A header of an answer.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) text: String,
    pub(super) name: Name,
    pub(super) prose: String,
    pub(super) is_number: bool,
}

/// What a value tells of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// The address of the next page.
    NextLink,
    /// A cursor that leads to the next page.
    Next,
    /// The id of the last record of the page.
    LastId,
    HasMore,
    IsLast,
    Total,
    TotalPages,
    /// The number, offset or size of this page.
    Echo,
}

/// Objects around the records whose name says that they are a page.
const WRAPPERS: &str = "result results response data embedded payload body page list content collection items output d resultset hits \
     feed records value return searchresult";

/// Words of objects that tell of pages.
const ABOUT_PAGES: &str = "meta metadata pagination paging pager page pages cursor cursors link links next info navigation nav paginator \
     context paginate";

/// Members that answers have beside their records.
const BESIDE: &str = "meta metadata pagination paging page pages link links self url uri href next previous prev first last count \
     total object kind type status success ok code message messages error errors warning warnings requestid etag \
     timestamp time version apiversion hasmore limit offset took query filter filters sort included info context \
     jsonapi cursor";

/// Reads what a successful answer of an operation holds; none where it is no JSON that anything is known of.
pub(super) fn answer<'d>(operation: &Operation<'d>, schemas: &Schemas<'d>, document: &'d Document) -> Option<Answer<'d>> {
    let response = operation.success()?;
    let content = response.content.iter().filter(|content| content.is_json()).find_map(|content| content.schema.as_ref())?;
    let mut answer = Answer { headers: headers(response.node, schemas, document), ..Answer::default() };
    let view = schemas.view(content.0);
    answer.name = view.name;
    walk(schemas, &view, &mut Vec::new(), &Around::default(), &mut answer);
    for at in 0..answer.outputs.len() {
        let told = tells(&answer.outputs[at], &answer);
        (answer.outputs[at].tells, answer.outputs[at].weight) = told.map_or((None, 0.0), |(tells, weight)| (Some(tells), weight));
    }
    Some(answer)
}

/// What is around a value.
#[derive(Clone, Default)]
struct Around {
    words: Vec<String>,
    in_entity: bool,
    in_stranger: bool,
}

fn walk<'d>(schemas: &Schemas<'d>, view: &View<'d>, path: &mut Vec<Segment>, around: &Around, answer: &mut Answer<'d>) {
    if view.kinds.has(Kinds::ARRAY) && view.variants.is_empty() {
        let siblings = Siblings::default();
        answer.arrays.push(array(schemas, path, view.items, around, &siblings));
    }
    let variants: Vec<Rc<View<'d>>> = view.variants.iter().map(|variant| schemas.view(variant)).collect();
    for variant in &variants {
        // Alternatives may lead to one another, each by way of what they share.
        if !answer.walked.insert((Rc::as_ptr(variant), path.clone())) {
            continue;
        }
        let before = answer.arrays.len();
        walk(schemas, variant, path, around, answer);
        answer.is_mixed |= path.is_empty() && answer.arrays.len() == before;
    }
    let around = Around { in_entity: around.in_entity || is_entity(view), ..around.clone() };
    let members: Vec<(&str, Rc<View<'d>>)> =
        view.properties.iter().map(|property| (property.name, schemas.view(property.schema))).collect();
    let is_list = |member: &View<'d>| member.kinds.has(Kinds::ARRAY) || member.items.is_some();
    let siblings = Siblings {
        lists: members
            .iter()
            .filter(|(_, member)| is_list(member) && elements(schemas, schemas.items(member)) != Elements::Plain)
            .count(),
        members: members.iter().filter(|(_, member)| !is_list(member)).count(),
        strangers: members.iter().filter(|(name, member)| !is_list(member) && !is_beside(&Name::new(name))).count(),
    };
    for (key, member) in &members {
        let name = Name::new(key);
        path.push(Segment::Key((*key).to_owned()));
        if is_list(member) {
            let mut found = array(schemas, path, schemas.items(member), &around, &siblings);
            found.name = name;
            answer.arrays.push(found);
            // The other form of a list that comes in two: an object that has it under a key.
            for variant in member.variants.iter().map(|variant| schemas.view(variant)) {
                if !variant.kinds.has(Kinds::ARRAY) && path.len() < MAX_DEPTH {
                    walk(schemas, &variant, path, &around, answer);
                }
            }
        } else if !member.properties.is_empty() || !member.variants.is_empty() {
            let is_wrapper = name.is(WRAPPERS) || members.len() == 1;
            let tells = name.has(ABOUT_PAGES);
            if path.len() < MAX_DEPTH + usize::from(tells) && (is_wrapper || tells || path.len() == 1) {
                let mut inner = around.clone();
                inner.words.extend(name.words);
                inner.in_stranger |= !is_wrapper;
                walk(schemas, member, path, &inner, answer);
            }
        } else {
            let above = Name { flat: around.words.concat(), words: around.words.clone() };
            let path = Path(path.clone());
            answer.outputs.push(Output {
                path,
                name,
                above,
                kinds: member.kinds,
                prose: prose(member),
                tells: None,
                weight: 0.0,
            });
        }
        path.pop();
    }
}

/// What is beside an array.
#[derive(Default)]
struct Siblings {
    lists: usize,
    members: usize,
    strangers: usize,
}

fn array<'d>(schemas: &Schemas<'d>, path: &[Segment], item: Option<&'d Value>, around: &Around, beside: &Siblings) -> Array<'d> {
    Array {
        path: Path(path.to_vec()),
        name: Name::default(),
        item,
        elements: elements(schemas, item),
        in_entity: around.in_entity,
        in_stranger: around.in_stranger,
        rivals: beside.lists.saturating_sub(1),
        members: beside.members,
        strangers: beside.strangers,
    }
}

fn elements<'d>(schemas: &Schemas<'d>, item: Option<&'d Value>) -> Elements {
    let Some(item) = item else { return Elements::Unknown };
    let view = schemas.view(item);
    if !view.properties.is_empty() || view.kinds.has(Kinds::OBJECT) {
        Elements::Objects
    } else if view.kinds.is_unknown() {
        Elements::Unknown
    } else {
        Elements::Plain
    }
}

/// Whether an object is a thing of its own: it has an identity, or a history.
fn is_entity(view: &View<'_>) -> bool {
    view.properties.iter().any(|property| Name::new(property.name).is("id uuid guid gid sid createdat updatedat createdby slug"))
}

fn is_beside(name: &Name) -> bool {
    name.is(BESIDE) || name.has(ABOUT_PAGES) || name.has("total count next previous prev more last limit offset size")
}

fn prose(view: &View<'_>) -> String {
    let format = view.format.map(|format| format!(" {format}")).unwrap_or_default();
    view.prose() + &format
}

fn headers<'d>(response: &'d Value, schemas: &Schemas<'d>, document: &'d Document) -> Vec<Header> {
    let members = response.get("headers").and_then(Value::as_object).into_iter().flatten();
    members
        .filter_map(|(text, header)| {
            let header = document.resolve(header)?;
            // Swagger has the type in the header itself.
            let view = schemas.view(header.get("schema").unwrap_or(header));
            let said = header.get("description").and_then(Value::as_str).unwrap_or_default().to_lowercase();
            let example = header.get("example").map(Value::to_string).unwrap_or_default().to_lowercase();
            let prose = format!("{said} {example} {}", view.prose());
            Some(Header { text: text.clone(), name: Name::new(text), prose, is_number: view.kinds.is_number() })
        })
        .collect()
}

/// What a value tells of its page, and how sure that is.
fn tells(output: &Output, answer: &Answer<'_>) -> Option<(Tells, f32)> {
    let (name, above, prose) = (&output.name, &output.above, &output.prose);
    // What leads to other pages than the next one.
    if name.has("prev previous before back current self") && !name.has("next") || above.has("prev previous first self") {
        return name.is("currentpage").then_some((Tells::Echo, 0.9));
    }
    let about_pages = above.words.is_empty()
        || above.has(ABOUT_PAGES)
        || above.words.iter().all(|word| among(word, WRAPPERS))
        || is_beside_items(output, answer);
    if !about_pages {
        return None;
    }
    let kinds = output.kinds;
    if kinds.has(Kinds::BOOLEAN) || kinds.is_unknown() && name.has("has") {
        return flag(name);
    }
    if kinds.may_be(Kinds::STRING)
        && let Some(weight) = link(output, answer)
    {
        return Some((Tells::NextLink, weight));
    }
    let counts = kinds.is_unknown() || kinds.is_number() || has_word(prose, "total");
    if counts && let Some(found) = count(name, above, prose, answer) {
        return Some(found);
    }
    next(output)
}

/// Whether records under a name that says nothing else stand beside a value: then what is around both is a page.
fn is_beside_items(output: &Output, answer: &Answer<'_>) -> bool {
    let around = |path: &Path| path.0.split_last().map(|(_, around)| around.to_vec());
    answer
        .arrays
        .iter()
        .any(|array| array.name.is("items data results records values") && around(&array.path) == around(&output.path))
}

fn flag(name: &Name) -> Option<(Tells, f32)> {
    if name.has("more truncated") && !name.has("info") || name.has("next") && name.words.len() < 4 {
        return (!name.has("no")).then_some((Tells::HasMore, 0.95));
    }
    if name.is("hasadditional hasadditionalresults hasnext hasnextpage") {
        return Some((Tells::HasMore, 0.95));
    }
    let last = "islast islastpage last lastpage done isdone eof endofstream endofdata endofresults isend nomore endoflist";
    name.is(last).then_some((Tells::IsLast, 0.9))
}

/// How sure it is that this is the address of the next page.
fn link(output: &Output, answer: &Answer<'_>) -> Option<f32> {
    let (name, above, prose) = (&output.name, &output.above, &output.prose);
    let is_address = "url uri link href links";
    let leads_on = name.has("next") || above.words.last().is_some_and(|word| word == "next");
    // What a link has beside its address.
    if !leads_on || name.has("token cursor marker") || name.is("method rel type title name description templated") {
        return None;
    }
    if name.has(is_address) || has_word(prose, "uri url uri-reference iri") || mentions(prose, "http:|https:") {
        return Some(0.96);
    }
    let bare = name.is("next nextpage");
    if !bare {
        return None;
    }
    if above.has("link links urls url") {
        return Some(0.95);
    }
    if has_word(prose, "link href hyperlink endpoint") {
        return Some(0.9);
    }
    // `count`, `next`, `previous`, `results`: addresses, unless something says that they are cursors.
    let beside = |names: &str| answer.outputs.iter().any(|it| it.above == *above && it.name.is(names));
    (name.is("next") && beside("previous prev") && !mentions(prose, "cursor|token")).then_some(0.8)
}

/// What a number tells.
fn count(name: &Name, above: &Name, prose: &str, answer: &Answer<'_>) -> Option<(Tells, f32)> {
    let of_page = mentions(prose, "this page|current page|in the response|returned|in this response|on the page|on page")
        && !mentions(prose, "all pages|total number of|in total");
    let of_pages = mentions(prose, "number of pages|total pages|page count|pages available|count of pages");
    let pages = name.has("page pages");
    let names_pages = pages && name.has("total count num max nb of") && !name.has("size per items records")
        || name.is("pages lastpage lastpagenumber maxpage")
        || above.has("pages") && name.is("total");
    if (names_pages || of_pages && name.has("total pages")) && !name.is("pagenum") {
        // `page_count` may as well be the number of records of the page.
        return (!name.is("pagecount") || of_pages || !of_page).then_some((Tells::TotalPages, 0.9));
    }
    let echoes = "page pagenumber pageindex pageno pagenum number limit perpage pagesize size maxresults itemsperpage offset \
         start startat startindex skip from resultsperpage numberofelements to";
    if name.is(echoes) {
        return Some((Tells::Echo, 0.8));
    }
    let totals = "numfound nbhits found fullcount overallcount allcount countall odatacount hitcount recordcount nfound";
    let counted =
        name.without("total totals count num nb number of all overall records results items elements entries rows hits size");
    // `total_minutes` is a total, but not of the records.
    let is_of_records = counted.flat.is_empty() || answer.arrays.iter().any(|array| array.name.is_same_noun(&counted));
    if name.has("total totals") && !pages && !of_page && is_of_records || name.is(totals) && !of_page {
        return Some((Tells::Total, 0.9));
    }
    // A bare `count` counts the page in as many APIs as it counts all.
    let beside = |names: &str| answer.outputs.iter().any(|it| it.above == *above && it.name.is(names));
    let is_all = mentions(prose, "total|overall|across all pages|all pages") && !of_page
        || above.words.is_empty() && beside("next") && beside("previous prev");
    (name.is("count itemcount resultcount itemscount resultscount") && is_all).then_some((Tells::Total, 0.8))
}

/// What a text, a number or anything else tells that leads to the next page.
fn next(output: &Output) -> Option<(Tells, f32)> {
    let (name, above, kinds) = (&output.name, &output.above, output.kinds);
    if kinds.has(Kinds::OBJECT) && !kinds.has(Kinds::STRING) && !kinds.is_number() {
        return None;
    }
    let follows = (name.has("next") || above.has("next")) && !name.has("backward backwards");
    let nouns = "cursor token marker key id after offset start page continuation state position index value batch hash skip \
         from pointer iterator anchor marker";
    if follows && (name.has(nouns) || name.is("next")) && !mentions(&output.prose, "next run|scheduled") {
        return Some((Tells::Next, 0.95));
    }
    if name.is("nextlink nexturl") {
        return None;
    }
    let cursors = "continuationtoken continuation continue aftercursor cursorafter endcursor paginationtoken scrollid \
         pagetoken pagestate cursormark lastcursor lastevaluatedkey searchafter paginationkey \
         pagecursor bookmark skiptoken startcursor";
    if name.is("startcursor") {
        return None;
    }
    if name.is(cursors) || name.flat.starts_with("lastevaluated") {
        return Some((Tells::Next, 0.9));
    }
    if name.is("cursor after marker") && !kinds.has(Kinds::BOOLEAN) {
        return Some((Tells::Next, 0.85));
    }
    if name.is("lastid lastkey") {
        return Some((Tells::LastId, 0.85));
    }
    // An `offset` that is a text, a `token`: only beside a parameter of the same name.
    let is_text = kinds.has(Kinds::STRING);
    (is_text && name.is("offset token page position iterator start from pageinfo marker")).then_some((Tells::Next, 0.6))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What the values of an answer tell, by their paths.
    fn told(schema: &Value) -> Vec<(String, Tells)> {
        let document = json!({"get": {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}});
        crate::infer::tests::with_document(&document, |document, operation, schemas| {
            let outputs = answer(operation, schemas, document).map(|answer| answer.outputs).unwrap_or_default();
            outputs.into_iter().filter_map(|output| Some((output.path.to_string(), output.tells?))).collect()
        })
    }

    fn object(properties: &Value) -> Value {
        json!({"type": "object", "properties": properties})
    }

    #[test]
    fn values_tell_of_their_page() {
        let (string, integer, boolean) = (json!({"type": "string"}), json!({"type": "integer"}), json!({"type": "boolean"}));
        for (name, schema, expected) in [
            ("next", json!({"type": "string", "format": "uri"}), Some(Tells::NextLink)),
            ("next", json!({"type": "string", "example": "https://api.example.com/?page=2"}), Some(Tells::NextLink)),
            ("next", string.clone(), Some(Tells::Next)),
            ("@odata.nextLink", string.clone(), Some(Tells::NextLink)),
            ("nextRecordsUrl", string.clone(), Some(Tells::NextLink)),
            ("next_cursor", string.clone(), Some(Tells::Next)),
            ("NextToken", string.clone(), Some(Tells::Next)),
            ("LastEvaluatedKey", string.clone(), Some(Tells::Next)),
            ("LastEvaluatedKey", json!({"type": "object", "additionalProperties": string}), None),
            ("resumeToken", string.clone(), None),
            ("prev_cursor", string.clone(), None),
            ("nextBackwardToken", string.clone(), None),
            ("has_more", boolean.clone(), Some(Tells::HasMore)),
            ("IsTruncated", boolean.clone(), Some(Tells::HasMore)),
            ("isLast", boolean.clone(), Some(Tells::IsLast)),
            ("total", integer.clone(), Some(Tells::Total)),
            ("total", json!({"type": "integer", "description": "The number of pages"}), Some(Tells::TotalPages)),
            ("totalPages", integer.clone(), Some(Tells::TotalPages)),
            ("page_size", integer.clone(), Some(Tells::Echo)),
            ("total_amount", integer.clone(), None),
            ("count", integer.clone(), None),
            ("count", json!({"type": "integer", "description": "Total number of results"}), Some(Tells::Total)),
            ("count", json!({"type": "integer", "description": "Number of items returned"}), None),
        ] {
            let found = told(&object(&json!({ (name): schema, "data": {"type": "array", "items": {"type": "object"}} })));
            assert_eq!(found.first().map(|(_, tells)| *tells), expected, "{name}: {schema}");
        }
    }

    #[test]
    fn containers_lend_their_words() {
        let link = object(&json!({"href": {"type": "string"}, "method": {"type": "string", "description": "The HTTP method"}}));
        let found = told(&object(&json!({
            "links": object(&json!({"next": link, "prev": link})),
            "paging": object(&json!({"next": object(&json!({"after": {"type": "string"}}))})),
            "owner": object(&json!({"next": {"type": "string", "format": "uri"}})),
        })));
        let expected = [("links.next.href", Tells::NextLink), ("paging.next.after", Tells::Next)];
        assert_eq!(found, expected.map(|(path, tells)| (path.to_owned(), tells)));
    }

    #[test]
    fn the_root_may_be_a_list_in_one_of_its_forms() {
        let users = json!({"type": "array", "items": object(&json!({"id": {"type": "string"}}))});
        let document = json!({"get": {"responses": {"200": {"content": {"application/json": {"schema": {"oneOf": [
            users, object(&json!({"users": users, "total": {"type": "integer"}}))]}}}}}}});
        crate::infer::tests::with_document(&document, |document, operation, schemas| {
            let answer = answer(operation, schemas, document).unwrap_or_default();
            let paths: Vec<String> = answer.arrays.iter().map(|array| array.path.to_string()).collect();
            assert_eq!(paths, ["$", "users"]);
            assert!(!answer.is_mixed);
        });
    }
}
