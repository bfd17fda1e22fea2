//! Request bodies: JSON documents with holes, what a paginator puts into them, and repeated parameters.

mod client;

use client::{API, operation, param};
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::body::{Body, Document};
use tapwright_runtime::rt::core::CoreBuilder;
use tapwright_runtime::rt::descriptor::{Later, Location, Method, Operation, Param, Path, Segment::Index, Segment::Key, Slot};
use tapwright_runtime::rt::error::{ErrorKind, Result};
use tapwright_runtime::rt::json_body::{Array, Boolean, Literal, Node, Number, Object, Text};
use tapwright_runtime::rt::link_param::LinkParam;
use tapwright_runtime::rt::message::Request;
use tapwright_runtime::rt::paging::Take;

/// A document with these values.
fn text(node: &Node, values: &[(&str, &str)], placed: &[(Path, &str)]) -> Result<String> {
    let value = |name: &str| Ok(values.iter().find(|(held, _)| *held == name).map(|(_, value)| (*value).to_owned()));
    let placed: Vec<_> = placed.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    node.text(&value, &placed)
}

const DOCUMENT: Node = Object(&[
    ("query", Object(&[("term", Text("{q}")), ("all", Object(&[])), ("exact", Boolean("{exact}"))])),
    ("sort", Array(&[Object(&[("at", Text("asc"))]), Text("{more}"), Literal("null")])),
    ("size", Number("{size}")),
    ("ratio", Literal("2.50")),
    ("label", Text("{{{q}}} of {owner}")),
]);

#[test]
fn holes_are_filled_and_what_has_no_value_is_left_out() {
    assert_eq!(
        text(&DOCUMENT, &[], &[]).unwrap(),
        r#"{"query":{"all":{}},"sort":[{"at":"asc"},null],"ratio":2.50}"#,
        "numbers stay as they are written"
    );
    let values = [("q", "a\"\n{x}"), ("exact", "true"), ("more", "m"), ("size", "10"), ("owner", "é")];
    assert_eq!(
        text(&DOCUMENT, &values, &[]).unwrap(),
        r#"{"query":{"term":"a\"\n{x}","all":{},"exact":true},"sort":[{"at":"asc"},"m",null],"size":10,"ratio":2.50,"label":"{a\"\n{x}} of é"}"#
    );
    assert!(DOCUMENT.refers_to("owner") && !DOCUMENT.refers_to("asc"));
}

#[test]
fn numbers_and_truth_values_are_held_to_be_such() {
    for (node, value, fits) in [
        (Number("{x}"), "1", true),
        (Number("{x}"), "-1.50e3", true),
        (Number("{x}"), "12345678901234567890.123456789", true),
        (Number("{x}"), "NaN", false),
        (Number("{x}"), "1,\"admin\":true", false),
        (Number("{x}"), "", false),
        (Number("{x}"), "\"1\"", false),
        (Number("{x}"), "01", false),
        (Boolean("{x}"), "false", true),
        (Boolean("{x}"), "yes", false),
        (Boolean("{x}"), "1", false),
    ] {
        let written = text(&node, &[("x", value)], &[]);
        match written {
            Ok(text) => assert!(fits && text == value, "{value} became {text}"),
            Err(error) => {
                assert!(!fits && error.kind() == ErrorKind::Config, "{value}: {error}");
                assert!(error.message().starts_with("the value of `x` must be"), "{error}");
                assert!(value.len() < 2 || !error.message().contains(value), "it may be a secret: {error}");
            }
        }
    }
}

#[test]
fn a_paginator_puts_its_values_where_they_belong() {
    /// What is shown, the document, what is put where, and what is sent.
    type Case<'a> = (&'a str, Node, &'a [(Path, &'a str)], &'a str);
    let cases: &[Case<'_>] = &[
        (
            "into an empty body",
            Object(&[]),
            &[(&[Key("a"), Key("b")], "1"), (&[Key("a"), Key("c")], "[2]")],
            r#"{"a":{"b":1,"c":[2]}}"#,
        ),
        (
            "beside what is there",
            Object(&[("a", Object(&[("x", Literal("1"))]))]),
            &[(&[Key("a"), Key("b")], "2")],
            r#"{"a":{"x":1,"b":2}}"#,
        ),
        (
            "in place of what is there",
            Object(&[("a", Object(&[("x", Literal("1"))]))]),
            &[(&[Key("a"), Key("x")], "2")],
            r#"{"a":{"x":2}}"#,
        ),
        (
            "into an element",
            Object(&[("r", Array(&[Object(&[("v", Literal("1"))])]))]),
            &[(&[Key("r"), Index(0), Key("token")], "\"t\"")],
            r#"{"r":[{"v":1,"token":"t"}]}"#,
        ),
        ("into a new array", Object(&[]), &[(&[Key("r"), Index(1)], "1")], r#"{"r":[null,1]}"#),
        ("at the root", Array(&[]), &[(&[], "1")], "1"),
    ];
    for (name, node, placed, expected) in cases {
        assert_eq!(text(node, &[], placed).unwrap(), *expected, "{name}");
    }
}

