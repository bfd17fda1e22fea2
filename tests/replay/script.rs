//! What a server answers that plays a chain: the token, the lists of the parents, and the recorded pages.

use tapwright::model::Api;

use super::chain::Chain;
use super::recording::{Exchange, Recording};
use super::server::{Answer, Request, param, target};

/// A chain as a server plays it.
pub struct Script {
    token: String,
    /// The chain and the lists of its parents, and the page that each ends with.
    lists: Vec<(Chain, String)>,
}

impl Script {
    /// Plays a chain, and answers requests for a token as it was recorded.
    pub fn new(api: &Api, chain: &Chain, token: &str) -> Self {
        let lists = chain.parents(api).into_iter().chain([chain.clone()]);
        let with_end = |list: Chain| {
            let end = list.empty_page(api);
            (list, end)
        };
        Self { token: token.to_owned(), lists: lists.map(with_end).collect() }
    }

    /// The answer to a request.
    pub fn answer(&self, request: &Request) -> Answer {
        if request.path == "/oauth/token" {
            return Answer::json(&self.token);
        }
        match self.lists.iter().find(|(list, _)| list.path == request.path) {
            Some((list, end)) => page(list, end, request),
            None => Answer { status: 404, ..Answer::json(r#"{"statusCode":404,"error":"Not Found","message":"not recorded"}"#) },
        }
    }
}

/// The page that a request asks for by cursor or number; the first request has neither, or the number 0. Behind the recorded pages
/// there are no records, but the headers go on as the service's do.
fn page(list: &Chain, end: &str, request: &Request) -> Answer {
    let page = match (request.param("from"), request.param("page")) {
        (Some(cursor), _) => list.pages.iter().skip(1).find(|page| page.param("from") == Some(cursor)),
        (None, Some(number)) => number.parse().ok().and_then(|number: usize| list.pages.get(number)),
        (None, None) => list.pages.first(),
    };
    match page.ok_or(list.pages.last()) {
        Ok(page) => Answer { status: page.status, headers: page.headers.clone(), body: page.body.clone() },
        Err(recorded) => {
            let headers = recorded.map(|recorded| recorded.headers.clone()).unwrap_or_default();
            Answer { headers, ..Answer::json(end) }
        }
    }
}

/// The recorded answer to a request for a token.
pub fn token(recordings: &[Recording]) -> String {
    let exchanges = recordings.iter().flat_map(|recording| &recording.exchanges);
    let mut answers = exchanges.filter(|exchange| exchange.path == "/oauth/token").filter_map(Exchange::json);
    let answer = answers.find(|answer| answer["access_token"].is_string()).expect("a recorded token");
    answer.to_string()
}

/// Holds the requests of one read to what a good client asks: one token, the right one everywhere, and no page twice.
pub fn check(requests: &[Request], token: &str, what: &str) {
    let answer: serde_json::Value = serde_json::from_str(token).expect("the token's answer");
    let bearer = format!("Bearer {}", answer["access_token"].as_str().expect("a token"));
    let (tokens, calls): (Vec<&Request>, Vec<&Request>) = requests.iter().partition(|request| request.path == "/oauth/token");
    let [asked] = tokens.as_slice() else { panic!("{what}: {} requests for a token", tokens.len()) };
    let (_, form) = target(&format!("?{}", asked.body));
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
