//! Where a run starts, what it leaves out, and how far it is: the progress of a resource with an incremental cursor.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::rt::args::Args;
use crate::rt::core::Core;
use crate::rt::cursor::{Cursor, Format};
use crate::rt::descriptor::{Resource, Template};
use crate::rt::digest::digest;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::facts::value_in;
use crate::rt::fault::Fault;
use crate::rt::incremental::{Incremental, RowOrder};
use crate::rt::json_write::ObjectWriter;
use crate::rt::lookup::scalar;
use crate::rt::page::Sink;
use crate::rt::progress::{END, Progress, START};
use crate::rt::reader::Reader;
use crate::rt::sieve::Sieve;
use crate::rt::state::{BORDER, Entry, Gap, State, gaps_text, partitions_text, read_gaps, read_partitions, refused, texts};
use crate::rt::template::expand;
use crate::rt::walk::Taken;

/// The progress of a run.
#[derive(Clone, Debug)]
pub struct Tracker {
    spec: &'static Incremental,
    primary_key: &'static [&'static str],
    /// What is wrong with what the caller or the spec gave.
    problem: Option<Error>,
    /// Where a partition without a mark starts, and where all end.
    initial: Option<Cursor>,
    end: Option<Cursor>,
    /// Where the caller wants every partition to start.
    since: Option<Cursor>,
    /// Where the run started.
    from: State,
    standing: Standing,
    /// The partitions whose start was refused.
    restarted: BTreeSet<String>,
    gaps: Vec<Gap>,
    /// Whether a record of the latest page was past the bounds.
    is_past: bool,
    /// The queries that the service cuts off, and how they are split.
    split: Split,
}

/// How far a run is.
#[derive(Clone, Debug, Default)]
struct Standing {
    at: State,
    /// The partition under way, where its mark counts only once all of it was handed out.
    open: Option<(String, Entry)>,
    /// The greatest cursor of all.
    mark: Option<String>,
}

/// How the queries of a run are split that the service cuts off after so many records.
#[derive(Clone, Debug, Default)]
struct Split {
    /// Where the query under way of a partition starts, and the keys of the records there that were read already.
    at: BTreeMap<String, Entry>,
    /// How far the latest partition was read, its page at hand included.
    read: Option<(String, Entry)>,
    /// What the page at hand has put something else in the place of.
    replaced: Option<Entry>,
}

impl Split {
    /// Where the queries start that go on after some records of the page at hand.
    fn before(&self, page: Option<(&Taken, u64)>) -> BTreeMap<String, Entry> {
        let mut at = self.at.clone();
        if let Some((page, given)) = page
            && page.is_cut
            && given < page.page.records
        {
            at.remove(&page.partition);
            at.extend(self.replaced.clone().map(|entry| (page.partition.clone(), entry)));
        }
        at
    }
}

/// Where a partition starts.
pub(crate) struct Start {
    pub(crate) cursor: Cursor,
    /// Whether an earlier run, or the caller, says so: then a service may have forgotten it.
    is_from_earlier: bool,
}

impl Tracker {
    /// The progress of a run that begins.
    pub fn begin(spec: &'static Incremental, resource: &'static Resource, core: &Core, args: &mut Args) -> Self {
        let (since, until) = (args.get(START).map(str::to_owned), args.get(END).map(str::to_owned));
        args.unset(START);
        args.unset(END);
        let mut rest = args.clone();
        if let Some(size) = &resource.paging.size {
            rest.unset(size.param);
        }
        let fingerprint = fingerprint(spec, resource.primary_key);
        let operation = resource.operation.name.to_owned();
        let from = State { operation, fingerprint, arguments: rest.digest(), partitions: BTreeMap::new() };
        let unix = core.now().unix;
        let filled = |template: Option<Template>| template.and_then(|template| expand(template, |input| core.input(input)));
        let mut problem = None;
        let mut read = |text: Option<String>, what: &str| match text.map(|text| (given(spec, &text, unix), text)) {
            Some((None, text)) => {
                let message = format!("{what} is `{text}`, which is no cursor such as the records have");
                problem.get_or_insert(Error::new(ErrorKind::Config, message));
                None
            }
            other => other.and_then(|(cursor, _)| cursor),
        };
        Self {
            spec,
            primary_key: resource.primary_key,
            initial: read(filled(spec.initial), "the initial value"),
            end: read(until.or_else(|| filled(spec.end)), "the end of the run"),
            since: read(since, "the start of the run"),
            problem,
            standing: Standing { at: from.clone(), ..Standing::default() },
            from,
            restarted: BTreeSet::new(),
            gaps: Vec::new(),
            is_past: false,
            split: Split::default(),
        }
    }

