//! A partition: one sequence of pages, read for one row of the level before. A resource that is read for nothing else has one.
//! Where the rows of a level are known without a request, its partitions have those in place of pages.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::rt::args::Args;
use crate::rt::checkpoint::Place;
use crate::rt::core::Core;
use crate::rt::descriptor::Paging;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::known::Known;
use crate::rt::layout::Layout;
use crate::rt::message::Response;
use crate::rt::page::{self, NoPage, PageFacts, PageRead, Reading, Sink};
use crate::rt::pager::{Pager, Position};
use crate::rt::partition_by::KeptPage;
use crate::rt::problem::request_id;
use crate::rt::sequence::{Opened, Row};
use crate::rt::url::Url;

/// One sequence of pages.
#[derive(Debug)]
pub struct Partition {
    parents: Parents,
    bindings: Vec<(String, String)>,
    pager: Pager,
    /// Its first page, until that was read.
    first: Option<Position>,
    /// How many records at the start of the next page are done with.
    skip: u64,
    /// How many of the records that become of the one after them are done with.
    part: u64,
    /// The digest of the last of them.
    digest: Option<u64>,
    /// The page to ask for next, unless the last one asked for has yet to tell.
    next: Option<Position>,
    /// What was asked for and is not taken yet, in order.
    sent: VecDeque<Sent>,
    /// The rows that need no request.
    known: Option<Known>,
    /// Why it can not be read on, once everything before was given.
    failure: Option<Error>,
    /// The numbers of requests whose answers are of no use any more.
    cancelled: Vec<u64>,
}

/// Rows of a level, each of which is one partition of the level below.
#[derive(Debug)]
pub struct Batch {
    /// The places down to the page or sequence that they stand in.
    pub places: Arc<[Place]>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A page that was asked for.
#[derive(Debug)]
pub struct Sent {
    /// The number of the request.
    pub ticket: u64,
    /// Where the page is.
    pub position: Position,
    /// The address that its links are relative to.
    pub url: Url,
    /// What came of it so far.
    pub answer: Option<Result<Response>>,
}

/// A page that has arrived.
#[derive(Debug)]
pub struct Arrived {
    position: Position,
    url: Url,
    /// How many of its records are done with.
    pub skip: u64,
    /// How many of the records that become of the next one are done with.
    part: u64,
    /// The digest of the last of those that are done with, as it was then.
    digest: Option<u64>,
    /// How many records came on the pages before it.
    seen: u64,
    /// The page.
    pub response: Response,
}

/// The places in the levels above after the row that a partition is for.
#[derive(Clone, Debug)]
pub struct Parents {
    places: Arc<[Place]>,
    /// Count for the last place, which is shared by all records of a page.
    given: u64,
    digest: Option<u64>,
}

impl Parents {
    /// The places in the levels above, the outermost first: the last of them after `given` rows of its page, the last of which has
    /// this digest.
    #[must_use]
    pub fn new(places: Arc<[Place]>, given: u64, digest: Option<u64>) -> Self {
        Self { places, given, digest }
    }

    /// The values taken from the rows above: names and JSON texts, the outermost level's first.
    pub fn bindings(&self) -> impl Iterator<Item = &(String, String)> {
        self.places.iter().flat_map(|place| &place.bindings)
    }

    /// The places, the outermost first.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let mut places = self.places.to_vec();
        if let Some(last) = places.last_mut() {
            (last.given, last.digest) = (self.given, self.digest);
        }
        places
    }
}

impl Partition {
    /// A partition that is read from a place on. `size` is the size of a page that the caller asks for.
    pub fn new(paging: &'static Paging, size: Option<&str>, parents: Parents, place: Place) -> Result<Self> {
        let mut pager = Pager::new(paging, size)?;
        pager.resume(&place.position, place.seen)?;
        let first = Pager::start(paging);
        Ok(Self {
            parents,
            first: (place.position == first && place.seen == 0).then_some(first),
            bindings: place.bindings,
            pager,
            skip: place.given,
            part: place.part,
            digest: place.digest,
            next: Some(place.position),
            sent: VecDeque::new(),
            known: None,
            failure: None,
            cancelled: Vec::new(),
        })
    }

    /// A partition whose rows need no request, from a place on.
    pub fn known(opened: Opened, parents: Parents, place: Place) -> Self {
        let known = Some(Known::sequence(opened, place.given));
        Self { known, ..Self::without_pages(parents, place) }
    }

    /// A partition that can not be read.
    pub fn broken(error: Error, parents: Parents, place: Place) -> Self {
        Self { failure: Some(error), ..Self::without_pages(parents, place) }
    }

