//! Pages: which records a request asks for, and the envelope they come in.

use hyper::body::Bytes;
use serde_json::Value;

use super::{
    incremental,
    random::seed_of,
    records::Rows,
    reply::Reply,
    request::{Arguments, place, with_parameter},
};
use crate::model::{Paging, Path, Resource, Style};

/// How many records a page has where the paginator does not say.
const PAGE_SIZE: u64 = 50;

/// The largest page where the paginator names no maximum.
const LARGEST_PAGE: u64 = 1_000;

/// The parameter by which this service numbers the pages that it links to.
pub(super) const LINK_PARAM: &str = "page";

/// Where the records go in the text of an envelope: the JSON text of a line end, which no other part of it is.
const RECORDS: &str = r#""\n""#;

/// A request for a page.
pub(super) struct Asked<'a> {
    pub(super) resource: &'a Resource,
    pub(super) rows: Rows<'a>,
    pub(super) arguments: &'a Arguments<'a>,
    /// The address without its query: scheme, host and path.
    pub(super) address: &'a str,
    /// The query as it was sent.
    pub(super) query: Option<&'a str>,
}

/// The records of a page, by number.
#[derive(Clone, Copy, Debug)]
struct Slice {
    start: u64,
    size: u64,
}

/// The page that is asked for, or a refusal.
pub(super) fn page(asked: &Asked) -> Reply {
    match slice(asked) {
        Ok(slice) => render(asked, slice),
        Err(reply) => reply,
    }
}

fn slice(asked: &Asked) -> Result<Slice, Reply> {
    let paging = &asked.resource.paging.value;
    let (count, size) = (asked.rows.count, size(paging, asked)?);
    let start = match &paging.style {
        Style::Single => return Ok(Slice { start: 0, size: count }),
        Style::PageNumber { param, base } => counter(asked, param, *base)?.saturating_mul(size),
        Style::Offset { param, base } => counter(asked, param, *base)?,
        Style::HeaderLink { .. } | Style::JsonLink { .. } => counter(asked, LINK_PARAM, 0)?.saturating_mul(size),
        Style::Cursor { param, .. } => match given(asked, param) {
            Some(cursor) => read_cursor(asked, cursor)
                .ok_or_else(|| Reply::error(400, "invalid_cursor", &format!("`{param}` is no cursor of this list")))?,
            None => 0,
        },
        Style::LastRecord { param, field } => given(asked, param).map_or(0, |cursor| asked.rows.after(field, cursor)),
    };
    Ok(Slice { start: start.min(count), size })
}

fn size(paging: &Paging, asked: &Asked) -> Result<u64, Reply> {
    let Some(size) = &paging.size else { return Ok(PAGE_SIZE) };
    let Some(text) = given(asked, &size.param) else { return Ok(u64::from(size.default)) };
    let most = size.max.map_or(LARGEST_PAGE.max(u64::from(size.default)), u64::from);
    match text.parse() {
        Ok(wanted) if (1..=most).contains(&wanted) => Ok(wanted),
        _ => Err(invalid(&size.param, text, &format!("from 1 to {most}"))),
    }
}

/// A counter of pages or records, from 0.
fn counter(asked: &Asked, param: &str, base: u64) -> Result<u64, Reply> {
    let Some(text) = given(asked, param) else { return Ok(0) };
    let most = asked.resource.paging.stop.maximum.unwrap_or(u64::MAX);
    match text.parse() {
        Ok(number) if (base..=most).contains(&number) => Ok(number - base),
        Ok(number) if number > most => {
            Err(Reply::error(400, "invalid_paging", &format!("`{param}` reaches to {most} at most; narrow the list instead")))
        }
        _ => Err(invalid(param, text, &format!("a number from {base} on"))),
    }
}

fn invalid(param: &str, text: &str, expected: &str) -> Reply {
    let message = format!("Query validation error: `{param}` is `{text}`, expected {expected}");
    Reply::error(400, "invalid_query_string", &message)
}

/// An argument that is there and not empty.
fn given<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    if name.is_empty() { None } else { asked.arguments.get(name).filter(|value| !value.is_empty()) }
}

/// A cursor names the record it leads to, with a check so that no other text is one. The `*` must be encoded in forms.
fn cursor(asked: &Asked, start: u64) -> String {
    let name = &asked.resource.operation.name.value;
    format!("c*{start:x}~{:08x}", seed_of(start, name) >> 32)
}

fn read_cursor(asked: &Asked, text: &str) -> Option<u64> {
    let start = u64::from_str_radix(text.strip_prefix("c*")?.split('~').next()?, 16).ok()?;
    (cursor(asked, start) == text).then_some(start)
}

