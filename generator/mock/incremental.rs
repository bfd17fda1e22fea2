//! What an incremental request asks for: the records between its bounds, in the order in which the service lists them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::strtime;
use serde_json::{Value, json};

use super::{
    position::LINK_PARAM,
    records::Rows,
    reply::Reply,
    request::{Arguments, lookup, place, text_of, with_parameter},
};
use crate::model::{Body, CursorFormat, Hole, Incremental, ParamValue, Path, Resource, RowOrder, Style, Template, TemplatePart};

/// The parameter of this service's delta links.
const DELTA_PARAM: &str = "$deltatoken";

/// The records that a request leaves, in the service's order. `forgotten` is how many of the first ones are too old to start
/// from.
pub(super) fn narrow<'r>(
    rows: Rows<'r>,
    resource: &Resource,
    arguments: &Arguments<'_>,
    forgotten: u64,
) -> Result<Rows<'r>, Reply> {
    let Some(incremental) = resource.incremental.as_ref().map(|spanned| &spanned.value) else { return Ok(rows) };
    let (start, end) = bounds(resource, arguments);
    let (mut from, mut to) = (0, rows.count);
    if let Some(token) = &incremental.token {
        let given = if token.is_link { arguments.get(DELTA_PARAM) } else { start.as_deref() };
        if let Some(given) = given.filter(|given| !given.is_empty()) {
            from = read_token(given).ok_or_else(|| Reply::error(400, "invalid_token", "This is no token of this list"))?;
        }
        let is_forgotten = from > 0 && from < forgotten;
        return if is_forgotten { Err(expired(incremental)) } else { Ok(rows.between(from.min(to), to, false)) };
    }
    let cursor = &incremental.cursor.value;
    if let Some(start) = start.and_then(|start| stored(&start, incremental)) {
        let (at, past) = (rows.first_at_least(cursor, &start), rows.first_past(cursor, &start));
        if at.is_some_and(|at| at < forgotten) {
            return Err(expired(incremental));
        }
        from = if incremental.start_closed { at } else { past }.unwrap_or(0);
    }
    if let Some(end) = end.and_then(|end| stored(&end, incremental)) {
        let past = if incremental.end_closed { rows.first_past(cursor, &end) } else { rows.first_at_least(cursor, &end) };
        to = past.unwrap_or(to);
    }
    Ok(rows.between(from.min(to), to, incremental.row_order == RowOrder::Descending))
}

/// The token or address that the last page of a list holds.
pub(super) fn token<'p>(
    resource: &'p Resource,
    rows: &Rows<'_>,
    address: &str,
    query: Option<&str>,
) -> Option<(&'p Path, Value)> {
    let token = resource.incremental.as_ref()?.token.as_ref()?;
    let text = format!("s{}", rows.end());
    let first = with_parameter(query, LINK_PARAM, "0");
    let text = if token.is_link { format!("{address}?{}", with_parameter(Some(&first), DELTA_PARAM, &text)) } else { text };
    Some((&token.path, text.into()))
}

fn read_token(text: &str) -> Option<u64> {
    text.strip_prefix('s')?.parse().ok()
}

/// The refusal of a start that is too old.
fn expired(incremental: &Incremental) -> Reply {
    let expired = &incremental.expired;
    let status = expired.statuses.first().copied().unwrap_or(410);
    let code = expired.code.as_deref().unwrap_or("expired");
    let Some(path) = &expired.code_path else {
        return Reply::error(status, code, "The start is too old; list everything again");
    };
    let mut document = json!({});
    place(&mut document, path, code.into());
    Reply::json(status, document.to_string())
}

