//! Which fields of a record a service is asked for.

/// How a service is told which fields of a record it shall send: by a parameter of the query, with commas between names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AskedFields {
    /// The parameter.
    pub param: &'static str,
    /// Fields that are needed besides those that a caller wants, since paging or an incremental read looks at them.
    pub always: &'static [&'static str],
    /// Fields that are not the service's, since they are added to its records.
    pub never: &'static [&'static str],
}

impl AskedFields {
    /// By a parameter, with what is needed anyway and what is never asked for.
    #[must_use]
    pub const fn by(param: &'static str, always: &'static [&'static str], never: &'static [&'static str]) -> Self {
        Self { param, always, never }
    }

    /// The names of the fields that are asked for, with commas between them: those that are wanted, then those that are needed.
    pub fn names(&self, wanted: impl IntoIterator<Item = &'static str>) -> String {
        let mut names: Vec<&str> = Vec::new();
        for name in wanted.into_iter().chain(self.always.iter().copied()) {
            if !names.contains(&name) && !self.never.contains(&name) {
                names.push(name);
            }
        }
        names.join(",")
    }
}
