//! How a later run goes on from an earlier one.

use super::Lowering;
use super::node::Node;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{CursorOrder, Incremental, Path, Spanned};

/// An incremental cursor, and what the spec says about its order.
pub struct Cursor {
    /// The cursor.
    pub incremental: Spanned<Incremental>,
    /// How two of them compare; from the field's type where it is not said.
    pub order: Option<CursorOrder>,
    /// Whether only the parameter is known: the rest stands under `incremental`.
    is_start_only: bool,
}

impl Cursor {
    /// A parameter that takes the cursor which `incremental` describes.
    pub fn start(param: Spanned<String>) -> Self {
        let span = param.span;
        let incremental = Incremental {
            cursor: Spanned::new(Path::default(), span),
            start_param: param,
            initial_value: None,
            end_param: None,
            end_value: None,
            ordered: false,
            order: CursorOrder::Text,
        };
        Self { incremental: Spanned::new(incremental, span), order: None, is_start_only: true }
    }
}

impl Lowering<'_> {
    /// Joins what `incremental` says with what a parameter says.
    pub fn incremental(&mut self, node: Option<&Node>, from_param: Option<Cursor>) -> Option<Cursor> {
        let Some(node) = node else {
            return match from_param {
                Some(cursor) if cursor.is_start_only => {
                    let span = cursor.incremental.start_param.span;
                    let missing = Diagnostic::new(Code::MissingKey, span, &["this endpoint", "incremental"]);
                    self.diagnostics.push(missing.help("say where the cursor is: `incremental: {cursor_path: updated_at}`"));
                    None
                }
                other => other,
            };
        };
        match from_param {
            Some(cursor) if !cursor.is_start_only => {
                let second = Diagnostic::new(Code::TwoIncrementals, node.span, &[]);
                self.diagnostics.push(second.also(cursor.incremental.start_param.span, "the first"));
                Some(cursor)
            }
            Some(start) => self.cursor(node, start.incremental.value.start_param),
            None => {
                let Some(param) = node.get("start_param").and_then(Node::spanned) else {
                    let missing = Diagnostic::new(Code::MissingKey, node.span, &["`incremental`", "start_param"]);
                    self.diagnostics
                        .push(missing.help("name the parameter that asks for records from the cursor on: `start_param: since`"));
                    return None;
                };
                self.cursor(node, param)
            }
        }
    }

    /// Reads a cursor that a parameter takes.
    pub fn cursor(&mut self, node: &Node, start_param: Spanned<String>) -> Option<Cursor> {
        let cursor = self.path_of(node, "cursor_path")?;
        let end_param = node.text_of("end_param");
        let end_value = self.template_of(node, "end_value");
        if let (Some(value), None) = (&end_value, &end_param) {
            self.diagnostics.report(Code::EndWithoutParam, value.span, &[]);
        }
        let incremental = Incremental {
            cursor,
            start_param,
            initial_value: self.template_of(node, "initial_value"),
            end_param,
            end_value,
            ordered: node.get("row_order").and_then(Node::text) == Some("asc"),
            order: CursorOrder::Text,
        };
        let order = node.get("format").and_then(Node::text).map(order);
        Some(Cursor { incremental: Spanned::new(incremental, node.span), order, is_start_only: false })
    }
}

fn order(format: &str) -> CursorOrder {
    match format {
        "iso" => CursorOrder::Timestamp,
        "epoch" | "epoch_ms" | "integer" => CursorOrder::Number,
        _ => CursorOrder::Text,
    }
}
