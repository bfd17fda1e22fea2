//! How one page leads to the next.

use super::{Path, Spanned};

/// How one page leads to the next.
#[derive(Clone, Debug)]
pub struct Paging {
    /// The way to the next page.
    pub style: Style,
    /// The parameter for the size of a page.
    pub size: Option<Size>,
    /// What ends the sequence, besides what the style itself says.
    pub stop: Stop,
}

/// The way from one page to the next.
#[derive(Clone, Debug)]
pub enum Style {
    /// There is one page.
    Single,
    /// A counter of pages.
    PageNumber {
        /// The parameter.
        param: String,
        /// The first page's number.
        base: u64,
    },
    /// A count of records to pass over.
    Offset {
        /// The parameter.
        param: String,
        /// The first record's number.
        base: u64,
    },
    /// A value of this page, sent to get the next.
    Cursor {
        /// The parameter.
        param: String,
        /// Where the value is in the page.
        path: Spanned<Path>,
    },
    /// A field of the page's last record, sent to get the next.
    LastRecord {
        /// The parameter.
        param: String,
        /// Where the value is in the record.
        field: Spanned<Path>,
    },
    /// The address in the `Link` header.
    HeaderLink {
        /// The relation of the next page.
        rel: String,
    },
    /// An address in the page.
    JsonLink {
        /// Where it is.
        path: Spanned<Path>,
    },
}

/// The parameter for the size of a page.
#[derive(Clone, Debug)]
pub struct Size {
    /// Its name; empty where the size is known but not sent.
    pub param: String,
    /// How many records are asked for.
    pub default: u32,
    /// The most that the service accepts, where known.
    pub max: Option<u32>,
}

/// What ends a sequence of pages.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Where the number of all records is in the page.
    pub total: Option<Path>,
    /// Where the number of all pages is in the page.
    pub total_pages: Option<Path>,
    /// Where the page says whether more follow.
    pub has_more: Option<Path>,
    /// Whether an empty page is the end, for counters of pages and records.
    pub on_empty_page: bool,
    /// Whether a page with fewer records than asked for is the end.
    pub on_short_page: bool,
    /// The largest page number or offset that is asked for.
    pub maximum: Option<u64>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { total: None, total_pages: None, has_more: None, on_empty_page: true, on_short_page: false, maximum: None }
    }
}
