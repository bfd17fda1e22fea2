//! The smallest HTTP client that shows everything: status, headers, and bytes as they came.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// A response, as far as it came.
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    /// How reading ended, where it ended before the announced length.
    pub broken: Option<std::io::Error>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// Sends a request on a connection of its own.
pub fn send(addr: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Response {
    let mut stream = TcpStream::connect(addr).unwrap();
    let length = body.len();
    write!(stream, "{method} {target} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\ncontent-length: {length}\r\n").unwrap();
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n").unwrap();
    }
    write!(stream, "\r\n{body}").unwrap();

    let mut bytes = Vec::new();
    let mut broken = stream.read_to_end(&mut bytes).err();
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {broken:?}"));
    let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut response = Response { status, head, body: bytes[split + 4..].to_vec(), broken: None };
    let length: usize = response.header("content-length").map_or(0, |length| length.parse().unwrap());
    if response.body.len() < length && broken.is_none() {
        broken = Some(std::io::ErrorKind::UnexpectedEof.into());
    }
    response.broken = broken;
    response
}
