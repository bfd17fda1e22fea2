//! What follows from a response: the list goes on, ends, or leaves a partition out; async and blocking alike.

use rules::{ErrorKind, Skipped};

use crate::support::{World, wait};

/// Every record arrives although the service says no now and then, in ways that only the rules tell.
#[test]
fn what_passes_loses_nothing() {
    let cases: &[(&str, &[&str])] = &[
        ("Slack's way to throttle", &[r#"answer:every=3,body={"ok":false,"error":"ratelimited"}"#]),
        ("with a wait", &[r#"answer:every=3,header=retry-after:0.01,body={"error":"ratelimited","ok":false}"#]),
        (
            "a 403 when nothing is left",
            &["answer:every=3,status=403,header=x-ratelimit-remaining:0,header=x-ratelimit-reset:0.01"],
        ),
        ("a 403 with a wait", &["answer:every=3,status=403,header=retry-after:0.01"]),
        ("a token that is over early", &[r#"answer:every=4,body={"ok":false,"error":"token_expired"}"#]),
        ("a retry rule", &[r#"answer:every=4,status=409,on=flaky,body={"detail":"a lock"}"#]),
    ];
    for (what, faults) in cases {
        let world = World::new(50, faults);
        let expected = world.ids("flaky");
        let read = wait(world.client.flaky().items().collect()).unwrap_or_else(|error| panic!("{what}, async: {error}"));
        assert_eq!(read.iter().map(|item| item.id.clone()).collect::<Vec<_>>(), expected, "{what}, async");
        let read: Vec<_> = world
            .client
            .flaky()
            .blocking()
            .items()
            .map(|item| item.unwrap_or_else(|error| panic!("{what}, blocking: {error}")).id)
            .collect();
        assert_eq!(read, expected, "{what}, blocking");
        assert!(world.mock.stats().requests_of("flaky") > 16, "{what}: nothing went wrong");
    }
}

/// A token that the service takes for expired in a body is fetched anew, once a call.
#[test]
fn a_refused_token_is_replaced() {
    let world = World::new(20, &[r#"answer:every=3,on=flaky,body={"ok":false,"error":"token_revoked"}"#]);
    assert_eq!(wait(world.client.flaky().items().collect()).expect("every page comes").len(), 20);
    assert!(world.mock.stats().tokens >= 2, "{:?}", world.mock.stats());

    let world = World::new(20, &[r#"answer:every=1,on=flaky,body={"ok":false,"error":"token_revoked"}"#]);
    let error = wait(world.client.flaky().items().collect()).expect_err("no token is good");
    assert_eq!((error.kind(), world.mock.stats().tokens), (ErrorKind::Auth, 2), "{error}");
}

/// What was passed over, in a few words.
fn told(skipped: &[Skipped]) -> Vec<String> {
    skipped.iter().map(|list| format!("{} {:?} {} {}", list.resource, list.partition, list.status, list.rule)).collect()
}

/// One list of several may not be read: the others are, and the report says which was not.
#[test]
fn a_partition_is_passed_over_and_counted() {
    let channels = World::new(4, &[]).ids("channels");
    let closed = channels[1].clone();
    let cases = [
        ("at once", format!("answer:every=1,status=403,on=members,parent={closed}"), "status 403, 451: skip_partition", 0),
        // Nine records are on two pages; the second is refused.
        ("in the middle", format!("answer:every=2,status=451,on=members,parent={closed}"), "status 403, 451: skip_partition", 7),
        ("ignored", format!("answer:every=2,status=404,on=members,parent={closed}"), "status 404: ignore", 7),
        (
            "ignored by its text",
            format!("answer:every=1,status=410,on=members,parent={closed},body=It is no longer here."),
            r#"status 400-499 and content "no longer here": ignore"#,
            0,
        ),
    ];
    for (what, fault, rule, left) in cases {
        let world = World::new(4, &[&fault]);
        let status: u16 = fault.split("status=").nth(1).and_then(|rest| rest.get(..3)?.parse().ok()).expect("a status");
        let expected = [format!(r#"members [("channels.id", "\"{closed}\"")] {status} {rule}"#)];
        let of = |member: &rules::models::Member| member.channels_id.clone();
        let count = |members: &[String]| members.iter().filter(|channel| **channel == closed).count();

        let (read, skipped) = wait(async {
            let mut items = world.client.members().items();
            let mut read = Vec::new();
            while let Some(member) = items.try_next().await.unwrap_or_else(|error| panic!("{what}: {error}")) {
                read.push(of(&member));
            }
            (read, items.skipped().clone())
        });
        assert_eq!((read.len(), count(&read)), (27 + left, left), "{what}, async");
        assert_eq!((told(skipped.kept()), skipped.count()), (expected.to_vec(), 1), "{what}, async");

        let world = World::new(4, &[&fault]);
        let mut items = world.client.members().blocking().items();
        let read: Vec<_> = items.by_ref().map(|member| of(&member.unwrap_or_else(|error| panic!("{what}: {error}")))).collect();
        assert_eq!((read.len(), count(&read)), (27 + left, left), "{what}, blocking");
        assert_eq!(told(items.skipped().kept()), expected, "{what}, blocking");
    }
}

/// A run that stops beside a list that was passed over goes on after it.
#[test]
fn a_run_goes_on_beside_what_was_passed_over() {
    let closed = World::new(4, &[]).ids("channels")[1].clone();
    let world = World::new(4, &[&format!("answer:every=1,status=403,on=members,parent={closed}")]);
    let all: Vec<_> = world.client.members().blocking().items().map(|member| member.expect("a record").id).collect();
    assert_eq!(all.len(), 27);
    for stop in 0..=all.len() {
        let mut items = world.client.members().blocking().items();
        let mut read: Vec<_> = items.by_ref().take(stop).map(|member| member.expect("a record").id).collect();
        let rest = world.client.members().resume(items.checkpoint()).expect("its own");
        read.extend(wait(rest.items().collect()).expect("every page comes").into_iter().map(|member| member.id));
        assert_eq!(read, all, "stopped after {stop}");
    }
}

/// A rule of the client does not reach a resource that says it has none.
#[test]
fn a_resource_can_do_without_rules() {
    let world = World::new(20, &[r#"answer:every=1,on=plain,body={"ok":false,"error":"no_such_thing","items":[]}"#]);
    assert_eq!(wait(world.client.plain().items().collect()).expect("it is an empty page").len(), 0);
}

/// A call that is no list: an ignored answer is an empty one, and a POST is repeated only where that does no harm.
#[test]
fn calls_follow_rules_as_well() {
    let world = World::new(1, &["answer:every=1,status=404,on=touch"]);
    wait(async { world.client.touch().await }).expect("it is ignored");
    world.client.touch().blocking().expect("it is ignored");

    let world = World::new(1, &["503:every=1,on=touch"]);
    let error = wait(async { world.client.touch().await }).expect_err("it fails");
    assert_eq!((error.status(), world.mock.stats().requests_of("touch")), (Some(503), 1), "{error}");

    let world = World::new(1, &["503:every=1,burst=2,on=create"]);
    let error = wait(async { world.client.create("one").await }).expect_err("it fails for ever");
    assert_eq!((error.status(), world.mock.stats().requests_of("create")), (Some(503), 5), "{error}");
    let world = World::new(1, &["503:every=2,on=create"]);
    for _ in 0..2 {
        wait(async { world.client.create("one").await }).expect("its key makes it repeatable");
    }
    assert_eq!(world.mock.stats().requests_of("create"), 3);
}