    /// What a later run starts from, some records of the page at hand included.
    #[must_use]
    pub fn state(&self, page: Option<(&Taken, u64)>) -> State {
        let mut state = self.after(page).at;
        state.partitions.values_mut().for_each(|entry| entry.is_met = false);
        state
    }

    /// Where the service had forgotten what an earlier run ended at.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Where a partition starts. None is at the start of all records.
    pub(crate) fn start(&self, partition: &str) -> Result<Option<Start>> {
        if let Some(entry) = self.split.at.get(partition) {
            let cursor = Cursor::parse(&entry.mark, self.spec.format);
            return Ok(cursor.map(|cursor| Start { cursor, is_from_earlier: false }));
        }
        let initial = || self.initial.clone().map(|cursor| Start { cursor, is_from_earlier: false });
        if self.restarted.contains(partition) {
            return Ok(initial());
        }
        let mark = match (&self.since, self.from.partitions.get(partition)) {
            (Some(since), _) => since.clone(),
            (None, Some(entry)) => Cursor::parse(&entry.mark, self.spec.format)
                .ok_or_else(|| refused(format!("the state's mark `{}` is no cursor such as the records have", entry.mark)))?,
            (None, None) => return Ok(initial()),
        };
        let Some(cursor) = mark.shift(self.spec.lag.saturating_neg()) else {
            let message = format!("there is no cursor {} before `{}`", self.spec.lag, mark.text(self.spec.format));
            return Err(Error::new(ErrorKind::Config, message));
        };
        // The records before the first start are not wanted, however large the lag is.
        let cursor = match &self.initial {
            Some(initial) if self.spec.lag != 0 && cursor < *initial => initial.clone(),
            _ => cursor,
        };
        Ok(Some(Start { cursor, is_from_earlier: true }))
    }

    fn after(&self, page: Option<(&Taken, u64)>) -> Standing {
        let mut standing = self.standing.clone();
        if let Some((page, given)) = page {
            self.advance(&mut standing, page, given);
        }
        standing
    }

    /// Takes in that so many records of a page were handed out.
    fn advance(&self, standing: &mut Standing, page: &Taken, given: u64) {
        let is_end = page.ends_partition() && given == page.page.records;
        if let Some(entry) = standing.at.partitions.get_mut(&page.partition) {
            entry.is_met = true;
        }
        if self.spec.token.is_some() {
            if let (true, Some(token)) = (is_end, &page.page.facts.token) {
                standing.mark = Some(token.clone());
                let entry = Entry { mark: token.clone(), is_met: true, ..Entry::default() };
                standing.at.put(&page.partition, entry);
            }
            return;
        }
        let ordered = self.spec.order == RowOrder::Ascending;
        let held = match standing.open.take() {
            Some((partition, entry)) if partition == page.partition => Some(entry),
            _ => standing.at.partitions.get(&page.partition).cloned(),
        };
        let rows: Vec<&str> = page.records(given).collect();
        let greatest = self.greatest(&rows);
        if let Some(cursor) = &greatest {
            standing.mark = Some(self.later(standing.mark.take(), cursor));
        }
        let Some(entry) = self.moved(held, &rows, greatest.as_ref()) else { return };
        if ordered || is_end {
            standing.at.put(&page.partition, entry);
        } else {
            standing.open = Some((page.partition.clone(), entry));
        }
    }

