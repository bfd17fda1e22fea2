//! `read`: the rows of a resource on standard output.
#![cfg(feature = "cli")]

use std::io::{self, Write as _};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_csv::WriterBuilder;
use arrow_ipc::writer::StreamWriter;
use arrow_json::LineDelimitedWriter;
use arrow_schema::SchemaRef;

use crate::rt::core::Core;
use crate::rt::destination::{Progress, failed};
use crate::rt::error::Result;
use crate::rt::load::{self, Options, Source};

/// How many rows are printed at a time, at least.
const ROWS: usize = 1 << 10;

/// The forms by their names.
pub(crate) const FORMS: [&str; 3] = ["json", "csv", "arrow"];

/// Prints the rows of a resource, as many as the options allow.
pub(crate) async fn read(core: Arc<Core>, source: &Source, options: &Options, form: &str) -> Result<()> {
    let settings = load::settings(core, source, &Progress::default(), options)?;
    let mut left = options.limit.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let mut feed = source.open(settings);
    let gathering = feed.gathering();
    gathering.most = left.clamp(1, ROWS);
    if form == "csv" {
        // Lists and records within records have no place in it: they are JSON texts.
        gathering.levels(0);
    }
    let mut encoder = Encoder::new(form, Arc::clone(&gathering.schema))?;
    while left > 0
        && let Some(batch) = feed.try_next().await?
    {
        let rows = batch.records.slice(0, batch.records.num_rows().min(left));
        left -= rows.num_rows();
        if !print(&encoder.encode(&rows)?)? {
            return Ok(());
        }
    }
    print(&encoder.finish()?).map(drop)
}

/// Prints bytes. False if whoever reads them wants no more.
fn print(bytes: &[u8]) -> Result<bool> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// Makes bytes of rows.
enum Encoder {
    /// A JSON object a line.
    Json,
    /// Lines of values, under a line of names that comes first.
    Csv { names: Option<SchemaRef> },
    /// A stream of Arrow's own format.
    Arrow(Box<StreamWriter<Vec<u8>>>),
}

impl Encoder {
    fn new(form: &str, schema: SchemaRef) -> Result<Self> {
        Ok(match form {
            "csv" => Self::Csv { names: Some(schema) },
            "arrow" => Self::Arrow(Box::new(StreamWriter::try_new(Vec::new(), &schema).map_err(failed)?)),
            _ => Self::Json,
        })
    }

    fn encode(&mut self, rows: &RecordBatch) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self {
            Self::Json => {
                let mut writer = LineDelimitedWriter::new(&mut bytes);
                writer.write(rows).and_then(|()| writer.finish()).map_err(failed)?;
            }
            Self::Csv { names } => {
                let mut writer = WriterBuilder::new().with_header(names.take().is_some()).build(&mut bytes);
                writer.write(rows).map_err(failed)?;
            }
            Self::Arrow(writer) => {
                writer.write(rows).map_err(failed)?;
                std::mem::swap(&mut bytes, writer.get_mut());
            }
        }
        Ok(bytes)
    }

    /// What comes after the last rows.
    fn finish(&mut self) -> Result<Vec<u8>> {
        match self {
            Self::Csv { names: Some(schema) } => {
                let none = RecordBatch::new_empty(Arc::clone(schema));
                self.encode(&none)
            }
            Self::Json | Self::Csv { names: None } => Ok(Vec::new()),
            Self::Arrow(writer) => {
                writer.finish().map_err(failed)?;
                Ok(std::mem::take(writer.get_mut()))
            }
        }
    }
}
