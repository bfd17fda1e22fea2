//! Each piece of advice is given where it is due, and not where it was followed.

use std::collections::BTreeSet;

use tapwright::codes::Code;
use tapwright::diagnostic::{Diagnostics, Severity};
use tapwright::source::Sources;

const HEAD: &str = "name: a\nclient: {base_url: https://a.example, auth: bearer}\n";

/// A code, a spec that it is about with the place, and the spec that follows it; both without what all specs have.
const CASES: &[(Code, &str, &str, &str)] = &[
    (
        Code::NoPrimaryKey,
        "resources:\n  - {name: users, endpoint: {path: /users, paginator: single_page}, schema: {user_id: string}}\n",
        "users",
        "resources:\n  - {name: users, primary_key: user_id, endpoint: {path: /users, paginator: single_page}, schema: {user_id: string}}\n",
    ),
    (
        Code::LogReadWhole,
        "resources:\n  - {name: audit_logs, primary_key: id, endpoint: {path: /logs, paginator: single_page}, schema: {id: string, date: date-time}}\n",
        "audit_logs",
        "resources:\n  - {name: audit_logs, primary_key: id, endpoint: {path: /logs, paginator: single_page, incremental: {cursor_path: date, start_param: since}}, schema: {id: string, date: date-time}}\n",
    ),
    (
        Code::LogReadWhole,
        "resources:\n  - {name: events, primary_key: id, endpoint: {path: /events, paginator: single_page}, schema: {id: string, created: integer}}\n",
        "events",
        // What changes later is no log.
        "resources:\n  - {name: events, primary_key: id, endpoint: {path: /events, paginator: single_page}, schema: {id: string, created: integer, updated_at: date-time}}\n",
    ),
    (
        Code::ChangesAppended,
        "resources:\n  - {name: users, primary_key: id, endpoint: {path: /users, paginator: single_page, incremental: {cursor_path: updated_at, start_param: since}}, schema: {id: string, updated_at: date-time}}\n",
        "updated_at",
        "resources:\n  - {name: users, primary_key: id, write_disposition: merge, endpoint: {path: /users, paginator: single_page, incremental: {cursor_path: updated_at, start_param: since}}, schema: {id: string, updated_at: date-time}}\n",
    ),
    (
        Code::SecretShown,
        "resources:\n  - {name: apps, primary_key: id, endpoint: {path: /apps, paginator: single_page}, schema: {id: string, client_secret: string}}\n",
        "client_secret",
        "resources:\n  - {name: apps, primary_key: id, endpoint: {path: /apps, paginator: single_page}, schema: {id: string, client_secret: {type: string, sensitive: true}, client_secret_expires_at: string}}\n",
    ),
    (
        Code::MovingPages,
        "resources:\n  - {name: users, primary_key: id, endpoint: {path: /users, paginator: {type: offset, limit: 10}}, schema: {id: string, updated_at: date-time}}\n",
        "paginator",
        "resources:\n  - {name: users, primary_key: id, endpoint: {path: /users, params: {sort: created_at}, paginator: {type: offset, limit: 10}}, schema: {id: string, updated_at: date-time}}\n",
    ),
    (
        Code::SmallPages,
        "resources:\n  - {name: users, primary_key: id, endpoint: {path: /users, paginator: {type: offset, limit: 10, maximum_limit: 50}}, schema: {id: string}}\n",
        "paginator",
        "resources:\n  - {name: users, primary_key: id, endpoint: {path: /users, paginator: {type: offset, limit: 50, maximum_limit: 50}}, schema: {id: string}}\n",
    ),
    (
        Code::PlainHttp,
        "name: a\nclient: {base_url: \"http://a.example\", auth: bearer}\nresources: [{name: users, primary_key: id, endpoint: {path: /users, paginator: single_page}, schema: {id: string}}]\n",
        "http://a.example",
        "name: a\nclient: {base_url: \"http://127.0.0.1:80\", auth: bearer}\nresources: [{name: users, primary_key: id, endpoint: {path: /users, paginator: single_page}, schema: {id: string}}]\n",
    ),
];

/// The advice on a spec: codes, and the text that each is about.
fn advice(spec: &str) -> Vec<(Code, String)> {
    let text = if spec.starts_with("name") { spec.to_owned() } else { format!("{HEAD}{spec}") };
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text("a.yaml", &text, &mut sources, &mut diagnostics);
    let Some(api) = api else { panic!("{}", diagnostics.render(&sources, false)) };
    tapwright::lint::lint(&api, &mut diagnostics);
    let about = |span: tapwright::source::Span| sources.text(span.file)[span.start as usize..span.end as usize].to_owned();
    let given = diagnostics.iter().filter(|one| one.severity == Severity::Advice);
    given
        .map(|one| {
            assert!(one.help.is_some(), "{:?} says what to do", one.code);
            (one.code, about(one.labels[0].span))
        })
        .collect()
}

#[test]
fn each_piece_is_given_where_it_is_due() {
    for (code, bad, place, good) in CASES {
        let given = advice(bad);
        assert_eq!(given.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [*code], "{bad}");
        assert!(given[0].1.contains(place) || place.contains(given[0].1.as_str()), "{code:?} is about `{}`", given[0].1);
        assert_eq!(advice(good), [], "{good}");
    }
}

#[test]
fn every_piece_has_a_spec() {
    let shown: BTreeSet<Code> = CASES.iter().map(|(code, ..)| *code).collect();
    let missing: Vec<Code> = Code::all().filter(|code| code.severity() == Severity::Advice && !shown.contains(code)).collect();
    assert_eq!(missing, [], "add a spec for each");
}
