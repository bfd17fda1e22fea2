//! From a request to an answer, without a socket.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hyper::{Request, body::Bytes};

use super::{
    Options, auth,
    fault::{FaultKind, Faults, Packing},
    hostile::{Storm, Stray, Strike, Victim, WireFault},
    incremental,
    jobs::{self, File, Jobs},
    limit::Limiter,
    login::{self, INSTANCE},
    packing,
    page::{self, Asked, Hostility},
    partition, payload,
    random::seed_of,
    records::Records,
    reply::Reply,
    request::Arguments,
    route::{Match, Mismatch, Router, Target},
    stats::{AUTHORIZE, Counter, TOKEN, UNKNOWN},
    tokens::Tokens,
    values::Mould,
};
use crate::model::{Api, Auth, Compression, Job, Operation, Payload};

/// How a download is counted that leads to no file.
const DOWNLOAD: &str = "download";

/// A service that behaves as an API says it does.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) api: Arc<Api>,
    router: Router,
    pub(super) records: Records,
    tokens: Tokens,
    /// Whether a login says where requests go.
    says_where: bool,
    faults: Faults,
    limiter: Limiter,
    jobs: Jobs,
    pub(super) counter: Counter,
    storm: Option<Storm>,
    forgotten: u64,
    seed: u64,
    gzip: bool,
}

/// An answer, and what goes wrong while it is sent.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) reply: Reply,
    pub(super) fault: Option<FaultKind>,
    /// What goes wrong below HTTP.
    pub(super) wire: Option<WireFault>,
}

impl Service {
    pub(super) fn new(api: Api, options: Options) -> Self {
        let api = Arc::new(api);
        let faults = Faults::new(options.faults);
        Self {
            router: Router::new(&api),
            records: Records::new(Arc::clone(&api), options.records, options.children, options.seed).with_ties(options.ties),
            says_where: api
                .client
                .auth
                .parts()
                .iter()
                .any(|part| part.answer().is_some_and(|answer| !answer.base_url_path.0.is_empty())),
            tokens: Tokens::new(options.seed, faults.token_uses(), options.hostile.is_some()),
            faults,
            limiter: Limiter::new(&api, options.rate_limit),
            jobs: Jobs::new(options.jobs),
            counter: Counter::default(),
            storm: options.hostile.map(Storm::new),
            forgotten: options.forgotten,
            seed: options.seed,
            gzip: options.gzip,
            api,
        }
    }

    /// The path of the base URL.
    pub(super) fn base_path(&self) -> String {
        super::route::base_path(&self.api)
    }

    /// Answers a request; `origin` is what addresses of this service begin with.
    pub(super) fn answer(&self, request: &Request<Bytes>, origin: &str) -> Answer {
        if let Some(file) = self.jobs.file(request) {
            return self.download(request, file);
        }
        let (path, below) = self.path(request.uri().path());
        let (operation, answer) = match self.router.find(request.method().as_str(), path, request.uri().query()) {
            Err(Mismatch::Path) => (UNKNOWN, Reply::error(404, "not_found", "Not found").into()),
            Err(Mismatch::Method) => (UNKNOWN, Reply::error(405, "method_not_allowed", "Method not allowed").into()),
            Ok(Match { target: Target::Token, .. }) => {
                (TOKEN, self.login(|life| login::token(&self.api, &self.tokens, request, origin, life)))
            }
            Ok(Match { target: Target::Authorize, .. }) => (AUTHORIZE, login::authorize(&self.tokens, request).into()),
            Ok(Match { target: Target::Session(at), .. }) => (TOKEN, self.login(|life| self.session(at, request, origin, life))),
            Ok(found) => match self.operation(found.target) {
                Some(operation) => (operation.name.as_str(), self.guarded(request, origin, operation, &found, below)),
                None => (UNKNOWN, Reply::error(404, "not_found", "Not found").into()),
            },
        };
        self.counter.count(operation, answer.reply.status);
        self.packed(answer, request)
    }

