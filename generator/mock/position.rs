//! Which records a request asks for, and whether it asks in the way that the spec says.

use serde_json::Value;

use super::{
    page::Asked,
    random::seed_of,
    reply::Reply,
    request::{lookup, text_of},
};
use crate::model::{Advance, Hole, Location, Paging, ParamValue, Path, Size, Slot, Style};

/// How many records a page has where the paginator does not say.
const PAGE_SIZE: u64 = 50;

/// The largest page where the paginator names no maximum.
const LARGEST_PAGE: u64 = 1_000;

/// The parameter by which this service numbers the pages that it links to.
pub(super) const LINK_PARAM: &str = "page";

/// The records of a page, by number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    pub(super) start: u64,
    pub(super) size: u64,
    /// How many records there are.
    pub(super) count: u64,
    /// Where the service stops, whatever it has.
    pub(super) reach: u64,
    /// How many places of an offset a record takes: a service that steps by the page counts records that it keeps back.
    pub(super) spread: u64,
}

impl Slice {
    /// Some of so many records, whatever was asked for.
    pub(super) fn of(rows: &std::ops::Range<u64>, count: u64) -> Self {
        Self { start: rows.start, size: rows.end - rows.start, count, reach: count, spread: 1 }
    }

    /// The record after the last one.
    pub(super) fn end(&self) -> u64 {
        self.start.saturating_add(self.size).min(self.reach).max(self.start)
    }
}

/// The records that are asked for, or why the request is wrong.
pub(super) fn slice(asked: &Asked) -> Result<Slice, Reply> {
    let paging = &asked.resource.paging.value;
    check_places(asked)?;
    let (count, size) = (asked.rows.count, size(paging, asked)?);
    let size = asked.hostility.and_then(|hostility| hostility.most()).map_or(size, |most| size.min(most));
    let reach = paging.window.as_ref().map_or(count, |window| count.min(window.records));
    let whole = Slice { start: 0, size: count, count, reach, spread: 1 };
    let mut slice = Slice { size, ..whole };
    let is_first = match &paging.style {
        Style::Single => return Ok(whole),
        Style::PageNumber { base, .. } => {
            let page = counter(asked, *base)?;
            slice.start = page.saturating_mul(size);
            page == 0
        }
        Style::Offset { base, .. } => {
            let offset = counter(asked, *base)?;
            slice = offset_slice(slice, &paging.advance, offset);
            offset == 0
        }
        Style::HeaderLink { .. } | Style::JsonLink { .. } if paging.take.is_none() => {
            let page = asked.arguments.get(LINK_PARAM).map(|text| number(LINK_PARAM, text, 0)).transpose()?.unwrap_or(0);
            slice.start = page.saturating_mul(size);
            page == 0
        }
        style => match given_cursor(asked) {
            None => true,
            Some(cursor) => {
                slice.start = match style {
                    Style::LastRecord { field, .. } => after(asked, field, &cursor)?,
                    _ => read_cursor(asked, &cursor).ok_or_else(|| invalid_cursor(asked))?,
                };
                false
            }
        },
    };
    check_later(asked, is_first)?;
    if !is_first {
        check_carried(asked, slice.start)?;
    }
    slice.start = slice.start.min(reach);
    Ok(slice)
}

/// A page by offset. A service that steps by the page has a record at every other place; one that says its size makes smaller
/// pages than it is asked for.
fn offset_slice(slice: Slice, advance: &Advance, offset: u64) -> Slice {
    match advance {
        Advance::Rows => Slice { start: offset, ..slice },
        Advance::Echoed(_) => Slice { start: offset, size: slice.size.div_ceil(2), ..slice },
        Advance::Size => {
            let start = offset.div_ceil(2);
            let end = offset.saturating_add(slice.size).div_ceil(2);
            Slice { start, size: end - start, spread: 2, ..slice }
        }
    }
}

/// The value at a place of the request; an empty one counts as absent.
fn given(asked: &Asked, slot: &Slot) -> Option<Value> {
    let text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
    match slot {
        Slot::Query(name) => asked.arguments.in_query(name).and_then(text),
        Slot::Header(name) => asked.arguments.in_header(name).and_then(text),
        Slot::Path(name) => {
            let fills = |(hole, _): &&(Hole, String)| matches!(hole, Hole::Argument(held) if held == name);
            asked.holes.iter().find(fills).and_then(|(_, value)| text(value))
        }
        Slot::Body(path) => lookup(&asked.arguments.json, path).filter(|value| !value.is_null()).cloned(),
    }
}

