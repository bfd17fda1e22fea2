//! Conditions on the rows of a level.

use tapwright_runtime::rt::condition::{Condition, Where};
use tapwright_runtime::rt::descriptor::Segment::Key;
use tapwright_runtime::rt::partition_by::Filter;

#[test]
fn numbers_are_the_same_however_they_are_written_and_texts_are_not() {
    static ONE: Where = Where(&[Condition::is_in(&[Key("size")], &["1"])]);
    for (json, taken) in [("1", true), ("1.0", true), ("1e0", true), ("2", false), (r#""1""#, true), (r#""1.0""#, false)] {
        assert_eq!(ONE.takes(&[("size".to_owned(), json.to_owned())]), taken, "{json}");
    }
}
