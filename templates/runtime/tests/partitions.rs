//! What a resource is read for: lists, parents, products of them, parents that are filtered; async, blocking, and from every
//! checkpoint.

mod paged;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use paged::{ID, Model, TOTAL, leak, ok, operation, query};
use tapwright_runtime::rt::checkpoint::{Checkpoint, Place};
use tapwright_runtime::rt::codec::{Decode, Fields, Key};
use tapwright_runtime::rt::condition::{Condition, Where};
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::descriptor::{
    Api, Binding, Input, InputKind, Paging, PartitionBy, Resource, Segment::Key as At, Size, Style,
};
use tapwright_runtime::rt::error::{ErrorKind, Result};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::kept::Kept;
use tapwright_runtime::rt::list::List;
use tapwright_runtime::rt::listing::Listing;
use tapwright_runtime::rt::pager::Position;
use tapwright_runtime::rt::partition_by::KeptPage;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::sequence::Row as Begun;

/// A record: the address that it was read at and its number there, and what it was read for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Row {
    id: String,
    region: Option<String>,
    org: Option<String>,
}

static ROW: &[Key] = &[Key::required("id"), Key::optional("_partition_region"), Key::optional("_orgs_id")];

impl Fields for Row {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> std::result::Result<(), Fault> {
        match index {
            0 => self.id = r.read()?,
            1 => self.region = r.read()?,
            2 => self.org = r.read()?,
            _ => r.skip_unknown()?,
        }
        Ok(())
    }
}

impl Decode for Row {
    fn decode(r: &mut Reader<'_>) -> std::result::Result<Self, Fault> {
        let mut value = Self::default();
        r.record(ROW, &mut value)?;
        Ok(value)
    }
}

static WITH_INPUT: Api = Api {
    inputs: &[Input { name: "regions", env: "REGIONS", secret: false, default: Some(""), kind: InputKind::Text }],
    ..paged::PLAIN
};

static REGIONS: List = List::new("region", &["partition.region"], &[&["us"], &["eu"], &["e s|t"]]);
static KINDS: List = List::new("report", &["partition.report.id", "partition.report.kind"], &[&["7", "day"], &["8", "week"]]);
static FROM_INPUT: List = List::split("region", &["partition.region"], "{regions}");
static NOTHING: List = List::new("region", &["partition.region"], &[]);

fn list(name: &'static str, path: &'static str, partitions: Vec<PartitionBy>) -> &'static Resource {
    leak(unleaked(name, path, partitions))
}

fn unleaked(name: &'static str, path: &'static str, partitions: Vec<PartitionBy>) -> Resource {
    let size = Some(Size { param: "limit", place: None, default: 2, max: None });
    Resource {
        operation: operation(name, path),
        selectors: &[&[At("rows")]],
        paging: Paging { style: Style::Offset { param: "offset", base: 0 }, size, stop: TOTAL, ..Paging::SINGLE },
        partitions: partitions.leak(),
        fingerprint: "f1",
        ..Resource::LIST
    }
}

fn orgs() -> PartitionBy {
    const BINDINGS: &[Binding] = &[Binding::new("orgs.id", ID)];
    PartitionBy::records(list("orgs", "/orgs", vec![]), BINDINGS)
}

fn teams() -> PartitionBy {
    const BINDINGS: &[Binding] = &[Binding::new("teams.id", ID)];
    PartitionBy::records(list("teams", "/teams", vec![]), BINDINGS)
}

fn members() -> PartitionBy {
    const BINDINGS: &[Binding] = &[Binding::new("members.id", ID)];
    PartitionBy::records(list("members", "/orgs/{orgs.id}/members", vec![orgs()]), BINDINGS)
}

fn repos() -> PartitionBy {
    const BINDINGS: &[Binding] = &[Binding::new("repos.id", ID)];
    PartitionBy::records(list("repos", "/orgs/{orgs.id}/repos", vec![orgs()]), BINDINGS)
}

/// How many rows there are at an address: some have none.
fn count(path: &str) -> usize {
    match path {
        "/teams" => 5,
        "/orgs/o0/members" | "/orgs/o2/repos" => 2,
        "/orgs/o1/members" => 0,
        "/orgs" | "/orgs/o2/members" | "/orgs/o0/repos" | "/orgs/o1/repos" => 3,
        _ => path.bytes().map(usize::from).sum::<usize>() % 4,
    }
}