/// A value that belongs elsewhere must not be in the query.
fn check_places(asked: &Asked) -> Result<(), Reply> {
    let paging = &asked.resource.paging;
    let size = paging.size.as_ref().filter(|size| size.place.is_some()).map(|size| size.param.clone());
    let position = paging.place.as_ref().map(Slot::to_string);
    match size.into_iter().chain(position).find(|name| asked.arguments.in_query(name).is_some()) {
        Some(name) => Err(refusal(&format!("`{name}` does not belong into the query"))),
        None => Ok(()),
    }
}

/// Parameters of the first request come with the first request, and with no other.
fn check_later(asked: &Asked, is_first: bool) -> Result<(), Reply> {
    let (paging, operation) = (&asked.resource.paging, &asked.resource.operation);
    let own: Vec<Slot> = paging.slots().collect();
    let is_own = |name: &str| name == LINK_PARAM || own.iter().any(|slot| matches!(slot, Slot::Query(held) if held == name));
    if !is_first {
        let sent = asked.arguments.query.iter().map(|(name, _)| name.as_str());
        if let Some(name) = sent.into_iter().find(|name| !is_own(name) && !paging.later.sends(name)) {
            return Err(refusal(&format!("`{name}` is for the first request alone")));
        }
    }
    let fixed = operation.params.iter().filter(|param| param.location == Location::Query);
    for param in fixed.filter(|param| is_first || paging.later.sends(&param.name)) {
        let ParamValue::Fixed(value) = &param.value else { continue };
        let text = value.literal_text();
        let same_name = operation.params.iter().filter(|other| *other.name == *param.name).count();
        let must = same_name > 1 || !paging.later.sends(&param.name);
        let is_sent = || asked.arguments.query.iter().any(|(name, value)| *name == *param.name && *value == text);
        // Where links are followed, a page that was linked to has what the link says.
        let is_linked =
            paging.take.is_none() && matches!(paging.style, Style::HeaderLink { .. } | Style::JsonLink { .. }) && !is_first;
        if must && value.holes().next().is_none() && !is_linked && !is_sent() {
            return Err(refusal(&format!("`{}` is to be `{text}`", *param.name)));
        }
    }
    Ok(())
}

/// What the page before gave comes back.
fn check_carried(asked: &Asked, start: u64) -> Result<(), Reply> {
    let expected = Value::from(carried(start));
    for (to, _) in &asked.resource.paging.carry {
        if lookup(&asked.arguments.json, to) != Some(&expected) {
            return Err(refusal(&format!("`{}` is not what the page before gave", **to)));
        }
    }
    Ok(())
}

/// What a page that ends before a record gives to be sent with the request for the next.
pub(super) fn carried(end: u64) -> String {
    format!("point-{end}")
}

fn size(paging: &Paging, asked: &Asked) -> Result<u64, Reply> {
    let Some(size) = &paging.size else { return Ok(PAGE_SIZE) };
    let Some(value) = size.slot().and_then(|slot| given(asked, &slot)) else { return Ok(u64::from(size.default)) };
    let most = size.max.map_or(LARGEST_PAGE.max(u64::from(size.default)), u64::from);
    let Size { param, place, .. } = size;
    let text = numeric(param, place.as_ref(), &value)?;
    match text.parse() {
        Ok(wanted) if (1..=most).contains(&wanted) => Ok(wanted),
        _ => Err(invalid(param, &text, &format!("from 1 to {most}"))),
    }
}

/// A counter of pages or records, from 0.
fn counter(asked: &Asked, base: u64) -> Result<u64, Reply> {
    let paging = &asked.resource.paging;
    let Some(slot) = paging.slot() else { return Ok(0) };
    let name = slot.to_string();
    let Some(value) = given(asked, &slot) else { return Ok(0) };
    let text = numeric(&name, Some(&slot), &value)?;
    let number = number(&name, &text, base)?;
    match paging.stop.maximum {
        Some(most) if number > most => {
            Err(Reply::error(400, "invalid_paging", &format!("`{name}` reaches to {most} at most; narrow the list instead")))
        }
        _ => Ok(number - base),
    }
}

