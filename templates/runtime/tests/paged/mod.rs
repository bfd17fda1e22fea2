//! What the tests of paging share: resources for each paginator, and a model of a service that pages that way.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tapwright_runtime::rt::codec::{Decode, Fields, Key};
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::cursor::Format;
use tapwright_runtime::rt::descriptor::{
    Api, Auth, Binding, Operation, Paging, Param, PartitionBy, Path, Resource, Retry, Segment::Key as At, Size, Stop, Style,
    Timeouts,
};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::message::{Headers, Limits, Request, Response, TransportFault};
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::transport::{BlockingTransport, BoxFuture, Transport};
use tapwright_runtime::rt::url::Url;

pub static API: Api = PLAIN;

pub const PLAIN: Api = Api {
    name: "model",
    version: "1",
    inputs: &[],
    base_url: "https://api.example.com/v1",
    headers: &[],
    auth: Auth::None,
    retry: Retry {
        statuses: &[503],
        max_retries: 2,
        base_delay_ms: 1,
        backoff_factor: 1.0,
        max_delay_ms: 1,
        respect_retry_after: true,
        reset_header: "",
        remaining_header: "",
    },
    timeouts: Timeouts { connect_ms: 1000, first_byte_ms: 1000, between_bytes_ms: 1000, whole_ms: 1000 },
    allowed_hosts: &[],
    credential_hosts: &[],
    max_response_bytes: 1 << 20,
    compression: &[],
};

/// A record of the model: which one it is, and the group that it is in, if it is in one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub id: i64,
    pub group: Option<i64>,
}

tapwright_runtime::rt::columnar::as_json!(Row);

static ROW: &[Key] = &[Key::required("id"), Key::optional("_groups_id")];

impl Fields for Row {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => self.id = r.read()?,
            1 => self.group = r.read()?,
            _ => r.skip_unknown()?,
        }
        Ok(())
    }
}

impl Decode for Row {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut value = Self::default();
        r.record(ROW, &mut value)?;
        Ok(value)
    }
}

pub const NEXT: Path = &[At("next")];
pub const ID: Path = &[At("id")];
pub const TOTAL: Stop = Stop { total: Some(&[At("total")]), ..Stop::EMPTY_PAGE };

/// Each paginator, and how the model names it.
pub const STYLES: &[(&str, Style, Stop)] = &[
    ("single", Style::Single, Stop::EMPTY_PAGE),
    ("page", Style::PageNumber { param: "page", base: 0 }, Stop::EMPTY_PAGE),
    ("page from 1 with a total", Style::PageNumber { param: "page", base: 1 }, TOTAL),
    ("offset", Style::Offset { param: "offset", base: 0 }, Stop::EMPTY_PAGE),
    ("offset with a total", Style::Offset { param: "offset", base: 0 }, TOTAL),
    ("cursor", Style::Cursor { param: "cursor", path: NEXT }, Stop::STYLE),
    ("header cursor", Style::HeaderCursor { param: "cursor", header: "x-next" }, Stop::STYLE),
    ("last record", Style::LastRecord { param: "after", field: ID }, Stop::EMPTY_PAGE),
    ("header link", Style::HeaderLink { rel: "next" }, Stop::STYLE),
    ("json link", Style::JsonLink { path: NEXT }, Stop::STYLE),
];

pub const fn operation(name: &'static str, path: &'static str) -> Operation {
    Operation::get(name, path).without_auth()
}

/// A resource `rows` that pages in a style; with a parent there are rows for each of the `groups`.
pub fn resource(style: Style, stop: Stop, size: u32, with_parent: bool) -> Resource {
    let paging = |size| Paging {
        style,
        size: Some(Size { param: "limit", place: None, default: size, max: None }),
        stop,
        ..Paging::SINGLE
    };
    let list = |operation, paging, partitions| Resource {
        operation,
        selectors: &[&[At("rows")]],
        paging,
        primary_key: &["id"],
        partitions,
        fingerprint: "f1",
        ..Resource::LIST
    };
    if !with_parent {
        return list(operation("rows", "/rows"), paging(size), &[]);
    }
    // The parent's pages have another size, so that they end at other places.
    let groups = leak(list(operation("groups", "/groups"), paging(2), &[]));
    let bindings = &[Binding { name: "groups.id", path: ID }, Binding { name: "groups.note", path: &[At("note")] }];
    let rows = list(operation("rows", "/groups/{groups.id}/rows"), paging(size), leak([PartitionBy::records(groups, bindings)]));
    Resource { included: &["groups.id"], ..rows }
}

pub fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

pub const INCREMENTAL: Incremental = Incremental::by(ID, Format::Number).include_missing();

/// What an incremental request sends.
pub const BOUNDS: &[Param] =
    &[Param::query("since").value("{incremental.start_value}"), Param::query("until").value("{incremental.end_value}")];

/// The answer of a model to a request.
pub type Answer = Box<dyn Fn(&Request) -> Response + Send + Sync>;

/// A service that answers from memory, and keeps a log of what it was asked.
pub struct Model {
    answer: Answer,
    log: Mutex<Vec<String>>,
    under_way: AtomicUsize,
    /// The most requests that were under way at once.
    pub most: AtomicUsize,
}

