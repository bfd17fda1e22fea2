//! What to look for in the pages of a resource, and in the heads of its responses.

use crate::rt::descriptor::{Advance, Columns, Contract, Paging, Path, Resource, Slot, Style};
use crate::rt::facts::count_of;
use crate::rt::link_header;
use crate::rt::message::Headers;
use crate::rt::page::{Decoder, NoPage, PageFacts, Transform};
use crate::rt::paging::Carry;
use crate::rt::progress::Increments;

/// What to look for in the pages of a resource.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The selectors, then a path for each probe.
    pub paths: Vec<Path>,
    /// What each of those stands for.
    pub probes: Vec<Probe>,
    paging: Paging,
    /// Where the cursor is in the last record.
    pub record_cursor: Option<Path>,
    /// Whether cursors are kept as the JSON that they are.
    pub json_cursor: bool,
    /// What reads a body that is no JSON document.
    pub decoder: Option<&'static dyn Decoder>,
    /// Whether pages are told apart by their records.
    pub digest: bool,
    /// What happens to records that do not fit.
    pub contract: Contract,
    /// What happens to those with a field that their schema does not know.
    pub columns: Columns,
    /// What becomes of each record before it is in the sink.
    pub transform: Option<&'static dyn Transform>,
    /// The names of what is added to each record.
    pub included: &'static [&'static str],
}

/// A value beside the records.
#[derive(Clone, Copy, Debug)]
pub enum Probe {
    /// The cursor of the next page.
    Cursor,
    /// Its address.
    Link,
    /// Something that later requests send, by its number.
    Carried(usize),
    /// The number of all records.
    Total,
    /// The number of all pages.
    TotalPages,
    /// Whether more pages follow.
    HasMore,
    /// Whether none follow.
    IsLast,
    /// The size of the page.
    Size,
    /// What the next run starts from.
    Token,
}

impl Layout {
    /// The layout of a resource's pages.
    #[must_use]
    pub fn of(resource: &Resource) -> Self {
        let paging = &resource.paging;
        let (mut cursor, mut link, mut record_cursor) = (None, None, None);
        match paging.style {
            Style::Cursor { path, .. } => cursor = Some(path),
            Style::JsonLink { path } => link = Some(path),
            Style::LastRecord { field, .. } => record_cursor = Some(field),
            _ => {}
        }
        let echoed = if let Advance::Echoed(path) = paging.advance { Some(path) } else { None };
        let stop = &paging.stop;
        let probes = [
            (Probe::Cursor, cursor),
            (Probe::Link, link),
            (Probe::Total, stop.total),
            (Probe::TotalPages, stop.total_pages),
            (Probe::HasMore, stop.has_more),
            (Probe::IsLast, stop.is_last),
            (Probe::Size, echoed),
            (Probe::Token, resource.incremental.and_then(Increments::token)),
        ];
        let carried = paging.carry.map(Carry::sources).unwrap_or_default();
        let carried = carried.into_iter().enumerate().map(|(at, path)| (Probe::Carried(at), path));
        let probes = probes.into_iter().filter_map(|(probe, path)| Some((probe, path?)));
        let (probes, probe_paths): (Vec<_>, Vec<_>) = probes.chain(carried).unzip();
        Self {
            paths: resource.selectors.iter().copied().chain(probe_paths).collect(),
            probes,
            paging: *paging,
            record_cursor,
            json_cursor: matches!(paging.place, Some(Slot::Body(_))),
            decoder: resource.decoder,
            digest: matches!(paging.style, Style::PageNumber { .. } | Style::Offset { .. }),
            contract: resource.contract,
            columns: resource.columns,
            transform: None,
            included: resource.included,
        }
    }

    /// The same, with what becomes of each record. The records that others are read for are taken as they come.
    #[must_use]
    pub fn with(self, transform: Option<&'static dyn Transform>) -> Self {
        Self { transform, ..self }
    }

    /// Where the records may be, the best place first.
    #[must_use]
    pub fn selectors(&self) -> &[Path] {
        self.paths.get(..self.paths.len() - self.probes.len()).unwrap_or_default()
    }

    /// Adds what the head of a response says.
    pub fn read_head(&self, headers: &Headers, facts: &mut PageFacts) -> Result<(), NoPage> {
        match self.paging.style {
            Style::HeaderLink { rel } => {
                let link = link_header::target(headers.all("link"), rel);
                facts.link = link.filter(|link| !link.is_empty()).map(str::to_owned);
            }
            Style::HeaderCursor { header, .. } => {
                facts.cursor = headers.get(header).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
            }
            _ => {}
        }
        if let Some(header) = self.paging.stop.total_header {
            facts.total = headers.get(header).and_then(count_of);
        }
        if self.paging.stop.zero_is_unknown {
            facts.total = facts.total.filter(|total| *total > 0);
        }
        if let (Some(take), Some(link)) = (self.paging.take, facts.link.take_if(|_| self.paging.take.is_some())) {
            let cursor = take.cursor(&link);
            facts.cursor = Some(cursor.ok_or_else(|| NoPage(format!("the next page's address has no `{}`", take.param())))?);
        }
        Ok(())
    }
}
