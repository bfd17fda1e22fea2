//! `gen login`: logs a user in in the browser, through the crate of the spec, and keeps the refresh token.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tapwright::LoadOptions;
use tapwright::mock::duration;
use tapwright::names;

use super::compile::{compile, folder, refused};
use super::failure::Failure;
use super::shell::Shell;

const AFTER_HELP: &str = "\
Examples:
  gen login --spec specs/shop.yaml --store shop-token.json
  gen login --spec specs/shop.yaml --store shop-token.json --port 8484 --for 10m

The inputs of the connector, such as the id of the client, are taken from the environment, as the crate does.";

/// Logs a user in in the browser, and keeps the refresh token in a file for the connector.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The spec of the API, whose auth is `oauth2_authorization_code`.
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
    /// The file that keeps the refresh token.
    #[arg(long, value_name = "FILE")]
    store: PathBuf,
    /// The port that the browser comes back to [default: the one of the spec's `redirect_uri`, or any free one].
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// The folder of the crate [default: `generated/<name>`].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How long the user has.
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, default_value = "5m")]
    timeout: Duration,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let compiled = compile(&arguments.spec, &LoadOptions::default(), shell)?;
    if compiled.api.client.auth.code().is_none() {
        return Err(Failure::Usage {
            message: format!("`{}` has no login in the browser", arguments.spec.display()),
            hint: Some("`auth` of type `oauth2_authorization_code` is one".to_owned()),
        });
    }
    let folder = folder(&compiled.api, arguments.out.as_deref());
    compiled.tree.write(&folder).map_err(|error| refused(&error))?;
    shell.status("Building", &format!("`{}`; the first time takes a minute", folder.display()));

    let program = names::example("login", &names::library(&names::package(&compiled.api.name)));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--example", &program, "--manifest-path"]).arg(folder.join("Cargo.toml")).arg("--");
    command.arg("--store").arg(&arguments.store).arg("--seconds").arg(arguments.timeout.as_secs().max(1).to_string());
    if let Some(port) = arguments.port {
        command.arg("--port").arg(port.to_string());
    }
    // The program itself shows the address, and says what goes wrong.
    let status = command.status().map_err(|error| Failure::io(format!("cannot run cargo: {error}")))?;
    if !status.success() {
        return Err(Failure::io(format!("nobody is logged in ({status})")));
    }
    shell.status("Kept", &format!("the refresh token in `{}`", arguments.store.display()));
    Ok(())
}
