//! A change, and what it means at each level.

use super::Bump;

/// What differs, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where: `users.identities[].provider`.
    pub path: String,
    /// What differs, in words.
    pub what: String,
    /// Whether code that uses the old crate still compiles.
    pub rust: Effect,
    /// Whether the old crate reads what the new API sends.
    pub decode: Effect,
    /// What a destination has to do with the tables that it has.
    pub table: Effect,
    /// The resources whose checkpoints are refused, those that are read for them included.
    pub checkpoints: Vec<String>,
    /// The resources whose state is refused, so that the next run reads everything again.
    pub states: Vec<String>,
}

/// What a change means at one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Whether it does harm.
    pub verdict: Verdict,
    /// Why, in words; empty where the level is not touched.
    pub reason: String,
}

/// Whether a change does harm at a level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The level is not touched.
    #[default]
    None,
    /// Whoever uses it need not do anything, or gains something.
    Safe,
    /// There is not enough known to tell.
    Unknown,
    /// Whoever uses it has to do something.
    Breaking,
}

impl Verdict {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Safe => "safe",
            Self::Unknown => "unknown",
            Self::Breaking => "breaking",
        }
    }
}

/// Something that a change may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Code that uses the crate.
    Rust,
    /// Old crates and new payloads.
    Decode,
    /// The tables of a destination.
    Table,
    /// What was saved of earlier runs.
    State,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rust, Self::Decode, Self::Table, Self::State];

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust API",
            Self::Decode => "decode",
            Self::Table => "table",
            Self::State => "state",
        }
    }

    /// Its name for tools.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Decode => "decode",
            Self::Table => "table",
            Self::State => "state",
        }
    }
}

/// What does no harm.
pub(super) fn safe(reason: impl Into<String>) -> Effect {
    Effect { verdict: Verdict::Safe, reason: reason.into() }
}

/// What does harm.
pub(super) fn breaking(reason: impl Into<String>) -> Effect {
    Effect { verdict: Verdict::Breaking, reason: reason.into() }
}

/// What nothing is known of.
pub(super) fn unknown(reason: impl Into<String>) -> Effect {
    Effect { verdict: Verdict::Unknown, reason: reason.into() }
}

impl Change {
    /// A change that touches no level yet.
    pub(super) fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            what: what.into(),
            rust: Effect::default(),
            decode: Effect::default(),
            table: Effect::default(),
            checkpoints: Vec::new(),
            states: Vec::new(),
        }
    }

    pub(super) fn rust(self, rust: Effect) -> Self {
        Self { rust, ..self }
    }

    pub(super) fn decode(self, decode: Effect) -> Self {
        Self { decode, ..self }
    }

    pub(super) fn table(self, table: Effect) -> Self {
        Self { table, ..self }
    }

    /// The checkpoints of these resources are refused.
    pub(super) fn checkpoints(self, checkpoints: Vec<String>) -> Self {
        Self { checkpoints, ..self }
    }

    /// The state of these resources is refused.
    pub(super) fn states(self, states: Vec<String>) -> Self {
        Self { states, ..self }
    }

    /// Whether what was saved of earlier runs is still of use.
    #[must_use]
    pub fn state(&self) -> Effect {
        if !self.states.is_empty() {
            return breaking(format!("the state of {} is refused", names(&self.states)));
        }
        if self.checkpoints.is_empty() {
            return Effect::default();
        }
        breaking(format!("checkpoints of {} are refused", names(&self.checkpoints)))
    }

    /// What it means at a level.
    #[must_use]
    pub fn effect(&self, level: Level) -> Effect {
        match level {
            Level::Rust => self.rust.clone(),
            Level::Decode => self.decode.clone(),
            Level::Table => self.table.clone(),
            Level::State => self.state(),
        }
    }

    /// Whether it does harm at any level.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        Level::ALL.iter().any(|level| self.effect(*level).verdict == Verdict::Breaking)
    }

    /// By how much a version has to grow for it. Whoever takes the new crate must do something where code, tables or the state of
    /// later runs break. A refused checkpoint costs a run that was cut short a new start, and an old crate is no user of the new one.
    #[must_use]
    pub fn bump(&self) -> Bump {
        match self.rust.verdict.max(self.table.verdict) {
            Verdict::Breaking => Bump::Major,
            _ if !self.states.is_empty() => Bump::Major,
            Verdict::None => Bump::Patch,
            Verdict::Safe | Verdict::Unknown => Bump::Minor,
        }
    }
}

/// `a`, `b` and 7 more
fn names(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
