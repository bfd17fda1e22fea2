//! What changes about resources: where their records are, how they page, and what tables they fill.

use super::calls::{Facts, request, signature, values};
use super::change::{Change, Effect, breaking, safe};
use super::plain::plain;
use super::side::Sides;
use crate::fingerprint;
use crate::model::{Contract, Incremental, Resource};
use crate::plan::List;

/// The changes of every resource.
pub(super) fn changes(cx: &Sides<'_>) -> Vec<Change> {
    let (removed, added) = cx.lone_lists();
    let mut changes: Vec<Change> = removed.map(gone).collect();
    for list in added {
        let name = list.spec.operation.name.as_str();
        let rust = safe(format!("`Client::{}` is new", list.call.method));
        changes.push(Change::new(name, "the resource is new").rust(rust).table(safe("add a table")));
    }
    for (old, new) in cx.lists() {
        changes.extend(one(cx, old, new));
    }
    changes
}

fn gone(list: &List<'_>) -> Change {
    let name = &list.spec.operation.name.value;
    Change::new(name, "the resource is gone")
        .rust(breaking(format!("`Client::{}` is gone", list.call.method)))
        .table(breaking("the table gets no rows any more: drop it, or keep what it holds"))
        .checkpoints(vec![name.clone()])
        .states(stateful(list.spec))
}

/// The resource, if later runs of it go on from earlier ones.
fn stateful(resource: &Resource) -> Vec<String> {
    resource.incremental.iter().map(|_| resource.operation.name.value.clone()).collect()
}

/// The changes of a resource that both versions have.
fn one(cx: &Sides<'_>, old: &List<'_>, new: &List<'_>) -> Vec<Change> {
    let name = new.spec.operation.name.as_str();
    let read = cx.read_for(name);
    let (old_name, mut changes) = (old.spec.operation.name.as_str(), signature(cx, &old.call, &new.call, &read));
    if let (true, Some(change)) = (old_name != name, changes.first_mut()) {
        change.table = breaking(format!("rename the table `{old_name}`, or read it anew"));
        change.checkpoints.clone_from(&read);
        change.states = stateful(old.spec);
    }
    let old_facts = fingerprint::resource_facts(cx.old.api, old.spec);
    let new_facts = fingerprint::resource_facts(cx.new.api, new.spec);
    let ((old_asks, old_reads), (new_asks, new_reads)) = (halves(&old_facts), halves(&new_facts));
    changes.extend(request(name, old_asks, new_asks, &read));
    changes.extend(reading(name, old_reads, new_reads, &read));
    changes.extend(incremental(old.spec, new.spec, &read));
    changes.extend(primary_key(old.spec, new.spec, &read));
    changes.extend(job(old, new));
    changes.extend(page_size(old.spec, new.spec));
    changes.extend(loading(old.spec, new.spec));
    changes
}

/// What a resource requests, and how what comes is read.
fn halves(facts: &Facts) -> (&Facts, &Facts) {
    facts.split_at(facts.iter().position(|(name, _)| *name == "selectors").unwrap_or(facts.len()))
}

/// What is said of the changes of some facts that belong together.
struct Aspect {
    names: &'static [&'static str],
    what: &'static str,
    decode: Option<&'static str>,
    table: Option<&'static str>,
}

const ASPECTS: &[Aspect] = &[
    Aspect {
        names: &["selectors"],
        what: "the records are elsewhere in the answer",
        decode: Some("old crates look for records where they were"),
        table: None,
    },
    Aspect {
        names: &["decoder", "column"],
        what: "the records are written in another way",
        decode: Some("old crates read records as they were written"),
        table: None,
    },
    Aspect {
        names: &["job", "running", "completed", "failed", "request", "base", "param", "header", "body", "packed"],
        what: "the job that collects its records goes otherwise",
        decode: Some("old crates ask for jobs as before"),
        table: None,
    },
    Aspect {
        names: &["paging", "stop", "further", "size"],
        what: "it pages otherwise",
        decode: Some("old crates page as before, and may miss records"),
        table: None,
    },
    Aspect { names: &["passed over"], what: "other answers are passed over", decode: None, table: None },
    Aspect {
        names: &["for", "split", "value", "parent", "where"],
        what: "it is read for other partitions",
        decode: None,
        table: Some("rows of partitions that are not read any more stay as they are"),
    },
    Aspect { names: &["include"], what: "other values of its partitions are added to its records", decode: None, table: None },
    Aspect {
        names: &["step"],
        what: "its processing steps differ",
        decode: None,
        table: Some("rows that are there stay as the old steps made them"),
    },
];

