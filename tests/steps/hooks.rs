//! Hooks are called with each record, in its own type.

use std::sync::Mutex;

use steps::models::Tag;
use steps::{ErrorKind, HookError, Hooks};

use crate::support::{World, builder, values, wait};

/// Makes every tag loud, leaves out those of some people, and refuses those of one.
#[derive(Default)]
struct Loud {
    seen: Mutex<Vec<String>>,
    refused: Option<i64>,
}

impl Hooks for Loud {
    fn shout(&self, mut record: Tag) -> Result<Option<Tag>, HookError> {
        if self.refused.is_some() && record.seq == self.refused {
            return Err("nobody may read this".into());
        }
        self.seen.lock().map_err(|_| "another test failed")?.push(record.tags.clone());
        record.tags = record.tags.to_uppercase();
        Ok(record.seq.is_some_and(|seq| seq % 3 != 0).then_some(record))
    }
}

#[test]
fn a_hook_changes_and_leaves_out() {
    let world = World::new(30);
    let plain = wait(world.client.tags().items().collect()).expect("every page is good");
    let client = builder(&world.mock).hooks(Loud::default()).build().expect("every input is given");
    let mut items = client.tags().blocking().items();
    let read: Vec<_> = items.by_ref().collect::<Result<_, _>>().expect("every page is good");
    let kept = plain.iter().filter(|tag| tag.seq.is_some_and(|seq| seq % 3 != 0));
    let expected: Vec<_> = kept
        .cloned()
        .map(|mut tag| {
            tag.tags = tag.tags.to_uppercase();
            tag
        })
        .collect();
    assert!(expected.len() > 5 && expected.len() < plain.len());
    assert_eq!(values(&read), values(&expected));
    assert_eq!(wait(client.tags().items().collect()).expect("every page is good"), read);
    let empty = world.sent("tags", &[]).iter().filter(|person| person["tags"].as_array().is_none_or(Vec::is_empty)).count();
    assert_eq!(items.filtered(), (plain.len() - expected.len() + empty) as u64);
    let page = wait(client.tags().page()).expect("the page is good");
    assert_eq!(values(&page.records), values(&expected[..page.records.len()]));
}

#[test]
fn a_hook_that_fails_follows_the_contract() {
    let world = World::new(30);
    let plain = wait(world.client.tags().items().collect()).expect("every page is good");
    let refused = plain[7].seq;
    let client = builder(&world.mock).hooks(Loud { refused, ..Loud::default() }).build().expect("every input is given");
    let read: Vec<_> = client.tags().blocking().items().collect();
    let error = read.last().expect("it is no empty list").as_ref().expect_err("the hook refuses it");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("the hook refuses the record: nobody may read this"), "{error}");
}
