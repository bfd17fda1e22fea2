//! The spans of requests: which fields they have, and that no secret is among them.
#![cfg(feature = "tracing")]

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::descriptor::{Api, Auth, Input, InputKind, Operation, Param, Retry, Timeouts};
use tapwright_runtime::rt::message::{Headers, Limits, Request, Response, TransportFault, TransportFaultKind};
use tapwright_runtime::rt::transport::{BlockingTransport, BoxFuture, Transport};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

static API: Api = Api {
    name: "shop",
    version: "",
    inputs: &[Input { name: "key", env: "SHOP__KEY", secret: true, default: None, kind: InputKind::Text }],
    base_url: "https://api.example.com/{key}",
    headers: &[("x-key", "{key}")],
    auth: Auth::None,
    retry: Retry {
        statuses: &[503],
        max_retries: 3,
        base_delay_ms: 0,
        backoff_factor: 1.0,
        max_delay_ms: 10,
        respect_retry_after: false,
        reset_header: "",
        remaining_header: "",
    },
    timeouts: Timeouts { connect_ms: 0, first_byte_ms: 0, between_bytes_ms: 0, whole_ms: 0 },
    allowed_hosts: &[],
    credential_hosts: &[],
    max_response_bytes: 1 << 20,
    compression: &[],
};

static USERS: Operation = Operation::get("users", "/users").params(&[Param::query("token").value("{key}")]);

/// Answers with these statuses, one after the other; 0 is a connection that breaks.
#[derive(Clone)]
struct Script(Arc<Mutex<VecDeque<u16>>>);

impl Script {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(VecDeque::from([503, 0, 200]))))
    }

    fn answer(&self) -> Result<Response, TransportFault> {
        match self.0.lock().expect("nobody panicked").pop_front() {
            None | Some(0) => Err(TransportFault { kind: TransportFaultKind::Broken, message: String::new() }),
            Some(status) => Ok(Response { status, headers: Headers::default(), body: Vec::new() }),
        }
    }
}

impl Transport for Script {
    fn send(&self, _: Request, _: Limits) -> BoxFuture<'_, Result<Response, TransportFault>> {
        Box::pin(async { self.answer() })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

impl BlockingTransport for Script {
    fn send(&self, _: Request, _: Limits) -> Result<Response, TransportFault> {
        self.answer()
    }

    fn sleep(&self, _: Duration) {}
}

/// Notes spans and their fields.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<String>>>);

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().expect("nobody panicked");
        let mut text = span.metadata().name().to_owned();
        span.record(&mut Fields(&mut text));
        spans.push(text);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut spans = self.0.lock().expect("nobody panicked");
        let at = usize::try_from(id.into_u64()).expect("there are few") - 1;
        values.record(&mut Fields(&mut spans[at]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Fields<'t>(&'t mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {}={value}", field.name());
    }
}

#[test]
fn each_attempt_is_a_span_without_a_secret() {
    let script = Script::new();
    let builder = CoreBuilder::new(&API).input("key", "s3cr3t").jitter(|| 0.0);
    let core = builder.transport(Arc::new(script.clone())).blocking_transport(Arc::new(script.clone())).build();
    let core: Arc<Core> = core.expect("it has its input");
    let request = || core.prepare(&USERS, &Args::default()).expect("it has all it needs");
    assert!(request().url.as_str().contains("s3cr3t"), "else nothing is shown here");
    let expected = "request otel.name=GET otel.kind=client operation=users http.request.method=GET \
                    url.full=https://api.example.com/***/users server.address=api.example.com server.port=443";
    let expected = [" http.response.status_code=503 error.type=503", " error.type=Broken", " http.response.status_code=200"]
        .map(|outcome| format!("{expected}{outcome}"));

    let spans = Spans::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let called = tracing::subscriber::with_default(spans.clone(), || runtime.block_on(core.execute(&USERS, request())));
    assert!(called.is_ok(), "{called:?}");
    assert_eq!(*spans.0.lock().expect("nobody panicked"), expected);

    script.0.lock().expect("nobody panicked").extend([503, 0, 200]);
    let spans = Spans::default();
    let called = tracing::subscriber::with_default(spans.clone(), || core.execute_blocking(&USERS, request()));
    assert!(called.is_ok(), "{called:?}");
    assert_eq!(*spans.0.lock().expect("nobody panicked"), expected);
}
