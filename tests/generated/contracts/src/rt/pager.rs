//! Paging without IO: where a page is in its sequence, what is sent to get it, and what comes after it.
//!
//! A page decides what comes next, and the [`Pager`] holds it to progress: a cursor, an address or a page that comes again is an
//! error, and so is a row of empty pages without an end in sight.

use std::collections::HashSet;

use crate::rt::args::Args;
use crate::rt::descriptor::{Advance, Paging, Size, Slot, Style};
use crate::rt::digest::digest;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::json_write;
use crate::rt::page::PageFacts;

/// How many empty pages in a row are believed where only the page says that more follow.
const EMPTY_PAGES: u32 = 100;

/// Where a page is in its sequence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Position {
    /// At its start, where no counter says so.
    Start,
    /// The page of this number.
    Page(u64),
    /// The page that starts at this record.
    Offset(u64),
    /// The page that this cursor leads to: a text, or JSON where it goes into a body.
    Cursor(String),
    /// The page at this absolute address.
    Url(String),
    /// No page: the rows of a sequence that needs no request, by what they follow from.
    Sequence(String),
}

/// A walk along one sequence of pages.
#[derive(Debug)]
pub struct Pager {
    paging: &'static Paging,
    /// How many records a page is asked to have, where that is known.
    asked: Option<u64>,
    /// How many records came on the pages so far, as far as they count.
    seen: u64,
    /// The most records that a page had: what the service makes of the size it was asked for.
    largest: u64,
    /// The size that the latest page said it has.
    echoed: Option<u64>,
    /// How many pages were empty since the last one that was not.
    empty: u32,
    /// The number of all records that the latest page told, right or wrong.
    told: Option<u64>,
    /// The latest page's number of all records or pages, unless it can not be right.
    total: Option<u64>,
    total_pages: Option<u64>,
    /// The digest of the latest page's records.
    latest: Option<u64>,
    /// The digests of the cursors and addresses so far.
    tokens: HashSet<u64>,
}

/// What a page says about the end of its sequence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outlook {
    /// More pages follow.
    More,
    /// This was the last one.
    End,
    /// Nothing that can be right.
    Unknown,
}

impl Pager {
    /// A pager for a sequence. `size` is the size of a page that the caller asks for, if it does.
    pub fn new(paging: &'static Paging, size: Option<&str>) -> Result<Self> {
        let asked = match &paging.size {
            Some(limits) => Some(checked_size(limits, size)?),
            None => None,
        };
        Ok(Self { asked, ..Self::along(paging) })
    }

    /// A pager for a sequence of one page.
    #[must_use]
    pub fn single() -> Self {
        Self::along(&Paging::SINGLE)
    }

    /// Begins another sequence.
    pub fn renew(&mut self) {
        *self = Self { asked: self.asked, ..Self::along(self.paging) };
    }

    fn along(paging: &'static Paging) -> Self {
        Self {
            paging,
            asked: None,
            seen: 0,
            largest: 0,
            echoed: None,
            empty: 0,
            told: None,
            total: None,
            total_pages: None,
            latest: None,
            tokens: HashSet::new(),
        }
    }

    /// The first page's position.
    #[must_use]
    pub fn start(paging: &Paging) -> Position {
        match paging.style {
            Style::PageNumber { base, .. } => Position::Page(base),
            Style::Offset { base, .. } => Position::Offset(base),
            _ => Position::Start,
        }
    }

    /// The position of its own first page.
    #[must_use]
    pub fn first(&self) -> Position {
        Self::start(self.paging)
    }

    /// Goes on from a position of an earlier pager, before which `seen` records came.
    pub fn resume(&mut self, at: &Position, seen: u64) -> Result<()> {
        let fits = match self.paging.style {
            Style::Single => matches!(at, Position::Start),
            Style::PageNumber { base, .. } => matches!(at, Position::Page(number) if *number >= base),
            Style::Offset { base, .. } => matches!(at, Position::Offset(offset) if *offset >= base),
            _ if self.follows_links() => matches!(at, Position::Start | Position::Url(_)),
            _ => matches!(at, Position::Start | Position::Cursor(_)),
        };
        if !fits {
            return Err(Error::new(ErrorKind::Checkpoint, "the checkpoint's position is none of this way of paging"));
        }
        self.seen = seen;
        self.tokens.extend(self.token(at));
        Ok(())
    }

    /// How many records came on the pages so far.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether links are followed as they are.
    fn follows_links(&self) -> bool {
        matches!(self.paging.style, Style::HeaderLink { .. } | Style::JsonLink { .. }) && self.paging.take.is_none()
    }

