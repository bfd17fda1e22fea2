//! What a request takes: its parameters, and what each may be for.

use serde_json::Value;

use super::schema::{Kinds, Schemas, View, whole};
use super::words::{Name, has_word, mentions, number_after};
use crate::model::{Path, Segment, Slot};
use crate::openapi::{Operation, Place};

/// Something that a request takes.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// Its name: `page[size]`, or the place in the body.
    pub(super) text: String,
    pub(super) name: Name,
    pub(super) slot: Slot,
    pub(super) kinds: Kinds,
    pub(super) format: Option<String>,
    /// What the document says about it, in small letters.
    pub(super) prose: String,
    pub(super) required: bool,
    /// Whether the schema has a default, which the crate sends.
    pub(super) has_default: bool,
    pub(super) default: Option<i64>,
    pub(super) minimum: Option<i64>,
    pub(super) maximum: Option<i64>,
    pub(super) role: Option<Role>,
}

/// What a parameter has to do with pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The number of a page.
    Page,
    /// How many records to pass over.
    Offset,
    /// A cursor that an answer gave.
    Cursor,
    /// A cursor, or the id of a record.
    After,
    /// The size of a page.
    Size,
    /// A cursor that leads backwards.
    Backward,
}

impl Role {
    /// Whether it says where a page begins.
    pub(super) fn is_position(self) -> bool {
        !matches!(self, Self::Size | Self::Backward)
    }
}

impl Input {
    /// Whether its values are moments.
    pub(super) fn is_moment(&self) -> bool {
        self.format.as_deref().is_some_and(|format| matches!(format, "date-time" | "date" | "datetime"))
            || (has_word(&self.prose, "timestamp timestamps date dates datetime epoch unix iso iso8601")
                && !has_word(&self.prose, "cursor pagination page"))
    }

    /// Whether it may be left out, takes a text, and has a name that cursors have now and then.
    pub(super) fn may_be_cursor(&self) -> bool {
        const NAMES: &str =
            "from start token iterator position next key scroll anchor begin last pointer offset page state since";
        let inner = self.name.without(CONTAINERS);
        let is_named = self.name.is(NAMES) || inner.is(NAMES);
        is_named && !self.required && self.kinds.may_be(Kinds::STRING) && !self.is_moment() && !self.is_credential()
    }

    /// Whether it says who asks: Google's `key` is beside every cursor.
    fn is_credential(&self) -> bool {
        mentions(&self.prose, "api key|api-key|apikey|oauth|access token")
    }

    /// Its type in the language of specs; none for one that is no plain value.
    pub(super) fn type_word(&self) -> Option<&'static str> {
        let formats = [("date-time", "date-time"), ("date", "date"), ("time", "time"), ("uuid", "uuid")];
        let said = formats.iter().find(|(format, _)| self.format.as_deref() == Some(format)).map(|(_, word)| *word);
        match self.kinds {
            kinds if kinds.has(Kinds::ARRAY) || kinds.has(Kinds::OBJECT) || kinds.is_unknown() => None,
            kinds if kinds.has(Kinds::STRING) => Some(said.unwrap_or("string")),
            kinds if kinds.has(Kinds::NUMBER) => Some("number"),
            kinds if kinds.has(Kinds::INTEGER) => Some("integer"),
            _ => Some("boolean"),
        }
    }

    /// Whether its values are numbers, as far as is known.
    pub(super) fn counts(&self) -> bool {
        self.kinds.is_unknown() || self.kinds.is_number() || self.default.is_some()
    }
}

/// Containers of parameters whose names say nothing by themselves.
const CONTAINERS: &str = "page paging pagination pager options params query paginator opts";

const PAGES: &str = "page pagenumber pageno pagenum pagenr pageindex currentpage pg pageid pageidx pagina requestedpage";
const OFFSETS: &str = "offset skip start startat startindex startfrom startposition startoffset startrow startrecord startitem \
     firstresult recordoffset resultoffset resultsoffset rowoffset itemoffset itemsoffset skipcount from begin \
     sysparmoffset startresult listoffset offsetstart beginindex";
