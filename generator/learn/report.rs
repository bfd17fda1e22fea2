//! The drift report: what a run was sent beyond the schemas, as JSON. This is the one place that says its form.
//!
//! ```json
//! {
//!   "connector": "auth0",
//!   "fingerprint": "9f2c41d0",
//!   "resources": {
//!     "users": {
//!       "records": 1000,
//!       "drift": [
//!         {"path": "identities[].x", "kind": "unknown_field", "count": 12, "types": ["string", "null"], "values": ["a"]}
//!       ]
//!     }
//!   }
//! }
//! ```
//!
//! `path` leads from the record: names with dots between them, `[]` for any element of an array, `*` for any value of a map, and
//! `['odd.key']` or `["odd.key"]` for a name with other characters; `$` is the record itself. `kind` is `unknown_field`,
//! `new_enum_value`, `null` (where none is allowed), `absent` (where the key is required) or `mismatch` (a value of another
//! type). `count` says how many values there were. `types` are types of JSON: `string`, `integer`, `number`, `boolean`, `object`,
//! `array`, `null`. `values` are samples of texts: for `new_enum_value` all new ones, otherwise a few, and none of a field that
//! is sensitive. `fingerprint`, `records`, `types` and `values` may be absent, and further members mean nothing.

use serde_json::Value;

use super::{Drift, Kind, Root, path};

/// Stands for the paths past the first few hundred, of which only the number is known.
const OTHER: &str = "(other)";

/// What runs have seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The connector that it is about.
    pub connector: String,
    /// The drift of each resource.
    pub resources: Vec<(Root, Vec<Drift>)>,
}

/// Reads a report; otherwise what is wrong with it.
pub fn read(text: &str) -> Result<Report, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let connector = value["connector"].as_str().ok_or("it is no drift report: `connector` is missing")?.to_owned();
    let resources = value["resources"].as_object().ok_or("`resources` must be an object")?;
    let mut read = Vec::with_capacity(resources.len());
    for (name, resource) in resources {
        let rows = resource["drift"].as_array().ok_or_else(|| format!("`drift` of `{name}` must be an array"))?;
        let rows = rows.iter().filter(|row| row["path"] != OTHER);
        let drift: Result<Vec<Drift>, String> =
            rows.map(|row| drift(row).map_err(|reason| format!("in `{name}`: {reason}"))).collect();
        read.push((Root::Resource(name.clone()), drift?));
    }
    Ok(Report { connector, resources: read })
}

fn drift(row: &Value) -> Result<Drift, String> {
    let text = |key: &str| row[key].as_str().ok_or_else(|| format!("a piece of drift has no `{key}`"));
    let (place, word) = (text("path")?, text("kind")?);
    let texts = |key: &str| -> Vec<String> {
        let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        row[key].as_array().map(|values| values.iter().map(shown).collect()).unwrap_or_default()
    };
    let (kind, types) = (Kind::of(word).ok_or_else(|| format!("`{word}` is no kind of drift"))?, texts("types"));
    // A run counts both ways to have no value as one, and says which by the type.
    let is_absent = kind == Kind::Null && !types.is_empty() && types.iter().all(|ty| ty == Kind::Absent.word());
    Ok(Drift {
        path: path(place.strip_prefix('$').unwrap_or(place)).ok_or_else(|| format!("`{place}` is no path"))?,
        kind: if is_absent { Kind::Absent } else { kind },
        count: row["count"].as_u64().unwrap_or(1),
        types,
        values: texts("values"),
        judged: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read() {
        let text = r#"{"connector": "auth0", "resources": {"users": {"records": 10, "drift": [
            {"path": "identities[].x", "kind": "unknown_field", "count": 12, "types": ["string", "null"], "values": ["a", 1]}]}}}"#;
        let report = read(text).unwrap();
        assert_eq!(report.connector, "auth0");
        let (root, drift) = &report.resources[0];
        assert_eq!(*root, Root::Resource("users".to_owned()));
        assert_eq!((drift[0].kind, drift[0].count, drift[0].values.join(" ")), (Kind::UnknownField, 12, "a 1".to_owned()));
    }

    #[test]
    fn what_only_a_run_says_is_understood() {
        let text = r#"{"connector": "a", "resources": {"u": {"drift": [
            {"path": "id", "kind": "null", "types": ["absent"]}, {"path": "$", "kind": "mismatch", "types": ["string"]},
            {"path": "(other)", "kind": "unknown_field", "count": 9}]}}}"#;
        let report = read(text).unwrap();
        let found: Vec<(usize, Kind)> = report.resources[0].1.iter().map(|drift| (drift.path.len(), drift.kind)).collect();
        assert_eq!(found, [(1, Kind::Absent), (0, Kind::Mismatch)]);
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for (text, reason) in [
            ("[]", "it is no drift report: `connector` is missing"),
            (r#"{"connector": "a"}"#, "`resources` must be an object"),
            (r#"{"connector": "a", "resources": {"u": {}}}"#, "`drift` of `u` must be an array"),
            (r#"{"connector": "a", "resources": {"u": {"drift": [{}]}}}"#, "in `u`: a piece of drift has no `path`"),
            (r#"{"connector": "a", "resources": {"u": {"drift": [{"path": "a.", "kind": "null"}]}}}"#, "in `u`: `a.` is no path"),
            (
                r#"{"connector": "a", "resources": {"u": {"drift": [{"path": "a", "kind": "x"}]}}}"#,
                "in `u`: `x` is no kind of drift",
            ),
        ] {
            assert_eq!(read(text), Err(reason.to_owned()));
        }
    }
}
