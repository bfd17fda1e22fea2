//! Tables that are not as the schema says: they grow, and what has another type stands beside it.

use auth0::load::{Disposition, Options};
use tapwright_load::World;
use tapwright_load::places::{Place, databases};
use tapwright_load::rows::assert_same;

fn append() -> Options {
    Options { disposition: Some(Disposition::Append), full_refresh: false, ..Options::default() }
}

#[test]
fn a_table_grows_by_the_columns_that_it_lacks() {
    let world = World::new(20);
    for kind in databases() {
        let place = Place::new(kind);
        // Somebody has made the table, with a column of their own.
        place.execute("CREATE TABLE roles (mine VARCHAR(9), id VARCHAR(99)); INSERT INTO roles VALUES ('kept', 'before')");
        let loaded = world.load("roles", &place.to, append());
        assert!(loaded.error.is_none(), "{kind}: {:?}", loaded.error);
        let mut rows = place.tables().remove("roles").expect("the table");
        let before = rows.iter().position(|row| row.get("mine").is_some_and(|text| text == "kept")).expect(kind);
        assert_eq!(rows.remove(before)["id"], "before", "{kind}");
        for row in &mut rows {
            for name in ["mine", "_dlt_id", "_dlt_load_id"] {
                row.remove(name);
            }
        }
        assert_same(rows.into_iter().map(Into::into).collect(), world.records("roles"), kind);
    }
}

#[test]
fn a_column_of_another_type_stays_and_has_one_beside_it() {
    let world = World::new(20);
    for kind in databases() {
        let place = Place::new(kind);
        place.execute("CREATE TABLE roles (id BIGINT, name BIGINT)");
        // Also where the columns are those that rows are merged by.
        for disposition in [Disposition::Merge, Disposition::Merge, Disposition::Replace, Disposition::Append] {
            let options = Options { disposition: Some(disposition), ..Options::default() };
            let loaded = world.load("roles", &place.to, options);
            assert!(loaded.error.is_none(), "{kind}: {:?}", loaded.error);
        }
        let rows = place.tables().remove("roles").expect("the table");
        assert_eq!(rows.len(), 40, "{kind}: appended to what had taken the place of the rest");
        assert!(rows.iter().all(|row| row.get("id").is_none_or(serde_json::Value::is_null)), "{kind}: {:?}", rows[0]);
        assert!(rows.iter().all(|row| row["id__v_text"].is_string()), "{kind}: {:?}", rows[0]);
        assert!(rows.iter().any(|row| row.get("name__v_text").is_some_and(serde_json::Value::is_string)), "{kind}");
    }
}

#[test]
fn a_column_that_fits_nowhere_is_an_error_that_says_so() {
    let world = World::new(5);
    let place = Place::new("sqlite");
    place.execute("CREATE TABLE roles (name BIGINT, name__v_text DOUBLE)");
    let error = world.load("roles", &place.to, append()).error.expect("there is no place for it");
    assert!(error.to_string().contains("the columns `name` and `name__v_text` are not of the type TEXT"), "{error}");
    assert!(place.tables()["roles"].is_empty());
}

/// Rows of another program are not taken for those of a load, and progress is not lost behind its back.
#[test]
fn another_load_at_the_same_time_is_noticed() {
    let world = World::new(2_000);
    for kind in databases() {
        let place = Place::new(kind);
        let options = Options { package_bytes: Some(30_000), ..append() };
        let other = tapwright_load::client(&world.mock.base_url());
        let to = place.to.clone();
        if kind == "duckdb" {
            // It lets one program at a time open the file.
            continue;
        }
        let is_other = std::sync::atomic::AtomicBool::new(false);
        let watch = std::sync::Arc::new(move |_: &auth0::load::Loaded| {
            if !is_other.swap(true, std::sync::atomic::Ordering::Relaxed) {
                let (other, to) = (other.clone(), to.clone());
                let thread = std::thread::spawn(move || {
                    tapwright_load::load_with(&other, "logs", &to, append(), std::sync::Arc::new(|_| {}))
                });
                assert!(thread.join().is_ok_and(|loaded| loaded.error.is_none()), "the other one is first");
            }
        });
        let loaded = world.watched("logs", &place.to, options, watch);
        let error = loaded.error.expect(kind);
        assert!(error.to_string().contains("another program loads `logs` at the same time"), "{kind}: {error}");
        assert_same(place.records("logs"), world.records("logs"), kind);
    }
}

/// With a full refresh tables may be made anew; until all is there, they are as they were.
#[test]
fn tables_are_made_anew_where_that_is_asked() {
    let world = World::new(20);
    for kind in databases() {
        let place = Place::new(kind);
        place.execute("CREATE TABLE roles (id BIGINT, name BIGINT, mine VARCHAR(9)); INSERT INTO roles VALUES (1, 2, 'old')");
        let options =
            |is_anew| Options { full_refresh: true, drop_tables: is_anew, package_bytes: Some(900), ..Options::default() };
        let told = options(true);
        let stop = std::sync::Arc::clone(&told.stop);
        let part = world.watched("roles", &place.to, told, std::sync::Arc::new(move |_| stop.notify()));
        assert!(part.error.is_some(), "{kind}: it is stopped");
        assert_eq!(place.tables()["roles"].len(), 1, "{kind}");
        let loaded = world.load("roles", &place.to, options(true));
        assert!(loaded.error.is_none(), "{kind}: {:?}", loaded.error);
        assert_same(place.records("roles"), world.records("roles"), kind);
    }
}

/// Each load tells the version of the schema, and what its tables were is kept.
#[test]
fn versions_of_schemas_are_kept() {
    let world = World::new(3);
    let place = Place::new("sqlite");
    for _ in 0..2 {
        assert!(world.load("users", &place.to, append()).error.is_none());
    }
    let all = place.all_tables();
    let hash = auth0::resources::Users::FINGERPRINT;
    assert!(all["_dlt_loads"].len() > 1 && all["_dlt_loads"].iter().all(|row| row["schema_version_hash"] == hash));
    let [schema] = all["_tapwright_schemas"].as_slice() else { panic!("one version: {:?}", all["_tapwright_schemas"]) };
    assert_eq!((&schema["version_hash"], &schema["resource"]), (&hash.into(), &"users".into()));
    let tables: serde_json::Value = serde_json::from_str(schema["tables"].as_str().expect("a text")).expect("it is JSON");
    assert_eq!((&tables["users"]["email_verified"], &tables["users"]["created_at"]), (&"bool".into(), &"timestamp".into()));
    assert_eq!(tables["users__identities"]["_dlt_list_idx"], "bigint");
}
