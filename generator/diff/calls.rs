//! What changes about operations: what they are given, what they request and what they answer.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::change::{Change, Effect, breaking, safe};
use super::compat::{Column, column, reads};
use super::plain::plain;
use super::side::Sides;
use crate::fingerprint;
use crate::model::{Body, Operation, ParamValue, Template, Type, Types};
use crate::plan::{Argument, Call, Form};

/// The changes of every operation that is no list.
pub(super) fn changes(cx: &Sides<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let (removed, added) = cx.lone_calls();
    for call in removed {
        let rust = breaking(format!("`Client::{}` is gone", call.method));
        changes.push(Change::new(&*call.spec.name.value, "the operation is gone").rust(rust));
    }
    for call in added {
        let rust = safe(format!("`Client::{}` is new", call.method));
        changes.push(Change::new(&*call.spec.name.value, "the operation is new").rust(rust));
    }
    for (old, new) in cx.calls() {
        let [old_facts, new_facts] =
            [(&cx.old, old), (&cx.new, new)].map(|(side, call)| fingerprint::operation_facts(side.api, call.spec));
        changes.extend(request(&new.spec.name, &old_facts, &new_facts, &[]));
        changes.extend(signature(cx, old, new, &[]));
    }
    changes
}

/// What changes about the code that calls an operation or reads a list. `read` are the resources whose digest has its parameters.
pub(super) fn signature(cx: &Sides<'_>, old: &Call<'_>, new: &Call<'_>, read: &[String]) -> Vec<Change> {
    let name = new.spec.name.as_str();
    let mut changes = Vec::new();
    if *old.spec.name.value != *new.spec.name.value {
        let rust = breaking(format!("`Client::{}` is `Client::{}` now", old.method, new.method));
        changes.push(Change::new(name, format!("it was called `{}`", *old.spec.name)).rust(rust));
    } else if (&old.method, &old.builder) != (&new.method, &new.builder) {
        let rust = breaking(format!("`Client::{}` gives a `{}`", new.method, new.builder));
        changes.push(Change::new(name, "its names in code differ").rust(rust));
    }
    changes.extend(given(cx, old, new, read));
    changes.extend(response(cx, old, new, read));
    changes.extend(failures(cx, old.spec, new.spec));
    if old.spec.auth != new.spec.auth {
        let what = if new.spec.auth { "it is sent with a login now" } else { "it is sent without a login now" };
        changes.push(Change::new(name, what));
    }
    // Whether a call may be repeated follows from its method, unless the spec says it.
    let is_repeated_otherwise = old.spec.method == new.spec.method && old.spec.idempotent != new.spec.idempotent;
    if is_repeated_otherwise || plain(&old.spec.conduct) != plain(&new.spec.conduct) {
        changes.push(Change::new(name, "what becomes of its responses, or how often it is called, differs"));
    }
    changes
}

/// What an operation answers, or the records of a list.
fn response(cx: &Sides<'_>, old: &Call<'_>, new: &Call<'_>, read: &[String]) -> Option<Change> {
    let (old_rust, new_rust) = (cx.renamed(&old.response), &new.response);
    if old_rust == *new_rust {
        return None;
    }
    let takes = |old_type: &Option<Type>, new_type: &Option<Type>| match (old_type, new_type) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(old), Some(new)) => reads(cx, old, new, false),
    };
    let is_read = old.spec.answer == new.spec.answer
        && takes(&old.spec.response, &new.spec.response)
        && (old.spec.nullable || !new.spec.nullable);
    let decode =
        if is_read { safe("old crates read what comes now") } else { breaking(format!("old crates expect `{}`", old.response)) };
    let digest = |side: &Types, ty: &Option<Type>| ty.as_ref().map(|ty| fingerprint::of_type(side, ty));
    let differs = digest(&cx.old.api.types, &old.spec.response) != digest(&cx.new.api.types, &new.spec.response);
    let change = Change::new(new.spec.name.as_str(), format!("`{}` becomes `{}`", old.response, new.response))
        .rust(breaking(format!("it gives `{}`", new.response)))
        .decode(decode);
    let change = change.table(rows(cx, old.spec, new.spec, read));
    Some(if differs { change.checkpoints(read.to_vec()) } else { change })
}

