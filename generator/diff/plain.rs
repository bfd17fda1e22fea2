//! Parts of a model as texts, without the places where they were written.

use std::fmt::Debug;

use crate::model::Api;

/// What a part of a model says, in one form. The places where its values were written are left out: they are no part of it.
pub(super) fn plain(value: &impl Debug) -> String {
    const SPAN: &str = "Span {";
    let text = format!("{value:?}");
    let mut pieces = text.split(SPAN);
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('}').map_or(piece, |(_, rest)| rest));
    }
    plain
}

/// All that an API says but its name and its version, documentation included.
pub(super) fn documented(api: &Api) -> String {
    let mut api = Api { version: None, inferred: None, text: None, ..api.clone() };
    api.name.value.clear();
    plain(&api)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Spanned;
    use crate::source::{FileId, Span};

    #[test]
    fn places_do_not_count() {
        let at = |start, name: &str| vec![Spanned::new(name.to_owned(), Span { file: FileId(1), start, end: 9 })];
        assert_eq!(plain(&at(1, "a")), plain(&at(2, "a")));
        assert_ne!(plain(&at(1, "a")), plain(&at(1, "b")));
    }
}
