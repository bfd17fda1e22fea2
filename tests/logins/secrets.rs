//! What must not be shown is not shown: a service that sends back all it was sent, in every form of an error.

use std::sync::Arc;
use std::time::Duration;

use logins::Client;
use logins::transport::{BlockingTransport, Headers, Limits, Request, Response, TransportFault};

use crate::support::{EC, LOGINS, RSA};

/// Sends back what it was sent: to every request, or gives a token first.
struct Echo {
    gives_tokens: bool,
}

impl BlockingTransport for Echo {
    fn send(&self, request: Request, _: Limits) -> Result<Response, TransportFault> {
        let mut headers = Headers::default();
        if self.gives_tokens && !request.url.path().ends_with("/items") {
            headers.push("content-type", "application/json");
            let body = r#"{"access_token":"canary-access","refresh_token":"canary-next","data":{"token":"canary-session"},"instance_url":"https://a.logins.example.com"}"#;
            return Ok(Response { status: 200, headers, body: body.as_bytes().to_vec() });
        }
        let sent: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let sent = format!("{} {sent:?} {}", request.url, String::from_utf8_lossy(&request.body));
        headers.push("x-request-id", sent.clone());
        let body = format!(r#"{{"error":"{}","message":"{0}"}} {sent}"#, sent.escape_default());
        Ok(Response { status: 400, headers, body: body.into_bytes() })
    }

    fn sleep(&self, _: Duration) {}
}

#[test]
fn nothing_shows_a_secret() {
    // A line of each key, the beginnings of its signed texts, and what Basic makes of the client.
    let lines = [RSA, EC].map(|pem| pem.lines().nth(1).expect("a line"));
    let canaries = ["canary", "Y2FuYXJ5", "aWQ6Y2FuYXJ5", "eyJhbGciOi", lines[0], lines[1]];
    for login in LOGINS {
        for gives_tokens in [false, true] {
            let builder = (login.inputs)(Client::builder()).blocking_transport(Arc::new(Echo { gives_tokens }));
            let built = format!("{builder:?}");
            let client = builder.build().expect("a login is complete");
            let error = client.items().blocking().items().next().expect("an answer").expect_err("it is refused");
            let shown =
                format!("{built} {client:?} {error} {error:?} {:?} {:?} {:?}", error.body(), error.code(), error.request_id());
            assert!(shown.contains("***"), "{}: nothing came back: {shown}", login.name);
            for canary in canaries {
                assert!(!shown.contains(canary), "{}: {canary} is in {shown}", login.name);
            }
        }
    }
}
