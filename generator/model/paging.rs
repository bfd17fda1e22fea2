//! How one page leads to the next.

use super::{Path, Spanned};

/// How one page leads to the next.
#[derive(Clone, Debug)]
pub struct Paging {
    /// The way to the next page.
    pub style: Style,
    /// Where the number, offset or cursor goes, unless it is the query parameter that the style names.
    pub place: Option<Slot>,
    /// The cursor of the first request: JSON where it goes into the body, else a text.
    pub initial: Option<String>,
    /// The parameter for the size of a page.
    pub size: Option<Size>,
    /// By how much an offset advances.
    pub advance: Advance,
    /// Which query parameters the requests after the first one send.
    pub later: Later,
    /// The parameter that is taken out of a link, where the link itself is not followed.
    pub take: Option<String>,
    /// What each page gives that later requests send besides the cursor: the place in the body, and the place in the page.
    pub carry: Vec<(Spanned<Path>, Spanned<Path>)>,
    /// What ends the sequence, besides what the style itself says.
    pub stop: Stop,
    /// How many records of one query the service gives.
    pub window: Option<Spanned<WindowLimit>>,
}

impl Paging {
    /// There is one page.
    #[must_use]
    pub fn single() -> Self {
        Self {
            style: Style::Single,
            place: None,
            initial: None,
            size: None,
            advance: Advance::Rows,
            later: Later::All,
            take: None,
            carry: Vec::new(),
            stop: Stop::default(),
            window: None,
        }
    }

    /// Where the number, offset or cursor goes.
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        self.place.clone().or_else(|| match &self.style {
            Style::PageNumber { param, .. }
            | Style::Offset { param, .. }
            | Style::Cursor { param, .. }
            | Style::HeaderCursor { param, .. }
            | Style::LastRecord { param, .. } => Some(Slot::Query(param.clone())),
            Style::Single | Style::HeaderLink { .. } | Style::JsonLink { .. } => self.take.clone().map(Slot::Query),
        })
    }

    /// Where its values go: the number, offset or cursor, then the size.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        self.slot().into_iter().chain(self.size.as_ref().and_then(Size::slot))
    }
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
    /// The value of a response header, sent to get the next page.
    HeaderCursor {
        /// The parameter.
        param: String,
        /// The header.
        header: String,
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

impl Style {
    /// Whether an empty page is the end unless the spec says otherwise: it leads nowhere.
    #[must_use]
    pub fn ends_empty(&self) -> bool {
        matches!(self, Self::Single | Self::PageNumber { .. } | Self::Offset { .. } | Self::LastRecord { .. })
    }
}

/// Where a request holds a value of its paginator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A query parameter.
    Query(String),
    /// A header.
    Header(String),
    /// A place in the JSON body.
    Body(Path),
    /// A placeholder of the path.
    Path(String),
}

impl std::fmt::Display for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Query(name) | Self::Header(name) | Self::Path(name) => f.write_str(name),
            Self::Body(path) => write!(f, "{path}"),
        }
    }
}

/// By how much an offset advances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advance {
    /// By the number of records that came.
    Rows,
    /// By the size that was asked for.
    Size,
    /// By the size that a page says it has.
    Echoed(Path),
}

/// Which query parameters, besides the paginator's own, are sent after the first request.
#[derive(Clone, Debug)]
pub enum Later {
    /// All of them.
    All,
    /// All but these.
    Without(Vec<Spanned<String>>),
    /// These alone.
    Only(Vec<Spanned<String>>),
}

impl Later {
    /// Whether a parameter is sent after the first request.
    #[must_use]
    pub fn sends(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Without(names) => names.iter().all(|held| held.as_str() != name),
            Self::Only(names) => names.iter().any(|held| held.as_str() == name),
        }
    }
}

/// The parameter for the size of a page.
#[derive(Clone, Debug)]
pub struct Size {
    /// Its name for the caller; empty where the size is known but not sent.
    pub param: String,
    /// Where it goes, unless it is the query parameter of that name.
    pub place: Option<Slot>,
    /// How many records are asked for.
    pub default: u32,
    /// The most that the service accepts, where known.
    pub max: Option<u32>,
}

impl Size {
    /// Where it goes; none where it is not sent.
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        let query = || (!self.param.is_empty()).then(|| Slot::Query(self.param.clone()));
        self.place.clone().or_else(query)
    }
}

/// What ends a sequence of pages.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Where the number of all records is in the page.
    pub total: Option<Path>,
    /// The response header that holds it.
    pub total_header: Option<String>,
    /// What it counts.
    pub total_means: TotalMeans,
    /// Where the number of all pages is in the page.
    pub total_pages: Option<Path>,
    /// Where the page says whether more follow.
    pub has_more: Option<Path>,
    /// Where the page says whether it is the last one.
    pub is_last: Option<Path>,
    /// Whether an empty page is the end.
    pub on_empty_page: bool,
    /// Whether a page with fewer records than asked for is the end.
    pub on_short_page: bool,
    /// The largest page number or offset that is asked for, itself included.
    pub maximum: Option<u64>,
}

/// What a total counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TotalMeans {
    /// All records.
    #[default]
    All,
    /// All records, unless it is 0.
    UnknownIfZero,
    /// The records of the page alone.
    Page,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            total: None,
            total_header: None,
            total_means: TotalMeans::All,
            total_pages: None,
            has_more: None,
            is_last: None,
            on_empty_page: true,
            on_short_page: false,
            maximum: None,
        }
    }
}

impl Paging {
    /// Whether a query that the service cuts off is narrowed, and goes on.
    #[must_use]
    pub fn splits(&self) -> bool {
        self.window.as_ref().is_some_and(|window| window.then == Then::SplitByCursor)
    }
}

/// A limit of the service on the records of one query, whatever it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowLimit {
    /// How many records it gives.
    pub records: u64,
    /// What happens when so many came and nothing proves that these are all.
    pub then: Then,
}

/// What happens at the end of a [`WindowLimit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The run ends with an error.
    Fail,
    /// The query is narrowed by the incremental cursor, and goes on.
    SplitByCursor,
}
