//! A reader that stops after any record goes on at the next one, with another client and from the checkpoint's text.

use tapwright::mock::Options;

use crate::support::{World, client, values, wait};

/// Stops after every k-th record, async and blocking, and reads the rest with a new client.
macro_rules! resumes {
    ($($resource:ident: $count:expr),+ $(,)?) => {$(
        #[test]
        fn $resource() {
            let world = World::new(Options { records: $count, ..Options::default() });
            let all = wait(world.client.$resource().items().collect()).expect("every page is good");
            assert!(all.len() >= 10, "too few records to stop between: {}", all.len());
            let all = values(&all);
            for stop in 0..=all.len() {
                let (mut read, mark) = wait(async {
                    let mut items = world.client.$resource().items();
                    let mut read = Vec::new();
                    for _ in 0..stop {
                        read.push(items.try_next().await.expect("every page is good").expect("there are more"));
                    }
                    (read, items.checkpoint().to_string())
                });
                let listing = || client(&world.mock).$resource().resume(mark.parse().expect("a checkpoint")).expect("its own checkpoint");
                let blocking: Vec<_> = listing().blocking().items().collect::<Result<_, _>>().expect("every page is good");
                assert_eq!(values(&blocking), all[stop..], "blocking, stopped after {stop}");
                read.extend(wait(listing().items().collect()).expect("every page is good"));
                assert_eq!(values(&read), all, "async, stopped after {stop}");
            }
        }
    )+};
}

resumes!(numbered: 23, unnumbered: 23, offsets: 23, cursors: 23, tails: 23, linked: 23, chained: 23, members: 5, badges: 5);

/// A checkpoint is refused by another resource, and by the same one with other arguments.
#[test]
fn a_checkpoint_belongs_to_its_walk() {
    let world = World::new(Options { records: 23, ..Options::default() });
    wait(async {
        let mut items = world.client.numbered().items();
        items.try_next().await.expect("the page is good");
        let mark = items.checkpoint();
        let elsewhere = world.client.offsets().resume(mark.clone()).expect_err("it belongs to `numbered`");
        assert_eq!(elsewhere.kind(), paging::ErrorKind::Checkpoint, "{elsewhere}");
        let other = world.client.numbered().colour("red").resume(mark.clone()).expect("the arguments are not complete yet");
        let other = other.items().try_next().await.expect_err("it was taken without a colour");
        assert_eq!(other.kind(), paging::ErrorKind::Checkpoint, "{other}");
        let mut rest = world.client.numbered().resume(mark).expect("its own").items();
        assert!(rest.try_next().await.expect("the page is good").is_some());
    });
}
