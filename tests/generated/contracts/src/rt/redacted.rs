//! What stands in `Debug` output in place of a value that must not be shown.

use std::fmt;

/// Stands in `Debug` output in place of a value that must not be shown.
#[derive(Clone, Copy)]
pub struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
