//! Files that are read piece by piece: from both transports over a socket, and from transports in memory.
#![cfg(all(feature = "async", feature = "blocking"))]

mod client;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use client::server::{Action, Server};
use client::{API, TIMEOUTS, get, headers};
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::descriptor::{Api, Auth, Contract, Operation, Retry, Timeouts};
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::file::{BlockingFileItems, FileItems, FileLayout};
use tapwright_runtime::rt::hyper::HyperTransport;
use tapwright_runtime::rt::message::{Limits, Request, Response, TransportFault, TransportFaultKind};
use tapwright_runtime::rt::ndjson::NDJSON;
use tapwright_runtime::rt::stream::StreamLimits;
use tapwright_runtime::rt::transport::{BlockingPieces, BlockingTransport, BoxFuture, Opened, Pieces, Transport};
use tapwright_runtime::rt::ureq::UreqTransport;
use tapwright_runtime::rt::value::Json;

const FILE: FileLayout = FileLayout { format: &NDJSON, packed: "gzip", contract: Contract::Freeze, limits: StreamLimits::FILE };

static EXPORT: Operation = Operation::get("export", "/export");

static SERVICE: Api = Api {
    inputs: &[],
    base_url: "https://x.example",
    headers: &[],
    auth: Auth::None,
    retry: Retry { base_delay_ms: 1, max_delay_ms: 2, ..API.retry },
    ..API
};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn limits(between_bytes_ms: u64, whole_ms: u64) -> Limits {
    let timeouts = Timeouts { between_bytes_ms, whole_ms, ..TIMEOUTS };
    Limits { timeouts, max_response_bytes: 4 }
}

/// What comes of a response: its pieces put together, and how it ends.
fn both(action: &Action, limits: Limits) -> [Result<String, TransportFaultKind>; 2] {
    let text = |body: Vec<u8>| String::from_utf8(body).expect("text");
    let server = Server::start(vec![action.clone()]);
    let hyper = runtime().block_on(async {
        let transport = HyperTransport::new(&limits.timeouts).expect("a transport");
        let mut opened = transport.open(get(&server.url("/")), limits).await?;
        let mut body = Vec::new();
        while let Some(piece) = std::future::poll_fn(|cx| opened.pieces.poll_piece(cx)).await? {
            body.extend(piece);
        }
        Ok(body)
    });
    let server = Server::start(vec![action.clone()]);
    let read = || {
        let mut opened = UreqTransport::new().open(get(&server.url("/")), limits)?;
        let mut body = Vec::new();
        while let Some(piece) = opened.pieces.piece()? {
            body.extend(piece);
        }
        Ok(body)
    };
    let ureq: Result<Vec<u8>, TransportFault> = read();
    [hyper, ureq].map(|result: Result<_, TransportFault>| result.map(text).map_err(|fault| fault.kind))
}

#[test]
fn a_body_comes_piece_by_piece_within_the_limits_of_each() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let slow = Action::Trickle(vec![head, "3\r\nabc\r\n", "3\r\ndef\r\n", "0\r\n\r\n"], Duration::from_millis(60));
    // It takes longer than the whole of a call may, and is larger than a page: neither holds for a file.
    assert_eq!(both(&slow, limits(2_000, 150)), [Ok("abcdef".to_owned()), Ok("abcdef".to_owned())]);
    assert_eq!(both(&slow, limits(20, 5_000)), [const { Err(TransportFaultKind::Timeout) }; 2]);
    let stalled = Action::Stall("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc");
    assert_eq!(both(&stalled, limits(100, 5_000)), [const { Err(TransportFaultKind::Timeout) }; 2]);
    let broken = Action::Break("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc");
    assert_eq!(both(&broken, limits(2_000, 5_000)), [const { Err(TransportFaultKind::Broken) }; 2]);
}

/// A service in memory: a file, in pieces of so many bytes, after so many failures. It counts the pieces that were asked for.
struct Files {
    file: Vec<u8>,
    size: usize,
    failures: AtomicUsize,
    encoding: &'static str,
    pieces: Arc<AtomicUsize>,
}

