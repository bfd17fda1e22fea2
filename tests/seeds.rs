//! Configurations as they circulate, written as YAML, are specs.

use std::path::Path;

use tapwright::diagnostic::{Diagnostics, Severity};
use tapwright::model::{Api, Auth, Hole, Style};
use tapwright::source::Sources;

/// Loads a seed; returns it and the codes of its warnings.
fn load(name: &str) -> (Api, Vec<String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/seeds").join(format!("{name}.yaml"));
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let api = tapwright::load(&path, &mut sources, &mut diagnostics);
    let warnings =
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning).map(|diagnostic| diagnostic.code.id());
    let warnings = warnings.collect();
    (api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false))), warnings)
}

fn inputs(api: &Api) -> Vec<(&str, bool)> {
    api.inputs.iter().map(|input| (input.name.as_str(), input.secret)).collect()
}

#[test]
fn the_first() {
    let (api, warnings) = load("first");
    assert_eq!(*api.name, "first");
    assert_eq!(warnings, [""; 0]);
    assert_eq!(inputs(&api), [("client_id", false), ("client_secret", true)]);
    assert_eq!(api.resources.len(), 3);
    let users = api.resource("users").expect("users");
    assert!(matches!(&users.paging.style, Style::PageNumber { param, base: 0 } if param == "page"));
    assert_eq!(users.paging.size.as_ref().map(|size| (size.param.as_str(), size.default)), Some(("per_page", 50)));
    assert_eq!(users.selectors.iter().map(|selector| selector.to_string()).collect::<Vec<_>>(), ["data"]);
    assert_eq!(users.primary_key.iter().map(|key| key.as_str()).collect::<Vec<_>>(), ["id"]);
}

#[test]
fn the_second() {
    let (api, warnings) = load("second");
    assert_eq!(warnings, [""; 0]);
    let resource = api.resource("resource_name").expect("resource_name");
    assert!(matches!(&resource.paging.style, Style::Offset { param, base: 0 } if param == "offset"));
    assert_eq!(resource.paging.size.as_ref().map(|size| (size.param.as_str(), size.default)), Some(("limit", 100)));
}

#[test]
fn the_third() {
    let (api, warnings) = load("third");
    assert_eq!(warnings, ["TW052"], "the domain is an input that nothing declares");
    assert_eq!(inputs(&api), [("client_id", false), ("client_secret", true), ("domain", false)]);
    assert_eq!(api.client.base_url.to_runtime(), "https://{domain}/api/v2");
    let Auth::OAuth2(oauth2) = &api.client.auth else { panic!("not OAuth 2.0") };
    assert_eq!(oauth2.client_id.holes().collect::<Vec<_>>(), [&Hole::Input("client_id".to_owned())]);
    let logs = api.resource("logs").expect("logs");
    assert!(matches!(&logs.paging.style, Style::LastRecord { param, field } if param == "from" && field.to_string() == "log_id"));
    assert_eq!(logs.incremental.as_ref().and_then(|incremental| incremental.start_param.as_deref()), Some(&"from".to_owned()));
}

#[test]
fn the_fourth() {
    let (api, warnings) = load("fourth");
    assert_eq!(
        warnings,
        ["TW053", "TW228", "TW228"],
        "a literal credential is not taken over, and nothing says how two lists page"
    );
    assert_eq!(inputs(&api), [("token", true)]);
    assert_eq!(api.resource("jwks").map(|jwks| jwks.operation.path.to_runtime()), Some("/authentication/v1/jwks".to_owned()));
}

/// A configuration means the same as JSON, which is how Python programs write theirs down.
#[test]
fn json_and_yaml_are_the_same() {
    for name in ["first", "second", "third", "fourth"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/seeds").join(format!("{name}.yaml"));
        let yaml = std::fs::read_to_string(path).expect("a seed");
        let mut value: serde_yaml::Value = serde_yaml::from_str(&yaml).expect("YAML");
        value.apply_merge().expect("merge keys");
        let json = serde_json::to_string_pretty(&value).expect("JSON").replace("  ", "\t");
        let crates = [("yaml", &yaml), ("json", &json)].map(|(extension, text)| {
            let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
            let file = Path::new("tests/fixtures/seeds").join(format!("{name}.{extension}"));
            let api = tapwright::load_text(file, text, &mut sources, &mut diagnostics);
            let api = api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)));
            let tree = tapwright::emit(&api, &tapwright::EmitOptions { spec: name.to_owned() }, &mut diagnostics);
            // The copies of the spec, and their digests, are what differs.
            let is_spec = |path: &str| path == format!("tests/{name}") || path == "connector.lock";
            tree.iter()
                .filter(|(path, _)| !is_spec(path))
                .map(|(path, text)| (path.to_owned(), text.to_vec()))
                .collect::<Vec<_>>()
        });
        assert_eq!(crates[0], crates[1], "{name}");
    }
}
