//! How one page leads to the next: each way that the request and the answer allow, with how well the two go together.

use serde_json::Value;

use super::answer::{Answer, Header, Output, Tells};
use super::request::{Input, Role};
use super::schema::Kinds;
use super::words::{Name, has_word, mentions};
use super::{Choice, From, Paginator, Size, Stop, Style};
use crate::model::{Path, Slot};
use crate::openapi::Operation;

/// What is known of the records when their paging is decided.
pub(super) struct Records<'a> {
    /// The key, and the fields that a record has.
    pub(super) key: Option<&'a str>,
    pub(super) fields: &'a [&'a str],
    /// Whether the records are under the key that SCIM (RFC 7644) gives them.
    pub(super) is_scim: bool,
    /// What the first page is called elsewhere in the document.
    pub(super) first_page: Option<u64>,
}

/// Every way to the next page, the best first.
pub(super) fn candidates(
    operation: &Operation<'_>,
    inputs: &[Input],
    answer: &Answer<'_>,
    records: &Records<'_>,
) -> Vec<Choice<Paginator>> {
    let sheet = Sheet { operation, inputs, answer, records };
    let mut found = Vec::new();
    sheet.links(&mut found);
    sheet.header_links(&mut found);
    sheet.cursors(&mut found);
    sheet.header_cursors(&mut found);
    sheet.last_records(&mut found);
    sheet.counters(&mut found);
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    found
}

/// Whether Azure's extension, which is the last word, says that no page follows.
fn has_one_page(operation: &Operation<'_>) -> bool {
    operation.node.pointer("/x-ms-pageable/nextLinkName").is_some_and(Value::is_null)
}

/// What hints at pages, in words; none where nothing does.
pub(super) fn hint(operation: &Operation<'_>, inputs: &[Input], answer: &Answer<'_>) -> Option<String> {
    if has_one_page(operation) {
        return None;
    }
    let input = inputs.iter().find(|input| input.role.is_some_and(|role| role != Role::Backward));
    if let Some(input) = input {
        let what = if input.role == Some(Role::Size) { "limits how many come" } else { "asks for a part" };
        return Some(format!("`{}` {what}", input.text));
    }
    let output = answer.outputs.iter().find(|output| {
        output.weight >= 0.7
            && matches!(
                output.tells,
                Some(Tells::NextLink | Tells::Next | Tells::HasMore | Tells::IsLast | Tells::TotalPages | Tells::LastId)
            )
    });
    if let Some(output) = output {
        return Some(format!("`{}` of the answer tells of more pages", output.path));
    }
    let header = answer.headers.iter().find(|header| header.name.has("next page pages") || header.name.is("link"));
    header.map(|header| format!("the header `{}` tells of more pages", header.text))
}

struct Sheet<'a, 'd> {
    operation: &'a Operation<'d>,
    inputs: &'a [Input],
    answer: &'a Answer<'d>,
    records: &'a Records<'a>,
}

impl Sheet<'_, '_> {
    fn inputs(&self, role: Role) -> impl Iterator<Item = &Input> {
        // A body that has its paging takes it there; headers come last.
        self.inputs.iter().filter(move |input| input.role == Some(role))
    }

    fn outputs(&self, tells: Tells) -> impl Iterator<Item = &Output> {
        self.answer.outputs.iter().filter(move |output| output.tells == Some(tells))
    }

    fn place_of(&self, tells: Tells) -> Option<Path> {
        self.outputs(tells).max_by(|a, b| a.weight.total_cmp(&b.weight)).map(|output| output.path.clone())
    }

