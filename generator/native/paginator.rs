//! How one page leads to the next.

use super::Lowering;
use super::client::count_of;
use super::incremental::Cursor;
use super::node::{Node, ScalarKind};
use super::params::Params;
use super::values::is_header_name;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Advance, Later, Location, Paging, Param, ParamStyle, ParamValue, Path, Segment, Size, Slot, Spanned, Stop, Style, Then,
    TotalMeans, WindowLimit,
};

impl Lowering<'_> {
    /// Reads a paginator, whose type says which keys it has. None is one page. `holes` are the placeholders of the path that it
    /// fills.
    pub fn paging(
        &mut self,
        node: Option<&Node>,
        incremental: Option<&Cursor>,
        (name, holes): (&Spanned<String>, &[String]),
    ) -> Spanned<Paging> {
        let Some(node) = node else { return Spanned::new(Paging::single(), name.span) };
        let style = self.style(node, incremental);
        let place = match &style {
            Style::Single => None,
            Style::PageNumber { param, .. } => self.place(node, ["page_param", "page_header", "page_body_path"], param, holes),
            Style::Offset { param, .. } => self.place(node, ["offset_param", "offset_header", "offset_body_path"], param, holes),
            Style::Cursor { param, .. } | Style::HeaderCursor { param, .. } | Style::LastRecord { param, .. } => {
                self.place(node, CURSOR_KEYS, param, holes)
            }
            Style::HeaderLink { .. } | Style::JsonLink { .. } => {
                let param = node.text_of("take_param").unwrap_or_default();
                let place = self.place(node, CURSOR_KEYS, &param, holes);
                if let (Some(_), true) = (&place, param.is_empty()) {
                    self.contradiction(node, "a place for a cursor, while the address itself is followed", "add `take_param`");
                }
                place
            }
        };
        let in_body = matches!(place, Some(Slot::Body(_)));
        let size = self.size(node, holes);
        let paging = Paging {
            initial: node.get("initial_cursor").map(|node| initial(node, in_body)),
            size,
            advance: self.advance(node),
            later: self.later(node),
            take: node.text_of("take_param"),
            carry: self.carry(node),
            stop: self.stop(node, &style),
            window: self.window(node),
            style,
            place,
        };
        if matches!(paging.style, Style::PageNumber { .. } | Style::Offset { .. }) && is_endless(&paging.stop) {
            let span = node.member("stop_after_empty_page").map_or(node.span, |member| member.span);
            self.diagnostics.report(Code::EndlessPaging, span, &[]);
        }
        self.check_last_record(node);
        if let (Some(Slot::Path(name)), None, false) =
            (&paging.place, &paging.initial, matches!(paging.style, Style::PageNumber { .. } | Style::Offset { .. }))
        {
            self.diagnostics.report(Code::CursorInPath, node.span, &[name]);
        }
        let keeps_json = in_body && matches!(paging.style, Style::Cursor { .. } | Style::LastRecord { .. });
        if let (Some(member), false) = (node.member("carry").filter(|_| !paging.carry.is_empty()), keeps_json) {
            self.diagnostics.report(Code::CarryWithoutCursor, member.span, &[]);
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
            "header_cursor" => {
                Style::HeaderCursor { param: param("cursor_param", "cursor"), header: param("cursor_key", "next") }
            }
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

    /// Where a value goes, unless it is a query parameter: what one of three keys says (parameter, header, place in the body).
    fn place(&mut self, node: &Node, keys: [&str; 3], param: &str, holes: &[String]) -> Option<Slot> {
        let [_, header, body] = keys;
        let mut given = keys.iter().filter_map(|key| node.member(key).filter(|member| !member.node.is_null()));
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            let both = Diagnostic::new(Code::TwoPlaces, second.span, &[&first.key, &second.key]);
            self.diagnostics.push(both.also(first.span, "the other"));
        }
        if let Some(path) = self.path_of(node, body) {
            return Some(Slot::Body(path.value));
        }
        if let Some(name) = node.get(header).and_then(Node::spanned) {
            if !is_header_name(&name) {
                self.diagnostics.report(Code::BadHeader, name.span, &[&name]);
            }
            return Some(Slot::Header(name.value));
        }
        holes.iter().any(|hole| hole == param).then(|| Slot::Path(param.to_owned()))
    }

    /// Of `last_record` alone no parameter is taken for granted.
    fn check_last_record(&mut self, node: &Node) {
        let is_last_record = node.get("type").and_then(Node::text) == Some("last_record");
        if is_last_record && CURSOR_KEYS.iter().all(|key| node.lacks(key)) {
            let missing = Diagnostic::new(Code::MissingKey, node.span, &["paginator `last_record`", "cursor_param"]);
            self.diagnostics.push(missing.help("add it, for example `cursor_param: from`"));
        }
    }

    fn size(&mut self, node: &Node, holes: &[String]) -> Option<Size> {
        let limit = count_of(node, "limit");
        let max = count_of(node, "maximum_limit");
        let is_offset = node.get("type").and_then(Node::text) == Some("offset");
        let param = node.text_of("limit_param").or_else(|| is_offset.then(|| "limit".to_owned()));
        let slot = self.place(node, SIZE_KEYS, param.as_deref().unwrap_or_default(), holes);
        let place = |key: &str| node.get(key).map_or(node.span, |node| node.span);
        let Some(limit) = limit else {
            let named = SIZE_KEYS.iter().find(|key| node.get(key).is_some());
            if let (Some(key), true, false) = (named, node.lacks("limit"), is_offset) {
                self.diagnostics.report(Code::LimitMissing, place(key), &[key]);
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
        let name = slot.as_ref().map(caller_name).or(param).unwrap_or_default();
        Some(Size { param: name, place: slot, default: narrow(limit), max: max.map(narrow) })
    }

    fn advance(&mut self, node: &Node) -> Advance {
        let step = node.get("offset_step");
        match (step.and_then(Node::text), self.path_of(node, "limit_path")) {
            (Some("rows"), Some(_)) => {
                self.contradiction(node, "`offset_step: rows` beside `limit_path`", "keep one of the two");
                Advance::Rows
            }
            (_, Some(path)) => Advance::Echoed(path.value),
            (Some("page"), None) => Advance::Size,
            _ => Advance::Rows,
        }
    }

    fn later(&mut self, node: &Node) -> Later {
        let names = |key: &str| node.get(key).map(|node| node.items().iter().filter_map(Node::spanned).collect::<Vec<_>>());
        let first = node.get("first_params").map(Node::members).unwrap_or_default();
        let first = first.iter().map(|member| Spanned::new(member.key.clone(), member.span));
        match (names("keep_params"), names("first_request_only")) {
            (Some(_), Some(_)) => {
                self.contradiction(node, "both `keep_params` and `first_request_only`", "keep the shorter of the two lists");
                Later::All
            }
            (Some(kept), None) => Later::Only(kept),
            (None, only) => {
                let left_out: Vec<_> = only.unwrap_or_default().into_iter().chain(first).collect();
                if left_out.is_empty() { Later::All } else { Later::Without(left_out) }
            }
        }
    }

    /// Adds the parameters that only the first request sends to those of the request.
    pub fn first_params(&mut self, paginator: Option<&Node>, params: &mut Params) {
        let members = paginator.and_then(|node| node.get("first_params")).map(Node::members).unwrap_or_default();
        for member in members.iter().filter(|member| !member.node.is_null()) {
            if let Some(param) = params.sent.iter().find(|param| *param.name == member.key) {
                let clash = Diagnostic::new(Code::ParamClash, param.name.span, &[&member.key]);
                self.diagnostics.push(clash.also(member.span, "with the first request"));
                continue;
            }
            let value = ParamValue::Fixed(self.template(&member.node));
            let name = Spanned::new(member.key.clone(), member.span);
            params.sent.push(Param { name, location: Location::Query, value, description: None, style: ParamStyle::Plain });
        }
    }

    fn carry(&mut self, node: &Node) -> Vec<(Spanned<Path>, Spanned<Path>)> {
        let members = node.get("carry").map(Node::members).unwrap_or_default();
        let mut carried = Vec::new();
        for member in members {
            match (super::json_path::parse(&member.key), self.path(&member.node)) {
                (Ok(to), Some(from)) => carried.push((Spanned::new(to, member.span), from)),
                (Err(error), _) => self.diagnostics.report(Code::BadJsonPath, member.span, &[&member.key, error.message]),
                (Ok(_), None) => {}
            }
        }
        carried
    }

    fn stop(&mut self, node: &Node, style: &Style) -> Stop {
        let mut path = |key: &str| self.path_of(node, key).map(|path| path.value);
        let (total, total_pages) = (path("total_path"), path("total_pages_path"));
        let (has_more, is_last) = (path("has_more_path"), path("is_last_path"));
        if let (Some(first), Some(second)) = (node.get("has_more_path"), node.get("is_last_path")) {
            let both = Diagnostic::new(Code::TwoFlags, second.span, &[]);
            self.diagnostics.push(both.also(first.span, "the other"));
        }
        let total_header = node.get("total_header").and_then(Node::spanned);
        if let Some(name) = total_header.as_ref().filter(|name| !is_header_name(name)) {
            self.diagnostics.report(Code::BadHeader, name.span, &[name]);
        }
        if total.is_some() && total_header.is_some() {
            self.contradiction(node, "both `total_path` and `total_header`", "keep one of the two");
        }
        let total_means = match node.get("total_means").and_then(Node::text) {
            Some("unknown_if_zero") => TotalMeans::UnknownIfZero,
            Some("page") => TotalMeans::Page,
            _ => TotalMeans::All,
        };
        if node.get("total_means").is_some() && total.is_none() && total_header.is_none() && node.lacks("total_path") {
            self.contradiction(node, "`total_means` without a total", "add `total_path` or `total_header`");
        }
        Stop {
            total,
            total_header: total_header.map(|name| name.value.to_ascii_lowercase()),
            total_means,
            total_pages,
            has_more,
            is_last,
            on_empty_page: node.boolean_of("stop_after_empty_page").unwrap_or(style.ends_empty()),
            on_short_page: node.boolean_of("stop_after_short_page").unwrap_or(false),
            maximum: count_of(node, "maximum_page").or_else(|| count_of(node, "maximum_offset")),
        }
    }

    fn window(&mut self, node: &Node) -> Option<Spanned<WindowLimit>> {
        let window = node.member("window_limit")?;
        let records = count_of(&window.node, "records")?;
        if records == 0 {
            self.diagnostics.report(Code::ZeroLimit, window.span, &[]);
        }
        let then = match window.node.get("then").and_then(Node::text) {
            Some("split_by_cursor") => Then::SplitByCursor,
            _ => Then::Fail,
        };
        Some(Spanned::new(WindowLimit { records, then }, window.span))
    }

    fn contradiction(&mut self, node: &Node, message: &str, help: &str) {
        self.diagnostics.push(Diagnostic::new(Code::Contradiction, node.span, &[message]).help(help));
    }

    fn path_or(&mut self, node: &Node, key: &str, default: &[&str]) -> Spanned<Path> {
        self.path_of(node, key).unwrap_or_else(|| {
            let steps = default.iter().map(|step| Segment::Key((*step).to_owned())).collect();
            Spanned::new(Path(steps), node.span)
        })
    }
}

const CURSOR_KEYS: [&str; 3] = ["cursor_param", "cursor_header", "cursor_body_path"];
const SIZE_KEYS: [&str; 3] = ["limit_param", "limit_header", "limit_body_path"];

/// The placeholders of a path that a paginator fills: its parameters of the same name.
pub fn paging_holes(paginator: Option<&Node>, params: &Params) -> Vec<String> {
    let Some(node) = paginator else { return Vec::new() };
    let by_default: &[(&str, &str)] = match node.get("type").and_then(Node::text).unwrap_or_default() {
        "page_number" => &[("page_param", "page"), ("limit_param", "")],
        "offset" => &[("offset_param", "offset"), ("limit_param", "limit")],
        "cursor" | "header_cursor" => &[("cursor_param", "cursor"), ("limit_param", "")],
        "last_record" => &[("cursor_param", ""), ("limit_param", "")],
        "header_link" | "json_link" => &[("take_param", ""), ("limit_param", "")],
        _ => &[],
    };
    let names = by_default.iter().map(|(key, default)| node.text_of(key).unwrap_or_else(|| (*default).to_owned()));
    names.filter(|name| params.is_in_path(name)).collect()
}

/// What a caller sets that does not go into the query.
fn caller_name(slot: &Slot) -> String {
    match slot {
        Slot::Query(name) | Slot::Header(name) | Slot::Path(name) => name.clone(),
        Slot::Body(path) => match path.0.iter().rev().find(|segment| matches!(segment, Segment::Key(_))) {
            Some(Segment::Key(key)) => key.clone(),
            _ => "limit".to_owned(),
        },
    }
}

/// The cursor of the first request: JSON where it goes into the body.
fn initial(node: &Node, in_body: bool) -> String {
    let text = node.text().unwrap_or_default();
    let is_text = node.scalar().is_some_and(|scalar| scalar.kind == ScalarKind::Text);
    if in_body && is_text { serde_json::Value::from(text).to_string() } else { text.to_owned() }
}

fn is_endless(stop: &Stop) -> bool {
    let counted = (stop.total.is_some() || stop.total_header.is_some()) && stop.total_means != TotalMeans::Page;
    !stop.on_empty_page
        && !stop.on_short_page
        && !counted
        && stop.total_pages.is_none()
        && stop.has_more.is_none()
        && stop.is_last.is_none()
        && stop.maximum.is_none()
}
