//! A run through a storm, however often it has to be taken up again, and what must be true of it.

use std::collections::BTreeSet;

use paging::{Error, ErrorKind};
use tapwright::mock::hostile::{Outcome, Scenario};

use crate::world::{Mode, Resource, Run, SECRET, World};

/// How often a run is taken up again before it is given up.
const MOST_RUNS: usize = 60;

/// The most requests of a run, for each record that there is.
const MOST_REQUESTS: u64 = 25;

/// All that came of a resource, whatever happened on the way.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) keys: Vec<String>,
    pub(crate) errors: Vec<Error>,
}

/// Reads a resource to its end, each time with another client and from the text of a checkpoint.
pub(crate) fn read(world: &impl World, resource: &Resource, mode: Mode) -> Result<Story, String> {
    let mut story = Story::default();
    let mut mark: Option<String> = None;
    for _ in 0..MOST_RUNS {
        let Run { keys, mark: reached, error } = resource.read(&world.client(), mark.as_deref(), mode);
        story.keys.extend(keys);
        mark = reached;
        let Some(error) = error else { return Ok(story) };
        story.errors.push(error);
    }
    Err(format!(
        "{MOST_RUNS} runs came to no end; the last error is {}",
        story.errors.last().map(ToString::to_string).unwrap_or_default()
    ))
}

/// Everything that must be true of a run that came to its end.
pub(crate) fn judge(world: &impl World, resource: &Resource, story: &Story) -> Result<(), String> {
    let service = world.service();
    let (oracle, struck) = (resource.oracle(service), service.struck());
    let given: BTreeSet<&String> = story.keys.iter().collect();
    if let Some(lost) = oracle.lasting.iter().find(|key| !given.contains(key)) {
        return Err(format!("lost: {lost} ({} of {} given)", given.len(), oracle.lasting.len()));
    }
    if let Some(invented) = story.keys.iter().find(|key| !oracle.ever.contains(*key)) {
        return Err(format!("invented: {invented}"));
    }
    // What moved may come twice, which its keys tell; nothing may ever be lost.
    let moves = struck.iter().filter_map(|name| Scenario::named(name)).any(Scenario::may_repeat);
    if !moves && given.len() != story.keys.len() {
        return Err(format!("repeated: {} records, {} of them different", story.keys.len(), given.len()));
    }
    if !moves && !story.keys.iter().eq(&oracle.lasting) {
        return Err("in another order".to_owned());
    }
    let requests = service.stats().total();
    if requests > MOST_REQUESTS * (oracle.ever.len() as u64 + 20) {
        return Err(format!("{requests} requests for {} records", oracle.ever.len()));
    }
    story.errors.iter().try_for_each(|error| tells(error, resource, &struck))?;
    keeps_secrets(world, story)
}

/// Whether an error is of a kind that something which struck explains, and says where it happened.
fn tells(error: &Error, resource: &Resource, struck: &[&str]) -> Result<(), String> {
    let kind = format!("{:?}", error.kind());
    let told = struck.iter().filter_map(|name| Scenario::named(name)).any(|scenario| match scenario.outcome {
        Outcome::Told(kinds) => kinds.contains(&kind.as_str()),
        Outcome::Survived => false,
    });
    // What strikes again and again wears the retries out.
    let worn_out = error.is_retryable() && !struck.is_empty();
    // Whatever refuses a token is a failure to log in; and a new token that is refused as well is not replaced again.
    let revoked = struck.iter().filter(|name| **name == "token-revoked").count();
    let is_login = error.kind() == ErrorKind::Auth && !struck.is_empty() && (error.status() != Some(401) || revoked > 1);
    if !told && !worn_out && !is_login {
        return Err(format!("{kind}, which nothing explains: {error}"));
    }
    if error.operation().is_empty() {
        return Err(format!("an error that names no operation while `{}` is read: {error}", resource.name));
    }
    if matches!(error.kind(), ErrorKind::Status | ErrorKind::RateLimited) && error.status().is_none() {
        return Err(format!("an error without a status: {error}"));
    }
    Ok(())
}

/// Whether neither errors nor other origins were told a secret or a token.
fn keeps_secrets(world: &impl World, story: &Story) -> Result<(), String> {
    let leaks = |text: &str| text.contains(SECRET) || text.contains("mock-token-");
    for error in &story.errors {
        if leaks(&format!("{error} {error:?} {error:#?} {:?}", error.body())) {
            return Err(format!("an error tells a secret: {error:?}"));
        }
    }
    match world.service().strays().first() {
        Some(stray) => Err(format!("another origin was sent {stray:?}")),
        None => Ok(()),
    }
}
