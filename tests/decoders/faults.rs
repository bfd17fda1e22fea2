//! Packed bodies that go wrong are errors, or are asked for again; never are there fewer records.

use decoders::ErrorKind;
use tapwright::mock::{Fault, Options};

use crate::support::{World, values, wait};

fn world(fault: &str) -> World {
    World::new(Options { records: 30, faults: vec![fault.parse::<Fault>().expect("a fault")], ..Options::default() })
}

#[test]
fn a_fault_that_stays_is_an_error() {
    for (fault, kind) in [
        ("gzip-cut:every=1", ErrorKind::Transport),
        ("gzip-damaged:every=1", ErrorKind::Transport),
        ("bomb:every=1", ErrorKind::TooLarge),
        ("html:every=1", ErrorKind::Page),
        ("truncate:every=1", ErrorKind::Transport),
    ] {
        let world = world(fault);
        macro_rules! fails {
            ($($resource:ident)+) => {$(
                let error = wait(world.client.$resource().items().collect()).expect_err(fault);
                assert_eq!(error.kind(), kind, "{}, {fault}: {error}", stringify!($resource));
                let error = world.client.$resource().blocking().items().next().expect("an error").expect_err(fault);
                assert_eq!(error.kind(), kind, "{}, {fault}, blocking: {error}", stringify!($resource));
            )+};
        }
        fails!(documents lines tables exports sheets);
    }
}

#[test]
fn a_fault_that_passes_loses_nothing() {
    for fault in ["gzip:every=2", "gzip-cut:every=3", "gzip-damaged:every=3", "cut:every=3"] {
        let world = world(fault);
        macro_rules! passes {
            ($($resource:ident)+) => {$(
                let expected = world.expected(stringify!($resource));
                let read: Vec<_> = world.client.$resource().blocking().items().collect::<Result<_, _>>().unwrap_or_default();
                // A body that says it is whole and is not can not be asked for again: it is an error.
                assert!(values(&read) == expected || fault == "cut:every=3" && read.is_empty(), "{}, {fault}", stringify!($resource));
            )+};
        }
        passes!(documents lines tables tails);
    }
}
