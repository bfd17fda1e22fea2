//! The program of the auth0 crate, and a folder that it is run in.

use std::fs;
use std::process::{Child, Command, Stdio};

use tapwright::mock::{Options, Running};

/// What no output may hold.
const SECRET: &str = "s3cr3t-canary";

/// A folder, and a mock of Auth0.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    mock: Running,
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Said {
    /// What is on standard output, as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.out.clone()).expect("it is text")
    }
}

impl Place {
    /// With a mock, and without anything in the folder.
    pub(crate) fn bare(options: Options) -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), mock: tapwright_load::mock(options) }
    }

    /// The same with the files that give all inputs.
    pub(crate) fn new(options: Options) -> Self {
        let place = Self::bare(options);
        place.write(".tapwright/config.toml", "[auth0]\ndomain = 'acme.eu.auth0.com'\nclient_id = 'id'\n");
        place.write(".tapwright/secrets.toml", &format!("[auth0]\nclient_secret = '{SECRET}'\n"));
        place
    }

    /// Writes a file that its owner alone can read.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
        fs::write(&path, text).expect("a file can be written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
        }
    }

    fn command(&self, args: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_connector"));
        command.args(args).current_dir(self.folder.path()).env_clear().envs(variables.iter().copied());
        // Where a library is that it is linked to.
        command.envs(std::env::vars_os().filter(|(name, _)| name == "LD_LIBRARY_PATH"));
        if !args.contains(&"--base-url") {
            command.args(["--base-url", &self.mock.base_url()]);
        }
        command
    }

    /// Runs the program with variables of the environment.
    pub(crate) fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Said {
        let output = self.command(args, variables).output().expect("the program can be run");
        let said = Said {
            code: output.status.code(),
            out: output.stdout,
            err: String::from_utf8(output.stderr).expect("it is text").replace(&self.mock.base_url(), "BASE"),
        };
        let all = String::from_utf8_lossy(&said.out).into_owned() + &said.err;
        assert!(!all.contains(SECRET), "{args:?} shows a secret: {all}");
        said
    }

    /// Runs the program.
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        self.run_with(args, &[])
    }

    /// What a run that goes well prints.
    pub(crate) fn good(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, Some(0), "{args:?}: {}", said.err);
        said.text().replace(&self.mock.base_url(), "BASE")
    }

    /// Starts the program.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args, &[]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program can be run")
    }
}

/// Holds a text to the snapshot of a name.
pub(crate) fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
