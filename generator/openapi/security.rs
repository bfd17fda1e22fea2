//! How a document says that requests are authorised, in the words of the connector language.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::head::{input_words, is_input, quoted};
use super::{Document, Operation, below};
use crate::codes::Code;
use crate::names;
use crate::native::values::is_header_name;

/// The schemes of a document, by name.
type Schemes = Map<String, Value>;

/// Ways to authorise, each of which is enough: the names of the schemes that it takes together.
type Ways<'d> = Vec<Vec<&'d str>>;

/// What is asked for, and how often.
type Counts<'d> = Vec<(Ways<'d>, usize)>;

/// What a document asks for.
struct Asked<'d> {
    ways: Ways<'d>,
    /// Whether requests may do without.
    is_optional: bool,
}

/// A way to authorise.
struct Way {
    /// Its name among several.
    label: String,
    /// It in the words of the language.
    words: String,
    /// What a user gives for it, in these words as well.
    inputs: BTreeMap<String, String>,
}

/// The most ways that one requirement is taken for: those of many schemes for many places would be without end.
const MOST_WAYS: usize = 16;

/// The name of the option that is to send no credentials.
const NONE: &str = "none";

impl Document {
    /// How requests are authorised, in the words of the language, with what a user gives for it added to the inputs.
    pub(super) fn auth<'d>(&'d self, operations: &[Operation<'d>], config: &mut BTreeMap<String, String>) -> Option<String> {
        let (schemes, _) = self.section("/components/securitySchemes")?;
        let asked = self.asked(schemes, operations);
        let mut ways: Vec<Way> = Vec::new();
        for together in &asked.ways {
            let alternatives = self.sendable(together, schemes);
            let sendable: Vec<Way> = alternatives.iter().filter_map(|names| self.way(names, schemes, &ways)).collect();
            if let ([first, second, ..], Some(last)) = (sendable.as_slice(), together.last())
                && first.words != second.words
            {
                self.note(&self.scheme_place(last), Code::EitherLogin, &[&together.join("` and `")]);
            }
            let renewed = alternatives
                .iter()
                .filter_map(|names| if let [name] = names.as_slice() { self.renewed(name, schemes) } else { None });
            for way in sendable.into_iter().chain(renewed) {
                if ways.iter().all(|held| held.words != way.words && held.label != way.label) {
                    ways.push(way);
                }
            }
        }
        config.extend(ways.iter().flat_map(|way| way.inputs.clone()));
        match ways.as_slice() {
            [] => None,
            [way] if !asked.is_optional => Some(way.words.clone()),
            several => {
                let none = asked.is_optional.then(|| format!("{NONE}: {{type: none}}"));
                let options = none.into_iter().chain(several.iter().map(|way| format!("{}: {}", way.label, way.words)));
                let options = options.collect::<Vec<_>>().join(", ");
                let default = if asked.is_optional { format!("default: {NONE}, ") } else { String::new() };
                Some(format!("{{type: one_of, {default}options: {{{options}}}}}"))
            }
        }
    }