    /// Sets what leads to a page, in place of what the caller set under the same names.
    pub fn place(&self, at: &Position, args: &mut Args) {
        if *at != Self::start(self.paging) {
            args.restrict(self.paging.later);
        }
        if let Some(size) = self.paging.size.filter(|size| size.place.is_some()) {
            args.unset(size.param);
        }
        for (slot, value) in self.placed(at) {
            args.place(slot, value);
        }
    }

    /// The values that lead to a page, and where they go; those for the body are JSON. None for an address: it is followed as it
    /// is.
    #[must_use]
    pub fn placed(&self, at: &Position) -> Vec<(Slot, String)> {
        if matches!(at, Position::Url(_)) {
            return Vec::new();
        }
        let size = self.paging.size.filter(|size| !size.param.is_empty()).zip(self.asked);
        let size = size.map(|(size, asked)| (size.place.unwrap_or(Slot::Query(size.param)), asked.to_string()));
        let mut placed: Vec<_> = size.into_iter().collect();
        match at {
            Position::Page(number) => placed.extend(self.slot().map(|slot| (slot, number.to_string()))),
            Position::Offset(offset) => placed.extend(self.slot().map(|slot| (slot, offset.to_string()))),
            Position::Start => placed.extend(self.slot().zip(self.paging.initial.map(str::to_owned))),
            Position::Cursor(cursor) => self.place_cursor(cursor, &mut placed),
            Position::Url(_) | Position::Sequence(_) => {}
        }
        placed
    }

    fn place_cursor(&self, text: &str, placed: &mut Vec<(Slot, String)>) {
        let cursor = self.paging.carry.map_or(text, |carry| carry.cursor(text));
        placed.extend(self.slot().map(|slot| match slot {
            // What is no JSON yet comes from a header or an address.
            Slot::Body(_) if !matches!(self.paging.style, Style::Cursor { .. } | Style::LastRecord { .. }) => {
                let mut json = String::with_capacity(cursor.len() + 2);
                json_write::string(&mut json, cursor);
                (slot, json)
            }
            slot => (slot, cursor.to_owned()),
        }));
        let carried = self.paging.carry.map(|carry| carry.values(text)).unwrap_or_default();
        placed.extend(carried.into_iter().map(|(path, value)| (Slot::Body(path), value.to_owned())));
    }

    /// Where the number, offset or cursor goes.
    fn slot(&self) -> Option<Slot> {
        self.paging.place.or_else(|| match self.paging.style {
            Style::PageNumber { param, .. }
            | Style::Offset { param, .. }
            | Style::Cursor { param, .. }
            | Style::HeaderCursor { param, .. }
            | Style::LastRecord { param, .. } => Some(Slot::Query(param)),
            Style::Single | Style::HeaderLink { .. } | Style::JsonLink { .. } => {
                self.paging.take.map(|take| Slot::Query(take.param()))
            }
        })
    }

    /// Whether the list has more or fewer records than it had when the page before was made. Pages that were asked for ahead of time
    /// may then begin elsewhere than where this one ends.
    #[must_use]
    pub fn has_moved(&self, facts: &PageFacts) -> bool {
        self.told.zip(facts.total).is_some_and(|(before, now)| before != now)
    }

    /// Refuses a page that has the records of the one before it: the service does not heed the counter.
    pub fn check(&self, facts: &PageFacts) -> Result<()> {
        if facts.rows > 0 && facts.digest.is_some() && facts.digest == self.latest {
            return Err(Error::new(
                ErrorKind::Loop,
                "the service sent the same records for two pages in a row; it seems to ignore the page it is asked for",
            ));
        }
        Ok(())
    }

    /// Takes a page in, and says where the next one is. None ends the sequence.
    pub fn advance(&mut self, at: &Position, facts: &PageFacts) -> Result<Option<Position>> {
        self.observe(facts);
        self.check_window(facts)?;
        let next = match self.paging.style {
            _ if facts.has_more == Some(false) => None,
            Style::Single => None,
            Style::PageNumber { base, .. } => self.next_number(at, base, facts)?.map(Position::Page),
            Style::Offset { base, .. } => self.next_offset(at, base, facts)?.map(Position::Offset),
            // An empty page is the end, also where the service goes on to say how to ask for more.
            Style::LastRecord { .. } if facts.rows == 0 => None,
            _ if facts.rows == 0 && self.paging.stop.on_empty_page => None,
            Style::LastRecord { .. } if facts.cursor.is_none() => {
                return Err(Error::new(
                    ErrorKind::Page,
                    "the last record of the page has no cursor, so that the next page can not be asked for",
                ));
            }
            _ if self.follows_links() => self.next_token(at, facts, facts.link.clone().map(Position::Url))?,
            _ => self.next_token(at, facts, self.cursor(at, facts).map(Position::Cursor))?,
        };
        Ok(next)
    }

