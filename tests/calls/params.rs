//! Parameters of every style and at every place (OpenAPI 3.1, section 4.8.12; RFC 6570 for what it leaves open).

use calls::models::{Color, SendHeadsTheme};

use crate::server::sent;

const WORDS: [&str; 2] = ["a b", "c,d"];

fn color() -> Color {
    Color { r: Some(100), name: Some("sea green".to_owned()), ..Color::default() }
}

#[test]
fn a_path_has_values_of_every_style() {
    let sent = sent(|client| client.send_path("a/b", WORDS, &color(), 5, WORDS, WORDS, WORDS, &color()).blocking());
    assert_eq!(
        sent.target(),
        "GET /paths/a%2Fb/a%20b,c%2Cd/R=100,name=sea%20green/.5/.a%20b.c%2Cd/;matrix=a%20b,c%2Cd/;matrices=a%20b;matrices=c%2Cd\
         /;R=100;name=sea%20green"
    );
}

#[test]
fn a_query_has_values_of_every_style() {
    for (name, expected) in [
        ("plain", "plain=a%20%26%20b"),
        ("again", "again=a%20b&again=c%2Cd"),
        ("commas", "commas=a%20b,c%2Cd"),
        ("blanks", "blanks=a%20b%20c%2Cd"),
        ("pipes", "pipes=a%20b%7Cc%2Cd"),
        ("deep", "deep%5BR%5D=100&deep%5Bname%5D=sea%20green"),
        ("flat", "flat=R,100,name,sea%20green"),
        ("spread", "R=100&name=sea%20green"),
        ("json", "json=%7B%22R%22%3A100%2C%22name%22%3A%22sea%20green%22%7D"),
    ] {
        let sent = sent(|client| {
            let call = client.send_query();
            let call = match name {
                "plain" => call.plain("a & b"),
                "again" => call.again(WORDS),
                "commas" => call.commas(WORDS),
                "blanks" => call.blanks(WORDS),
                "pipes" => call.pipes(WORDS),
                "deep" => call.deep(&color()),
                "flat" => call.flat(&color()),
                "spread" => call.spread(&color()),
                _ => call.json(&color()),
            };
            call.blocking()
        });
        assert_eq!(sent.target(), format!("GET /query?{expected}"));
    }
}

#[test]
fn parameters_come_in_the_order_of_the_document() {
    let sent = sent(|client| client.send_query().spread(&color()).again(["z"]).plain("p").blocking());
    assert_eq!(sent.target(), "GET /query?plain=p&again=z&R=100&name=sea%20green");
}

#[test]
fn one_name_at_several_places_is_several_parameters() {
    let sent = sent(|client| client.send_heads(7, "in the query").id("in a header").blocking());
    assert_eq!(sent.target(), "GET /heads/7?id=in%20the%20query");
    assert_eq!(sent.header("id"), Some("in a header"));
}

#[test]
fn headers_and_cookies_have_values_of_several_parts() {
    let sent = sent(|client| {
        let call = client.send_heads(7, "q").x_words(WORDS).x_color(&color());
        call.session("a;b c").theme(SendHeadsTheme::Dark).blocking()
    });
    assert_eq!(sent.header("x-words"), Some("a b,c,d"));
    assert_eq!(sent.header("x-color"), Some("R=100,name=sea green"));
    assert_eq!(sent.header("cookie"), Some("session=a%3Bb%20c; theme=dark"));
}