    fn without_pages(parents: Parents, place: Place) -> Self {
        Self {
            parents,
            bindings: place.bindings,
            first: None,
            pager: Pager::single(),
            skip: 0,
            part: 0,
            digest: None,
            next: None,
            sent: VecDeque::new(),
            known: None,
            failure: None,
            cancelled: Vec::new(),
        }
    }

    /// Takes pages that were read before in place of asking for them.
    pub fn replay(&mut self, pages: Arc<[KeptPage]>) {
        self.known = Some(Known::Kept { pages, next: 0 });
        self.next = None;
    }

    /// Whether it is at its start, and nothing of it was asked for.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.skip == 0 && self.part == 0 && self.next == Some(self.pager.first())
    }

    /// The values in force above it and for it, down to a level: names and JSON texts.
    #[must_use]
    pub fn bindings_to(&self, depth: usize) -> Vec<(String, String)> {
        let places = self.parents.places.iter().map(|place| &place.bindings).chain([&self.bindings]);
        places.take(depth + 1).flatten().cloned().collect()
    }

    /// The next rows that are at hand without a request. None after the last.
    pub fn known_rows(&mut self) -> Option<Batch> {
        let next = self.known.as_mut()?.next(&self.bindings);
        let Some((place, rows)) = next else {
            self.known = None;
            return None;
        };
        let mut places = self.parents.places();
        places.push(place);
        Some(Batch { places: places.into(), rows })
    }

    /// The values taken from the rows above: names and JSON texts, the outermost level's first.
    pub fn bindings(&self) -> impl Iterator<Item = &(String, String)> {
        self.parents.bindings().chain(&self.bindings)
    }

    /// Those of the values that become members of its own records.
    fn included(&self, names: &[&str]) -> Vec<(String, String)> {
        let member = |name: &str| format!("_{}", name.replace(['.', '['], "_").replace(']', ""));
        let wanted = self.bindings().filter(|(name, _)| names.contains(&name.as_str()));
        wanted.map(|(name, value)| (member(name), value.clone())).collect()
    }

    /// Sets what leads to a page.
    pub fn place(&self, at: &Position, args: &mut Args) {
        self.pager.place(at, args);
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.next.is_none() && self.sent.is_empty() && self.known.is_none() && self.failure.is_none()
    }

    /// Whether nothing comes after what was given.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Ends it with an error, which comes once everything before was given.
    pub fn fail(&mut self, error: Error) {
        self.drop_sent();
        self.next = None;
        self.known = None;
        self.failure = Some(error);
    }

    /// The reason why it can not be read on, now that everything before was given.
    pub fn failed(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// The number of the request that the next page comes with. None if it is yet to be sent.
    #[must_use]
    pub fn awaited(&self) -> Option<u64> {
        self.sent.front().map(|sent| sent.ticket)
    }

    /// How many pages were asked for and are not taken yet.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.sent.len()
    }

    /// A page that can be asked for now: the next one, or one further on if that can be told already.
    #[must_use]
    pub fn to_send(&self) -> Option<Position> {
        self.next.clone().or_else(|| self.pager.ahead(&self.sent.back()?.position))
    }

    /// Notes that a page was asked for.
    pub fn send(&mut self, sent: Sent) {
        self.next = None;
        self.sent.push_back(sent);
    }

    /// Takes in what came of a request, if it is one of its own; says whether it is.
    pub fn arrive(&mut self, ticket: u64, answer: &mut Option<Result<Response>>) -> bool {
        let Some(sent) = self.sent.iter_mut().find(|sent| sent.ticket == ticket) else { return false };
        sent.answer = answer.take();
        true
    }

    /// Takes the next page if it has arrived.
    pub fn take(&mut self) -> Option<Result<Arrived>> {
        let answer = self.sent.front_mut()?.answer.take()?;
        let Sent { position, url, .. } = self.sent.pop_front()?;
        let (skip, part, digest) = (std::mem::take(&mut self.skip), std::mem::take(&mut self.part), self.digest.take());
        let seen = self.pager.seen();
        Some(answer.map(|response| Arrived { position, url, skip, part, digest, seen, response }))
    }

    /// Reads a page that it took, and moves on past it.
    ///
    /// A reason why it can not be read on, be it a record that does not fit or a link that can not be followed, is kept until
    /// everything before was given.
    ///
    /// Where the last record that an earlier run was given is not where it was, records came or went before it, and the page is given
    /// from its start: what is now in the place of those that were given would otherwise be lost.
    pub fn read(
        &mut self,
        core: &Core,
        layout: &Layout,
        arrived: &mut Arrived,
        spans: bool,
        sink: &mut dyn Sink,
    ) -> Result<PageRead> {
        let included = self.included(layout.included);
        let inputs = Some(&core.inputs);
        let read = |sink: &mut dyn Sink, skip: u64, part: u64| {
            let reading = Reading { skip, part, inputs, included: &included, spans, ..Reading::default() };
            page::read(&arrived.response, layout, reading, sink).map_err(|NoPage(why)| no_page(core, &arrived.response, &why))
        };
        let mut page = read(sink, arrived.skip, arrived.part)?;
        if arrived.digest.is_some() && arrived.digest != page.digest_of(arrived.skip, &arrived.response.body) {
            (arrived.skip, arrived.part) = (0, 0);
            sink.restart();
            page = read(sink, 0, 0)?;
        }
        self.first = None;
        self.pager.check(&page.facts)?;
        let has_moved = self.pager.has_moved(&page.facts);
        let next = match page.failure.clone() {
            Some(error) => Err(error),
            None => follow(core, arrived, &mut page.facts).and_then(|()| self.pager.advance(&arrived.position, &page.facts)),
        };
        match next {
            // It was asked for ahead of time, and what follows it perhaps as well.
            Ok(Some(next)) if !has_moved && self.sent.front().is_some_and(|sent| sent.position == next) => {}
            Ok(next) => {
                self.drop_sent();
                self.next = next;
            }
            Err(error) => self.fail(error),
        }
        Ok(page)
    }

    /// Whether the service cut its query off with the page just read.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.failure.as_ref().is_some_and(|error| error.kind() == ErrorKind::Truncated)
    }

    /// Goes on with the first page of another query.
    pub fn renew(&mut self) {
        self.failure = None;
        self.pager.renew();
        self.next = Some(self.pager.first());
    }

    /// Reads no further.
    pub fn stop(&mut self) {
        self.next = None;
        self.drop_sent();
    }

    /// Whether none of its pages was read.
    #[must_use]
    pub fn is_at_start(&self) -> bool {
        self.first.is_some()
    }

    /// Asks for the first page again, before which no other one is asked for.
    pub fn restart(&mut self) {
        self.next.clone_from(&self.first);
    }

    fn drop_sent(&mut self) {
        self.cancelled.extend(self.sent.drain(..).map(|sent| sent.ticket));
    }

    /// Takes the numbers of requests whose answers are of no use any more.
    pub fn cancelled(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.cancelled)
    }

    /// The place in a page after some of its records, below the places in the parents.
    #[must_use]
    pub fn places_in(&self, page: &Arrived, read: &PageRead, given: u64) -> Vec<Place> {
        let part = if given == page.skip { page.part } else { 0 };
        let (bindings, position) = (self.bindings.clone(), page.position.clone());
        let digest = read.digest_of(given, &page.response.body);
        let place = Place { bindings, position, digest, given, part, seen: page.seen };
        let mut places = self.parents.places();
        places.push(place);
        places
    }

    /// The place before its first page.
    #[must_use]
    pub fn places_at_start(&self) -> Vec<Place> {
        let mut places = self.parents.places();
        places.push(Place::at(self.pager.first(), 0, self.bindings.clone()));
        places
    }

    /// The place after a page that was read. Where it was the last one, that is the place in the parents; where the partition can
    /// not be read on, it is before what does not fit.
    #[must_use]
    pub fn places_after(&self, page: &Arrived, read: &PageRead) -> Vec<Place> {
        if self.failure.is_some() {
            let mut places = self.places_in(page, read, page.skip + read.done);
            if let (Some(last), Some(stopped)) = (places.last_mut(), read.stopped) {
                last.part = stopped.part;
            }
            return places;
        }
        let mut places = self.parents.places();
        if let Some(next) = self.next.as_ref().or_else(|| self.sent.front().map(|sent| &sent.position)) {
            places.push(Place::at(next.clone(), self.pager.seen(), self.bindings.clone()));
        }
        places
    }
}

/// Makes the link of a page absolute, and refuses one that must not be followed.
fn follow(core: &Core, arrived: &Arrived, facts: &mut PageFacts) -> Result<()> {
    facts.link = match facts.link.take() {
        Some(link) if facts.has_more != Some(false) => Some(core.follow(&arrived.url, &link)?.to_string()),
        _ => None,
    };
    Ok(())
}

/// The error for a body that is no page. Whatever the service sent may hold what was sent to it.
#[cold]
fn no_page(core: &Core, response: &Response, why: &str) -> Error {
    let body = core.mask(&String::from_utf8_lossy(&response.body));
    let request_id = request_id(&response.headers).map(|id| core.mask(id));
    Error::new(ErrorKind::Page, core.mask(why)).with_response(response.status, request_id.as_deref(), body.as_bytes())
}
