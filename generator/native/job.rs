//! Jobs: the requests that start, ask for and remove one, and its files.

use super::Lowering;
use super::client::duration_of;
use super::decoder::compression;
use super::endpoint::Endpoint;
use super::node::{Content, Member, Node, Scalar, ScalarKind};
use super::template::JOB_ID;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Body, Hole, Hosts, Job, Json, Operation, ParamValue, Path, Segment, Spanned, Template, TemplatePart, Waits};

/// What an endpoint may say besides its job.
const BESIDE: &[&str] = &["job", "headers", "auth", "response_actions", "retry", "weight"];

/// What an endpoint says of every request of its job; its headers are for all of them as well.
const SHARED: &[&str] = &["auth", "response_actions", "retry", "weight"];

impl Lowering<'_> {
    /// Warns of what stands beside a job and has no effect. What comes from defaults is passed over in silence.
    pub fn check_beside_job(&mut self, resource: &Node) {
        let Some(endpoint) = resource.get("endpoint").filter(|endpoint| endpoint.get("job").is_some()) else { return };
        for member in endpoint.members().iter().filter(|member| !BESIDE.contains(&member.key.as_str())) {
            self.diagnostics.report(Code::BesideJob, member.span, &[&member.key]);
        }
    }

    /// Reads a resource with a job: its endpoint is the request that starts one, or else the one that asks for it.
    pub fn job(&mut self, endpoint: &Node, node: &Node, name: &Spanned<String>) -> Option<(Endpoint, Job)> {
        let (poll_node, download) = (node.get("poll")?, node.get("download")?);
        let create = node.get("create").map(|create| {
            let mut request = self.job_request(endpoint, create, "POST", name);
            // Whatever its method: to start a job twice is no harmless thing.
            request.operation.idempotent = create.boolean_of("idempotent").unwrap_or(false);
            (request, self.path_of(create, "id_path"))
        });
        let arguments = create.as_ref().map(|(request, _)| arguments(&request.operation)).unwrap_or_default();
        let mut poll = self.request_about_job(endpoint, poll_node, ("poll", "GET"), &arguments, create.is_some(), name);
        let asking = poll.operation.clone();
        let cleanup = node
            .get("cleanup")
            .map(|node| self.request_about_job(endpoint, node, ("cleanup", "DELETE"), &arguments, true, name).operation);
        let (mut own, id) = create.unwrap_or_else(|| {
            poll.operation.name = name.clone();
            (poll, None)
        });
        own.decoder = self.decoder(download.get("decoder"), name);
        own.selectors = vec![self.file_selector(download, name)];
        let statuses = poll_node.get("statuses");
        let words = |key| statuses.and_then(|node| node.get(key)).map(Node::items).unwrap_or_default();
        let [running, completed, failed] =
            ["running", "completed", "failed"].map(|key| words(key).iter().filter_map(Node::spanned).collect::<Vec<_>>());
        self.check_statuses(running.iter().chain(&completed).chain(&failed));
        let job = Job {
            span: node.span,
            id,
            status: self.path_of(poll_node, "status_path").map(|path| path.value).unwrap_or_default(),
            running,
            completed,
            failed,
            progress: self.path_of(poll_node, "progress_path").map(|path| path.value),
            error: self.path_of(poll_node, "error_path").map(|path| path.value),
            waits: self.waits(poll_node),
            poll: asking,
            files: self.path_of(download, "url_path").map(|path| path.value).unwrap_or_default(),
            hosts: self.hosts(download.get("allowed_hosts")),
            packed: download.get("compression").and_then(compression),
            cleanup,
        };
        Some((own, job))
    }

    /// Reads a request of a job.
    fn job_request(&mut self, endpoint: &Node, node: &Node, method: &str, name: &Spanned<String>) -> Endpoint {
        let mut members = node.members().to_vec();
        if node.lacks("method") {
            let scalar = Scalar { text: method.to_owned(), at: None, kind: ScalarKind::Text };
            let node = Node { span: node.span, content: Content::Scalar(scalar) };
            members.push(Member { key: "method".to_owned(), span: node.span, node });
        }
        members.extend(endpoint.members().iter().filter(|member| SHARED.contains(&member.key.as_str())).cloned());
        let mut read = self.endpoint(&Node::map(node.span, members), name);
        for (header, value) in self.headers(endpoint.get("headers")) {
            if !read.operation.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(&header)) {
                read.operation.headers.push((header, value));
            }
        }
        read
    }

    /// Reads a request about a job that is there. Where another request starts it, the caller's arguments are for that one, and
    /// only fill holes in this one.
    fn request_about_job(
        &mut self,
        endpoint: &Node,
        node: &Node,
        (key, method): (&str, &str),
        arguments: &[String],
        is_second: bool,
        name: &Spanned<String>,
    ) -> Endpoint {
        let named = Spanned::new(format!("{}.{key}", name.value), name.span);
        self.lent = arguments.iter().cloned().chain([JOB_ID.to_owned()]).collect();
        let mut read = self.job_request(endpoint, node, method, &named);
        read.operation.idempotent = true;
        let lent = std::mem::take(&mut self.lent);
        templates_mut(&mut read.operation).for_each(|template| lend(template, &lent));
        let is_about_job = |template: &Template| template.holes().any(|hole| hole.name() == JOB_ID);
        if !read.operation.templates().any(is_about_job) {
            self.diagnostics.report(Code::NoJobId, node.span, &[&format!("`{key}`")]);
        }
        for param in read.operation.params.iter().filter(|_| is_second) {
            if let ParamValue::Argument { default: None, .. } = param.value {
                self.diagnostics.report(Code::JobArgument, param.name.span, &[&param.name, key]);
            }
        }
        read
    }

    /// Where the records are in a JSON file, which is read as it comes.
    fn file_selector(&mut self, download: &Node, name: &Spanned<String>) -> Spanned<Path> {
        let Some(path) = self.path_of(download, "data_selector") else { return Spanned::new(Path::default(), name.span) };
        if path.value.0.iter().any(|segment| matches!(segment, Segment::Index(_))) {
            self.diagnostics.report(Code::IndexInFile, path.span, &[&path.value.to_string()]);
        }
        path
    }

    /// No status means two things.
    fn check_statuses<'w>(&mut self, words: impl Iterator<Item = &'w Spanned<String>>) {
        let mut seen: Vec<&Spanned<String>> = Vec::new();
        for word in words {
            match seen.iter().find(|other| other.value == word.value) {
                Some(first) => {
                    let twice = Diagnostic::new(Code::StatusTwice, word.span, &[word]);
                    self.diagnostics.push(twice.also(first.span, "first given here"));
                }
                None => seen.push(word),
            }
        }
    }

    fn waits(&mut self, node: &Node) -> Waits {
        let default = Waits::default();
        let first_ms = duration_of(node, "interval").unwrap_or(default.first_ms);
        let waits = Waits {
            first_ms,
            factor: self.backoff_factor(node).unwrap_or(default.factor),
            longest_ms: duration_of(node, "max_interval").unwrap_or(default.longest_ms.max(first_ms)),
            deadline_ms: duration_of(node, "timeout").unwrap_or(default.deadline_ms),
        };
        let mut refuse = |key: &str, why: &str| {
            if let Some(member) = node.member(key) {
                self.diagnostics.report(Code::BadJobWait, member.node.span, &[key, why]);
            }
        };
        if waits.first_ms == 0 {
            refuse("interval", "is nothing, so that the service would be asked without a pause");
        }
        if waits.longest_ms < waits.first_ms {
            refuse("max_interval", "is shorter than `interval`");
        }
        if waits.deadline_ms <= waits.first_ms {
            refuse("timeout", "is over before the job is asked for");
        }
        waits
    }

    fn hosts(&mut self, node: Option<&Node>) -> Hosts {
        let Some(node) = node else { return Hosts::Only(Vec::new()) };
        if node.text() == Some("any") {
            return Hosts::Any;
        }
        let mut hosts = Vec::new();
        for item in node.one_or_many() {
            let Some(host) = item.text() else { continue };
            if is_host_pattern(host) {
                hosts.push(host.to_ascii_lowercase());
            } else {
                self.diagnostics.report(Code::BadFileHost, item.span, &[host]);
            }
        }
        Hosts::Only(hosts)
    }
}