static BODY: Node =
    Object(&[("q", Text("{q}")), ("n", Number("{n}")), ("tenant", Text("{domain}")), ("of", Text("{groups.id}"))]);
static SEARCH: Operation = Operation {
    params: &[
        Param { required: true, ..param("q", Location::Body) },
        Param { value: Some("5"), ..param("n", Location::Body) },
        Param { value: Some("a"), ..param("expand[]", Location::Query) },
        Param { value: Some("b"), ..param("expand[]", Location::Query) },
        Param { value: Some("any"), ..param("status", Location::Query) },
        param("fields", Location::Query),
    ],
    body: Body::Json(&BODY),
    ..operation(Method::Post, "/search/{page}")
};

fn request(operation: &Operation, args: &Args) -> Result<Request> {
    let core = CoreBuilder::new(&API).input("domain", "t.example.com").input("client_id", "id").input("client_secret", "s");
    core.build().unwrap().prepare(operation, args)
}

fn args() -> Args {
    let mut args = Args::default();
    args.set("q", "x");
    args.bind("groups.id", "g1");
    args.bind("page", "3");
    args
}

#[test]
fn a_document_is_the_body_of_a_request() {
    let request = request(&SEARCH, &args()).unwrap();
    assert_eq!(String::from_utf8(request.body).unwrap(), r#"{"q":"x","n":5,"tenant":"t.example.com","of":"g1"}"#);
    assert_eq!(request.headers.get("content-type"), Some("application/json"));
    assert_eq!(
        request.url.path_and_query(),
        "/api/v2/search/3?expand%5B%5D=a&expand%5B%5D=b&status=any",
        "a list sends its name several times, and what fills the body is not sent again"
    );
    let missing = self::request(&SEARCH, &Args::default()).unwrap_err();
    assert!(missing.message().contains("`page`") || missing.message().contains("`q` is required"), "{missing}");
}

#[test]
fn a_media_type_of_its_own_stays() {
    static PATCH: Operation = Operation {
        headers: &[("Content-Type", "application/vnd.api+json")],
        body: Body::Json(&Object(&[])),
        ..operation(Method::Patch, "/x")
    };
    let request = request(&PATCH, &Args::default()).unwrap();
    assert_eq!(request.headers.all("content-type").collect::<Vec<_>>(), ["application/vnd.api+json"]);
    assert_eq!(request.body, b"{}");
}

#[test]
fn every_place_of_a_request_takes_a_paginators_value() {
    let mut args = args();
    args.place(Slot::Query("after"), "a b".to_owned());
    args.place(Slot::Header("X-Page"), "7".to_owned());
    args.place(Slot::Body(&[Key("paging"), Key("size")]), "10".to_owned());
    args.place(Slot::Path("page"), "4".to_owned());
    let request = request(&SEARCH, &args).unwrap();
    assert_eq!(request.url.path_and_query(), "/api/v2/search/4?expand%5B%5D=a&expand%5B%5D=b&status=any&after=a%20b");
    assert_eq!(request.headers.get("x-page"), Some("7"));
    assert!(String::from_utf8(request.body).unwrap().ends_with(r#","paging":{"size":10}}"#));
}

#[test]
fn later_requests_leave_out_what_only_the_first_one_sends() {
    for (later, expected) in [
        (Later::All, "expand%5B%5D=a&expand%5B%5D=b&status=any&fields=id&extra=1&page_info=p"),
        (Later::Without(&["status", "extra"]), "expand%5B%5D=a&expand%5B%5D=b&fields=id&page_info=p"),
        (Later::Only(&["fields"]), "fields=id&page_info=p"),
        (Later::Only(&[]), "page_info=p"),
    ] {
        let mut args = args();
        args.set("fields", "id");
        args.set("extra", "1");
        if later == Later::Only(&[]) || later == Later::Only(&["fields"]) {
            // The body is no matter of the query.
            args.set("q", "x");
        }
        args.restrict(later);
        args.place(Slot::Query("page_info"), "p".to_owned());
        let request = request(&SEARCH, &args);
        let request = request.unwrap_or_else(|error| panic!("{later:?}: {error}"));
        assert_eq!(request.url.query(), Some(expected), "{later:?}");
        assert!(request.body.starts_with(br#"{"q":"x""#), "{later:?}");
    }
}

#[test]
fn a_parameter_is_taken_out_of_an_address() {
    let take = LinkParam("page[after]");
    assert_eq!(take.param(), "page[after]");
    for (link, expected) in [
        ("https://x/y?page%5Bafter%5D=a%2Bb%3D&z=1", Some("a+b=")),
        ("/y?z=1&page[after]=a+b#f", Some("a b")),
        ("?page[after]=%zz%", Some("%zz%")),
        ("?page[after]=%C3%A9", Some("é")),
        ("?page[after]=%+1", Some("% 1")),
        ("?page[after]=", None),
        ("?after=1", None),
        ("/page[after]=1", None),
        ("", None),
    ] {
        assert_eq!(take.cursor(link).as_deref(), expected, "{link}");
    }
}
