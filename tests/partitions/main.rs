//! What a resource is read for, end to end: a generated crate reads lists, parents and products of them from a server that
//! behaves as the spec says; from the start, from after every record, async and blocking.
//!
//! The crate is `tests/generated/partitions`, compiled from `tests/fixtures/partitions.yaml`.

mod holds;
mod support;

use holds::Partition;
use support::{World, values, wait};
use tapwright::mock::Options;

/// How many requests the records of some partitions cost, with pages of five.
fn requests(world: &World, resource: &str, partitions: &[Partition]) -> u64 {
    let pages = |partition: &[String]| u64::try_from(world.records(resource, partition).len()).expect("few").div_ceil(5).max(1);
    partitions.iter().map(|(partition, _)| pages(partition)).sum()
}

/// What a product gives and costs: its own requests, and those for the parents, each of which is read once.
macro_rules! products {
    ($($resource:ident: $count:expr, above [$($above:ident $partitions:ident),*]);+ $(;)?) => {$(
        #[test]
        fn $resource() {
            let world = World::new(Options { records: $count, ..Options::default() });
            let partitions = holds::$resource(&world);
            let expected = world.expected(stringify!($resource), &partitions);
            assert!(expected.len() >= 10, "too few records to stop between: {}", expected.len());
            let own = requests(&world, stringify!($resource), &partitions);
            let above: Vec<(&str, u64)> = vec![$({
                let partitions: Vec<Partition> = holds::$partitions(&world);
                (stringify!($above), requests(&world, stringify!($above), &partitions))
            }),*];

            let all = wait(world.client.$resource().items().collect()).expect("every page is good");
            assert_eq!(values(&all), expected, "async");
            let stats = world.mock.stats();
            assert_eq!(stats.requests_of(stringify!($resource)), own, "{stats:?}");
            for (parent, expected) in &above {
                assert_eq!(stats.requests_of(parent), *expected, "{parent}: {stats:?}");
            }
            let blocking: Vec<_> = world.client.$resource().blocking().items().collect::<Result<_, _>>().expect("every page is good");
            assert_eq!(values(&blocking), expected, "blocking");
            let twice = world.mock.stats();
            assert_eq!(twice.total(), 2 * stats.total(), "blocking asks for no more");

            for stop in 0..=expected.len() {
                let mark = wait(async {
                    let mut items = world.client.$resource().concurrency(1 + stop % 8).items();
                    for _ in 0..stop {
                        items.try_next().await.expect("every page is good").expect("there are more");
                    }
                    items.checkpoint().to_string()
                });
                let listing = || world.another().$resource().resume(mark.parse().expect("a checkpoint")).expect("its own");
                let blocking: Vec<_> = listing().blocking().items().collect::<Result<_, _>>().expect("every page is good");
                assert_eq!(values(&blocking), expected[stop..], "blocking, stopped after {stop}: {mark}");
                let rest = wait(listing().items().collect()).expect("every page is good");
                assert_eq!(values(&rest), expected[stop..], "async, stopped after {stop}: {mark}");
            }
        }
    )+};
}

products! {
    alerts: 7, above [];
    cases: 6, above [];
    members: 12, above [organizations once];
    grants: 6, above [organizations once, teams once];
    notes: 12, above [organizations once, members members];
}

/// A read in windows gives each record of the range once, and goes on after each of them.
macro_rules! windows {
    ($($resource:ident: $count:expr, $windows:expr, $requests:expr);+ $(;)?) => {$(
        #[test]
        fn $resource() {
            let world = World::new(Options { records: $count, ..Options::default() });
            let expected = holds::$resource(&world);
            assert!(expected.len() >= 20, "too few records: {}", expected.len());
            let all = wait(world.client.$resource().items().collect()).expect("every page is good");
            assert_eq!(holds::ids(&all), expected, "async");
            let asked = world.mock.stats().requests_of(stringify!($resource));
            assert_eq!(asked, $requests, "of {} windows", $windows);
            for stop in 0..=expected.len() {
                let mut items = world.client.$resource().blocking().items();
                assert_eq!(items.by_ref().take(stop).flatten().count(), stop);
                let mark = items.checkpoint().to_string();
                let listing = || world.another().$resource().resume(mark.parse().expect("a checkpoint")).expect("its own");
                let blocking: Vec<_> = listing().blocking().items().collect::<Result<_, _>>().expect("every page is good");
                assert_eq!(holds::ids(&blocking), expected[stop..], "blocking, stopped after {stop}: {mark}");
                let rest = wait(listing().items().collect()).expect("every page is good");
                assert_eq!(holds::ids(&rest), expected[stop..], "async, stopped after {stop}: {mark}");
            }
        }
    )+};
}

windows! {
    // Days 1 to 31 and 1 to 5: windows of 10, 10, 10 and 6 days, with pages of five, for two regions.
    days: 40, 8, 2 * (2 + 2 + 2 + 2);
    // Windows of 7, 7 and 6 seconds.
    moments: 23, 3, 2 + 2 + 2;
}

