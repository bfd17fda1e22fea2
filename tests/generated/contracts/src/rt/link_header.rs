//! The `Link` header (RFC 8288), as services send it.

/// The target of the first link with a relation, in several header lines.
#[must_use]
pub fn target<'a>(lines: impl Iterator<Item = &'a str>, rel: &str) -> Option<&'a str> {
    lines.flat_map(Links).find(|link| link.has_rel(rel)).map(|link| link.target)
}

struct Link<'a> {
    target: &'a str,
    params: &'a str,
}

impl Link<'_> {
    /// Whether one of its relations, which a space parts, is the one. Only the first `rel` of a link counts.
    fn has_rel(&self, rel: &str) -> bool {
        let value = split(self.params, ';').find_map(|param| {
            let (name, value) = param.split_once('=')?;
            name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_matches('"'))
        });
        value.is_some_and(|value| value.split_ascii_whitespace().any(|held| held.eq_ignore_ascii_case(rel)))
    }
}

/// The links of one header line. What is no link is passed over.
struct Links<'a>(&'a str);

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    fn next(&mut self) -> Option<Link<'a>> {
        // The target may hold commas, so its brackets are looked for first.
        let (_, rest) = self.0.split_once('<')?;
        let (target, rest) = rest.split_once('>')?;
        let params = split(rest, ',').next().unwrap_or_default();
        self.0 = rest.get(params.len()..).unwrap_or_default();
        Some(Link { target: target.trim(), params })
    }
}

/// The parts of a text between separators that are not within quotes. Within quotes, a backslash escapes what follows.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        let is_plain = !escaped;
        escaped = quoted && is_plain && c == '\\';
        quoted ^= c == '"' && is_plain;
        c == separator && !quoted
    })
}
