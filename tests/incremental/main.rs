//! Incremental runs end to end: a generated crate reads from a service, and later from the same one with more records.
//!
//! The crate is `tests/generated/incremental`, compiled from `tests/fixtures/incremental.yaml`.

use std::path::Path;

use incremental_api::{Client, ErrorKind, State};
use tapwright::mock::{Mock, Options, Running};

/// A service with so many records, of which each two in a row have the same cursor, and a client of it.
struct World {
    mock: Running,
    client: Client,
}

impl World {
    fn new(records: u64) -> Self {
        Self::with(Options { records, ties: 2, ..Options::default() })
    }

    fn with(options: Options) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/incremental.yaml");
        let mut sources = tapwright::source::Sources::default();
        let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
        let api = tapwright::load(&path, &mut sources, &mut diagnostics).expect("the fixture is a good spec");
        let mock = Mock::start(api, options).expect("a loopback port is free");
        let client = Client::builder().base_url(mock.base_url()).build().expect("there are no inputs");
        Self { mock, client }
    }
}

fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// The numbers of the records of a run, in order, and its state: async and blocking, which agree.
macro_rules! read {
    ($listing:expr) => {{
        let mut items = $listing.items();
        let mut numbers: Vec<i64> = Vec::new();
        wait(async {
            while let Some(event) = items.try_next().await.expect("every page is good") {
                numbers.push(event.seq.expect("the service counts"));
            }
        });
        let mut blocking = $listing.blocking().items();
        let again: Vec<i64> =
            blocking.by_ref().map(|event| event.expect("every page is good").seq.expect("the service counts")).collect();
        assert_eq!((&again, blocking.state()), (&numbers, items.state()), "async and blocking agree");
        assert_eq!(blocking.gaps(), items.gaps());
        (numbers, blocking.state(), blocking.gaps().to_vec())
    }};
}

/// The state with the address of another service in it, which otherwise would be another host.
fn moved(state: &State, from: &World, to: &World) -> State {
    state.to_string().replace(&from.mock.addr.to_string(), &to.mock.addr.to_string()).parse().expect("the text of a state")
}

fn stored(state: &State) -> State {
    state.to_string().parse().expect("the text of a state")
}

/// Every record once over two runs, wherever the first one stops.
#[test]
fn records_at_the_border_come_once() {
    let (small, large) = (World::new(9), World::new(15));
    let all: Vec<i64> = (0..15).collect();
    for stop in 0..=9 {
        let mut items = small.client.events().blocking().items();
        let mut numbers: Vec<i64> =
            items.by_ref().take(stop).map(|event| event.expect("the page is good").seq.expect("the service counts")).collect();
        let state = stored(&items.state());
        numbers.extend(read!(large.client.events().continue_from(&state).expect("its own state")).0);
        assert_eq!(numbers, all, "stopped after {stop}: {state}");
    }
}

/// The same where the request is coarser than the cursor, goes into a body, or says nothing at all.
#[test]
fn each_way_to_start_gives_the_rest() {
    let (small, large) = (World::new(9), World::new(15));
    macro_rules! second_run {
        ($resource:ident) => {{
            let (_, state, _) = read!(small.client.$resource());
            let (mut numbers, _, gaps) = read!(large.client.$resource().continue_from(&stored(&state)).expect("its own state"));
            assert!(gaps.is_empty());
            numbers.sort_unstable();
            numbers
        }};
    }
    let (_, state, _) = read!(small.client.delta());
    let (numbers, ..) = read!(large.client.delta().continue_from(&moved(&state, &small, &large)).expect("its own state"));
    assert_eq!(numbers, [9, 10, 11, 12, 13, 14]);
    assert_eq!(second_run!(minutes), [9, 10, 11, 12, 13, 14]);
    assert_eq!(second_run!(newest), [9, 10, 11, 12, 13, 14]);
    assert_eq!(second_run!(between), [9, 10, 11, 12, 13, 14]);
    assert_eq!(second_run!(synced), [9, 10, 11, 12, 13, 14]);
    // The service leaves the start out, and with it the record 9, which has the cursor of 8.
    assert_eq!(second_run!(journal), [10, 11, 12, 13, 14]);
    // Two seconds before the mark, which is that of the records 8 and 9; the start itself is left out by the service.
    assert_eq!(second_run!(searches), [6, 7, 8, 9, 10, 11, 12, 13, 14]);
}

/// Records that a step leaves out are neither missed nor given in the next run.
#[test]
fn steps_come_after_the_bounds() {
    let (small, large) = (World::new(9), World::new(15));
    let all: Vec<i64> = (0..15).filter(|number| !matches!(number, 5 | 8)).collect();
    assert_eq!(read!(large.client.chosen()).0, all);
    for stop in 0..=7 {
        let mut items = small.client.chosen().blocking().items();
        let mut numbers: Vec<i64> =
            items.by_ref().take(stop).map(|event| event.expect("the page is good").seq.expect("the service counts")).collect();
        let state = stored(&items.state());
        let resumed = || small.client.chosen().resume(items.checkpoint()).expect("its own checkpoint");
        assert_eq!(read!(resumed()).0, all[stop..7], "resumed after {stop}");
        numbers.extend(read!(large.client.chosen().continue_from(&state).expect("its own state")).0);
        assert_eq!(numbers, all, "stopped after {stop}: {state}");
    }
}

