//! What is wrong with a page as a whole, and with the way to the next one.

use serde_json::Value;

use super::super::{
    page::{Asked, Hostility, relative},
    position::{self, Slice},
};
use super::Strike;
use super::scenario::{Act, NextFault, PageFault};
use crate::model::{Advance, Paging, Slot, Style};

/// Whether something can be wrong with the pages of a list without its being lost on the way.
pub(super) fn can_strike(fault: PageFault, paging: &Paging) -> bool {
    let by_cursor = matches!(paging.style, Style::Cursor { .. } | Style::HeaderCursor { .. });
    let in_body = matches!(paging.place, Some(Slot::Body(_)));
    let by_rows = matches!(paging.style, Style::Offset { .. }) && matches!(paging.advance, Advance::Rows);
    let by_record = matches!(paging.style, Style::LastRecord { .. });
    let is_counted = matches!(paging.style, Style::PageNumber { .. } | Style::Offset { .. }) && paging.stop.total.is_some();
    match fault {
        PageFault::Empty => by_cursor && !in_body && !paging.stop.on_empty_page,
        PageFault::Short => (by_cursor || by_rows || by_record) && !paging.stop.on_short_page,
        PageFault::Smaller => {
            matches!(paging.style, Style::Cursor { .. } | Style::Offset { .. } | Style::LastRecord { .. })
                && !paging.stop.on_short_page
                && matches!(paging.advance, Advance::Rows)
        }
        PageFault::TotalHigh | PageFault::TotalLow => is_counted,
    }
}

impl Strike {
    /// The slice that is served in the place of another.
    pub(in crate::mock) fn slice(&self, slice: Slice) -> Slice {
        match self.act {
            Act::Page(PageFault::Empty) => Slice { size: 0, ..slice },
            Act::Page(PageFault::Short) => Slice { size: (slice.size / 2).max(1), ..slice },
            _ => slice,
        }
    }

    /// The total that is announced in the place of another, where so many records came.
    pub(in crate::mock) fn total(&self, total: u64, came: u64) -> u64 {
        match self.act {
            Act::Page(PageFault::TotalHigh) => total.saturating_add(1 + self.luck % 20),
            // One that is just what came can not be told from the truth.
            Act::Page(PageFault::TotalLow) if total > came => came.saturating_sub(1 + self.luck % 3),
            _ => total,
        }
    }
}

impl Hostility<'_> {
    /// The most records of a page.
    pub(in crate::mock) fn most(&self) -> Option<u64> {
        self.storm.most()
    }

    /// What leads to the page after a slice, in the place of something else.
    pub(in crate::mock) fn next(&self, asked: &Asked, slice: Slice, next: Option<Value>) -> Option<Value> {
        let (start, end) = (slice.start, slice.end());
        let text = next.as_ref().and_then(Value::as_str).map(str::to_owned);
        if let Some(text) = &text {
            self.storm.note_way(self.list, end, text);
        }
        let Some(strike) = self.strike else { return next };
        let way = match (strike.act, text) {
            (Act::Next(NextFault::Repeated), Some(_)) => self.storm.way_to(self.list, start),
            (Act::Next(NextFault::Cycle), Some(_)) => self.storm.way_before(self.list, start),
            (Act::Next(NextFault::Relative), Some(text)) => Some(relative(&text).to_owned()),
            (Act::Next(NextFault::To(target)), Some(text)) => {
                let text = if text.contains("://") { text } else { format!("{}{text}", origin(asked.address)) };
                Some(strike.target(target, &text))
            }
            (Act::Next(_), None) => None,
            // Another name of the same place, so that it is not the one that led here.
            (Act::Page(PageFault::Empty), _) => return position::renamed(asked, start, strike.luck % 1_000).or(next),
            _ => return next,
        };
        if way.is_none() {
            self.storm.spare(strike);
        }
        way.map(Value::from).or(next)
    }
}

fn origin(address: &str) -> &str {
    super::split_origin(address).0
}
