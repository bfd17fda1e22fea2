//! The files whose code depends on the API: which there are, and their text.

use std::sync::atomic::{AtomicUsize, Ordering};

use proc_macro2::TokenStream;

use super::indexes::{self, CALLS, Folder, LISTS};
use super::{client, hooks, models, operations, projections, resources, root};
use crate::format;
use crate::plan::{Call, Crate, Group};

/// The stack of a thread that prints, in bytes: types are parsed and printed by functions that call themselves.
const STACK: usize = 16 << 20;

/// A file, and what makes its tokens.
struct Source<'a> {
    path: String,
    tokens: Box<dyn Fn() -> TokenStream + Send + Sync + 'a>,
}

impl<'a> Source<'a> {
    fn new(path: impl Into<String>, tokens: impl Fn() -> TokenStream + Send + Sync + 'a) -> Self {
        Self { path: path.into(), tokens: Box::new(tokens) }
    }
}

/// The paths and texts of all files.
///
/// Each is printed as soon as its tokens are there, so that few tokens are held at once, and on all processors: a large API has
/// thousands of files.
pub(super) fn texts(plan: &Crate<'_>, head: &str, spec: &str) -> Result<Vec<(String, String)>, String> {
    let sources = sources(plan, spec);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut texts = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(source) = sources.get(at) else { return texts };
            texts.push((at, format::print(head, (source.tokens)())));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut texts = std::thread::scope(|scope| {
        // Where the system has no more threads, fewer do the work.
        let spawn = |_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok();
        let others: Vec<_> = (1..threads).filter_map(spawn).collect();
        let mut texts = work();
        // A fault of one thread is one of the whole: no file is left out.
        let joined = others.into_iter().map(|other| other.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault)));
        texts.extend(joined.flatten());
        texts
    });
    texts.sort_unstable_by_key(|(at, _)| *at);
    let named = sources.into_iter().zip(texts);
    named
        .map(|(source, (_, text))| match text {
            Ok(text) => Ok((source.path, text)),
            Err(error) => Err(format!("{}: {error}", source.path)),
        })
        .collect()
}

fn sources<'a>(plan: &'a Crate<'_>, spec: &'a str) -> Vec<Source<'a>> {
    let mut sources = vec![Source::new("src/client.rs", || client::module(plan))];
    if !plan.hooks.is_empty() {
        sources.push(Source::new("src/hook_trait.rs", || hooks::module(plan)));
    }
    sources.extend(models_of(plan));
    for list in &plan.lists {
        sources.push(Source::new(path(plan, LISTS, &list.call), move || resources::module(list, spec)));
    }
    if projections::is_there(plan) {
        sources.push(Source::new("src/projections.rs", || projections::index(plan)));
    }
    if !plan.lists.is_empty() {
        sources.push(Source::new("src/cli.rs", || root::command_line(plan)));
        sources.push(Source::new("src/load.rs", root::load));
        sources.push(Source::new("src/main.rs", || root::program(plan)));
    }
    sources.extend(indexes(plan, LISTS, plan.lists.iter().map(|list| &list.call).collect()));
    for call in &plan.calls {
        sources.push(Source::new(path(plan, CALLS, call), || operations::module(call)));
    }
    sources.extend(indexes(plan, CALLS, plan.calls.iter().collect()));
    sources
}

/// The files of models. What one group alone reaches is in its folder.
fn models_of<'a>(plan: &'a Crate<'_>) -> Vec<Source<'a>> {
    let mut sources = Vec::new();
    if !plan.models.is_empty() {
        sources.push(Source::new("src/models/mod.rs", || indexes::models(plan)));
    }
    for group in plan.groups.iter().filter(|group| indexes::owned(plan, group).next().is_some()) {
        sources.push(Source::new(format!("src/models/{}/mod.rs", group.module), || indexes::models_of(plan, group)));
    }
    for module in &plan.models {
        let (folder, models) = match plan.owner(module) {
            Some(group) => (format!("{}/", group.module), "crate::models"),
            None => (String::new(), "super"),
        };
        sources.push(Source::new(format!("src/models/{folder}{}.rs", module.name), move || models::module(module, models)));
    }
    sources
}

/// The file of an operation.
fn path(plan: &Crate<'_>, folder: Folder, call: &Call<'_>) -> String {
    let group = plan.group(call).map(|group| format!("{}/", group.module)).unwrap_or_default();
    format!("src/{}/{group}{}.rs", folder.name, call.module)
}

/// The files that name the operations of a folder: one, or in a large crate one for each group and one above them.
fn indexes<'a>(plan: &'a Crate<'_>, folder: Folder, calls: Vec<&'a Call<'a>>) -> Vec<Source<'a>> {
    let above = format!("src/{}/mod.rs", folder.name);
    if calls.is_empty() {
        return Vec::new();
    }
    let loaded = |group: Option<usize>| -> Vec<&'a str> {
        let lists = plan.lists.iter().filter(|list| group.is_none() || list.call.group == group);
        lists.map(|list| list.call.module.as_str()).collect()
    };
    if plan.groups.is_empty() {
        let loaded = loaded(None);
        return vec![Source::new(above, move || folder.operations(&calls, &loaded, None))];
    }
    let of = |at| calls.iter().filter(move |call| call.group == Some(at)).copied().collect::<Vec<_>>();
    let groups = plan.groups.iter().enumerate().map(|(at, group)| (group, (of(at), loaded(Some(at)))));
    let (groups, held): (Vec<&Group>, Vec<_>) = groups.filter(|(_, (calls, _))| !calls.is_empty()).unzip();
    let held = groups.clone().into_iter().zip(held);
    let mut sources: Vec<Source<'_>> = held
        .map(|(group, (calls, loaded))| {
            let path = format!("src/{}/{}/mod.rs", folder.name, group.module);
            Source::new(path, move || folder.operations(&calls, &loaded, Some(group)))
        })
        .collect();
    sources.push(Source::new(above, move || folder.groups(&groups)));
    sources
}
