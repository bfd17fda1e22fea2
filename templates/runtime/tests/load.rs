//! Many partitions, and reads that are given up at any point: nothing is lost, and nothing stays behind.
#![cfg(feature = "async")]

mod paged;

use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use paged::{ID, Row, TOTAL, leak, operation, query, resource};
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::descriptor::{
    Binding, Paging, PartitionBy, Resource, Segment::Key as At, Size, Stop, Style, Timeouts,
};
use tapwright_runtime::rt::listing::Listing;
use tapwright_runtime::rt::message::{Headers, Limits, Request, Response, TransportFault};
use tapwright_runtime::rt::transport::{BoxFuture, Transport};
use tapwright_runtime::rt::url::Url;

/// A service in memory that holds `groups` parents of three rows each; it counts what it is asked and what is under way.
#[derive(Default)]
struct Service {
    groups: usize,
    requests: AtomicUsize,
    under_way: Arc<AtomicUsize>,
}

/// A request under way, until it is answered or dropped.
struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A page of groups, or of the rows of one, whose numbers say which group they are of.
fn page(groups: usize, url: &Url) -> String {
    let group = url.path().split('/').nth(3).and_then(|group| group.parse::<usize>().ok());
    let query = query(url);
    let number = |name: &str| query.get(name).map_or(0, |text| text.parse::<usize>().expect("a number"));
    let total = if group.is_some() { 3 } else { groups };
    let ids =
        (number("offset")..total.min(number("offset") + number("limit"))).map(|at| group.map_or(at, |group| group * 3 + at));
    let rows: Vec<String> = ids.map(|id| format!("{{\"id\":{id}}}")).collect();
    format!("{{\"rows\":[{}],\"total\":{total}}}", rows.join(","))
}

impl Transport for Service {
    fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, TransportFault>> {
        Box::pin(async move {
            self.under_way.fetch_add(1, Ordering::SeqCst);
            let _under_way = UnderWay(Arc::clone(&self.under_way));
            let count = self.requests.fetch_add(1, Ordering::SeqCst);
            for _ in 0..count % 3 {
                tokio::task::yield_now().await;
            }
            Ok(Response { status: 200, headers: Headers::default(), body: page(self.groups, &request.url).into_bytes() })
        })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::task::yield_now())
    }
}

/// The rows of all groups, `size` a page.
fn rows(size: u32) -> &'static Resource {
    const BINDINGS: &[Binding] = &[Binding { name: "groups.id", path: ID }];
    let list = |name, path, size, partitions| Resource {
        operation: operation(name, path),
        selectors: &[&[At("rows")]],
        paging: Paging {
            style: Style::Offset { param: "offset", base: 0 },
            size: Some(Size { param: "limit", place: None, default: size, max: None }),
            stop: TOTAL,
            ..Paging::SINGLE
        },
        partitions,
        fingerprint: "f1",
        ..Resource::LIST
    };
    let groups = leak(list("groups", "/groups", 100, &[]));
    leak(list("rows", "/groups/{groups.id}/rows", size, leak([PartitionBy::records(groups, BINDINGS)])))
}

fn client(service: &Arc<Service>) -> Arc<Core> {
    CoreBuilder::new(&paged::API).transport(Arc::clone(service) as Arc<dyn Transport>).build().expect("a client")
}

#[tokio::test]
async fn ten_thousand_partitions_are_read_in_one_run() {
    let service = Arc::new(Service { groups: 10_000, ..Service::default() });
    let core = client(&service);
    let mut items = Listing::<Row>::new(core, rows(100)).items();
    let mut next = 0;
    while let Some(row) = items.try_next().await.expect("every page comes") {
        assert_eq!(row.id, next, "every record once, in order");
        next += 1;
        if next % 9_000 == 0 {
            // A place is one partition's, however many came before.
            let checkpoint = items.checkpoint().to_string();
            assert!(checkpoint.len() < 400, "{checkpoint}");
        }
    }
    assert_eq!((next, service.requests.load(Ordering::SeqCst)), (30_000, 10_000 + 100));
}

/// Polls a future so often, and gives it up then. None if it was given up.
async fn polled<F: Future>(future: F, times: &mut usize) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let Some(left) = times.checked_sub(1) else { return Poll::Ready(None) };
        *times = left;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// Reads until it was polled so often. What came, and whether that was all.
