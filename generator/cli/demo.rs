//! `--demo`: builds the crate that was written, reads a mock of its API through it, and loads what it reads into files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tapwright::mock::{Mock, Options, Running};
use tapwright::model::{Api, Input, InputKind, TemplatePart};
use tapwright::names::{self, environment};

use super::failure::Failure;
use super::shell::{Shell, data};

/// How many records each resource of the mock has.
const RECORDS: u64 = 10_000;

/// What is read where an API has it: the streams that people ask for first.
const FAVOURITES: [&str; 4] = ["clients", "users", "organizations", "logs"];

pub(crate) fn run(api: Api, folder: &Path, shell: Shell) -> Result<(), Failure> {
    let resources = resources(&api);
    if resources.is_empty() {
        return Err(Failure::io(format!("`{}` has no resources to read", api.name.value)));
    }
    shell.status("Building", &format!("`{}` in release mode; the first time takes some minutes", folder.display()));
    let name = names::package(&api.name);
    // The example that reads resources and says how it went, and the program that loads them.
    let example = names::example("read", &names::library(&name));
    let [reader, loader] = build(folder, &example, &name)?;

    let inputs = inputs(&api);
    let base = Base::of(&api);
    let mock = Mock::start(api, Options { records: RECORDS, ..Options::default() })
        .map_err(|error| Failure::io(format!("cannot start the mock: {error}")))?;
    shell.status("Reading", &format!("{} from {}", resources.join(", "), mock.base_url()));
    let mut command = Command::new(reader);
    base.pass(&mut command, &mock);
    command.arg("--json").args(&resources).envs(inputs.clone());
    // A line of JSON for each resource.
    let lines = output(&mut command, "read the mock")?.stdout;
    let lines = String::from_utf8_lossy(&lines);
    if shell.json {
        data(&lines)?;
    } else {
        data(&table(&lines)?)?;
    }

    let place = Path::new("target").join(format!("{name}_data"));
    shell.status("Loading", &format!("the same into `{}`", place.display()));
    let mut command = Command::new(loader);
    command.arg("sync").args(&resources).args(["--full-refresh", "--to", &format!("parquet:{}", place.display())]).envs(inputs);
    base.pass(&mut command, &mock);
    output(&mut command, "load the records")?;
    let query = format!("SELECT * FROM '{}/{}/*.parquet' LIMIT 10", place.display(), resources[0]);
    shell.status("Loaded", &format!("Parquet files; query them, for instance with `duckdb -c \"{query}\"`"));
    Ok(())
}

/// The favourites, else the first four resources; never one that is read for each record of another.
fn resources(api: &Api) -> Vec<String> {
    let names = || api.resources.iter().filter(|it| it.parents().next().is_none()).map(|it| it.operation.name.value.clone());
    let favourites: Vec<String> =
        FAVOURITES.iter().map(|name| (*name).to_owned()).filter(|name| names().any(|held| held == *name)).collect();
    if favourites.is_empty() { names().take(FAVOURITES.len()).collect() } else { favourites }
}

/// Builds an example and a program of the crate, and says where they are. What cargo has to say is only shown when it fails.
fn build(folder: &Path, example: &str, program: &str) -> Result<[PathBuf; 2], Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--features", "cli", "--example", example, "--bin", program]);
    command.args(["--message-format", "json-render-diagnostics", "--manifest-path"]).arg(folder.join("Cargo.toml"));
    let output = output(&mut command, "build the crate")?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = |name: &str| {
        let mut executables = messages.lines().filter_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            let built = message.pointer("/target/name")? == name;
            message.get("executable")?.as_str().filter(|_| built).map(PathBuf::from)
        });
        executables.next_back().ok_or_else(|| Failure::io(format!("cargo built no `{name}`")))
    };
    Ok([built(example)?, built(program)?])
}

/// How the program is told where the mock is.
enum Base {
    /// By an argument, which overrides the spec's base URL.
    Argument,
    /// By an input of that name, which the spec's base URL begins with; the rest of it follows.
    Input { variable: String, rest: String },
}

