//! Finds the values that some paths lead to, in one pass over a text.

use std::fmt::Write as _;

use crate::rt::descriptor::{Path, Segment};
use crate::rt::fault::Fault;
use crate::rt::reader::{Kind, Reader};

/// How many paths can be followed at a time.
const MAX_PATHS: usize = 64;

/// What is done with a value that a path leads to: handed the number of the path, it reads the value and answers `true`, or
/// leaves it alone and answers `false`.
pub type Found<'f> = dyn FnMut(&mut Reader<'_>, usize) -> Result<bool, Fault> + 'f;

/// Reads one value, and hands over the values within it that the paths lead to, in the order of the text. Everything else is
/// skipped. Nothing is read twice unless one path leads into what another one leads to, and both are there.
pub fn select(r: &mut Reader<'_>, paths: &[Path], found: &mut Found<'_>) -> Result<(), Fault> {
    debug_assert!(paths.len() <= MAX_PATHS, "a mask has a bit for each path");
    let all = filter(paths, u64::MAX, |_| true);
    Selection { paths, found }.value(r, all, 0)
}

struct Selection<'s, 'f> {
    paths: &'s [Path],
    found: &'s mut Found<'f>,
}

impl Selection<'_, '_> {
    /// Reads a value to which the paths in the mask have led so far, by their first `depth` segments.
    fn value(&mut self, r: &mut Reader<'_>, mask: u64, depth: usize) -> Result<(), Fault> {
        let kind = r.peek()?;
        let start = r.offset();
        let taken = self.hand_over(r, filter(self.paths, mask, |path| path.len() == depth))?;
        let deeper = filter(self.paths, mask, |path| match path.get(depth) {
            Some(Segment::Key(_)) => kind == Kind::Object,
            Some(Segment::Index(_)) => kind == Kind::Array,
            None => false,
        });
        if deeper == 0 {
            return if taken { Ok(()) } else { r.skip().map(drop) };
        }
        r.rewind(start);
        if kind == Kind::Object {
            r.object(&mut |r, key| self.member(r, deeper, depth, |segment| matches!(segment, Segment::Key(name) if name == key)))
        } else {
            r.array(&mut |r, at| self.member(r, deeper, depth, |segment| segment == Segment::Index(at)))
        }
    }

    /// Hands the next value to each path in the mask. Says whether the last of them took it.
    fn hand_over(&mut self, r: &mut Reader<'_>, mask: u64) -> Result<bool, Fault> {
        let start = r.offset();
        let mut taken = false;
        for index in (0..self.paths.len().min(MAX_PATHS)).filter(|index| mask >> index & 1 == 1) {
            r.rewind(start);
            taken = (self.found)(r, index)?;
        }
        Ok(taken)
    }

    fn member(&mut self, r: &mut Reader<'_>, mask: u64, depth: usize, is: impl Fn(Segment) -> bool) -> Result<(), Fault> {
        match filter(self.paths, mask, |path| path.get(depth).is_some_and(|segment| is(*segment))) {
            0 => r.skip().map(drop),
            mask => self.value(r, mask, depth + 1),
        }
    }
}

/// The paths in a mask that are wanted.
fn filter(paths: &[Path], mask: u64, wanted: impl Fn(Path) -> bool) -> u64 {
    let paths = paths.iter().take(MAX_PATHS).enumerate();
    paths.fold(0, |kept, (index, path)| kept | u64::from(mask >> index & 1 == 1 && wanted(path)) << index)
}

/// A path as it is written in a spec.
#[must_use]
pub fn display(path: Path) -> String {
    let mut text = String::from("$");
    for segment in path {
        let _ = match segment {
            Segment::Key(key) => write!(text, ".{key}"),
            Segment::Index(index) => write!(text, "[{index}]"),
        };
    }
    text
}
