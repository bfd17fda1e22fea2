//! Loads of the auth0 program into buckets: the same rows as in a folder, and errors that say what is wrong and hold no secret.

use std::process::{Command, Output};

use tapwright::mock::Running;
use tapwright_load::World;
use tapwright_load::bucket::{Conditions, SECRET, Store};
use tapwright_load::places::Place;
use tapwright_load::rows::assert_same;

/// A run of the program with variables of the environment.
fn run(mock: &Running, args: &[&str], variables: &[(&str, String)]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_connector"))
        .args(args)
        .args(["--base-url", &mock.base_url(), "--set", "domain=acme.eu.auth0.com", "--set", "client_id=id"])
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "LD_LIBRARY_PATH" || name == "TMPDIR"))
        .env("AUTH0__CLIENT_SECRET", "secret")
        .envs(variables.iter().map(|(name, value)| (*name, value)))
        .output()
        .expect("the program can be run");
    let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!all.contains(SECRET) && !all.contains("AWS4-HMAC"), "{args:?} shows a secret: {all}");
    output
}

/// What a run that goes well prints.
fn good(mock: &Running, args: &[&str], variables: &[(&str, String)]) -> String {
    let output = run(mock, args, variables);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a run says that does not go well.
fn bad(mock: &Running, args: &[&str], variables: &[(&str, String)]) -> String {
    let output = run(mock, args, variables);
    assert!(!output.status.success(), "{args:?} is no failure: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_loaded_is_what_there_is() {
    let world = World::new(250);
    for (kind, disposition, resources) in [
        ("parquet in a bucket", "merge", ["users", "logs", "organization_members"].as_slice()),
        ("jsonl in a bucket", "replace", &["clients"]),
        ("csv in a bucket", "append", &["logs"]),
    ] {
        let place = Place::new(kind);
        let sync = [&["sync"], resources, &["--to", &place.to, "--jobs", "3", "--disposition", disposition]].concat();
        // The second time rows are merged with those that are there, or replace them, or there is nothing new.
        for _ in 0..2 {
            good(&world.mock, &sync, &place.environment());
            for resource in resources {
                assert_same(place.records(resource), world.records(resource), &format!("{resource} in {kind}"));
            }
        }
        let shown = good(&world.mock, &["show", "--to", &place.to], &place.environment());
        for resource in resources {
            assert!(shown.contains(&format!("{resource}: {} rows", world.records(resource).len())), "{shown}");
        }
    }
}

#[test]
fn nothing_is_left_beside_the_files_of_tables() {
    let world = World::new(100);
    let place = Place::new("parquet in a bucket");
    let sync = ["sync", "users", "logs", "--to", &place.to];
    good(&world.mock, &sync, &place.environment());
    good(&world.mock, &sync, &place.environment());
    let bucket = place.to.split('/').nth(2).expect("it has a name");
    let keys: Vec<String> = Store::shared().objects(bucket).into_keys().collect();
    let is_known = |key: &String| {
        let name = key.strip_prefix("some/where/").expect("all is below the prefix");
        name == "_tapwright.json" || ["users/", "logs/"].iter().any(|table| name.starts_with(table))
    };
    assert!(keys.len() >= 3 && keys.iter().all(is_known), "{keys:?}");
}

#[test]
fn a_large_file_is_sent_in_parts() {
    let world = World::new(3_000);
    let place = Place::new("jsonl in a bucket");
    good(&world.mock, &["sync", "clients", "--disposition", "replace", "--to", &place.to], &place.environment());
    assert!(Store::shared().in_parts() > 0, "it has more than one part");
    assert_eq!(Store::shared().unfinished(), 0, "each is whole");
    assert_same(place.records("clients"), world.records("clients"), "clients");
}

#[test]
fn of_two_programs_one_is_refused() {
    let world = World::new(20);
    let place = Place::new("parquet in a bucket");
    let (mock, environment) = (&world.mock, place.environment());
    good(mock, &["sync", "logs", "--to", &place.to], &environment);
    let runs = std::thread::scope(|scope| {
        let run = || scope.spawn(|| run(mock, &["sync", "users", "--full-refresh", "--to", &place.to], &environment));
        [run(), run(), run(), run()].map(|thread| thread.join().expect("it ends"))
    });
    // Who is late is told so; who is not has its rows there once.
    let late: Vec<_> = runs.iter().filter(|run| !run.status.success()).collect();
    for run in &late {
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(said.contains("another program loads into it at the same time"), "{said}");
    }
    assert!(late.len() < runs.len(), "one of them is not late");
    assert_same(place.records("users"), world.records("users"), "users");
}

#[test]
fn what_can_not_be_is_an_error_that_says_why() {
    let world = World::new(10);
    let to = format!("parquet:s3://{}/x", Store::bucket());
    let sync = |to: &str, variables: &[(&'static str, String)]| bad(&world.mock, &["sync", "logs", "--to", to], variables);
    let environment = Store::shared().environment();
    let with = |name: &'static str, value: &str| {
        let other = environment.iter().filter(|(held, _)| *held != name).cloned();
        other.chain([(name, value.to_owned())]).collect::<Vec<_>>()
    };
    let denied = sync(&to, &with("AWS_ACCESS_KEY_ID", "somebody"));
    assert!(
        denied.contains("are not accepted") && denied.contains("InvalidAccessKeyId") && !denied.contains("somebody"),
        "{denied}"
    );
    let open = sync(&to, &with("AWS_ENDPOINT_URL", "http://203.0.113.7:9"));
    assert!(open.contains("without TLS it is only sent to this machine"), "{open}");
    let gone = sync(&to, &with("AWS_ENDPOINT_URL", "http://127.0.0.1:1"));
    assert!(gone.contains("error trying to connect") || gone.contains("Connect"), "{gone}");
    for address in ["parquet:s3://", "parquet:s3://user:s3cr3t-of-the-bucket@lake/x", "csv:s3://lake/x?key=s3cr3t-of-the-bucket"]
    {
        let told = sync(address, &environment);
        assert!(told.contains("credentials and settings come from the environment"), "{address}: {told}");
    }
    assert!(sync("parquet:ftp://lake/x", &environment).contains("buckets are `s3://`, `gs://` and `az://`"));
    for conditions in [Conditions::Ignored, Conditions::Refused] {
        let store = Store::start(conditions);
        for _ in 0..2 {
            let told = sync(&to, &store.environment());
            assert!(told.contains("does not put objects on a condition"), "{conditions:?}: {told}");
        }
    }
}
