//! A service that sends back all that it is sent, in each of several ways.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::canary::{ACCESS_TOKEN, COOKIE, ROTATED_TOKEN, SESSION_TOKEN};

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Records,
    /// Members and values that no schema knows hold what was sent.
    Drift,
    Refused(u16),
    LoginRefused,
    RedirectElsewhere,
    RedirectItself,
    LinkElsewhere,
    LinkWithCredentials,
    OtherType,
    Html,
    CutOff,
    Reset,
}

pub(crate) const WAYS: [Way; 14] = [
    Way::Records,
    Way::Drift,
    Way::Refused(400),
    Way::Refused(401),
    Way::Refused(403),
    Way::LoginRefused,
    Way::RedirectElsewhere,
    Way::RedirectItself,
    Way::LinkElsewhere,
    Way::LinkWithCredentials,
    Way::OtherType,
    Way::Html,
    Way::CutOff,
    Way::Reset,
];

/// Starts one, which lives as long as the process.
pub(crate) fn start(way: Way) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever leaves early is right to do so.
            let _ = answer(stream, way, address);
        }
    });
    address
}

fn answer(mut stream: TcpStream, way: Way, address: SocketAddr) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut sent, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
        sent += line.trim_end();
        sent.push(' ');
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    sent += &String::from_utf8_lossy(&body);
    let target = sent.split(' ').nth(1).unwrap_or("/").to_owned();
    let is_login = ["/oauth/token", "/session"].iter().any(|end| target.ends_with(end));
    if is_login && way != Way::LoginRefused {
        return write(&mut stream, "200 OK", "application/json", "", &tokens(address));
    }
    let echo = serde_json::Value::from(sent.clone());
    let json = |status: &str, headers: &str, body: String, stream: &mut TcpStream| {
        write(stream, status, "application/json", headers, &body)
    };
    let page = |next: &str| format!(r#"{{"items":[{{"id":"1","name":"n"}}],"next":{}}}"#, serde_json::Value::from(next));
    let moved = |place: &str| format!("location: {place}\r\n");
    match way {
        Way::Records => {
            json("200 OK", "", r#"{"items":[{"id":"1","name":"n"}],"users":[{"id":1}],"next":null}"#.to_owned(), &mut stream)
        }
        Way::Drift => {
            let body = format!(
                r#"{{"items":[{{"id":"1","name":"n",{echo}:1,"added":{echo},"more":{{"{{}}":[{echo}]}}}}],"next":null}}"#
            );
            json("200 OK", "", body, &mut stream)
        }
        Way::Refused(status) => {
            let headers = format!("x-request-id: {sent}\r\nwww-authenticate: Bearer realm=\"{sent}\"\r\n");
            json(&format!("{status} Refused"), &headers, format!(r#"{{"error":{echo},"message":{echo}}} {sent}"#), &mut stream)
        }
        Way::LoginRefused => {
            json("400 Bad Request", "", format!(r#"{{"error":{echo},"error_description":{echo}}}"#), &mut stream)
        }
        Way::RedirectElsewhere => {
            json("302 Found", &moved(&format!("http://elsewhere.invalid{target}")), String::new(), &mut stream)
        }
        Way::RedirectItself => json("302 Found", &moved(&format!("http://{address}{target}")), String::new(), &mut stream),
        Way::LinkElsewhere => json("200 OK", "", page(&format!("http://elsewhere.invalid{target}")), &mut stream),
        Way::LinkWithCredentials => json(
            "200 OK",
            "",
            page(&format!("http://user:{}@{address}{target}", ACCESS_TOKEN.value.replace('/', "%2F"))),
            &mut stream,
        ),
        Way::OtherType => json("200 OK", "", format!(r#"{{"items":[{{"id":{{"was":{echo}}}}}],"next":null}}"#), &mut stream),
        Way::Html => write(&mut stream, "200 OK", "text/html", "", &format!("<html>{sent}</html>")),
        Way::CutOff => json("200 OK", "", format!(r#"{{"items":[{{"id":{echo}"#), &mut stream),
        Way::Reset => Ok(()),
    }
}

fn tokens(address: SocketAddr) -> String {
    let (access, refresh, session) = (ACCESS_TOKEN.value, ROTATED_TOKEN.value, SESSION_TOKEN.value);
    let text = serde_json::json!({
        "access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 600, "expires_at": "2099-01-01T00:00:00Z",
        "data": { "token": session }, "instance_url": format!("http://{address}"),
    });
    text.to_string()
}

fn write(stream: &mut TcpStream, status: &str, kind: &str, headers: &str, body: &str) -> std::io::Result<()> {
    let cookie = COOKIE.value;
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nset-cookie: sid={cookie}\r\nconnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}