    /// Reads a partition on by a query that starts at the last record read.
    fn split_at(&mut self, partition: &str, entry: Option<Entry>) -> Result<()> {
        let before = self.bounds(partition)?;
        if let Some(entry) = entry.filter(|entry| entry.border.len() < BORDER) {
            self.split.replaced = self.split.at.insert(partition.to_owned(), entry);
        }
        // The same request would be answered with the same records.
        if self.bounds(partition)? != before {
            return Ok(());
        }
        let mark = self.split.at.get(partition).map(|entry| format!(" `{}`", entry.mark)).unwrap_or_default();
        let message = format!(
            "the service cut a query off whose records are all at one start{mark}, so that it can not be split by the cursor; \
             narrow it by a filter"
        );
        Err(Error::new(ErrorKind::Truncated, message))
    }

    /// The greatest cursor of some records; the last one where they are in its order.
    fn greatest(&self, rows: &[&str]) -> Option<Cursor> {
        let mut cursors = rows.iter().rev().filter_map(|row| self.cursor(row));
        if self.spec.order == RowOrder::Ascending { cursors.next() } else { cursors.max() }
    }

    /// The later one of a mark and a cursor. Texts whose order the service knows alone are later when they come later.
    fn later(&self, mark: Option<String>, cursor: &Cursor) -> String {
        let is_opaque = self.spec.format == Format::Text && self.spec.order == RowOrder::Ascending;
        match mark.and_then(|mark| Some((Cursor::parse(&mark, self.spec.format)?, mark))) {
            Some((held, mark)) if !is_opaque && held > *cursor => mark,
            _ => cursor.text(self.spec.format),
        }
    }

    /// How far a partition is after some more records of it.
    fn moved(&self, held: Option<Entry>, rows: &[&str], greatest: Option<&Cursor>) -> Option<Entry> {
        let Some(greatest) = greatest else { return held };
        let held_mark = held.as_ref().and_then(|entry| Cursor::parse(&entry.mark, self.spec.format));
        let mark = self.later(held.as_ref().map(|entry| entry.mark.clone()), greatest);
        let is_at_mark = Cursor::parse(&mark, self.spec.format).is_some_and(|mark| mark == *greatest);
        let border = match (held, held_mark) {
            (Some(entry), _) if !is_at_mark => return Some(Entry { is_met: true, ..entry }),
            (Some(entry), Some(held_mark)) if held_mark == *greatest => entry.border,
            _ => BTreeSet::new(),
        };
        let mut entry = Entry { mark, border, is_met: true };
        if self.remembers_border() {
            for row in rows.iter().rev() {
                match self.cursor(row) {
                    Some(cursor) if cursor == *greatest => {
                        entry.border.extend(key(row, self.primary_key).filter(|_| entry.border.len() < BORDER));
                    }
                    // The others lie further back.
                    Some(_) if self.spec.order == RowOrder::Ascending => break,
                    _ => {}
                }
            }
        }
        Some(entry)
    }

    /// Whether records at the mark come again, and are to be known then.
    pub(crate) fn remembers_border(&self) -> bool {
        self.spec.start_closed && self.spec.lag == 0 && !self.primary_key.is_empty()
    }

    fn cursor(&self, record: &str) -> Option<Cursor> {
        Cursor::parse(&value_in(record, self.spec.cursor).ok()??, self.spec.format)
    }

    /// Whether an error says that the start is too old.
    fn says_expired(&self, error: &Error) -> bool {
        let expired = &self.spec.expired;
        let has_code = expired.code.is_none_or(|code| match expired.path {
            Some(path) => error.body().and_then(|body| scalar(body.as_bytes(), path)).is_some_and(|found| found == code),
            None => error.code() == Some(code),
        });
        error.status().is_some_and(|status| expired.statuses.contains(&status)) && has_code
    }

