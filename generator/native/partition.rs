//! What a resource is read for.

use super::Lowering;
use super::node::{Member, Node};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Condition, Hole, List, ListValues, Parent, PartitionBy, Spanned, Template, Test};

impl Lowering<'_> {
    /// Reads what a resource is read for, the outermost first.
    pub fn partitions(&mut self, node: Option<&Node>) -> Vec<PartitionBy> {
        let items = node.map(Node::one_or_many).unwrap_or_default();
        items.iter().filter_map(|item| self.partition(item)).collect()
    }

    fn partition(&mut self, node: &Node) -> Option<PartitionBy> {
        match node.get("type").and_then(Node::text)? {
            "list" => self.list(node).map(PartitionBy::List),
            _ => self.parent(node).map(PartitionBy::Parent),
        }
    }

    fn list(&mut self, node: &Node) -> Option<List> {
        let name = self.item_name(node.get("name")?, "a list")?;
        let values = node.get("values")?;
        if values.scalar().is_some() {
            let text = self.value_text(values);
            return Some(List { name, fields: Vec::new(), values: ListValues::Split(text) });
        }
        let items = values.items();
        if items.is_empty() {
            self.diagnostics.report(Code::EmptyList, values.span, &[&name]);
        }
        let mut fields: Vec<String> =
            items.first().map(Node::members).unwrap_or_default().iter().map(|member| member.key.clone()).collect();
        fields.sort();
        let mut given: Vec<Vec<Template>> = Vec::new();
        for item in items {
            if let Some(value) = self.list_value(item, &fields, &name) {
                self.add_value(value, item, &mut given);
            }
        }
        Some(List { name, fields, values: ListValues::Given(given) })
    }

    /// A value of a list: a text for each field, or the one that it is.
    fn list_value(&mut self, item: &Node, fields: &[String], name: &Spanned<String>) -> Option<Vec<Template>> {
        let mut own: Vec<&Member> = item.members().iter().filter(|member| !member.node.is_null()).collect();
        own.sort_by(|a, b| a.key.cmp(&b.key));
        if item.scalar().is_some() == fields.is_empty() && own.iter().map(|member| &member.key).eq(fields) {
            for member in &own {
                let field = Spanned::new(member.key.clone(), member.span);
                self.check_item_name(&field, "a field of a list");
            }
            let nodes: Vec<&Node> = if fields.is_empty() { vec![item] } else { own.iter().map(|member| &member.node).collect() };
            return Some(nodes.into_iter().map(|node| self.value_text(node)).collect());
        }
        let odd = Diagnostic::new(Code::UnevenList, item.span, &[name]);
        self.diagnostics.push(if fields.is_empty() {
            odd.help("the values before it are texts")
        } else {
            odd.help(format!("the values before it have the fields {}", fields.join(", ")))
        });
        None
    }

    fn add_value(&mut self, value: Vec<Template>, item: &Node, given: &mut Vec<Vec<Template>>) {
        let texts = |value: &[Template]| value.iter().map(Template::to_runtime).collect::<Vec<_>>();
        if given.iter().any(|other| texts(other) == texts(&value)) {
            self.diagnostics.report(Code::DuplicateValue, item.span, &[&texts(&value).join(", ")]);
        } else {
            given.push(value);
        }
    }

    /// A text that holds nothing but inputs: lists are known before anything is read.
    fn value_text(&mut self, node: &Node) -> Template {
        let text = self.template(node);
        if let Some(hole) = text.holes().find(|hole| !matches!(hole, Hole::Input(_))) {
            let span = text.place_of(hole, self.sources);
            let message = "takes a list from what is only known while it is read";
            self.diagnostics
                .push(Diagnostic::new(Code::BadTemplate, span, &[message]).help("a list is made of texts and inputs"));
        }
        text
    }

    fn parent(&mut self, node: &Node) -> Option<Parent> {
        let resource = node.get("resource")?.spanned()?;
        let members = node.get("where").map(Node::members).unwrap_or_default();
        let conditions = members.iter().filter(|member| !member.node.is_null()).filter_map(|member| self.condition(member));
        Some(Parent { resource, conditions: conditions.flatten().collect() })
    }

    /// The conditions on one field.
    fn condition(&mut self, member: &Member) -> Option<Vec<Condition>> {
        let field = self.path(&Node::text_at(&member.key, member.span))?;
        let (node, values) = (&member.node, |node: &Node| node.one_or_many().iter().filter_map(Node::spanned).collect());
        let tests: Vec<Test> = if node.members().is_empty() {
            vec![Test::In(values(node))]
        } else {
            let test = |member: &Member| match member.key.as_str() {
                "equals" | "in" => Some(Test::In(values(&member.node))),
                "not_equals" | "not_in" => Some(Test::NotIn(values(&member.node))),
                _ => member.node.boolean().map(|is_null| if is_null { Test::Null } else { Test::NotNull }),
            };
            node.members().iter().filter(|member| !member.node.is_null()).filter_map(test).collect()
        };
        Some(tests.into_iter().map(|test| Condition { field: field.clone(), test }).collect())
    }
}
