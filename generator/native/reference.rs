//! `$ref`: a schema of an OpenAPI document that lies beside the spec.

use super::Lowering;
use super::node::Node;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::draft::TypeExpr;

impl Lowering<'_> {
    /// The type that a reference such as `management.json#/components/schemas/User` leads to.
    pub fn reference(&mut self, node: &Node) -> TypeExpr {
        let text = node.text().unwrap_or_default();
        self.diagnostics.push(Diagnostic::new(Code::BadReference, node.span, &[&format!("`{text}` cannot be followed yet")]));
        TypeExpr::json(node.span)
    }
}