    fn read_checkpoint(&mut self, text: &str) -> Result<(), Fault> {
        let spec = self.spec;
        let cursor = |text: &str| given(spec, text, Duration::ZERO);
        let mut r = Reader::new(text);
        (self.initial, self.end) = (None, None);
        r.object(&mut |r, key| {
            match key {
                "initial" => self.initial = cursor(&r.str()?),
                "end" => self.end = cursor(&r.str()?),
                "mark" => self.standing.mark = Some(r.str()?.into_owned()),
                "from" => self.from.partitions = read_partitions(r)?,
                "at" => self.standing.at.partitions = read_partitions(r)?,
                "open" => self.standing.open = read_partitions(r)?.pop_first(),
                "restarted" => r.array(&mut |r, _| {
                    self.restarted.insert(r.str()?.into_owned());
                    Ok(())
                })?,
                "gaps" => self.gaps = read_gaps(r)?,
                "split" => self.split.at = read_partitions(r)?,
                _ => drop(r.skip()?),
            }
            Ok(())
        })?;
        r.end()
    }
}

impl Progress for Tracker {
    fn gaps(&self) -> Vec<String> {
        Self::gaps(self).iter().map(ToString::to_string).collect()
    }

    fn state(&self, page: Option<(&Taken, u64)>) -> String {
        Self::state(self, page).to_string()
    }

    fn restore(&mut self, state: Option<&str>, checkpoint: Option<&str>) -> Result<()> {
        if let Some(state) = state {
            let state: State = state.parse()?;
            state.continues(&self.from)?;
            self.standing.at = state.clone();
            self.from = state;
        }
        if let Some(checkpoint) = checkpoint {
            self.read_checkpoint(checkpoint).map_err(|fault| refused(format!("the text is no checkpoint: {fault}")))?;
        }
        Ok(())
    }