    /// The cursor of a page, with what is carried along.
    fn cursor(&self, at: &Position, facts: &PageFacts) -> Option<String> {
        let cursor = facts.cursor.as_deref()?;
        let Some(carry) = self.paging.carry else { return Some(cursor.to_owned()) };
        let before = if let Position::Cursor(before) = at { Some(before.as_str()) } else { None };
        Some(carry.join(cursor, &facts.carried, before))
    }

    /// Refuses to believe that a sequence ends where the service cuts it off.
    fn check_window(&self, facts: &PageFacts) -> Result<()> {
        let Some(window) = self.paging.stop.window.filter(|window| self.seen >= *window) else { return Ok(()) };
        if facts.has_more == Some(false) || facts.total == Some(self.seen) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Truncated,
            format!(
                "the service gives at most {window} records of one query, {} came, and nothing says that these are all; \
                 narrow the query so that it has fewer, by a filter or a shorter span of time",
                self.seen
            ),
        ))
    }

    /// The position after another one, as far as the latest page's total allows to tell before that page is read.
    #[must_use]
    pub fn ahead(&self, at: &Position) -> Option<Position> {
        let size = self.page_size().filter(|size| *size > 0)?;
        // Beyond the window there is nothing to be had.
        let reach = self.paging.stop.window.unwrap_or(u64::MAX);
        match (self.paging.style, at) {
            (Style::PageNumber { base, .. }, Position::Page(number)) => {
                let pages = self.total_pages.or_else(|| Some(self.total?.div_ceil(size)))?.min(reach.div_ceil(size));
                let next = number.checked_add(1)?;
                (next - base < pages && self.is_allowed(next)).then_some(Position::Page(next))
            }
            (Style::Offset { base, .. }, Position::Offset(offset)) => {
                let next = offset.checked_add(self.full_step().unwrap_or(size))?;
                (next - base < self.total?.min(reach) && self.is_allowed(next)).then_some(Position::Offset(next))
            }
            _ => None,
        }
    }

    fn observe(&mut self, facts: &PageFacts) {
        self.seen += facts.rows.min(self.most_counted());
        self.largest = self.largest.max(facts.rows);
        self.echoed = facts.size.filter(|size| *size > 0);
        self.empty = if facts.rows == 0 { self.empty + 1 } else { 0 };
        self.latest = facts.digest;
        self.told = facts.total.or(self.told);
        self.total = facts.total.filter(|total| *total >= self.seen);
        self.total_pages = facts.total_pages;
    }

    /// How many rows of a page count towards a total, where pages are numbered: those above the size that was asked for may be some
    /// that came twice, and a total that is reached too early would end the list.
    fn most_counted(&self) -> u64 {
        let is_numbered = matches!(self.paging.style, Style::PageNumber { .. });
        self.asked.filter(|_| is_numbered).unwrap_or(u64::MAX)
    }

    /// How many records a full page has: what the largest one so far had, or what was asked for.
    fn page_size(&self) -> Option<u64> {
        if self.largest > 0 { Some(self.largest) } else { self.asked }
    }

    /// By how much an offset advances, where that is not the number of records that came.
    fn full_step(&self) -> Option<u64> {
        match self.paging.advance {
            Advance::Rows => None,
            Advance::Size => self.asked,
            Advance::Echoed(_) => self.echoed,
        }
    }

    fn next_number(&self, at: &Position, base: u64, facts: &PageFacts) -> Result<Option<u64>> {
        let Position::Page(number) = *at else { return Ok(None) };
        let pages = (number - base).saturating_add(1);
        let covered = pages.saturating_mul(self.page_size().unwrap_or(0));
        let outlook = self.outlook(facts, Some(pages), self.seen, covered);
        self.next_counted(outlook, facts, number.checked_add(1))
    }

    fn next_offset(&self, at: &Position, base: u64, facts: &PageFacts) -> Result<Option<u64>> {
        let Position::Offset(offset) = *at else { return Ok(None) };
        let full = self.full_step();
        // Where an empty page is not the end, the records that were to be on it are passed over.
        let received = if facts.rows > 0 { facts.rows } else { self.page_size().unwrap_or(1) };
        let next = offset.saturating_add(full.unwrap_or(received));
        // With a step of its own, an offset counts records that the service keeps back as well.
        let (seen, covered) = match full {
            Some(_) => (next - base, next - base),
            None => (self.seen, offset - base),
        };
        let outlook = self.outlook(facts, None, seen, covered);
        self.next_counted(outlook, facts, (next > offset).then_some(next))
    }

    /// What a page says about the end. `pages` were read with `seen` records, and the positions so far hold `covered` at most.
    fn outlook(&self, facts: &PageFacts, pages: Option<u64>, seen: u64, covered: u64) -> Outlook {
        let empty = facts.rows == 0;
        if facts.has_more == Some(true) {
            return Outlook::More;
        }
        if let Some((total, pages)) = facts.total_pages.zip(pages) {
            if total > pages {
                return Outlook::More;
            }
            if total == pages || empty {
                return Outlook::End;
            }
        }
        match facts.total {
            // Fewer than have come: the number is unknown, or it counts the page's own records.
            Some(total) if total < self.seen && !empty => Outlook::Unknown,
            // Records may be filtered after they were counted, so that the count alone would never end.
            Some(total) if total > if empty { covered } else { seen } => Outlook::More,
            Some(_) => Outlook::End,
            None => Outlook::Unknown,
        }
    }

    fn next_counted(&self, outlook: Outlook, facts: &PageFacts, next: Option<u64>) -> Result<Option<u64>> {
        let stop = &self.paging.stop;
        let ended = match outlook {
            Outlook::More => false,
            Outlook::End => true,
            Outlook::Unknown => (facts.rows == 0 && stop.on_empty_page) || self.ends_short(facts),
        };
        let Some(next) = next.filter(|next| !ended && self.is_allowed(*next)) else { return Ok(None) };
        if self.empty >= EMPTY_PAGES && stop.maximum.is_none() {
            return Err(Error::new(
                ErrorKind::Loop,
                format!("{EMPTY_PAGES} pages in a row were empty, and the service says that more follow"),
            ));
        }
        Ok(Some(next))
    }

    /// Holds a cursor or an address to be a new one.
    fn next_token(&mut self, at: &Position, facts: &PageFacts, next: Option<Position>) -> Result<Option<Position>> {
        let what = if self.follows_links() { "address of a next page" } else { "cursor" };
        let Some(next) = next else {
            if facts.has_more == Some(true) {
                return Err(Error::new(ErrorKind::Page, format!("the page says that more follow, and has no {what}")));
            }
            return Ok(None);
        };
        let token = self.token(&next);
        // Services that can be asked again later answer "nothing new" with the way to where one is.
        if facts.rows == 0 && token == self.token(at) {
            return Ok(None);
        }
        if facts.has_more.is_none() && self.ends_short(facts) {
            return Ok(None);
        }
        if token.is_none_or(|token| self.tokens.insert(token)) {
            return Ok(Some(next));
        }
        Err(Error::new(ErrorKind::Loop, format!("the service sent a {what} that it had sent before")))
    }

    /// The digest of a cursor or an address: eight bytes a page is all that the guard against loops keeps.
    fn token(&self, at: &Position) -> Option<u64> {
        match at {
            Position::Cursor(text) => {
                let cursor = self.paging.carry.map_or(text.as_str(), |carry| carry.cursor(text));
                Some(digest(cursor.as_bytes()))
            }
            Position::Url(text) => Some(digest(text.as_bytes())),
            Position::Start | Position::Page(_) | Position::Offset(_) | Position::Sequence(_) => None,
        }
    }

    /// Whether a page with so few records is the end.
    fn ends_short(&self, facts: &PageFacts) -> bool {
        self.paging.stop.on_short_page && self.asked.is_some_and(|asked| facts.rows < asked)
    }

    fn is_allowed(&self, counter: u64) -> bool {
        self.paging.stop.maximum.is_none_or(|maximum| counter <= maximum)
    }
}

fn checked_size(limits: &Size, size: Option<&str>) -> Result<u64> {
    let refuse = |what: &str| Err(Error::new(ErrorKind::Config, format!("`{}` must be {what}", limits.param)));
    match size.map(str::parse) {
        None => Ok(limits.default.into()),
        Some(Err(_) | Ok(0)) => refuse("a number from 1 on"),
        Some(Ok(size)) => match limits.max {
            Some(max) if size > u64::from(max) => refuse(&format!("at most {max}: the service sends no larger page")),
            _ => Ok(size),
        },
    }
}
