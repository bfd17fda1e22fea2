//! Every way of paging gives every record once and in order, async and blocking alike.

use tapwright::mock::Options;

use crate::support::{World, values, wait};

/// Reads a resource both ways at several sizes and compares with what the server holds.
macro_rules! every_record {
    ($($resource:ident),+ $(,)?) => {$(
        #[test]
        fn $resource() {
            for count in [0_u64, 1, 6, 7, 8, 14, 50] {
                let world = World::new(Options { records: count, ..Options::default() });
                let expected = world.expected(stringify!($resource));
                assert_eq!(expected.len() as u64, count);
                let read = wait(world.client.$resource().items().collect()).expect("every page is good");
                assert_eq!(values(&read), expected, "async, {count} records");
                let read: Vec<_> =
                    world.client.$resource().blocking().items().collect::<Result<_, _>>().expect("every page is good");
                assert_eq!(values(&read), expected, "blocking, {count} records");
            }
        }
    )+};
}

every_record!(numbered, unnumbered, offsets, cursors, tails, linked, chained);

/// Pages add up to the same records as the records one by one.
#[test]
fn pages_are_the_same_records() {
    let world = World::new(Options { records: 23, ..Options::default() });
    let pages = wait(world.client.cursors().pages().collect()).expect("every page is good");
    let records: Vec<_> = pages.into_iter().flat_map(|page| page.records).collect();
    assert_eq!(values(&records), world.expected("cursors"));
}

/// One page is one request.
#[test]
fn one_page_is_one_page() {
    let world = World::new(Options { records: 23, ..Options::default() });
    let page = wait(async { world.client.numbered().await }).expect("the page is good");
    assert_eq!(page.records.len(), 7);
    assert_eq!(page.total, Some(23));
}

/// The page size is asked for, and changes nothing about the records.
#[test]
fn the_page_size_is_the_callers() {
    let world = World::new(Options { records: 23, ..Options::default() });
    for size in [1, 2, 7, 10, 100] {
        let mut items = world.client.numbered().per_page(size).items();
        let mut read = Vec::new();
        wait(async {
            while let Some(record) = items.try_next().await.expect("every page is good") {
                read.push(record);
            }
        });
        assert_eq!(values(&read), world.expected("numbered"), "{size} a page");
    }
}
