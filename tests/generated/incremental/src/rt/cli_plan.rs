//! `plan`: what reading resources takes, as far as one request of each tells.
#![cfg(feature = "cli")]

use std::sync::Arc;

use crate::rt::args::Args;
use crate::rt::core::Core;
use crate::rt::descriptor::{PartitionBy, Resource};
use crate::rt::destination::Progress;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
use crate::rt::layout::Layout;
use crate::rt::load::{self, Options, Source};
use crate::rt::page::{self, PageFacts, Reading, Sink};
use crate::rt::paging::{Paging, Style};
use crate::rt::partition_by::PartitionSource;
use crate::rt::progress::START;
use crate::rt::reader::Reader;
use crate::rt::run::{Run, Step};
use crate::rt::sequence::{Opening, Sequence};
use crate::rt::walk::Plan;

/// How many values of a sequence are counted.
const COUNTED: usize = 100_000;

/// What reading a resource takes, in lines.
pub async fn plan(core: &Arc<Core>, source: &Source, options: &Options) -> Result<Vec<String>> {
    let settings = load::settings(Arc::clone(core), source, &Progress::default(), options)?;
    let (resource, args) = (source.resource, settings.args.clone());
    if source.is_job {
        let (method, path) = (resource.operation.method.as_str(), resource.operation.path);
        return Ok(vec![format!("by a job of the service, at {method} {path}: none is started for a plan")]);
    }
    let mut lines = Vec::new();
    for (at, by) in resource.partitions.iter().enumerate() {
        let below = resource.partitions.get(at + 1..).unwrap_or_default();
        lines.push(match by.source {
            PartitionSource::Records(parent) => format!("once for each record of `{}`", parent.operation.name),
            PartitionSource::Values(values) => {
                let (of, args) = match below.iter().find_map(PartitionBy::parent) {
                    Some(parent) => (parent, Args::default()),
                    None => (resource, args.clone()),
                };
                sequence(core, values, of, &args)?
            }
        });
    }
    let Some(first) = first(Run::new(settings, 0))? else {
        lines.push("no request".to_owned());
        return Ok(lines);
    };
    let asked =
        resource.partitions.iter().filter_map(PartitionBy::parent).find(|parent| parent.operation.name == first.operation.name);
    let asked = asked.unwrap_or(resource);
    lines.push(format!("{} {}", first.request.method.as_str(), core.mask(first.request.url.as_str())));
    let response = core.execute(first.operation, first.request).await?;
    let page = page::read(&response, &Layout::of(asked), Reading::default(), &mut Passing)
        .map_err(|no_page| Error::new(ErrorKind::Page, no_page.0).in_operation(asked.operation.name))?;
    let pages = pages(&page.facts, &asked.paging);
    if std::ptr::eq(asked, resource) {
        lines.push(pages);
    } else {
        lines.push(format!("`{}`: {pages}", asked.operation.name));
        lines.push(format!("then {} {}", resource.operation.method.as_str(), resource.operation.path));
    }
    Ok(lines)
}

/// The first request of a run. None where there is nothing to read.
fn first(mut run: Run) -> Result<Option<Plan>> {
    loop {
        if let Some(plan) = run.plan() {
            return Ok(Some(plan));
        }
        // Values come before it, which need no request.
        if run.turn(&mut Passing)? != Step::Wait(None) {
            return Ok(None);
        }
    }
}

/// How many values, or windows, a resource is read for.
fn sequence(core: &Core, values: &dyn Sequence, of: &'static Resource, args: &Args) -> Result<String> {
    let bounds = || match of.incremental {
        Some(incremental) => incremental.begin(of, core, &mut args.clone()).bounds("{}"),
        None => Ok(Vec::new()),
    };
    let rows: Vec<_> = values.open(&Opening { core, bounds: &bounds }, None)?.rows.take(COUNTED + 1).collect();
    let count = if rows.len() > COUNTED { format!("more than {COUNTED}") } else { rows.len().to_string() };
    let holes = values.holes();
    if !holes.contains(&START) {
        return Ok(format!("once for each of {count} values of `{}`", holes.join("`, `")));
    }
    let text = |row: Option<&Vec<(String, String)>>, at: usize| {
        row.and_then(|row| row.get(at)).map_or_else(String::new, |(_, json)| json.trim_matches('"').to_owned())
    };
    Ok(format!("once for each of {count} windows, from {} to {}", text(rows.first(), 0), text(rows.last(), 1)))
}

/// How many records and pages there are, as far as the first page tells.
fn pages(facts: &PageFacts, paging: &Paging) -> String {
    let counted = || facts.total.filter(|_| facts.rows > 0).map(|total| total.div_ceil(facts.rows));
    match (facts.total, facts.total_pages.or_else(counted)) {
        (Some(total), Some(pages)) => format!("{total} records in {pages} pages"),
        (Some(total), None) => format!("{total} records"),
        (None, Some(pages)) => format!("{pages} pages"),
        (None, None) if matches!(paging.style, Style::Single) => format!("{} records in one page", facts.rows),
        (None, None) => format!("{} records in the first page; the service tells no total", facts.rows),
    }
}

/// Passes the records of a page over.
struct Passing;

impl Sink for Passing {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        r.skip().map(drop)
    }

    fn restart(&mut self) {}
}
