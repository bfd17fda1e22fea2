//! All that is logged, by whichever crate and at whichever level, on stderr.
//!
//! One is left out: at level trace, ureq logs every byte that it sends and receives, in hexadecimal. `SECURITY.md` says so; at level
//! debug it leaves out what may be a credential, and that is what is held to here.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// From here on, whatever is logged is shown.
pub(crate) fn show() {
    log::set_logger(&Logs).expect("the only logger");
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Logs).expect("the only subscriber");
}

struct Logs;

impl log::Log for Logs {
    fn enabled(&self, of: &log::Metadata<'_>) -> bool {
        of.level() <= log::Level::Debug || !of.target().starts_with("ureq")
    }

    fn log(&self, record: &log::Record<'_>) {
        if log::Log::enabled(self, record.metadata()) {
            eprintln!("[{} {}] {}", record.level(), record.target(), record.args());
        }
    }

    fn flush(&self) {}
}

impl Subscriber for Logs {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Fields(span.metadata()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Fields(event.metadata()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Shows each field of a span or an event.
struct Fields(&'static Metadata<'static>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        eprintln!("[{} {}] {}={value:?}", self.0.level(), self.0.target(), field.name());
    }
}
