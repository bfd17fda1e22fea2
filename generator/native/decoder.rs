//! What responses are packed with and what the records in them are written as.

use super::Lowering;
use super::node::Node;
use crate::codes::Code;
use crate::model::Compression;

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
}

/// What a word stands for; `none` is no packing.
fn compression(node: &Node) -> Option<Compression> {
    let all = [Compression::Gzip, Compression::Zstd, Compression::Brotli];
    all.into_iter().find(|compression| node.text() == Some(compression.as_str()))
}
