//! A value that can not be computed follows the contract of its resource, like one of the service's that does not fit.

use steps::ErrorKind;

use crate::support::{World, text, wait};

/// `seq * 2000000000000000000` fits into 64 bits up to 4.
const FIT: usize = 5;

#[test]
fn frozen_stops_before_the_record() {
    let world = World::new(12);
    wait(async {
        let mut items = world.client.frozen().items();
        for seq in 0..FIT {
            let record = items.try_next().await.expect("it fits").expect("there are more");
            assert_eq!(record.sum, Some(i64::try_from(seq).expect("small") * 2_000_000_000_000_000_000));
        }
        let error = items.try_next().await.expect_err("the sum is too large");
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(text.contains("5 * 2000000000000000000 is no whole number of 64 bits"), "{text}");
        assert!(text.contains("$.data[1].sum"), "{text}");
        // It goes on there, and so fails there again.
        let mark = items.checkpoint();
        let again = world.client.frozen().resume(mark).expect("its own").items().try_next().await;
        assert_eq!(again.expect_err("the same record").to_string(), text);
    });
    let blocking: Vec<_> = world.client.frozen().blocking().items().collect();
    assert_eq!(blocking.len(), FIT + 1);
    assert!(blocking[FIT].is_err());
}

#[test]
fn rows_are_left_out() {
    let world = World::new(12);
    let mut items = world.client.rows().blocking().items();
    let read: Vec<_> = items.by_ref().collect::<Result<_, _>>().expect("rows are left out");
    assert_eq!(read.len(), FIT);
    assert_eq!(items.rejected().count(), 12 - FIT as u64);
    assert_eq!(items.filtered(), 0);
    let first = &items.rejected().kept()[0];
    assert_eq!((first.index, first.path.as_str()), (1, "$.data[1].sum"));
    assert!(first.offset > 0);
    let read_async = wait(world.client.rows().items().collect()).expect("rows are left out");
    assert_eq!(read_async, read);
}

#[test]
fn values_are_left_out() {
    let world = World::new(12);
    let sent = world.sent("values", &[]);
    let words = sent.iter().filter(|record| text(record, "word").is_some()).count();
    let mut items = world.client.values().blocking().items();
    let read: Vec<_> = items.by_ref().collect::<Result<_, _>>().expect("values are left out");
    assert_eq!(read.len(), sent.len());
    for (seq, record) in read.iter().enumerate() {
        assert_eq!(record.seq, i64::try_from(seq).ok());
        assert_eq!(record.sum.is_some(), seq < FIT, "{seq}");
        assert_eq!(record.word, None, "no word is a number");
    }
    assert_eq!(items.rejected().count(), (12 - FIT + words) as u64);
}