    fn size(&self, style: Style) -> Option<Size> {
        // Of several the one that goes with the style: `per_page` with `page`, `take` with `from`.
        let rank = |input: &&Input| {
            let names_pages = input.name.has("page perpage pagesize");
            (names_pages != (style == Style::PageNumber), input.name.is("first max n count"), input.text.len())
        };
        let best = self.inputs(Role::Size).min_by_key(rank)?;
        let number = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok()).filter(|value| *value > 0);
        let (default, max) = (number(best.default), number(best.maximum));
        Some(Size { slot: best.slot.clone(), default: default.filter(|default| max.is_none_or(|max| *default <= max)), max })
    }

    fn paginator(&self, style: Style, slot: Option<&Slot>, from: From) -> Paginator {
        let flags = !matches!(style, Style::JsonLink | Style::HeaderLink);
        let has_more = self.place_of(Tells::HasMore).filter(|_| flags);
        let stop =
            Stop { is_last: self.place_of(Tells::IsLast).filter(|_| flags && has_more.is_none()), has_more, ..Stop::default() };
        Paginator { style, slot: slot.cloned(), from, first: 0, size: self.size(style), stop }
    }

    fn links(&self, found: &mut Vec<Choice<Paginator>>) {
        if has_one_page(self.operation) {
            return;
        }
        for output in self.outputs(Tells::NextLink) {
            let reason = format!("`{}` is the address of the next page", output.path);
            let value = self.paginator(Style::JsonLink, None, From::Page(output.path.clone()));
            found.push(Choice { value, confidence: output.weight, reason });
        }
    }

    fn header_links(&self, found: &mut Vec<Choice<Paginator>>) {
        let takes = self.inputs.iter().any(|input| input.role.is_some());
        let header = self.answer.headers.iter().find(|header| header.name.is("link"));
        let (confidence, reason) = if let Some(header) = header {
            let sure = takes || mentions(&header.prose, "next|pagina|page|rfc");
            (if sure { 0.95 } else { 0.8 }, "the header `Link` leads to the next page")
        } else if self.describes_link_header() {
            (if takes { 0.85 } else { 0.7 }, "the description says that the header `Link` leads to the next page")
        } else {
            return;
        };
        let value = self.paginator(Style::HeaderLink, None, From::Nothing);
        found.push(Choice { value, confidence, reason: reason.to_owned() });
    }

    /// Whether a description speaks of the header `Link`.
    fn describes_link_header(&self) -> bool {
        let answer = self.operation.success().and_then(|response| response.node.get("description")?.as_str());
        let said = self.operation.text("description").unwrap_or_default().to_lowercase();
        let asked = self.inputs.iter().filter(|input| input.role.is_some()).map(|input| input.prose.clone());
        let all = asked.chain([said, answer.unwrap_or_default().to_lowercase()]);
        all.into_iter().any(|prose| mentions(&prose, "link header|`link`|link response header|rel=\"next\"|rel=next"))
    }

    fn cursors(&self, found: &mut Vec<Choice<Paginator>>) {
        for output in self.outputs(Tells::Next).chain(self.outputs(Tells::LastId)) {
            for input in self.inputs.iter().filter(|input| input.role.is_none_or(Role::is_position)) {
                let Some(mut confidence) = self.pair(input, output) else { continue };
                if matches!(input.slot, Slot::Header(_)) {
                    confidence -= 0.1;
                }
                let reason = format!("`{}` takes `{}` of the page before", input.text, output.path);
                let value = self.paginator(Style::Cursor, Some(&input.slot), From::Page(output.path.clone()));
                found.push(Choice { value, confidence, reason });
            }
        }
    }

    /// How well a parameter and a value of the answer go together; none where they do not.
    fn pair(&self, input: &Input, output: &Output) -> Option<f32> {
        let is_number = output.kinds.is_number() && !output.kinds.has(Kinds::STRING);
        let Some(role) = input.role else { return self.doubtful_pair(input, output) };
        // A counter that the service counts for us is still a counter, which also works where the service stops counting.
        if matches!(role, Role::Page | Role::Offset) && (is_number || !output.name.has("token cursor") && input.kinds.is_number())
        {
            return None;
        }
        // A page that the answer names again is the one that was asked for.
        if role == Role::Page && mentions(&output.prose, "requested|returned|current|this page") {
            return None;
        }
        let noise = "next page paging pagination cursors meta end start starting response metadata info";
        let (asked, given) = (input.name.without(noise), output.name.without(noise));
        let same = input.name.flat == output.name.flat
            || !asked.flat.is_empty() && asked.flat == given.flat
            || output.above.has("next") && ends_alike(&input.name, &output.name);
        let text = !is_number;
        let known = output.weight >= 0.8;
        let score = match (same, role, output.tells) {
            (_, Role::Page | Role::Offset, _) if !same => return None,
            (true, _, _) if known => 0.97,
            (true, _, _) => 0.88,
            (false, Role::Cursor, Some(Tells::Next)) if known => 0.9,
            (false, Role::After, Some(Tells::Next)) if known => 0.88,
            (false, Role::After | Role::Cursor, Some(Tells::LastId)) => 0.85,
            (false, Role::Cursor | Role::After, _) => 0.65,
            _ => return None,
        };
        Some(if text { score } else { score - 0.05 })
    }

    /// A parameter that is a cursor because of what the answer gives, and because nothing else could be.
    fn doubtful_pair(&self, input: &Input, output: &Output) -> Option<f32> {
        let is_alone = !self.inputs.iter().any(|input| matches!(input.role, Some(Role::Cursor | Role::After)));
        if !is_alone || !input.may_be_cursor() || output.tells != Some(Tells::Next) {
            return None;
        }
        let sizes = self.inputs(Role::Size).next().is_some();
        let same = input.name.flat == output.name.flat;
        // As often the state that records are in.
        if !same && input.name.is("state") {
            return None;
        }
        match (same, output.weight >= 0.8) {
            (true, _) => Some(if sizes { 0.93 } else { 0.85 }),
            (false, true) => Some(if sizes { 0.86 } else { 0.62 }),
            (false, false) => None,
        }
    }

    fn header_cursors(&self, found: &mut Vec<Choice<Paginator>>) {
        let leads = |header: &&Header| {
            header.name.has("next continuation cursor")
                && !header.name.has("prev previous url link")
                && !mentions(&header.prose, "link to|url of|uri of")
                || header.name.flat.ends_with("continuationtoken")
        };
        for header in self.answer.headers.iter().filter(leads) {
            for input in self.inputs.iter().filter(|input| matches!(input.role, Some(Role::Cursor | Role::After))) {
                let shared =
                    input.name.words.iter().any(|word| word != "x" && word != "next" && header.name.words.contains(word));
                let confidence = if shared { 0.92 } else { 0.75 };
                let reason = format!("`{}` takes the header `{}` of the page before", input.text, header.text);
                let value = self.paginator(Style::HeaderCursor, Some(&input.slot), From::Header(header.text.clone()));
                found.push(Choice { value, confidence, reason });
            }
        }
    }

    fn last_records(&self, found: &mut Vec<Choice<Paginator>>) {
        if self.outputs(Tells::Next).any(|output| output.weight >= 0.8) {
            return;
        }
        let has_more = self.place_of(Tells::HasMore).is_some() || self.place_of(Tells::IsLast).is_some();
        let goes_back = self.inputs(Role::Backward).next().is_some();
        for input in self.inputs(Role::After) {
            // Between two ids the newest come first: what is newer than the last record was read already.
            if goes_back && input.name.is("sinceid minid") {
                continue;
            }
            let named = input.name.without("after starting start last since from seen exclusive page item");
            let by_name = self.records.fields.iter().find(|field| !named.flat.is_empty() && Name::new(field).flat == named.flat);
            let Some(field) = by_name.copied().or(self.records.key) else { continue };
            let prose = &input.prose;
            let says_id = mentions(
                prose,
                "object id|id of the last|last id|id of the object|last item|last object|last record|last element|\
             last result|ids greater than|id greater than|after this id|after the id|resource id|an id",
            ) || has_word(prose, "id") && mentions(prose, "after|cursor|starting");
            let speaks = input.name.words.len() > 1;
            let confidence = match (speaks, says_id, has_more) {
                (true, true, _) | (_, true, true) => 0.93,
                (true, false, true) => 0.9,
                (false, true, false) => 0.8,
                (false, false, true) => 0.75,
                (true, false, false) => 0.7,
                (false, false, false) => 0.45,
            };
            let reason = format!("`{}` takes the `{field}` of the last record", input.text);
            let value = self.paginator(Style::LastRecord, Some(&input.slot), From::Record(super::at(field)));
            found.push(Choice { value, confidence, reason });
        }
    }

    fn counters(&self, found: &mut Vec<Choice<Paginator>>) {
        let size = self.inputs(Role::Size).next().is_some();
        let told = [Tells::Total, Tells::TotalPages, Tells::HasMore, Tells::IsLast, Tells::Echo]
            .iter()
            .any(|tells| self.place_of(*tells).is_some());
        let headers =
            |words: &str| self.answer.headers.iter().find(|header| header.name.has("total count") && header.name.has(words));
        let all = self.answer.headers.iter().find(|header| {
            header.name.has("total count")
                && !header.name.has("page pages rate limit")
                && (header.is_number || header.name.words.len() <= 3)
        });
        for input in self.inputs.iter().filter(|input| matches!(input.role, Some(Role::Page | Role::Offset))) {
            let is_page = input.role == Some(Role::Page);
            let speaks = mentions(&input.prose, "page|pagina|offset|skip|start");
            let mut confidence: f32 = if is_page { 0.76 } else { 0.68 };
            confidence += if size { 0.12 } else { 0.0 }
                + if told || headers("total").is_some() { 0.07 } else { 0.0 }
                + if speaks { 0.02 } else { 0.0 };
            if input.kinds.has(Kinds::STRING) && !input.kinds.is_number() {
                confidence -= 0.08;
            }
            // Where there is a cursor as well, though nobody says where it comes from, the counter is likely the old way.
            if self.inputs(Role::Cursor).next().is_some() {
                confidence -= 0.3;
            }
            let style = if is_page { Style::PageNumber } else { Style::Offset };
            let mut value = self.paginator(style, Some(&input.slot), From::Nothing);
            value.stop.total = self.place_of(Tells::Total);
            value.stop.total_header = all.filter(|_| value.stop.total.is_none()).map(|header| header.text.clone());
            value.stop.total_pages = self.place_of(Tells::TotalPages).filter(|_| is_page);
            let (first, is_known) = if is_page { self.first_page(input) } else { (self.first_offset(input), true) };
            value.first = first;
            if !is_known {
                confidence -= 0.05;
            }
            let counts = if is_page { "counts pages" } else { "counts records to pass over" };
            let reason = format!("`{}` {counts}{}", input.text, if is_known { "" } else { "; that the first is 1 is a guess" });
            found.push(Choice { value, confidence, reason });
        }
    }

    /// The number of the first page, and whether the document says it.
    fn first_page(&self, input: &Input) -> (u64, bool) {
        match (said_first_page(input), self.records.first_page) {
            (Some(first), _) | (None, Some(first)) => (first, true),
            _ if input.name.has("index idx") => (0, false),
            (None, None) => (1, false),
        }
    }

    fn first_offset(&self, input: &Input) -> u64 {
        let counts_from_one = mentions(&input.prose, "1-based|one-based|starts at 1|1-indexed|starting at 1|starts from 1");
        match (input.default, input.minimum) {
            _ if counts_from_one => 1,
            (Some(1), _) | (None, Some(1)) => 1,
            (None, None) if input.name.is("startindex") && self.records.is_scim => 1,
            _ => 0,
        }
    }
}

