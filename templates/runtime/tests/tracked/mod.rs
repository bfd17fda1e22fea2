//! What the tests of incremental runs share: lists with a cursor, and a service that knows where to start.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::sync::Arc;

use tapwright_runtime::rt::core::Core;
use tapwright_runtime::rt::cursor::Format;
use tapwright_runtime::rt::descriptor::{Param, Path, Resource, Segment::Key as At, Stop, Style};
use tapwright_runtime::rt::error::Error;
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::listing::Listing;
use tapwright_runtime::rt::message::{Request, Response};
use tapwright_runtime::rt::state::State;

use crate::paged::{BOUNDS, Model, Row, leak, ok, query, resource};

pub const PAGE: Style = Style::PageNumber { param: "page", base: 0 };
pub const AT: Path = &[At("at")];

pub const BY: Incremental = Incremental::by(AT, Format::Number);

/// Ids and the JSON texts of cursors.
pub type Records = [(i64, &'static str)];

/// A list of two records a page with these rules, sent `since` and `until`.
pub fn list(incremental: Incremental) -> &'static Resource {
    list_with(BOUNDS, incremental)
}

pub fn list_with(params: &'static [Param], incremental: Incremental) -> &'static Resource {
    let mut list = resource(PAGE, Stop::EMPTY_PAGE, 2, false);
    list.operation.params = params;
    list.incremental = Some(Box::leak(Box::new(incremental)));
    leak(list)
}

pub fn rows(core: &Arc<Core>, resource: &'static Resource) -> Listing<Row> {
    Listing::new(Arc::clone(core), resource)
}

/// A service that lists records, each an id and the JSON text of its cursor, in the order in which they are given; `since`
/// and `until` are whole numbers, themselves included.
pub fn service(records: &[(i64, &str)]) -> Arc<Model> {
    let records: Vec<(i64, String)> = records.iter().map(|(id, at)| (*id, (*at).to_owned())).collect();
    Model::new(move |request| page(request, &records))
}

pub fn page(request: &Request, records: &[(i64, String)]) -> Response {
    let query = query(&request.url);
    let bound = |name: &str| query.get(name).map(|bound| bound.parse::<i64>().expect("a number"));
    let (since, until) = (bound("since").unwrap_or(i64::MIN), bound("until").unwrap_or(i64::MAX));
    let wanted = records.iter().filter(|(_, at)| at.parse().map_or(true, |at: i64| (since..=until).contains(&at)));
    let page: usize = query.get("page").map_or(0, |page| page.parse().expect("a number"));
    let rows: Vec<_> = wanted.skip(page * 2).take(2).map(|(id, at)| format!(r#"{{"at":{at},"id":{id}}}"#)).collect();
    ok(format!(r#"{{"rows":[{}]}}"#, rows.join(",")))
}

/// The ids of a run to its end, and what it leaves.
pub fn read(listing: Listing<Row>) -> (Vec<i64>, State) {
    let mut items = listing.blocking().items();
    let ids = items.by_ref().map(|row| row.expect("every page is good").id).collect();
    (ids, items.state())
}

pub fn failure(listing: Listing<Row>) -> Error {
    listing.blocking().items().find_map(Result::err).expect("the run fails")
}

pub const SMALL: &Records = &[(1, "10"), (2, "10"), (3, "20"), (4, "20"), (5, "20"), (6, "30")];
pub const LARGE: &Records = &[(1, "10"), (2, "10"), (3, "20"), (4, "20"), (5, "20"), (6, "30"), (7, "30"), (8, "30"), (9, "40")];
