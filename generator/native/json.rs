//! JSON bodies: any JSON, with placeholders in its texts and arguments of the caller in its objects.

use super::Lowering;
use super::node::{Content, Member, Node, Scalar, ScalarKind};
use super::params::Params;
use super::shape::json_argument;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Hole, InputKind, Json, Location, ParamValue, Spanned, Template, TemplatePart, Type};

impl Lowering<'_> {
    /// Reads a document. What does not fit is left out; it has been reported.
    pub fn json(&mut self, node: &Node, params: &mut Params) -> Option<Json> {
        Some(match &node.content {
            Content::Refused => return None,
            Content::Null => Json::Literal("null".to_owned()),
            Content::Scalar(scalar) => self.json_scalar(node, scalar),
            Content::List(items) => Json::Array(items.iter().filter_map(|item| self.json(item, params)).collect()),
            Content::Map(members) => {
                let members = members.iter().filter_map(|member| Some((member.key.clone(), self.json_member(member, params)?)));
                Json::Object(members.collect())
            }
        })
    }

    fn json_member(&mut self, member: &Member, params: &mut Params) -> Option<Json> {
        let node = &member.node;
        if json_argument(node) {
            return self.json_argument(member, params);
        }
        self.json(node, params)
    }

    /// An argument of the caller, a field of a parent's record or the cursor of an earlier run.
    fn json_argument(&mut self, member: &Member, params: &mut Params) -> Option<Json> {
        let name = Spanned::new(member.key.clone(), member.span);
        match member.node.get("type").and_then(Node::text) {
            Some("resolve") => self.resolve(&member.node).map(Json::Text),
            Some("incremental") => {
                let start = Template { parts: vec![TemplatePart::Hole(Hole::Start)], span: name.span };
                self.keep_cursor(&name, &member.node, params).then_some(Json::Text(start))
            }
            other => {
                self.argument(name.clone(), other.unwrap_or("string"), &member.node, Some(Location::Body), params);
                // One that goes elsewhere leaves nothing here.
                let sent = params.sent.last().filter(|param| param.location == Location::Body)?;
                Some(member_of(&name, &sent.value))
            }
        }
    }

    /// A text keeps its placeholders; one that is nothing but an input has that input's type.
    fn json_scalar(&mut self, node: &Node, scalar: &Scalar) -> Json {
        match scalar.kind {
            ScalarKind::Boolean => Json::Literal(scalar.text.to_ascii_lowercase()),
            ScalarKind::Integer | ScalarKind::Number => Json::Literal(self.json_number(node, &scalar.text)),
            ScalarKind::Text => {
                let template = self.template(node);
                match template.parts.as_slice() {
                    [TemplatePart::Hole(Hole::Input(name))] => match self.inputs.iter().find(|input| *input.name == *name) {
                        Some(input) if input.kind == InputKind::Integer => Json::Number(template),
                        Some(input) if input.kind == InputKind::Boolean => Json::Boolean(template),
                        _ => Json::Text(template),
                    },
                    _ => Json::Text(template),
                }
            }
        }
    }

    /// JSON that no input has a part in, as its text.
    pub fn json_constant(&mut self, node: &Node) -> String {
        match &node.content {
            Content::Null | Content::Refused => "null".to_owned(),
            Content::Scalar(scalar) => match scalar.kind {
                ScalarKind::Boolean => scalar.text.to_ascii_lowercase(),
                ScalarKind::Integer | ScalarKind::Number => self.json_number(node, &scalar.text),
                ScalarKind::Text => {
                    let template = self.template(node);
                    if template.holes().next().is_some() {
                        let message = "a placeholder within a list or an object, which is sent as it stands";
                        let told = Diagnostic::new(Code::Contradiction, node.span, &[message]);
                        self.diagnostics.push(told.help("write the value, or make it a text of its own"));
                    }
                    quoted(&template.literal_text())
                }
            },
            Content::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.json_constant(item)).collect();
                format!("[{}]", items.join(","))
            }
            Content::Map(members) => {
                let member = |member: &Member| format!("{}:{}", quoted(&member.key), self.json_constant(&member.node));
                let members: Vec<String> = members.iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    /// A number as JSON writes it: YAML knows more ways, and numbers that JSON does not have.
    fn json_number(&mut self, node: &Node, text: &str) -> String {
        if serde_json::from_str::<serde_json::Number>(text).is_ok() {
            return text.to_owned();
        }
        if let Ok(serde_json::Value::Number(number)) = serde_yaml::from_str(text) {
            return number.to_string();
        }
        self.diagnostics.report(Code::NoJsonNumber, node.span, &[text]);
        "null".to_owned()
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The member that an argument of the caller fills.
pub fn member_of(name: &Spanned<String>, value: &ParamValue) -> Json {
    use crate::model::Scalar::{Boolean, Decimal, Integer, Number};
    let hole = argument(name);
    match value {
        ParamValue::Argument { ty: Type::Scalar(Integer | Number | Decimal), .. } => Json::Number(hole),
        ParamValue::Argument { ty: Type::Scalar(Boolean), .. } => Json::Boolean(hole),
        _ => Json::Text(hole),
    }
}

fn argument(name: &Spanned<String>) -> Template {
    Template { parts: vec![TemplatePart::Hole(Hole::Argument(name.value.clone()))], span: name.span }
}