/// The number of the first page, where the document says it of this parameter.
pub(super) fn said_first_page(input: &Input) -> Option<u64> {
    let prose = &input.prose;
    if mentions(
        prose,
        "zero-based|zero based|0-based|0 based|starts at 0|starting at 0|starts from 0|starting from 0|\
             starts with 0|starting with 0|0-indexed|zero-indexed|zero indexed|0 indexed|0..n|first page is 0|\
             page 0|begins at 0|start at 0|index 0|from zero",
    ) {
        return Some(0);
    }
    if mentions(
        prose,
        "one-based|1-based|1 based|starts at 1|starting at 1|starts from 1|starting from 1|starts with 1|\
             starting with 1|1-indexed|1 indexed|first page is 1|begins at 1|start at 1",
    ) {
        return Some(1);
    }
    match (input.default, input.minimum) {
        (Some(0), _) | (None, Some(0)) => Some(0),
        (Some(_), _) | (None, Some(1)) => Some(1),
        _ => None,
    }
}

fn ends_alike(asked: &Name, given: &Name) -> bool {
    let (Some(a), Some(b)) = (asked.words.last(), given.words.last()) else { return false };
    a == b
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::infer::tests::decisions;
    use crate::infer::yaml;

    /// The paginator of a list, as its spec has it; `-` where there is no list.
    fn paginator(params: &Value, answer: &Value, headers: &Value) -> String {
        let mut answer = answer.clone();
        answer["users"] = json!({"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}});
        let paths = json!({"/users": {"get": {"parameters": params, "responses": {"200": {"headers": headers, "content": {
            "application/json": {"schema": {"type": "object", "properties": answer}}}}}}}});
        let decisions = decisions(&json!({"openapi": "3.1.0", "paths": paths}));
        decisions.resources.first().map_or("-".to_owned(), |resource| yaml::paginator(&resource.paginator.value))
    }

    fn query(name: &str, kind: &str) -> Value {
        json!({"name": name, "in": "query", "schema": {"type": kind}})
    }

    #[test]
    fn parameters_are_paired_with_what_the_answer_tells() {
        let (string, integer, boolean) = (json!({"type": "string"}), json!({"type": "integer"}), json!({"type": "boolean"}));
        let none = json!({});
        for (params, answer, expected) in [
            (json!([]), json!({}), "single_page"),
            (
                json!([query("cursor", "string")]),
                json!({"next_cursor": string}),
                "{type: cursor, cursor_param: cursor, cursor_path: next_cursor}",
            ),
            (
                json!([query("page[after]", "string")]),
                json!({"meta": {"type": "object", "properties": {"page": {"type": "object", "properties": {"after": string}}}}}),
                "{type: cursor, cursor_param: \"page[after]\", cursor_path: meta.page.after}",
            ),
            (
                json!([query("pageToken", "string"), query("page", "integer")]),
                json!({"nextPageToken": string, "total": integer}),
                "{type: cursor, cursor_param: pageToken, cursor_path: nextPageToken}",
            ),
            (
                json!([query("starting_after", "string")]),
                json!({"has_more": boolean}),
                "{type: last_record, cursor_param: starting_after, cursor_path: id, has_more_path: has_more}",
            ),
            (
                json!([query("offset", "integer"), query("limit", "integer")]),
                json!({"total": integer}),
                "{type: offset, offset_param: offset, limit_param: \"\", limit: 100, total_path: total}",
            ),
            (json!([]), json!({"next": {"type": "string", "format": "uri"}}), "{type: json_link, next_url_path: next}"),
            // What looks like a cursor, and is something else.
            (
                json!([{"name": "key", "in": "query", "schema": string, "description": "API key"}]),
                json!({"nextPageToken": string}),
                "-",
            ),
            (json!([query("state", "string"), query("limit", "integer")]), json!({"next": string}), "-"),
            (json!([query("since_id", "string"), query("max_id", "string")]), json!({}), "-"),
            (
                json!([query("page", "string"), query("limit", "integer")]),
                json!({"page": {"type": "string", "description": "The page returned"}}),
                "{type: page_number, page_param: page, base_page: 1}",
            ),
            // What is cut off and can not be had is no list.
            (json!([query("limit", "integer")]), json!({}), "-"),
            (json!([query("cursor", "string")]), json!({}), "-"),
            (json!([query("before", "string"), query("limit", "integer")]), json!({}), "-"),
        ] {
            assert_eq!(paginator(&params, &answer, &none), expected, "{params} {answer}");
        }
    }

    #[test]
    fn headers_lead_on() {
        let text = json!({"schema": {"type": "string"}});
        for (params, headers, expected) in [
            (json!([query("limit", "integer")]), json!({"Link": text}), "{type: header_link}"),
            (
                json!([query("continuation", "string")]),
                json!({"X-Continuation": text}),
                "{type: header_cursor, cursor_param: continuation, cursor_key: X-Continuation}",
            ),
            (
                json!([query("page", "integer"), query("per_page", "integer")]),
                json!({"X-Total-Count": {"schema": {"type": "integer"}}}),
                "{type: page_number, page_param: page, base_page: 1, total_header: X-Total-Count}",
            ),
        ] {
            assert_eq!(paginator(&params, &json!({}), &headers), expected, "{params} {headers}");
        }
    }

    #[test]
    fn pages_are_as_large_as_the_document_allows() {
        for (schema, expected) in [
            (json!({"type": "integer"}), ""),
            (json!({"type": "integer", "default": 25}), ", limit_param: limit, limit: 25"),
            (json!({"type": "integer", "default": 25, "maximum": 100}), ", limit_param: limit, limit: 100, maximum_limit: 100"),
            (json!({"type": "integer", "maximum": 100_000}), ", limit_param: limit, limit: 1000, maximum_limit: 100000"),
            (json!({"type": "integer", "description": "At most 50"}), ", limit_param: limit, limit: 50, maximum_limit: 50"),
        ] {
            let params = json!([query("cursor", "string"), {"name": "limit", "in": "query", "schema": schema}]);
            let found = paginator(&params, &json!({"next_cursor": {"type": "string"}}), &json!({}));
            assert_eq!(found, format!("{{type: cursor, cursor_param: cursor, cursor_path: next_cursor{expected}}}"), "{schema}");
        }
    }

    #[test]
    fn the_first_page_is_the_one_that_the_document_names() {
        for (schema, expected) in [
            (json!({"type": "integer"}), 1),
            (json!({"type": "integer", "default": 0}), 0),
            (json!({"type": "integer", "minimum": 0}), 0),
            (json!({"type": "integer", "minimum": 1}), 1),
            (json!({"type": "integer", "description": "Zero-based page"}), 0),
            (json!({"type": "integer", "description": "Starts at 1", "minimum": 0}), 1),
        ] {
            let params = json!([{"name": "page", "in": "query", "schema": schema}, query("size", "integer")]);
            let found = paginator(&params, &json!({}), &json!({}));
            assert_eq!(found, format!("{{type: page_number, page_param: page, base_page: {expected}}}"), "{schema}");
        }
    }
}