/// What becomes of the table of a list whose records are something else now. Objects that differ are told column by column.
fn rows(cx: &Sides<'_>, old: &Operation, new: &Operation, read: &[String]) -> Effect {
    let [old, new] = [old, new].map(|operation| operation.response.clone().unwrap_or(Type::Json));
    if read.is_empty() || column(cx, &old, &new) == Column::Same {
        return Effect::default();
    }
    breaking("its rows have other columns: read it anew")
}

/// The bodies of failures, which are decoded when a caller asks for it.
fn failures(cx: &Sides<'_>, old: &Operation, new: &Operation) -> Vec<Change> {
    let find = |failures: &[(String, Type)], status: &str| failures.iter().find(|(held, _)| held == status).cloned();
    let statuses: BTreeSet<&String> = old.failures.iter().chain(&new.failures).map(|(status, _)| status).collect();
    let change = |status: &String| {
        let path = format!("{}({status})", *new.name);
        match (find(&old.failures, status), find(&new.failures, status)) {
            (Some((_, before)), Some((_, after))) if !reads(cx, &before, &after, false) => {
                let decode = breaking("old crates expect another body of that failure");
                Some(Change::new(path, "the body of the failure has another type").decode(decode))
            }
            (Some(_), None) => {
                Some(Change::new(path, "nothing is said of the failure any more").decode(safe("it is an error still")))
            }
            (None, Some(_)) => {
                Some(Change::new(path, "the body of the failure has a type").decode(safe("it was an error before")))
            }
            _ => None,
        }
    };
    statuses.into_iter().filter_map(change).collect()
}

/// What an operation is given, or always sends.
enum Given<'c> {
    /// A text, always.
    Fixed,
    /// What the client's method takes.
    Argument(&'c Argument),
    /// What the builder takes.
    Setter(&'c Argument),
}

/// A parameter, with what its resource's digest knows of it.
struct Param<'c> {
    given: Given<'c>,
    digest: Option<String>,
    /// How it is sent, of which the digest knows nothing.
    style: String,
}

fn params<'c>(call: &'c Call<'_>) -> IndexMap<String, Param<'c>> {
    let mut params = IndexMap::new();
    let arguments = call.arguments.iter().map(|argument| (argument, Given::Argument(argument)));
    let setters = call.setters.iter().map(|setter| (setter, Given::Setter(setter)));
    for (argument, given) in arguments.chain(setters) {
        params.insert(argument.key.clone(), Param { given, digest: None, style: String::new() });
    }
    // The bounds of an incremental run are told with it.
    for (at, param) in call.spec.params.iter().enumerate().filter(|(_, param)| !param.is_bound()) {
        let digest = match &param.value {
            ParamValue::Fixed(value) => format!("{:?} {}", param.location, value.to_runtime()),
            ParamValue::Argument { required, default, .. } => {
                format!("{:?} {required} {:?}", param.location, default.as_ref().map(Template::to_runtime))
            }
        };
        let key = call.spec.key_of(at);
        let held = params.entry(key).or_insert(Param { given: Given::Fixed, digest: None, style: String::new() });
        (held.digest, held.style) = (Some(digest), plain(&param.style));
    }
    params
}

