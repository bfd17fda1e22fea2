//! Recorded traffic: what was asked and what came back.

use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use super::server::{param, target};

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
    /// The headers of the answer, without those that frame its body.
    pub headers: Vec<(String, String)>,
    /// The body of the answer.
    pub body: String,
}

impl Exchange {
    /// A page that nobody recorded.
    pub fn json_page(body: &Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let (method, path, query, body) = ("GET".to_owned(), String::new(), Vec::new(), body.to_string());
        Self { method, path, query, status: 200, headers, body }
    }

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
        // Not by `println!`, which is shown for tests that fail alone.
        let line = format!("skipped: {test} (no recordings at {})\n", folder.display());
        let _ = std::io::stderr().write_all(line.as_bytes());
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
    let frames = ["connection", "content-encoding", "content-length", "transfer-encoding"];
    let headers = response["headers"].as_object().into_iter().flatten().filter(|(name, _)| !frames.contains(&name.as_str()));
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
