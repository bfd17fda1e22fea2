//! Where the inputs of a command line come from: which place wins, and what is said of those that are nowhere.

use std::collections::BTreeMap;
use std::fs;

use tapwright_runtime::rt::cli_config::{Found, find};
use tapwright_runtime::rt::descriptor::{Api, Auth, Input, InputKind, Retry, Timeouts};
use tapwright_runtime::rt::error::{Error, ErrorKind, Result};
use tapwright_runtime::rt::secret::ExposeSecret as _;

const INPUT: Input = Input { name: "domain", env: "AUTH0__DOMAIN", secret: false, default: None, kind: InputKind::Hostname };

static API: Api = Api {
    name: "auth0",
    version: "",
    inputs: &[
        INPUT,
        Input { name: "client_secret", env: "AUTH0__CLIENT_SECRET", secret: true, ..INPUT },
        Input { name: "pages", env: "AUTH0__PAGES", default: Some("3"), ..INPUT },
    ],
    base_url: "",
    headers: &[],
    auth: Auth::None,
    retry: Retry {
        statuses: &[],
        max_retries: 0,
        base_delay_ms: 0,
        backoff_factor: 1.0,
        max_delay_ms: 0,
        respect_retry_after: false,
        reset_header: "",
        remaining_header: "",
    },
    timeouts: Timeouts { connect_ms: 0, first_byte_ms: 0, between_bytes_ms: 0, whole_ms: 0 },
    allowed_hosts: &[],
    credential_hosts: &[],
    max_response_bytes: 0,
    compression: &[],
};

/// A folder that is removed in the end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let root = std::env::temp_dir().join(format!("tapwright-config-{name}-{}", std::process::id()));
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        Self(root)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn look(name: &str, flags: &[(&str, &str)], variables: &[(&str, &str)], files: &[(&str, &str)]) -> Result<Found> {
    let folder = Scratch::new(name, files);
    let flags: Vec<_> = flags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    find(&API, &flags, |name| variables.get(name).map(|value| (*value).to_owned()), &folder.0)
}

fn refusal(name: &str, files: &[(&str, &str)]) -> String {
    look(name, &[], &[], files).err().expect("it is refused").to_string()
}

#[test]
fn an_earlier_place_wins() {
    let dlt = "domain = 'file'\n[sources]\ndomain = 'all'\n[sources.auth0]\ndomain = 'source'\n[sources.auth0.auth0]\n";
    let dlt = format!("{dlt}domain = 'dlt secrets'");
    let files = [
        (".tapwright/secrets.toml", "[auth0]\ndomain = 'own secrets'"),
        (".tapwright/config.toml", "[auth0]\ndomain = 'own config'"),
        (".dlt/secrets.toml", &dlt),
        (".dlt/config.toml", "domain = 'top'\n[sources.auth0]\ndomain = 'dlt config'"),
    ];
    let expected = ["flag", "variable", "own secrets", "own config", "dlt secrets", "dlt config"];
    for (first, expected) in expected.into_iter().enumerate() {
        let flags = &[("domain", "flag")][first.min(1)..];
        let variables = &[("AUTH0__DOMAIN", "variable"), ("AUTH0__CLIENT_SECRET", "s")][usize::from(first > 1)..];
        let found = look("order", flags, variables, &files[first.saturating_sub(2)..]).expect("all are there");
        assert_eq!(found.values.first().map(|(_, value)| value.expose_secret()), Some(expected));
    }
}

#[test]
fn the_most_specific_section_wins() {
    for (text, expected) in [
        ("domain = 'file'\n[sources]\ndomain = 'all'\n[sources.auth0]\ndomain = 'source'", "source"),
        ("domain = 'file'\n[sources]\ndomain = 'all'\n[sources.auth0]\ndomain = ''", "all"),
        ("domain = 'file'\n[sources.other]\ndomain = 'other'", "file"),
    ] {
        let found = look("sections", &[], &[("AUTH0__CLIENT_SECRET", "s")], &[(".dlt/secrets.toml", text)]);
        let found = found.expect("it is there");
        assert_eq!(found.values.first().map(|(_, value)| value.expose_secret()), Some(expected), "{text}");
    }
}