/// What is left of a file.
struct Rest {
    file: Vec<u8>,
    size: usize,
    pieces: Arc<AtomicUsize>,
}

impl Files {
    fn new(file: Vec<u8>, size: usize, encoding: &'static str) -> Self {
        Self { file, size, failures: AtomicUsize::new(0), encoding, pieces: Arc::default() }
    }

    fn opened(&self) -> Opened<Rest> {
        let fails = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        let file = if fails { b"{\"message\":\"later\"}".to_vec() } else { self.file.clone() };
        let encoding = [("content-encoding", self.encoding)];
        let pieces = Rest { file, size: self.size, pieces: Arc::clone(&self.pieces) };
        Opened {
            status: if fails { 503 } else { 200 },
            headers: if fails || self.encoding.is_empty() { headers(&[]) } else { headers(&encoding) },
            pieces,
        }
    }
}

impl BlockingPieces for Rest {
    fn piece(&mut self) -> Result<Option<Vec<u8>>, TransportFault> {
        self.pieces.fetch_add(1, Ordering::SeqCst);
        let rest = self.file.split_off(self.size.min(self.file.len()));
        Ok(Some(std::mem::replace(&mut self.file, rest)).filter(|piece| !piece.is_empty()))
    }
}

impl Pieces for Rest {
    fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, TransportFault>> {
        Poll::Ready(self.piece())
    }
}

impl BlockingTransport for Files {
    fn send(&self, _: Request, _: Limits) -> Result<Response, TransportFault> {
        unreachable!("a file is opened")
    }

    fn open(&self, _: Request, _: Limits) -> Result<Opened<Box<dyn BlockingPieces>>, TransportFault> {
        let Opened { status, headers, pieces } = self.opened();
        Ok(Opened { status, headers, pieces: Box::new(pieces) })
    }

    fn sleep(&self, _: Duration) {}
}

impl Transport for Files {
    fn send(&self, _: Request, _: Limits) -> BoxFuture<'_, Result<Response, TransportFault>> {
        unreachable!("a file is opened")
    }

    fn open(&self, _: Request, _: Limits) -> BoxFuture<'_, Result<Opened<Box<dyn Pieces>>, TransportFault>> {
        let Opened { status, headers, pieces } = self.opened();
        Box::pin(async move { Ok(Opened { status, headers, pieces: Box::new(pieces) as Box<dyn Pieces> }) })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

fn core(files: Files) -> Arc<Core> {
    let files = Arc::new(files);
    CoreBuilder::new(&SERVICE).transport(files.clone()).blocking_transport(files).build().expect("a client")
}

type Read = (Vec<Json>, Option<Error>, u64, u64);

