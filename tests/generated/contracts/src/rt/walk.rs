//! The walk over a resource, and over its parents' records before it, without IO.
//!
//! A driver asks what to send ([`Walk::plan`]), hands over what came ([`Walk::arrive`]), and takes the pages in order
//! ([`Walk::turn`]). There is one level for each list, parent or range that the resource is read for, the outermost first, and
//! one for the resource itself. Each row of a level opens a partition of the next one; a level holds those of one page of the
//! level above, and when requests run ahead as many more as there may be requests. They run ahead where the pages to come are
//! known: those of a counter with a total, and the first ones of the next partitions. Whatever is known early is given in its
//! turn, errors too.

use std::sync::Arc;

use crate::rt::args::Args;
use crate::rt::checkpoint::Place;
use crate::rt::core::Core;
use crate::rt::descriptor::{Operation, Resource};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::level::Level;
use crate::rt::message::{Headers, Request, Response};
use crate::rt::page::{PageRead, Sink};
use crate::rt::pager::{Pager, Position};
use crate::rt::partition::{Arrived, Parents, Partition, Sent};
use crate::rt::partition_by::PartitionSource;
use crate::rt::progress::{Increments, Progress};
use crate::rt::skipped::SkippedLog;

/// A walk over the pages of a resource.
pub struct Walk {
    core: Arc<Core>,
    levels: Vec<Level>,
    headers: Headers,
    /// How many pages may be asked for and not be taken yet; 0 asks for a page only when it is needed.
    window: usize,
    /// Whether to note where each record is in its page.
    spans: bool,
    /// How many requests were planned; the number of the next one.
    tickets: u64,
    cancelled: Vec<u64>,
    /// The lists that a rule of the spec passed over.
    skipped: SkippedLog,
}

/// A request to send.
#[derive(Debug)]
pub struct Plan {
    /// Its number, to hand over with the answer.
    pub ticket: u64,
    /// The operation that it is of.
    pub operation: &'static Operation,
    /// The request, without credentials.
    pub request: Request,
}

/// Where a walk is.
#[derive(Debug)]
pub enum Turn {
    /// A page was read; its records are in the sink.
    Page(Box<Taken>),
    /// The answer to a request is needed. Without a number it is yet to be planned.
    Wait(Option<u64>),
    /// There are no more pages.
    Done,
}

/// A page that was read.
#[derive(Debug)]
pub struct Taken {
    /// What was read, apart from the records.
    pub page: PageRead,
    /// The text that the places of its records are in: its body, unless that is no JSON.
    pub body: Vec<u8>,
    /// How many records were passed over at its start.
    pub skipped: u64,
    /// The place before its first record that was not passed over.
    pub here: Vec<Place>,
    /// The place after its last record.
    pub after: Vec<Place>,
    /// What it was read for, as the progress of the resource names it; empty where that has none.
    pub partition: String,
    /// Whether the service cut its query off with it, and another one goes on after its last record.
    pub is_cut: bool,
}

impl Taken {
    /// The texts of the first records in the sink, if it was noted where they are.
    pub fn records(&self, given: u64) -> impl DoubleEndedIterator<Item = &str> {
        self.page.spans_among(self.skipped, given).filter_map(|span| std::str::from_utf8(self.body.get(span.clone())?).ok())
    }

    /// Whether no page of its partition follows.
    #[must_use]
    pub fn ends_partition(&self) -> bool {
        self.after.len() < self.here.len()
    }

    /// How many records of the page, after those that were passed over, are dealt with once some of those in the sink are given.
    #[must_use]
    pub fn rows_among(&self, given: u64) -> u64 {
        let Some(last) = given.checked_sub(1) else { return 0 };
        let row =
            self.page.left_out.iter().fold(self.skipped + last, |row, left_out| if *left_out <= row { row + 1 } else { row });
        row + 1 - self.skipped
    }
}

