//! What it takes to mend a failure reaches the caller's error.

use rules::{ErrorKind, FailureKind};

use crate::support::{World, wait};

#[test]
fn every_failure_has_its_kind() {
    let cases = [
        // A rule says so.
        (
            r#"answer:every=1,body={"ok":false,"error":"no_scope","detail":{"hint":"canary-secret is not enough"}}"#,
            ErrorKind::Refused,
            FailureKind::Config,
            "flaky: 200 [no_scope] it refuses: no_scope (*** is not enough)",
        ),
        ("answer:every=1,status=507", ErrorKind::Status, FailureKind::Transient, "flaky: 507 the service failed"),
        (
            r#"answer:every=1,status=404,body={"message":"moved"}"#,
            ErrorKind::Status,
            FailureKind::System,
            "flaky: 404 gone: moved",
        ),
        (
            r#"answer:every=1,status=409,body={"detail":"a lock"}"#,
            ErrorKind::Status,
            FailureKind::Transient,
            "flaky: 409 busy with a lock (after 1 retry)",
        ),
        // The status says so.
        ("answer:every=1,status=400", ErrorKind::Status, FailureKind::Config, "flaky: 400 bad request"),
        ("answer:every=1,status=403", ErrorKind::Status, FailureKind::Config, "flaky: 403 forbidden"),
        (
            "answer:every=1,status=418",
            ErrorKind::Status,
            FailureKind::Config,
            "flaky: 418 the service refuses the request (after 1 retry)",
        ),
        ("500:every=1", ErrorKind::Status, FailureKind::Transient, "flaky: 500 [injected] An injected fault"),
        ("html:every=1", ErrorKind::Page, FailureKind::System, "flaky: 200 the body is no JSON"),
        ("reset:every=1", ErrorKind::Transport, FailureKind::Transient, "flaky: "),
    ];
    for (fault, kind, failure, message) in cases {
        let world = World::new(9, &[fault]);
        let errors = [
            wait(world.client.flaky().items().collect()).expect_err(fault),
            world.client.flaky().blocking().items().next().expect("an error").expect_err(fault),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.failure()), (kind, failure), "{fault}: {error}");
            assert!(error.to_string().starts_with(message), "{fault}: {error}");
            assert!(!format!("{error} {error:?} {:?}", error.body()).contains("canary-secret"), "{fault}");
        }
    }
}
