//! Everything that a hostile service does, as one table: what the command line lists, what tests go through one by one, and what
//! `docs/reliability.md` says.

use std::fmt;

use super::super::fault::Packing;

/// One way in which a service or a network misbehaves.
#[derive(Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its name, as the command line takes it.
    pub name: &'static str,
    /// What happens, in a line.
    pub says: &'static str,
    /// What a client makes of it when it happens once.
    pub outcome: Outcome,
    pub(in crate::mock) act: Act,
}

/// What a client makes of a scenario that happens once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The run goes on, and gives every record.
    Survived,
    /// The run ends with an error of one of these kinds, and a resumed one gives the rest.
    Told(&'static [&'static str]),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Survived => f.write_str("survived"),
            Self::Told(kinds) => write!(f, "told: {}", kinds.join(" or ")),
        }
    }
}

/// What the service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum Act {
    Login(LoginFault),
    Refuse(u16, Wait),
    Redirect(Target),
    Wire(WireFault),
    Body(BodyFault),
    Pack(&'static str, Packing),
    Next(NextFault),
    Page(PageFault),
    Record(RecordFault),
    World(Change),
}

/// What goes wrong with tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum LoginFault {
    /// A token is refused from now on.
    Revoked,
    /// The answer takes its time.
    Slow,
    /// The endpoint answers with this status.
    Failing(u16),
    /// The token's announced life is that of a service whose clock is hours ahead.
    ShortLived,
}

/// What a refusal says about when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum Wait {
    Unsaid,
    Text(&'static str),
    /// An HTTP date, so many seconds from now.
    Date(i64),
}

/// Where a redirect or a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum Target {
    /// To the address that was asked for.
    Itself,
    /// To another origin, which takes down what it is sent.
    Elsewhere,
    /// To the address of cloud instances' credentials.
    Private,
    /// To the same host, with a user and a password in the address.
    Credentials,
    /// To a file.
    Scheme,
}

/// What goes wrong below HTTP, or in how it is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFault {
    /// The connection ends before a byte of the request is read.
    Refused,
    /// It is reset once the request was read.
    ResetEarly,
    /// It is reset in the middle of the body.
    ResetInBody,
    /// It is closed in good order in the middle of the body.
    HalfClosed,
    /// Nothing comes in the place of an answer.
    StallBeforeHead,
    /// The head breaks off, and nothing more comes.
    StallInHead,
    /// The body breaks off, and nothing more comes.
    StallInBody,
    /// The body comes in small pieces.
    Drip,
    /// The answer is one of HTTP/1.0, whose body ends with the connection.
    Http10,
    /// The connection ends after the answer, which did not say so.
    KeepAliveCut,
    /// The body comes in chunks with extensions, odd sizes and trailers.
    OddChunks,
    /// A chunk's size is none.
    BrokenChunk,
    /// An interim answer comes first.
    Interim,
    /// There are 60 headers more.
    ManyHeaders,
    /// There are more headers than anyone reads.
    HeaderFlood,
    /// The head announces a body of terabytes.
    HugeLength,
}

/// What goes wrong with the bytes of a body, whose length is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum BodyFault {
    Cut,
    Empty,
    Html,
    Trailing,
    Mark,
    BadUtf8,
    OtherType,
}

/// What goes wrong with the way to the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum NextFault {
    /// The one that led here.
    Repeated,
    /// The one that led to the page before.
    Cycle,
    /// A link is without scheme and host.
    Relative,
    To(Target),
}

/// What is wrong with a page as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum PageFault {
    /// It has no records, and leads on to those that belong there.
    Empty,
    /// It has fewer records than it could have.
    Short,
    /// From now on no page has more than a few records.
    Smaller,
    /// Its total is too high.
    TotalHigh,
    /// Its total is too low.
    TotalLow,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum RecordFault {
    Repeated,
    KeyMissing,
    CursorMissing,
    Added,
    OtherType,
    BigNumber,
    TwiceKeyed,
    Deep,
    Bottomless,
    Huge,
}

/// How the records change while they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum Change {
    Inserted,
    Deleted,
    Updated,
}

impl Scenario {
    /// Whether it moves records from page to page, leads back, or makes a record another one when it is read again: what is taken up
    /// again after it may come twice.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        match self.act {
            Act::World(_) | Act::Record(_) => true,
            Act::Page(fault) => matches!(fault, PageFault::Empty | PageFault::Short | PageFault::Smaller),
            Act::Next(fault) => matches!(fault, NextFault::Repeated | NextFault::Cycle),
            _ => false,
        }
    }

    /// The scenario of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }
}

const SURVIVED: Outcome = Outcome::Survived;

