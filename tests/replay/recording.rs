//! Recorded traffic: what was asked and what came back.

use std::path::Path;

use serde_json::Value;

/// One file of recorded traffic.
pub struct Recording {
    /// The name of the file.
    pub name: String,
    /// Requests and answers, in the order in which they were made.
    pub exchanges: Vec<Exchange>,
}

/// A request and its answer.
#[derive(Clone)]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// The path below the host, as it was sent.
    pub path: String,
    /// The parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The status of the answer.
    pub status: u16,
    /// The headers of the answer.
    pub headers: Vec<(String, String)>,
    /// The body of the answer.
    pub body: String,
}

impl Exchange {
    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<&str> {
        param(&self.query, name)
    }

    /// The body of a good answer, where it is JSON.
    pub fn json(&self) -> Option<Value> {
        if self.status >= 300 { None } else { serde_json::from_str(&self.body).ok() }
    }
}

/// The recordings beside the project. Without them the test named here is skipped, but not where CI runs.
pub fn recordings(test: &str) -> Option<Vec<Recording>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/auth0_recordings");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "CI must have the recordings at {}", folder.display());
        println!("skipped: {test} (no recordings at {})", folder.display());
        return None;
    }
    let mut recordings: Vec<Recording> = std::fs::read_dir(&folder)
        .expect("a readable folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| read(&path))
        .collect();
    recordings.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!recordings.is_empty(), "no recordings in {}", folder.display());
    Some(recordings)
}

fn read(path: &Path) -> Recording {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let interactions = document["interactions"].as_array().unwrap_or_else(|| panic!("{name} has no interactions"));
    Recording { exchanges: interactions.iter().map(exchange).collect(), name }
}

fn exchange(interaction: &Value) -> Exchange {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (request, response) = (&interaction["request"], &interaction["response"]);
    let url = text(&request["url"]);
    let (path, query) = target(url.split_once("://").map_or("", |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path)));
    let headers = response["headers"].as_object().into_iter().flatten();
    Exchange {
        method: text(&request["method"]),
        path,
        query,
        status: response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default(),
        headers: headers
            .flat_map(|(name, values)| values.as_array().into_iter().flatten().map(move |value| (name.clone(), text(value))))
            .collect(),
        body: text(&response["body"]),
    }
}

/// Splits the target of a request, with or without its first slash, into a path and the decoded parameters.
pub fn target(text: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    });
    (format!("/{}", path.trim_start_matches('/')), pairs.collect())
}

/// A parameter among decoded ones.
pub fn param<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A text without its percent signs.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let byte = match tail {
            [high, low, after @ ..] if *first == b'%' => hex(*high).zip(hex(*low)).map(|(high, low)| (high * 16 + low, after)),
            _ => None,
        };
        let (byte, after) = byte.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[test]
fn targets_are_split_and_decoded() {
    let (path, query) = target("api/v2/users/auth0%7C1?q=name%3A%22a+b%22&from=a%2A~&include_totals");
    assert_eq!(path, "/api/v2/users/auth0%7C1");
    assert_eq!(decoded(&path), "/api/v2/users/auth0|1");
    assert_eq!(param(&query, "q"), Some("name:\"a b\""));
    assert_eq!(param(&query, "from"), Some("a*~"));
    assert_eq!(param(&query, "include_totals"), Some(""));
    assert_eq!(param(&query, "page"), None);
    assert_eq!(decoded("100%"), "100%");
    assert_eq!(decoded("%C3%A9%zz"), "é%zz");
}