    /// A file of a job, for anyone who has a link to it.
    fn download(&self, request: &Request<Bytes>, file: Result<File, Reply>) -> Answer {
        let resource = file.as_ref().ok().and_then(|file| self.api.resources.get(file.resource));
        let operation = resource.map_or_else(|| DOWNLOAD.to_owned(), |resource| format!("{}.download", *resource.operation.name));
        let fault = self.faults.next(&operation, &[]).filter(|_| file.is_ok());
        let reply = match (fault, file) {
            (Some(FaultKind::Status(status, _)), _) => Reply::error(*status, "injected", "An injected fault"),
            (_, Ok(file)) => self.file(request, file),
            (_, Err(reply)) => reply,
        };
        self.counter.count(&operation, reply.status);
        Answer { reply, fault: fault.cloned(), wire: None }
    }

    /// The answer to a login, which is told how long a token lives.
    fn login(&self, answer: impl FnOnce(u64) -> Reply) -> Answer {
        let strike = self.storm.as_ref().and_then(|storm| storm.strike(Victim::Login));
        let life = if strike.as_ref().is_some_and(Strike::shortens) { 1 } else { login::EXPIRES_IN };
        let refusal = strike.as_ref().and_then(|strike| strike.refusal(""));
        let reply = refusal.unwrap_or_else(|| answer(life));
        self.struck(reply, strike.as_ref())
    }

    fn file(&self, request: &Request<Bytes>, file: File) -> Reply {
        let Some(resource) = self.api.resources.get(file.resource) else { return Reply::empty() };
        let (Some(job), Some(rows)) = (&resource.job, self.records.rows(file.resource, &[])) else { return Reply::empty() };
        let fields = self.api.types.fields(&resource.source);
        let arguments = Arguments::new(request);
        file.write(
            &Asked { resource, rows, fields, arguments: &arguments, holes: &[], address: "", query: None, hostility: None },
            job,
        )
    }

    /// The answer as it is sent, packed or not.
    fn packed(&self, answer: Answer, request: &Request<Bytes>) -> Answer {
        let packing = match &answer.fault {
            Some(FaultKind::Gzip(packing)) => Some(*packing),
            _ => (self.gzip && !answer.reply.is_packed() && packing::is_asked_for(request.headers())).then_some(Packing::Whole),
        };
        match packing.filter(|_| !answer.reply.body.is_empty()) {
            Some(packing) => Answer { reply: packing::pack(answer.reply, packing, self.api.client.max_response_bytes), ..answer },
            None => answer,
        }
    }

