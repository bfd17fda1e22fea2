//! A reader that stops after any record goes on at the next one, also within the records that one of the service's becomes.

use crate::support::{World, builder, values as json, wait};

/// Stops after every k-th record, async and blocking, and reads the rest with a new client.
macro_rules! resumes {
    ($($resource:ident: $count:expr, at least $least:expr);+ $(;)?) => {$(
        #[test]
        fn $resource() {
            let world = World::new($count);
            let all = wait(world.client.$resource().items().collect()).expect("every page is good");
            assert!(all.len() >= $least, "too few records to stop between: {}", all.len());
            let all = json(&all);
            for stop in 0..=all.len() {
                let (mut read, mark) = wait(async {
                    let mut items = world.client.$resource().items();
                    let mut read = Vec::new();
                    for _ in 0..stop {
                        read.push(items.try_next().await.expect("every page is good").expect("there are more"));
                    }
                    (read, items.checkpoint().to_string())
                });
                let client = builder(&world.mock).build().expect("every input is given");
                let listing = || client.$resource().resume(mark.parse().expect("a checkpoint")).expect("its own checkpoint");
                let blocking: Vec<_> = listing().blocking().items().collect::<Result<_, _>>().expect("every page is good");
                assert_eq!(json(&blocking), all[stop..], "blocking, stopped after {stop}");
                read.extend(wait(listing().items().collect()).expect("every page is good"));
                assert_eq!(json(&read), all, "async, stopped after {stop}");
            }
        }
    )+};
}

resumes!(
    people: 30, at least 10;
    orders: 20, at least 15;
    tags: 12, at least 10;
    members: 6, at least 5;
    events: 12, at least 2;
    rows: 12, at least 5;
    values: 12, at least 12;
);

/// A second checkpoint, taken after going on from a first one within a record, is as exact.
#[test]
fn again_and_again() {
    let world = World::new(12);
    let all = json(&wait(world.client.orders().items().collect()).expect("every page is good"));
    let mut read = Vec::new();
    let mut mark = world.client.orders().blocking().items().checkpoint();
    loop {
        let mut items = world.client.orders().resume(mark).expect("its own checkpoint").blocking().items();
        let Some(record) = items.next() else { break };
        read.push(record.expect("every page is good"));
        mark = items.checkpoint().to_string().parse().expect("a checkpoint");
    }
    assert_eq!(json(&read), all);
}

/// The mark is the cursor of the last record that the service sent, whatever became of it.
#[test]
fn the_mark_is_the_services() {
    let world = World::new(12);
    let sent = world.sent("events", &[]);
    let mut items = world.client.events().blocking().items();
    assert_eq!(items.by_ref().count(), 2);
    assert_eq!(items.mark().as_deref(), sent.last().expect("a record")["at"].as_str());
    let mut items = world.client.events().blocking().items();
    assert!(items.next().is_some_and(|record| record.is_ok_and(|record| record.seq == Some(5))));
    // The page is of four records: those after the fifth up to the eighth are done with too.
    assert_eq!(items.mark().as_deref(), sent[7]["at"].as_str());
}
