//! `gen mock`: serves an API on the loopback address.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use tapwright::mock::hostile::{Hostile, SCENARIOS, Scenario};
use tapwright::mock::{Fault, Mock, Options, Running, duration};

use super::compile::load;
use super::failure::Failure;
use super::shell::{Shell, data};

const AFTER_HELP: &str = "\
Examples:
  gen mock --spec specs/auth0.yaml --port 8080
  gen mock --spec specs/auth0.yaml --records 100000 --latency 20ms --for 10m
  gen mock --spec specs/auth0.yaml --fault 429:every=20,retry-after=0.5 --fault expire:after=100
  gen mock --spec specs/auth0.yaml --hostile 42
  gen mock --spec specs/auth0.yaml --hostile 42 --scenario reset-in-body --scenario cursor-cycle --strikes 1

Faults hit the same requests on every run; several can be combined:
  429:every=N[,retry-after=S]   refuse every Nth request
  503:every=N[,burst=B]         fail B requests in a row; any status from 400 to 599
  reset:every=N                 reset the connection in the middle of the body
  truncate:every=N              close it there
  cut:every=N                   cut the body off, and say that it is whole
  stall:every=N,for=D           send nothing for a while in the middle of the body
  slow:every=N,for=D            send nothing for a while before the head
  html:every=N                  answer with a page of HTML and status 200
  expire:after=N                refuse a token after N uses
  gzip:every=N                  pack the body, also where nobody asked for it
  gzip-cut:every=N              the same, with packed bytes that end early
  gzip-damaged:every=N          the same, with packed bytes that are others
  bomb:every=N                  a small body that unpacks to a very large one
  answer:every=N[,status=S][,header=NAME:VALUE][,body=TEXT]
                                answer with this; the body comes last and may hold anything

A hostile service does what its seed says, a few times each, and then behaves: `--scenarios` lists what there is. It has another
origin, to which nothing should ever be sent; when it stops it says what struck, and what was sent there.

Each fault takes `on=RESOURCE` and `parent=VALUE` as well, and then hits and counts the requests of that resource, or those for that
record of its parent, alone.";

/// Serves an API on the loopback address as its spec says it behaves, or worse.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The spec of the API.
    #[arg(long, value_name = "FILE", required_unless_present = "scenarios")]
    spec: Option<PathBuf>,
    /// The port; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Listen on `::1` rather than on `127.0.0.1`.
    #[arg(long)]
    ipv6: bool,
    /// How many records each resource has.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    records: u64,
    /// How many records a child has for each parent's record [default: up to 5].
    #[arg(long, value_name = "N")]
    children: Option<u64>,
    /// What the records depend on.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How long each answer is held back, such as `20ms`.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "0ms")]
    latency: Duration,
    /// How many requests a second are answered [default: any number].
    #[arg(long, value_name = "N/s", value_parser = rate)]
    rate_limit: Option<u32>,
    /// How many records in a row have the same incremental cursor.
    #[arg(long, value_name = "N", default_value_t = 1)]
    ties: u64,
    /// How many of the first records are too old for an incremental run to start from.
    #[arg(long, value_name = "N", default_value_t = 0)]
    forget: u64,
    /// Pack answers with gzip for clients that ask for it.
    #[arg(long)]
    gzip: bool,
    /// What goes wrong; see below.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
    /// Do whatever services and networks do at their worst, by this seed.
    #[arg(long, value_name = "SEED")]
    hostile: Option<u64>,
    /// What a hostile service does [default: what the seed picks].
    #[arg(long, value_name = "NAME", value_parser = scenario, requires = "hostile")]
    scenario: Vec<&'static Scenario>,
    /// How often each scenario strikes.
    #[arg(long, value_name = "N", requires = "hostile", default_value_t = 3)]
    strikes: u32,
    /// How long a hostile service keeps still where it stalls.
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "hostile", default_value = "1m")]
    stall: Duration,
    /// Take the records that a client was given of this list from standard input, one in JSON a line, and say at its end which of
    /// them were lost, invented or given twice. `cargo test --features hostile` of a generated crate does this.
    #[arg(long, value_name = "LIST", requires = "hostile")]
    judge: Option<String>,
    /// List what a hostile service can do, and do nothing else.
    #[arg(long)]
    scenarios: bool,
    /// When to stop.
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, default_value = "1h")]
    lifetime: Duration,
}

