//! The login in the browser: who is taken for the browser that comes back, and what is made of the address that it asks for.

mod paged;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use paged::Model;
use tapwright_runtime::rt::error::{ErrorKind, Result};
use tapwright_runtime::rt::login::{AuthorizationCode, Login, LoginOptions};

static LOGIN: AuthorizationCode =
    AuthorizationCode { authorize_url: "https://login.example.com/authorize", ..AuthorizationCode::DEFAULT };

/// Where a browser comes back to, and the state that it brings.
struct Back {
    host: String,
    state: String,
}

impl Back {
    fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.host).expect("someone listens")
    }

    /// The head of a request for an address below the host.
    fn head(&self, target: &str) -> String {
        format!("GET {} HTTP/1.1\r\nhost: {}\r\n\r\n", target.replace("STATE", &self.state), self.host)
    }

    /// What a request in these pieces is answered with; nothing if the connection is closed.
    fn ask(&self, pieces: &[&str]) -> String {
        let mut stream = self.connect();
        for piece in pieces {
            stream.write_all(piece.as_bytes()).expect("it is heard");
            thread::sleep(Duration::from_millis(40));
        }
        let mut answer = String::new();
        // A connection that is reset is closed as well.
        let _ = stream.read_to_string(&mut answer);
        answer.lines().next().unwrap_or_default().to_owned()
    }

    fn get(&self, target: &str) -> String {
        self.ask(&[&self.head(target)])
    }
}

/// Logs in with a browser that does this, and gives what comes of it.
fn log_in(browse: impl FnOnce(&Back) + Send + 'static) -> Result<Vec<(&'static str, String)>> {
    let core = Model::new(|_| panic!("nothing is sent")).client();
    let login = Login::begin(&core, &LOGIN, None)?;
    let param = |name: &str| {
        let mut pairs = login.url().split(['?', '&']).filter_map(|pair| pair.split_once('='));
        pairs.find(|(held, _)| *held == name).map(|(_, value)| value.replace("%3A", ":").replace("%2F", "/")).expect("it is sent")
    };
    let host = param("redirect_uri").trim_start_matches("http://").trim_end_matches("/callback").to_owned();
    let back = Back { host, state: param("state") };
    let browser = thread::spawn(move || browse(&back));
    let outcome = login.wait(Duration::from_secs(60));
    browser.join().expect("the browser is content");
    outcome
}

/// The code of an address that the browser comes back to.
fn code(target: &'static str) -> Result<String> {
    let granted = log_in(|back| assert_eq!(back.get(target), "HTTP/1.1 200 OK"))?;
    Ok(granted.into_iter().find(|(name, _)| *name == "code").expect("a code").1)
}

#[test]
fn a_user_has_five_minutes() {
    let options = LoginOptions::default();
    assert_eq!((options.port, options.timeout), (None, Duration::from_secs(300)));
}

#[test]
fn codes_are_decoded_as_they_are_sent() {
    for (sent, expected) in [
        ("abc", "abc"),
        ("a%2Fb%2fc", "a/b/c"),
        ("a+b%20c", "a b c"),
        ("%41%C3%A9", "Aé"),
        ("100%", "100%"),
        ("%zz%4", "%zz%4"),
        ("241", "241"),
    ] {
        let target = format!("/callback?code={sent}&state=STATE");
        assert_eq!(code(target.leak()).expect(sent), expected, "{sent}");
    }
    let error = code("/callback?error=access_denied&error_description=not%20to%64ay%21&state=STATE").expect_err("it is refused");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Auth, "the service refuses the login (access_denied: not today!)"));
}

#[test]
fn only_who_knows_the_state_and_the_path_has_come_back() {
    let granted = log_in(|back| {
        for target in [
            "/",
            "/callback",
            "/callback?code=evil",
            "/callback?code=evil&state=guessed",
            "/other?code=evil&state=STATE",
            "/callback/?code=evil&state=STATE",
            "/callback?code=&state=STATE",
            "/callback?state=STATE",
        ] {
            assert_eq!(back.get(target), "HTTP/1.1 404 Not Found", "{target}");
        }
        let post = back.head("/callback?code=evil&state=STATE").replace("GET", "POST");
        assert_eq!(back.ask(&[&post]), "", "it is no request of a browser that comes back");
        assert_eq!(back.get("/callback?code=good&state=STATE"), "HTTP/1.1 200 OK");
    });
    assert_eq!(granted.expect("a code")[0], ("code", "good".to_owned()));
}

#[test]
fn a_request_may_come_late_and_in_pieces() {
    let granted = log_in(|back| {
        let head = back.head("/callback?code=good&state=STATE");
        let (first, rest) = head.split_at(1);
        let (second, third) = rest.split_at(18);
        assert_eq!(back.ask(&["", first, second, third]), "HTTP/1.1 200 OK");
    });
    assert_eq!(granted.expect("a code")[0], ("code", "good".to_owned()));
}

#[test]
fn a_connection_that_breaks_or_says_too_much_is_not_the_browser() {
    let granted = log_in(|back| {
        drop(back.connect());
        let mut half = back.connect();
        half.write_all(b"GET /callback").expect("it is heard");
        drop(half);
        let padded = |length: usize| {
            let head = back.head("/callback?code=good&state=STATE");
            head.replacen("\r\n\r\n", &format!("\r\nx: {}\r\n\r\n", "x".repeat(length - head.len() - 5)), 1)
        };
        assert_eq!(padded(16 << 10).len(), 16 << 10);
        assert_eq!(back.ask(&[&padded((16 << 10) + 1)]), "", "it is too large");
        assert_eq!(back.ask(&[&padded(16 << 10)]), "HTTP/1.1 200 OK");
    });
    assert_eq!(granted.expect("a code")[0], ("code", "good".to_owned()));
}

/// Browsers open connections that they do not use.
#[test]
fn a_connection_that_stays_silent_does_not_keep_the_browser_out() {
    let granted = log_in(|back| {
        let silent = back.connect();
        assert_eq!(back.get("/callback?code=good&state=STATE"), "HTTP/1.1 200 OK");
        drop(silent);
    });
    assert_eq!(granted.expect("a code")[0], ("code", "good".to_owned()));
}
