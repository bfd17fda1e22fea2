//! Pages: the records that a request asks for, and the envelope they come in.

use std::ops::Range;

use hyper::body::Bytes;
use serde_json::Value;

use super::{
    hostile::{Storm, Strike},
    incremental,
    position::{self, Slice},
    random::seed_of,
    records::Rows,
    reply::Reply,
    request::{Arguments, decode, place, with_parameter},
    table,
};
use crate::model::{Advance, Decoder, Field, Hole, Paging, Path, Resource, Style, TotalMeans};

/// Where the records go in the text of an envelope: the JSON text of a line end, which no other part of it is.
const RECORDS: &str = r#""\n""#;

/// A request for a page.
pub(super) struct Asked<'a> {
    pub(super) resource: &'a Resource,
    pub(super) rows: Rows<'a>,
    /// The fields of a record, where they are known.
    pub(super) fields: Option<&'a [Field]>,
    pub(super) arguments: &'a Arguments<'a>,
    /// What fills the holes of the path.
    pub(super) holes: &'a [(Hole, String)],
    /// The address without its query: scheme, host and path.
    pub(super) address: &'a str,
    /// The query as it was sent.
    pub(super) query: Option<&'a str>,
    /// What the service does on purpose.
    pub(super) hostility: Option<Hostility<'a>>,
}

/// A storm over a list, and what it does to one of its pages.
#[derive(Clone, Copy)]
pub(super) struct Hostility<'a> {
    pub(super) storm: &'a Storm,
    pub(super) strike: Option<&'a Strike>,
    pub(super) list: (usize, &'a [&'a str]),
}

impl<'a> Asked<'a> {
    fn strike(&self) -> Option<&'a Strike> {
        self.hostility.and_then(|hostility| hostility.strike)
    }
}

/// The page that is asked for, or a refusal.
pub(super) fn page(asked: &Asked) -> Reply {
    match position::slice(asked) {
        Ok(slice) => render(asked, slice),
        Err(reply) => reply,
    }
}

/// Some of the records, as one file without a way to others.
pub(super) fn whole(asked: &Asked, rows: Range<u64>) -> Reply {
    match &*asked.resource.decoder {
        Decoder::Json => document(asked, Slice::of(&rows, asked.rows.count), None),
        Decoder::Ndjson => table::lines(asked, rows),
        Decoder::Csv(csv) => table::csv(asked, csv, rows),
    }
}

fn render(asked: &Asked, slice: Slice) -> Reply {
    let slice = asked.strike().map_or(slice, |strike| strike.slice(slice));
    let mut next = next(asked, slice);
    if let Some(hostility) = asked.hostility {
        hostility.storm.served(hostility.list, slice.end());
        next = hostility.next(asked, slice, next);
    }
    let reply = match &*asked.resource.decoder {
        Decoder::Json => document(asked, slice, next.as_ref()),
        Decoder::Ndjson => table::lines(asked, slice.start..slice.end()),
        Decoder::Csv(csv) => table::csv(asked, csv, slice.start..slice.end()),
    };
    with_head(asked, slice, next.as_ref(), reply)
}

/// Adds what a page says in its head.
fn with_head(asked: &Asked, slice: Slice, next: Option<&Value>, mut reply: Reply) -> Reply {
    let paging = &asked.resource.paging;
    if let Some(header) = &paging.stop.total_header {
        reply = reply.with(header, total(asked, slice).to_string());
    }
    match (&paging.style, next) {
        (Style::HeaderLink { rel }, next) => reply.with("link", links(asked, rel, slice, next.and_then(Value::as_str))),
        (Style::HeaderCursor { header, .. }, Some(Value::String(next))) => reply.with(&header.to_ascii_lowercase(), next),
        _ => reply,
    }
}

/// The records in their envelope.
fn document(asked: &Asked, slice: Slice, next: Option<&Value>) -> Reply {
    let end = slice.end();
    let envelope = envelope(asked, slice, next);
    let (before, after) = envelope.split_once(RECORDS).unwrap_or(("", ""));

    let mut body = String::with_capacity(usize::try_from(end - slice.start).unwrap_or(0).saturating_mul(1_024));
    body.push_str(before);
    body.push('[');
    if let Some(hostility) = asked.hostility.filter(|_| end == slice.start) {
        hostility.storm.spare_record(hostility.strike);
    }
    for k in slice.start..end {
        if k > slice.start {
            body.push(',');
        }
        let start = body.len();
        asked.rows.write(&mut body, k);
        if let Some(strike) = asked.strike() {
            strike.record(&mut body, start, (k - slice.start, end - slice.start), asked.resource);
        }
    }
    body.push(']');
    body.push_str(after);
    Reply::json(200, Bytes::from(body))
}

