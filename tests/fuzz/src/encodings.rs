//! Packed bodies: damaged ones are refused, whole ones come out the same in any pieces, and none takes more memory than it may.

use std::io::Write as _;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tapwright_runtime::rt::content::{decode, unpack, unpacker};
use tapwright_runtime::rt::message::{Headers, Response};

use crate::corpus::root;
use crate::random::Random;
use crate::rows::gzip;
use crate::run::{Target, WORKER};

/// The most that a body may be after unpacking.
const MAX: usize = 64 << 10;

const ENCODINGS: &[&str] = &["gzip", "deflate", "zstd", "br"];

/// Packed texts of each encoding, in the order of their names: short ones, long ones, and such that are larger than is allowed.
static PACKED: LazyLock<[Vec<Vec<u8>>; 4]> = LazyLock::new(|| {
    let lines: Vec<String> = (0..900).map(|id| format!("{{\"id\":{},\"city\":\"Köln\"}}\n", id * 7919 % 1000)).collect();
    let texts = [b"".to_vec(), b"[1]".to_vec(), lines.concat().into_bytes(), vec![0; 1 << 20]];
    let zlib = |text: &Vec<u8>| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory")
    };
    let bare = |text: &Vec<u8>| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory")
    };
    let zstd = |text: &Vec<u8>| compress_to_vec(text.as_slice(), CompressionLevel::Fastest);
    let zstd_plain = |text: &Vec<u8>| compress_to_vec(text.as_slice(), CompressionLevel::Uncompressed);
    let file = |name: &str| std::fs::read(root().join("templates/runtime/tests/content").join(name)).expect("a packed file");
    let skipped = [&b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"[..], &zstd(&texts[1])].concat();
    [
        texts.iter().map(|text| gzip(text)).chain([[gzip(b"a"), gzip(b"b")].concat()]).collect(),
        texts.iter().map(zlib).chain(texts.iter().map(bare)).collect(),
        texts.iter().map(zstd).chain(texts[..3].iter().map(zstd_plain)).chain([file("zeros.zst"), skipped]).collect(),
        // An empty one, `hello`, and those that the reference program wrote.
        vec![b"\x06".to_vec(), b"\x0b\x02\x80hello\x03".to_vec(), file("zeros.br"), BROTLI_LINES.to_vec()],
    ]
});

/// `[{"id":1},{"id":2},…]`, as the reference program packs it.
const BROTLI_LINES: &[u8] = include_bytes!("../records.br");

const WORDS: &[&str] = &["\u{1f}", "\0", "\0\0\0\0", "\u{7f}", "(", "\u{3}", "\u{b}", "P*M\u{18}"];

/// The first byte names the encoding, the rest is the body.
fn make(random: &mut Random) -> Vec<u8> {
    let at = random.below(ENCODINGS.len());
    let packed = random.pick(&PACKED[at]);
    // Long bodies take long to read; their beginnings say as much.
    let mut body = packed[..packed.len().min(6_000)].to_vec();
    let other = random.pick(&PACKED[at]);
    for _ in 0..random.below(3) {
        if random.once_in(2) {
            random.change(&mut body, WORDS, other);
        } else if !body.is_empty() {
            // The head says most.
            let place = random.below(body.len().min(24));
            body[place] = random.next().to_le_bytes()[3];
        }
    }
    if random.once_in(30) {
        body = random.sentence(WORDS, 40);
    }
    body.insert(0, u8::try_from(at).expect("four"));
    body
}

fn check(input: &[u8]) {
    let Some((first, body)) = input.split_first() else { return };
    let name = ENCODINGS[usize::from(*first) % ENCODINGS.len()];
    let new = || unpacker(name).expect("a name").expect("something to undo");
    let whole = unpack(new().as_mut(), body, MAX as u64);
    if let Ok(text) = &whole {
        assert!(text.len() <= MAX);
    }
    let response = Response { status: 200, headers: Headers::default(), body: body.to_vec() };
    let mut named = response.clone();
    named.headers.push("content-encoding", name);
    let decoded = decode(named, "", MAX as u64);
    assert!(body.is_empty() || decoded.map(|response| response.body).ok() == whole.as_ref().ok().cloned());

    // In pieces, into little room.
    let (mut random, mut unpacker) = (Random::of(input), new());
    let (mut out, mut rest, mut is_damaged) = (Vec::new(), body, false);
    let mut idle = 0;
    while out.len() <= MAX && idle < 3 {
        let piece = &rest[..rest.len().min(1 + random.below(600))];
        out.reserve_exact(1 + random.below(900));
        let before = out.len();
        let Ok(taken) = unpacker.push(piece, &mut out) else {
            is_damaged = true;
            break;
        };
        rest = &rest[taken..];
        idle = if taken == 0 && out.len() == before { idle + 1 } else { 0 };
    }
    let is_whole = !is_damaged && rest.is_empty() && unpacker.is_complete() && out.len() <= MAX;
    assert_eq!(is_whole, whole.is_ok(), "{name}: in pieces, and at once: {whole:?}");
    if let Ok(whole) = whole {
        assert!(whole == out, "{name}: other bytes in pieces");
    }
}

#[test]
fn encoding() {
    // A window of Zstandard may be 8 MiB, and one of Brotli 16.
    Target { name: "encoding", cases: 80, memory: (40 << 20, 16), stack: WORKER, make, check }.run();
}
