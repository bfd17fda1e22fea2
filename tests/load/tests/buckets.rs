//! Loads of the auth0 program into buckets: the same rows as in a folder, and errors that say what is wrong and hold no secret.

use std::process::{Command, Output};

use tapwright::mock::Running;
use tapwright_load::World;
use tapwright_load::bucket::{Cloud, Conditions, NOWHERE, SECRET, Store, service_account};
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
    let is_secret = |text: &str| all.contains(text);
    let shows = [SECRET, "PRIVATE KEY"].into_iter().chain(Cloud::ALL.map(Cloud::authorization)).find(|text| is_secret(text));
    assert_eq!(shows, None, "{args:?} shows a secret: {all}");
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
    for cloud in Cloud::ALL {
        for (format, disposition, resources) in [
            ("parquet", "merge", ["users", "logs", "organization_members"].as_slice()),
            ("jsonl", "replace", &["clients"]),
            ("csv", "append", &["logs"]),
        ] {
            let kind = format!("{format} in {}", cloud.scheme());
            let place = Place::new(&kind);
            let sync = [&["sync"], resources, &["--to", &place.to, "--jobs", "3", "--disposition", disposition]].concat();
            // The second time rows are merged with those that are there, or replace them, or there is nothing new.
            for _ in 0..2 {
                good(&world.mock, &sync, &place.environment());
                for resource in resources {
                    assert_same(place.records(resource), world.records(resource), &format!("{resource} as {kind}"));
                }
            }
            let shown = good(&world.mock, &["show", "--to", &place.to], &place.environment());
            for resource in resources {
                assert!(shown.contains(&format!("{resource}: {} rows", world.records(resource).len())), "{kind}: {shown}");
            }
        }
    }
}

#[test]
fn nothing_is_left_beside_the_files_of_tables() {
    let world = World::new(100);
    for cloud in Cloud::ALL {
        let place = Place::new(&format!("parquet in {}", cloud.scheme()));
        let sync = ["sync", "users", "logs", "--to", &place.to];
        good(&world.mock, &sync, &place.environment());
        good(&world.mock, &sync, &place.environment());
        let (store, bucket) = Store::of(place.to.trim_start_matches("parquet:"));
        let keys: Vec<String> = store.objects(bucket).into_keys().collect();
        let is_known = |key: &String| {
            let name = key.strip_prefix("some/where/").expect("all is below the prefix");
            name == "_tapwright.json" || ["users/", "logs/"].iter().any(|table| name.starts_with(table))
        };
        assert!(keys.len() >= 3 && keys.iter().all(is_known), "{cloud:?}: {keys:?}");
    }
}

#[test]
fn a_large_file_is_sent_in_parts() {
    let world = World::new(3_000);
    for cloud in Cloud::ALL {
        let place = Place::new(&format!("jsonl in {}", cloud.scheme()));
        good(&world.mock, &["sync", "clients", "--disposition", "replace", "--to", &place.to], &place.environment());
        assert!(Store::shared(cloud).in_parts() > 0, "{cloud:?}: it has more than one part");
        assert_eq!(Store::shared(cloud).unfinished(), 0, "{cloud:?}: each is whole");
        assert_same(place.records("clients"), world.records("clients"), &format!("clients in {cloud:?}"));
    }
}

#[test]
fn of_two_programs_one_is_refused() {
    let world = World::new(20);
    for cloud in Cloud::ALL {
        let place = Place::new(&format!("parquet in {}", cloud.scheme()));
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
            assert!(said.contains("another program loads into it at the same time"), "{cloud:?}: {said}");
        }
        assert!(late.len() < runs.len(), "{cloud:?}: one of them is not late");
        assert_same(place.records("users"), world.records("users"), &format!("users in {cloud:?}"));
    }
}

