//! Which operations list records, and where in the answer the records are.

use super::Choice;
use super::answer::{Answer, Array, Elements, Tells};
use super::request::{Input, Role};
use super::words::{Name, among, split};
use crate::model::{Method, Path};
use crate::openapi::Operation;

/// Keys that hold the records of a page whatever they are.
pub(crate) const GENERIC: &str = "data items results result records values value entries list rows content contents collection response elements \
     resources docs objects hits members documents";

/// Keys that hold something else, unless the operation is about just that.
pub(crate) const NEVER: &str = "errors error warnings links link included facets aggregations messages filters columns fields headers actions \
     parameters options details sort sorts notices diagnostics debug issues permissions scopes invalid failed \
     skipped success suggestions";

/// Words of operations that list or search.
pub(super) const LISTS: &str = "list search query find all index lists browse enumerate filter scan export";

/// From here on what is beside an array is more than a page needs.
const MANY_STRANGERS: usize = 4;

/// What an operation is about, in words.
#[derive(Debug)]
pub(super) struct Subject {
    /// The steps of its path that are no parameters, the last one first.
    pub(super) steps: Vec<Name>,
    /// Whether the path ends with a parameter.
    pub(super) is_detail: bool,
    /// The words of its id.
    pub(super) words: Name,
}

impl Subject {
    pub(super) fn new(operation: &Operation<'_>) -> Self {
        let path = operation.path.split(['?', '#']).next().unwrap_or_default();
        let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
        let is_param = |step: &&str| step.starts_with('{');
        Self {
            is_detail: steps.last().is_some_and(|last| last.ends_with('}') || last.starts_with('{')),
            steps: steps.iter().rev().filter(|step| !is_param(step)).map(|step| Name::new(step)).collect(),
            words: Name { words: split(operation.id.unwrap_or_default()), flat: String::new() },
        }
    }

    /// Whether a key names what the operation is about.
    fn is_about(&self, key: &Name) -> bool {
        let Some(last_word) = key.words.last() else { return false };
        let near = self.steps.iter().take(2).any(|step| {
            step.is_same_noun(key)
                || step.words.len() > key.words.len() && ends_with(&step.words, &key.words)
                || ends_with(&key.words, &step.words)
        });
        let singular = super::words::singular(last_word);
        // `HistoryRecords` of `/history`
        let bare = key.without("records items list entries data results info collection");
        let near = near || self.steps.first().is_some_and(|step| step.is_same_noun(&bare));
        near || self
            .words
            .words
            .iter()
            .any(|word| word.len() > 3 && (word == last_word || super::words::singular(word) == singular))
    }

    /// The last step of the path that names a thing.
    pub(super) fn noun(&self) -> Option<&Name> {
        self.steps.iter().find(|step| !step.has(LISTS)).or_else(|| self.steps.first())
    }

    /// Whether its path ends with the name of one thing.
    fn is_one(&self) -> bool {
        const MASS: &str = "history data info catalog inventory metadata activity log audit feed staff media content";
        let Some(last) = self.steps.first().and_then(|step| step.words.last()) else { return false };
        !self.is_detail
            && super::words::singular(last) == *last
            && !last.ends_with('s')
            && !among(last, LISTS)
            && !among(last, MASS)
    }

    /// Whether it gives figures, of which each is for a span of time.
    pub(super) fn counts(&self) -> bool {
        self.steps.iter().take(3).any(|step| step.has("counts stats statistics metrics analytics timeseries traffic"))
    }

    fn lists(&self) -> bool {
        self.words.has(LISTS) || self.steps.first().is_some_and(|step| step.has(LISTS))
    }
}

fn ends_with(words: &[String], tail: &[String]) -> bool {
    let Some(at) = words.len().checked_sub(tail.len()) else { return false };
    !tail.is_empty() && words[at..].iter().zip(tail).all(|(a, b)| super::words::singular(a) == super::words::singular(b))
}

