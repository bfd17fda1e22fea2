//! A small HTTP server on loopback that answers by a script, one entry a request.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What a request is answered with.
#[derive(Clone, Debug)]
pub enum Action {
    /// These bytes; the connection is kept.
    Say(String),
    /// These bytes, a piece at a time with a wait before each; the connection is kept.
    Trickle(Vec<&'static str>, Duration),
    /// These bytes, and then nothing more.
    Stall(&'static str),
    /// These bytes, and then the connection is closed.
    Break(&'static str),
}

pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(script: Vec<Action>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let script = Arc::new(Mutex::new(VecDeque::from(script)));
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let server = Self { address, connections: connections.clone(), requests: requests.clone() };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let (script, requests) = (script.clone(), requests.clone());
                thread::spawn(move || serve(stream, &script, &requests));
            }
        });
        server
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The requests, heads and bodies, as they came.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no test panics with the lock held").clone()
    }
}

/// A response with a body.
pub fn ok(body: &str) -> Action {
    Action::Say(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

/// A response with headers, each with its line end, and no body.
pub fn empty(status: &str, headers: &str) -> Action {
    Action::Say(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n{headers}\r\n"))
}

fn serve(mut stream: TcpStream, script: &Mutex<VecDeque<Action>>, requests: &Mutex<Vec<String>>) {
    while let Some(request) = receive(&mut stream) {
        requests.lock().expect("no test panics with the lock held").push(request);
        let action = script.lock().expect("no test panics with the lock held").pop_front();
        match action {
            Some(Action::Say(text)) => drop(stream.write_all(text.as_bytes())),
            Some(Action::Trickle(pieces, wait)) => {
                for piece in pieces {
                    thread::sleep(wait);
                    drop(stream.write_all(piece.as_bytes()));
                }
            }
            Some(Action::Stall(text)) => {
                drop(stream.write_all(text.as_bytes()));
                // Until the client gives up.
                drop(stream.read(&mut [0]));
            }
            Some(Action::Break(text)) => {
                drop(stream.write_all(text.as_bytes()));
                drop(stream.shutdown(Shutdown::Both));
                return;
            }
            None => drop(stream.write_all(b"HTTP/1.1 500 The script is over\r\ncontent-length: 0\r\n\r\n")),
        }
    }
}

/// One request. None at the end of the connection.
fn receive(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_ascii_lowercase()
                .split_once("content-length: ")
                .map_or(0, |(_, rest)| rest.lines().next().and_then(|length| length.trim().parse().ok()).expect("a length"));
            if body.len() >= length {
                return Some(text);
            }
        }
    }
}