/// The text of a row: what its children go by, and a few facts for conditions.
fn row(path: &str, at: usize) -> String {
    match path {
        "/orgs" => {
            let plan = ["\"free\"", "\"pro\"", "null"][at];
            format!(r#"{{"id":"o{at}","plan":{plan},"seats":{at}.0,"owner":{{"is_on":{}}}}}"#, at == 1)
        }
        "/teams" => format!(r#"{{"id":"t{at}"}}"#),
        _ => format!(r#"{{"id":"{}#{at}"}}"#, path.trim_start_matches('/')),
    }
}

fn service() -> Arc<Model> {
    Model::new(|request| {
        let path = request.url.path().trim_start_matches("/v1").to_owned();
        let query = query(&request.url);
        let number = |name: &str| query.get(name).map_or(0, |text| text.parse::<usize>().unwrap());
        let all = count(&path);
        let rows: Vec<String> =
            (number("offset")..all.min(number("offset") + number("limit"))).map(|at| row(&path, at)).collect();
        ok(format!(r#"{{"rows":[{}],"total":{all}}}"#, rows.join(",")))
    })
}

fn listing(core: &Arc<Core>, resource: &'static Resource) -> Listing<Row> {
    Listing::new(Arc::clone(core), resource)
}

/// The ids of the rows at some addresses.
fn at(paths: &[String]) -> Vec<String> {
    paths.iter().flat_map(|path| (0..count(path)).map(move |at| format!("{}#{at}", path.trim_start_matches('/')))).collect()
}

fn each(of: &[&str], make: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    of.iter().flat_map(|one| make(one)).collect()
}

const REGION: &[&str] = &["us", "eu", "e%20s%7Ct"];
const ORG: &[&str] = &["o0", "o1", "o2"];
const TEAM: &[&str] = &["t0", "t1", "t2", "t3", "t4"];

/// What there is to be read for: a name, the resource, the addresses in order, and how many requests blocking costs.
fn every_product() -> Vec<(&'static str, &'static Resource, Vec<String>, usize)> {
    let pages = |paths: &[String]| paths.iter().map(|path| count(path).div_ceil(2).max(1)).sum::<usize>();
    let mut cases = Vec::new();
    let mut case = |name, resource, paths: Vec<String>, above: &[String]| {
        let requests = pages(&paths) + pages(above);
        cases.push((name, resource, paths, requests));
    };
    let text = str::to_owned;
    let region = || PartitionBy::values(&REGIONS);

    case("a list", list("rows", "/{partition.region}", vec![region()]), each(REGION, |r| vec![format!("/{r}")]), &[]);
    case(
        "a list of several fields",
        list("rows", "/{partition.report.kind}/{partition.report.id}", vec![PartitionBy::values(&KINDS)]),
        vec![text("/day/7"), text("/week/8")],
        &[],
    );
    case(
        "two lists",
        list("rows", "/{partition.region}/{partition.report.id}", vec![region(), PartitionBy::values(&KINDS)]),
        each(REGION, |r| vec![format!("/{r}/7"), format!("/{r}/8")]),
        &[],
    );
    case(
        "a list and a parent, which is read once",
        list("rows", "/{partition.region}/{orgs.id}", vec![region(), orgs().shared(0, Kept::boxed)]),
        each(REGION, |r| each(ORG, |o| vec![format!("/{r}/{o}")])),
        &[text("/orgs")],
    );
    case(
        "a parent and a list",
        list("rows", "/{partition.region}/{orgs.id}", vec![orgs(), region()]),
        each(ORG, |o| each(REGION, |r| vec![format!("/{r}/{o}")])),
        &[text("/orgs")],
    );
    case(
        "two parents, each of which is read once",
        list("rows", "/{orgs.id}/{teams.id}", vec![orgs(), teams().shared(0, Kept::boxed)]),
        each(ORG, |o| each(TEAM, |t| vec![format!("/{o}/{t}")])),
        &[text("/orgs"), text("/teams")],
    );
    let of_org = |o: &str, what: &str| at(&[format!("/orgs/{o}/{what}")]);
    let encoded = |id: &str| id.replace('/', "%2F").replace('#', "%23");
    case(
        "two parents of one grandparent: the second is read once for each grandparent",
        list("rows", "/{members.id}/{repos.id}", vec![orgs(), members(), repos().shared(1, Kept::boxed)]),
        each(ORG, |o| {
            let repos = of_org(o, "repos");
            let for_member = |m: &String| repos.iter().map(|r| format!("/{}/{}", encoded(m), encoded(r))).collect::<Vec<_>>();
            of_org(o, "members").iter().flat_map(for_member).collect()
        }),
        &each(ORG, |o| {
            // Of an organisation without members nobody asks for the repositories.
            let repos = (!of_org(o, "members").is_empty()).then(|| format!("/orgs/{o}/repos"));
            [format!("/orgs/{o}/members")].into_iter().chain(repos).collect()
        })
        .into_iter()
        .chain([text("/orgs")])
        .collect::<Vec<_>>(),
    );
    cases
}

#[tokio::test]
async fn every_record_of_a_product_comes_once_and_in_order() {
    for (name, resource, paths, requests) in every_product() {
        let expected = at(&paths);
        assert!(expected.len() > 3, "{name}: the case tests something");
        let core = service().client();
        let blocking: Result<Vec<Row>> = listing(&core, resource).blocking().items().collect();
        assert_eq!(blocking.unwrap().into_iter().map(|row| row.id).collect::<Vec<_>>(), expected, "{name}");

        for concurrency in [1, 3, 8] {
            let model = service();
            let mut items = listing(&model.client(), resource).concurrency(concurrency).items();
            let mut ids = Vec::new();
            while let Some(row) = items.try_next().await.unwrap() {
                ids.push(row.id);
            }
            assert_eq!(ids, expected, "{name}, {concurrency} at a time");
            assert_eq!(model.log().len(), requests, "{name}, {concurrency} at a time: {:#?}", model.log());
            let most = model.most.load(Ordering::SeqCst);
            assert!(
                most <= concurrency && most >= concurrency.min(3).min(paths.len()),
                "{name}: {most} of {concurrency} at once"
            );
        }
    }
}

#[test]
fn a_blocking_read_asks_for_no_more() {
    for (name, resource, _, requests) in every_product() {
        let model = service();
        assert!(listing(&model.client(), resource).blocking().items().all(|row| row.is_ok()));
        assert_eq!(model.log().len(), requests, "{name}: {:#?}", model.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_goes_on_after_every_record() {
    for (name, resource, paths, _) in every_product() {
        let expected = at(&paths);
        for k in 0..=expected.len() {
            let core = service().client();
            let mut items = listing(&core, resource).concurrency(1 + k % 8).items();
            for id in &expected[..k] {
                assert_eq!(items.try_next().await.unwrap().unwrap().id, *id, "{name}");
            }
            let text = items.checkpoint().to_string();
            let mark: Checkpoint = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            let again = listing(&service().client(), resource).resume(mark).unwrap();
            let rest = again.items().collect().await.unwrap_or_else(|error| panic!("{name} after {k}: {error}\n{text}"));
            assert_eq!(rest.into_iter().map(|row| row.id).collect::<Vec<_>>(), expected[k..], "{name} after {k}: {text}");
            let blocking: Result<Vec<Row>> = again.blocking().items().collect();
            assert_eq!(blocking.unwrap().into_iter().map(|row| row.id).collect::<Vec<_>>(), expected[k..], "{name} after {k}");
        }
    }
}

#[test]
fn records_know_the_values_they_were_read_for() {
    let by = vec![orgs(), PartitionBy::values(&REGIONS)];
    let rows = Resource { included: &["orgs.id", "partition.region"], ..unleaked("rows", "/{partition.region}/{orgs.id}", by) };
    for row in listing(&service().client(), leak(rows)).blocking().items() {
        let row = row.unwrap();
        let (region, org) = (row.region.unwrap().replace(' ', "%20").replace('|', "%7C"), row.org.unwrap());
        assert!(row.id.starts_with(&format!("{region}/{org}#")), "{}: {region} {org}", row.id);
    }
}

#[test]
fn a_parent_is_filtered_before_its_children_are_asked_for() {
    const PLAN: &[tapwright_runtime::rt::descriptor::Segment] = &[At("plan")];
    const SEATS: &[tapwright_runtime::rt::descriptor::Segment] = &[At("seats")];
    const IS_ON: &[tapwright_runtime::rt::descriptor::Segment] = &[At("owner"), At("is_on")];
    let cases: [(&str, Vec<Condition>, &[&str]); 10] = [
        ("one value", vec![Condition::is_in(PLAN, &["pro"])], &["o1"]),
        ("several values", vec![Condition::is_in(PLAN, &["pro", "free"])], &["o0", "o1"]),
        ("none of the values: null is none of them", vec![Condition::is_not_in(PLAN, &["pro"])], &["o0", "o2"]),
        ("null", vec![Condition::is_null(PLAN)], &["o2"]),
        ("missing is null", vec![Condition::is_null(&[At("gone")])], &["o0", "o1", "o2"]),
        ("not null", vec![Condition::is_not_null(PLAN)], &["o0", "o1"]),
        ("a number, however it is written", vec![Condition::is_in(SEATS, &["1", "2"])], &["o1", "o2"]),
        ("a truth value deeper down", vec![Condition::is_in(IS_ON, &["true"])], &["o1"]),
        ("a text is no number", vec![Condition::is_in(ID, &["0"])], &[]),
        ("all of them hold", vec![Condition::is_not_null(PLAN), Condition::is_in(SEATS, &["0"])], &["o0"]),
    ];
    for (name, conditions, kept) in cases {
        let filtered = orgs().only(leak(Where(conditions.leak())));
        let resource = list("rows", "/{orgs.id}/rows", vec![filtered]);
        let expected = at(&each(kept, |o| vec![format!("/{o}/rows")]));
        let model = service();
        let core = model.client();
        let ids: Vec<String> = listing(&core, resource).blocking().items().map(|row| row.unwrap().id).collect();
        assert_eq!(ids, expected, "{name}");
        let asked = model.log().iter().filter(|path| path.ends_with("rows?limit=2&offset=0")).count();
        assert_eq!(asked, kept.len(), "{name}: {:#?}", model.log());
        for k in 0..=expected.len() {
            let mut items = listing(&core, resource).blocking().items();
            assert_eq!(items.by_ref().take(k).count(), k);
            let rest = listing(&core, resource).resume(items.checkpoint()).unwrap().blocking().items();
            assert_eq!(rest.map(|row| row.unwrap().id).collect::<Vec<_>>(), expected[k..], "{name} after {k}");
        }
    }
}

#[test]
fn values_come_from_an_input() {
    let resource = list("rows", "/{partition.region}/list", vec![PartitionBy::values(&FROM_INPUT)]);
    let core = |regions: &str| {
        let model = service();
        let core = CoreBuilder::new(&WITH_INPUT).input("regions", regions);
        (Arc::clone(&model), core.transport(model.clone()).blocking_transport(model).build().unwrap())
    };
    let (_, some) = core(" us,, eu ,us,");
    let expected = at(&["/us/list".to_owned(), "/eu/list".to_owned()]);
    let mut items = listing(&some, resource).blocking().items();
    let ids: Vec<String> = items.by_ref().map(|row| row.unwrap().id).collect();
    assert_eq!(ids, expected, "without blanks, empty and repeated values");

    let mut items = listing(&some, resource).blocking().items();
    assert!(items.next().unwrap().is_ok());
    let mark = items.checkpoint();
    let (model, other) = core("us,eu,ap");
    let error = listing(&other, resource).resume(mark.clone()).unwrap().blocking().items().next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Checkpoint, "rows"));
    assert!(error.message().contains("other values of the list `region`"), "{error}");
    assert!(model.log().is_empty());
    let (_, again) = core("us,eu");
    let rest: Vec<String> =
        listing(&again, resource).resume(mark).unwrap().blocking().items().map(|row| row.unwrap().id).collect();
    assert_eq!(rest, expected[1..]);

    let empty = list("rows", "/{partition.region}/list", vec![PartitionBy::values(&NOTHING)]);
    for (resource, regions) in [(resource, ""), (resource, " , "), (empty, "us")] {
        let error = listing(&core(regions).1, resource).blocking().items().next().unwrap().unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Config, "rows"), "never no rows in silence");
        assert!(error.message().contains("the list `region` has no value"), "{error}");
    }
}

#[test]
fn a_parent_with_too_many_rows_to_keep_is_read_again() {
    // 10,001 teams on one page, of which only the last has rows.
    let model = Model::new(|request| match request.url.path() {
        "/v1/teams" => {
            let teams: Vec<String> = (0..10_001).map(|at| format!(r#"{{"id":"t{at}","last":{}}}"#, at > 9_999)).collect();
            ok(format!(r#"{{"rows":[{}],"total":10001}}"#, teams.join(",")))
        }
        path => ok(format!(r#"{{"rows":[{{"id":"{path}"}}],"total":1}}"#)),
    });
    let rows = |kept: PartitionBy| {
        let resource = list("rows", "/{partition.region}/{teams.id}", vec![PartitionBy::values(&REGIONS), kept]);
        let before = model.log().len();
        let ids: Vec<String> = listing(&model.client(), resource).blocking().items().map(|row| row.unwrap().id).collect();
        (ids.len(), model.log().split_off(before).iter().filter(|path| path.contains("/teams")).count())
    };
    let last = leak(Where(vec![Condition::is_in(&[At("last")], &["true"])].leak()));
    assert_eq!(rows(teams().only(last).shared(0, Kept::boxed)), (3, 1), "what is passed over takes no room");
    assert_eq!(rows(teams().shared(0, Kept::boxed)), (30_003, 3));
}

#[test]
fn rows_are_kept_once_all_have_come_and_while_they_are_not_too_many() {
    let page = |rows: u64| {
        let row = |given| Begun { given, digest: None, bindings: Vec::new() };
        KeptPage { place: Place::at(Position::Start, 0, Vec::new()), rows: (1..=rows).map(row).collect() }
    };
    let values = |org: &str| vec![("orgs.id".to_owned(), org.to_owned())];
    for (pages, expected) in
        [(&[3, 0, 2][..], Some(3)), (&[10_000], Some(1)), (&[5_000, 5_000], Some(2)), (&[10_001], None), (&[9_999, 2, 1], None)]
    {
        let mut kept = Kept::boxed();
        assert!(kept.recall(values("o0")).is_none(), "nothing has come");
        for rows in pages {
            kept.note(page(*rows));
        }
        assert!(kept.recall(values("o0")).is_none(), "not all have come: {pages:?}");
        assert_eq!(kept.has_given_up(), expected.is_none(), "{pages:?}");
        kept.complete();
        assert_eq!(kept.recall(values("o0")).map(|pages| pages.len()), expected, "{pages:?}");
        assert!(kept.recall(values("o1")).is_none() && !kept.has_given_up(), "what depends on others is asked for: {pages:?}");
    }
}

#[test]
fn a_place_among_values_counts_those_that_are_begun() {
    let resource = list("rows", "/{partition.region}", vec![PartitionBy::values(&REGIONS)]);
    let mut items = listing(&service().client(), resource).blocking().items();
    assert!(items.next().unwrap().is_ok());
    let checkpoint = items.checkpoint();
    let [values, rows] = checkpoint.places() else { panic!("{checkpoint}") };
    assert_eq!((values.given, values.seen, values.digest), (1, 0, None), "{checkpoint}");
    assert_eq!((rows.given, rows.seen), (1, 0), "{checkpoint}");
}

#[tokio::test]
async fn what_fails_early_is_told_in_its_turn() {
    let model = Model::new(|request| match request.url.path_and_query() {
        "/v1/orgs?limit=2&offset=0" => ok(r#"{"rows":[{"id":"a"},{"id":"b"}],"total":4}"#),
        "/v1/orgs?limit=2&offset=2" => paged::status(404, "{}"),
        path => ok(format!(r#"{{"rows":[{{"id":"{path}"}}],"total":1}}"#)),
    });
    let resource = list("rows", "/{orgs.id}/{partition.region}", vec![orgs(), PartitionBy::values(&REGIONS)]);
    let mut items = listing(&model.client(), resource).concurrency(8).items();
    let mut ids = Vec::new();
    let error = loop {
        match items.try_next().await {
            Ok(row) => ids.push(row.unwrap().id),
            Err(error) => break error,
        }
    };
    assert_eq!(ids.len(), 6, "{ids:?}");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Status, "orgs"));
    assert!(items.next().await.is_none());
}

#[test]
fn a_checkpoint_of_pages_is_none_of_values() {
    let text = |resource: &'static Resource| listing(&service().client(), resource).blocking().items().checkpoint().to_string();
    let lists = list("rows", "/{partition.region}", vec![PartitionBy::values(&REGIONS)]);
    let pages = text(lists).replace(r#""given""#, r#""page":3,"given""#);
    let mut items = listing(&service().client(), lists).resume(pages.parse().unwrap()).unwrap().blocking().items();
    let error = items.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Checkpoint);
    assert!(error.message().contains("a page where values are listed"), "{error}");
}
