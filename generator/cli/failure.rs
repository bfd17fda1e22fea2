//! How a command fails, and what the shell that called it is told.

use std::path::Path;
use std::process::ExitCode;

/// Why a command did not do what it was asked to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Crates are not what their specs give. The differences were shown.
    Differences {
        /// What differs, in words.
        message: String,
        /// The command that makes them the same.
        hint: String,
    },
    /// Files that `gen` wrote were edited by hand. The differences were shown.
    Edited {
        /// What was edited, in words.
        message: String,
        /// The way out.
        hint: String,
    },
    /// The version of a spec does not say how much has changed. The changes were shown.
    Undeclared {
        /// What the version is, and what it has to be.
        message: String,
        /// The way out.
        hint: String,
    },
    /// There is advice, and none was allowed.
    Advice {
        /// How many pieces of it.
        count: usize,
    },
    /// A spec is bad, as its diagnostics say.
    Spec {
        /// The spec.
        path: String,
        /// How many errors it has.
        errors: usize,
    },
    /// The command line asks for something that makes no sense.
    Usage {
        /// What is wrong.
        message: String,
        /// The way out.
        hint: Option<String>,
    },
    /// A client was not given the records of a list, or others. Which was shown.
    Misread {
        /// How many there are, and what the service did.
        message: String,
    },
    /// A file cannot be read or written, or a program cannot be run.
    Io {
        /// What was tried, and why it failed.
        message: String,
        /// The way out.
        hint: Option<String>,
    },
}

impl Failure {
    /// A file that cannot be read or written.
    pub(crate) fn file(verb: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::io(format!("cannot {verb} `{}`: {error}", path.display()))
    }

    /// What cannot be done, without a way out.
    pub(crate) fn io(message: impl Into<String>) -> Self {
        Self::Io { message: message.into(), hint: None }
    }

    pub(crate) fn message(&self) -> String {
        match self {
            Self::Differences { message, .. }
            | Self::Edited { message, .. }
            | Self::Undeclared { message, .. }
            | Self::Usage { message, .. }
            | Self::Misread { message }
            | Self::Io { message, .. } => message.clone(),
            Self::Advice { count: 1 } => "there is a piece of advice".to_owned(),
            Self::Advice { count } => format!("there are {count} pieces of advice"),
            Self::Spec { path, errors } => {
                let plural = if *errors == 1 { "" } else { "s" };
                format!("`{path}` has {errors} error{plural}; nothing was written")
            }
        }
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Differences { hint, .. } | Self::Edited { hint, .. } | Self::Undeclared { hint, .. } => Some(hint),
            Self::Usage { hint, .. } | Self::Io { hint, .. } => hint.as_deref(),
            Self::Spec { .. } | Self::Advice { .. } | Self::Misread { .. } => None,
        }
    }

    /// The number by which scripts tell failures apart; of several failures the largest counts.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Self::Differences { .. } | Self::Advice { .. } | Self::Misread { .. } => 1,
            Self::Spec { .. } | Self::Usage { .. } => 2,
            Self::Io { .. } => 3,
            Self::Edited { .. } => 4,
            Self::Undeclared { .. } => 5,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.status())
    }
}
