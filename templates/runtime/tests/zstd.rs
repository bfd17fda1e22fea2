//! Frames of Zstandard as RFC 8878 lets them be, each made by hand: heads of every form, blocks of every kind, and what ends early.
#![cfg(feature = "zstd")]

use tapwright_runtime::rt::content::{Damaged, Unpack, unpack};
use tapwright_runtime::rt::zstd::Zstd;

/// A head: how many bytes tell the size (`0..=3`, as the descriptor says it), whether one segment is all, and what says the window.
fn head(size_flag: u8, is_single: bool, dictionary: u8, window: u8, size: usize) -> Vec<u8> {
    let mut head = vec![0x28, 0xb5, 0x2f, 0xfd, size_flag << 6 | u8::from(is_single) << 5 | dictionary];
    head.extend((!is_single).then_some(window));
    head.extend([0; 4].iter().take([0, 1, 2, 4][usize::from(dictionary)]));
    let (length, size) = match size_flag {
        0 => (usize::from(is_single), size),
        // A size of two bytes begins at 256.
        1 => (2, size - 256),
        2 => (4, size),
        _ => (8, size),
    };
    head.extend(&size.to_le_bytes()[..length]);
    head
}

/// A block of a kind: 0 is plain, 1 is a byte so many times.
fn block(kind: usize, is_last: bool, size: usize, content: &[u8]) -> Vec<u8> {
    let head = (size << 3 | kind << 1 | usize::from(is_last)).to_le_bytes();
    [&head[..3], content].concat()
}

fn plain(is_last: bool, content: &[u8]) -> Vec<u8> {
    block(0, is_last, content.len(), content)
}

fn unpacked(body: &[u8]) -> Option<Vec<u8>> {
    unpack(&mut Zstd::default(), body, 1 << 20).ok()
}

#[test]
fn heads_are_read_in_all_their_forms() {
    let content = [b'x'; 300];
    for size_flag in 0..4 {
        for is_single in [true, false] {
            for dictionary in 0..4 {
                // One byte tells no more than 255.
                let content = if size_flag == 0 { &content[..200] } else { &content };
                let head = head(size_flag, is_single, dictionary, 0, content.len());
                let body = [head, plain(true, content)].concat();
                let told = format!("{size_flag} {is_single} {dictionary}");
                assert_eq!(unpacked(&body).as_deref(), Some(content), "{told}");
                assert_eq!(unpacked(&body.repeat(2)), Some(content.repeat(2)), "{told}, twice");
                for cut in 1..body.len() {
                    assert_eq!(unpacked(&body[..cut]), None, "{told}, cut to {cut}");
                }
            }
        }
    }
}

/// What it is, blocks, and what they stand for.
type Case<'c> = (&'c str, &'c [Vec<u8>], &'c [u8]);

#[test]
fn blocks_are_read_in_all_their_forms() {
    let head = head(0, false, 0, 0, 0);
    let after_head = |blocks: &[Vec<u8>]| [head.clone(), blocks.concat()].concat();
    let cases: [Case<'_>; 5] = [
        ("one byte", &[plain(true, b"a")], b"a"),
        ("nothing", &[plain(true, b"")], b""),
        ("an end of its own", &[plain(false, b"ab"), plain(true, b"")], b"ab"),
        ("a byte many times", &[block(1, true, 5, b"x")], b"xxxxx"),
        ("some of each", &[block(1, false, 3, b"x"), plain(false, b"yz"), block(1, true, 2, b"!")], b"xxxyz!!"),
    ];
    for (name, blocks, expected) in cases {
        let body = after_head(blocks);
        assert_eq!(unpacked(&body).as_deref(), Some(expected), "{name}");
        for cut in 1..body.len() {
            assert_eq!(unpacked(&body[..cut]), None, "{name}, cut to {cut}");
        }
        // What is skipped may stand on either side, and whatever else follows is not part of it.
        let skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        assert_eq!(unpacked(&[&skipped[..], &body, &skipped].concat()).as_deref(), Some(expected), "{name}");
        for more in 1..skipped.len() {
            assert_eq!(unpacked(&[&body[..], &skipped[..more]].concat()), None, "{name} and {more} bytes of the next");
        }
    }
    assert_eq!(unpacked(&after_head(&[block(3, true, 1, b"a")])), None, "a kind that is none");
}

/// RFC 9659: a content encoding needs no window larger than 8 MiB.
#[test]
fn a_window_is_held_to_what_an_encoding_may_need() {
    let framed = |window| [head(0, false, 0, window, 0), plain(true, b"[]")].concat();
    assert_eq!(unpacked(&framed(13 << 3)).as_deref(), Some(&b"[]"[..]), "8 MiB");
    assert_eq!(unpacked(&framed(14 << 3)), None, "16 MiB");
}

/// What does not fit into the room there is waits for the next time, and until then it is not over.
#[test]
fn no_more_than_fits_is_given() {
    let body = [head(0, false, 0, 0, 0), plain(true, b"0123456789")].concat();
    let mut zstd = Zstd::default();
    let (mut rest, mut given) = (&body[..], b"abc".to_vec());
    for expected in ["abc0", "abc01", "abc012345", "abc0123456789"] {
        given.reserve_exact(expected.len() - given.len());
        let room = given.capacity();
        let taken = zstd.push(rest, &mut given).expect("it is good");
        rest = &rest[taken..];
        assert_eq!((given.as_slice(), given.capacity()), (expected.as_bytes(), room));
        assert_eq!(zstd.is_complete(), expected.ends_with('9'), "{expected}");
    }
    assert!(rest.is_empty());
    assert_eq!(zstd.push(b"what is this?", &mut given), Err(Damaged("Zstandard")));
}
