//! The files whose code depends on the API: which there are, and their text.

use std::sync::atomic::{AtomicUsize, Ordering};

use proc_macro2::TokenStream;

use super::{client, hooks, models, operations, resources};
use crate::format;
use crate::plan::Crate;

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
pub(super) fn texts(plan: &Crate<'_>, head: &str) -> Result<Vec<(String, String)>, String> {
    let sources = sources(plan);
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
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
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

fn sources<'a>(plan: &'a Crate<'_>) -> Vec<Source<'a>> {
    let mut sources = vec![Source::new("src/client.rs", || client::module(plan))];
    if !plan.hooks.is_empty() {
        sources.push(Source::new("src/hook_trait.rs", || hooks::module(plan)));
    }
    if !plan.models.is_empty() {
        sources.push(Source::new("src/models/mod.rs", || models::index(&plan.models)));
    }
    for module in &plan.models {
        sources.push(Source::new(format!("src/models/{}.rs", module.name), || models::module(module)));
    }
    if !plan.lists.is_empty() {
        sources.push(Source::new("src/resources/mod.rs", || resources::index(&plan.lists)));
    }
    for list in &plan.lists {
        sources.push(Source::new(format!("src/resources/{}.rs", list.call.module), || resources::module(list)));
    }
    if !plan.calls.is_empty() {
        sources.push(Source::new("src/operations/mod.rs", || operations::index(&plan.calls)));
    }
    for call in &plan.calls {
        sources.push(Source::new(format!("src/operations/{}.rs", call.module), || operations::module(call)));
    }
    sources
}