/// Offsets that may as well be moments or ids.
const DOUBTFUL_OFFSETS: &str = "start from begin";
const SIZES: &str = "limit perpage pagesize count size maxresults maxitems top take rows first num numresults maxresultcount \
     resultsperpage itemsperpage recordsperpage rowsperpage entriesperpage hitsperpage objectsperpage pagelimit \
     limitperpage max n maxkeys maxpagesize maxperpage batchsize pagelength length resultlimit resultslimit \
     maxrecords numitems numrecords numrows maxrows results itemcount resultcount perpagecount chunksize fetch \
     itemslimit sysparmlimit numperpage pagecount listlimit numberofresults";
/// Sizes that are none unless they are numbers.
const DOUBTFUL_SIZES: &str = "count size first num max n length results fetch rows take top pagecount";
const CURSORS: &str = "cursor pagetoken nexttoken nextpagetoken nextcursor pagecursor startcursor continuationtoken continuation \
     continue continuationkey paginationtoken paginationcursor marker nextmarker startingtoken aftercursor \
     cursorafter pagestate bookmark skiptoken scrollid pageinfo exclusivestartkey nextkey startkey \
     searchafter pagekey nextpagekey pagemarker cursormark cursortoken nextpage startingcursor paginationkey \
     nextpagecursor listtoken startmarker fromcursor pageiterator offsettoken";
/// Cursors only where an answer has something that goes with them.
const DOUBTFUL_CURSORS: &str = "next token position iterator key scroll anchor pagination";
const AFTERS: &str = "after startingafter startafter afterid sinceid lastid lastseenid fromid idafter minid afterkey last lastitem \
     lastkey lastitemid idgt startid";
const BACKWARDS: &str = "before endingbefore beforeid endbefore beforecursor cursorbefore prevcursor previouscursor prev previous \
     previouspagetoken maxid untilid prevtoken";

/// What an operation takes besides the parameters of its path, with the role of each.
pub(super) fn inputs<'d>(operation: &Operation<'d>, schemas: &Schemas<'d>) -> Vec<Input> {
    let mut inputs = Vec::new();
    for param in &operation.params {
        let slot = match param.place {
            Place::Query => Slot::Query,
            Place::Header => Slot::Header,
            Place::Path | Place::Cookie => continue,
        };
        let view = param.schema.as_ref().map(|(schema, _)| schemas.record(schema)).unwrap_or_default();
        let said = param.node.get("description").and_then(Value::as_str).unwrap_or_default();
        // Members of an object are sent each by itself: `page[size]`.
        let is_spread = !param.is_content && !view.properties.is_empty() && param.place == Place::Query;
        if is_spread {
            let style = param.node.get("style").and_then(Value::as_str).unwrap_or("form");
            for property in &view.properties {
                let member = schemas.view(property.schema);
                let name = match style {
                    "deepObject" => format!("{}[{}]", param.name, property.name),
                    _ if view.kinds.has(Kinds::STRING) || view.kinds.is_number() => format!("{}[{}]", param.name, property.name),
                    _ => property.name.to_owned(),
                };
                inputs.push(input(name.clone(), slot(name), &member, "", property.required && param.required));
            }
        } else {
            inputs.push(input(param.name.to_owned(), slot(param.name.to_owned()), &view, said, param.required));
        }
    }
    let contents = operation.body.iter().filter(|content| content.is_json() && operation.method.may_ask_by_body());
    if let Some((schema, _)) = contents.take(1).find_map(|content| content.schema.as_ref()) {
        body(schemas, &schemas.record(schema), &[], &mut inputs);
    }
    let ends_range = inputs.iter().any(|input| input.name.is("end to until enddate endtime stop"));
    for input in &mut inputs {
        // A first request has no cursor yet, so none is demanded.
        let role = role(input, ends_range);
        input.role = role.filter(|role| !(input.required && matches!(role, Role::Cursor | Role::After)));
    }
    inputs
}

