//! Recorded traffic: what was asked and what came back.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::server::target;

/// One file of recorded traffic.
pub struct Recording {
    /// The API and the name of the file: `linode/testdomains-list`.
    pub name: String,
    /// Requests and answers, in the order in which they were made.
    pub exchanges: Vec<Exchange>,
}

/// A request and its answer.
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// Scheme and host of the address.
    pub origin: String,
    /// The path below it, decoded.
    pub path: String,
    /// The parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The body of the request, if it had one.
    pub sent: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body, as JSON.
    pub body: Value,
}

impl Exchange {
    /// Whether the answer looks like a list of records.
    pub fn is_list(&self) -> bool {
        let pages =
            ["has_more", "has-more", "next", "next_cursor", "pages", "pagination", "response_metadata", "total", "total_count"];
        let holds_list = |body: &serde_json::Map<String, Value>| body.values().any(Value::is_array);
        self.status == 200
            && match &self.body {
                Value::Array(_) => true,
                Value::Object(body) => holds_list(body) && pages.iter().any(|key| body.contains_key(*key)),
                _ => false,
            }
    }
}

/// The recordings beside the project. Without them the test named here is skipped, but not where CI runs.
pub fn recordings(test: &str) -> Option<Vec<Recording>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/responses");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "CI must have the recordings at {}", folder.display());
        // Not by `println!`, which is shown for tests that fail alone.
        let line = format!("skipped: {test} (no recordings at {})\n", folder.display());
        let _ = std::io::stderr().write_all(line.as_bytes());
        return None;
    }
    let mut recordings: Vec<Recording> = folders(&folder)
        .iter()
        .flat_map(|api| files(api))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| read(&folder, &path))
        .collect();
    recordings.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(recordings.len(), 70, "the recordings in {}", folder.display());
    Some(joined(recordings))
}

/// Pages that lie in a file each (`pages-1of3`, `pages-2of3`, …) are one recording.
fn joined(recordings: Vec<Recording>) -> Vec<Recording> {
    let mut joined: Vec<Recording> = Vec::new();
    for mut recording in recordings {
        let whole = recording.name.rsplit_once('-').filter(|(_, part)| is_part(part)).map(|(whole, _)| whole.to_owned());
        match (whole, joined.last_mut()) {
            (Some(whole), Some(last)) if last.name == whole => last.exchanges.append(&mut recording.exchanges),
            (whole, _) => {
                recording.name = whole.unwrap_or(recording.name);
                joined.push(recording);
            }
        }
    }
    joined
}

/// Whether a word is `1of3`.
fn is_part(word: &str) -> bool {
    let is_number = |text: &str| text.parse::<u8>().is_ok();
    word.split_once("of").is_some_and(|(at, of)| is_number(at) && is_number(of))
}

fn folders(of: &Path) -> Vec<PathBuf> {
    files(of).into_iter().filter(|path| path.is_dir()).collect()
}

fn files(of: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(of).expect("a readable folder").map(|entry| entry.expect("an entry").path()).collect()
}

fn read(folder: &Path, path: &Path) -> Recording {
    let name = path.strip_prefix(folder).expect("a file of the folder").with_extension("").to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let document: Value = serde_json::from_str(&unmarked(&text)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let exchanges = document["exchanges"].as_array().unwrap_or_else(|| panic!("{name} has no exchanges"));
    Recording { exchanges: exchanges.iter().map(exchange).collect(), name }
}

/// The text with `<GITHUB_LOGIN>` and other such stand-ins as plain words, since an address has no angle brackets.
fn unmarked(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let word = after.split_once('>').map(|(word, _)| word).unwrap_or_default();
        if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
            plain.push_str(word);
            rest = &after[word.len() + 1..];
        } else {
            plain.push('<');
            rest = after;
        }
    }
    plain + rest
}

fn exchange(exchange: &Value) -> Exchange {
    let (request, response) = (&exchange["request"], &exchange["response"]);
    let url = request["url"].as_str().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let (host, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let (path, mut query) = target(rest);
    let mut method = request["method"].as_str().unwrap_or_default();
    let mut sent = Some(&request["body"]).filter(|body| !body.is_null());
    // Slack takes a form by POST and a query by GET alike; the recorded client did the one, and the spec does the other.
    if let (Some(form), "slack.com", "POST") = (sent.and_then(Value::as_str), host, method) {
        query.extend(target(&format!("?{form}")).1);
        (method, sent) = ("GET", None);
    }
    let headers = response["headers"].as_object().into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Exchange {
        method: method.to_owned(),
        origin: format!("{scheme}://{host}"),
        path: super::server::decoded(&path),
        query,
        sent: sent.map(text),
        status: response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default(),
        headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
        body: match &response["body"] {
            Value::String(body) => serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.clone())),
            body => body.clone(),
        },
    }
}