/// The text of a number, which in a body is a number and no text.
fn numeric(name: &str, slot: Option<&Slot>, value: &Value) -> Result<String, Reply> {
    let text = text_of(value).unwrap_or_default();
    match slot {
        Some(Slot::Body(_)) if !value.is_number() => Err(invalid(name, &text, "a JSON number")),
        _ => Ok(text),
    }
}

fn number(name: &str, text: &str, base: u64) -> Result<u64, Reply> {
    match text.parse() {
        Ok(number) if number >= base => Ok(number),
        _ => Err(invalid(name, text, &format!("a number from {base} on"))),
    }
}

fn invalid(param: &str, text: &str, expected: &str) -> Reply {
    refusal(&format!("`{param}` is `{text}`, expected {expected}"))
}

fn refusal(message: &str) -> Reply {
    Reply::error(400, "invalid_query_string", &format!("Query validation error: {message}"))
}

fn invalid_cursor(asked: &Asked) -> Reply {
    let name = asked.resource.paging.slot().map(|slot| slot.to_string()).unwrap_or_default();
    Reply::error(400, "invalid_cursor", &format!("`{name}` is no cursor of this list"))
}

/// The cursor of a request; the one that the first request sends is none.
fn given_cursor(asked: &Asked) -> Option<Value> {
    let paging = &asked.resource.paging;
    let slot = paging.slot()?;
    let initial = paging.initial.as_ref().map(|initial| match slot {
        Slot::Body(_) => serde_json::from_str(initial).unwrap_or_default(),
        _ => Value::from(initial.as_str()),
    });
    given(asked, &slot).filter(|value| Some(value) != initial.as_ref())
}

/// The record after the one that a cursor names, or where it would stand. In a body, it is what the record has, with its type.
fn after(asked: &Asked, field: &Path, cursor: &Value) -> Result<u64, Reply> {
    let text = match cursor {
        Value::Array(elements) => elements.first().and_then(text_of),
        value => text_of(value),
    };
    let text = text.ok_or_else(|| invalid_cursor(asked))?;
    let next = asked.rows.after(field, &text);
    let last = next.checked_sub(1).filter(|last| asked.rows.key_text(field, *last).is_some_and(|held| held == text));
    let is_in_body = matches!(asked.resource.paging.place, Some(Slot::Body(_)));
    match last {
        Some(last) if is_in_body && asked.rows.key_json(field, last).as_ref() != Some(cursor) => Err(invalid_cursor(asked)),
        _ => Ok(next),
    }
}

/// A cursor names the record it leads to. One that goes into a body is an array: whoever sends it back must not have made a text
/// of it.
pub(super) fn cursor(asked: &Asked, start: u64) -> Value {
    let number = asked.rows.number_at(start);
    let text = cursor_text(asked, number);
    if has_array(asked) { Value::Array(vec![number.into(), text.into()]) } else { text.into() }
}

/// A record's number with a check, so that no other text is a cursor. The `*` must be encoded in forms.
fn cursor_text(asked: &Asked, number: u64) -> String {
    format!("c*{number:x}~{:08x}", seed_of(number, &asked.resource.operation.name) >> 32)
}

fn has_array(asked: &Asked) -> bool {
    let paging = &asked.resource.paging;
    matches!((&paging.style, &paging.place), (Style::Cursor { .. }, Some(Slot::Body(_))))
}

fn read_cursor(asked: &Asked, given: &Value) -> Option<u64> {
    let text = if has_array(asked) { given.get(1)? } else { given }.as_str()?;
    let (plain, _) = text.split_once(OTHER_NAME).unwrap_or((text, ""));
    let number = u64::from_str_radix(plain.strip_prefix("c*")?.split('~').next()?, 16).ok()?;
    let is_own = plain == cursor_text(asked, number) && given.get(0).is_none_or(|held| *held == number);
    is_own.then(|| asked.rows.place_of(number))
}

/// What begins the part of a cursor that means nothing.
const OTHER_NAME: char = '!';

/// The cursor that leads to a place of a list, by another name.
pub(super) fn renamed(asked: &Asked, start: u64, name: u64) -> Option<Value> {
    Some(format!("{}{OTHER_NAME}{name}", cursor(asked, start).as_str()?).into())
}
