//! The part of a resource's descriptor that says how its pages follow one another.

use crate::rt::descriptor::Path;

/// How one page leads to the next.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// The way to the next page.
    pub style: Style,
    /// The parameter for the size of a page.
    pub size: Option<Size>,
    /// What ends the sequence, besides what the style itself says.
    pub stop: Stop,
}

impl Paging {
    /// There is one page.
    pub const SINGLE: Self = Self::by(Style::Single);

    const fn by(style: Style) -> Self {
        Self { style, size: None, stop: Stop::EMPTY_PAGE }
    }

    /// A counter of pages, from `base` on.
    #[must_use]
    pub const fn page_number(param: &'static str, base: u64) -> Self {
        Self::by(Style::PageNumber { param, base })
    }

    /// A count of records to pass over, from `base` on.
    #[must_use]
    pub const fn offset(param: &'static str, base: u64) -> Self {
        Self::by(Style::Offset { param, base })
    }

    /// A value of the page, sent to get the next.
    #[must_use]
    pub const fn cursor(param: &'static str, path: Path) -> Self {
        Self::by(Style::Cursor { param, path })
    }

    /// A field of the page's last record, sent to get the next.
    #[must_use]
    pub const fn last_record(param: &'static str, field: Path) -> Self {
        Self::by(Style::LastRecord { param, field })
    }

    /// The address of a relation in the `Link` header.
    #[must_use]
    pub const fn header_link(rel: &'static str) -> Self {
        Self::by(Style::HeaderLink { rel })
    }

    /// An address in the page.
    #[must_use]
    pub const fn json_link(path: Path) -> Self {
        Self::by(Style::JsonLink { path })
    }

    /// How many records are asked for, and by which parameter.
    #[must_use]
    pub const fn size(self, param: &'static str, default: u32) -> Self {
        Self { size: Some(Size { param, default, max: None }), ..self }
    }

    /// The most records that the service accepts to be asked for.
    #[must_use]
    pub const fn at_most(self, max: u32) -> Self {
        match self.size {
            Some(size) => Self { size: Some(Size { max: Some(max), ..size }), ..self },
            None => self,
        }
    }

    /// Where the number of all records is in the page.
    #[must_use]
    pub const fn total(self, path: Path) -> Self {
        Self { stop: Stop { total: Some(path), ..self.stop }, ..self }
    }

    /// Where the number of all pages is in the page.
    #[must_use]
    pub const fn total_pages(self, path: Path) -> Self {
        Self { stop: Stop { total_pages: Some(path), ..self.stop }, ..self }
    }

    /// Where the page says whether more follow.
    #[must_use]
    pub const fn has_more(self, path: Path) -> Self {
        Self { stop: Stop { has_more: Some(path), ..self.stop }, ..self }
    }

    /// An empty page is not the end.
    #[must_use]
    pub const fn past_empty_pages(self) -> Self {
        Self { stop: Stop { on_empty_page: false, ..self.stop }, ..self }
    }

    /// A page with fewer records than asked for is the end.
    #[must_use]
    pub const fn until_short_page(self) -> Self {
        Self { stop: Stop { on_short_page: true, ..self.stop }, ..self }
    }

    /// The largest page number or offset that is asked for.
    #[must_use]
    pub const fn up_to(self, maximum: u64) -> Self {
        Self { stop: Stop { maximum: Some(maximum), ..self.stop }, ..self }
    }
}

/// The way from one page to the next.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// There is one page.
    Single,
    /// A counter of pages.
    PageNumber {
        /// The parameter.
        param: &'static str,
        /// The first page's number.
        base: u64,
    },
    /// A count of records to pass over; advances by the rows received.
    Offset {
        /// The parameter.
        param: &'static str,
        /// The first record's number.
        base: u64,
    },
    /// A value of this page, sent to get the next. Absent, null and "" end the sequence.
    Cursor {
        /// The parameter.
        param: &'static str,
        /// Where the value is in the page.
        path: Path,
    },
    /// A field of the page's last record, sent to get the next. An empty page ends the sequence.
    LastRecord {
        /// The parameter.
        param: &'static str,
        /// Where the value is in the record.
        field: Path,
    },
    /// The address in the `Link` header.
    HeaderLink {
        /// The relation of the next page, usually `next`.
        rel: &'static str,
    },
    /// An address in the page.
    JsonLink {
        /// Where it is.
        path: Path,
    },
}

/// The parameter for the size of a page.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Its name; empty where the size is known but not sent.
    pub param: &'static str,
    /// How many records are asked for.
    pub default: u32,
    /// The most that the service accepts, where known.
    pub max: Option<u32>,
}

/// What ends a sequence of pages.
#[derive(Clone, Copy, Debug)]
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

impl Stop {
    /// An empty page ends the sequence, and nothing else.
    pub const EMPTY_PAGE: Self =
        Self { total: None, total_pages: None, has_more: None, on_empty_page: true, on_short_page: false, maximum: None };
}
