//! Steps: what is done with each record before it is given out.

use super::node::{Member, Node};
use super::{Lowering, json_path, type_expr};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftStep, DraftStepKind, TypeExpr, Written};
use crate::expression;
use crate::model::{Cast, Path, Segment, Spanned};

impl Lowering<'_> {
    /// Reads the list of steps. What names several fields is a step for each.
    pub fn steps(&mut self, node: Option<&Node>) -> Vec<DraftStep> {
        let mut steps = Steps { lowering: self };
        node.map(Node::items).unwrap_or_default().iter().flat_map(|item| steps.step(item)).collect()
    }
}

/// The reader of steps.
struct Steps<'s, 'a> {
    lowering: &'s mut Lowering<'a>,
}

impl Steps<'_, '_> {
    fn step(&mut self, node: &Node) -> Vec<DraftStep> {
        let members: Vec<&Member> = node.members().iter().filter(|member| !member.node.is_null()).collect();
        let [member] = members.as_slice() else {
            // What was refused, or is no step at all, has been reported.
            let was_reported = node.members().iter().any(|member| member.node.is_refused())
                || members.is_empty() && self.lowering.diagnostics.has_errors();
            if !was_reported {
                let span = members.get(1).map_or(node.span, |member| member.span);
                self.lowering.diagnostics.report(Code::NotOneStep, span, &[&members.len().to_string()]);
            }
            return Vec::new();
        };
        let kinds = match member.key.as_str() {
            "filter" => self.filter(&member.node),
            "rename" => self.each(member, Self::rename),
            "drop" => self.fields(&member.node).into_iter().map(DraftStepKind::Drop).collect(),
            "set" => self.each(member, Self::set),
            "cast" => self.each(member, Self::cast),
            "explode" => self.explode(&member.node).into_iter().collect(),
            "hash" => self.hash(&member.node),
            "hook" => self.hook(&member.node),
            _ => Vec::new(),
        };
        kinds.into_iter().map(|kind| DraftStep { span: member.span, kind }).collect()
    }

    fn each(&mut self, member: &Member, read: fn(&mut Self, &Member) -> Option<DraftStepKind>) -> Vec<DraftStepKind> {
        member.node.members().iter().filter(|member| !member.node.is_null()).filter_map(|member| read(self, member)).collect()
    }

    fn filter(&mut self, node: &Node) -> Vec<DraftStepKind> {
        self.expression(node).map(DraftStepKind::Filter).into_iter().collect()
    }

    fn rename(&mut self, member: &Member) -> Option<DraftStepKind> {
        let from = self.field_of(&member.key, &|_, _| member.span)?;
        let to = self.field(&member.node)?;
        Some(DraftStepKind::Rename { from, to })
    }

    fn set(&mut self, member: &Member) -> Option<DraftStepKind> {
        let field = self.field_of(&member.key, &|_, _| member.span)?;
        if member.node.scalar().is_some() {
            let value = self.expression(&member.node)?;
            return Some(DraftStepKind::Set { field, value, ty: None });
        }
        let ty = member.node.get("type").map(|node| self.type_of(node))?;
        let value = match member.node.get("value") {
            Some(node) => self.expression(node)?,
            None => Written { text: "null".to_owned(), ast: expression::parse("null").ok()?, span: member.span, at: None },
        };
        Some(DraftStepKind::Set { field, value, ty: Some(ty) })
    }

    fn type_of(&mut self, node: &Node) -> TypeExpr {
        type_expr::parse(node.text().unwrap_or_default(), &|start, end| node.part(start, end)).unwrap_or_else(|error| {
            self.lowering.diagnostics.report(Code::BadType, node.part(error.start, error.end), &[&error.message]);
            TypeExpr::json(node.span)
        })
    }

    fn cast(&mut self, member: &Member) -> Option<DraftStepKind> {
        let field = self.field_of(&member.key, &|_, _| member.span)?;
        let to = match member.node.text()? {
            "integer" => Cast::Integer,
            "number" => Cast::Number,
            "decimal" => Cast::Decimal,
            "boolean" => Cast::Boolean,
            "date-time" => Cast::DateTime,
            "date" => Cast::Date,
            _ => Cast::String,
        };
        Some(DraftStepKind::Cast { field, to })
    }

    fn explode(&mut self, node: &Node) -> Option<DraftStepKind> {
        if node.scalar().is_some() {
            return Some(DraftStepKind::Explode { field: self.field(node)?, keep_empty: false, merge: None });
        }
        let field = self.field(node.get("field")?)?;
        let merge = node.get("as").and_then(Node::spanned);
        Some(DraftStepKind::Explode { field, keep_empty: node.boolean_of("keep_empty").unwrap_or(false), merge })
    }

    fn hash(&mut self, node: &Node) -> Vec<DraftStepKind> {
        let key = node.get("key").is_some().then(|| self.lowering.credential(node, "key", true));
        let fields = if node.members().is_empty() { Some(node) } else { node.get("fields") };
        let fields = fields.map(|fields| self.fields(fields)).unwrap_or_default();
        fields.into_iter().map(|field| DraftStepKind::Hash { field, key: key.clone() }).collect()
    }

    fn hook(&mut self, node: &Node) -> Vec<DraftStepKind> {
        self.lowering.item_name(node, "a hook").map(DraftStepKind::Hook).into_iter().collect()
    }

    /// Reads an expression.
    fn expression(&mut self, node: &Node) -> Option<Written> {
        let text = node.text()?.to_owned();
        match expression::parse(&text) {
            Ok(ast) => Some(Written { text, ast, span: node.span, at: node.scalar().and_then(|scalar| scalar.at) }),
            Err(error) => {
                let bad = Diagnostic::new(Code::BadExpression, node.part(error.start, error.end), &[&error.message]);
                self.lowering.diagnostics.push(match error.help {
                    Some(help) => bad.help(help),
                    None => bad,
                });
                None
            }
        }
    }

    fn fields(&mut self, node: &Node) -> Vec<Spanned<Path>> {
        node.one_or_many().iter().filter_map(|item| self.field(item)).collect()
    }

    fn field(&mut self, node: &Node) -> Option<Spanned<Path>> {
        let field = self.field_of(node.text()?, &|start, end| node.part(start, end))?;
        Some(Spanned::new(field.value, node.span))
    }

    /// A field of the record, or of an object in it.
    fn field_of(&mut self, text: &str, place: &dyn Fn(usize, usize) -> crate::source::Span) -> Option<Spanned<Path>> {
        let (message, start, end) = match json_path::parse(text) {
            Ok(path) if path.0.is_empty() => ("is the whole record; name a field", 0, text.len()),
            Ok(path) if path.0.iter().any(|step| matches!(step, Segment::Index(_))) => {
                ("leads into a list; a step is for fields of objects", 0, text.len())
            }
            Ok(path) => return Some(Spanned::new(path, place(0, text.len()))),
            Err(error) => (error.message, error.start, error.end),
        };
        self.lowering.diagnostics.report(Code::BadJsonPath, place(start, end), &[text, message]);
        None
    }
}
