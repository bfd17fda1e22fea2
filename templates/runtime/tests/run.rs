//! A run: what is no longer of use, what a checkpoint in the middle of a page knows, and what is left at the end.

mod paged;

use std::sync::Arc;

use paged::{Model, Row, STYLES, TOTAL, leak, ok, paged, resource};
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::descriptor::{Resource, Style};
use tapwright_runtime::rt::digest::digest;
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::listing::Listing;
use tapwright_runtime::rt::message::Headers;
use tapwright_runtime::rt::page::Sink;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::run::{Run, Settings, Step};

const PAGE: Style = Style::PageNumber { param: "page", base: 0 };

/// Counts the records.
struct Count(u64);

impl Sink for Count {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.0 += 1;
        r.skip().map(drop)
    }

    fn restart(&mut self) {
        self.0 = 0;
    }
}

fn run(resource: Resource, window: usize) -> Run {
    let core = Model::new(|_| panic!("nothing is sent")).client();
    let (args, headers, resource) = (Args::default(), Headers::default(), leak(resource));
    Run::new(Settings { core, resource, args, headers, resume: None, state: None, concurrency: 1, problem: None }, window)
}

/// A page of records with ids from a number on, of a list of so many.
fn page(first: u64, count: u64, total: u64) -> String {
    let rows: Vec<String> = (first..first + count).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
    format!(r#"{{"rows":[{}],"total":{total}}}"#, rows.join(","))
}

#[test]
fn answers_that_are_of_no_use_any_more_are_told_once() {
    let mut run = run(resource(PAGE, TOTAL, 1, false), 3);
    let mut count = Count(0);
    assert_eq!(run.plan().map(|plan| plan.ticket), Some(0));
    run.arrive(0, Ok(ok(page(1, 1, 5))));
    assert_eq!(run.turn(&mut count).unwrap(), Step::Page);
    assert_eq!([(); 4].map(|()| run.plan().map(|plan| plan.ticket)), [Some(1), Some(2), Some(3), None]);
    run.hand_out_page();
    run.arrive(1, Ok(ok(page(2, 1, 2))));
    assert_eq!(run.turn(&mut count).unwrap(), Step::Page);
    assert_eq!((run.cancelled(), run.cancelled()), (vec![2, 3], vec![]), "the list has become shorter");
    run.hand_out_page();
    assert_eq!(run.turn(&mut count).unwrap(), Step::Done);
    assert_eq!((run.cancelled(), run.requests(), run.pages_read(), count.0), (vec![], 4, 2, 2));
}

#[test]
fn a_checkpoint_knows_the_last_record_that_was_given() {
    let mut run = run(resource(PAGE, TOTAL, 3, false), 0);
    run.plan().expect("a request");
    run.arrive(0, Ok(ok(page(7, 3, 9))));
    assert_eq!(run.turn(&mut Count(0)).unwrap(), Step::Page);
    for (given, last) in [(0, None), (1, Some(r#"{"id":7}"#)), (2, Some(r#"{"id":8}"#))] {
        let checkpoint = run.checkpoint();
        let [place] = checkpoint.places() else { panic!("{checkpoint}") };
        assert_eq!((place.given, place.digest), (given, last.map(|last| digest(last.as_bytes()))), "{checkpoint}");
        run.hand_out();
    }
    let checkpoint = run.checkpoint();
    assert_eq!((checkpoint.places()[0].given, checkpoint.places()[0].digest), (0, None), "the next page has not come yet");
}

#[test]
fn at_the_end_nothing_is_left_to_go_on_with() {
    for (name, style, stop) in STYLES {
        for with_parent in [false, true] {
            let list = leak(resource(*style, *stop, 2, with_parent));
            let model: Arc<Model> = paged(*style, *stop, 5);
            let mut items = Listing::<Row>::new(model.client(), list).blocking().items();
            assert!(!items.checkpoint().is_finished(), "{name}");
            assert!(items.by_ref().all(|row| row.is_ok()), "{name}");
            assert!(items.checkpoint().is_finished(), "{name}: {}", items.checkpoint());
            let before = model.log().len();
            let rest = Listing::<Row>::new(model.client(), list).resume(items.checkpoint()).unwrap().blocking().items();
            assert_eq!((rest.count(), model.log().len()), (0, before), "{name}");
        }
    }
}
