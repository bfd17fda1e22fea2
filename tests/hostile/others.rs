//! Storms over services of other specs, by socket: logins whose refresh token is another one after each use, or whose session ends, and
//! lists that go by a cursor of their records, several of which may have the same.

use std::time::Duration;

use serde_json::Value;
use tapwright::mock::hostile::Hostile;
use tapwright::mock::{Mock, Options, Running};
use tapwright::model::Api;

use crate::storm::in_threads;

/// How many seeds each is played.
const SEEDS: u64 = 42;

/// How often a read is taken up again before it is given up.
const MOST_RUNS: usize = 60;

/// How many services run at once: nearly all of their time is spent waiting.
const AT_ONCE: u64 = 16;

fn api(name: &str, text: &str) -> Api {
    let mut sources = tapwright::source::Sources::default();
    let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
    tapwright::load_text(name, text, &mut sources, &mut diagnostics).expect("the fixture is a good spec")
}

fn service(api: Api, seed: u64) -> Running {
    let hostile = Hostile { stall: Duration::from_millis(300), ..Hostile::new(seed) };
    Mock::start(api, Options { records: 30, ties: 1 + seed % 6, hostile: Some(hostile), ..Options::default() })
        .expect("a free port")
}

/// Reads a list to its end, each time with another client and from the text of a checkpoint.
macro_rules! read {
    ($client:expr, $list:ident) => {{
        let (mut given, mut mark, mut errors): (Vec<Value>, Option<String>, Vec<String>) = (Vec::new(), None, Vec::new());
        while errors.len() < MOST_RUNS {
            let client = $client;
            let listing = match &mark {
                Some(text) => client.$list().resume(text.parse().expect("a checkpoint")).expect("its own checkpoint"),
                None => client.$list(),
            };
            let mut items = listing.blocking().items();
            let mut error = None;
            for record in &mut items {
                match record {
                    Ok(record) => given.push(serde_json::to_value(record).expect("records are JSON")),
                    Err(failed) => error = Some(failed),
                }
            }
            mark = Some(items.checkpoint().to_string());
            match error {
                Some(error) => errors.push(format!("{error} {error:?} {:?}", error.body())),
                None => break,
            }
        }
        (given, errors)
    }};
}

/// What is wrong with what came of a list.
fn judged(mock: &Running, list: &str, (given, errors): (Vec<Value>, Vec<String>)) -> Result<(), String> {
    let mut problems = mock.judge(list, &given);
    problems.extend((errors.len() >= MOST_RUNS).then(|| "it comes to no end".to_owned()));
    problems.extend(errors.iter().filter(|error| ["canary", "mock-"].iter().any(|secret| error.contains(secret))).cloned());
    let struck = mock.struck();
    if problems.is_empty() { Ok(()) } else { Err(format!("{problems:?} after {struck:?} and {errors:#?}")) }
}

fn every_seed(play: impl Fn(u64) -> Result<(), String> + Sync) {
    let threads = usize::try_from(AT_ONCE).unwrap_or(1);
    let share = |thread: usize| (0..SEEDS).skip(thread).step_by(threads);
    let problems = in_threads(threads, |thread| {
        share(thread).filter_map(|seed| play(seed).err().map(|problem| format!("seed {seed}: {problem}"))).collect()
    });
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// The tokens that rotate are in a file, which is all that the next client has. A token is taken twice where its answer was lost.
#[test]
fn refresh_tokens_that_rotate() {
    every_seed(|seed| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("token").to_string_lossy().into_owned();
        let mock = service(api("logins.yaml", include_str!("../fixtures/logins.yaml")), seed);
        let client = || {
            let builder = logins::Client::builder().auth("refresh").client_id("id").client_secret("canary-secret");
            let builder = builder.refresh_token("canary-refresh").token_file(&file).base_url(mock.base_url());
            builder.build().expect("a login is complete")
        };
        judged(&mock, "items", read!(client(), items))
    });
}

#[test]
fn sessions() {
    every_seed(|seed| {
        let mock = service(api("logins.yaml", include_str!("../fixtures/logins.yaml")), seed);
        let client = || {
            let builder = logins::Client::builder().username("user").password("canary-password").base_url(mock.base_url());
            builder.build().expect("a login is complete")
        };
        judged(&mock, "items", read!(client(), items))
    });
}

/// Reads a list: its records, and what it told on the way.
type Reading<'a> = &'a dyn Fn() -> (Vec<Value>, Vec<String>);

#[test]
fn lists_by_a_cursor_of_their_records() {
    every_seed(|seed| {
        let mock = service(api("incremental.yaml", include_str!("../fixtures/incremental.yaml")), seed);
        let client = || incremental_api::Client::builder().base_url(mock.base_url()).build().expect("there are no inputs");
        // Which list has the strikes depends on the seed: those that come after it meet a service that behaves.
        let lists: [(&str, Reading<'_>); 7] = [
            ("events", &|| read!(client(), events)),
            ("searches", &|| read!(client(), searches)),
            ("newest", &|| read!(client(), newest)),
            ("members", &|| read!(client(), members)),
            ("journal", &|| read!(client(), journal)),
            ("synced", &|| read!(client(), synced)),
            ("delta", &|| read!(client(), delta)),
        ];
        let (name, read) = lists[usize::try_from(seed).unwrap_or(0) % lists.len()];
        judged(&mock, name, read())
    });
}