impl Walk {
    /// A walk over a resource with the caller's arguments and headers, from a place in it and its parents on.
    pub fn new(
        core: &Arc<Core>,
        resource: &'static Resource,
        args: &Args,
        headers: Headers,
        window: usize,
        places: &[Place],
    ) -> Result<Self> {
        let mut walk = Self {
            levels: Level::all(resource, args, core),
            core: Arc::clone(core),
            headers,
            window,
            spans: resource.incremental.is_some_and(|incremental| Increments::token(incremental).is_none()),
            tickets: 0,
            cancelled: Vec::new(),
            skipped: SkippedLog::default(),
        };
        for (index, place) in places.iter().enumerate() {
            let above = places.get(..index).unwrap_or_default();
            let parents = Parents::new(
                above.into(),
                above.last().map_or(0, |parent| parent.given),
                above.last().and_then(|parent| parent.digest),
            );
            let Some((level, below)) = walk.levels.get_mut(index..).and_then(<[Level]>::split_first_mut) else { break };
            level.open(core, parents, place.clone(), below.first())?;
        }
        Ok(walk)
    }

    /// The start of a walk over a resource.
    #[must_use]
    pub fn start(resource: &Resource) -> Vec<Place> {
        let outermost = resource.partitions.first().map(|by| by.source);
        let position = match outermost {
            None => Pager::start(&resource.paging),
            Some(PartitionSource::Records(parent)) => Pager::start(&parent.paging),
            Some(PartitionSource::Values(_)) => Position::Start,
        };
        vec![Place::at(position, 0, Vec::new())]
    }

    /// How far the resource is, where a later run goes on from there.
    #[must_use]
    pub fn progress(&self) -> Option<&dyn Progress> {
        self.levels.last()?.progress.as_deref().map(|progress| progress as &dyn Progress)
    }

    /// The same, when nothing else of the walk is needed any more.
    #[must_use]
    pub fn into_progress(mut self) -> Option<Box<dyn Progress>> {
        self.levels.pop()?.progress
    }

    /// The same, to be changed.
    pub fn progress_mut(&mut self) -> Option<&mut Box<dyn Progress>> {
        self.levels.last_mut()?.progress.as_mut()
    }

    /// Takes the lists that a rule of the spec passed over.
    pub fn skipped(&mut self) -> SkippedLog {
        std::mem::take(&mut self.skipped)
    }