const fn told(kinds: &'static [&'static str]) -> Outcome {
    Outcome::Told(kinds)
}

macro_rules! scenarios {
    ($($name:literal $act:expr, $outcome:expr, $says:literal;)+) => {
        &[$(Scenario { name: $name, says: $says, outcome: $outcome, act: $act }),+]
    };
}

/// All scenarios.
#[rustfmt::skip]
pub static SCENARIOS: &[Scenario] = scenarios![
    "token-revoked" Act::Login(LoginFault::Revoked), SURVIVED, "the token is refused in mid-run";
    "token-slow" Act::Login(LoginFault::Slow), SURVIVED, "the token endpoint takes seconds to answer";
    "token-failing" Act::Login(LoginFault::Failing(503)), SURVIVED, "the token endpoint answers with 503";
    "token-short-lived" Act::Login(LoginFault::ShortLived), SURVIVED, "a token lives for a second, as a wrong clock would have it";

    "throttle-seconds" Act::Refuse(429, Wait::Text("1")), SURVIVED, "429, with `Retry-After` in seconds";
    "throttle-decimals" Act::Refuse(429, Wait::Text("0.25")), SURVIVED, "429, with `Retry-After` in fractions of a second";
    "throttle-date" Act::Refuse(429, Wait::Date(1)), SURVIVED, "429, with `Retry-After` as a date";
    "throttle-past" Act::Refuse(429, Wait::Date(-3_600)), SURVIVED, "429, with `Retry-After` as a date that is past";
    "throttle-bare" Act::Refuse(429, Wait::Unsaid), SURVIVED, "429, without a word on when to come back";
    "throttle-nonsense" Act::Refuse(429, Wait::Text("soon")), SURVIVED, "429, with a `Retry-After` that nobody can read";
    "throttle-hours" Act::Refuse(429, Wait::Text("7200")), told(&["RateLimited"]), "429, to come back in two hours";
    "throttle-forbidden" Act::Refuse(403, Wait::Text("1")), told(&["Status"]), "403 in the place of 429, which the spec says nothing of";
    "unavailable" Act::Refuse(503, Wait::Unsaid), SURVIVED, "503";
    "unavailable-seconds" Act::Refuse(503, Wait::Text("1")), SURVIVED, "503, with `Retry-After`";
    "bad-gateway" Act::Refuse(502, Wait::Unsaid), SURVIVED, "502";
    "failing" Act::Refuse(500, Wait::Unsaid), SURVIVED, "500";

    "redirect-loop" Act::Redirect(Target::Itself), SURVIVED, "a redirect to the address that was asked for";
    "redirect-elsewhere" Act::Redirect(Target::Elsewhere), told(&["Origin"]), "a redirect to another host";
    "redirect-private" Act::Redirect(Target::Private), told(&["Origin"]), "a redirect to a private address";

    "refused" Act::Wire(WireFault::Refused), SURVIVED, "the connection ends before the request is read";
    "reset-early" Act::Wire(WireFault::ResetEarly), SURVIVED, "a reset before the head";
    "reset-in-body" Act::Wire(WireFault::ResetInBody), SURVIVED, "a reset in mid-body";
    "half-closed" Act::Wire(WireFault::HalfClosed), SURVIVED, "an orderly close in mid-body";
    "stall-before-head" Act::Wire(WireFault::StallBeforeHead), SURVIVED, "silence in the place of an answer";
    "stall-in-head" Act::Wire(WireFault::StallInHead), SURVIVED, "silence in mid-head";
    "stall-in-body" Act::Wire(WireFault::StallInBody), SURVIVED, "silence in mid-body";
    "drip" Act::Wire(WireFault::Drip), SURVIVED, "a body in small pieces";
    "http-1-0" Act::Wire(WireFault::Http10), SURVIVED, "an answer of HTTP/1.0";
    "keep-alive-cut" Act::Wire(WireFault::KeepAliveCut), SURVIVED, "a connection that ends unannounced after an answer";
    "odd-chunks" Act::Wire(WireFault::OddChunks), SURVIVED, "chunks with extensions and trailers";
    "broken-chunk" Act::Wire(WireFault::BrokenChunk), SURVIVED, "a chunk whose size is none";
    "interim" Act::Wire(WireFault::Interim), SURVIVED, "an interim answer before the answer";
    "many-headers" Act::Wire(WireFault::ManyHeaders), SURVIVED, "60 headers too many";
    "header-flood" Act::Wire(WireFault::HeaderFlood), SURVIVED, "a megabyte of headers, once";
    "huge-length" Act::Wire(WireFault::HugeLength), told(&["TooLarge"]), "a head that announces terabytes";

    "json-cut" Act::Body(BodyFault::Cut), told(&["Page"]), "JSON that ends early, in a body whose length is right";
    "empty-body" Act::Body(BodyFault::Empty), told(&["Page"]), "status 200 and no body";
    "html" Act::Body(BodyFault::Html), told(&["Page"]), "a page of HTML with status 200";
    "trailing" Act::Body(BodyFault::Trailing), told(&["Page"]), "garbage after the JSON";
    "byte-order-mark" Act::Body(BodyFault::Mark), SURVIVED, "a byte order mark before the JSON";
    "bad-utf8" Act::Body(BodyFault::BadUtf8), told(&["Page"]), "bytes that are no UTF-8";
    "other-type" Act::Body(BodyFault::OtherType), SURVIVED, "JSON that says it is HTML";

    "gzip-unasked" Act::Pack("gzip", Packing::Whole), SURVIVED, "gzip where none was asked for";
    "gzip-cut" Act::Pack("gzip", Packing::Cut), SURVIVED, "gzip that ends early";
    "gzip-damaged" Act::Pack("gzip", Packing::Damaged), SURVIVED, "gzip with other bytes in it";
    "gzip-bomb" Act::Pack("gzip", Packing::Bomb), told(&["TooLarge"]), "a small body that unpacks to a very large one";
    "brotli-none" Act::Pack("br", Packing::Whole), told(&["Config", "Transport"]), "a body that says it is brotli, and is not";
    "zstd-none" Act::Pack("zstd", Packing::Whole), told(&["Config", "Transport"]), "a body that says it is zstd, and is not";

    "cursor-repeated" Act::Next(NextFault::Repeated), told(&["Loop"]), "the next page is the one that one is at";
    "cursor-cycle" Act::Next(NextFault::Cycle), told(&["Loop"]), "the next page is the one before";
    "link-relative" Act::Next(NextFault::Relative), SURVIVED, "a next link without scheme and host";
    "link-scheme" Act::Next(NextFault::To(Target::Scheme)), told(&["Origin"]), "a next link to a file";
    "link-elsewhere" Act::Next(NextFault::To(Target::Elsewhere)), told(&["Origin"]), "a next link to another host";
    "link-private" Act::Next(NextFault::To(Target::Private)), told(&["Origin"]), "a next link to a private address";
    "link-credentials" Act::Next(NextFault::To(Target::Credentials)), told(&["Origin"]), "a next link with a user and a password";

    "page-empty" Act::Page(PageFault::Empty), SURVIVED, "a page without records that leads on";
    "page-short" Act::Page(PageFault::Short), SURVIVED, "a page with fewer records than it could have";
    "page-smaller" Act::Page(PageFault::Smaller), SURVIVED, "the service lowers the size of pages";
    "total-high" Act::Page(PageFault::TotalHigh), SURVIVED, "a total that is too high";
    "total-low" Act::Page(PageFault::TotalLow), SURVIVED, "a total that is lower than what came";

    "record-repeated" Act::Record(RecordFault::Repeated), SURVIVED, "a record twice in a page";
    "key-missing" Act::Record(RecordFault::KeyMissing), told(&["Decode"]), "a record without its key";
    "cursor-missing" Act::Record(RecordFault::CursorMissing), told(&["Page", "Decode"]), "a last record without the field that pages go by";
    "field-added" Act::Record(RecordFault::Added), SURVIVED, "a field that the schema does not know";
    "field-other-type" Act::Record(RecordFault::OtherType), told(&["Decode", "Page"]), "a key of another type";
    "number-big" Act::Record(RecordFault::BigNumber), SURVIVED, "numbers beyond 64 bits, in a field that nobody knows";
    "keys-twice" Act::Record(RecordFault::TwiceKeyed), SURVIVED, "members that come twice";
    "deep" Act::Record(RecordFault::Deep), SURVIVED, "a value of 100 levels";
    "bottomless" Act::Record(RecordFault::Bottomless), told(&["Page", "Decode"]), "a value of 100,000 levels";
    "field-huge" Act::Record(RecordFault::Huge), SURVIVED, "a field of two megabytes";

    "inserted" Act::World(Change::Inserted), SURVIVED, "records come into being while they are listed";
    "deleted" Act::World(Change::Deleted), SURVIVED, "records cease to be while they are listed";
    "updated" Act::World(Change::Updated), SURVIVED, "records change while they are listed";
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_scenario_has_a_name_of_its_own() {
        let names: BTreeSet<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), SCENARIOS.len());
        assert_eq!(Scenario::named("deep").map(|scenario| scenario.act), Some(Act::Record(RecordFault::Deep)));
        assert_eq!(Scenario::named("shallow"), None);
    }
}
