//! A server that answers one request, and keeps it as it came.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

/// A request as it was sent.
#[derive(Debug)]
pub struct Sent {
    head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Sent {
    /// The method and the address.
    pub fn target(&self) -> &str {
        self.head.lines().next().and_then(|line| line.strip_suffix(" HTTP/1.1")).expect("a request line")
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.into_iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body as a text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a text")
    }
}

/// What one call to a server at an address sends, and what the call gives for an answer.
pub fn exchange<T>(status: u16, media_type: &str, answer: &[u8], call: impl FnOnce(&str) -> T) -> (Sent, T) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::scope(|scope| {
        let served = scope.spawn(|| serve(&listener, status, media_type, answer));
        let result = call(&base);
        (served.join().expect("a request"), result)
    })
}

fn serve(listener: &TcpListener, status: u16, media_type: &str, answer: &[u8]) -> Sent {
    let (mut stream, _) = listener.accept().expect("a connection");
    let sent = receive(&mut stream);
    let typed = if media_type.is_empty() { String::new() } else { format!("content-type: {media_type}\r\n") };
    let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", answer.len()) };
    let head = format!("HTTP/1.1 {status} Said\r\n{typed}{length}connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(answer)).expect("an answer");
    sent
}

fn receive(stream: &mut TcpStream) -> Sent {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        read_more(stream, &mut bytes);
    };
    let mut sent = Sent { head: String::from_utf8_lossy(&bytes[..end]).into_owned(), body: bytes.split_off(end + 4) };
    let length = sent.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    while sent.body.len() < length {
        read_more(stream, &mut sent.body);
    }
    sent
}

fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) {
    let mut piece = [0; 4096];
    let count = stream.read(&mut piece).expect("a request");
    assert!(count > 0, "the request is cut off");
    bytes.extend_from_slice(&piece[..count]);
}