    fn bounds(&self, partition: &str) -> Result<Vec<(&'static str, String)>> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let start = self.start(partition)?.filter(|_| !self.spec.token_is_link).map(|Start { cursor, .. }| {
            let request = self.spec.request;
            if self.spec.start_closed { cursor.render(request) } else { cursor.render_before(request) }
        });
        let end = self.end.as_ref().map(|end| end.render_end(self.spec.request));
        Ok(start.map(|start| (START, start)).into_iter().chain(end.map(|end| (END, end))).collect())
    }

    fn link(&self, partition: &str) -> Option<String> {
        let start = self.start(partition).ok().flatten().filter(|_| self.spec.token_is_link)?;
        Some(start.cursor.text(Format::Text))
    }

    fn sieve<'s>(&'s mut self, partition: &'s str, sink: &'s mut dyn Sink) -> Box<dyn Sink + 's> {
        // Without a start that can be read no request was made.
        let start = self.start(partition).ok().flatten();
        let remembers = self.remembers_border() && self.since.is_none() && !self.restarted.contains(partition);
        let border = self.from.partitions.get(partition).filter(|_| remembers);
        let border = self.split.at.get(partition).or(border).map(|entry| &entry.border);
        self.is_past = false;
        let start = start.map(|start| start.cursor);
        Box::new(Sieve::new(self.spec, self.primary_key, start, self.end.as_ref(), border, &mut self.is_past, sink))
    }

    fn is_past(&self) -> bool {
        self.is_past
    }

    fn refused(&mut self, partition: &str, error: Error) -> Result<()> {
        let start = match self.start(partition) {
            Ok(Some(start)) if start.is_from_earlier && self.says_expired(&error) => start,
            _ => return Err(error),
        };
        let refused = start.cursor.text(self.spec.format);
        if !self.spec.expired.restart {
            let message = format!("{}; the service no longer knows the start `{refused}`: read from the start", error.message());
            return Err(error.with_message(message));
        }
        self.restarted.insert(partition.to_owned());
        self.standing.at.partitions.remove(partition);
        self.standing.open = None;
        self.gaps.push(Gap {
            partition: partition.to_owned(),
            refused,
            restarted_at: self.initial.as_ref().map(|initial| initial.text(self.spec.format)),
            status: error.status(),
        });
        Ok(())
    }

    fn narrow(&mut self, page: &Taken, is_cut: bool) -> Result<bool> {
        if !self.spec.splits {
            return Ok(false);
        }
        let rows: Vec<&str> = page.records(page.page.records).collect();
        let held = match self.split.read.take() {
            Some((partition, entry)) if partition == page.partition => Some(entry),
            _ => self.standing.at.partitions.get(&page.partition).cloned(),
        };
        let entry = self.moved(held, &rows, self.greatest(&rows).as_ref());
        self.split.read = entry.clone().map(|entry| (page.partition.clone(), entry));
        if !is_cut {
            return Ok(false);
        }
        if rows.iter().filter_map(|row| self.cursor(row)).is_sorted() {
            return self.split_at(&page.partition, entry).map(|()| true);
        }
        let message = "the service cut a query off whose records do not come in the order of the cursor, so that it can not be \
                       gone on from the last one";
        Err(Error::new(ErrorKind::Truncated, message))
    }

    fn commit(&mut self, page: &Taken) {
        if page.ends_partition() {
            self.split.at.remove(&page.partition);
        }
        let mut standing = std::mem::take(&mut self.standing);
        self.advance(&mut standing, page, page.page.records);
        self.standing = standing;
    }

    fn finish(&mut self) {
        // The others belong to records of the parent that are there no longer.
        self.standing.at.partitions.retain(|_, entry| entry.is_met);
    }

    fn mark(&self, page: Option<(&Taken, u64)>) -> Option<String> {
        let mark = self.standing.mark.clone();
        let Some((page, given)) = page else { return mark };
        if self.spec.token.is_some() {
            return page.page.facts.token.clone().filter(|_| page.ends_partition() && given == page.page.records).or(mark);
        }
        let rows: Vec<&str> = page.records(given).collect();
        match self.greatest(&rows) {
            Some(cursor) => Some(self.later(mark, &cursor)),
            None => mark,
        }
    }

    fn checkpoint(&self, page: Option<(&Taken, u64)>) -> String {
        let standing = self.after(page);
        let mut object = ObjectWriter::new();
        for (name, cursor) in [("initial", &self.initial), ("end", &self.end)] {
            if let Some(cursor) = cursor {
                object = object.string(name, &cursor.text(Format::Iso));
            }
        }
        if let Some(mark) = &standing.mark {
            object = object.string("mark", mark);
        }
        object = object
            .raw("from", &partitions_text(&self.from.partitions, false))
            .raw("at", &partitions_text(&standing.at.partitions, true))
            .raw("open", &partitions_text(&standing.open.into_iter().collect(), true));
        let split = self.split.before(page);
        if !split.is_empty() {
            object = object.raw("split", &partitions_text(&split, false));
        }
        if !self.restarted.is_empty() {
            object = object.raw("restarted", &texts(self.restarted.iter())).raw("gaps", &gaps_text(&self.gaps));
        }
        object.finish()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A cursor that a caller or a spec gives: of the records' format, of the requests', or a moment in words or as RFC 3339 has it.
fn given(spec: &Incremental, text: &str, unix: Duration) -> Option<Cursor> {
    let is_moment = spec.format.granularity() > 0;
    let words = || Cursor::relative(text, unix).filter(|_| is_moment);
    let formats = [spec.format, spec.request, Format::Iso];
    let formats = formats.iter().take(if is_moment { 3 } else { 1 });
    words().or_else(|| formats.into_iter().find_map(|format| Cursor::parse(text, *format)))
}

/// The digest of what a mark means.
fn fingerprint(spec: &Incremental, primary_key: &[&str]) -> u64 {
    digest(format!("{:?} {:?} {:?} {primary_key:?}", spec.cursor, spec.format, spec.token).as_bytes())
}

/// The digest of a record's key. None if it has none.
pub(crate) fn key(record: &str, primary_key: &[&str]) -> Option<u64> {
    let mut values = vec![""; primary_key.len()];
    let mut r = Reader::new(record);
    r.object(&mut |r, name| {
        let value = r.skip()?;
        if let Some(held) = primary_key.iter().position(|key| *key == name).and_then(|at| values.get_mut(at)) {
            *held = value;
        }
        Ok(())
    })
    .ok()?;
    let is_there = values.iter().any(|value| !matches!(*value, "" | "null"));
    // A byte that no JSON text holds keeps the values apart.
    is_there.then(|| digest(values.join("\u{1}").as_bytes()))
}
