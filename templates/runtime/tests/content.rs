//! Content encodings: what was packed comes out as it was, and whatever is wrong with it is a fault.

#[path = "client/mod.rs"]
mod client;

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, LazyLock};

use client::{API, reply};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::content::{decode, unpacker};
use tapwright_runtime::rt::core::CoreBuilder;
use tapwright_runtime::rt::descriptor::{Api, Auth, Operation};
use tapwright_runtime::rt::error::ErrorKind;
use tapwright_runtime::rt::message::{Limits, Request, Response, TransportFault, TransportFaultKind};
use tapwright_runtime::rt::transport::{BlockingTransport, BoxFuture, Transport};

const MAX: u64 = 1 << 20;

/// The text that `content/text.zst` and `content/text.br` were made from, by the reference programs.
fn text() -> Vec<u8> {
    let mut state: u64 = 1;
    let mut text = String::new();
    while text.len() < 400_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        writeln!(text, "{{\"id\":{},\"city\":\"Köln\",\"kind\":\"record\"}}", state >> 52).expect("a string");
    }
    text.into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn bare(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A text in each encoding.
fn packed() -> Vec<(&'static str, Vec<u8>)> {
    static PACKED: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(pack);
    PACKED.clone()
}

fn pack() -> Vec<(&'static str, Vec<u8>)> {
    let text = text();
    vec![
        ("gzip", gzip(&text)),
        ("deflate", zlib(&text)),
        ("Deflate", bare(&text)),
        #[cfg(feature = "zstd")]
        ("zstd", include_bytes!("content/text.zst").to_vec()),
        #[cfg(feature = "br")]
        ("br", include_bytes!("content/text.br").to_vec()),
    ]
}

/// 64 MiB of zeros in each encoding.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = vec![0; 64 << 20];
    vec![
        ("gzip", gzip(&zeros)),
        ("deflate", zlib(&zeros)),
        #[cfg(feature = "zstd")]
        ("zstd", include_bytes!("content/zeros.zst").to_vec()),
        #[cfg(feature = "br")]
        ("br", include_bytes!("content/zeros.br").to_vec()),
    ]
}

fn response(encoding: &str, body: Vec<u8>) -> Response {
    Response { body, ..reply(200, &[("content-encoding", encoding), ("content-length", "1")], "") }
}

fn decoded(encoding: &str, body: Vec<u8>) -> Result<Vec<u8>, TransportFault> {
    decode(response(encoding, body), "", MAX).map(|response| response.body)
}

fn kind(encoding: &str, body: Vec<u8>) -> TransportFaultKind {
    decoded(encoding, body).expect_err(encoding).kind
}

#[test]
fn what_was_packed_comes_out() {
    for (encoding, body) in packed() {
        let response = decode(response(encoding, body), "", MAX).expect(encoding);
        assert!(response.body == text(), "{encoding}");
        assert_eq!(response.headers.iter().count(), 0, "{encoding}: the headers describe what was packed");
    }
    assert_eq!(decoded("identity", b"[]".to_vec()).expect("plain"), b"[]");
    assert_eq!(decoded("X-GZIP", gzip(b"[]")).expect("the old name"), b"[]");
    assert_eq!(decoded("gzip", gzip(b"")).expect("nothing, packed"), b"");
}

#[test]
fn encodings_are_undone_in_turn() {
    let (once, twice) = (gzip(&zlib(b"[1]")), zlib(&gzip(&bare(b"[2]"))));
    assert_eq!(decoded("deflate, gzip", once).expect("two"), b"[1]");
    assert_eq!(decoded("deflate ,identity, gzip,deflate", twice).expect("three"), b"[2]");
    let mut both = response("deflate", gzip(&zlib(b"[3]")));
    both.headers.push("content-encoding", "gzip");
    assert_eq!(decode(both, "", MAX).expect("two headers").body, b"[3]");
    let many = decoded("gzip,gzip,gzip,gzip,gzip", gzip(b"")).expect_err("five");
    assert_eq!(many.kind, TransportFaultKind::Invalid, "{many:?}");
}

#[test]
fn members_may_follow_one_another() {
    let mut body = gzip(b"[1,");
    body.extend(gzip(b"2]"));
    assert_eq!(decoded("gzip", body).expect("two members"), b"[1,2]");
}

