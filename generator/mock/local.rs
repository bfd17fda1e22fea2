//! The same service without a socket: for a transport of a test's own, with whatever clock that has.

use std::collections::BTreeSet;

use hyper::{Request, body::Bytes};

use super::Options;
use super::hostile::{Stray, WireFault};
use super::records::Records;
use super::reply::Reply;
use super::service::{Answer, Service};
use super::stats::Stats;
use crate::model::Api;

/// The origin of a service without a socket.
const ORIGIN: &str = "http://127.0.0.1";

/// A service that is called as a function.
#[derive(Debug)]
pub struct Local(Service);

/// An answer, and what happens to it on its way.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The status.
    pub status: u16,
    /// The headers; names are lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
    /// What goes wrong below HTTP.
    pub wire: Option<WireFault>,
}

impl Local {
    /// A service; options about sockets and latency mean nothing to it.
    #[must_use]
    pub fn new(api: Api, options: Options) -> Self {
        Self(Service::new(api, options))
    }

    /// What a client takes for the API's base URL.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{ORIGIN}{}", self.0.base_path())
    }

    /// Answers a request. One to another origin is taken down, and answered with an empty page.
    #[must_use]
    pub fn answer(&self, request: &Request<Bytes>) -> Delivery {
        let uri = request.uri();
        let is_own = uri.authority().is_none_or(|held| ORIGIN.ends_with(held.as_str()));
        let answer = if is_own {
            self.0.answer(&without_origin(request), ORIGIN)
        } else {
            self.0.stray(request);
            Reply::json(200, "[]").into()
        };
        let Answer { reply: Reply { status, headers, body, .. }, wire, .. } = answer;
        Delivery { status, headers, body, wire }
    }

    /// What it was asked so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.counter.held()
    }

    /// The records that it gives.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.0.records
    }

    /// What its other origin was sent.
    #[must_use]
    pub fn strays(&self) -> Vec<Stray> {
        self.0.strays()
    }

    /// The names of the scenarios that struck, in order.
    #[must_use]
    pub fn struck(&self) -> Vec<&'static str> {
        self.0.struck_by()
    }

    /// The numbers of a resource's records that were not there throughout.
    #[must_use]
    pub fn passing(&self, resource: &str) -> BTreeSet<u64> {
        self.0.passing(resource)
    }
}

/// A request as a server sees it: its address is a path.
fn without_origin(request: &Request<Bytes>) -> Request<Bytes> {
    let mut request = request.clone();
    let path = request.uri().path_and_query().map_or("/", hyper::http::uri::PathAndQuery::as_str);
    if let Ok(path) = path.parse() {
        *request.uri_mut() = path;
    }
    request
}
