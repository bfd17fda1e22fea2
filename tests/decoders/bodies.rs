//! Bodies that a service should not send: what is an error, and what it says.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use decoders::ErrorKind;
use decoders::models::Item;

use crate::support::client;

/// Answers every request with a head and a body, and tells the base URL.
fn serve(head: &'static str, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            // One request a connection; it is small.
            let _ = stream.read(&mut request);
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{head}content-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    format!("http://{address}/v1")
}

fn utf_16(text: &str, mark: bool) -> Vec<u8> {
    let mark = mark.then_some('\u{feff}').into_iter();
    mark.chain(text.chars()).collect::<String>().encode_utf16().flat_map(u16::to_le_bytes).collect()
}

const ONE: &str = r#"{"id":"a","name":"b","created_at":"2026-01-01T00:00:00Z"}"#;

#[test]
fn a_body_that_is_no_list_says_what_it_is() {
    let html = "<!DOCTYPE html><html><head><title>Log in</title></head></html>";
    let json = format!("[{ONE}]");
    let cases: Vec<(&str, Vec<u8>, ErrorKind, &str)> = vec![
        ("", html.into(), ErrorKind::Page, "no JSON"),
        ("content-type: application/json\r\n", html.into(), ErrorKind::Page, "no JSON"),
        ("", Vec::new(), ErrorKind::Page, "empty"),
        ("", b" \n ".to_vec(), ErrorKind::Page, "empty"),
        ("", utf_16(&json, true), ErrorKind::Page, "UTF-16"),
        ("", utf_16(&json, false), ErrorKind::Page, "UTF-16"),
        ("", vec![0x1f, 0x8b, 8, 0, 0], ErrorKind::Page, "packed with gzip"),
        ("", json.as_bytes()[..json.len() - 9].to_vec(), ErrorKind::Page, "no JSON"),
        ("content-encoding: br\r\n", json.clone().into(), ErrorKind::Config, "feature `br`"),
        ("content-encoding: zstd\r\n", json.clone().into(), ErrorKind::Config, "feature `zstd`"),
        ("content-encoding: lzma\r\n", json.clone().into(), ErrorKind::Config, "`lzma`"),
        ("content-encoding: gzip\r\n", json.into(), ErrorKind::Transport, "no gzip"),
    ];
    for (head, body, kind, expected) in cases {
        let base_url = serve(head, body);
        let error = client(&base_url).documents().blocking().page().expect_err(expected);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(expected), "{error}");
    }
    let error = client(&serve("", html.into())).lines().blocking().page().expect_err("no NDJSON");
    assert_eq!((error.kind(), error.body()), (ErrorKind::Page, Some(html)), "{error}");
    let error = client(&serve("", html.into())).sheets().blocking().page().expect_err("no CSV");
    assert_eq!((error.kind(), error.body()), (ErrorKind::Page, Some(html)), "{error}");
}

fn names(records: &[Item]) -> Vec<&str> {
    records.iter().map(|record| record.name.as_str()).collect()
}

#[test]
fn a_byte_order_mark_and_a_wrong_content_type_do_no_harm() {
    let base_url = serve("content-type: text/html\r\n", format!("\u{feff}[{ONE}]").into());
    assert_eq!(names(&client(&base_url).documents().blocking().page().expect("a page").records), ["b"]);
    let base_url = serve("", format!("\u{feff}{ONE}\r\n\r\n{ONE}").into());
    assert_eq!(names(&client(&base_url).lines().blocking().page().expect("a page").records), ["b", "b"]);
}

/// What should be packed and comes plain is read as it is: some services send either.
#[test]
fn a_file_may_come_plain() {
    let base_url = serve("", format!("{ONE}\n").into());
    assert_eq!(names(&client(&base_url).exports().blocking().page().expect("a page").records), ["b"]);
}

/// Rows that do not fit are left out and counted, with the line that they stand on.
#[test]
fn rows_that_do_not_fit_are_counted() {
    let table = "id,name,created_at\r\na,\"b\r\nc\",2026-01-01T00:00:00Z\r\n,d,2026-01-01T00:00:00Z\r\nx,y\r\ne,f,yesterday\r\ng,h,2026-01-01T00:00:00Z\r\n";
    let base_url = serve("", table.into());
    let mut items = client(&base_url).sheets().blocking().items();
    let records: Vec<_> = items.by_ref().collect::<Result<_, _>>().expect("the bad rows are left out");
    assert_eq!(names(&records), ["b\r\nc", "d", "h"]);
    let rejected: Vec<_> = items.rejected().kept().iter().map(|rejected| (rejected.index, rejected.message.as_str())).collect();
    assert_eq!(
        rejected,
        [(2, "line 5: expected 3 values, found 2"), (3, "line 6: expected a date and time, found `yesterday`"),]
    );
}