fn reading(path: &str, old: &Facts, new: &Facts, read: &[String]) -> Vec<Change> {
    let is_other = |aspect: &&Aspect| aspect.names.iter().any(|name| values(old, name) != values(new, name));
    // What is the address of the service is the client's, and is told there.
    let is_base = |aspect: &Aspect| {
        aspect.names.contains(&"base")
            && aspect.names.iter().all(|name| *name == "base" || values(old, name) == values(new, name))
    };
    let change = |aspect: &Aspect| {
        let what = match (aspect.names, values(old, "paging"), values(new, "paging")) {
            (["paging", ..], old, new) if old != new => format!("it pages by {}, not by {}", new.join(" "), old.join(" ")),
            (["selectors"], ..) => {
                format!(
                    "its records are at {}, not at {}",
                    values(new, "selectors").join(", "),
                    values(old, "selectors").join(", ")
                )
            }
            _ => aspect.what.to_owned(),
        };
        let effect =
            |reason: Option<&str>, make: fn(String) -> Effect| reason.map(|reason| make(reason.to_owned())).unwrap_or_default();
        Change::new(path, what.replace('"', "`"))
            .decode(effect(aspect.decode, breaking))
            .table(effect(aspect.table, safe))
            .checkpoints(read.to_vec())
    };
    ASPECTS.iter().filter(is_other).filter(|aspect| !is_base(aspect)).map(change).collect()
}

/// What a state is a state of, and what only checkpoints know.
fn incremental(old: &Resource, new: &Resource, read: &[String]) -> Option<Change> {
    let path = new.operation.name.as_str();
    let (before, after) = match (old.incremental.as_deref(), new.incremental.as_deref()) {
        (None, None) => return None,
        (None, Some(_)) => {
            let rust = safe("what reads a part of it is new");
            return Some(Change::new(path, "it is read incrementally now").rust(rust).checkpoints(read.to_vec()));
        }
        (Some(_), None) => {
            let rust = breaking("there is no way to read a part of it any more");
            let change = Change::new(path, "it is not read incrementally any more").rust(rust);
            return Some(change.checkpoints(read.to_vec()).states(stateful(old)));
        }
        (Some(before), Some(after)) => (before, after),
    };
    let mark = |incremental: &Incremental| plain(&(&incremental.cursor.value, &incremental.format, &incremental.token));
    let split = |resource: &Resource| resource.paging.splits();
    if mark(before) != mark(after) {
        let what = format!("its cursor is `{}`, and was `{}`", *after.cursor, *before.cursor);
        let what = if before.cursor.value == after.cursor.value { "its cursor is written otherwise".to_owned() } else { what };
        return Some(Change::new(path, what).checkpoints(read.to_vec()).states(stateful(new)));
    }
    let bounds = |incremental: &Incremental| {
        let Incremental {
            start_param,
            end_param,
            request_format,
            start_closed,
            end_closed,
            lag,
            row_order,
            on_missing,
            step,
            ..
        } = incremental;
        plain(&((start_param, end_param, request_format), (start_closed, end_closed, lag, row_order, on_missing, step)))
    };
    if bounds(before) != bounds(after) || split(old) != split(new) {
        return Some(Change::new(path, "where an incremental run starts or ends differs").checkpoints(read.to_vec()));
    }
    let rest = |incremental: &Incremental| plain(&(&incremental.initial_value, &incremental.end_value, &incremental.expired));
    (rest(before) != rest(after)).then(|| Change::new(path, "where a first run starts, or what an old start leads to, differs"))
}