/// The members of a body, and those of its objects that are about pages.
fn body<'d>(schemas: &Schemas<'d>, view: &View<'d>, above: &[Segment], inputs: &mut Vec<Input>) {
    for property in &view.properties {
        let mut path = above.to_vec();
        path.push(Segment::Key(property.name.to_owned()));
        let member = schemas.record(property.schema);
        let name = Name::new(property.name);
        if !member.properties.is_empty() && above.is_empty() && name.has(CONTAINERS) {
            body(schemas, &member, &path, inputs);
            continue;
        }
        let path = Path(path);
        inputs.push(input(path.to_string(), Slot::Body(path), &member, "", property.required));
    }
}

fn input(text: String, slot: Slot, view: &View<'_>, said: &str, required: bool) -> Input {
    let prose = format!("{} {}", said.to_lowercase(), view.prose());
    Input {
        name: Name::new(&text),
        text,
        slot,
        kinds: view.kinds,
        format: view.format.map(str::to_owned),
        required,
        has_default: view.default.is_some(),
        default: view.default.and_then(whole).or_else(|| said_default(&prose)),
        minimum: view.minimum,
        maximum: view.maximum.or_else(|| said_maximum(&prose)),
        prose,
        role: None,
    }
}

fn said_default(prose: &str) -> Option<i64> {
    let phrases = "defaults to |default is |default: |default value is |default value: |default = |by default ";
    number_after(prose, phrases).and_then(|number| i64::try_from(number).ok())
}

fn said_maximum(prose: &str) -> Option<i64> {
    let phrases = "maximum|max |max:|max.|up to |at most |cannot exceed|no more than|less than or equal to";
    let found = number_after(prose, phrases).or_else(|| {
        // `between 1 and 100`, `1-100`
        let rest = prose.split_once("between ")?.1;
        number_after(rest.get(..24.min(rest.len())).unwrap_or_default(), "and ")
    });
    found.and_then(|number| i64::try_from(number).ok()).filter(|number| *number > 0)
}