#[test]
#[cfg(feature = "zstd")]
fn frames_may_follow_one_another() {
    let frame = include_bytes!("content/text.zst");
    let mut body = vec![0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    body.extend(frame);
    body.extend([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
    body.extend(frame);
    assert!(decoded("zstd", body).expect("two frames and two that are skipped") == [text(), text()].concat());
}

/// A file may be packed itself, besides what it is packed with on the way, and services send it either way.
#[test]
fn a_content_that_is_packed_itself_is_undone_as_well() {
    let undone = |body, packed| decode(Response { body, ..reply(200, &[], "") }, packed, MAX).map(|response| response.body);
    assert_eq!(undone(gzip(b"[1]"), "gzip").expect("it is packed"), b"[1]");
    assert_eq!(undone(b"[2]".to_vec(), "gzip").expect("it is not packed"), b"[2]");
    assert_eq!(undone(gzip(b"[3]"), "").expect("nobody says so"), gzip(b"[3]"));
    let twice = decode(response("deflate", zlib(&gzip(b"[4]"))), "gzip", MAX).expect("it is packed on the way as well");
    assert_eq!(twice.body, b"[4]");
    #[cfg(feature = "zstd")]
    {
        assert!(undone(include_bytes!("content/text.zst").to_vec(), "zstd").expect("it is packed") == text());
        for plain in [&b"[5]"[..], &[0x28, 0xb5, 0x2f], b"x\x28\xb5\x2f\xfd"] {
            assert_eq!(undone(plain.to_vec(), "zstd").expect("it is not packed"), plain);
        }
    }
}

#[test]
fn what_follows_the_end_is_damage() {
    for (encoding, body) in packed() {
        let mut unpacker = unpacker(encoding).expect(encoding).expect(encoding);
        let mut out = Vec::with_capacity(text().len() + 1);
        assert_eq!(unpacker.push(&body, &mut out), Ok(body.len()), "{encoding}");
        assert_eq!((unpacker.is_complete(), unpacker.push(b"", &mut out)), (true, Ok(0)), "{encoding}");
        assert!(unpacker.push(b"more, which is none of it", &mut out).is_err(), "{encoding}");
    }
}

#[test]
fn what_ends_early_is_never_a_shorter_body() {
    for (encoding, body) in packed() {
        for cut in [1, 2, 9, body.len() / 2, body.len() - 9, body.len() - 5, body.len() - 1] {
            assert_eq!(kind(encoding, body[..cut].to_vec()), TransportFaultKind::Broken, "{encoding} cut to {cut}");
        }
    }
}

#[test]
fn what_is_damaged_is_a_fault() {
    for (encoding, body) in packed() {
        assert_eq!(kind(encoding, b"<html>Please wait</html>".to_vec()), TransportFaultKind::Broken, "{encoding}");
        assert_eq!(kind(encoding, [body.as_slice(), b"\ntrailing"].concat()), TransportFaultKind::Broken, "{encoding}");
        // Bare DEFLATE and Brotli have no checksum; what they stand for is other text then.
        if !matches!(encoding, "Deflate" | "br") {
            for at in [body.len() / 3, body.len() - 3] {
                let mut body = body.clone();
                body[at] ^= 0x10;
                assert_eq!(kind(encoding, body), TransportFaultKind::Broken, "{encoding} at {at}");
            }
        }
    }
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    for (encoding, body) in bombs() {
        assert!(body.len() < 100_000, "{encoding}: {} bytes", body.len());
        assert_eq!(kind(encoding, body), TransportFaultKind::TooLarge, "{encoding}");
    }
    let exact = vec![7; usize::try_from(MAX).expect("small")];
    assert_eq!(decoded("gzip", gzip(&exact)).expect("as much as is allowed").len(), exact.len());
    let bomb = gzip(&gzip(&vec![0; 64 << 20]));
    assert_eq!(kind("gzip, gzip", bomb), TransportFaultKind::TooLarge);
}

/// No more room is made than what may be read, and a block.
#[test]
fn a_bomb_takes_no_memory() {
    for (encoding, body) in bombs() {
        let mut unpacker = unpacker(encoding).expect(encoding).expect(encoding);
        let mut out = Vec::with_capacity(1_000);
        let capacity = out.capacity();
        let taken = unpacker.push(&body, &mut out).expect(encoding);
        assert!(taken <= body.len() && out.len() <= capacity, "{encoding}");
        assert_eq!(out.capacity(), capacity, "{encoding}: it keeps to the room it is given");
    }
}

#[test]
fn an_unknown_encoding_is_named() {
    let fault = decoded("compress", b"x".to_vec()).expect_err("not supported");
    assert_eq!((fault.kind, fault.message.contains("`compress`")), (TransportFaultKind::Invalid, true), "{fault:?}");
}

#[test]
fn the_status_of_a_failure_outlives_its_body() {
    for body in [b"no gzip".to_vec(), gzip(&vec![0; 64 << 20])] {
        let failed = Response { status: 503, ..response("gzip", body) };
        let response = decode(failed, "", MAX).expect("the status tells enough");
        assert_eq!((response.status, response.body.len()), (503, 0));
    }
    let failed = Response { status: 400, ..response("gzip", gzip(b"{}")) };
    assert_eq!(decode(failed, "", MAX).expect("a packed explanation").body, b"{}");
}

#[test]
fn where_nothing_came_nothing_is_undone() {
    assert_eq!(decoded("gzip", Vec::new()).expect("the answer to a HEAD"), b"");
}

/// A transport in memory that answers with a packed body.
struct Packed(Vec<u8>);

impl Packed {
    fn answer(&self, request: &Request) -> Response {
        assert_eq!(request.headers.get("accept-encoding"), Some("gzip, br"));
        response("gzip", self.0.clone())
    }
}

impl BlockingTransport for Packed {
    fn send(&self, request: Request, _: Limits) -> Result<Response, TransportFault> {
        Ok(self.answer(&request))
    }

    fn sleep(&self, _: std::time::Duration) {}
}

impl Transport for Packed {
    fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, TransportFault>> {
        Box::pin(async move { Ok(self.answer(&request)) })
    }

    fn sleep(&self, _: std::time::Duration) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

static PLAIN: Operation = Operation::get("list", "/list");

/// What is asked for is what can be undone, and every transport's answer is undone.
#[test]
fn both_drivers_undo_it() {
    static COMPRESSED: Api = Api {
        inputs: &[],
        base_url: "https://x.example",
        headers: &[],
        auth: Auth::None,
        compression: &["gzip", "br", "lzma"],
        ..API
    };
    for (body, expected) in [
        (gzip(b"[1]"), Ok("[1]")),
        (b"[1]".to_vec(), Err(ErrorKind::Transport)),
        (gzip(&vec![32; 2 << 20]), Err(ErrorKind::TooLarge)),
    ] {
        let transport = Arc::new(Packed(body));
        let core =
            CoreBuilder::new(&COMPRESSED).transport(transport.clone()).blocking_transport(transport).build().expect("a client");
        let request = core.prepare(&PLAIN, &Args::default()).expect("a request");
        let blocking = core.execute_blocking(&PLAIN, request.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        for answer in [blocking, runtime.block_on(core.execute(&PLAIN, request))] {
            let answer = answer.map(|response| response.body).map_err(|error| error.kind());
            assert_eq!(answer, expected.map(|text| text.as_bytes().to_vec()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever comes, an unpacker ends without a panic and keeps to the room it is given.
    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..400), start in 0_usize..5) {
        let (encoding, body) = packed().swap_remove(start);
        let mixed = [&body[..body.len().min(bytes.len() * 2)], &bytes].concat();
        for body in [bytes, mixed] {
            if let Ok(body) = decoded(encoding, body) {
                prop_assert!(body.len() as u64 <= MAX);
            }
        }
    }

    /// Where the pieces end does not matter.
    #[test]
    fn any_pieces_will_do(sizes in prop::collection::vec(1_usize..5_000, 1..20), room in 64_usize..50_000) {
        for (encoding, body) in packed() {
            let mut unpacker = unpacker(encoding).expect(encoding).expect(encoding);
            let (mut whole, mut rest, mut sizes) = (Vec::<u8>::new(), body.as_slice(), sizes.iter().cycle());
            while !rest.is_empty() {
                let (mut piece, after) = rest.split_at(rest.len().min(*sizes.next().expect("endless")));
                rest = after;
                loop {
                    let mut out = Vec::with_capacity(room);
                    let taken = unpacker.push(piece, &mut out).expect(encoding);
                    piece = &piece[taken..];
                    whole.extend(&out);
                    if taken == 0 && out.is_empty() {
                        break;
                    }
                }
                prop_assert!(piece.is_empty());
            }
            prop_assert!(unpacker.is_complete() && whole == text(), "{encoding}");
        }
    }
}
