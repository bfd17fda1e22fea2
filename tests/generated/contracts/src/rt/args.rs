//! What a call is given: values for its parameters and for the holes of its templates.

use std::fmt;
use std::sync::Arc;

use crate::rt::descriptor::Path;
use crate::rt::paging::{Later, Slot};

/// The arguments of a call, in the order in which they were first set.
#[derive(Clone, Default)]
pub struct Args {
    params: Vec<(String, String)>,
    bindings: Vec<(String, String)>,
    /// The query parameters, headers and places of the JSON body that a paginator sets.
    paging: Vec<&'static str>,
    headers: Vec<(&'static str, String)>,
    body: Vec<(Path, String)>,
    /// Which of the query's parameters are sent.
    later: Later,
    /// The body, where the caller gives it: its JSON, or what it is to be.
    given: Option<Arc<[u8]>>,
}

impl Args {
    /// Sets a parameter by its name on the wire, or an argument by the name of its hole. A value set earlier is replaced.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        put(&mut self.params, name, value.into());
    }

    /// Sets a parameter that has several values, each of which is sent. Without any it is not set.
    pub fn set_all(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        self.unset(name);
        self.params.extend(values.into_iter().map(|value| (name.to_owned(), value)));
    }

    /// Gives the body: its JSON, which is sent as the operation says, or its bytes.
    pub fn give(&mut self, body: impl Into<Vec<u8>>) {
        self.given = Some(body.into().into());
    }

    /// The body that the caller gave.
    #[must_use]
    pub fn given(&self) -> Option<&[u8]> {
        self.given.as_deref()
    }

    /// Sets a value that only fills holes, such as `organizations.id`: it is never sent by itself.
    pub fn bind(&mut self, name: &str, value: impl Into<String>) {
        put(&mut self.bindings, name, value.into());
    }

    /// Sets a value of a paginator; one for the body is JSON.
    pub fn place(&mut self, slot: Slot, value: String) {
        match slot {
            Slot::Query(name) => {
                self.paging.push(name);
                self.set(name, value);
            }
            Slot::Path(name) => self.bind(name, value),
            Slot::Header(name) => self.headers.push((name, value)),
            Slot::Body(path) => self.body.push((path, value)),
        }
    }

    /// Says that a request is not the first of its sequence, and which of the query's parameters it sends. Those of the paginator
    /// are always sent.
    pub fn restrict(&mut self, later: Later) {
        self.later = later;
    }

    /// Whether a parameter of the query is sent.
    #[must_use]
    pub fn sends(&self, name: &str) -> bool {
        self.later.sends(name) || self.paging.contains(&name)
    }

    /// The headers that a paginator set.
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// The places of the JSON body that a paginator set, with their JSON texts.
    #[must_use]
    pub fn body(&self) -> &[(Path, String)] {
        &self.body
    }

    /// Takes a parameter back.
    pub fn unset(&mut self, name: &str) {
        self.params.retain(|(held, _)| held != name);
    }

    /// The values of a parameter.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.params().filter(move |(held, _)| *held == name).map(|(_, value)| value)
    }

    /// The value of a parameter; of several, the first.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        find(&self.params, name)
    }

    /// What fills a hole of this name: a binding, or else a parameter.
    #[must_use]
    pub fn hole(&self, name: &str) -> Option<&str> {
        find(&self.bindings, name).or_else(|| self.get(name))
    }

    /// The parameters, in order.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A digest of the parameters, whatever their order, and of the body; the same in every run and on every machine. Bindings do not count:
    /// they belong to a place in a walk, not to what the caller asked for.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut sorted: Vec<_> = self.params().collect();
        sorted.sort_unstable();
        // FNV-1a, which is short and stable. A byte that no UTF-8 text holds keeps names and values apart.
        let text = sorted.iter().flat_map(|(name, value)| name.bytes().chain([0xff]).chain(value.bytes()).chain([0xff]));
        let text = text.chain(self.given().unwrap_or_default().iter().copied());
        text.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

fn put(list: &mut Vec<(String, String)>, name: &str, value: String) {
    match list.iter_mut().find(|(held, _)| held == name) {
        Some((_, held)) => *held = value,
        None => list.push((name.to_owned(), value)),
    }
}

fn find<'a>(list: &'a [(String, String)], name: &str) -> Option<&'a str> {
    list.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
}

/// Shows names only: a value may be a secret.
impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.params.iter().chain(&self.bindings).map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}
