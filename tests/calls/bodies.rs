//! Bodies that are given, and answers of every kind.

use calls::models::{Color, NewPet, UploadBody};
use calls::{Binary, Maybe};

use crate::server::{exchange, sent};

fn pet() -> NewPet {
    NewPet { name: "Tom & co".to_owned(), ..NewPet::default() }
}

#[test]
fn json_tells_absent_from_null() {
    for (note, expected) in [
        (Maybe::Absent, r#"{"name":"Tom & co","owner":null}"#),
        (Maybe::Null, r#"{"name":"Tom & co","owner":null,"note":null}"#),
        (Maybe::Value("n".to_owned()), r#"{"name":"Tom & co","owner":null,"note":"n"}"#),
    ] {
        let body = NewPet { note, ..pet() };
        let (sent, answer) =
            exchange(201, "application/json", br#"{"kind":"cat"}"#, |client| client.create_pet(&body).blocking());
        answer.expect("a pet");
        assert_eq!((sent.target(), sent.header("content-type")), ("POST /pets", Some("application/json")));
        assert_eq!(sent.text(), expected);
    }
}

#[test]
fn any_method_is_sent_as_the_document_has_it() {
    let (question, _) = exchange(200, "application/json", br#"{"kind":"cat"}"#, |client| {
        client.guess_pet(&Color { r: Some(1), ..Color::default() }).blocking().expect("a pet")
    });
    assert_eq!((question.target(), question.text()), ("QUERY /pets", r#"{"R":1}"#));
    for (sent, target) in [
        (sent(|client| client.ask_what_is_allowed().blocking()), "OPTIONS /pets"),
        (sent(|client| client.copy_pets().blocking()), "COPY /pets"),
        (sent(|client| client.pet_all().blocking()), "Pet-It /pets"),
    ] {
        assert_eq!((sent.target(), sent.text()), (target, ""));
    }
}

#[test]
fn a_form_has_lists_and_members() {
    let body = NewPet {
        owner: Some("ä".to_owned()),
        born: Some("2024-02-29".parse().expect("a date")),
        words: Some(vec!["a b".to_owned(), "c".to_owned()]),
        color: Some(Color { r: Some(1), ..Color::default() }),
        ..pet()
    };
    let sent = sent(|client| client.send_form(&body).blocking());
    assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(sent.text(), "name=Tom%20%26%20co&owner=%C3%A4&born=2024-02-29&words=a%20b&words=c&color%5BR%5D=1");
}

#[test]
fn an_upload_is_in_parts() {
    let body = UploadBody {
        title: "one".to_owned(),
        photo: Binary(vec![0, 255, b'\r', b'\n']),
        words: Some(vec!["a".to_owned(), "b".to_owned()]),
        color: Some(Color { g: Some(2), ..Color::default() }),
    };
    let sent = sent(|client| client.upload(&body).blocking());
    let boundary = sent.header("content-type").and_then(|kind| kind.strip_prefix("multipart/form-data; boundary=")).expect("one");
    let part = |head: &str, content: &[u8]| {
        [format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(), content, b"\r\n"].concat()
    };
    let expected = [
        part("name=\"title\"", b"one"),
        part("name=\"photo\"; filename=\"photo\"\r\nContent-Type: application/octet-stream", &[0, 255, b'\r', b'\n']),
        part("name=\"words\"", b"a"),
        part("name=\"words\"", b"b"),
        part("name=\"color\"\r\nContent-Type: application/json", br#"{"G":2}"#),
        format!("--{boundary}--\r\n").into_bytes(),
    ];
    assert_eq!(String::from_utf8_lossy(&sent.body), String::from_utf8_lossy(&expected.concat()));
    assert_eq!(sent.body, expected.concat());
}

#[test]
fn texts_and_bytes_are_sent_and_read_as_they_are() {
    let text = "{\"no\": json}\n";
    let (sent, answer) = exchange(200, "text/plain", text.as_bytes(), |client| client.echo("t").body(text).blocking());
    assert_eq!((sent.header("content-type"), sent.text()), (Some("text/plain"), text));
    assert_eq!(answer.expect("a text"), text);
    let (sent, _) = exchange(200, "text/plain", b"", |client| client.echo("t").blocking());
    assert_eq!((sent.header("content-type"), sent.text()), (None, ""));

    let bytes = [0x89, b'P', b'N', b'G', 0, 255];
    let (sent, answer) = exchange(200, "image/png", &bytes, |client| client.change_picture(bytes).blocking());
    assert_eq!((sent.header("content-type"), sent.body.as_slice()), (Some("image/png"), bytes.as_slice()));
    assert_eq!(sent.header("accept"), Some("image/png"));
    assert_eq!(answer.expect("bytes"), Binary(bytes.to_vec()));
}
