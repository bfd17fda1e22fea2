//! What a server answers that plays a chain: the token, the lists of the parents, and the recorded pages.

use tapwright::model::Api;

use super::chain::Chain;
use super::recording::{Recording, param};
use super::server::{Answer, Request};

/// A chain as a server plays it.
pub struct Script {
    token: String,
    parents: Vec<(String, String)>,
    chain: Chain,
    empty: String,
}

impl Script {
    /// Plays a chain, and answers requests for a token as it was recorded.
    pub fn new(api: &Api, chain: &Chain, token: &str) -> Self {
        Self { token: token.to_owned(), parents: chain.parents(api), chain: chain.clone(), empty: chain.empty_page(api) }
    }

    /// The answer to a request.
    pub fn answer(&self, request: &Request) -> Answer {
        if request.path == "/oauth/token" {
            return Answer::json(&self.token);
        }
        if request.path == self.chain.path {
            return self.page(request);
        }
        match self.parents.iter().find(|(path, _)| *path == request.path) {
            Some((_, body)) => Answer::json(body),
            None => Answer { status: 404, ..Answer::json(r#"{"statusCode":404,"error":"Not Found","message":"not recorded"}"#) },
        }
    }

    /// The page that a request asks for by cursor or number. The first request has neither, or the number 0.
    fn page(&self, request: &Request) -> Answer {
        let pages = &self.chain.pages;
        let page = match (request.param("from"), request.param("page")) {
            (Some(cursor), _) => pages.iter().skip(1).find(|page| page.param("from") == Some(cursor)),
            (None, Some(number)) => number.parse().ok().and_then(|number: usize| pages.get(number)),
            (None, None) => pages.first(),
        };
        match page.or(pages.last()) {
            // Behind the end: no records, but the headers go on as the service's do.
            Some(last) if page.is_none() => Answer { headers: last.headers.clone(), ..Answer::json(&self.empty) },
            Some(page) => Answer { status: page.status, headers: page.headers.clone(), body: page.body.clone() },
            None => Answer::json("[]"),
        }
    }
}

/// The recorded answer to a request for a token.
pub fn token(recordings: &[Recording]) -> String {
    let exchanges = recordings.iter().flat_map(|recording| &recording.exchanges);
    let mut answers = exchanges.filter(|exchange| exchange.path == "/oauth/token").filter_map(|exchange| exchange.json());
    let answer = answers.find(|answer| answer["access_token"].is_string()).expect("a recorded token");
    answer.to_string()
}

/// Holds the requests of one read to what a good client asks: one token, the right one everywhere, and no page twice.
pub fn check(requests: &[Request], token: &str, what: &str) {
    let answer: serde_json::Value = serde_json::from_str(token).expect("the token's answer");
    let bearer = format!("Bearer {}", answer["access_token"].as_str().expect("a token"));
    let (tokens, calls): (Vec<&Request>, Vec<&Request>) = requests.iter().partition(|request| request.path == "/oauth/token");
    let [asked] = tokens.as_slice() else { panic!("{what}: {} requests for a token", tokens.len()) };
    let (_, form) = super::recording::target(&format!("?{}", asked.body));
    assert_eq!(param(&form, "grant_type"), Some("client_credentials"), "{what}");
    assert_eq!(param(&form, "audience"), Some("https://tenant-a.eu.auth0.com/api/v2/"), "{what}");
    assert_eq!(param(&form, "organization"), None, "{what}");
    for (at, call) in calls.iter().enumerate() {
        assert_eq!(call.authorization.as_deref(), Some(bearer.as_str()), "{what}: {call:?}");
        assert_eq!(call.method, "GET", "{what}: {call:?}");
        let again = calls.iter().take(at).any(|other| (&other.path, &other.query) == (&call.path, &call.query));
        assert!(!again, "{what}: asked twice for {} {:?}", call.path, call.query);
    }
}
