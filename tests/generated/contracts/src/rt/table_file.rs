//! Files that rows are written to.
#![cfg(feature = "load")]

use std::fs::File;
use std::io::BufWriter;

use arrow_array::RecordBatch;
use arrow_json::LineDelimitedWriter;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::rt::destination::failed;
use crate::rt::error::Result;

/// How many bytes of rows a row group has, before they are packed.
const GROUP: usize = 64 << 20;

/// A form of files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Apache Parquet, packed with Snappy.
    Parquet,
    /// A JSON object a line.
    Jsonl,
    /// Comma-separated values, with a line of names.
    Csv,
}

impl Format {
    /// What the names of its files end with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}

/// A file that is being written.
pub(crate) struct TableFile {
    rows: u64,
    writer: Form,
}

enum Form {
    Parquet(Box<ArrowWriter<File>>),
    Jsonl(LineDelimitedWriter<BufWriter<File>>),
    Csv(Box<arrow_csv::Writer<BufWriter<File>>>),
}

impl TableFile {
    /// In a file that is empty.
    pub(crate) fn create(file: File, format: Format, schema: &SchemaRef) -> Result<Self> {
        let writer = match format {
            Format::Parquet => {
                let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
                Form::Parquet(Box::new(ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(failed)?))
            }
            Format::Jsonl => Form::Jsonl(LineDelimitedWriter::new(BufWriter::new(file))),
            Format::Csv => Form::Csv(Box::new(arrow_csv::Writer::new(BufWriter::new(file)))),
        };
        Ok(Self { rows: 0, writer })
    }

    /// Appends rows.
    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        self.rows += rows.num_rows() as u64;
        match &mut self.writer {
            Form::Parquet(writer) => {
                writer.write(rows).map_err(failed)?;
                if writer.in_progress_size() > GROUP {
                    writer.flush().map_err(failed)?;
                }
                Ok(())
            }
            Form::Jsonl(writer) => writer.write(rows).map_err(failed),
            Form::Csv(writer) => writer.write(rows).map_err(failed),
        }
    }

    /// Ends it. How many rows it has, and the file.
    pub(crate) fn close(self) -> Result<(u64, File)> {
        let file = match self.writer {
            Form::Parquet(writer) => writer.into_inner().map_err(failed)?,
            Form::Jsonl(mut writer) => {
                writer.finish().map_err(failed)?;
                flushed(writer.into_inner())?
            }
            Form::Csv(writer) => flushed(writer.into_inner())?,
        };
        Ok((self.rows, file))
    }
}

fn flushed(buffer: BufWriter<File>) -> Result<File> {
    buffer.into_inner().map_err(failed)
}
