//! What the records of a list are written as.

use super::Spanned;

/// What the records of a list are written as.
#[derive(Clone, Debug)]
pub enum Decoder {
    /// A JSON document.
    Json,
    /// A JSON text on each line.
    Ndjson,
    /// CSV.
    Csv(Csv),
}

impl Decoder {
    /// Its name, for people.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Ndjson => "NDJSON",
            Self::Csv(_) => "CSV",
        }
    }
}

/// How CSV is written.
#[derive(Clone, Debug)]
pub struct Csv {
    /// The byte between two values.
    pub separator: u8,
    /// The byte around values that hold separators or line ends.
    pub quote: u8,
    /// The names of the columns; where there are none, the first row gives them.
    pub columns: Vec<Spanned<String>>,
}
