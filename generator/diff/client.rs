//! What changes about the API as a whole: its inputs, its address, its logins and what all its operations share.

use std::collections::BTreeSet;
use std::mem::discriminant;

use super::change::{Change, Effect, breaking, safe};
use super::plain::plain;
use super::side::{Side, Sides};
use crate::model::{Api, InputKind, Template};
use crate::plan::Input;

/// The changes of the API as a whole.
pub(super) fn changes(cx: &Sides<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    changes.extend(name(cx));
    changes.extend(inputs(cx));
    changes.extend(base_url(cx));
    changes.extend(auth(cx));
    changes.extend(hooks(cx));
    changes.extend(shared(cx));
    changes
}

/// A document alone has its name from where it lies, which is another place for each version.
fn name(cx: &Sides<'_>) -> Option<Change> {
    let (old, new) = (&cx.old.plan.package, &cx.new.plan.package);
    if cx.old.api.inferred.is_some() && cx.new.api.inferred.is_some() {
        return None;
    }
    let rust = breaking(format!("the crate is `{new}` now, and its variables begin otherwise"));
    (cx.old.api.name.value != cx.new.api.name.value)
        .then(|| Change::new("name", format!("the crate was `{old}`, and is `{new}`")).rust(rust))
}

fn inputs(cx: &Sides<'_>) -> Vec<Change> {
    let (old, new) = (&cx.old.plan.inputs, &cx.new.plan.inputs);
    let path = |input: &Input<'_>| format!("config.{}", *input.spec.name);
    let mut changes = Vec::new();
    for before in old {
        if let Some(after) = find(new, &before.spec.name) {
            changes.extend(input(&path(after), before, after));
        } else {
            let rust = breaking(format!("there is no `ClientBuilder::{}` any more", before.method));
            changes.push(Change::new(path(before), "the input is gone").rust(rust));
        }
    }
    for after in new.iter().filter(|after| find(old, &after.spec.name).is_none()) {
        let rust = if after.is_required() {
            breaking(format!("code compiles, but no client is built without `{}`", after.method))
        } else {
            safe(format!("`ClientBuilder::{}` is new", after.method))
        };
        let what = if after.is_required() { "the input is new, and must be given" } else { "the input is new" };
        changes.push(Change::new(path(after), what).rust(rust));
    }
    changes
}

fn find<'i, 'a>(inputs: &'i [Input<'a>], name: &str) -> Option<&'i Input<'a>> {
    inputs.iter().find(|input| *input.spec.name == name)
}

/// What changes about an input that both versions have.
fn input(path: &str, old: &Input<'_>, new: &Input<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |what: &str, rust| changes.push(Change::new(path, what).rust(rust));
    let setter = |kind: &InputKind| match kind {
        InputKind::Integer => "i64",
        InputKind::Boolean => "bool",
        InputKind::String | InputKind::Hostname | InputKind::Url | InputKind::Enum(_) => "impl Into<String>",
    };
    if old.method != new.method {
        add("its name in code differs", breaking(format!("`{}` is `{}` now", old.method, new.method)));
    }
    let (before, after) = (setter(&old.spec.kind), setter(&new.spec.kind));
    if before != after {
        add("its kind differs", breaking(format!("`{}` takes `{after}`, and took `{before}`", new.method)));
    } else if old.spec.kind != new.spec.kind {
        let takes_all = match (&old.spec.kind, &new.spec.kind) {
            (_, InputKind::String) => true,
            (InputKind::Enum(old), InputKind::Enum(new)) => old.iter().all(|word| new.contains(word)),
            _ => false,
        };
        let other =
            if takes_all { safe("it takes what it took") } else { breaking("code compiles, but some values are refused") };
        add("what it may be differs", other);
    }
    match (old.is_required(), new.is_required()) {
        (false, true) => {
            add("it must be given now", breaking(format!("code compiles, but no client is built without `{}`", new.method)));
        }
        (true, false) => add("it need not be given any more", safe("code that gives it compiles")),
        _ => {}
    }
    let default = |input: &Input<'_>| input.spec.default.as_ref().map(Template::to_runtime);
    if default(old) != default(new) && old.is_required() == new.is_required() {
        add("its default differs", safe("code that gives it is not concerned"));
    }
    if old.spec.secret != new.spec.secret {
        add(if new.spec.secret { "it is a secret now" } else { "it is no secret any more" }, safe("only what is shown differs"));
    }
    changes
}

