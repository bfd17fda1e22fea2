//! The levels of a walk: what is asked for and added for each row of the one above, and what becomes of pages that fail.

mod diary;
mod paged;

use diary::{Diary, JSON_LINK, PAGE, Texts, core, page, records, taken, walk};
use paged::{ID, Model, NEXT, TOTAL, leak, ok, resource};
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::checkpoint::Place;
use tapwright_runtime::rt::core::CoreBuilder;
use tapwright_runtime::rt::cursor::Format;
use tapwright_runtime::rt::descriptor::{Api, Resource, Segment::Key as At, Stop, Style};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::message::Headers;
use tapwright_runtime::rt::page::Sink;
use tapwright_runtime::rt::pager::Position;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::steps::{Explode, Step, Steps};
use tapwright_runtime::rt::value::Json;
use tapwright_runtime::rt::walk::{Turn, Walk};

#[test]
fn parents_pages_that_are_of_no_use_any_more_are_cancelled() {
    let mut diary = Diary::new(leak(resource(PAGE, TOTAL, 5, true)), 6);
    diary.plan().arrive(0, records(&[1, 2], r#","total":8"#)).turn().plan().told();
    diary
        .arrive(1, page(&[], r#","total":0"#))
        .arrive(2, page(&[], r#","total":0"#))
        .arrive(3, records(&[3, 4], r#","total":4"#));
    assert_eq!(diary.turn().told(), "; ; wait for None; cancel [4, 5]", "the list of groups has become shorter");
}

/// What a caller adds may be a credential, which no other host may see.
#[test]
fn a_callers_headers_stay_at_home() {
    static LINKED: Api = Api { allowed_hosts: &["files.example.com"], ..paged::PLAIN };
    let core = CoreBuilder::new(&LINKED).transport(Model::new(|_| panic!("nothing is sent"))).build().unwrap();
    let list = leak(resource(JSON_LINK, Stop::EMPTY_PAGE, 5, false));
    let mut headers = Headers::default();
    headers.push("x-mine", "canary");
    let mut walk = Walk::new(&core, list, &Args::default(), headers, 0, &Walk::start(list)).unwrap();
    for (ticket, next, expected) in
        [(0, "/v1/rows?at=2", Some("canary")), (1, "https://files.example.com/rows", Some("canary")), (2, "", None)]
    {
        let request = walk.plan().unwrap().request;
        assert_eq!(request.headers.get("x-mine"), expected, "{}", request.url);
        walk.arrive(ticket, Ok(page(&[1], &format!(r#","next":"{next}""#))));
        taken(&mut walk, &mut Texts::default());
    }
}

/// Takes records with the members that are added to them.
struct Whole(Vec<String>);

impl Sink for Whole {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.0.push(r.read::<Json>()?.to_string());
        Ok(())
    }

    fn restart(&mut self) {
        self.0.clear();
    }
}

#[test]
fn only_the_values_that_are_wanted_become_members() {
    let mut walk = walk(leak(resource(PAGE, TOTAL, 5, true)), &Args::default(), 0).unwrap();
    walk.plan().unwrap();
    walk.arrive(0, Ok(ok(r#"{"rows":[{"id":7,"note":"n"}],"total":1}"#)));
    assert!(matches!(walk.turn(&mut Whole(Vec::new())), Ok(Turn::Wait(None))));
    walk.plan().unwrap();
    walk.arrive(1, Ok(records(&[1], r#","total":1"#)));
    let mut whole = Whole(Vec::new());
    assert!(matches!(walk.turn(&mut whole), Ok(Turn::Page(_))));
    assert_eq!(whole.0, [r#"{"_groups_id":7,"id":1}"#]);
}

/// A checkpoint of an older version does not say what the last record was: the place is taken at its word.
#[test]
fn a_place_without_a_digest_is_gone_on_with_as_it_is() {
    let place = Place { given: 2, ..Place::at(Position::Page(0), 0, Vec::new()) };
    let list = leak(resource(PAGE, TOTAL, 3, false));
    let walk = Walk::new(&core(), list, &Args::default(), Headers::default(), 0, &[place]).unwrap();
    let mut diary = Diary { walk, lines: Vec::new() };
    diary.plan().told();
    assert_eq!(diary.arrive(0, page(&[1, 2, 3], r#","total":3"#)).turn().told(), "3; done");
}

/// The place after a page that fails is before the record that does not fit, whatever was passed over at the page's start.
#[test]
fn a_page_that_fails_is_gone_on_with_before_its_fault() {
    static BY: Incremental = Incremental::by(ID, Format::Number);
    static ELEMENTS: Steps = Steps(&[Step::Explode(Explode { path: &[At("l")], keep_empty: false, merge: None })]);
    let list = leak(Resource { incremental: Some(&BY), steps: Some(&ELEMENTS), ..resource(PAGE, TOTAL, 3, false) });
    for (given, part, expected) in [(0, 0, "1 2 3"), (0, 1, "2 3"), (1, 0, "3")] {
        let place = Place { given, part, ..Place::at(Position::Page(0), 0, Vec::new()) };
        let mut walk = Walk::new(&core(), list, &Args::default(), Headers::default(), 0, &[place]).unwrap();
        walk.plan().unwrap();
        walk.arrive(0, Ok(ok(r#"{"rows":[{"id":1,"l":[1,2]},{"id":2,"l":[3]},{"l":[4]}],"total":3}"#)));
        let mut texts = Texts::default();
        let taken = taken(&mut walk, &mut texts);
        let told: Vec<&str> = texts.0.iter().filter_map(|text| text.split(r#""l":"#).nth(1)?.strip_suffix('}')).collect();
        assert_eq!(told.join(" "), expected);
        assert!(taken.page.failure.is_some() && !taken.is_cut);
        let after = &taken.after[0];
        assert_eq!((after.given, after.part), (2, 0), "gone on with from {given} and {part}");
    }
}

/// A record that does not fit is no cut of the service, after which another query would go on.
#[test]
fn a_fault_does_not_split_a_query() {
    static BY: Incremental = Incremental::by(ID, Format::Number).ascending().splits();
    let list = leak(Resource { incremental: Some(&BY), ..resource(PAGE, TOTAL, 3, false) });
    let mut diary = Diary::new(list, 0);
    diary.plan().arrive(0, ok(r#"{"rows":[{"id":1},{"id":2},{"x":3}],"total":9}"#));
    assert_eq!(diary.turn().plan().told(), r#"0: rows?limit=3&page=0; {"id":1} {"id":2}; Decode in rows"#);
}

#[test]
fn a_link_of_the_last_page_is_not_looked_at() {
    let stop = Stop { has_more: Some(&[At("more")]), ..Stop::STYLE };
    for (more, expected) in [("false", "1; done"), ("true", "1; Origin in rows")] {
        let mut diary = Diary::new(leak(resource(Style::JsonLink { path: NEXT }, stop, 5, false)), 1);
        diary.plan().told();
        diary.arrive(0, page(&[1], &format!(r#","next":"https://evil.example/","more":{more}"#)));
        assert_eq!(diary.turn().told(), expected, "{more}");
    }
}