/// The array that an answer is about.
pub(super) fn records<'a, 'd>(
    operation: &Operation<'d>,
    subject: &Subject,
    answer: &'a Answer<'d>,
    inputs: &[Input],
) -> Option<(&'a Array<'d>, Choice<Vec<Path>>)> {
    let mut scored: Vec<(f32, &Array<'d>, String)> = answer
        .arrays
        .iter()
        .map(|array| {
            let (score, reason) = score(operation, subject, answer, array, inputs);
            (score, array, reason)
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut ranked = scored.into_iter();
    let (mut confidence, best, mut reason) = ranked.next()?;
    let mut places = vec![best.path.clone()];
    // The other form of an answer that comes in two: the records themselves, or an object that has them under a key.
    let other = ranked.find(|(_, array, _)| array.path != best.path);
    if let Some((score, other, _)) = other {
        let in_two_forms = other.path.0.starts_with(&best.path.0) || best.path.0.starts_with(&other.path.0);
        if in_two_forms && score > 0.5 {
            places.push(other.path.clone());
            places.sort_by_key(|path| std::cmp::Reverse(path.0.len()));
        } else if confidence - score < 0.15 && score > 0.5 {
            confidence = confidence.min(0.5);
            reason = format!("`{}` or `{}`: which one are the records?", best.path, other.path);
        }
    }
    Some((best, Choice { value: places, confidence: confidence.clamp(0.0, 0.99), reason }))
}

fn score(
    operation: &Operation<'_>,
    subject: &Subject,
    answer: &Answer<'_>,
    array: &Array<'_>,
    inputs: &[Input],
) -> (f32, String) {
    let tells = answer.outputs.iter().any(|output| {
        output.weight >= 0.7 && output.tells.is_some_and(|tells| tells != Tells::Echo)
            || output.weight > 0.0 && output.name.is("limit perpage pagesize")
    });
    let takes = inputs.iter().any(|input| input.role.is_some_and(|role| role.is_position() || role == Role::Size));
    let asks = inputs.iter().any(|input| input.role.is_some_and(Role::is_position));
    let pages = tells || asks;
    let (mut score, reason) = if array.path.0.is_empty() {
        (0.95, "the answer is an array".to_owned())
    } else {
        let generic = array.name.is(GENERIC);
        let own = subject.is_about(&array.name);
        let mut score = 0.3;
        score += match (generic, own) {
            (true, true) => 0.45,
            (true, false) | (false, true) => 0.35,
            (false, false) => 0.0,
        };
        score += if tells { 0.25 } else { 0.0 } + if takes { 0.1 } else { 0.0 };
        score += match array.rivals {
            0 => 0.2,
            1 => 0.0,
            _ => -0.15,
        };
        score += 0.15 - 0.05 * f32::from(u8::try_from(array.strangers.min(6)).unwrap_or(6));
        score += if subject.lists() { 0.05 } else { 0.0 } + if named_list(answer) { 0.05 } else { 0.0 };
        // Under a name that says nothing it had better be alone.
        if !generic && !own && !tells {
            score -= 0.06 * f32::from(u8::try_from(array.members.min(6)).unwrap_or(6));
        }
        if array.name.is(NEVER) && !own {
            score -= 0.6;
        }
        let depth = f32::from(u8::try_from(array.path.0.len()).unwrap_or(9)) - 1.0;
        score -= 0.05 * depth;
        // What is nested in a thing belongs to that thing, unless all of it is a page.
        if array.in_entity && !(tells && takes && depth == 0.0) {
            score -= 0.5;
        }
        if array.in_stranger {
            score -= 0.3;
        }
        // Much that a page does not need makes it a thing of its own that has parts.
        if array.strangers >= MANY_STRANGERS && !generic {
            score -= 0.3;
        }
        // `/policy`, `/organisation`: one thing, unless something speaks of pages.
        if subject.is_one() && !tells && !takes {
            score -= if generic { 0.1 } else { 0.4 };
        }
        (score, describe(array, generic, own, tells))
    };
    match array.elements {
        Elements::Objects => {}
        Elements::Unknown => score -= 0.15,
        // A page of plain values is a list; a mere array of them is a value.
        Elements::Plain => score -= if pages { 0.15 } else { 0.6 },
    }
    if subject.is_detail && !asks {
        score = score.min(0.95) - 0.25;
    }
    if answer.is_mixed && !pages {
        score -= 0.4;
    }
    match &operation.method {
        Method::Get => {}
        // A search is sent as a body where it does not fit into an address.
        Method::Post if asks => {}
        method if method.is_query() => {}
        _ => score = score.min(0.2),
    }
    (score, reason)
}

fn named_list(answer: &Answer<'_>) -> bool {
    answer.name.is_some_and(|name| Name::new(name).has("list collection page paginated paged lists results listing pagination"))
}

fn describe(array: &Array<'_>, generic: bool, own: bool, tells: bool) -> String {
    let mut reason = format!("an array under `{}`", array.path);
    if own && !generic {
        reason += ", which is what the path is about";
    } else if array.rivals == 0 {
        reason += ", the only one";
    }
    if tells {
        reason += ", beside values that tell of pages";
    }
    reason
}
