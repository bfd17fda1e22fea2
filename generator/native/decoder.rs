//! What responses are packed with, and what the records in them are written as.

use super::Lowering;
use super::node::Node;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Compression, Csv, Decoder, Spanned};

impl Lowering<'_> {
    /// The encodings that are asked for.
    pub fn compressions(&mut self, node: &Node) -> Vec<Compression> {
        let mut found = Vec::new();
        let items = node.one_or_many();
        for item in items {
            match compression(item) {
                None if items.len() > 1 => self.diagnostics.report(Code::EncodingsBesideNone, item.span, &[]),
                Some(name) if found.contains(&name) => {
                    self.diagnostics.report(Code::DuplicateValue, item.span, &[name.as_str()]);
                }
                name => found.extend(name),
            }
        }
        found
    }

    /// What the records of a list are written as.
    pub fn decoder(&mut self, node: Option<&Node>, name: &Spanned<String>) -> Spanned<Decoder> {
        let Some(node) = node else { return Spanned::new(Decoder::Json, name.span) };
        let decoder = match node.get("type").and_then(Node::text) {
            Some("ndjson") => Decoder::Ndjson,
            Some("csv") => Decoder::Csv(self.csv(node)),
            _ => Decoder::Json,
        };
        Spanned::new(decoder, node.span)
    }

    fn csv(&mut self, node: &Node) -> Csv {
        let separator = self.sign(node, "separator", b',');
        let quote = self.sign(node, "quote", b'"');
        if separator == quote {
            let sign = char::from(quote).to_string();
            self.diagnostics.report(Code::SeparatorIsQuote, node.span, &[&sign]);
        }
        let mut columns: Vec<Spanned<String>> = Vec::new();
        for column in node.get("columns").map(Node::items).unwrap_or_default().iter().filter_map(Node::spanned) {
            if columns.iter().any(|other| other.value == column.value) {
                self.diagnostics.report(Code::DuplicateValue, column.span, &[&column]);
            } else {
                columns.push(column);
            }
        }
        Csv { separator, quote, columns }
    }

    /// A sign between or around values.
    fn sign(&mut self, node: &Node, key: &str, default: u8) -> u8 {
        let Some((text, span)) = node.get(key).and_then(|node| Some((node.text()?, node.span))) else { return default };
        match text.as_bytes() {
            [sign] if sign.is_ascii() && !matches!(sign, b'\r' | b'\n') => *sign,
            _ => {
                let bad = Diagnostic::new(Code::BadSign, span, &[key, text]);
                self.diagnostics.push(bad.help("write `\",\"`, `\";\"`, `\"|\"` or, for a tab, `\"\\t\"`"));
                default
            }
        }
    }
}

/// What a word stands for; `none` is no packing.
pub fn compression(node: &Node) -> Option<Compression> {
    let all = [Compression::Gzip, Compression::Zstd, Compression::Brotli];
    all.into_iter().find(|compression| node.text() == Some(compression.as_str()))
}
