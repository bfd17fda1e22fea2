//! The part of a resource's descriptor that says how its pages follow one another.

use std::fmt;

use crate::rt::descriptor::Path;

/// How one page leads to the next.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// The way to the next page.
    pub style: Style,
    /// Where the number, offset or cursor goes, unless it is the query parameter that the style names.
    pub place: Option<Slot>,
    /// The cursor of the first request, which has none otherwise; JSON where it goes into the body.
    pub initial: Option<&'static str>,
    /// The parameter for the size of a page.
    pub size: Option<Size>,
    /// By how much an offset advances.
    pub advance: Advance,
    /// Which query parameters the requests after the first one send.
    pub later: Later,
    /// What takes a cursor out of a link, where the link itself is not followed.
    pub take: Option<&'static dyn Take>,
    /// What each page gives that every later request sends, besides the cursor.
    pub carry: Option<&'static dyn Carry>,
    /// What ends the sequence, besides what the style itself says.
    pub stop: Stop,
}

impl Paging {
    /// There is one page.
    pub const SINGLE: Self = Self::by(Style::Single);

    const fn by(style: Style) -> Self {
        let stop = match style {
            Style::Single | Style::PageNumber { .. } | Style::Offset { .. } | Style::LastRecord { .. } => Stop::EMPTY_PAGE,
            Style::Cursor { .. } | Style::HeaderCursor { .. } | Style::HeaderLink { .. } | Style::JsonLink { .. } => Stop::STYLE,
        };
        Self {
            style,
            place: None,
            initial: None,
            size: None,
            advance: Advance::Rows,
            later: Later::All,
            take: None,
            carry: None,
            stop,
        }
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

    /// The value of a response header, sent to get the next page.
    #[must_use]
    pub const fn header_cursor(param: &'static str, header: &'static str) -> Self {
        Self::by(Style::HeaderCursor { param, header })
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
        Self { size: Some(Size { param, place: None, default, max: None }), ..self }
    }

    /// Where the size of a page goes, if that is not the query.
    #[must_use]
    pub const fn size_at(self, place: Slot) -> Self {
        match self.size {
            Some(size) => Self { size: Some(Size { place: Some(place), ..size }), ..self },
            None => self,
        }
    }

    /// Where the number, offset or cursor goes, if that is not the query.
    #[must_use]
    pub const fn at(self, place: Slot) -> Self {
        Self { place: Some(place), ..self }
    }

    /// The cursor of the first request.
    #[must_use]
    pub const fn initially(self, cursor: &'static str) -> Self {
        Self { initial: Some(cursor), ..self }
    }

    /// By how much an offset advances, if that is not the number of records that came.
    #[must_use]
    pub const fn advance(self, advance: Advance) -> Self {
        Self { advance, ..self }
    }

    /// Which query parameters the requests after the first one send.
    #[must_use]
    pub const fn later(self, later: Later) -> Self {
        Self { later, ..self }
    }

    /// What takes the cursor out of a link.
    #[must_use]
    pub const fn take(self, take: &'static dyn Take) -> Self {
        Self { take: Some(take), ..self }
    }

    /// What each page gives that every later request sends.
    #[must_use]
    pub const fn carry(self, carry: &'static dyn Carry) -> Self {
        Self { carry: Some(carry), ..self }
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

    /// Where the page says whether it is the last one.
    #[must_use]
    pub const fn is_last(self, path: Path) -> Self {
        Self { stop: Stop { is_last: Some(path), ..self.stop }, ..self }
    }

    /// The response header that holds the number of all records.
    #[must_use]
    pub const fn total_header(self, header: &'static str) -> Self {
        Self { stop: Stop { total_header: Some(header), ..self.stop }, ..self }
    }

    /// A total of 0 means that the number is not known.
    #[must_use]
    pub const fn zero_is_unknown(self) -> Self {
        Self { stop: Stop { zero_is_unknown: true, ..self.stop }, ..self }
    }

    /// The service gives no more than so many records of one query.
    #[must_use]
    pub const fn window(self, records: u64) -> Self {
        Self { stop: Stop { window: Some(records), ..self.stop }, ..self }
    }

    /// An empty page is the end, also where it leads on.
    #[must_use]
    pub const fn until_empty_page(self) -> Self {
        Self { stop: Stop { on_empty_page: true, ..self.stop }, ..self }
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

    /// The largest page number or offset that is asked for, itself included.
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
    /// A count of records to pass over.
    Offset {
        /// The parameter.
        param: &'static str,
        /// The first record's number.
        base: u64,
    },
    /// A value of this page, sent to get the next. Absent, null, "", `false` and 0 end the sequence.
    Cursor {
        /// The parameter.
        param: &'static str,
        /// Where the value is in the page.
        path: Path,
    },
    /// The value of a response header, sent to get the next page. Absent and empty end the sequence.
    HeaderCursor {
        /// The parameter.
        param: &'static str,
        /// The header.
        header: &'static str,
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
    /// Its name for the caller; empty where the size is known but not sent.
    pub param: &'static str,
    /// Where it goes, unless it is the query parameter of that name.
    pub place: Option<Slot>,
    /// How many records are asked for.
    pub default: u32,
    /// The most that the service accepts, where known.
    pub max: Option<u32>,
}

/// Where a request holds a value of its paginator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Slot {
    /// A query parameter.
    Query(&'static str),
    /// A header.
    Header(&'static str),
    /// A place in the JSON body.
    Body(Path),
    /// A hole of the path.
    Path(&'static str),
}

/// By how much an offset advances.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Advance {
    /// By the number of records that came.
    Rows,
    /// By the size that was asked for.
    Size,
    /// By the size that the page says it has, which may be less than was asked for.
    Echoed(Path),
}

/// Which query parameters of the caller and the operation are sent after the first request. Those of the paginator always are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Later {
    /// All of them.
    #[default]
    All,
    /// All but these.
    Without(&'static [&'static str]),
    /// These alone.
    Only(&'static [&'static str]),
}

impl Later {
    /// Whether a parameter is sent after the first request.
    #[must_use]
    pub fn sends(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Without(names) => !names.contains(&name),
            Self::Only(names) => names.contains(&name),
        }
    }
}

/// Takes the cursor out of a link that is not followed.
pub trait Take: fmt::Debug + Sync {
    /// The name of the link's parameter, which is also the one that is sent unless the paging says otherwise.
    fn param(&self) -> &'static str;

