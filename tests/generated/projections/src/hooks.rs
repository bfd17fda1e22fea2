//! What this program does with records before they are given out.
//!
//! This file is yours: `gen` has written it once and never changes it. Each method of [`Hooks`] gives every record on as it is
//! until it is written here. A hook may change a record, leave it out (`Ok(None)`), or refuse it (`Err`), in which case the
//! resource's contract says what happens. Records come in order, but possibly again after a resume; so a hook should only look at
//! the record that it is given.

use crate::Hooks;

/// The hooks of every client that is not built with others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Custom;

impl Hooks for Custom {
    // fn open_letter(&self, record: crate::models::Letter) -> Result<Option<crate::models::Letter>, crate::HookError> {
    //     Ok(Some(record))
    // }
}
