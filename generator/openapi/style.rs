//! How the values of parameters are written (OpenAPI 3.1, section 4.8.12.2).

use serde_json::Value;

use super::operation::{Parameter, Place};
use super::schema::{Schemas, Use};
use crate::model::{Joints, ParamStyle, Scalar, Type, TypeKind};

/// The style that a parameter names, or the one of its place.
struct Named<'d> {
    name: &'d str,
    style: &'d str,
    explode: bool,
    in_query: bool,
}

impl<'d> Named<'d> {
    fn of(parameter: &Parameter<'d>) -> Self {
        let in_query = matches!(parameter.place, Place::Query | Place::Cookie);
        let style = parameter.node.get("style").and_then(Value::as_str);
        let format = parameter.node.get("x-collection-format").and_then(Value::as_str);
        let style = match (style, format) {
            (Some(style), _) => style,
            (None, Some("ssv")) => "spaceDelimited",
            (None, Some("pipes")) => "pipeDelimited",
            (None, Some("tsv")) => "tabDelimited",
            (None, _) if in_query => "form",
            (None, _) => "simple",
        };
        let explode = parameter.node.get("explode").and_then(Value::as_bool);
        let usual = style == "form" && format.is_none_or(|format| format == "multi");
        Self { name: parameter.name, style, explode: explode.unwrap_or(usual), in_query }
    }

    /// What stands between the parts of a value.
    fn joints(&self, is_object: bool) -> Joints {
        let between = match (self.style, self.explode) {
            ("spaceDelimited", _) => "%20".to_owned(),
            ("pipeDelimited", _) => "%7C".to_owned(),
            ("tabDelimited", _) => "%09".to_owned(),
            ("matrix", true) if is_object => ";".to_owned(),
            ("matrix", true) => format!(";{}=", self.name),
            ("label", true) => ".".to_owned(),
            _ => ",".to_owned(),
        };
        let within = if self.explode && !self.in_query { "=".to_owned() } else { between.clone() };
        Joints { within, between }
    }

    fn of_list(&self) -> ParamStyle {
        match self.style {
            "deepObject" => ParamStyle::Brackets,
            _ if self.explode && self.in_query => ParamStyle::Repeated,
            _ => ParamStyle::Joined(self.joints(false)),
        }
    }

    fn of_object(&self) -> ParamStyle {
        match self.style {
            "deepObject" => ParamStyle::Brackets,
            _ if self.explode && self.in_query => ParamStyle::Members,
            _ => ParamStyle::Joined(self.joints(true)),
        }
    }
}

/// What stands before the value of a parameter in the path.
pub(super) fn prefix(parameter: &Parameter<'_>, ty: &Type, style: &ParamStyle) -> String {
    let named = Named::of(parameter);
    let is_object = matches!(style, ParamStyle::Joined(_)) && !matches!(ty, Type::Array(_));
    match named.style {
        "label" => ".".to_owned(),
        "matrix" if is_object && named.explode => ";".to_owned(),
        "matrix" => format!(";{}=", named.name),
        _ => String::new(),
    }
}

impl<'d> Schemas<'d> {
    /// How a value of several parts is written, and as what it is taken: a text where no style fits it.
    pub(super) fn styled(&self, parameter: &Parameter<'d>, used: Option<Use>) -> (Type, ParamStyle) {
        let plain = (Type::Scalar(Scalar::String), ParamStyle::Plain);
        let Some(Use { ty, .. }) = used else { return plain };
        if parameter.is_content {
            return (ty, ParamStyle::Json);
        }
        let named = Named::of(parameter);
        let style = match &ty {
            Type::Scalar(_) => ParamStyle::Plain,
            Type::Array(element) if self.is_single(element) => named.of_list(),
            Type::Array(_) if named.style == "deepObject" => ParamStyle::Brackets,
            Type::Array(_) => ParamStyle::Json,
            Type::Map(_) => named.of_object(),
            Type::Named(id) => match self.types.get(*id).kind {
                TypeKind::Enum(_) => ParamStyle::Plain,
                TypeKind::Struct(_) => named.of_object(),
                TypeKind::Union(_) => return plain,
            },
            Type::Json => return plain,
        };
        (ty, style)
    }

    /// Whether a value has one part.
    fn is_single(&self, ty: &Type) -> bool {
        match ty {
            Type::Scalar(_) => true,
            Type::Named(id) => matches!(self.types.get(*id).kind, TypeKind::Enum(_)),
            _ => false,
        }
    }
}
