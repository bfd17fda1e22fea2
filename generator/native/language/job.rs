//! Resources that the service collects in its own time: a job is started, asked how it goes, and gives files.

use super::decoder::{DECODER, FILE_COMPRESSIONS};
use super::endpoint::PARAM_KIND;
use super::{Key, Kind, Section};

/// A job.
pub static JOB: Section = Section {
    name: "`job`",
    doc: "The records come as files of a job, which the service does in its own time: it is started, asked how it goes, and its files are downloaded. In all but `create`, `{job.id}` is the id of the job.",
    keys: &[
        Key::new(
            "create",
            Kind::Section(&CREATE),
            "The request that starts a job; without it the caller names a job that is there already.",
        ),
        Key::new("poll", Kind::Section(&POLL), "The request that asks how the job goes.").required(),
        Key::new("download", Kind::Section(&DOWNLOAD), "Where the files are, and what is in them.").required(),
        Key::new(
            "cleanup",
            Kind::Section(&CLEANUP),
            "The request that removes the job, once its files are read or it has failed. That it fails is noted and hides nothing.",
        ),
    ],
};

const PATH: Key = Key::new("path", Kind::Text, "The path below the base URL.").required().example("\"/jobs/{job.id}\"");
const METHOD: Key = Key::new("method", Kind::Text, "The HTTP method; `GET` where it is absent.").example("POST");
const PARAMS: Key = Key::new("params", Kind::Map(&PARAM_KIND), "What is sent in the query.");
const HEADERS: Key = Key::new("headers", Kind::Map(&Kind::Text), "Headers of this request alone.").example("{X-Region: eu}");
const JSON: Key = Key::new("json", Kind::Json, "A JSON body, as under `endpoint`.").example("{format: json}");
const DATA: Key = Key::new("data", Kind::Map(&PARAM_KIND), "Fields of a form body.");

static CREATE: Section = Section {
    name: "`create`",
    doc: "The request that starts a job. It is never repeated where the service may have done what it was asked.",
    keys: &[
        Key::new("path", Kind::Text, "The path below the base URL.").required().example("/jobs/users-exports"),
        Key::new("method", Kind::Text, "The HTTP method; `POST` where it is absent.").example("PUT"),
        PARAMS,
        HEADERS,
        JSON,
        DATA,
        Key::new(
            "idempotent",
            Kind::Boolean,
            "Whether the request may be repeated without starting a second job; `false` where it is absent.",
        )
        .example("true"),
        Key::new(
            "idempotency_header",
            Kind::Text,
            "The header that carries a key by which the service knows a repeated request, so that it may be repeated.",
        )
        .example("Idempotency-Key"),
        Key::new("id_path", Kind::Text, "Where the id of the job is in the answer.").required().example("id"),
    ],
};

static POLL: Section = Section {
    name: "`poll`",
    doc: "The request that asks how the job goes, and what the answer means.",
    keys: &[
        PATH,
        METHOD,
        PARAMS,
        HEADERS,
        JSON,
        DATA,
        Key::new("status_path", Kind::Text, "Where the status is in the answer.").required().example("status"),
        Key::new("statuses", Kind::Section(&STATUSES), "What each status means; another one is an error.").required(),
        Key::new("progress_path", Kind::Text, "Where the answer says how far the job has come.").example("percentage_done"),
        Key::new("error_path", Kind::Text, "Where the answer says why the job failed.").example("error.message"),
        Key::new("interval", Kind::Duration, "The wait before the first time; `1s` where it is absent.")
            .aliases(&["initial_interval", "min_interval"])
            .example("2s"),
        Key::new("backoff_factor", Kind::Number, "What a wait is multiplied with for the next one; 1.5 where it is absent.")
            .example("2"),
        Key::new("max_interval", Kind::Duration, "The longest wait; `30s` where it is absent.").example("1m"),
        Key::new(
            "timeout",
            Kind::Duration,
            "How long a run waits for its job in all, then it fails and can be resumed; `1h` where it is absent.",
        )
        .example("6h"),
    ],
};

static STATUSES: Section = Section {
    name: "`statuses`",
    doc: "What the statuses of a job mean, as the service writes them.",
    keys: &[
        Key::new("running", Kind::List(&Kind::Text), "The service is at work, or has yet to begin.")
            .example("[pending, processing]"),
        Key::new("completed", Kind::List(&Kind::Text), "The files are there.").required().example("[completed]"),
        Key::new("failed", Kind::List(&Kind::Text), "There will be no files.").example("[failed, aborted]"),
    ],
};

static DOWNLOAD: Section = Section {
    name: "`download`",
    doc: "Where the files of a job are, and what is in them. Credentials go to the API's own origin alone; a link that has expired is replaced by asking for the job again.",
    keys: &[
        Key::new("url_path", Kind::Text, "Where the address of the file is in the answer of `poll`: a text, or a list of them.")
            .required()
            .example("location"),
        Key::new(
            "allowed_hosts",
            Kind::Either(&[Kind::Text, Kind::List(&Kind::Text)]),
            "The hosts that files may be at besides the API's own, always with https: `files.example.com`, `*.example.com` for every host below that one, or `any`.",
        )
        .example("[\"*.s3.amazonaws.com\"]"),
        Key::new("decoder", Kind::Tagged(&DECODER), "What the records are written as; `json` where it is absent.")
            .example("ndjson"),
        Key::new(
            "data_selector",
            Kind::Text,
            "Where the records are in a JSON file; the whole file where it is absent.",
        )
        .example("users"),
        Key::new(
            "compression",
            Kind::Word(FILE_COMPRESSIONS),
            "What the file itself is packed with, where no header says so.",
        )
        .example("gzip"),
    ],
};

static CLEANUP: Section = Section {
    name: "`cleanup`",
    doc: "The request that removes a job.",
    keys: &[
        PATH,
        Key::new("method", Kind::Text, "The HTTP method; `DELETE` where it is absent.").example("POST"),
        PARAMS,
        HEADERS,
        JSON,
        DATA,
    ],
};