/// Every record of a file up to an error, how many rows were dealt with, and how many were rejected: async, then blocking.
fn records(files: impl Fn() -> Files, layout: &FileLayout, skip: u64) -> [Read; 2] {
    let request = |core: &Core| core.prepare(&EXPORT, &Args::default()).expect("a request");
    let core_of_async = core(files());
    let asynchronous = runtime().block_on(async {
        let download = core_of_async.download(&EXPORT, request(&core_of_async)).await.expect("a file");
        let mut items = FileItems::<Json>::new("export", layout, download, skip).expect("a layout that fits");
        let (mut records, mut failure) = (Vec::new(), None);
        while let Some(record) = items.next().await {
            match record {
                Ok(record) => records.push(record),
                Err(error) => failure = Some(error),
            }
        }
        (records, failure, items.rows(), items.rejected().count())
    });
    let core = core(files());
    let download = core.download_blocking(&EXPORT, request(&core)).expect("a file");
    let mut items = BlockingFileItems::<Json>::new("export", layout, download, skip).expect("a layout that fits");
    let (mut records, mut failure) = (Vec::new(), None);
    for record in items.by_ref() {
        match record {
            Ok(record) => records.push(record),
            Err(error) => failure = Some(error),
        }
    }
    [asynchronous, (records, failure, items.rows(), items.rejected().count())]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn lines(count: usize) -> Vec<u8> {
    (0..count).flat_map(|id| format!("{{\"id\":{id}}}\n").into_bytes()).collect()
}

#[test]
fn a_file_gives_every_record_however_it_is_packed() {
    let text = lines(1_000);
    for (what, file, encoding) in [
        ("packed", gzip(&text), ""),
        ("plain, although it should be packed", text.clone(), ""),
        ("packed, and again for its way", gzip(&gzip(&text)), "gzip"),
        ("packed for its way alone", gzip(&text), "gzip"),
    ] {
        for size in [1, 7, 1_000_000] {
            for (records, failure, rows, _) in records(|| Files::new(file.clone(), size, encoding), &FILE, 0) {
                assert!(failure.is_none(), "{what}: {failure:?}");
                assert_eq!((records.len(), rows), (1_000, 1_000), "{what}, {size} bytes a piece");
                assert!(records.iter().enumerate().all(|(id, record)| record.text() == format!("{{\"id\":{id}}}")), "{what}");
            }
        }
    }
    for (records, _, rows, _) in records(|| Files::new(gzip(&text), 100, ""), &FILE, 990) {
        assert_eq!((records.len(), records[0].text(), rows), (10, "{\"id\":990}", 1_000), "passed over");
    }
}

#[test]
fn what_is_wrong_with_a_file_is_an_error_after_the_records_before_it() {
    let packed = gzip(&lines(20_000));
    let cut = packed[..packed.len() / 2].to_vec();
    let bad_line = b"{\"id\":0}\n{\"id\":\n{\"id\":2}\n".to_vec();
    let html = b"<html>Please log in</html>".to_vec();
    for (file, kind, least) in [
        (cut, ErrorKind::Transport, 100),
        (b"{\"id\":0}\n{\"id\":1}\n{\"id\"".to_vec(), ErrorKind::Page, 2),
        (bad_line.clone(), ErrorKind::Decode, 1),
        (html, ErrorKind::Page, 0),
    ] {
        for (records, failure, ..) in records(|| Files::new(file.clone(), 50, ""), &FILE, 0) {
            let failure = failure.expect("an error");
            assert_eq!((failure.kind(), failure.operation()), (kind, "export"), "{failure}");
            assert!(records.len() >= least && records.len() < 20_000, "{} records", records.len());
        }
    }
    let lenient = FileLayout { contract: Contract::DiscardRow, ..FILE };
    for (records, failure, rows, rejected) in records(|| Files::new(bad_line.clone(), 50, ""), &lenient, 0) {
        assert_eq!((records.len(), failure.is_none(), rows, rejected), (2, true, 3, 1));
    }
}

/// A call for a file is repeated like any other, up to its head; and no piece is read before the records so far are taken.
#[test]
fn pieces_are_read_as_they_are_needed() {
    let files = Files { failures: AtomicUsize::new(2), ..Files::new(lines(10_000), 100, "") };
    let pieces = Arc::clone(&files.pieces);
    let core = core(files);
    let request = core.prepare(&EXPORT, &Args::default()).expect("a request");
    let download = core.download_blocking(&EXPORT, request).expect("the third attempt is good");
    let before = pieces.load(Ordering::SeqCst);
    let mut items = BlockingFileItems::<Json>::new("export", &FILE, download, 0).expect("a layout that fits");
    assert_eq!(items.by_ref().take(50).count(), 50);
    let read = pieces.load(Ordering::SeqCst) - before;
    assert!((4..=7).contains(&read), "{read} pieces of 100 bytes for 50 records of 9 bytes");
}

/// 32 MiB that come as 32 KiB end at the size of a record, not at that of the memory.
#[test]
fn a_long_line_of_blanks_is_no_trap() {
    let mut blanks = vec![b' '; 32 << 20];
    blanks.extend(b"\n{\"id\":1}\n");
    let file = gzip(&blanks);
    let small = FileLayout { limits: StreamLimits { record_bytes: 1 << 20, total_bytes: None }, ..FILE };
    let start = Instant::now();
    for (records, failure, ..) in records(|| Files::new(file.clone(), 1 << 20, ""), &small, 0) {
        assert_eq!((records.len(), failure.map(|error| error.kind())), (0, Some(ErrorKind::TooLarge)));
    }
    assert!(start.elapsed() < Duration::from_secs(30));
}