fn render(asked: &Asked, slice: Slice) -> Reply {
    let end = slice.start.saturating_add(slice.size).min(asked.rows.count);
    let next = next(asked, slice, end);
    let envelope = envelope(asked, slice, next.as_ref());
    let (before, after) = envelope.split_once(RECORDS).unwrap_or(("", ""));

    let mut body = String::with_capacity(usize::try_from(end - slice.start).unwrap_or(0).saturating_mul(1_024));
    body.push_str(before);
    body.push('[');
    for k in slice.start..end {
        if k > slice.start {
            body.push(',');
        }
        asked.rows.write(&mut body, k);
    }
    body.push(']');
    body.push_str(after);

    let reply = Reply::json(200, Bytes::from(body));
    match (&asked.resource.paging.style, next) {
        (Style::HeaderLink { rel }, next) => reply.with("link", links(asked, rel, slice, next.as_deref())),
        _ => reply,
    }
}

/// What leads to the next page: a cursor or an address.
fn next(asked: &Asked, slice: Slice, end: u64) -> Option<String> {
    let page = slice.start.checked_div(slice.size).unwrap_or(0) + 1;
    let more = end < asked.rows.count;
    match &asked.resource.paging.style {
        // A service that looks no further than the page sends a cursor with the last full page; an empty one follows.
        Style::Cursor { .. } => (end > slice.start && end - slice.start == slice.size).then(|| cursor(asked, end)),
        Style::HeaderLink { .. } => more.then(|| link(asked, page)),
        // Both forms of an address are met in the wild.
        Style::JsonLink { .. } if page.is_multiple_of(2) => more.then(|| relative(&link(asked, page)).to_owned()),
        Style::JsonLink { .. } => more.then(|| link(asked, page)),
        _ => None,
    }
}

/// The address of a page; it keeps what else the request asks for.
fn link(asked: &Asked, page: u64) -> String {
    format!("{}?{}", asked.address, with_parameter(asked.query, LINK_PARAM, &page.to_string()))
}

/// An address without scheme and host.
fn relative(address: &str) -> &str {
    let path = address.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    path.unwrap_or(address)
}

/// A `Link` header with what usually stands beside the next page in it.
fn links(asked: &Asked, rel: &str, slice: Slice, next: Option<&str>) -> String {
    let last = asked.rows.count.saturating_sub(1).checked_div(slice.size).unwrap_or(0);
    let next = next.map(|next| format!(", <{next}>; rel=\"{rel}\"")).unwrap_or_default();
    format!("<{}>; rel=\"first\"{next}, <{}>; rel=\"last\"", link(asked, 0), link(asked, last))
}

/// The text around the records.
fn envelope(asked: &Asked, slice: Slice, next: Option<&String>) -> String {
    let Paging { style, stop, .. } = &asked.resource.paging.value;
    let left = asked.rows.count;
    let mut facts: Vec<(&Path, Value)> = Vec::new();
    if let Some(path) = &stop.total {
        facts.push((path, left.into()));
    }
    if let Some(path) = &stop.total_pages {
        facts.push((path, left.div_ceil(slice.size.max(1)).into()));
    }
    if let Some(path) = &stop.has_more {
        facts.push((path, (slice.start.saturating_add(slice.size) < asked.rows.count).into()));
    }
    if slice.start.saturating_add(slice.size) >= asked.rows.count {
        facts.extend(incremental::token(asked.resource, &asked.rows, asked.address, asked.query));
    }
    let link = match style {
        Style::Cursor { path, .. } | Style::JsonLink { path } => Some(&path.value),
        _ => None,
    };
    let enveloped = |path: &&Path| (facts.is_empty() && link.is_none()) || !path.0.is_empty();
    let selectors = || asked.resource.selectors.iter().map(|selector| &selector.value);
    let Some(selector) = selectors().find(enveloped).or_else(|| selectors().next()) else { return RECORDS.to_owned() };
    if selector.0.is_empty() {
        return RECORDS.to_owned();
    }
    let mut document = Value::Null;
    for (path, value) in facts {
        place(&mut document, path, value);
    }
    place(&mut document, selector, Value::from("\n"));
    if let Some(path) = link {
        // The three ways in which services say that there is no next page.
        match (next, seed_of(0, &asked.resource.operation.name) % 3) {
            (Some(next), _) => place(&mut document, path, next.as_str().into()),
            (None, 0) => place(&mut document, path, Value::Null),
            (None, 1) => place(&mut document, path, "".into()),
            (None, _) => {}
        }
    }
    document.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_scheme_and_host() {
        assert_eq!(relative("http://127.0.0.1:80/v1/x?page=1"), "/v1/x?page=1");
        assert_eq!(relative("/v1"), "/v1");
    }
}
