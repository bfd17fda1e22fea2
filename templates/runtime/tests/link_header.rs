//! Link headers as services send them.

use tapwright_runtime::rt::link_header::target;

#[test]
fn the_target_of_a_relation_is_found() {
    let cases: &[(&str, &[&str], Option<&str>)] = &[
        ("one link", &[r#"<https://x/2>; rel="next""#], Some("https://x/2")),
        (
            "several in a line",
            &[r#"<https://x/1>; rel="prev", <https://x/3>; rel="next", <https://x/9>; rel="last""#],
            Some("https://x/3"),
        ),
        ("several lines", &[r#"<https://x/1>; rel="self""#, r#"<https://x/2>; rel="next""#], Some("https://x/2")),
        ("no quotes", &["<https://x/2>; rel=next"], Some("https://x/2")),
        ("several relations", &[r#"<https://x/2>; rel="last next""#], Some("https://x/2")),
        (
            "commas and semicolons in an address",
            &[r#"<https://x/?a=1,2;3>; rel="self", <https://x/?a=4,5;6>; rel="next""#],
            Some("https://x/?a=4,5;6"),
        ),
        (
            "commas in a quoted parameter",
            &[r#"<https://x/1>; title="a, <b>; rel=next"; rel="self", </2>; rel="next""#],
            Some("/2"),
        ),
        ("quotes within quotes", &[r#"<https://x/1>; title="a \", <b>; rel=\"next"; rel="self", </2>; rel="next""#], Some("/2")),
        ("a backslash before a quote that ends", &[r#"</1>; title="a\\"; rel="self", </2>; rel="next""#], Some("/2")),
        (
            "an escaped quote, and none that ends it",
            &[r#"</1>; title="a \", <b>; rel=next"; rel="self", </2>; rel="next""#],
            Some("/2"),
        ),
        ("a backslash outside of quotes", &[r#"</1>; title=\"a, <b>; rel=next"; rel="self", </2>; rel="next""#], Some("/2")),
        ("quotes right behind the address", &[r#"</1>"a, <b>; rel=next"; rel="self", </2>; rel="next""#], Some("/2")),
        ("a quote that is never closed", &[r#"</1>; title="a; rel="self", </2>; rel="next""#, "</3>; rel=next"], Some("/3")),
        ("a line without the relation, then one with it", &["</1>; rel=self, </0>; rel=prev", "</2>; rel=next"], Some("/2")),
        ("only the first `rel` of a link counts", &["</1>; rel=self; rel=next", "</2>; rel=next"], Some("/2")),
        ("a quoted word in an address", &[r#"</x?q="a,b">; rel="next""#], Some(r#"/x?q="a,b""#)),
        ("an empty address", &["<>; rel=next"], Some("")),
        ("more parameters", &[r#"<https://x/2>; results="true"; rel="next"; cursor="0:100:0""#], Some("https://x/2")),
        ("blanks and capitals", &[r#" < https://x/2 > ;  REL = "Next" "#], Some("https://x/2")),
        ("no space between", &["<a>;rel=prev,<b>;rel=next"], Some("b")),
        ("another relation", &[r#"<https://x/2>; rel="nextpage""#], None),
        ("no relation", &["<https://x/2>"], None),
        ("no link", &["https://x/2; rel=next"], None),
        ("cut off", &["<https://x/2; rel=next"], None),
        ("nothing", &[], None),
    ];
    for (name, lines, expected) in cases {
        assert_eq!(target(lines.iter().copied(), "next"), *expected, "{name}");
    }
}