fn role(input: &Input, ends_range: bool) -> Option<Role> {
    let inner = input.name.without(CONTAINERS);
    let is = |names: &str| input.name.is(names) || inner.is(names);
    let is_text = input.kinds.has(Kinds::STRING) && !input.kinds.is_number();
    let (counts, moment) = (input.counts(), input.is_moment());
    let says_no_place = [Kinds::BOOLEAN, Kinds::ARRAY, Kinds::OBJECT].iter().any(|kind| input.kinds.has(*kind));
    if says_no_place {
        return None;
    }
    // Twilio's page counter goes along with a token, and leads nowhere by itself.
    if mentions(&input.prose, "for client state") {
        return None;
    }
    let speaks_of_cursor = mentions(&input.prose, "cursor|token|opaque");
    if input.name.is(PAGES) || input.name.is("p") && counts {
        let is_cursor = is_text && input.default.is_none() && speaks_of_cursor;
        return Some(if is_cursor { Role::Cursor } else { Role::Page });
    }
    // `page[number]`, of which the container says what is numbered.
    if inner.is("number") && input.name.has("page paging pagination") {
        return Some(Role::Page);
    }
    if is(BACKWARDS) {
        return (!moment).then_some(Role::Backward);
    }
    if is(CURSORS) {
        return (!moment).then_some(Role::Cursor);
    }
    if is(SIZES) {
        let fits = if is(DOUBTFUL_SIZES) { input.kinds.is_number() || input.default.is_some() } else { true };
        return fits.then_some(Role::Size);
    }
    if is(OFFSETS) {
        let doubtful = is(DOUBTFUL_OFFSETS);
        let speaks_of_records =
            mentions(&input.prose, "offset|index|skip|record|row|item|result|position|pagina|page|element|entr");
        if moment || doubtful && ends_range && !speaks_of_records {
            return None;
        }
        return match is_text && input.default.is_none() {
            true if doubtful && !speaks_of_cursor && !speaks_of_records => None,
            // An offset that is a text is a cursor by another name.
            true => Some(Role::Cursor),
            false if counts => Some(Role::Offset),
            false => None,
        };
    }
    if is(AFTERS) {
        let counts_records = is("last") && counts;
        return (!moment && !counts_records).then_some(Role::After);
    }
    let cursor_of_doubt =
        is(DOUBTFUL_CURSORS) && mentions(&input.prose, "next page|pagination|paginate|paging|cursor|next set|page of");
    (cursor_of_doubt && !moment && !input.is_credential()).then_some(Role::Cursor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::infer::tests::with_operation;

    fn role_of(parameter: &Value) -> Option<Role> {
        let document = json!({"get": {"parameters": [parameter], "responses": {}}});
        with_operation(&document, |operation, schemas| inputs(operation, schemas).first().and_then(|input| input.role))
    }

    #[test]
    fn parameters_have_roles() {
        let integer = json!({"type": "integer"});
        let string = json!({"type": "string"});
        for (name, schema, description, expected) in [
            ("page", &integer, "", Some(Role::Page)),
            ("page", &string, "The cursor of the next page", Some(Role::Cursor)),
            ("page[number]", &integer, "", Some(Role::Page)),
            ("pageNumber", &string, "", Some(Role::Page)),
            ("page[size]", &integer, "", Some(Role::Size)),
            ("page[after]", &string, "", Some(Role::After)),
            ("per_page", &integer, "", Some(Role::Size)),
            ("$top", &integer, "", Some(Role::Size)),
            ("$count", &json!({"type": "boolean"}), "", None),
            ("size", &string, "Size of the image", None),
            ("$skip", &integer, "", Some(Role::Offset)),
            ("$skiptoken", &string, "", Some(Role::Cursor)),
            ("offset", &string, "Offset token", Some(Role::Cursor)),
            ("startAt", &integer, "", Some(Role::Offset)),
            ("start", &string, "", None),
            ("from", &integer, "Unix timestamp of the first event", None),
            ("from", &json!({"type": "string", "format": "date"}), "", None),
            ("starting_after", &string, "", Some(Role::After)),
            ("after", &json!({"type": "string", "format": "date-time"}), "", None),
            ("after", &string, "Only events after this date", None),
            ("before", &string, "", Some(Role::Backward)),
            ("since", &string, "", None),
            ("token", &string, "The secret of the webhook", None),
            ("token", &string, "Pagination token", Some(Role::Cursor)),
            ("token", &string, "The OAuth token of a page's owner, for pagination too", None),
            ("pageToken", &string, "What `apiKeys.list` gave", Some(Role::Cursor)),
            ("next_page_token", &string, "", Some(Role::Cursor)),
        ] {
            let parameter = json!({"name": name, "in": "query", "schema": schema, "description": description});
            assert_eq!(role_of(&parameter), expected, "{name}: {schema} {description}");
        }
    }

    #[test]
    fn members_of_an_object_are_parameters() {
        let page = json!({"name": "page", "in": "query", "style": "deepObject", "schema": {
            "type": "object", "properties": {"size": {"type": "integer", "maximum": 50}, "after": {"type": "string"}}}});
        let document = json!({"get": {"parameters": [page], "responses": {}}});
        with_operation(&document, |operation, schemas| {
            let found: Vec<_> = inputs(operation, schemas).into_iter().map(|it| (it.text, it.role, it.maximum)).collect();
            let expected = [("page[size]", Some(Role::Size), Some(50)), ("page[after]", Some(Role::After), None)];
            assert_eq!(found, expected.map(|(name, role, maximum)| (name.to_owned(), role, maximum)));
        });
    }

    #[test]
    fn sizes_are_read_out_of_prose() {
        for (prose, default, maximum) in [
            ("number of results. default is 25, maximum is 100.", Some(25), Some(100)),
            ("a limit between 1 and 250", None, Some(250)),
            ("up to 50 per page", None, Some(50)),
            ("the maximum number of results", None, None),
        ] {
            assert_eq!((said_default(prose), said_maximum(prose)), (default, maximum), "{prose}");
        }
    }
}
