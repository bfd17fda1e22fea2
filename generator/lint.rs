//! Advice: what a spec may say, and might better say otherwise. Each piece has a code, a place, and a way to follow it.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::infer::words::Name;
use crate::model::{
    Api, Auth, Field, Param, ParamValue, Resource, Scalar, Style, TemplatePart, Type, TypeKind, WriteDisposition,
};
use crate::sample::judge::{is_moment, is_secret};

/// Names of lists to which the service adds, and in which it changes nothing.
const LOGS: &str = "log logs event events audit history activity activities entry entries trail transaction transactions";

/// Names of moments of a change.
const CHANGES: &str = "updated modified changed edited update modification lastmodified";

/// Names of parameters that say in which order records come.
const ORDERS: &str = "sort sorting sortby order ordering orderby sortorder direction";

/// Gives advice on an API that has no errors.
pub fn lint(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        key(api, resource, diagnostics);
        log(api, resource, diagnostics);
        changes(resource, diagnostics);
        pages(api, resource, diagnostics);
    }
    secrets(api, diagnostics);
    encryption(api, diagnostics);
    diagnostics.sort();
}

/// Records that come twice are told by their key.
fn key(api: &Api, resource: &Resource, diagnostics: &mut Diagnostics) {
    if !resource.primary_key.is_empty() || resource.write_disposition == WriteDisposition::Replace {
        return;
    }
    let name = &resource.operation.name;
    let advice = Diagnostic::new(Code::NoPrimaryKey, name.span, &[name]);
    let id = fields(api, resource).iter().find(|field| is_key(name, &field.name));
    diagnostics.push(match id {
        Some(field) => advice.help(format!("`{}` looks like it: `primary_key: {}`", *field.name, *field.name)),
        None => advice,
    });
}

/// Whether a field is named as the key of records is: `id`, or `user_id` of `users`.
fn is_key(resource: &str, field: &str) -> bool {
    let field = Name::new(field);
    let stem = field.without("id uuid key");
    field.is("id uuid") || (field.has("id uuid") && stem.is_same_noun(&Name::new(resource)))
}

/// A log is read again and again to its end, unless a run begins where the last one ended.
fn log(api: &Api, resource: &Resource, diagnostics: &mut Diagnostics) {
    let name = &resource.operation.name;
    let is_other =
        resource.incremental.is_some() || resource.job.is_some() || resource.write_disposition == WriteDisposition::Replace;
    if is_other || !Name::new(name).has(LOGS) || change(api, resource).is_some() {
        return;
    }
    if let Some(field) = fields(api, resource).iter().find(|field| is_time(field)) {
        diagnostics.report(Code::LogReadWhole, name.span, &[name, &field.name]);
    }
}

/// Records that are read by their last change come again with each.
fn changes(resource: &Resource, diagnostics: &mut Diagnostics) {
    let Some(incremental) = &resource.incremental else { return };
    let cursor = incremental.cursor.to_string();
    if Name::new(&cursor).has(CHANGES) && resource.write_disposition == WriteDisposition::Append {
        diagnostics.report(Code::ChangesAppended, incremental.cursor.span, &[&resource.operation.name]);
    }
}

/// Pages that are counted, of records that may move meanwhile; and pages smaller than need be.
fn pages(api: &Api, resource: &Resource, diagnostics: &mut Diagnostics) {
    let (name, paging) = (&resource.operation.name, &resource.paging);
    let is_counted = matches!(paging.style, Style::PageNumber { .. } | Style::Offset { .. });
    if is_counted
        && !resource.operation.params.iter().any(is_order)
        && let Some(field) = change(api, resource)
    {
        diagnostics.report(Code::MovingPages, paging.span, &[name, &field.name]);
    }
    if let Some(size) = &paging.size
        && let Some(max) = size.max.filter(|max| *max > size.default)
    {
        diagnostics.report(Code::SmallPages, paging.span, &[name, &size.default.to_string(), &max.to_string()]);
    }
}

/// Whether a parameter is always sent, and says in which order records come.
fn is_order(param: &Param) -> bool {
    let is_sent = match &param.value {
        ParamValue::Fixed(_) => true,
        ParamValue::Argument { default, .. } => default.is_some(),
    };
    let name = Name::new(&param.name);
    is_sent && (name.is(ORDERS) || name.has("sort order"))
}

/// What looks like a secret is hidden where records are shown.
fn secrets(api: &Api, diagnostics: &mut Diagnostics) {
    for (_, def) in api.types.iter() {
        let TypeKind::Struct(fields) = &def.kind else { continue };
        let is_open = |field: &&Field| !field.sensitive && field.ty == Type::Scalar(Scalar::String) && is_secret(&field.name);
        for field in fields.iter().filter(is_open).filter(|field| !field.name.span.is_nowhere()) {
            diagnostics.report(Code::SecretShown, field.name.span, &[&field.name]);
        }
    }
}

/// Credentials go over a connection that nobody reads along.
fn encryption(api: &Api, diagnostics: &mut Diagnostics) {
    let base = &api.client.base_url;
    let Some(TemplatePart::Literal(text)) = base.parts.first() else { return };
    let is_here = |host: &str| ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local));
    let is_plain = text.strip_prefix("http://").is_some_and(|host| !is_here(host));
    if is_plain && !matches!(api.client.auth, Auth::None) {
        diagnostics.report(Code::PlainHttp, base.span, &[]);
    }
}

fn fields<'a>(api: &'a Api, resource: &'a Resource) -> &'a [Field] {
    api.types.fields(&resource.source).unwrap_or_default()
}

/// The moment of a record's last change.
fn change<'a>(api: &'a Api, resource: &'a Resource) -> Option<&'a Field> {
    fields(api, resource).iter().find(|field| is_time(field) && Name::new(&field.name).has(CHANGES))
}

fn is_time(field: &Field) -> bool {
    match field.ty {
        Type::Scalar(Scalar::DateTime | Scalar::Date) => true,
        Type::Scalar(Scalar::Integer | Scalar::String) => is_moment(&field.name),
        _ => false,
    }
}
