//! No text makes the front end panic: truncated specs, and what nests deep. `tests/fuzz` changes them at random.

use std::path::Path;

use tapwright::EmitOptions;
use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;

/// Loads a text and shows what is said about it, as text and for tools.
fn load(text: &str) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let api = tapwright::load_text("tests/fixtures/spec.yaml", text, &mut sources, &mut diagnostics);
    assert_eq!(api.is_some(), !diagnostics.has_errors());
    // A layout is checked by reading it again, so that not every text is laid out.
    if text.len().is_multiple_of(37)
        && let Ok(formatted) = tapwright::layout::format(text)
    {
        assert!(tapwright::layout::format(&formatted).is_ok(), "{formatted}");
    }
    // Showing costs more than reading; the same few codes need not be shown for every text.
    if text.len().is_multiple_of(5) {
        assert!(!diagnostics.render(&sources, false).contains("{0}"));
        assert_eq!(diagnostics.to_json(&sources).as_array().map(Vec::len), Some(diagnostics.len()));
    }
}

fn spec(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)).expect(name)
}

const SPECS: [&str; 4] =
    ["fixtures/every_key.yaml", "fixtures/seeds/third.yaml", "diagnostics/many.yaml", "diagnostics/parent_cycle.yaml"];

#[test]
fn every_beginning_of_a_spec() {
    for name in SPECS {
        let text = spec(name);
        for (end, _) in text.char_indices() {
            load(&text[..end]);
        }
    }
}

#[test]
fn expressions_that_nest() {
    let head = "client: {base_url: https://api.example.com}\nresources:\n  - name: users\n    schema: {a: integer, tags: array of string, profile: {fields: {email: string}}}\n    processing_steps:\n";
    for nested in ["(", "not ", "-", "[", "if(", "a[", "a+", "f(a,", "a.", "'"] {
        load(&format!("{head}      - filter: {}\n", serde_json::Value::from(nested.repeat(20_000))));
    }
}

/// Lists of lists by names: the types would be too deep to be printed.
#[test]
fn chains_of_lists_end() {
    let links = |link: &dyn Fn(usize) -> String| (1..400).rev().map(link).collect::<String>();
    let head =
        "client: {base_url: https://api.example.com}\nresources:\n  - {name: users, schema: User}\nschemas:\n  User: {x: A399}\n";
    let spec = format!("{head}{}  A0: string\n", links(&|at| format!("  A{at}: array of A{}\n", at - 1)));
    let said = said(&spec);
    assert!(said.contains("TW005") && said.contains("nested more than 60 levels deep"), "{said}");

    let head = "openapi: 3.1.0\ninfo: {title: a, version: '1'}\nservers: [{url: https://a.example}]\npaths:\n  /users:\n    get:\n      responses:\n        '200': {description: OK, content: {application/json: {schema: {$ref: '#/components/schemas/A399'}}}}\ncomponents:\n  schemas:\n    A0: {type: string}\n";
    let link = |at: usize| format!("    A{at}: {{type: array, items: {{$ref: '#/components/schemas/A{}'}}}}\n", at - 1);
    let up: String = (1..400).map(link).collect();
    for document in [format!("{head}{}", links(&link)), format!("{head}{up}")] {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let api = tapwright::load_text("a.yaml", &document, &mut sources, &mut diagnostics).expect("a document");
        assert!(api.operations.iter().filter_map(|operation| operation.response.as_ref()).all(|ty| ty.nesting() <= 60));
        assert!(diagnostics.render(&sources, false).contains("schemas nest deeper"), "{}", diagnostics.render(&sources, false));
    }
}

fn said(text: &str) -> String {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let _ = tapwright::load_text("spec.yaml", text, &mut sources, &mut diagnostics);
    diagnostics.render(&sources, false)
}

#[test]
fn texts_that_are_no_specs() {
    for text in [
        "\u{feff}name: api",
        "- - - -",
        "? ? ?",
        "&a *a",
        "<<: *a",
        "%YAML 9.9\n---\n",
        "\0",
        "!!binary x",
        "{\"a\": \"\\ud800\"}",
        "a: |\n",
        "---\n...\n---\n",
    ] {
        load(text);
    }
    load(&"[".repeat(100_000));
    load(&"- ".repeat(10_000));
    load(&"a: &a\n ".repeat(5_000));
    load(&"{a: ".repeat(10_000));
}

/// Schemas that lead to one another by so many ways that to go each of them takes for ever.
#[test]
fn schemas_that_are_all_linked_are_no_danger() {
    const COUNT: usize = 14;
    let to = |at: usize| format!("{{$ref: '#/components/schemas/S{at}'}}");
    let others = |at: usize| (0..COUNT).filter(|other| *other != at).map(to).collect::<Vec<_>>().join(", ");
    let next = |at: usize| to((at + 1).min(COUNT - 1));
    let forms: [(&str, &dyn Fn(usize) -> String); 5] = [
        ("all of all others", &|at| format!("{{properties: {{p{at}: {{type: string}}}}, allOf: [{}]}}", others(at))),
        ("one of all others, and more", &|at| format!("{{properties: {{p{at}: {{type: string}}}}, oneOf: [{}]}}", others(at))),
        ("one of all others", &|at| format!("{{oneOf: [{}]}}", others(at))),
        ("properties of all others", &|at| {
            let properties = (0..COUNT).map(|name| format!("p{name}: {{anyOf: [{}]}}", others(at)));
            format!("{{properties: {{{}}}}}", properties.collect::<Vec<_>>().join(", "))
        }),
        ("twice the next", &|at| format!("{{required: [a, b], properties: {{a: {0}, b: {0}}}, allOf: [{0}, {0}]}}", next(at))),
    ];
    for (what, form) in forms {
        let schemas: Vec<String> = (0..COUNT).map(|at| format!("    S{at}: {}\n", form(at))).collect();
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\nservers: [{{url: 'https://t.example'}}]\npaths:\n  /s:\n    get:\n      \
             operationId: listS\n      parameters: [{{name: page, in: query, schema: {{type: integer}}}}]\n      responses:\n        '200':\n          \
             description: S\n          content: {{application/json: {{schema: {{type: array, items: {}}}}}}}\ncomponents:\n  schemas:\n{}",
            to(0),
            schemas.concat()
        );
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let api = tapwright::load_text("t.yaml", &text, &mut sources, &mut diagnostics);
        let api = api.unwrap_or_else(|| panic!("{what}: {}", diagnostics.render(&sources, false)));
        let tree = tapwright::emit(&api, &EmitOptions { spec: "t.yaml".to_owned() }, &mut diagnostics);
        for ty in api.operations.iter().filter_map(|operation| operation.response.as_ref()) {
            let value = tapwright::mock::value(&api.types, ty, 1).to_string();
            assert!(value.len() < 4 << 20, "{what}: {} bytes", value.len());
        }
        let size: usize = tree.iter().filter(|(path, _)| !path.contains("/rt/")).map(|(_, text)| text.len()).sum();
        assert!(size < 2 << 20, "{what}: {size} bytes");
    }
}
