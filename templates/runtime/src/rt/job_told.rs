//! What a job has said of itself, and the errors that come of it.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::time::Duration;

use crate::rt::core::Core;
use crate::rt::error::{Error, ErrorKind};
use crate::rt::message::Response;
use crate::rt::problem;

/// How much of what a service says stands in an error.
const LONGEST: usize = 200;

/// What a job has said of itself last.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Its id, once it is known.
    pub id: Option<String>,
    /// Its status.
    pub status: Option<String>,
    /// How far it has come.
    pub progress: Option<String>,
}

impl Told {
    /// The job in error texts.
    #[must_use]
    pub fn name(&self, core: &Core) -> String {
        format!("the job `{}`", printable(core, self.id.as_deref().unwrap_or_default()))
    }

    /// Its status in error texts.
    fn status(&self, core: &Core) -> String {
        printable(core, self.status.as_deref().unwrap_or_default())
    }

    /// It was started, and the answer does not say what it is called.
    #[cold]
    #[must_use]
    pub fn nameless(&self, core: &Core, answer: &Response) -> Error {
        let message = "the answer does not name the job, which may be running now; starting another is left to you";
        answered(core, Error::new(ErrorKind::Page, message), answer)
    }

    /// The answer has no status.
    #[cold]
    #[must_use]
    pub fn silent(&self, core: &Core, answer: &Response) -> Error {
        let message = format!("the answer does not say how {} goes", self.name(core));
        answered(core, Error::new(ErrorKind::Page, message), answer)
    }

    /// It takes longer than anyone wants to wait.
    #[cold]
    #[must_use]
    pub fn too_late(&self, core: &Core, deadline: Duration) -> Error {
        let status = self.status.as_ref().map(|_| format!(", which is `{}` now", self.status(core))).unwrap_or_default();
        let progress = self.progress.as_deref().map(|text| format!(" (progress {})", printable(core, text))).unwrap_or_default();
        let message = format!(
            "{} is not completed after {} s{status}{progress}; it may go on: resume from the checkpoint later",
            self.name(core),
            deadline.as_secs(),
        );
        Error::new(ErrorKind::Timeout, message)
    }

    /// It is not there any more.
    #[must_use]
    pub fn gone(&self, core: &Core, error: Error) -> Error {
        match error.status() {
            Some(404 | 410) => {
                let message =
                    format!("{} is gone: {}; start another by reading from the beginning", self.name(core), error.message());
                error.with_message(message).with_kind(ErrorKind::Job).retryable(false)
            }
            _ => error,
        }
    }

    /// It failed, for the reason that the service gives.
    #[cold]
    #[must_use]
    pub fn failed(&self, core: &Core, said: Option<&str>, answer: &Response) -> Error {
        let why = said.map(|text| format!(": {}", printable(core, text))).unwrap_or_default();
        let message = format!("{} ended with the status `{}`{why}", self.name(core), self.status(core));
        answered(core, Error::new(ErrorKind::Job, message), answer)
    }

    /// It has a status that the spec does not know.
    #[cold]
    #[must_use]
    pub fn unknown(&self, core: &Core, known: impl Iterator<Item = &'static str>) -> Error {
        let known: Vec<String> = known.map(|word| format!("`{word}`")).collect();
        let (name, status) = (self.name(core), self.status(core));
        Error::new(ErrorKind::Job, format!("{name} has the status `{status}`, and the spec knows only {}", known.join(", ")))
    }
}

/// The request that starts a job, where nobody knows what became of it.
#[must_use]
pub fn lost(error: Error) -> Error {
    let unknown = error.is_unanswered() || error.status().is_some_and(|status| status >= 500);
    if !unknown {
        return error;
    }
    let message = format!(
        "{}; the request is not repeated, as a job may be running now: if you learn its id, go on with `job`",
        error.message()
    );
    error.with_message(message).retryable(false)
}

/// What a service says, as it may stand in an error.
fn printable(core: &Core, text: &str) -> String {
    core.mask(text).chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn answered(core: &Core, error: Error, answer: &Response) -> Error {
    let body = core.mask(&String::from_utf8_lossy(&answer.body));
    error.with_response(answer.status, problem::request_id(&answer.headers), body.as_bytes())
}
