//! Operations that do not list records.

use super::Lowering;
use super::node::{Member, Node};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::draft::DraftOperation;

/// Keys of an endpoint that only a list of records has a use for.
const FOR_LISTS: &[&str] = &["data_selector", "paginator", "incremental", "decoder", "fields_param", "job"];

impl Lowering<'_> {
    /// Reads the list of operations.
    pub fn operations(&mut self, node: &Node) -> Vec<DraftOperation> {
        node.items().iter().filter_map(|item| self.operation(item)).collect()
    }

    fn operation(&mut self, node: &Node) -> Option<DraftOperation> {
        let name = node.get("name").and_then(|name| self.item_name(name, "an operation"))?;
        let endpoint = match node.get("endpoint") {
            Some(path) if path.scalar().is_some() => {
                Node::map(path.span, vec![Member { key: "path".to_owned(), span: path.span, node: path.clone() }])
            }
            Some(endpoint) => endpoint.clone(),
            None => Node::map(name.span, Vec::new()),
        };
        for member in endpoint.members().iter().filter(|member| FOR_LISTS.contains(&member.key.as_str())) {
            let message = format!("`{}` on an operation, which does not list records", member.key);
            let diagnostic = Diagnostic::new(Code::Contradiction, member.span, &[&message]);
            self.diagnostics.push(diagnostic.help("make it a resource, or remove the key"));
        }
        let mut operation = self.endpoint(&endpoint, &name).operation;
        operation.description = node.text_of("description");
        Some(DraftOperation { operation, response: node.get("response").map(|response| self.type_of_schema(response)) })
    }
}