    /// The path of a request as routes have it, and whether it came below the address that a login names.
    fn path<'p>(&self, path: &'p str) -> (&'p str, bool) {
        match path.strip_prefix(INSTANCE) {
            Some(rest) if self.says_where => (rest, true),
            _ => (path, false),
        }
    }

    fn session(&self, at: usize, request: &Request<Bytes>, origin: &str, life: u64) -> Reply {
        match self.api.client.auth.parts().get(at) {
            Some(Auth::Session(session)) => login::session(&self.api, session, at, &self.tokens, request, origin, life),
            _ => Reply::error(404, "not_found", "Not found"),
        }
    }

    fn operation(&self, target: Target) -> Option<&Operation> {
        match target {
            Target::Token | Target::Authorize | Target::Session(_) => None,
            Target::Resource(at) => self.api.resources.get(at).map(|resource| &resource.operation),
            Target::Operation(at) => self.api.operations.get(at),
            Target::Poll(at) => self.job(at).map(|job| &job.poll),
            Target::Cleanup(at) => self.job(at)?.cleanup.as_ref(),
        }
    }

    fn job(&self, at: usize) -> Option<&Job> {
        self.api.resources.get(at)?.job.as_ref()
    }

    /// The answer to a request that is authorised, within the limit and spared by faults; else why not.
    fn guarded(&self, request: &Request<Bytes>, origin: &str, operation: &Operation, found: &Match, below: bool) -> Answer {
        let arguments = Arguments::new(request);
        let strike = self.storm.as_ref().and_then(|storm| storm.strike(self.victim(found.target)));
        if strike.as_ref().is_some_and(Strike::revokes) {
            self.tokens.revoke();
        }
        if operation.auth
            && let Err(reply) = auth::check(&self.api, &self.tokens, request, &arguments, below)
        {
            return reply.into();
        }
        if let Some(refusal) = strike.as_ref().and_then(|strike| strike.refusal(&format!("{origin}{}", request.uri()))) {
            return refusal.into();
        }
        let allowance = self.limiter.take(operation);
        let values = partition::of(operation, found, &arguments);
        let texts: Vec<&str> = values.iter().map(|(_, text)| text.as_str()).collect();
        let fault = self.faults.next(&operation.name, &texts);
        let fault = fault.filter(|_| allowance.exceeded.is_none());
        let reply = match fault {
            _ if allowance.exceeded.is_some() => with_retry_after(too_many(), allowance.exceeded.as_deref()),
            Some(FaultKind::Status(429, retry_after)) => with_retry_after(too_many(), retry_after.as_deref()),
            Some(FaultKind::Status(status, retry_after)) => {
                with_retry_after(Reply::error(*status, "injected", "An injected fault"), retry_after.as_deref())
            }
            Some(FaultKind::Answer { status, headers, body }) => {
                // It says all that it is to say.
                let reply = Reply::json(*status, body.clone());
                let reply = headers.iter().fold(reply, |reply, (name, value)| reply.with(name, value.as_str()));
                return reply.into();
            }
            Some(FaultKind::Html) => Reply::html(),
            _ => as_file(self.plain(request, origin, operation, found, &arguments, strike.as_ref()), operation),
        };
        Answer { fault: fault.cloned(), ..self.struck(allowance.announce(reply), strike.as_ref()) }
    }

    fn plain(
        &self,
        request: &Request<Bytes>,
        origin: &str,
        operation: &Operation,
        found: &Match,
        arguments: &Arguments,
        strike: Option<&Strike>,
    ) -> Reply {
        if let Some(missing) = payload::missing(operation, arguments) {
            return Reply::error(400, "invalid_query_string", &format!("Query validation error: `{missing}` is missing"));
        }
        let resource = if let Target::Resource(at) = found.target { self.api.resources.get(at) } else { None };
        if let Err(place) = payload::check(operation, resource, arguments) {
            return Reply::error(400, "invalid_body", &format!("Payload validation error: `{place}` is not as it should be"));
        }
        match found.target {
            Target::Token | Target::Authorize | Target::Session(_) => Reply::empty(),
            Target::Operation(at) => self.value(operation, at),
            Target::Poll(at) => self
                .job(at)
                .map_or_else(Reply::empty, |job| self.jobs.poll(at, job, jobs::id(operation, &found.holes, arguments), origin)),
            Target::Cleanup(_) => self.jobs.remove(jobs::id(operation, &found.holes, arguments)),
            Target::Resource(at) => {
                if let Some(job) = self.job(at) {
                    return self.jobs.create(at, job);
                }
                let values = partition::of(operation, found, arguments);
                let texts: Vec<&str> = values.iter().map(|(_, text)| text.as_str()).collect();
                let Some((rows, resource)) = self.records.rows(at, &texts).zip(self.api.resources.get(at)) else {
                    return Reply::error(404, "not_found", "Not found");
                };
                if !self.records.has_partition(resource, &values) {
                    return Reply::error(404, "inexistent_parent", "What the address names does not exist");
                }
                let list = (at, texts.as_slice());
                let view = self.storm.as_ref().and_then(|storm| storm.view(list, rows.count, resource, strike));
                let rows = view.as_ref().map_or(rows, |view| rows.seen_by(view));
                let rows = match incremental::narrow(rows, resource, arguments, self.forgotten) {
                    Ok(rows) => rows,
                    Err(reply) => return reply,
                };
                let address = format!("{origin}{}", request.uri().path());
                let holes = found.holes.as_slice();
                let fields = self.api.types.fields(&resource.source);
                let hostility = self.storm.as_ref().map(|storm| Hostility { storm, strike, list });
                let query = request.uri().query();
                page::page(&Asked { resource, rows, fields, arguments, holes, address: &address, query, hostility })
            }
        }
    }

    /// An answer as a strike leaves it.
    fn struck(&self, reply: Reply, strike: Option<&Strike>) -> Answer {
        let Some(strike) = strike else { return reply.into() };
        Answer { wire: strike.wire(), ..strike.body(reply, self.api.client.max_response_bytes).into() }
    }

    fn victim(&self, target: Target) -> Victim<'_> {
        match target {
            Target::Resource(at) => match self.api.resources.get(at).filter(|resource| resource.job.is_none()) {
                Some(resource) => Victim::List(resource, self.api.types.fields(&resource.source).unwrap_or_default()),
                None => Victim::Call,
            },
            _ => Victim::Call,
        }
    }

    /// What the service does on purpose, if it is hostile.
    pub(super) fn storm(&self) -> Option<&Storm> {
        self.storm.as_ref()
    }

    /// What another origin was sent.
    pub(super) fn strays(&self) -> Vec<Stray> {
        self.storm.as_ref().map(Storm::strays).unwrap_or_default()
    }

    /// The names of the scenarios that struck, in order.
    pub(super) fn struck_by(&self) -> Vec<&'static str> {
        self.storm.as_ref().map(Storm::struck).unwrap_or_default()
    }

    /// The numbers of a resource's records that were not there throughout.
    pub(super) fn passing(&self, resource: &str) -> BTreeSet<u64> {
        let at = self.api.resources.iter().position(|held| held.operation.name.value == resource);
        self.storm.as_ref().zip(at).map(|(storm, at)| storm.passing(at)).unwrap_or_default()
    }

    /// How long it keeps still where it stalls.
    pub(super) fn stall(&self) -> Duration {
        self.storm.as_ref().map_or(Duration::ZERO, |storm| storm.stall)
    }

    /// Takes down what was sent to another origin.
    pub(super) fn stray(&self, request: &Request<Bytes>) {
        if let Some(storm) = &self.storm {
            storm.stray(request);
        }
    }

    /// A value that fits the response of an operation.
    fn value(&self, operation: &Operation, at: usize) -> Reply {
        let Some(ty) = &operation.response else { return Reply::empty() };
        let seed = seed_of(self.seed, &operation.name).wrapping_add(at as u64);
        match operation.answer {
            Payload::Json => {
                let mut text = String::new();
                Mould::new(&self.api.types, ty, &[], &[], seed).fill(&mut text, |_, _| {});
                Reply::json(200, text)
            }
            Payload::Text => Reply::of("text/plain; charset=utf-8", format!("text {seed}")),
            Payload::Bytes => Reply::of("application/octet-stream", seed.to_be_bytes().to_vec()),
        }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self { reply, fault: None, wire: None }
    }
}

/// The answer as the file that an operation gives, which is itself packed. Zstandard is left out: what it packs may come plain.
fn as_file(reply: Reply, operation: &Operation) -> Reply {
    match operation.packed {
        Some(Compression::Gzip) if reply.status == 200 => Reply { body: packing::gzip(&reply.body).into(), ..reply },
        _ => reply,
    }
}

fn too_many() -> Reply {
    Reply::error(429, "too_many_requests", "Global limit has been reached")
}

fn with_retry_after(reply: Reply, seconds: Option<&str>) -> Reply {
    match seconds {
        Some(seconds) => reply.with("retry-after", seconds),
        None => reply,
    }
}