    /// What the document asks of all requests, or else of most of those of which it asks anything. Where it has schemes and asks for
    /// none, each may be used.
    fn asked<'d>(&'d self, schemes: &'d Schemes, operations: &[Operation<'d>]) -> Asked<'d> {
        let of_all = requirements(self.root.get("security"));
        if of_all.iter().any(|together| !together.is_empty()) {
            return Asked::new(of_all);
        }
        let (mut counts, without) = asked_of(operations);
        let with: usize = counts.iter().map(|(_, count)| count).sum();
        // Of those that are as frequent the first.
        counts.reverse();
        if let Some((of_most, _)) = counts.into_iter().max_by_key(|(_, count)| *count) {
            let asked = Asked::new(of_most);
            return Asked { is_optional: asked.is_optional || without > with, ..asked };
        }
        if !schemes.is_empty() {
            self.note(&self.scheme_place(""), Code::UnaskedLogin, &[]);
        }
        Asked { ways: schemes.keys().map(|name| vec![name.as_str()]).collect(), is_optional: true }
    }

    /// The ways to send credentials that a document wants to be sent together. What would go to one place can not be: many documents say
    /// so of ways of which either will do.
    fn sendable<'n>(&self, together: &[&'n str], schemes: &Schemes) -> Ways<'n> {
        let mut places: Vec<(String, Vec<&str>)> = Vec::new();
        for &name in together {
            let scheme = schemes.get(name).and_then(|scheme| self.resolve(scheme));
            // A certificate is the connection's, and requests have the rest.
            if together.len() > 1 && scheme.is_some_and(|scheme| scheme.get("type") == Some(&Value::from("mutualTLS"))) {
                self.note(&self.scheme_place(name), Code::UnknownSecurity, &[name]);
                continue;
            }
            let place = scheme.map_or_else(|| name.to_owned(), place);
            match places.iter_mut().find(|(held, _)| *held == place) {
                Some((_, names)) => names.push(name),
                None => places.push((place, vec![name])),
            }
        }
        places.iter().fold(vec![Vec::new()], |ways, (_, names)| {
            let longer = |way: &Vec<&'n str>| names.iter().map(|&name| [way.as_slice(), &[name]].concat()).collect::<Vec<_>>();
            ways.iter().flat_map(longer).take(MOST_WAYS).collect()
        })
    }

    /// The way that is made of schemes; none where one of them can not be expressed.
    fn way(&self, names: &[&str], schemes: &Schemes, others: &[Way]) -> Option<Way> {
        let mut way = self.way_named(names, schemes, names.len() > 1)?;
        // Two that take inputs of the same names could not be told apart by what is given.
        if others.iter().any(|other| other.words != way.words && other.inputs.keys().eq(way.inputs.keys())) {
            way = self.way_named(names, schemes, true)?;
        }
        Some(way)
    }

    fn way_named(&self, names: &[&str], schemes: &Schemes, is_named: bool) -> Option<Way> {
        let mut inputs = BTreeMap::new();
        let mut parts = Vec::new();
        for &name in names {
            let found = schemes.get(name).and_then(|scheme| self.resolve(scheme));
            match found.and_then(|found| scheme(name, found, is_named, &mut inputs)) {
                Some(part) => parts.push(part),
                None => self.note(&self.scheme_place(name), Code::UnknownSecurity, &[name]),
            }
        }
        if parts.is_empty() || parts.len() < names.len() {
            return None;
        }
        let words = match parts.as_slice() {
            [part] => part.clone(),
            parts => format!("{{type: all_of, of: [{}]}}", parts.join(", ")),
        };
        let label = names::value(&names.join(" "));
        let label = if label == NONE { "credentials".to_owned() } else { label };
        Some(Way { label, words, inputs })
    }

    /// The way of a scheme by which a person lets an application fetch tokens from then on.
    fn renewed(&self, name: &str, schemes: &Schemes) -> Option<Way> {
        let scheme = self.resolve(schemes.get(name)?)?;
        let flows = scheme.get("flows")?;
        let refresh_token = secret_words("The refresh token that a user's login ended with.");
        let mut inputs = BTreeMap::from([("refresh_token".to_owned(), refresh_token)]);
        let mut of_person = ["authorizationCode", "password"].into_iter().filter_map(|flow| flows.get(flow));
        let words = of_person.find_map(|flow| fetched("oauth2_refresh_token", flow, &mut inputs))?;
        Some(Way { label: names::value(&format!("{name} refresh")), words, inputs })
    }

    /// Where a scheme stands, or all of them.
    fn scheme_place(&self, name: &str) -> String {
        let is_swagger = self.root.get("securityDefinitions").is_some();
        let all = if is_swagger { "/securityDefinitions" } else { "/components/securitySchemes" };
        if name.is_empty() { all.to_owned() } else { below(all, name) }
    }
}

impl<'d> Asked<'d> {
    fn new(requirements: Ways<'d>) -> Self {
        let is_optional = requirements.iter().any(Vec::is_empty);
        Self { ways: requirements.into_iter().filter(|together| !together.is_empty()).collect(), is_optional }
    }
}

/// What is asked of operations, with how many each is asked of, and of how many operations nothing is.
fn asked_of<'d>(operations: &[Operation<'d>]) -> (Counts<'d>, usize) {
    let (mut counts, mut without) = (Counts::new(), 0);
    for operation in operations {
        let own = requirements(operation.node.get("security"));
        if own.iter().all(Vec::is_empty) {
            without += 1;
        } else if let Some((_, count)) = counts.iter_mut().find(|(held, _)| *held == own) {
            *count += 1;
        } else {
            counts.push((own, 1));
        }
    }
    (counts, without)
}

/// The names of the schemes in each of several requirements. Scopes do not make another way.
fn requirements(list: Option<&Value>) -> Ways<'_> {
    let all = list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    all.map(|together| together.keys().map(String::as_str).collect()).collect()
}

/// Where in a request a scheme goes.
fn place(scheme: &Value) -> String {
    let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "apiKey" => format!("{} {}", text("in"), text("name").to_ascii_lowercase()),
        _ => "header authorization".to_owned(),
    }
}

