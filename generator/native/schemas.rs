//! Schemas and fields.

use super::node::{Member, Node};
use super::{Lowering, type_expr};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftField, DraftSchema, TypeExpr, TypeExprKind};
use crate::model::{Scalar, Spanned};
use crate::source::Span;

/// Keys of a field that say what it is made of; only one of them can be right.
const FORMS: &[&str] = &["fields", "enum", "any_of", "items", "values", "$ref"];

impl Lowering<'_> {
    /// Reads the section `schemas`.
    pub fn schemas(&mut self, node: Option<&Node>) -> Vec<DraftSchema> {
        self.name_imports(node);
        node.map(Node::members).unwrap_or_default().iter().map(|member| self.schema(member)).collect()
    }

    fn schema(&mut self, member: &Member) -> DraftSchema {
        let name = Spanned::new(member.key.clone(), member.span);
        if type_expr::words().any(|word| word == *name) {
            self.diagnostics.report(Code::ReservedSchema, name.span, &[&name]);
        } else if !name.chars().next().is_some_and(char::is_alphabetic)
            || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        {
            self.diagnostics.report(Code::BadItemName, name.span, &[&name, "a schema"]);
        }
        if member.node.is_null() && !member.node.is_refused() {
            self.diagnostics.report(Code::EmptySchema, name.span, &["this schema"]);
        }
        let description = member.node.text_of("description");
        let ty = match member.node.get("$ref") {
            Some(reference) => self.reference(reference),
            None => self.type_of_schema(&member.node),
        };
        DraftSchema { name, description, ty }
    }

    /// The type that a schema gives: an expression, the fields of an object, or a long form.
    pub fn type_of_schema(&mut self, node: &Node) -> TypeExpr {
        if node.scalar().is_some() { self.expression(node) } else { self.form(node).unwrap_or_else(|| TypeExpr::json(node.span)) }
    }

    /// Reads a type expression.
    fn expression(&mut self, node: &Node) -> TypeExpr {
        let text = node.text().unwrap_or_default();
        match type_expr::parse(text, &|start, end| node.part(start, end)) {
            Ok(ty) => ty,
            Err(error) => {
                self.diagnostics.report(Code::BadType, node.part(error.start, error.end), &[&error.message]);
                TypeExpr::json(node.span)
            }
        }
    }

    /// What one of the keys that make up a type says.
    fn form(&mut self, node: &Node) -> Option<TypeExpr> {
        let span = node.span;
        let kind = if let Some(fields) = node.get("fields") {
            let fields = self.fields(fields);
            TypeExprKind::Object(fields)
        } else if let Some(values) = node.get("enum") {
            let values = self.distinct(values.items());
            if values.is_empty() {
                let empty = Diagnostic::new(Code::EnumWithoutValues, node.get("enum").map_or(span, |node| node.span), &[]);
                self.diagnostics.push(empty.help("list them: `enum: [active, blocked]`"));
            }
            TypeExprKind::Enum(values)
        } else if let Some(variants) = node.get("any_of") {
            let variants: Vec<TypeExpr> = variants.items().iter().map(|variant| self.type_of_field(variant, span)).collect();
            return self.union(variants, span);
        } else {
            return node.get("$ref").map(|reference| self.named_reference(reference));
        };
        Some(TypeExpr { span, kind })
    }

    fn union(&mut self, mut variants: Vec<TypeExpr>, span: Span) -> Option<TypeExpr> {
        match variants.len() {
            0 => {
                let empty = Diagnostic::new(Code::EnumWithoutValues, span, &[]);
                self.diagnostics.push(empty.help("list the types: `any_of: [string, integer]`"));
                None
            }
            1 => variants.pop(),
            _ => Some(TypeExpr { span, kind: TypeExprKind::Union(variants) }),
        }
    }

    fn fields(&mut self, node: &Node) -> Vec<DraftField> {
        if node.members().is_empty() {
            self.diagnostics.report(Code::EmptySchema, node.span, &["this object"]);
        }
        node.members().iter().map(|member| self.field(member)).collect()
    }

    fn field(&mut self, member: &Member) -> DraftField {
        let node = &member.node;
        let ty = self.type_of_field(node, member.span);
        let flag = |key: &str, default: bool| node.boolean_of(key).unwrap_or(default);
        let lenient = flag("lenient", false);
        if lenient && !has_lenient_form(&ty) {
            let span = node.member("lenient").map_or(member.span, |member| member.span);
            let clash = Diagnostic::new(Code::TypeClash, span, &["lenient", "this type"]);
            self.diagnostics
                .push(clash.help("string, integer, number, boolean and date-time have neighbouring forms; remove it"));
        }
        DraftField {
            name: Spanned::new(member.key.clone(), member.span),
            description: node.text_of("description"),
            ty,
            required: flag("required", false),
            nullable: flag("nullable", true),
            sensitive: flag("sensitive", false),
            lenient,
            deprecated: flag("deprecated", false),
        }
    }

    /// The type of a field: an expression, or a map that says more.
    fn type_of_field(&mut self, node: &Node, place: Span) -> TypeExpr {
        if node.scalar().is_some() {
            return self.expression(node);
        }
        if node.is_refused() {
            return TypeExpr::json(place);
        }
        if node.is_null() {
            self.diagnostics
                .push(Diagnostic::new(Code::MissingType, place, &["field"]).help("give it one: `string`, `json`, `array of …`"));
            return TypeExpr::json(place);
        }
        let forms: Vec<&Member> = node.members().iter().filter(|member| FORMS.contains(&member.key.as_str())).collect();
        if let [first, second, ..] = forms.as_slice() {
            let clash = Diagnostic::new(Code::TypeClash, second.span, &[&second.key, &format!("`{}`", first.key)]);
            self.diagnostics.push(clash.also(first.span, "given as well").help("a field has one type; use `any_of` for several"));
            return TypeExpr::json(place);
        }
        let Some(form) = forms.first() else { return self.plain_type(node, place) };
        self.check_type_word(node, form);
        match form.key.as_str() {
            "items" => {
                TypeExpr { span: form.span, kind: TypeExprKind::Array(Box::new(self.type_of_field(&form.node, form.span))) }
            }
            "values" => {
                TypeExpr { span: form.span, kind: TypeExprKind::Map(Box::new(self.type_of_field(&form.node, form.span))) }
            }
            _ => {
                let ty = self.form(node).unwrap_or_else(|| TypeExpr::json(place));
                // `type: array` with `fields` is an array of such objects.
                if form.key != "$ref" && node.get("type").and_then(Node::text) == Some("array") {
                    TypeExpr { span: ty.span, kind: TypeExprKind::Array(Box::new(ty)) }
                } else {
                    ty
                }
            }
        }
    }

    /// A type without parts of its own, narrowed by `format`.
    fn plain_type(&mut self, node: &Node, place: Span) -> TypeExpr {
        let Some(ty) = node.get("type") else {
            if !node.lacks("type") {
                return TypeExpr::json(place);
            }
            self.diagnostics.push(
                Diagnostic::new(Code::MissingType, place, &["field"])
                    .help("add `type`, `fields`, `enum`, `any_of`, `items` or `values`"),
            );
            return TypeExpr::json(place);
        };
        let mut expression = match ty.text() {
            // What an array or a map holds may stand beside the type; here it does not.
            Some("array") => TypeExpr { span: ty.span, kind: TypeExprKind::Array(Box::new(TypeExpr::json(ty.span))) },
            Some("map") => TypeExpr { span: ty.span, kind: TypeExprKind::Map(Box::new(TypeExpr::json(ty.span))) },
            _ => self.expression(ty),
        };
        if let Some(format) = node.get("format") {
            self.narrow(&mut expression, format);
        }
        expression
    }

    fn narrow(&mut self, ty: &mut TypeExpr, format: &Node) {
        let text = format.text().unwrap_or_default();
        if !matches!(ty.kind, TypeExprKind::Scalar(Scalar::String)) {
            let clash = Diagnostic::new(Code::TypeClash, format.span, &["format", "this type"]);
            self.diagnostics.push(clash.help("`format` narrows `string`; write `type: string`"));
            return;
        }
        let scalar = match text {
            "date-time" => Scalar::DateTime,
            "date" => Scalar::Date,
            "time" => Scalar::Time,
            "uuid" => Scalar::Uuid,
            "byte" | "base64" => Scalar::Binary,
            _ => {
                self.diagnostics.push(
                    Diagnostic::new(Code::BadFormat, format.span, &[text])
                        .nearest(text, ["date-time", "date", "time", "uuid", "byte"]),
                );
                return;
            }
        };
        ty.kind = TypeExprKind::Scalar(scalar);
    }

    /// A `type` beside the key that makes up the type must say the same.
    fn check_type_word(&mut self, node: &Node, form: &Member) {
        let Some(ty) = node.get("type") else { return };
        let text = ty.text().unwrap_or_default();
        let expected: &[&str] = match form.key.as_str() {
            "fields" => &["object", "array"],
            "enum" => &["string", "enum", "array"],
            "items" => &["array"],
            "values" => &["map", "object"],
            _ => &[],
        };
        if !expected.contains(&text) {
            let clash =
                Diagnostic::new(Code::TypeClash, ty.span, &[text, &format!("`{}`", form.key)]).also(form.span, "given as well");
            let help =
                expected.first().map_or("remove `type`".to_owned(), |word| format!("remove `type`, or write `type: {word}`"));
            self.diagnostics.push(clash.help(help));
        }
    }
}

fn has_lenient_form(ty: &TypeExpr) -> bool {
    use Scalar::{Boolean, DateTime, Integer, Number, String};
    matches!(&ty.kind, TypeExprKind::Scalar(String | Integer | Number | Boolean | DateTime))
}