/// A later run starts its windows where the one before ended, for each value of the list.
#[test]
fn windows_go_on_from_the_state() {
    let (small, large) =
        (World::new(Options { records: 12, ..Options::default() }), World::new(Options { records: 36, ..Options::default() }));
    let mut items = small.client.days().blocking().items();
    assert_eq!(items.by_ref().flatten().count(), 24);
    let next = large.client.days().continue_from(&items.state()).expect("its own state");
    let rest: Vec<_> = next.blocking().items().collect::<Result<_, _>>().expect("every page is good");
    let new: Vec<String> = holds::days(&large).chunks(36).flat_map(|region| region[12..].to_vec()).collect();
    assert_eq!(holds::ids(&rest), new, "those at the mark are known by their keys");
    // From day 12 on: windows of 10, 10 and 5 days for each region.
    assert_eq!(large.mock.stats().requests_of("days"), 2 * (2 + 2 + 1));
}

/// Nothing of a parent that is not selected goes anywhere, and whoever lists all resources sees that it is not.
#[test]
fn an_unselected_parent_is_read_for_its_children_only() {
    let selected: Vec<&str> = (partitions::resources::ALL.iter().filter(|resource| resource.selected))
        .map(|resource| resource.operation.name)
        .collect();
    assert_eq!(selected, ["teams", "alerts", "cases", "members", "grants", "notes", "days", "moments", "logs"]);

    let world = World::new(Options { records: 12, ..Options::default() });
    let read = wait(world.client.members().items().collect()).expect("every page is good");
    let organizations = world.ids("organizations", &[]);
    assert!(!read.is_empty() && read.iter().all(|member| !organizations.contains(&member.id)), "they are members alone");
    assert!(world.mock.stats().requests_of("organizations") > 0, "it was read for them");
}

/// The values of a list that comes from an input are those of the client.
#[test]
fn an_input_decides_what_is_read_for() {
    let world = World::new(Options { records: 6, ..Options::default() });
    let client = world.builder().kinds("closed").build().expect("every input is given");
    let read = wait(client.cases().items().collect()).expect("every page is good");
    let partitions: Vec<Partition> = holds::cases(&world).into_iter().filter(|(texts, _)| texts[2] == "closed").collect();
    assert_eq!(values(&read), world.expected("cases", &partitions));

    let mark = wait(async {
        let mut items = world.client.cases().items();
        items.try_next().await.expect("the page is good");
        items.checkpoint()
    });
    let error = wait(client.cases().resume(mark).expect("its own").items().collect()).expect_err("it was made for other values");
    assert_eq!(error.kind(), partitions::ErrorKind::Checkpoint, "{error}");
    let client = world.builder().kinds(" , ").build().expect("every input is given");
    let error = client.cases().blocking().items().next().expect("an error").expect_err("there is nothing to read for");
    assert_eq!(error.kind(), partitions::ErrorKind::Config, "{error}");
}

/// A query that the service cuts off goes on from its last record: every record once, and none of those with the same cursor lost.
#[test]
fn logs() {
    for (ties, stops) in [(1, 0), (2, 0), (3, 26), (7, 0)] {
        let world = World::new(Options { records: 2, children: Some(26), ties, ..Options::default() });
        let expected: Vec<String> = world.ids("teams", &[]).into_iter().flat_map(|team| world.ids("logs", &[team])).collect();
        assert_eq!(expected.len(), 2 * 26);
        let all = wait(world.client.logs().items().collect()).expect("every page is good");
        assert_eq!(holds::ids(&all), expected, "async, {ties} with the same cursor");
        for stop in 0..=stops {
            let mut items = world.client.logs().blocking().items();
            assert_eq!(items.by_ref().take(stop).flatten().count(), stop);
            let mark = items.checkpoint().to_string();
            let listing = world.another().logs().resume(mark.parse().expect("a checkpoint")).expect("its own");
            let rest: Vec<_> = listing.blocking().items().collect::<Result<_, _>>().expect("every page is good");
            assert_eq!(holds::ids(&rest), expected[stop..], "{ties} with the same cursor, stopped after {stop}: {mark}");
        }
    }
}

/// Where a whole query has one cursor, nobody can go on, and nothing is given as if it were all.
#[test]
fn a_query_with_one_cursor_can_not_be_split() {
    let world = World::new(Options { records: 1, children: Some(37), ties: 12, ..Options::default() });
    let mut items = world.client.logs().blocking().items();
    let given = items.by_ref().take_while(Result::is_ok).count();
    assert_eq!(given, 10, "what came before is given");
    let error = wait(world.client.logs().items().collect()).expect_err("the rest can not be asked for");
    assert_eq!(error.kind(), partitions::ErrorKind::Truncated, "{error}");
    assert!(error.message().contains("can not be split by the cursor"), "{error}");
}