/// A scheme in the words of the language, and what a user gives for it; none for one that the language does not have. Where it is
/// named, what it takes is called after the scheme.
fn scheme(name: &str, scheme: &Value, is_named: bool, inputs: &mut BTreeMap<String, String>) -> Option<String> {
    let text = |key: &str| scheme.get(key).and_then(Value::as_str);
    let about = text("description").and_then(|text| text.lines().next()).unwrap_or_default().trim();
    if text("type") == Some("oauth2")
        && let Some(flow) = scheme.pointer("/flows/clientCredentials")
        && let Some(words) = fetched("oauth2_client_credentials", flow, inputs)
    {
        return Some(words);
    }
    let mut secret = |usual: &str| {
        let input = if is_named { names::value(name) } else { usual.to_owned() };
        let input = if is_input(&input) { input } else { usual.to_owned() };
        inputs.insert(input.clone(), secret_words(if about.is_empty() { "A secret of the service." } else { about }));
        input
    };
    match (text("type")?, text("scheme").map(str::to_ascii_lowercase).as_deref()) {
        ("apiKey", _) => {
            let location = match text("in")? {
                "query" => "query",
                "cookie" => "cookie",
                _ => "header",
            };
            let is_sendable = |key: &&str| if location == "header" { is_header_name(key) } else { !key.trim().is_empty() };
            let key = text("name").filter(is_sendable)?;
            let input = secret("api_key");
            Some(format!("{{type: api_key, name: {}, api_key: \"{{{input}}}\", location: {location}}}", quoted(key)))
        }
        ("http", Some("basic")) | ("basic", _) => {
            inputs.insert("username".to_owned(), input_words(None, "The user name."));
            inputs.insert("password".to_owned(), secret_words("The password."));
            Some("{type: http_basic, username: \"{username}\", password: \"{password}\"}".to_owned())
        }
        ("http", Some("bearer") | None) | ("openIdConnect", _) => {
            let input = secret("token");
            Some(format!("{{type: bearer, token: \"{{{input}}}\"}}"))
        }
        ("oauth2", _) => {
            // The other flows need a person; what they end with is a token.
            let input = secret("access_token");
            Some(format!("{{type: bearer, token: \"{{{input}}}\"}}"))
        }
        _ => None,
    }
}

/// Tokens that an application fetches by a flow of OAuth, in the words of the language, and what a user gives for them; none where the
/// document does not say in full where they come from.
fn fetched(kind: &str, flow: &Value, inputs: &mut BTreeMap<String, String>) -> Option<String> {
    let url = flow.get("tokenUrl")?.as_str()?;
    if !url.starts_with("https://") || url.contains(['{', ' ', '?', '#']) {
        return None;
    }
    let scopes = quoted(&scopes(flow));
    inputs.extend([
        ("client_id".to_owned(), input_words(None, "The id of the application.")),
        ("client_secret".to_owned(), secret_words("The secret of the application.")),
        ("scope".to_owned(), format!("{{optional: true, description: {scopes}}}")),
    ]);
    let application = r#"client_id: "{client_id}", client_secret: "{client_secret}", scope: "{scope}""#;
    Some(format!("{{type: {kind}, access_token_url: {}, {application}}}", quoted(url)))
}

/// What is said of scopes, of which some services want to be told: the first of those that a flow has.
fn scopes(flow: &Value) -> String {
    const MOST: usize = 8;
    let names: Vec<&str> =
        flow.get("scopes").and_then(Value::as_object).into_iter().flat_map(Map::keys).map(String::as_str).collect();
    let said = "The scopes that tokens are asked for, with spaces between";
    match names.len() {
        0 => format!("{said}."),
        count if count > MOST => format!("{said}: {}, and {} more.", names[..MOST].join(", "), count - MOST),
        _ => format!("{said}: {}.", names.join(", ")),
    }
}