pub(crate) fn run(arguments: Arguments, shell: Shell) -> Result<(), Failure> {
    let Some(spec) = arguments.spec.as_deref().filter(|_| !arguments.scenarios) else { return list(shell) };
    let api = load(spec, shell)?;
    let title = api.title.clone().unwrap_or_else(|| api.name.value.clone());
    let options = Options {
        port: arguments.port,
        ipv6: arguments.ipv6,
        records: arguments.records,
        children: arguments.children,
        seed: arguments.seed,
        latency: arguments.latency,
        rate_limit: arguments.rate_limit,
        gzip: arguments.gzip,
        faults: arguments.fault,
        ties: arguments.ties,
        forgotten: arguments.forget,
        hostile: arguments.hostile.map(|seed| Hostile {
            scenarios: arguments.scenario,
            strikes: arguments.strikes,
            stall: arguments.stall,
            ..Hostile::new(seed)
        }),
        ..Options::default()
    };
    let mock = Mock::start(api, options).map_err(|error| Failure::Io {
        message: format!("cannot listen on port {}: {error}", arguments.port),
        hint: Some("`--port 0` takes a free one".to_owned()),
    })?;
    shell.status("Serving", &format!("a mock of {title}; its base URL is {}", mock.base_url()));
    if shell.json {
        let origin = format!("http://{}", mock.addr);
        data(&format!("{}\n", json!({ "listening": origin, "base_url": mock.base_url() })))?;
    } else {
        data(&format!("listening on http://{}\n", mock.addr))?;
    }
    if let Some(resource) = &arguments.judge {
        return judge(&mock, resource);
    }
    wait(arguments.lifetime)?;
    let (struck, strays) = (mock.struck(), mock.strays());
    let stats = mock.stop();
    if !struck.is_empty() {
        shell.status("Struck", &struck.join(", "));
    }
    for stray in &strays {
        shell.status("Stray", &stray.to_string());
    }
    shell.status("Stopped", &format!("after {} and {}", counted(stats.total(), "request"), counted(stats.tokens, "token")));
    Ok(())
}

/// Reads what a client was given until there is no more, and says what is wrong with it.
fn judge(mock: &Running, list: &str) -> Result<(), Failure> {
    let mut given = Vec::new();
    for line in std::io::stdin().lines() {
        let line = line.map_err(|error| Failure::io(format!("cannot read standard input: {error}")))?;
        given.push(serde_json::from_str(&line).map_err(|error| Failure::io(format!("no record of `{list}`: {error}")))?);
    }
    let problems = mock.judge(list, &given);
    data(&problems.iter().flat_map(|problem| [problem.as_str(), "\n"]).collect::<String>())?;
    if problems.is_empty() {
        return Ok(());
    }
    let (problems, records) = (counted(problems.len() as u64, "problem"), counted(given.len() as u64, "record"));
    Err(Failure::Misread { message: format!("{problems} with the {records} of `{list}`, after {:?}", mock.struck()) })
}

/// Says what a hostile service can do.
fn list(shell: Shell) -> Result<(), Failure> {
    if shell.json {
        let all: Vec<_> = SCENARIOS
            .iter()
            .map(|scenario| json!({ "name": scenario.name, "says": scenario.says, "outcome": scenario.outcome.to_string() }))
            .collect();
        return data(&format!("{}\n", json!(all)));
    }
    let lines = SCENARIOS.iter().map(|scenario| format!("{:<20} {} ({})\n", scenario.name, scenario.says, scenario.outcome));
    data(&lines.collect::<String>())
}

fn scenario(name: &str) -> Result<&'static Scenario, String> {
    Scenario::named(name).ok_or_else(|| "no such scenario; `gen mock --scenarios` lists them".to_owned())
}

/// Returns after a while, or when the user has had enough.
fn wait(lifetime: Duration) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io(format!("cannot wait for Ctrl-C: {error}")))?;
    runtime.block_on(async {
        tokio::select! {
            () = tokio::time::sleep(lifetime) => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    });
    Ok(())
}

/// `1 request`, `2 requests`
fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Reads `50` or `50/s`.
fn rate(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    number
        .parse()
        .ok()
        .filter(|rate| *rate > 0)
        .ok_or_else(|| "expected a number of requests a second, such as `50/s`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn rates_are_read() {
        assert_eq!((rate("50/s"), rate("2")), (Ok(50), Ok(2)));
        for text in ["", "0", "-1", "50/m"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
