//! How a later run goes on from an earlier one.

use super::Lowering;
use super::language::{CURSOR_FORMATS, Word};
use super::node::Node;
use super::params::Params;
use super::units;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{
    CursorFormat, Expired, Hole, Incremental, Location, OnMissing, ParamValue, Path, RowOrder, Spanned, Template, TemplatePart,
    Token, WindowStep,
};

/// An incremental cursor, and what the spec says about it that its field may say as well.
pub struct Cursor {
    /// The cursor.
    pub incremental: Spanned<Incremental>,
    /// How it is written; from the field's type where it is not said.
    pub format: Option<CursorFormat>,
    /// How much before the mark the next run starts.
    pub lag: Option<Spanned<String>>,
}

impl Lowering<'_> {
    /// Reads `incremental`, or takes what a parameter says in its place, and adds the parameters that send the bounds.
    pub fn incremental(&mut self, node: Option<&Node>, params: &mut Params) -> Option<Cursor> {
        let from_param = params.cursor.take();
        let Some(node) = node else { return from_param };
        if let Some(cursor) = from_param {
            let second = Diagnostic::new(Code::TwoIncrementals, node.span, &[]);
            self.diagnostics.push(second.also(cursor.incremental.span, "the first"));
            return Some(cursor);
        }
        let mut cursor = self.cursor(node)?;
        let incremental = &mut cursor.incremental.value;
        if let Some(name) = node.get("start_param").or_else(|| node.get("token_param")).and_then(Node::spanned) {
            let value = match node.get("start_value") {
                Some(value) => self.bounds_text(value, incremental),
                None => one(Hole::Start, name.span),
            };
            self.send(name.clone(), value, params);
            incremental.start_param = Some(name);
        } else {
            let sent = params.sent.iter().find(|param| is_exactly(&param.value, &Hole::Start));
            incremental.start_param = sent.map(|param| param.name.clone());
        }
        if let Some(name) = node.get("end_param").and_then(Node::spanned) {
            self.send(name.clone(), one(Hole::End, name.span), params);
            incremental.end_param = Some(name);
        }
        Some(cursor)
    }

    /// Reads a cursor, without the parameters that send it.
    pub fn cursor(&mut self, node: &Node) -> Option<Cursor> {
        let token = self.token(node);
        let cursor = match (node.member("cursor_path"), &token) {
            (Some(member), Some(_)) => {
                self.diagnostics.report(Code::TokenAndCursor, member.span, &["cursor_path"]);
                return None;
            }
            (Some(member), None) => self.path(&member.node)?,
            (None, Some(_)) => Spanned::new(Path::default(), node.span),
            (None, None) => {
                let missing = Diagnostic::new(Code::MissingKey, node.span, &["`incremental`", "cursor_path"]);
                self.diagnostics.push(missing.help("add it, for example `cursor_path: updated_at`"));
                return None;
            }
        };
        let word = |key: &str| node.get(key).and_then(Node::text);
        let incremental = Incremental {
            cursor,
            format: CursorFormat::Text,
            request_format: node.get("request_format").and_then(|node| Some(Spanned::new(self.cursor_format(node)?, node.span))),
            start_param: None,
            end_param: None,
            initial_value: self.template_of(node, "initial_value"),
            end_value: self.template_of(node, "end_value"),
            start_closed: word("start_bound") != Some("open"),
            end_closed: word("end_bound") == Some("closed"),
            lag: 0,
            row_order: match word("row_order") {
                Some("asc") => RowOrder::Ascending,
                Some("desc") => RowOrder::Descending,
                _ => RowOrder::Any,
            },
            on_missing: match word("on_cursor_value_missing") {
                _ if token.is_some() => OnMissing::Include,
                Some("include") => OnMissing::Include,
                Some("exclude") => OnMissing::Exclude,
                _ => OnMissing::Raise,
            },
            is_certain: false,
            expired: node.get("on_expired").map(|node| self.expired(node)).unwrap_or_default(),
            token,
            step: node.get("step").and_then(|node| self.step(node)),
        };
        Some(Cursor {
            incremental: Spanned::new(incremental, node.span),
            format: node.get("format").and_then(|node| self.cursor_format(node)),
            lag: node.get("lag").and_then(Node::spanned),
        })
    }

    /// A duration, or months of the calendar.
    fn step(&mut self, node: &Node) -> Option<Spanned<WindowStep>> {
        let text = node.text()?.trim();
        let step = match text.strip_suffix("mo").map(str::trim_end) {
            Some(months) => months.parse().ok().filter(|months| *months > 0).map(WindowStep::Months),
            // A moment of the requests is no finer, and fifty years are windows enough.
            None => units::duration_ms(text).filter(|ms| (1..=50 * 366 * 86_400_000).contains(ms)).map(WindowStep::Milliseconds),
        };
        if step.is_none() {
            self.diagnostics.report(Code::BadWindow, node.span, &[text]);
        }
        step.map(|step| Spanned::new(step, node.span))
    }

    fn token(&mut self, node: &Node) -> Option<Token> {
        let link = node.get("delta_link_path").map(|link| (link, true));
        let (at, is_link) = link.or_else(|| node.get("token_path").map(|token| (token, false)))?;
        Some(Token { path: self.path(at)?.value, is_link })
    }

    /// Reads `restart`, or a map that says when.
    fn expired(&mut self, node: &Node) -> Expired {
        let default = Expired::default();
        let statuses: Option<Vec<u16>> =
            node.get("statuses").map(|list| list.one_or_many().iter().filter_map(|item| self.status(item)).collect());
        Expired {
            restart: node.text().or_else(|| node.get("action").and_then(Node::text)) == Some("restart"),
            statuses: statuses.unwrap_or(default.statuses),
            code: node.text_of("code"),
            code_path: self.path_of(node, "code_path").map(|path| path.value),
        }
    }

    /// A word that names a format, or a pattern.
    fn cursor_format(&mut self, node: &Node) -> Option<CursorFormat> {
        let text = node.text()?;
        if text.contains('%') {
            if let Err(problem) = check_pattern(text) {
                self.diagnostics.report(Code::BadPattern, node.span, &[text, &problem]);
                return None;
            }
            return Some(CursorFormat::Pattern(text.to_owned()));
        }
        let is = |word: &&Word| word.name == text || word.aliases.contains(&text);
        let Some(word) = CURSOR_FORMATS.iter().find(is) else {
            let bad = Diagnostic::new(Code::BadCursorFormat, node.span, &[text]);
            let known: Vec<&str> = CURSOR_FORMATS.iter().map(|word| word.name).collect();
            let others = || format!("write one of `{}`, or a pattern such as `%Y-%m-%d %H:%M`", known.join("`, `"));
            self.diagnostics.push(bad.help(others()));
            return None;
        };
        Some(match word.name {
            "iso" => CursorFormat::Iso,
            "date" => CursorFormat::Date,
            "epoch" => CursorFormat::Epoch,
            "epoch_ms" => CursorFormat::EpochMs,
            "integer" => CursorFormat::Number,
            _ => CursorFormat::Text,
        })
    }

    /// The text of a parameter around its bounds: `{value}` and `{end}`.
    fn bounds_text(&mut self, node: &Node, incremental: &Incremental) -> Template {
        let mut template = self.template(node);
        for part in &mut template.parts {
            if let TemplatePart::Hole(Hole::Input(name)) = part {
                match name.as_str() {
                    "value" | "start" => *part = TemplatePart::Hole(Hole::Start),
                    "end" => *part = TemplatePart::Hole(Hole::End),
                    _ => {}
                }
            }
        }
        let has = |hole: &Hole| template.holes().any(|other| other == hole);
        if has(&Hole::Start) && has(&Hole::End) {
            if incremental.end_value.is_none() {
                self.diagnostics.report(Code::HalfBound, template.span, &["end_value", "now"]);
            }
            if incremental.initial_value.is_none() {
                self.diagnostics.report(Code::HalfBound, template.span, &["initial_value", "2020-01-01T00:00:00Z"]);
            }
        }
        template
    }

    /// Sends a bound by a parameter: where one of that name was declared, in its place, and else in the query.
    fn send(&mut self, name: Spanned<String>, value: Template, params: &mut Params) {
        let declared = params.sent.iter().position(|param| param.name.value == name.value);
        let Some(at) = declared else {
            params.fixed(name, Location::Query, value);
            return;
        };
        let Some(param) = params.sent.get_mut(at) else { return };
        if matches!(&param.value, ParamValue::Argument { required: false, default: None, .. }) {
            param.value = ParamValue::Fixed(value);
        } else {
            let clash = Diagnostic::new(Code::BoundSentTwice, param.name.span, &[&name]);
            self.diagnostics.push(clash.also(name.span, "here"));
        }
    }
}

/// A text that is one bound.
fn one(hole: Hole, span: crate::source::Span) -> Template {
    Template { parts: vec![TemplatePart::Hole(hole)], span }
}

fn is_exactly(value: &ParamValue, hole: &Hole) -> bool {
    matches!(value, ParamValue::Fixed(value) if matches!(value.parts.as_slice(), [TemplatePart::Hole(only)] if only == hole))
}

/// What is wrong with a pattern.
fn check_pattern(text: &str) -> Result<(), String> {
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char == '%' {
            match chars.next() {
                Some('Y' | 'm' | 'd' | 'H' | 'M' | 'S' | 'L' | 'f' | 'z' | 's' | '%') => {}
                Some(other) => return Err(format!("has the directive `%{other}`, which is none")),
                None => return Err("ends with a `%`".to_owned()),
            }
        }
    }
    Ok(())
}