fn given(cx: &Sides<'_>, old: &Call<'_>, new: &Call<'_>, read: &[String]) -> Vec<Change> {
    let (old_params, new_params) = (params(old), params(new));
    let renamed = renamed_arguments(cx, old, new);
    let mut changes = Vec::new();
    for (key, before) in &old_params {
        let now = renamed.get(key.as_str()).copied().unwrap_or(key.as_str());
        let path = format!("{}({now})", *new.spec.name);
        let after = new_params.get(now);
        let is_digested = before.digest.is_some() && (now != key || after.is_none_or(|after| after.digest != before.digest));
        let change = param(cx, &path, before, after).or_else(|| {
            let what = if now == key { "what is sent differs".to_owned() } else { format!("the argument was called `{key}`") };
            let differs = is_digested || after.is_some_and(|after| after.style != before.style);
            differs.then(|| Change::new(path, what))
        });
        changes.extend(change.map(|change| refused(change, is_digested, read)));
    }
    let held: BTreeSet<&str> = renamed.values().copied().collect();
    for (key, after) in new_params.iter().filter(|(key, _)| !old_params.contains_key(*key) && !held.contains(key.as_str())) {
        let path = format!("{}({key})", *new.spec.name);
        changes.push(refused(added(&path, after), after.digest.is_some(), read));
    }
    changes.extend(order(old, new));
    if let (Body::Given(before), Body::Given(after)) = (&old.spec.body, &new.spec.body)
        && (&before.encoding, &before.media_type) != (&after.encoding, &after.media_type)
    {
        changes.push(Change::new(format!("{}(body)", *new.spec.name), format!("it is sent as `{}`", after.media_type)));
    }
    changes
}

/// A parameter that is in the digest makes checkpoints of the resource useless.
fn refused(change: Change, is_digested: bool, read: &[String]) -> Change {
    if is_digested { change.checkpoints(read.to_vec()) } else { change }
}

/// Arguments that only have another name: the caller gives them by their place.
fn renamed_arguments<'c>(cx: &Sides<'_>, old: &'c Call<'_>, new: &'c Call<'_>) -> IndexMap<&'c str, &'c str> {
    let has = |call: &Call<'_>, key: &str| call.arguments.iter().chain(&call.setters).any(|held| held.key == key);
    if old.arguments.len() != new.arguments.len() {
        return IndexMap::new();
    }
    let is_renamed = |(before, after): &(&Argument, &Argument)| {
        before.key != after.key && !has(new, &before.key) && !has(old, &after.key) && is_taken(cx, before, after)
    };
    let places = old.arguments.iter().zip(&new.arguments).filter(is_renamed);
    places.map(|(before, after)| (before.key.as_str(), after.key.as_str())).collect()
}

/// Whether what was given to one argument can be given to another.
fn is_taken(cx: &Sides<'_>, old: &Argument, new: &Argument) -> bool {
    old.form == new.form && cx.renamed(&old.ty) == new.ty
}

/// What changes about a parameter that the old version had.
fn param(cx: &Sides<'_>, path: &str, old: &Param<'_>, new: Option<&Param<'_>>) -> Option<Change> {
    let change = |what: &str, rust| Some(Change::new(path, what).rust(rust));
    let unsent = || breaking("old crates do not send it unless they are told to, and the service asks for it");
    match (&old.given, new.map(|param| &param.given)) {
        (Given::Argument(old), Some(Given::Argument(new))) | (Given::Setter(old), Some(Given::Setter(new)))
            if !is_taken(cx, old, new) =>
        {
            Some(other_type(path, new))
        }
        (Given::Setter(old), Some(Given::Setter(new))) if old.name != new.name => {
            change("its name in code differs", breaking(format!("`{}` is `{}` now", old.name, new.name)))
        }
        (Given::Argument(_), Some(Given::Setter(new))) => {
            change("it need not be given any more", breaking(format!("it is given by `{}` on the builder", new.name)))
        }
        (Given::Setter(old), Some(Given::Argument(_))) => {
            let rust = breaking(format!("the client's method takes it; there is no setter `{}` any more", old.name));
            change("it must be given now", rust).map(|change| change.decode(unsent()))
        }
        (Given::Argument(_), None | Some(Given::Fixed)) => {
            change("it is not given any more", breaking("the client's method takes one argument less"))
        }
        (Given::Setter(old), None | Some(Given::Fixed)) => {
            change("it can not be given any more", breaking(format!("there is no setter `{}` any more", old.name)))
        }
        (Given::Fixed, Some(Given::Argument(_))) => {
            change("it must be given now, and was fixed", breaking("the client's method takes one argument more"))
        }
        (Given::Fixed, Some(Given::Setter(new))) => {
            change("it may be given now, and was fixed", safe(format!("the setter `{}` is new", new.name)))
        }
        (Given::Fixed, None) => Some(Change::new(path, "it is not sent any more")),
        _ => None,
    }
}