/// The address of the service is part of every digest.
fn base_url(cx: &Sides<'_>) -> Option<Change> {
    let [old, new] = [&cx.old, &cx.new].map(|side| side.api.client.base_url.to_runtime());
    let read = cx.lists().map(|(_, list)| list.spec.operation.name.value.clone()).collect();
    (old != new).then(|| {
        Change::new("client.base_url", format!("it is `{new}`, and was `{old}`"))
            .decode(breaking("old crates ask at the address of before"))
            .checkpoints(read)
    })
}

fn auth(cx: &Sides<'_>) -> Option<Change> {
    let (old, new) = (&cx.old.api.client.auth, &cx.new.api.client.auth);
    if plain(old) == plain(new) {
        return None;
    }
    let abilities = |side: &Side<'_>| -> BTreeSet<&str> {
        let auth = &side.api.client.auth;
        let all = [("token_store", auth.keeps_tokens()), ("login", auth.code().is_some())];
        all.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
    };
    let (before, after) = (abilities(&cx.old), abilities(&cx.new));
    let lost: Vec<String> = before.difference(&after).map(|name| format!("`{name}`")).collect();
    let rust = if !lost.is_empty() {
        breaking(format!("there is no {} any more", lost.join(" and no ")))
    } else if before != after {
        safe("there are more ways to log in")
    } else {
        Effect::default()
    };
    let kind = discriminant(old) != discriminant(new);
    let what = if kind { "requests are authorised in another way" } else { "how requests are authorised differs" };
    let decode = if kind { breaking("old crates log in as before") } else { Effect::default() };
    Some(Change::new("client.auth", what).rust(rust).decode(decode))
}

fn hooks(cx: &Sides<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for old in &cx.old.plan.hooks {
        let path = format!("hooks.{}", old.method);
        match cx.new.plan.hooks.iter().find(|new| new.method == old.method) {
            None => changes
                .push(Change::new(path, "the hook is gone").rust(breaking(format!("`Hooks` has no `{}` any more", old.method)))),
            Some(new) if cx.renamed(&old.record) != new.record => {
                let rust = breaking(format!("`{}` takes `{}`", new.method, new.record));
                changes.push(Change::new(path, "the hook takes other records").rust(rust));
            }
            Some(_) => {}
        }
    }
    for new in cx.new.plan.hooks.iter().filter(|new| !cx.old.plan.hooks.iter().any(|old| old.method == new.method)) {
        let rust = safe("a hook that is not written gives every record on");
        changes.push(Change::new(format!("hooks.{}", new.method), "the hook is new").rust(rust));
    }
    changes
}

/// What no type and no table knows of: what all requests share.
fn shared(cx: &Sides<'_>) -> Vec<Change> {
    let (old, new) = (&cx.old.api.client, &cx.new.api.client);
    let parts = [
        ("client.headers", "headers of all requests differ", plain(&old.headers) == plain(&new.headers)),
        ("client.retry", "when a call is repeated differs", plain(&old.retry) == plain(&new.retry)),
        ("client.response_actions", "what follows from responses differs", plain(&old.rules) == plain(&new.rules)),
        ("client.timeouts", "how long a request may take differs", plain(&old.timeouts) == plain(&new.timeouts)),
        (
            "client.allowed_hosts",
            "where links may lead, or credentials may go, differs",
            plain(&(&old.allowed_hosts, &old.credential_hosts)) == plain(&(&new.allowed_hosts, &new.credential_hosts)),
        ),
        ("client.max_response_bytes", "how large an answer may be differs", old.max_response_bytes == new.max_response_bytes),
        ("client.compression", "what bodies may be packed with differs", plain(&old.compression) == plain(&new.compression)),
    ];
    let parts = parts.into_iter().filter(|(_, _, is_same)| !is_same);
    let mut changes: Vec<Change> = parts.map(|(path, what, _)| Change::new(path, what)).collect();
    let limits = |api: &Api| plain(&api.client.rate_limits);
    let has_gate = |api: &Api| {
        let own = api.resources.iter().map(|resource| &resource.operation).chain(&api.operations);
        !api.client.rate_limits.is_empty() || own.clone().any(|operation| operation.conduct.rate_limit.is_some())
    };
    let rust = match (has_gate(cx.old.api), has_gate(cx.new.api)) {
        (true, false) => breaking("there is no `ClientBuilder::without_rate_limits` any more"),
        (false, true) => safe("`ClientBuilder::without_rate_limits` is new"),
        _ => Effect::default(),
    };
    if limits(cx.old.api) != limits(cx.new.api) || rust != Effect::default() {
        changes.push(Change::new("client.rate_limits", "how many calls may go out differs").rust(rust));
    }
    changes
}