impl Model {
    pub fn new(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            answer: Box::new(answer),
            log: Mutex::default(),
            under_way: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        })
    }

    /// A client whose only service is this one.
    pub fn client(self: &Arc<Self>) -> Arc<Core> {
        let (asynchronous, blocking) = (Arc::clone(self), Arc::clone(self));
        CoreBuilder::new(&API).transport(asynchronous).blocking_transport(blocking).build().unwrap()
    }

    /// The paths and queries of the requests so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// What it answers to a request that another model was sent.
    pub fn answer(&self, request: &Request) -> Response {
        (self.answer)(request)
    }

    fn reply(&self, request: &Request) -> Response {
        self.log.lock().unwrap().push(request.url.path_and_query().to_owned());
        self.answer(request)
    }
}

impl Transport for Model {
    fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, TransportFault>> {
        Box::pin(async move {
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            let response = self.reply(&request);
            // Later requests are answered first.
            for _ in 0..self.log().len() % 7 * 3 {
                tokio::task::yield_now().await;
            }
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            Ok(response)
        })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

impl BlockingTransport for Model {
    fn send(&self, request: Request, _: Limits) -> Result<Response, TransportFault> {
        Ok(self.reply(&request))
    }

    fn sleep(&self, _: Duration) {}
}

/// The parameters of a request.
pub fn query(url: &Url) -> BTreeMap<String, String> {
    let pairs = url.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

pub fn ok(body: impl Into<String>) -> Response {
    Response { status: 200, headers: Headers::default(), body: body.into().into_bytes() }
}

pub fn status(status: u16, body: &str) -> Response {
    Response { status, ..ok(body) }
}

/// How many rows each group has: the model has groups without rows, and a last one.
pub const GROUPS: &[usize] = &[3, 0, 5, 1, 0];

/// The rows of group number `group`: 100, 101, … in the first, 200, … in the second.
pub fn ids(group: usize, rows: usize) -> Vec<i64> {
    (0..rows).map(|row| i64::try_from(100 * (group + 1) + row).unwrap()).collect()
}

/// A model that pages in a style: `/rows` has so many rows, and the groups their own.
pub fn paged(style: Style, stop: Stop, rows: usize) -> Arc<Model> {
    Model::new(move |request| {
        let path: Vec<&str> = request.url.path().split('/').skip(2).collect();
        let all: Vec<(i64, String)> = match path.as_slice() {
            ["rows"] => ids(0, rows).into_iter().map(|id| (id, format!(r#"{{"id":{id}}}"#))).collect(),
            ["groups"] => (0..GROUPS.len())
                .map(|group| (i64::try_from(group).unwrap(), format!(r#"{{"id":{group},"note":{{"a":[1,{group}]}}}}"#)))
                .collect(),
            ["groups", group, "rows"] => {
                let group: usize = group.parse().unwrap();
                ids(group, GROUPS[group]).into_iter().map(|id| (id, format!(r#"{{"id":{id}}}"#))).collect()
            }
            other => panic!("no such path: {other:?}"),
        };
        page(style, stop, &request.url, &all)
    })
}

/// The page that a request asks for.
fn page(style: Style, stop: Stop, url: &Url, all: &[(i64, String)]) -> Response {
    let query = query(url);
    let number = |name: &str| query.get(name).map(|value| value.parse::<usize>().unwrap());
    let limit = number("limit").unwrap();
    let base = |base: u64| usize::try_from(base).unwrap();
    let start = match style {
        Style::Single => 0,
        Style::PageNumber { param, base: first } => (number(param).unwrap() - base(first)) * limit,
        Style::Offset { param, base: first } => number(param).unwrap() - base(first),
        // Cursors that must be encoded with care.
        Style::Cursor { param, .. } => {
            query.get(param).map_or(0, |cursor| cursor.strip_prefix("*~+/= ").unwrap().parse().unwrap())
        }
        Style::LastRecord { param, .. } => query.get(param).map_or(0, |id| {
            let id: i64 = id.parse().unwrap();
            all.iter().position(|(held, _)| *held == id).unwrap() + 1
        }),
        Style::HeaderLink { .. } | Style::JsonLink { .. } => number("at").unwrap_or(0),
        Style::HeaderCursor { param, .. } => number(param).unwrap_or(0),
    };
    let limit = if matches!(style, Style::Single) { all.len() } else { limit };
    let rows = all.get(start..all.len().min(start + limit)).unwrap_or_default();
    let next = start + rows.len();
    let members = match style {
        // Some services send an empty string at the end, and some a cursor that leads to an empty page.
        Style::Cursor { .. } if rows.is_empty() => r#","next":"""#.to_owned(),
        Style::Cursor { .. } => format!(r#","next":"*~+/= {next}""#),
        Style::JsonLink { .. } if next < all.len() => format!(r#","next":"?at={next}&limit={limit}""#),
        Style::JsonLink { .. } => r#","next":null"#.to_owned(),
        _ if stop.total.is_some() => format!(r#","total":{}"#, all.len()),
        _ => String::new(),
    };
    let rows: Vec<&str> = rows.iter().map(|(_, row)| row.as_str()).collect();
    let mut response = ok(format!(r#"{{"rows":[{}]{members}}}"#, rows.join(", ")));
    if let Style::HeaderCursor { header, .. } = style
        && next < all.len()
    {
        response.headers.push(header, next.to_string());
    }
    if matches!(style, Style::HeaderLink { .. }) && next < all.len() {
        // As Auth0 does it: the wrong scheme.
        let url = format!("http://api.example.com{}?at={next}&limit={limit}", url.path());
        response.headers.push("link", format!(r#"<{url}>; rel="next""#));
    }
    response
}