#[test]
fn what_can_not_be_is_an_error_that_says_why() {
    let world = World::new(10);
    // What is refused is tried again for seconds.
    std::thread::scope(|scope| {
        for cloud in Cloud::ALL {
            let mock = &world.mock;
            scope.spawn(move || refused(mock, cloud));
        }
    });
    let environment = Store::shared(Cloud::S3).environment();
    for address in ["parquet:s3://", "parquet:s3://user:s3cr3t-of-the-bucket@lake/x", "csv:s3://lake/x?key=s3cr3t-of-the-bucket"]
    {
        let told = bad(&world.mock, &["sync", "logs", "--to", address], &environment);
        assert!(told.contains("credentials and settings come from the environment"), "{address}: {told}");
    }
    let told = bad(&world.mock, &["sync", "logs", "--to", "parquet:ftp://lake/x"], &environment);
    assert!(told.contains("buckets are `s3://`, `gs://` and `az://`"), "{told}");
}

/// Loads into a store that knows another account, is elsewhere, or has no conditions.
fn refused(mock: &Running, cloud: Cloud) {
    let to = format!("parquet:{}://{}/x", cloud.scheme(), Store::bucket());
    let sync = |variables: &[(&'static str, String)]| bad(mock, &["sync", "logs", "--to", &to], variables);
    let store = Store::shared(cloud);
    let denied = sync(&store.environment_of("somebody"));
    let code = if cloud == Cloud::Az { "AuthenticationFailed" } else { "InvalidAccessKeyId" };
    assert!(denied.contains("are not accepted") && denied.contains(code) && !denied.contains("somebody"), "{denied}");
    let open = sync(&store.environment_at("http://203.0.113.7:9"));
    assert!(open.contains("without TLS it is only sent to this machine"), "{cloud:?}: {open}");
    let gone = sync(&store.environment_at("http://127.0.0.1:1"));
    assert!(gone.contains("127.0.0.1: client error (Connect)"), "{cloud:?}: {gone}");
    let nowhere = format!("parquet:{}://{NOWHERE}/x", cloud.scheme());
    let gone = bad(mock, &["sync", "logs", "--to", &nowhere], &store.environment());
    assert!(gone.contains("NoSuchBucket"), "{cloud:?}: {gone}");
    for conditions in [Conditions::Ignored, Conditions::Refused] {
        let store = Store::start(cloud, conditions);
        for _ in 0..2 {
            let told = sync(&store.environment());
            assert!(told.contains("does not put objects on a condition"), "{cloud:?}, {conditions:?}: {told}");
        }
    }
}

#[test]
fn what_the_environment_lacks_is_told() {
    let world = World::new(10);
    let folder = tempfile::tempdir().expect("a folder");
    let file = |text: &str| {
        let path = folder.path().join("account.json");
        std::fs::write(&path, text).expect("it can be written");
        path.display().to_string()
    };
    let (gs, az) = (format!("parquet:gs://{}/x", Store::bucket()), "parquet:az://lake/x");
    let at = Store::shared(Cloud::Gs).environment().swap_remove(0);
    let keyless = format!("{{\"private_key\": \"{SECRET}\"}}");
    for (to, name, value, why) in [
        (gs.as_str(), "GOOGLE_SERVICE_ACCOUNT", file(SECRET), "expected value at line 1 column 1"),
        (&gs, "GOOGLE_SERVICE_ACCOUNT", "/nowhere.json".to_owned(), "No such file or directory"),
        (&gs, "GOOGLE_SERVICE_ACCOUNT_KEY", keyless, "missing field `private_key_id`"),
        (&gs, "GOOGLE_SERVICE_ACCOUNT_KEY", format!("\"{SECRET}\""), "invalid type"),
        (az, "AZURE_STORAGE_ACCOUNT_KEY", SECRET.to_owned(), "Account must be specified"),
    ] {
        let told = bad(&world.mock, &["sync", "logs", "--to", to], &[at.clone(), (name, value)]);
        let names = name.split('_').next().unwrap_or_default();
        assert!(told.contains(&format!("a variable `{names}_...` of the environment: {why}")), "{told}");
    }
    let variables = [at, ("GOOGLE_SERVICE_ACCOUNT", file(&service_account("tester")))];
    good(&world.mock, &["sync", "logs", "--to", &gs], &variables);
}
