//! Schemas of an OpenAPI 3.0 document as type expressions.
//!
//! Places within the document are not kept; what is said about it is said at the reference that leads to it.

use openapiv3::{
    AdditionalProperties, AnySchema, ArrayType, ObjectType, ReferenceOr, Schema, SchemaData, SchemaKind, StringFormat,
    StringType, Type, VariantOrUnknownOrEmpty,
};
use serde::Deserialize;
use serde_json::Value;

use super::Lowering;
use super::reference::Address;
use crate::codes::Code;
use crate::draft::{DraftField, TypeExpr, TypeExprKind};
use crate::model::{Scalar, Spanned};
use crate::source::Span;

/// How many references an `allOf` may lead through; a longer way leads in a circle.
const MAX_STEPS: usize = 32;

/// Converts one schema of a document.
pub struct Converter<'c, 'l> {
    /// Where names and diagnostics go.
    pub lowering: &'c mut Lowering<'l>,
    /// The schema.
    pub address: Address,
    /// The reference that leads to it.
    pub span: Span,
}

impl Converter<'_, '_> {
    /// The type of a schema as it stands in its document.
    pub fn schema_value(&mut self, value: &Value) -> TypeExpr {
        match ReferenceOr::<Schema>::deserialize(value) {
            Ok(ReferenceOr::Item(schema)) => self.schema(&schema),
            Ok(ReferenceOr::Reference { reference }) => self.reference(&reference),
            Err(error) => self.not_understood(&format!("`{}` ({error})", self.address)),
        }
    }

    fn any(&mut self, schema: &ReferenceOr<Schema>) -> TypeExpr {
        match schema {
            ReferenceOr::Item(schema) => self.schema(schema),
            ReferenceOr::Reference { reference } => self.reference(reference),
        }
    }

    fn boxed(&mut self, schema: &ReferenceOr<Box<Schema>>) -> TypeExpr {
        match schema {
            ReferenceOr::Item(schema) => self.schema(schema),
            ReferenceOr::Reference { reference } => self.reference(reference),
        }
    }

    fn reference(&mut self, reference: &str) -> TypeExpr {
        match self.address.local(reference) {
            Some(address) => self.lowering.import(&address, self.span),
            None => self.not_understood(&format!("the reference `{reference}` out of `{}`", self.address.document)),
        }
    }

    fn schema(&mut self, schema: &Schema) -> TypeExpr {
        match &schema.schema_kind {
            SchemaKind::Type(ty) => self.plain(ty),
            SchemaKind::OneOf { one_of: variants } | SchemaKind::AnyOf { any_of: variants } => self.union(variants),
            SchemaKind::AllOf { all_of } => self.all_of(all_of),
            SchemaKind::Any(any) => self.mixed(any),
            SchemaKind::Not { .. } => self.not_understood(&format!("`not` in `{}`", self.address)),
        }
    }

    fn plain(&mut self, ty: &Type) -> TypeExpr {
        match ty {
            Type::String(string) => self.string(string),
            Type::Number(_) => self.is(TypeExprKind::Scalar(Scalar::Number)),
            Type::Integer(_) => self.is(TypeExprKind::Scalar(Scalar::Integer)),
            Type::Boolean(_) => self.is(TypeExprKind::Scalar(Scalar::Boolean)),
            Type::Array(ArrayType { items, .. }) => {
                let inner = match items {
                    Some(items) => self.boxed(items),
                    None => TypeExpr::json(self.span),
                };
                self.is(TypeExprKind::Array(Box::new(inner)))
            }
            Type::Object(object) => self.object(object),
        }
    }

    fn string(&self, string: &StringType) -> TypeExpr {
        let mut values: Vec<&str> = Vec::new();
        for value in string.enumeration.iter().flatten() {
            if !values.contains(&value.as_str()) {
                values.push(value);
            }
        }
        if !values.is_empty() {
            return self
                .is(TypeExprKind::Enum(values.into_iter().map(|value| Spanned::new(value.to_owned(), self.span)).collect()));
        }
        self.is(TypeExprKind::Scalar(match &string.format {
            VariantOrUnknownOrEmpty::Item(StringFormat::DateTime) => Scalar::DateTime,
            VariantOrUnknownOrEmpty::Item(StringFormat::Date) => Scalar::Date,
            VariantOrUnknownOrEmpty::Item(StringFormat::Byte) => Scalar::Binary,
            VariantOrUnknownOrEmpty::Unknown(format) if format == "uuid" => Scalar::Uuid,
            VariantOrUnknownOrEmpty::Unknown(format) if format == "time" => Scalar::Time,
            _ => Scalar::String,
        }))
    }

    fn object(&mut self, object: &ObjectType) -> TypeExpr {
        if object.properties.is_empty() {
            return match &object.additional_properties {
                Some(AdditionalProperties::Schema(values)) => {
                    let values = self.any(values);
                    self.is(TypeExprKind::Map(Box::new(values)))
                }
                _ => TypeExpr::json(self.span),
            };
        }
        let properties = object.properties.iter().map(|(name, schema)| (name.as_str(), schema));
        let fields = properties.map(|(name, schema)| self.field(name, schema, object.required.iter().any(|known| known == name)));
        let kind = TypeExprKind::Object(fields.collect());
        self.is(kind)
    }