/// What leads to the next page: a cursor or an address.
fn next(asked: &Asked, slice: Slice) -> Option<Value> {
    let page = slice.start.checked_div(slice.size).unwrap_or(0) + 1;
    let (paging, end) = (&asked.resource.paging, slice.end());
    let more = end < slice.reach;
    match &paging.style {
        // A service that looks no further than the page sends a cursor with the last full page; an empty one follows.
        Style::Cursor { .. } | Style::HeaderCursor { .. } => {
            let is_full = end > slice.start && end - slice.start == slice.size;
            (is_full && (more || slice.reach == slice.count)).then(|| position::cursor(asked, end))
        }
        // An address of which only the cursor is of use: its path lacks what the service is reached under.
        Style::HeaderLink { .. } | Style::JsonLink { .. } if paging.take.is_some() => more.then(|| {
            let cursor = position::cursor(asked, end);
            let param = paging.take.as_deref().unwrap_or_default();
            let query = with_parameter(asked.query, param, cursor.as_str().unwrap_or_default());
            format!("/elsewhere?{query}").into()
        }),
        // A log that can be asked again later leads on from its last page, too.
        Style::HeaderLink { .. } | Style::JsonLink { .. } if paging.stop.on_empty_page => Some(link(asked, page).into()),
        Style::HeaderLink { .. } => more.then(|| link(asked, page).into()),
        // Both forms of an address are met in the wild.
        Style::JsonLink { .. } if page.is_multiple_of(2) => more.then(|| relative(&link(asked, page)).into()),
        Style::JsonLink { .. } => more.then(|| link(asked, page).into()),
        _ => None,
    }
}

/// The address of a page; it keeps what else the request asks for, but for what only the first request sends.
fn link(asked: &Asked, page: u64) -> String {
    let query = with_parameter(asked.query, position::LINK_PARAM, &page.to_string());
    let size = asked.resource.paging.size.as_ref().map(|size| size.param.as_str());
    let kept = query.split('&').filter(|pair| {
        let name = decode(pair.split('=').next().unwrap_or_default());
        name == position::LINK_PARAM || Some(name.as_str()) == size || asked.resource.paging.later.sends(&name)
    });
    format!("{}?{}", asked.address, kept.collect::<Vec<_>>().join("&"))
}

/// An address without scheme and host.
pub(super) fn relative(address: &str) -> &str {
    let path = address.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    path.unwrap_or(address)
}

/// A `Link` header with what usually stands beside the next page in it.
fn links(asked: &Asked, rel: &str, slice: Slice, next: Option<&str>) -> String {
    let last = asked.rows.count.saturating_sub(1).checked_div(slice.size).unwrap_or(0);
    let next = next.map(|next| format!(", <{next}>; rel=\"{rel}\"")).unwrap_or_default();
    format!("<{}>; rel=\"first\"{next}, <{}>; rel=\"last\"", link(asked, 0), link(asked, last))
}

/// What the service says when it is asked for the number of records: by the spec, not always that.
fn total(asked: &Asked, slice: Slice) -> u64 {
    let all = |total| asked.strike().map_or(total, |strike| strike.total(total, slice.end()));
    match asked.resource.paging.stop.total_means {
        TotalMeans::All => all(slice.count.saturating_mul(slice.spread)),
        TotalMeans::UnknownIfZero => 0,
        TotalMeans::Page => slice.end() - slice.start,
    }
}

/// The text around the records.
fn envelope(asked: &Asked, slice: Slice, next: Option<&Value>) -> String {
    let Paging { style, stop, carry, advance, .. } = &asked.resource.paging.value;
    let more = slice.end() < slice.count;
    let mut facts: Vec<(&Path, Value)> = Vec::new();
    if let Some(path) = &stop.total {
        facts.push((path, total(asked, slice).into()));
    }
    if let Some(path) = &stop.total_pages {
        facts.push((path, slice.count.div_ceil(slice.size.max(1)).into()));
    }
    if let Some(path) = &stop.has_more {
        facts.push((path, more.into()));
    }
    if let Some(path) = &stop.is_last {
        facts.push((path, (!more).into()));
    }
    if let Advance::Echoed(path) = advance {
        facts.push((path, slice.size.into()));
    }
    for (_, from) in carry {
        facts.push((from, position::carried(slice.end()).into()));
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
        // The ways in which services say that there is no next page.
        match (next, seed_of(0, &asked.resource.operation.name) % 3) {
            (Some(next), _) => place(&mut document, path, next.clone()),
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
