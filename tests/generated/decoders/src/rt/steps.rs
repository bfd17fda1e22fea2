//! The steps of a resource: what becomes of a record between its page and the type that it is read as.
//!
//! A record is read into a light tree once, changed, and written again; resources without steps have none of this. What can not
//! be done with a value (a cast that fails, a sum that is too large) is a value that does not fit, and the resource's contract
//! decides as it does for those of the service.

use std::borrow::Cow;

use crate::rt::descriptor::{Contract, Path, Segment, Template};
use crate::rt::error::{Error, ErrorKind};
use crate::rt::expr::{Expr, Function, Unfit};
use crate::rt::fault::{self, Fault, FaultKind};
use crate::rt::page::{Origin, PageRead, Sink, Source, Transform};
use crate::rt::reader::Reader;
use crate::rt::tree::Tree;

/// Steps, in their order.
#[derive(Debug)]
pub struct Steps(pub &'static [Step]);

/// What is done with a record.
#[derive(Debug)]
pub enum Step {
    /// Only a record for which this is true goes on.
    Filter(Expr),
    /// A member moves.
    Rename(Path, Path),
    /// A member goes away.
    Drop(Path),
    /// A member gets a value.
    Set(Path, Expr),
    /// A member becomes what a function makes of it.
    Cast(Path, Function),
    /// Each element of a list makes a record of its own.
    Explode(Explode),
    /// A member becomes its digest, with a key if there is one.
    Hash(Path, Digest, Option<Template>),
}

/// How a list makes several records of one.
#[derive(Clone, Copy, Debug)]
pub struct Explode {
    /// The list.
    pub path: Path,
    /// Whether a record with an empty list, or without one, goes on without an element.
    pub keep_empty: bool,
    /// The members of an element go beside the list, each key with this prefix; without one, the element goes into the place of
    /// the list.
    pub merge: Option<&'static str>,
}

/// Makes a digest of a text, with a key if there is one.
pub type Digest = fn(&str, Option<&str>) -> String;

impl Transform for Steps {
    fn record(&self, source: &Source<'_>, sink: &mut dyn Sink, page: &mut PageRead) -> Result<(), Fault> {
        let mut tree = Tree::read(&mut Reader::new(source.text))?;
        for (key, value) in source.reading.included {
            let value = Tree::read(&mut Reader::new(value))?;
            if let Tree::Object(members) = &mut tree {
                members.push((key.clone(), value));
            }
        }
        let mut work = Work { source, page, records: vec![Ok(tree)], left_out: Vec::new() };
        for step in self.0 {
            work.step(step)?;
        }
        work.hand_over(sink)
    }
}

/// A record of the service on its way, and what has become of it so far.
struct Work<'w> {
    source: &'w Source<'w>,
    page: &'w mut PageRead,
    /// What has become of it; for some, why they end here.
    records: Vec<Result<Tree, Fault>>,
    /// The values that steps left out, which the sink is yet to hear of.
    left_out: Vec<Fault>,
}