/// The names of what the caller gives.
fn arguments(operation: &Operation) -> Vec<String> {
    let arguments = operation.params.iter().filter(|param| matches!(param.value, ParamValue::Argument { .. }));
    arguments.map(|param| param.name.value.clone()).collect()
}

/// Every text with holes.
fn templates_mut(operation: &mut Operation) -> impl Iterator<Item = &mut Template> {
    let params = operation.params.iter_mut().filter_map(|param| match &mut param.value {
        ParamValue::Fixed(value) => Some(value),
        ParamValue::Argument { default, .. } => default.as_mut(),
    });
    let mut body = Vec::new();
    if let Body::Json(document) = &mut operation.body {
        json_templates_mut(document, &mut body);
    }
    let headers = operation.headers.iter_mut().map(|(_, value)| value);
    std::iter::once(&mut operation.path).chain(params).chain(headers).chain(body)
}

fn json_templates_mut<'j>(json: &'j mut Json, found: &mut Vec<&'j mut Template>) {
    match json {
        Json::Literal(_) => {}
        Json::Text(template) | Json::Number(template) | Json::Boolean(template) => found.push(template),
        Json::Array(elements) => elements.iter_mut().for_each(|element| json_templates_mut(element, found)),
        Json::Object(members) => members.iter_mut().for_each(|(_, value)| json_templates_mut(value, found)),
    }
}

/// Makes arguments of the holes that are filled by values given elsewhere.
fn lend(template: &mut Template, lent: &[String]) {
    for part in &mut template.parts {
        if let TemplatePart::Hole(hole) = part
            && let Hole::Input(name) = hole
            && lent.contains(name)
        {
            *hole = Hole::Argument(name.clone());
        }
    }
}

/// `files.example.com` or `*.example.com`.
fn is_host_pattern(text: &str) -> bool {
    let host = text.strip_prefix("*.").unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(is_label) && (host.contains('.') || text == host)
}