    fn field(&mut self, name: &str, schema: &ReferenceOr<Box<Schema>>, required: bool) -> DraftField {
        let parent = self.address.pointer.clone();
        self.address.pointer = format!("{parent}/properties/{name}");
        let ty = self.boxed(schema);
        self.address.pointer = parent;
        let target = match schema {
            ReferenceOr::Item(schema) => Some(schema.schema_data.clone()),
            // A description and `nullable` stand where the reference leads.
            ReferenceOr::Reference { reference } => self.data_of(reference),
        };
        let is_password = matches!(schema, ReferenceOr::Item(schema) if is_password(schema));
        let has_null = matches!(schema, ReferenceOr::Item(schema) if lists_null(schema));
        let data = target.unwrap_or_default();
        DraftField {
            name: Spanned::new(name.to_owned(), self.span),
            description: data.description,
            ty,
            required,
            nullable: data.nullable || has_null,
            sensitive: is_password,
            lenient: false,
            deprecated: data.deprecated,
        }
    }

    fn data_of(&self, reference: &str) -> Option<SchemaData> {
        let address = self.address.local(reference)?;
        match ReferenceOr::<Schema>::deserialize(self.lowering.imports.schema(&address)?).ok()? {
            ReferenceOr::Item(schema) => Some(schema.schema_data),
            ReferenceOr::Reference { .. } => None,
        }
    }

    fn union(&mut self, variants: &[ReferenceOr<Schema>]) -> TypeExpr {
        let mut types: Vec<TypeExpr> = Vec::new();
        for variant in variants {
            let ty = self.any(variant);
            if !types.iter().any(|known| is_same(known, &ty)) {
                types.push(ty);
            }
        }
        match types.len() {
            0 => TypeExpr::json(self.span),
            1 => types.swap_remove(0),
            _ => self.is(TypeExprKind::Union(types)),
        }
    }

    /// All parts must hold at once: their fields together. A lone part is itself.
    fn all_of(&mut self, parts: &[ReferenceOr<Schema>]) -> TypeExpr {
        if let [part] = parts {
            return self.any(part);
        }
        let mut object = ObjectType::default();
        for part in parts {
            if !self.merge(part, &mut object, MAX_STEPS) {
                return self.not_understood(&format!("`allOf` of something that is no object in `{}`", self.address));
            }
        }
        self.object(&object)
    }

    /// Adds the properties of a part; whether it is an object.
    fn merge(&self, part: &ReferenceOr<Schema>, object: &mut ObjectType, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        let schema = match part {
            ReferenceOr::Item(schema) => schema.clone(),
            ReferenceOr::Reference { reference } => {
                let address = self.address.local(reference);
                let target = address.as_ref().and_then(|address| self.lowering.imports.schema(address));
                let Some(Ok(target)) = target.map(ReferenceOr::<Schema>::deserialize) else { return false };
                return self.merge(&target, object, steps);
            }
        };
        let (properties, required) = match schema.schema_kind {
            SchemaKind::Type(Type::Object(inner)) => (inner.properties, inner.required),
            SchemaKind::AllOf { all_of } => return all_of.iter().all(|part| self.merge(part, object, steps)),
            SchemaKind::Any(any) if any.one_of.is_empty() && any.any_of.is_empty() => {
                if !any.all_of.iter().all(|part| self.merge(part, object, steps)) {
                    return false;
                }
                (any.properties, any.required)
            }
            _ => return false,
        };
        object.properties.extend(properties);
        object.required.extend(required);
        true
    }

    /// A schema without a type, or with more than one way of saying what it is.
    fn mixed(&mut self, any: &AnySchema) -> TypeExpr {
        let has_fields = !any.properties.is_empty();
        if (has_fields || !any.all_of.is_empty()) && any.one_of.is_empty() && any.any_of.is_empty() {
            let whole = Schema { schema_data: SchemaData::default(), schema_kind: SchemaKind::Any(any.clone()) };
            let mut object = ObjectType::default();
            if self.merge(&ReferenceOr::Item(whole), &mut object, MAX_STEPS) {
                return self.object(&object);
            }
        } else if !has_fields && any.all_of.is_empty() && (any.one_of.is_empty() != any.any_of.is_empty()) {
            let variants = if any.one_of.is_empty() { &any.any_of } else { &any.one_of };
            return self.union(variants);
        } else if !has_fields && any.typ.is_none() && any.enumeration.is_empty() {
            // An empty schema says that anything may come.
            return TypeExpr::json(self.span);
        }
        self.not_understood(&format!("a mixture of forms in `{}`", self.address))
    }

    fn not_understood(&mut self, what: &str) -> TypeExpr {
        self.lowering.diagnostics.report(Code::NotUnderstood, self.span, &[what]);
        TypeExpr::json(self.span)
    }

    fn is(&self, kind: TypeExprKind) -> TypeExpr {
        TypeExpr { span: self.span, kind }
    }
}

fn is_password(schema: &Schema) -> bool {
    let SchemaKind::Type(Type::String(string)) = &schema.schema_kind else { return false };
    matches!(string.format, VariantOrUnknownOrEmpty::Item(StringFormat::Password))
}

fn lists_null(schema: &Schema) -> bool {
    matches!(&schema.schema_kind, SchemaKind::Type(Type::String(string)) if string.enumeration.contains(&None))
}

fn is_same(a: &TypeExpr, b: &TypeExpr) -> bool {
    match (&a.kind, &b.kind) {
        (TypeExprKind::Scalar(a), TypeExprKind::Scalar(b)) => a == b,
        (TypeExprKind::Named(a), TypeExprKind::Named(b)) => a == b,
        (TypeExprKind::Json, TypeExprKind::Json) => true,
        (TypeExprKind::Array(a), TypeExprKind::Array(b)) | (TypeExprKind::Map(a), TypeExprKind::Map(b)) => is_same(a, b),
        _ => false,
    }
}