fn other_type(path: &str, new: &Argument) -> Change {
    let many = if new.form == Form::List { "a list of " } else { "" };
    let ty = format!("it takes {many}`{}`", new.ty);
    Change::new(path, &*ty).rust(breaking(format!("{ty} now")))
}

fn added(path: &str, new: &Param<'_>) -> Change {
    match new.given {
        Given::Argument(_) => Change::new(path, "it must be given, and is new")
            .rust(breaking("the client's method takes one argument more"))
            .decode(breaking("old crates do not send it, and the service asks for it")),
        Given::Setter(new) => {
            Change::new(path, "it may be given, and is new").rust(safe(format!("the setter `{}` is new", new.name)))
        }
        Given::Fixed => Change::new(path, "it is always sent, and is new").decode(safe("old crates do not send it")),
    }
}

/// Arguments are given by their place.
fn order(old: &Call<'_>, new: &Call<'_>) -> Option<Change> {
    let shared = |call: &Call<'_>, other: &Call<'_>| -> Vec<String> {
        let is_shared = |argument: &&Argument| other.arguments.iter().any(|held| held.key == argument.key);
        call.arguments.iter().filter(is_shared).map(|argument| argument.key.clone()).collect()
    };
    let names = shared(new, old);
    let what = format!("the arguments come in another order: {}", names.join(", "));
    (shared(old, new) != names)
        .then(|| Change::new(new.spec.name.as_str(), what).rust(breaking("arguments are given by their place")))
}

/// Names and values that a digest is made of.
pub(super) type Facts = [(&'static str, String)];

/// The values of one name.
pub(super) fn values<'f>(facts: &'f Facts, name: &str) -> Vec<&'f str> {
    facts.iter().filter(|(held, _)| *held == name).map(|(_, value)| value.as_str()).collect()
}

/// What changes about a request besides its parameters and the address of the service.
pub(super) fn request(path: &str, old: &Facts, new: &Facts, read: &[String]) -> Vec<Change> {
    let asks = ["request", "header", "key", "body", "packed"];
    let is_other = |name: &&str| values(old, name) != values(new, name);
    let shape = |facts: &Facts| values(facts, "request").into_iter().map(without_names).collect::<Vec<_>>();
    let is_renamed = shape(old) == shape(new);
    let change = |name: &str| {
        let what = match name {
            "request" if is_renamed => "a placeholder of its path has another name".to_owned(),
            "request" => format!("it asks for `{}`, not for `{}`", values(new, name).join(" "), values(old, name).join(" ")),
            "header" => "its headers differ".to_owned(),
            "key" => "the header that tells repeated calls apart differs".to_owned(),
            "body" => "the body that it sends differs".to_owned(),
            _ => "what the answer is packed with differs".to_owned(),
        };
        let change = Change::new(path, what).checkpoints(read.to_vec());
        match name {
            "request" if !is_renamed => change.decode(breaking("old crates ask at the address of before")),
            "packed" => change.decode(breaking("old crates unpack the answer as before")),
            _ => change,
        }
    };
    asks.into_iter().filter(is_other).map(change).collect()
}

/// An address without the names of its placeholders.
fn without_names(address: &str) -> String {
    let mut pieces = address.split('{');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + "{" + piece.split_once('}').map_or(piece, |(_, rest)| rest))
}