fn primary_key(old: &Resource, new: &Resource, read: &[String]) -> Option<Change> {
    let key = |resource: &Resource| resource.primary_key.iter().map(|field| field.value.clone()).collect::<Vec<_>>();
    let shown = |key: &[String]| if key.is_empty() { "nothing".to_owned() } else { format!("`{}`", key.join("`, `")) };
    let (before, after) = (key(old), key(new));
    // A state remembers the keys of the records at its mark.
    let states = if new.incremental.is_some() { stateful(old) } else { Vec::new() };
    (before != after).then(|| {
        Change::new(new.operation.name.as_str(), format!("its key is {}, and was {}", shown(&after), shown(&before)))
            .table(breaking("rows are told apart otherwise: change the key of the table, or read it anew"))
            .checkpoints(read.to_vec())
            .states(states)
    })
}

/// How many records are asked for at a time: no digest knows it, since a page of another size goes on where the one before ended.
fn page_size(old: &Resource, new: &Resource) -> Option<Change> {
    let size = |resource: &Resource| resource.paging.size.as_ref().map(|size| (size.default, size.max));
    let differs = size(old) != size(new) && old.paging.size.is_some() == new.paging.size.is_some();
    differs.then(|| Change::new(new.operation.name.as_str(), "how many records are asked for at a time differs"))
}

/// What reads a list and what reads a job are no types of each other.
fn job(old: &List<'_>, new: &List<'_>) -> Option<Change> {
    let path = new.spec.operation.name.as_str();
    match (&old.spec.job, &new.spec.job) {
        (None, Some(_)) => Some(Change::new(path, "it is read by a job now").rust(breaking("its iterators are those of a job"))),
        (Some(_), None) => {
            Some(Change::new(path, "it is not read by a job any more").rust(breaking("its iterators are those of a list")))
        }
        (Some(old), Some(new)) => {
            let rest = |job: &crate::model::Job| plain(&(&job.progress, &job.error, &job.waits, &job.hosts));
            (rest(old) != rest(new)).then(|| Change::new(path, "how its job is waited for, or where its files may be, differs"))
        }
        (None, None) => None,
    }
}

/// How records meet those that a destination has.
fn loading(old: &Resource, new: &Resource) -> Vec<Change> {
    let path = new.operation.name.as_str();
    let mut changes = Vec::new();
    if old.write_disposition != new.write_disposition {
        let what =
            format!("its write disposition is `{}`, and was `{}`", new.write_disposition.name(), old.write_disposition.name());
        let table = breaking("rows that are there were written otherwise: read it anew");
        changes.push(Change::new(path, what).table(table));
    }
    if plain(&old.merge_key.iter().map(|field| &field.value).collect::<Vec<_>>())
        != plain(&new.merge_key.iter().map(|field| &field.value).collect::<Vec<_>>())
    {
        let table = breaking("rows are merged by other fields: read it anew");
        changes.push(Change::new(path, "its merge key differs").table(table));
    }
    let counts = |resource: &Resource| plain(&(&resource.hard_delete, &resource.dedup_sort, &resource.validity));
    if counts(old) != counts(new) {
        let what = "which records count, are deleted or were valid is told otherwise";
        changes.push(Change::new(path, what).table(breaking("rows that are there were merged otherwise: read it anew")));
    }
    if old.contract != new.contract {
        let table = match new.contract {
            Contract::Freeze => safe("a record that does not fit ends the run"),
            Contract::DiscardRow => safe("records that do not fit are left out"),
            Contract::DiscardValue => safe("values that do not fit are left out"),
        };
        changes.push(Change::new(path, "its contract differs").table(table));
    }
    if old.selected != new.selected {
        let (what, table) = if new.selected {
            ("it is read by default now", "the table is filled by default")
        } else {
            ("it is not read by default any more", "the table is not filled by default")
        };
        changes.push(Change::new(path, what).table(safe(table)));
    }
    changes
}