/// The start and the end that a request sends, taken out of the texts around them. A paginator's own cursor is no bound.
fn bounds(resource: &Resource, arguments: &Arguments<'_>) -> (Option<String>, Option<String>) {
    let paginator = match &resource.paging.style {
        Style::LastRecord { param, .. } | Style::Cursor { param, .. } => param.as_str(),
        _ => "",
    };
    let operation = &resource.operation;
    let params = operation.params.iter().filter(|param| param.name.value != paginator).filter_map(|param| match &param.value {
        ParamValue::Fixed(value) => Some((param.name.as_str(), value)),
        ParamValue::Argument { .. } => None,
    });
    let headers = operation.headers.iter().map(|(name, value)| (name.as_str(), value));
    let by_name = params.chain(headers).filter_map(|(name, template)| Some((template, arguments.get(name)?.to_owned())));
    let in_body = match &operation.body {
        Body::Json(document) => document.texts(),
        Body::Form | Body::Given(_) => Vec::new(),
    };
    let in_body = in_body.into_iter().filter_map(|(path, text)| Some((text, text_of(lookup(&arguments.json, &path)?)?)));
    let (mut start, mut end) = (None, None);
    for (template, sent) in by_name.chain(in_body).filter(|(template, _)| template.holes().any(Hole::is_bound)) {
        for (hole, value) in holes(template, &sent) {
            match hole {
                Hole::Start if !value.is_empty() => start = Some(value),
                Hole::End if !value.is_empty() => end = Some(value),
                _ => {}
            }
        }
    }
    (start, end)
}

/// What fills the holes of a template in a text; nothing where the text does not follow it.
fn holes<'t>(template: &'t Template, text: &str) -> Vec<(&'t Hole, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut open: Option<&Hole> = None;
    for part in &template.parts {
        match part {
            TemplatePart::Hole(hole) => open = Some(hole),
            TemplatePart::Literal(literal) => {
                let Some((before, after)) = rest.split_once(literal.as_str()) else { return Vec::new() };
                found.extend(open.take().map(|hole| (hole, before.to_owned())));
                rest = after;
            }
        }
    }
    found.extend(open.map(|hole| (hole, rest.to_owned())));
    found
}

/// A bound as records have it.
fn stored(text: &str, incremental: &Incremental) -> Option<String> {
    let sent = incremental.request_format.as_ref().map_or(&incremental.format, |format| &format.value);
    if sent == &incremental.format || !sent.is_moment() {
        return Some(text.to_owned());
    }
    let moment = match sent {
        CursorFormat::Epoch => Timestamp::from_second(text.parse().ok()?).ok()?,
        CursorFormat::EpochMs => Timestamp::from_millisecond(text.parse().ok()?).ok()?,
        CursorFormat::Pattern(pattern) => by_pattern(pattern, text)?,
        CursorFormat::Date => midnight(text.parse().ok()?)?,
        CursorFormat::Iso | CursorFormat::Number | CursorFormat::Text => text.parse().ok()?,
    };
    Some(match &incremental.format {
        CursorFormat::Epoch => moment.as_second().to_string(),
        CursorFormat::EpochMs => moment.as_millisecond().to_string(),
        CursorFormat::Date => moment.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
        _ => moment.to_string(),
    })
}

/// The moment that a text names by a pattern of `strftime`.
pub(super) fn by_pattern(pattern: &str, text: &str) -> Option<Timestamp> {
    let parsed = strtime::parse(pattern.replace("%L", "%3f"), text).ok()?;
    parsed.to_timestamp().ok().or_else(|| {
        let civil = parsed.to_datetime().or_else(|_| parsed.to_date().map(Into::into)).ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn bounds_are_taken_out_of_the_text_around_them() {
        let literal = |text: &str| TemplatePart::Literal(text.to_owned());
        let template = Template {
            parts: vec![
                literal("at:["),
                TemplatePart::Hole(Hole::Start),
                literal(" TO "),
                TemplatePart::Hole(Hole::End),
                literal("]"),
            ],
            span: Span::default(),
        };
        let expected = vec![(&Hole::Start, "a:b".to_owned()), (&Hole::End, "*".to_owned())];
        assert_eq!(holes(&template, "at:[a:b TO *]"), expected);
        assert_eq!(holes(&template, "something else"), []);
    }

    #[test]
    fn patterns_are_read() {
        for (pattern, text, expected) in [
            ("%Y-%m-%d %H:%M", "2024-01-01 00:05", "2024-01-01T00:05:00Z"),
            ("%Y%m%d", "20240229", "2024-02-29T00:00:00Z"),
            ("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T01:00:00+0100", "2024-01-01T00:00:00Z"),
        ] {
            assert_eq!(by_pattern(pattern, text).map(|at| at.to_string()).as_deref(), Some(expected), "{pattern}");
        }
    }
}