fn secret_words(description: &str) -> String {
    format!("{{secret: true, description: {}}}", quoted(description))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use serde_json::{Value, json};

    use super::super::Document;
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;

    const KEY: &str = r#"{type: api_key, name: "X-Key", api_key: "{api_key}", location: header}"#;
    const BASIC: &str = r#"{type: http_basic, username: "{username}", password: "{password}"}"#;
    const REFRESH: &str = r#"{type: oauth2_refresh_token, access_token_url: "https://a.example/token", client_id: "{client_id}", client_secret: "{client_secret}", scope: "{scope}"}"#;
    const TOKEN: &str = r#"{type: bearer, token: "{access_token}"}"#;

    fn auth(security: &Value, operations: &[Value]) -> (Option<String>, Vec<String>) {
        let schemes = json!({
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "app": {"type": "apiKey", "in": "header", "name": "X-App"},
            "basic": {"type": "http", "scheme": "basic"},
            "user": {"type": "oauth2", "flows": {"implicit": {}}},
            "code": {"type": "oauth2", "flows": {"authorizationCode": {"tokenUrl": "https://a.example/token"}}},
            "form": {"type": "oauth2", "flows": {"password": {"tokenUrl": "/token"}}},
            "machine": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a.example/token", "scopes": {"read": ""}}}},
            "cert": {"type": "mutualTLS"},
            "other_cert": {"type": "mutualTLS"},
        });
        let paths: Vec<Value> = operations.iter().map(|security| json!({"get": {"security": security}})).collect();
        let paths: BTreeMap<String, Value> = (0..).map(|at| format!("/{at}")).zip(paths).collect();
        let root = json!({"security": security, "paths": paths, "components": {"securitySchemes": schemes}});
        auth_of(&root)
    }

    fn auth_of(root: &Value) -> (Option<String>, Vec<String>) {
        let mut inputs = BTreeMap::new();
        let mut sources = Sources::default();
        let file = sources.add(Path::new("api.json"), root.to_string());
        let document = Document::new(file, root.clone(), &mut sources, &mut Diagnostics::default());
        let auth = document.auth(&document.operations(), &mut inputs);
        (auth, inputs.into_keys().collect())
    }

    #[test]
    fn requirements_are_ways_to_authorise() {
        let optional = |options: &str| format!("{{type: one_of, default: none, options: {{none: {{type: none}}, {options}}}}}");
        let either = |options: &str| format!("{{type: one_of, options: {{{options}}}}}");
        let app = |input: &str| format!(r#"{{type: api_key, name: "X-App", api_key: "{{{input}}}", location: header}}"#);
        let key = |input: &str| KEY.replace("{api_key}", &format!("{{{input}}}"));
        for (security, words, inputs) in [
            (json!([{"key": []}]), KEY.to_owned(), vec!["api_key"]),
            (
                json!([{"key": []}, {"basic": []}]),
                either(&format!("key: {KEY}, basic: {BASIC}")),
                vec!["api_key", "password", "username"],
            ),
            // Requests may do without.
            (json!([{}, {"key": []}]), optional(&format!("key: {KEY}")), vec!["api_key"]),
            (
                json!([{"app": [], "key": []}]),
                format!("{{type: all_of, of: [{}, {}]}}", app("app"), key("key")),
                vec!["app", "key"],
            ),
            // What is told apart by what is given has names of its own.
            (json!([{"key": []}, {"app": []}]), either(&format!("key: {KEY}, app: {}", app("app"))), vec!["api_key", "app"]),
            // One header has room for one token.
            (json!([{"user": ["a"], "form": ["a"]}]), TOKEN.to_owned(), vec!["access_token"]),
            // A person's token, or what fetches one after the other.
            (
                json!([{"user": ["a"], "code": ["a"]}]),
                either(&format!("user: {TOKEN}, code_refresh: {REFRESH}")),
                vec!["access_token", "client_id", "client_secret", "refresh_token", "scope"],
            ),
            (
                json!([{"basic": [], "user": []}]),
                either(&format!("basic: {BASIC}, user: {TOKEN}")),
                vec!["access_token", "password", "username"],
            ),
            (
                json!([{"machine": ["read"]}]),
                REFRESH.replace("refresh_token", "client_credentials"),
                vec!["client_id", "client_secret", "scope"],
            ),
            // A way of which a part is missing is none, but a certificate goes with the connection.
            (json!([{"gone": [], "key": []}, {"basic": []}]), BASIC.to_owned(), vec!["password", "username"]),
            (json!([{"cert": [], "key": []}, {"cert": [], "other_cert": []}]), KEY.to_owned(), vec!["api_key"]),
        ] {
            let inputs: Vec<String> = inputs.into_iter().map(str::to_owned).collect();
            assert_eq!(auth(&security, &[]), (Some(words), inputs), "{security}");
        }
    }

    #[test]
    fn many_schemes_for_many_places_come_to_an_end() {
        let (mut schemes, mut together) = (BTreeMap::new(), BTreeMap::new());
        for at in 0..100 {
            schemes.insert(format!("s{at}"), json!({"type": "apiKey", "in": "header", "name": format!("X-{}", at / 2)}));
            together.insert(format!("s{at}"), json!([]));
        }
        let (auth, _) = auth_of(&json!({"security": [together], "components": {"securitySchemes": schemes}}));
        assert_eq!(auth.map(|auth| auth.matches("all_of").count()), Some(super::MOST_WAYS));
    }

    #[test]
    fn what_most_operations_ask_for_counts_where_nothing_is_asked_of_all() {
        let (key, basic, none) = (json!([{"key": ["x"]}]), json!([{"basic": []}]), json!([]));
        for (operations, words, is_optional) in [
            (vec![&basic, &key, &key], KEY, false),
            (vec![&basic, &key, &none], BASIC, false),
            (vec![&key, &none, &none], KEY, true),
            (vec![&none], BASIC, true),
        ] {
            let operations: Vec<Value> = operations.into_iter().cloned().collect();
            let (auth, _) = auth(&Value::Null, &operations);
            let auth = auth.expect("there are schemes");
            assert!(auth.contains(words) && auth.contains("default: none") == is_optional, "{operations:?}: {auth}");
        }
    }
}