#[test]
fn numbers_and_truth_are_texts_and_an_empty_value_is_none() {
    let text = "[auth0]\ndomain = ''\nclient_secret = true\npages = 0x1_0";
    let found = look(
        "scalars",
        &[("domain", "")],
        &[("AUTH0__DOMAIN", "")],
        &[(".tapwright/secrets.toml", text), (".tapwright/config.toml", "[auth0]\ndomain = 2.50")],
    );
    let found = found.expect("all are there");
    let values: Vec<_> = found.values.iter().map(|(name, value)| (*name, value.expose_secret())).collect();
    assert_eq!(values, [("domain", "2.50"), ("client_secret", "true"), ("pages", "16")]);
}

#[test]
fn what_is_nowhere_is_said_with_every_place() {
    let message = refusal("nowhere", &[(".dlt/config.toml", "[sources.auth0]\nmax_table_nesting = 2")]);
    let expected = "\
`domain`, `client_secret` are missing; looked at, in this order:
  for `domain`
    `--set domain=…`
    the environment variable AUTH0__DOMAIN
    .tapwright/secrets.toml: `domain` in [auth0] (there is no such file)
    .tapwright/config.toml: `domain` in [auth0] (there is no such file)
    .dlt/secrets.toml: `domain` in [sources.auth0.auth0], [sources.auth0], [sources], the file itself (there is no such file)
    .dlt/config.toml: `domain` in [sources.auth0.auth0], [sources.auth0], [sources], the file itself
  for `client_secret`
";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_bad_file_is_an_error_with_its_place_and_without_a_secret() {
    for (text, expected) in [
        ("[auth0]\nclient_secret = s3cr3t", ".tapwright/secrets.toml:2:17: this is no TOML: "),
        ("[auth0]\nclient_secret = \"s3cr3t", ".tapwright/secrets.toml:2"),
        (
            "[auth0]\nclient_secret = 's3cr3t'\nclient_secret = 's3cr3t'",
            ".tapwright/secrets.toml:3:1: this is no TOML: duplicate key",
        ),
        (
            "[auth0]\n  domian = 's3cr3t'",
            ".tapwright/secrets.toml:2:3: there is no input `domian`; there are `domain`, `client_secret`",
        ),
        ("[auth0]\nclient_secret = ['s3cr3t']", ".tapwright/secrets.toml:2:17: `client_secret` has to be a text"),
    ] {
        let message = refusal("bad", &[(".tapwright/secrets.toml", text)]);
        assert!(message.starts_with(expected) && !message.contains("s3cr3t"), "{text}: {message}");
    }
}

#[cfg(unix)]
#[test]
fn secrets_in_the_open_are_noted() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Scratch::new(
        "open",
        &[(".tapwright/secrets.toml", "[auth0]\ndomain = 'a'"), (".tapwright/config.toml", "[auth0]\nclient_secret = 's3cr3t'")],
    );
    let notes = |mode| {
        let path = folder.0.join(".tapwright/secrets.toml");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
        find(&API, &[], |_| None, &folder.0).expect("all are there").notes
    };
    let misplaced = ".tapwright/config.toml:2:17: `client_secret` is a secret, whose place is secrets.toml beside it";
    assert_eq!(notes(0o600), [misplaced]);
    assert_eq!(
        notes(0o644),
        ["other users can read .tapwright/secrets.toml: `chmod 600 .tapwright/secrets.toml` keeps it to you", misplaced]
    );
}

#[test]
fn what_a_client_refuses_is_said_with_its_place() {
    let files = [(".tapwright/config.toml", "[auth0]\ndomain = 'a/b'")];
    let found = look("explained", &[], &[("AUTH0__CLIENT_SECRET", "s")], &files).expect("all are there");
    let error = found.explain(Error::new(ErrorKind::Config, "`domain` (AUTH0__DOMAIN) must be a host name".to_owned()));
    assert_eq!(error.to_string(), "`domain` (AUTH0__DOMAIN) must be a host name; `domain` is from .tapwright/config.toml:2:10");
}
