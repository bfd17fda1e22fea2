//! What a call is given, and which fields a service is asked for.

use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::asked::AskedFields;

fn args(pairs: &[(&str, &str)]) -> Args {
    let mut args = Args::default();
    for (name, value) in pairs {
        args.set(name, *value);
    }
    args
}

#[test]
fn a_parameter_with_several_values_is_set_as_a_whole() {
    let mut args = args(&[("a", "1"), ("b", "2")]);
    args.set_all("a", ["3", "4"].map(str::to_owned));
    assert_eq!(args.params().collect::<Vec<_>>(), [("b", "2"), ("a", "3"), ("a", "4")]);
    assert_eq!((args.all("a").collect::<Vec<_>>(), args.get("a")), (vec!["3", "4"], Some("3")));
    args.set_all("a", []);
    assert_eq!(args.params().collect::<Vec<_>>(), [("b", "2")]);
}

/// Checkpoints and states hold digests: they must not change from one version to the next.
#[test]
fn a_digest_is_the_same_for_ever() {
    assert_eq!(Args::default().digest(), 0xcbf2_9ce4_8422_2325);
    assert_eq!(args(&[("a", "b")]).digest(), 0xd2b3_7181_9297_f98a);
    for pairs in [[("a", "b"), ("c", "d")], [("c", "d"), ("a", "b")]] {
        assert_eq!(args(&pairs).digest(), 0x5399_7eba_86e1_c7f5);
    }
    let mut with_body = args(&[("a", "b")]);
    assert_eq!(with_body.given(), None);
    with_body.give("{}");
    assert_eq!((with_body.given(), with_body.digest()), (Some(&b"{}"[..]), 0x3acf_b8ed_30da_8b9a));
    let mut bound = args(&[("a", "b")]);
    bound.bind("groups.id", "1");
    assert_eq!(bound.digest(), 0xd2b3_7181_9297_f98a, "what fills holes belongs to a place, not to the call");
}

#[test]
fn a_service_is_asked_for_what_is_wanted_and_for_what_is_needed() {
    static FIELDS: AskedFields = AskedFields::by("fields", &["id", "at"], &["_groups_id"]);
    for (wanted, expected) in
        [(&[][..], "id,at"), (&["name"], "name,id,at"), (&["at", "_groups_id", "name", "name"], "at,name,id")]
    {
        assert_eq!(FIELDS.names(wanted.iter().copied()), expected, "{wanted:?}");
    }
}
