//! Where the program finds its inputs.

use tapwright::mock::Options;

use crate::program::{Place, snapshot};

fn bare() -> Place {
    Place::bare(Options { records: 3, ..Options::default() })
}

#[test]
fn what_is_missing_is_said_with_every_place() {
    let place = bare();
    place.write(".dlt/secrets.toml", "[sources.auth0]\nclient_secret = 's3cr3t-canary'\n");
    let said = place.run_with(&["check", "users"], &[("AUTH0__CLIENT_ID", "id")]);
    assert_eq!((said.code, said.text().as_str()), (Some(3), ""));
    snapshot("missing", &said.err);
}

#[test]
fn inputs_come_from_each_place_and_the_first_wins() {
    let place = bare();
    // What is wrong in a later place shows once nothing comes before it.
    let lasting = [("AUTH0__CLIENT_ID", "id"), ("AUTH0__CLIENT_SECRET", "s3cr3t-canary")];
    let check = |args: &[&str], variables: &[(&str, &str)]| {
        place.run_with(&[&["check", "users"], args].concat(), &[&lasting, variables].concat())
    };
    let mut outcomes = Vec::new();
    let files = [
        (".dlt/config.toml", "[sources.auth0]\n"),
        (".dlt/secrets.toml", "[sources.auth0.auth0]\n"),
        (".tapwright/config.toml", "[auth0]\n"),
        (".tapwright/secrets.toml", "[auth0]\n"),
    ];
    for (path, section) in files {
        place.write(path, &format!("{section}domain = 'good.auth0.com'\n"));
        outcomes.push(check(&[], &[]));
        place.write(path, &format!("{section}domain = 'no/host'\n"));
        let bad = check(&[], &[]);
        assert_eq!(bad.code, Some(3));
        assert!(bad.err.contains(&format!("`domain` is from {path}:2:10")), "{}", bad.err);
    }
    outcomes.push(check(&[], &[("AUTH0__DOMAIN", "good.auth0.com")]));
    outcomes.push(check(&["--set", "domain=good.auth0.com"], &[("AUTH0__DOMAIN", "no/host")]));
    for said in outcomes {
        assert_eq!((said.code, said.text().as_str()), (Some(0), "users: 3 rows in the first page\n"), "{}", said.err);
    }
    let bad = check(&[], &[("AUTH0__DOMAIN", "no/host")]);
    assert_eq!(bad.code, Some(3));
    assert!(bad.err.contains("`domain` (AUTH0__DOMAIN) must be a host name") && !bad.err.contains("is from"), "{}", bad.err);
}

#[test]
fn a_bad_file_is_an_error_with_its_place() {
    for (text, expected) in [
        ("[auth0]\nclient_secret = s3cr3t-canary\n", "error: .tapwright/secrets.toml:2:17: this is no TOML: "),
        ("[auth0]\nclient_sceret = 's3cr3t-canary'\n", "error: .tapwright/secrets.toml:2:1: there is no input `client_sceret`"),
    ] {
        let place = bare();
        place.write(".tapwright/secrets.toml", text);
        let said = place.run(&["check", "users"]);
        assert_eq!(said.code, Some(3));
        assert!(said.err.starts_with(expected), "{}", said.err);
    }
}

#[cfg(unix)]
#[test]
fn secrets_that_others_can_read_are_noted() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new(Options { records: 3, ..Options::default() });
    assert_eq!(place.run(&["check", "users"]).err, "");
    let path = place.folder.path().join(".tapwright/secrets.toml");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    let said = place.run(&["check", "users"]);
    assert_eq!(said.code, Some(0));
    snapshot("secrets_in_the_open", &said.err);
}
