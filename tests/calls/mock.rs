//! The mock of a document answers requests with bodies, and refuses those that are not as they should be.

use std::path::Path;

use calls::models::{Color, NewPet, UploadBody};
use calls::{Binary, Client, ErrorKind};
use tapwright::diagnostic::Diagnostics;
use tapwright::mock::{Mock, Options, Running};
use tapwright::source::Sources;

fn mock() -> (Running, Client) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/documents/calls.yaml");
    let api = tapwright::load(&path, &mut Sources::default(), &mut Diagnostics::default()).expect("a good document");
    let mock = Mock::start(api, Options::default()).expect("a free port");
    let client = Client::builder().base_url(mock.base_url()).build().expect("a client");
    (mock, client)
}

#[test]
fn every_kind_of_body_is_answered() {
    let (_mock, client) = mock();
    let pet = NewPet { name: "Tom".to_owned(), ..NewPet::default() };
    client.create_pet(&pet).blocking().expect("a pet");
    client.send_form(&pet).blocking().expect("an answer");
    let upload = UploadBody { title: "one".to_owned(), photo: Binary(vec![1]), ..UploadBody::default() };
    client.upload(&upload).blocking().expect("an answer");
    assert!(!client.echo("t").body("a text").blocking().expect("a text").is_empty());
    assert!(!client.change_picture([1, 2]).blocking().expect("a picture").0.is_empty());
    client.latest_shape().blocking().expect("a shape");
    client.guess_pet(&Color::default()).blocking().expect("a pet");
    client.pet_all().blocking().expect("an answer");
}

#[test]
fn every_style_of_parameter_is_known() {
    let (_mock, client) = mock();
    let color = Color { r: Some(1), ..Color::default() };
    client.send_path("a", ["b"], &color, 1, ["c"], ["d"], ["e"], &color).blocking().expect("an answer");
    client.send_query().deep(&color).spread(&color).again(["a", "b"]).blocking().expect("an answer");
    client.send_heads(1, "q").session("s").blocking().expect("an answer");
}

#[test]
fn another_media_type_is_refused() {
    let (_mock, client) = mock();
    let refused = client.change_picture([1]).header("content-type", "text/plain").blocking().expect_err("it is no picture");
    assert_eq!((refused.kind(), refused.status()), (ErrorKind::Status, Some(400)));
}
