//! How one page leads to the next.

use super::Lowering;
use super::client::count_of;
use super::incremental::Cursor;
use super::node::Node;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Paging, Path, Segment, Size, Spanned, Stop, Style};

impl Lowering<'_> {
    /// Reads a paginator, whose type says which keys it has. None is one page.
    pub fn paging(&mut self, node: Option<&Node>, incremental: Option<&Cursor>, name: &Spanned<String>) -> Spanned<Paging> {
        let Some(node) = node else {
            return Spanned::new(Paging { style: Style::Single, size: None, stop: Stop::default() }, name.span);
        };
        let paging = Paging { style: self.style(node, incremental), size: self.size(node), stop: self.stop(node) };
        if matches!(paging.style, Style::PageNumber { .. } | Style::Offset { .. }) && is_endless(&paging.stop) {
            let span = node.member("stop_after_empty_page").map_or(node.span, |member| member.span);
            self.diagnostics.report(Code::EndlessPaging, span, &[]);
        }
        Spanned::new(paging, node.span)
    }

    fn style(&mut self, node: &Node, incremental: Option<&Cursor>) -> Style {
        let param = |key: &str, default: &str| node.text_of(key).unwrap_or_else(|| default.to_owned());
        match node.get("type").and_then(Node::text).unwrap_or_default() {
            "page_number" => {
                Style::PageNumber { param: param("page_param", "page"), base: count_of(node, "base_page").unwrap_or(0) }
            }
            "offset" => Style::Offset { param: param("offset_param", "offset"), base: count_of(node, "offset").unwrap_or(0) },
            "cursor" => self.cursor_style(node, param("cursor_param", "cursor"), incremental),
            "last_record" => match self.path_of(node, "cursor_path") {
                Some(field) => Style::LastRecord { param: param("cursor_param", ""), field },
                None => Style::Single,
            },
            "header_link" => Style::HeaderLink { rel: param("rel", "next") },
            "json_link" => Style::JsonLink { path: self.path_or(node, "next_url_path", &["next"]) },
            _ => Style::Single,
        }
    }

    /// A cursor without a path, sent by the parameter that an incremental run sends, is a field of the last record.
    fn cursor_style(&mut self, node: &Node, param: String, incremental: Option<&Cursor>) -> Style {
        let shared = incremental
            .map(|cursor| &cursor.incremental)
            .filter(|incremental| incremental.start_param.as_ref().is_some_and(|start| **start == param));
        match (shared, node.get("cursor_path")) {
            (Some(incremental), None) => Style::LastRecord { param, field: incremental.cursor.clone() },
            _ => Style::Cursor { param, path: self.path_or(node, "cursor_path", &["cursors", "next"]) },
        }
    }

    fn size(&mut self, node: &Node) -> Option<Size> {
        let limit = count_of(node, "limit");
        let max = count_of(node, "maximum_limit");
        let is_offset = node.get("type").and_then(Node::text) == Some("offset");
        let param = node.text_of("limit_param").or_else(|| is_offset.then(|| "limit".to_owned()));
        let place = |key: &str| node.get(key).map_or(node.span, |node| node.span);
        let Some(limit) = limit else {
            if node.get("limit_param").is_some() && node.lacks("limit") && !is_offset {
                self.diagnostics.report(Code::LimitMissing, place("limit_param"), &[]);
            }
            for key in ["maximum_limit", "stop_after_short_page"] {
                if let (Some(member), true) = (node.member(key), node.lacks("limit")) {
                    self.diagnostics.report(Code::SaysNothing, member.span, &[key]);
                }
            }
            return None;
        };
        if limit == 0 || max == Some(0) {
            self.diagnostics.report(Code::ZeroLimit, place(if limit == 0 { "limit" } else { "maximum_limit" }), &[]);
        }
        if let Some(max) = max.filter(|max| *max > 0 && limit > *max) {
            let large = Diagnostic::new(Code::LimitTooLarge, place("limit"), &[&limit.to_string(), &max.to_string()]);
            self.diagnostics.push(large.also(place("maximum_limit"), "the most that the service accepts"));
        }
        let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Some(Size { param: param.unwrap_or_default(), default: narrow(limit), max: max.map(narrow) })
    }

    fn stop(&mut self, node: &Node) -> Stop {
        let mut path = |key: &str| self.path_of(node, key).map(|path| path.value);
        Stop {
            total: path("total_path"),
            total_pages: path("total_pages_path"),
            has_more: path("has_more_path"),
            on_empty_page: node.boolean_of("stop_after_empty_page").unwrap_or(true),
            on_short_page: node.boolean_of("stop_after_short_page").unwrap_or(false),
            maximum: count_of(node, "maximum_page").or_else(|| count_of(node, "maximum_offset")),
        }
    }

    fn path_or(&mut self, node: &Node, key: &str, default: &[&str]) -> Spanned<Path> {
        self.path_of(node, key).unwrap_or_else(|| {
            let steps = default.iter().map(|step| Segment::Key((*step).to_owned())).collect();
            Spanned::new(Path(steps), node.span)
        })
    }
}

fn is_endless(stop: &Stop) -> bool {
    !stop.on_empty_page
        && !stop.on_short_page
        && stop.total.is_none()
        && stop.total_pages.is_none()
        && stop.has_more.is_none()
        && stop.maximum.is_none()
}
