//! Odd forms of recorded pages: what the service is known to send at times, although these recordings do not show it.

use serde_json::{Map, Value};
use tapwright::model::{Api, Style};

use super::chain::{Chain, rows_mut};

/// A change of recorded pages that loses no record.
pub struct Oddity {
    /// What is odd.
    pub name: &'static str,
    change: fn(&mut Value),
    of: Of,
}

/// What an oddity changes.
enum Of {
    /// The envelope of each page.
    Envelopes,
    /// The envelope of the last page.
    LastEnvelope,
    /// Each record.
    Records,
}

/// Every oddity.
pub const ODDITIES: &[Oddity] = &[
    Oddity { name: "limit is 0", change: |page| set(page, "limit", Value::from(0)), of: Of::Envelopes },
    Oddity { name: "length is 0", change: |page| set(page, "length", Value::from(0)), of: Of::Envelopes },
    Oddity { name: "total is 0", change: |page| set(page, "total", Value::from(0)), of: Of::Envelopes },
    Oddity { name: "total is a text", change: |page| set(page, "total", Value::from("1")), of: Of::Envelopes },
    Oddity { name: "no counts", change: |page| remove(page, &["total", "start", "limit", "length"]), of: Of::Envelopes },
    Oddity { name: "next is empty", change: |page| insert(page, "next", Value::from("")), of: Of::LastEnvelope },
    Oddity { name: "next is null", change: |page| insert(page, "next", Value::Null), of: Of::LastEnvelope },
    Oddity { name: "arrays are null", change: |record| members(record, null_if_array), of: Of::Records },
    Oddity { name: "ids of identities are numbers", change: number_identities, of: Of::Records },
    Oddity { name: "truth values are texts", change: |record| members(record, text_if_lenient), of: Of::Records },
    Oddity { name: "dates are objects", change: |record| members(record, object_if_date), of: Of::Records },
    Oddity { name: "new fields", change: |record| insert(record, "brand_new", serde_json::json!({"a": [1, null]})), of: Of::Records },
    Oddity { name: "only keys", change: only_keys, of: Of::Records },
];

impl Oddity {
    /// A chain whose pages are odd; none where nothing changes.
    pub fn of(&self, chain: &Chain, api: &Api) -> Option<Chain> {
        let resource = chain.resource(api);
        let mut odd = chain.clone();
        let last = odd.pages.len().saturating_sub(1);
        let mut changed = false;
        for (at, page) in odd.pages.iter_mut().enumerate() {
            let before = page.json().expect("a page");
            let mut body = before.clone();
            match self.of {
                Of::Envelopes => (self.change)(&mut body),
                Of::LastEnvelope if at == last && has_cursor(chain, api) && body.get("next").is_none() => (self.change)(&mut body),
                Of::LastEnvelope => {}
                Of::Records => rows_mut(resource, &mut body).expect("records").iter_mut().for_each(self.change),
            }
            changed |= body != before;
            page.body = body.to_string();
        }
        changed.then_some(odd)
    }
}

fn has_cursor(chain: &Chain, api: &Api) -> bool {
    matches!(chain.resource(api).paging.style, Style::Cursor { .. })
}

/// Changes a member that is there.
fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(member) = object.get_mut(key) {
        *member = value;
    }
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn remove(object: &mut Value, keys: &[&str]) {
    if let Some(object) = object.as_object_mut() {
        object.retain(|key, _| !keys.contains(&key.as_str()));
    }
}

/// Changes the members of a record, but for those below a free object.
fn members(record: &mut Value, change: fn(&str, &mut Value)) {
    for (key, value) in record.as_object_mut().into_iter().flatten() {
        change(key, value);
    }
}

fn null_if_array(_: &str, value: &mut Value) {
    if value.is_array() {
        *value = Value::Null;
    }
}

fn text_if_lenient(key: &str, value: &mut Value) {
    if let (true, Some(truth)) = (matches!(key, "email_verified" | "blocked" | "isMobile" | "confirmed"), value.as_bool()) {
        *value = Value::from(truth.to_string());
    }
}

fn object_if_date(key: &str, value: &mut Value) {
    if matches!(key, "date" | "created_at" | "updated_at" | "last_login") && value.is_string() {
        *value = Value::Object(Map::from_iter([("$date".to_owned(), value.take())]));
    }
}

fn number_identities(record: &mut Value) {
    for identity in record.get_mut("identities").and_then(Value::as_array_mut).into_iter().flatten() {
        set(identity, "user_id", Value::from(113_282_199));
    }
}

/// `fields` leaves out what is not asked for.
fn only_keys(record: &mut Value) {
    if let Some(record) = record.as_object_mut() {
        record.retain(|key, _| matches!(key.as_str(), "id" | "user_id" | "client_id" | "log_id" | "kid" | "key" | "name"));
    }
}