    /// The numbers of requests whose answers are of no use any more.
    pub fn cancelled(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.cancelled)
    }

    /// A request to send now, if there is one: the one that is needed first, and else one ahead of time.
    pub fn plan(&mut self) -> Option<Plan> {
        self.run_ahead();
        loop {
            let (level, index, position) = self.due()?;
            let ticket = self.tickets;
            self.tickets += 1;
            let level = self.levels.get_mut(level)?;
            let operation = &level.resource.operation;
            let request = level.request(&self.core, &self.headers, level.partitions.get(index)?, &position);
            let partition = level.partitions.get_mut(index)?;
            match request {
                Ok(request) => {
                    partition.send(Sent { ticket, position, url: request.url.clone(), answer: None });
                    return Some(Plan { ticket, operation, request });
                }
                // It fails when its turn comes, after everything before it.
                Err(error) => {
                    let url = self.core.base_url().clone();
                    partition.send(Sent { ticket, position, url, answer: Some(Err(error)) });
                }
            }
        }
    }

    /// Takes in the answer to a request.
    pub fn arrive(&mut self, ticket: u64, answer: Result<Response>) {
        let mut answer = Some(answer);
        // Not found means cancelled.
        let _ =
            self.levels.iter_mut().flat_map(|level| &mut level.partitions).any(|partition| partition.arrive(ticket, &mut answer));
    }

    /// Goes on as far as the answers so far allow: to the next page, whose records go into the sink.
    pub fn turn(&mut self, sink: &mut dyn Sink) -> Result<Turn> {
        while let Some(index) = self.active() {
            let Some(name) = self.levels.get(index).map(|level| level.resource.operation.name) else { break };
            let turn = self.step(index, sink).map_err(|error| error.in_operation(name))?;
            if let Some(turn) = turn {
                return Ok(turn);
            }
        }
        Ok(Turn::Done)
    }

    /// One step at a level. None if it was only on the way to the records.
    fn step(&mut self, index: usize, sink: &mut dyn Sink) -> Result<Option<Turn>> {
        let is_innermost = index + 1 == self.levels.len();
        let Some(partition) = self.levels.get_mut(index).and_then(|level| level.partitions.front_mut()) else { return Ok(None) };
        if let Some(error) = partition.failed() {
            return self.pass_over(index, error).map(|()| None);
        }
        if is_innermost {
            return self.page(index, sink);
        }
        if self.advance(index) {
            return Ok(None);
        }
        let front = self.levels.get(index).and_then(|level| level.partitions.front());
        let waiting = front.filter(|partition| !partition.is_finished() && !partition.has_failed());
        Ok(waiting.map(|partition| Turn::Wait(partition.awaited())))
    }

    /// The next page of the records themselves. None where it was refused, and is asked for in another way.
    fn page(&mut self, index: usize, sink: &mut dyn Sink) -> Result<Option<Turn>> {
        let Some(level) = self.levels.get_mut(index) else { return Ok(None) };
        let Some(partition) = level.partitions.front_mut() else { return Ok(None) };
        let mut arrived = match partition.take() {
            None => return Ok(Some(Turn::Wait(partition.awaited()))),
            Some(Ok(arrived)) => arrived,
            Some(Err(error)) => {
                if let (Err(error), Some(partition)) = (level.refused(error), level.partitions.front_mut()) {
                    partition.fail(error);
                }
                return Ok(None);
            }
        };
        let mut page = level.read(&self.core, &mut arrived, self.spans, sink)?;
        let name = level.partition_name();
        let Some(partition) = level.partitions.front_mut() else { return Ok(None) };
        self.cancelled.extend(partition.cancelled());
        let (here, after) = (partition.places_in(&arrived, &page, arrived.skip), partition.places_after(&arrived, &page));
        let Arrived { skip, response, .. } = arrived;
        let body = page.text.take().unwrap_or(response.body);
        let mut taken = Taken { page, skipped: skip, here, after, body, partition: name, is_cut: false };
        level.narrow(&mut taken);
        Ok(Some(Turn::Page(Box::new(taken))))
    }

    /// Opens the partitions that the rows at hand of a level make, in order. False if it has none at hand.
    fn advance(&mut self, index: usize) -> bool {
        let Some((upper, lower)) = self.levels.split_at_mut_checked(index + 1) else { return false };
        let (Some(level), Some((below, further))) = (upper.last_mut(), lower.split_first_mut()) else { return false };
        level.settle();
        let Some(batch) = level.rows(&self.core, &mut self.cancelled) else { return false };
        below.open_all(&self.core, batch, further.first());
        true
    }

    /// Opens partitions before they are needed, as many as there may be requests, so that their first pages can be asked for.
    ///
    /// Without a window nothing is: a walk that asks for one page at a time, as the blocking one does, has no use for it.
    fn run_ahead(&mut self) {
        for index in 1..self.levels.len() {
            while self.levels.get(index).is_some_and(|below| below.partitions.len() < self.window) && self.advance(index - 1) {}
        }
    }

    /// Leaves the rest of a list out and notes it, if a rule of the spec says so; else the error stands.
    fn pass_over(&mut self, index: usize, error: Error) -> Result<()> {
        let partition = self.levels.get_mut(index).and_then(|level| Some((level.resource, level.partitions.front_mut()?)));
        let Some((resource, partition)) = partition.filter(|_| error.kind() == ErrorKind::PassedOver) else { return Err(error) };
        self.cancelled.extend(partition.cancelled());
        let bindings = partition.bindings().map(|(name, value)| (name.clone(), self.core.mask(value))).collect();
        self.skipped.push(resource.operation.name, bindings, &error);
        Ok(())
    }

    /// The level whose next page is due: the innermost that has partitions left. Partitions that are read are dropped.
    fn active(&mut self) -> Option<usize> {
        self.levels.iter_mut().for_each(Level::settle);
        self.levels.iter().rposition(|level| !level.partitions.is_empty())
    }

    /// What to send now: the level, the partition and the page.
    fn due(&mut self) -> Option<(usize, usize, Position)> {
        let active = self.active()?;
        let front = self.levels.get(active)?.partitions.front()?;
        if front.awaited().is_none() {
            // Needed, whatever is under way. If it can not be read on, nothing after it is of use.
            return Some((active, 0, front.to_send()?));
        }
        let partitions = || self.levels.iter().flat_map(|level| &level.partitions);
        if partitions().map(Partition::outstanding).sum::<usize>() >= self.window {
            return None;
        }
        self.levels.iter().enumerate().rev().find_map(|(level, at)| {
            let mut partitions = at.partitions.iter().enumerate().take(at.ahead());
            partitions.find_map(|(index, partition)| Some((level, index, partition.to_send()?)))
        })
    }
}