impl Base {
    fn of(api: &Api) -> Self {
        if api.inputs.iter().all(|input| input.name.value != "base_url") {
            return Self::Argument;
        }
        let rest = match api.client.base_url.parts.last() {
            Some(TemplatePart::Literal(rest)) => rest.clone(),
            _ => String::new(),
        };
        Self::Input { variable: environment(&api.name, "base_url"), rest }
    }

    fn pass(&self, command: &mut Command, mock: &Running) {
        let url = mock.base_url();
        match self {
            Self::Argument => command.args(["--base-url", &url]),
            Self::Input { variable, rest } => command.env(variable, url.strip_suffix(rest).unwrap_or(&url)),
        };
    }
}

fn output(command: &mut Command, purpose: &str) -> Result<Output, Failure> {
    let output = command.output().map_err(|error| Failure::io(format!("cannot {purpose}: {error}")))?;
    if output.status.success() {
        return Ok(output);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(Failure::io(format!("cannot {purpose} ({}):\n{}", output.status, stderr.trim_end())))
}

/// A value for each input that has none; the mock takes any.
fn inputs(api: &Api) -> Vec<(String, String)> {
    let login = api.client.auth.complete();
    let value = |input: &Input| match login.iter().find(|(name, _)| *name == input.name.value) {
        Some((_, option)) => Some(option.clone().unwrap_or_else(|| any_value(input))),
        None => (input.default.is_none() && !input.optional && input.name.value != "base_url").then(|| any_value(input)),
    };
    api.inputs.iter().filter_map(|input| Some((environment(&api.name, &input.name), value(input)?))).collect()
}

fn any_value(input: &Input) -> String {
    match &input.kind {
        InputKind::String => "demo".to_owned(),
        InputKind::Integer => "1".to_owned(),
        InputKind::Boolean => "true".to_owned(),
        InputKind::Hostname => "demo.example.com".to_owned(),
        InputKind::Url => "https://demo.example.com".to_owned(),
        InputKind::Enum(values) => values.first().cloned().unwrap_or_default(),
    }
}

/// The lines as a table: names to the left, numbers to the right.
fn table(lines: &str) -> Result<String, Failure> {
    let mut rows = vec![["resource", "records", "pages", "seconds", "records/s"].map(str::to_owned)];
    for line in lines.lines() {
        rows.push(row(line).ok_or_else(|| Failure::io(format!("the program printed no figures but `{line}`")))?);
    }
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    let mut table = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        table.push_str(&cells.collect::<Vec<_>>().join("  "));
        table.push('\n');
    }
    Ok(table)
}

fn row(line: &str) -> Option<[String; 5]> {
    let figures: Value = serde_json::from_str(line).ok()?;
    let (records, seconds) = (figures.get("records")?.as_u64()?, figures.get("seconds")?.as_f64()?);
    let per_second =
        if seconds > 0.0 { format!("{:.0}", f64::from(u32::try_from(records).ok()?) / seconds) } else { "-".to_owned() };
    Some([
        figures.get("resource")?.as_str()?.to_owned(),
        thousands(&records.to_string()),
        thousands(&figures.get("pages")?.as_u64()?.to_string()),
        format!("{seconds:.3}"),
        thousands(&per_second),
    ])
}

/// `1234567` with commas: `1,234,567`.
fn thousands(digits: &str) -> String {
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_become_a_table() {
        let lines = concat!(
            r#"{"resource":"users","records":10000,"pages":201,"seconds":0.25}"#,
            "\n",
            r#"{"resource":"logs","records":7,"pages":1,"seconds":0}"#,
            "\n",
        );
        let expected = "\
resource  records  pages  seconds  records/s
users      10,000    201    0.250     40,000
logs            7      1    0.000          -
";
        assert_eq!(table(lines), Ok(expected.to_owned()));
        assert!(table("panicked").is_err());
    }

    #[test]
    fn thousands_are_grouped() {
        for (digits, expected) in [("0", "0"), ("999", "999"), ("1000", "1,000"), ("1234567", "1,234,567")] {
            assert_eq!(thousands(digits), expected);
        }
    }
}