async fn read(listing: &Listing<Row>, mut polls: usize) -> (Vec<i64>, bool) {
    let (mut items, mut ids) = (listing.items(), Vec::new());
    loop {
        match polled(items.try_next(), &mut polls).await {
            None => return (ids, false),
            Some(row) => match row.expect("every page comes") {
                Some(row) => ids.push(row.id),
                None => return (ids, true),
            },
        }
    }
}

#[tokio::test]
async fn a_read_given_up_at_any_point_leaves_nothing_behind() {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let service = Arc::new(Service { groups: 4, ..Service::default() });
    let core = client(&service);
    let before = alive();
    let all: Vec<i64> = (0..12).collect();
    for size in [1, 2, 3] {
        for concurrency in [1, 4] {
            let listing = Listing::<Row>::new(Arc::clone(&core), rows(size)).concurrency(concurrency);
            for polls in 0.. {
                let (ids, is_all) = read(&listing, polls).await;
                assert_eq!(ids, all[..ids.len()], "what comes is right up to there");
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                assert_eq!(alive(), before, "no task is left after {polls} polls");
                assert_eq!(service.under_way.load(Ordering::SeqCst), 0, "no request is left after {polls} polls");
                if is_all {
                    assert!(polls > 12);
                    break;
                }
            }
            let ids: Vec<i64> = listing.items().collect().await.expect("the client goes on").iter().map(|row| row.id).collect();
            assert_eq!(ids, all);
        }
    }
}

/// A call of one page, given up in the same way.
#[tokio::test]
async fn a_page_given_up_at_any_point_leaves_nothing_behind() {
    let service = Arc::new(Service { groups: 4, ..Service::default() });
    let core = client(&service);
    let listing = Listing::<Row>::new(core, leak(resource(Style::Single, Stop::STYLE, 2, false)));
    for polls in 0..50 {
        let mut left = polls;
        let page = polled(listing.page(), &mut left).await;
        assert_eq!(service.under_way.load(Ordering::SeqCst), 0);
        if page.is_some() {
            assert!(polls > 0);
            return;
        }
    }
    panic!("the page never comes");
}

/// A server on loopback that says how many connections are open.
struct Server {
    address: std::net::SocketAddr,
    open: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, open) = (listener.local_addr().expect("an address"), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&open);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let under_way = UnderWay(Arc::clone(&counted));
                std::thread::spawn(move || {
                    serve(stream);
                    drop(under_way);
                });
            }
        });
        Self { address, open }
    }

    /// Waits until no more than so many connections are open.
    async fn settle(&self, most: usize) {
        for _ in 0..2_000 {
            if self.open.load(Ordering::SeqCst) <= most {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{} connections are still open", self.open.load(Ordering::SeqCst));
    }
}

fn serve(mut stream: TcpStream) {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut piece) {
        head.extend_from_slice(&piece[..count]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        let target = text.split(' ').nth(1).expect("a request line");
        let body = page(4, &Url::parse(&format!("http://localhost{target}")).expect("an address"));
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        // In two pieces, so that there are more points to give up at.
        let (first, second) = answer.as_bytes().split_at(answer.len() / 2);
        if stream.write_all(first).and_then(|()| stream.write_all(second)).is_err() {
            return;
        }
        head.clear();
    }
}

#[tokio::test]
async fn connections_of_reads_given_up_are_closed_or_used_again() {
    let server = Server::start();
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let core = CoreBuilder::new(&paged::API)
        .base_url(format!("http://{}/v1", server.address))
        .timeouts(Timeouts { connect_ms: 10_000, first_byte_ms: 10_000, between_bytes_ms: 10_000, whole_ms: 30_000 })
        .build()
        .expect("a client");
    let listing = Listing::<Row>::new(core, rows(1)).concurrency(4);
    let all: Vec<i64> = (0..12).collect();
    for polls in 0..80 {
        let (ids, _) = read(&listing, polls).await;
        assert_eq!(ids, all[..ids.len()]);
        // What is under way at most is what may be kept for later.
        server.settle(8).await;
    }
    let ids: Vec<i64> = listing.items().collect().await.expect("the client goes on").iter().map(|row| row.id).collect();
    assert_eq!(ids, all);
    drop(listing);
    server.settle(0).await;
    for _ in 0..1_000 {
        if alive() == before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} tasks are left", alive() - before);
}