#[test]
fn no_page_is_asked_for_past_the_bounds() {
    let large = World::new(100);
    let (numbers, ..) = read!(large.client.events().since("2024-01-01T00:00:03Z").until("2024-01-01T00:00:05Z"));
    assert_eq!(numbers, [6, 7, 8, 9]);
    // Both bounds in a body.
    let (numbers, ..) = read!(large.client.between().since("2024-01-01T00:00:03Z").until("2024-01-01T00:00:05Z"));
    assert_eq!(numbers, [6, 7, 8, 9]);
    assert_eq!(large.mock.stats().requests_of("between"), 2, "once by each client: four records are a page, and all of them");
    let small = World::new(90);
    let (_, state, _) = read!(small.client.newest());
    let (numbers, ..) = read!(large.client.newest().continue_from(&state).expect("its own state"));
    assert_eq!(numbers, [99, 98, 97, 96, 95, 94, 93, 92, 91, 90]);
    // The fourth page of 25 is the first with a record before the start; two runs.
    assert_eq!(large.mock.stats().requests_of("newest"), 8);
}

#[test]
fn each_parent_goes_on_from_its_own_mark() {
    let world = |children| World::with(Options { records: 3, children: Some(children), ties: 2, ..Options::default() });
    let (small, large) = (world(3), world(5));
    let all = read!(large.client.members()).0;
    assert_eq!(all, [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    for stop in 0..=9 {
        let mut items = small.client.members().blocking().items();
        let first: Vec<_> = items.by_ref().take(stop).map(|event| event.expect("the page is good").id).collect();
        let state = stored(&items.state());
        assert_eq!(state.marks().count(), stop.div_ceil(3), "{state}");
        let rest = large.client.members().continue_from(&state).expect("its own state").blocking().items();
        let mut ids: Vec<_> = first.into_iter().chain(rest.map(|event| event.expect("the page is good").id)).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 15, "every record once, stopped after {stop}: {state}");
    }
}

#[test]
fn what_a_service_has_forgotten_is_a_gap() {
    let small = World::new(6);
    let (_, journal, _) = read!(small.client.journal());
    let (_, synced, _) = read!(small.client.synced());
    let (_, delta, _) = read!(small.client.delta());
    let world = World::with(Options { records: 12, forgotten: 9, ..Options::default() });
    let all: Vec<i64> = (0..12).collect();
    let (numbers, state, gaps) = read!(world.client.journal().continue_from(&journal).expect("its own state"));
    assert_eq!(numbers, all);
    assert_eq!((gaps.len(), gaps[0].status, gaps[0].partition.as_str()), (1, Some(400), "{}"));
    assert_eq!(gaps[0].refused, journal.marks().next().expect("a mark").1);
    assert_ne!(state, journal);
    for (numbers, gaps) in [
        {
            let (numbers, _, gaps) = read!(world.client.synced().continue_from(&synced).expect("its own state"));
            (numbers, gaps)
        },
        {
            let (numbers, _, gaps) =
                read!(world.client.delta().continue_from(&moved(&delta, &small, &world)).expect("its own state"));
            (numbers, gaps)
        },
    ] {
        assert_eq!((numbers, gaps.len(), gaps[0].status), (all.clone(), 1, Some(410)));
    }
    // Without `restart` it is an error that says what to do.
    let (_, events, _) = read!(small.client.events());
    let error = world.client.events().continue_from(&events).expect("its own state").blocking().items().next();
    let error = error.expect("an answer").expect_err("it is forgotten");
    assert_eq!(error.status(), Some(410));
    assert!(error.message().contains("no longer knows the start"), "{error}");
}

#[test]
fn a_state_belongs_to_its_resource() {
    let world = World::new(6);
    let (_, state, _) = read!(world.client.events().limit(3));
    assert_eq!(stored(&state), state);
    let elsewhere = world.client.minutes().continue_from(&state).expect_err("it is one of `events`");
    assert_eq!(elsewhere.kind(), ErrorKind::Checkpoint, "{elsewhere}");
    assert!(world.client.events().continue_from(&state).expect("its own").limit(5).blocking().items().next().is_none());
    let other = world.client.events().param("kind", "x").continue_from(&state).expect("the arguments are not complete yet");
    let error = other.blocking().items().next().expect("an answer").expect_err("it was taken without a kind");
    assert_eq!(error.kind(), ErrorKind::Checkpoint, "{error}");
    assert!("{}".parse::<State>().is_err());
}

#[test]
fn a_checkpoint_goes_on_within_a_later_run() {
    let (small, world) = (World::new(9), World::new(21));
    let (_, state, _) = read!(small.client.events());
    let (all, end, _) = read!(world.client.events().continue_from(&state).expect("its own state"));
    for stop in 0..=all.len() {
        let mut items = world.client.events().continue_from(&state).expect("its own state").blocking().items();
        assert_eq!(items.by_ref().take(stop).count(), stop);
        let text = items.checkpoint().to_string();
        let resumed = || world.client.events().resume(text.parse().expect("a checkpoint")).expect("its own checkpoint");
        let (rest, state, _) = read!(resumed());
        assert_eq!((rest.as_slice(), state), (&all[stop..], end.clone()), "stopped after {stop}");
    }
}