impl Work<'_> {
    /// Takes every record one step further. A fault is for the quick pass alone.
    fn step(&mut self, step: &Step) -> Result<(), Fault> {
        for record in std::mem::take(&mut self.records) {
            match record {
                Ok(tree) => self.apply(step, tree)?,
                Err(fault) => self.records.push(Err(fault)),
            }
        }
        Ok(())
    }

    fn apply(&mut self, step: &Step, mut tree: Tree) -> Result<(), Fault> {
        let (path, result) = match step {
            Step::Filter(condition) => {
                match condition.holds(&tree) {
                    Ok(true) => self.records.push(Ok(tree)),
                    Ok(false) => self.page.filtered += 1,
                    Err(unfit) => self.refuse(fault_at(&[], unfit))?,
                }
                return Ok(());
            }
            Step::Explode(explode) => return self.explode(explode, tree),
            Step::Rename(from, to) => {
                if let Some(value) = tree.take(from) {
                    tree.set(to, value);
                }
                (from, Ok(()))
            }
            Step::Drop(path) => {
                tree.take(path);
                (path, Ok(()))
            }
            Step::Set(path, value) => {
                let value = value.value(&tree).map(Cow::into_owned);
                (path, value.map(|value| tree.set(path, value)))
            }
            Step::Cast(path, function) => {
                let value = present(&tree, path).map(|value| function(&[Cow::Borrowed(value)]));
                (path, value.transpose().map(|value| set_if_any(&mut tree, path, value)))
            }
            Step::Hash(path, digest, key) => {
                let value = present(&tree, path).map(|value| self.hashed(value, *digest, *key));
                (path, value.transpose().map(|value| set_if_any(&mut tree, path, value)))
            }
        };
        match result {
            Ok(()) => self.records.push(Ok(tree)),
            Err(unfit) if self.source.contract == Some(Contract::DiscardValue) => {
                self.leave_out(fault_at(path, unfit));
                tree.take(path);
                self.records.push(Ok(tree));
            }
            Err(unfit) => self.refuse(fault_at(path, unfit))?,
        }
        Ok(())
    }

    /// Makes a record of each element of a list.
    fn explode(&mut self, explode: &Explode, mut tree: Tree) -> Result<(), Fault> {
        let elements = match present(&tree, explode.path) {
            None => Vec::new(),
            Some(Tree::Array(_)) => match tree.take(explode.path) {
                Some(Tree::Array(elements)) => elements,
                _ => Vec::new(),
            },
            Some(other) => {
                let fault = fault_at(explode.path, Unfit::kind("an array", other));
                if self.source.contract != Some(Contract::DiscardValue) {
                    return self.refuse(fault);
                }
                self.leave_out(fault);
                Vec::new()
            }
        };
        // What is null, or no list, is no element either.
        tree.take(explode.path);
        if elements.is_empty() {
            if explode.keep_empty {
                self.records.push(Ok(tree));
            } else {
                self.page.filtered += 1;
            }
            return Ok(());
        }
        for (index, element) in elements.into_iter().enumerate() {
            let mut record = tree.clone();
            match (explode.merge, element) {
                (None, element) => record.set(explode.path, element),
                (Some(prefix), Tree::Object(members)) => record.merge(explode.path, prefix, members),
                (Some(_), Tree::Null) => {}
                (Some(_), other) => {
                    let fault = Fault::new(FaultKind::Type, 0, Unfit::kind("an object", &other).0);
                    self.refuse(within(explode.path, fault.within(fault::Step::Index(index))))?;
                    continue;
                }
            }
            self.records.push(Ok(record));
        }
        Ok(())
    }

    fn hashed(&self, value: &Tree, digest: Digest, key: Option<Template>) -> Result<Tree, Unfit> {
        let key = match key {
            None => None,
            Some(template) => {
                let key = self.source.reading.inputs.and_then(|inputs| inputs.expand(template));
                // Without its key a digest could be guessed.
                Some(key.filter(|key| !key.is_empty()).ok_or(Unfit("the key of the digest is missing".into()))?)
            }
        };
        let text = match value {
            Tree::Text(text) | Tree::Number(text) => text,
            Tree::Bool(true) => "true",
            Tree::Bool(false) => "false",
            other => return Err(Unfit::kind("a plain value", other)),
        };
        Ok(Tree::Text(digest(text, key.as_deref())))
    }

    /// Ends a record here. In the quick pass nothing more is done.
    fn refuse(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.source.contract.is_none() {
            return Err(fault);
        }
        self.records.push(Err(fault));
        Ok(())
    }

    /// Leaves out a value that a step can do nothing with.
    fn leave_out(&mut self, fault: Fault) {
        self.page.drift.note(&fault, "");
        self.left_out.push(fault);
    }

    /// Notes what is left out. The text is that of the record after all steps.
    fn note(&mut self, fault: Fault, sink: &mut dyn Sink, text: Option<&str>) {
        let fault = (self.source.located)(fault);
        self.page.rejected.push(self.source.number, &fault);
        sink.left_out(&fault, text);
    }

    /// Hands what has become of the record to the sink, but for what is passed over.
    fn hand_over(mut self, sink: &mut dyn Sink) -> Result<(), Fault> {
        for fault in std::mem::take(&mut self.left_out) {
            self.note(fault, sink, None);
        }
        let passed = usize::try_from(self.source.passed).unwrap_or(usize::MAX);
        for (part, record) in std::mem::take(&mut self.records).into_iter().enumerate().skip(passed) {
            let origin = Origin { row: self.source.number, part: u64::try_from(part).unwrap_or(u64::MAX) };
            let text = record.as_ref().ok().map(Tree::to_json);
            let result = match record {
                Ok(_) => self.read(text.as_deref().unwrap_or_default(), sink),
                Err(fault) => {
                    self.page.drift.records += 1;
                    self.page.drift.note(&fault, "");
                    Err(fault)
                }
            };
            match result {
                Ok(()) if sink.has_taken() => {
                    self.page.records += 1;
                    self.page.origins.get_or_insert_default().push(origin);
                }
                Ok(()) => self.page.filtered += 1,
                Err(fault) => match self.source.contract {
                    None => return Err(fault),
                    Some(contract) if contract.ends(self.source.reading.columns, &fault) => {
                        let fault = (self.source.located)(fault);
                        self.page.failure = Some(Error::from_fault(ErrorKind::Decode, fault));
                        self.page.stopped = Some(origin);
                        return Ok(());
                    }
                    Some(_) => self.note(fault, sink, text.as_deref()),
                },
            }
        }
        Ok(())
    }

    /// Has the sink read a record.
    fn read(&mut self, text: &str, sink: &mut dyn Sink) -> Result<(), Fault> {
        let mut r = Reader::new(text);
        r.discard_values(self.source.contract == Some(Contract::DiscardValue));
        r.columns(self.source.reading.columns);
        r.go_on(std::mem::take(&mut *self.page.drift));
        let result = r.audited(|r| sink.record(r));
        *self.page.drift = r.take_tally();
        if result.is_ok() {
            for fault in r.discarded() {
                self.note(fault, sink, Some(text));
            }
        }
        result
    }
}

/// What a path leads to, unless that is null.
fn present(tree: &Tree, path: Path) -> Option<&Tree> {
    tree.get(path).filter(|value| !value.is_null())
}

fn set_if_any(tree: &mut Tree, path: Path, value: Option<Tree>) {
    if let Some(value) = value {
        tree.set(path, value);
    }
}

/// The fault of a value, where the value is in its record.
#[cold]
fn fault_at(path: Path, unfit: Unfit) -> Fault {
    within(path, Fault::new(FaultKind::Type, 0, unfit.0))
}

fn within(path: Path, fault: Fault) -> Fault {
    path.iter().rev().fold(fault, |fault, segment| {
        fault.within(match *segment {
            Segment::Key(key) => fault::Step::Key(key.into()),
            Segment::Index(index) => fault::Step::Index(index),
        })
    })
}