    /// The parameter's value in a link.
    fn cursor(&self, link: &str) -> Option<String>;
}

/// Values of a page that the next request sends besides the cursor. They travel in one text with it.
pub trait Carry: fmt::Debug + Sync {
    /// Where they are in the page.
    fn sources(&self) -> Vec<Path>;

    /// The cursor with the values of a page, or where it has none, with those of the page before. All are JSON.
    fn join(&self, cursor: &str, values: &[Option<String>], before: Option<&str>) -> String;

    /// The cursor that was joined.
    fn cursor<'a>(&self, joined: &'a str) -> &'a str;

    /// The values that were joined, and where they go in the body.
    fn values<'a>(&self, joined: &'a str) -> Vec<(Path, &'a str)>;
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
    /// Where the page says whether it is the last one.
    pub is_last: Option<Path>,
    /// The response header that holds the number of all records.
    pub total_header: Option<&'static str>,
    /// Whether a total of 0 means that the number is not known.
    pub zero_is_unknown: bool,
    /// Whether an empty page is the end. After a last record it always is.
    pub on_empty_page: bool,
    /// Whether a page with fewer records than asked for is the end.
    pub on_short_page: bool,
    /// The largest page number or offset that is asked for, itself included.
    pub maximum: Option<u64>,
    /// How many records of one query the service gives at most. A sequence that reaches so many, without word that these are
    /// all, is an error.
    pub window: Option<u64>,
}

impl Stop {
    /// Nothing but what the style itself says.
    pub const STYLE: Self = Self {
        total: None,
        total_pages: None,
        has_more: None,
        is_last: None,
        total_header: None,
        zero_is_unknown: false,
        on_empty_page: false,
        on_short_page: false,
        maximum: None,
        window: None,
    };

    /// An empty page ends the sequence as well.
    pub const EMPTY_PAGE: Self = Self { on_empty_page: true, ..Self::STYLE };
}
