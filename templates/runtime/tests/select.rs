//! Several values of a text in one pass.

use tapwright_runtime::rt::descriptor::Path;
use tapwright_runtime::rt::descriptor::Segment::{Index, Key};
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::select::select;

/// A path may lead into what another one leads to, and the same place may be asked for twice.
#[test]
fn every_path_is_given_its_value() {
    const PATHS: &[Path] = &[&[], &[Key("a")], &[Key("a"), Key("b")], &[Key("c"), Index(1)], &[Key("a")], &[Key("x")]];
    let text = r#"{"a":{"b":1,"d":[]},"c":[2,3,4],"z":5}"#;
    let expected = [(0, text), (1, r#"{"b":1,"d":[]}"#), (4, r#"{"b":1,"d":[]}"#), (2, "1"), (3, "3")]
        .map(|(at, text)| (at, text.to_owned()));
    for takes in [true, false] {
        let mut found = Vec::new();
        let mut reader = Reader::new(text);
        select(&mut reader, PATHS, &mut |r, at| {
            r.peek()?;
            let start = r.offset();
            found.push((at, r.skip()?.to_owned()));
            if !takes {
                r.rewind(start);
            }
            Ok(takes)
        })
        .expect("it is JSON");
        reader.end().expect("all of it is read");
        assert_eq!(found, expected, "they are taken: {takes}");
    }
}
