//! The names of tables and columns: those that dlt gives, so that what reads its tables reads these.
//!
//! A name is in snake case, of lower-case ASCII letters, digits and underscores, and never has two underscores in a row: these stand
//! between the names of a record and of what is within it.
#![cfg(feature = "load")]

use sha2::{Digest as _, Sha256};

/// What stands between the names of a record and of what is within it.
pub(crate) const WITHIN: &str = "__";

/// The name of what is within something: `users` and `appMetadata` make `users__app_metadata`. One that is longer than it may be is
/// cut in its middle, where a digest of the whole tells it from others.
pub(crate) fn path<'a>(names: impl IntoIterator<Item = &'a str>, longest: usize) -> String {
    let names: Vec<String> = names.into_iter().map(snake_case).collect();
    shortened(names.join(WITHIN), longest)
}

/// A name in snake case.
pub(crate) fn snake_case(name: &str) -> String {
    let plain = plain(name);
    let chars: Vec<char> = plain.chars().collect();
    let mut words = String::with_capacity(name.len() + 4);
    for (at, char) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let is_word = chars.get(at + 1).is_some_and(char::is_ascii_lowercase) && before.is_some_and(|before| *before != '_');
        let is_break = before.is_some_and(|before| before.is_ascii_lowercase() || before.is_ascii_digit());
        if char.is_ascii_uppercase() && (is_word || is_break) {
            words.push('_');
        }
        words.push(char.to_ascii_lowercase());
    }
    if words.starts_with(|char: char| char.is_ascii_digit()) {
        words.insert(0, '_');
    }
    let stem = words.trim_end_matches('_');
    let ended = format!("{stem}{}", "x".repeat(words.len() - stem.len()));
    without_doubles(&ended)
}

/// A name without what no identifier has.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut is_gap = false;
    for char in name.trim().chars() {
        let kept = match char {
            '+' | '*' => Some('x'),
            '@' => Some('a'),
            '|' => Some('l'),
            '-' | '_' => Some('_'),
            char => char.is_ascii_alphanumeric().then_some(char),
        };
        match kept {
            Some(kept) => plain.push(kept),
            // What is in a row of others is one underscore.
            None if !is_gap => plain.push('_'),
            None => {}
        }
        is_gap = kept.is_none();
    }
    plain
}

fn without_doubles(name: &str) -> String {
    let mut single = String::with_capacity(name.len());
    for char in name.chars() {
        if char != '_' || !single.ends_with('_') {
            single.push(char);
        }
    }
    single
}

/// A name that is no longer than it may be.
pub(crate) fn shortened(name: String, longest: usize) -> String {
    if name.len() <= longest {
        return name;
    }
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(name.as_bytes()));
    let tag = format!("{:08x}", u32::from_be_bytes([a, b, c, d]));
    let left = longest.saturating_sub(tag.len());
    let (front, back) = (left - left / 2, left / 2);
    format!("{}{tag}{}", &name[..front], &name[name.len() - back..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What dlt 1.31 makes of these names.
    #[test]
    fn names_are_those_of_dlt() {
        for (name, expected) in [
            ("user_id", "user_id"),
            ("userId", "user_id"),
            ("UserID", "user_id"),
            ("HTTPServer", "http_server"),
            ("aBcDe", "a_bc_de"),
            ("HTTP2Server", "http2_server"),
            ("x", "x"),
            ("", ""),
            ("_private", "_private"),
            ("__double__", "_doublexx"),
            ("trailing_", "trailingx"),
            ("2fa", "_2fa"),
            ("a.b c", "a_b_c"),
            ("@type", "atype"),
            ("+1", "x1"),
            ("-1", "_1"),
            ("a|b", "alb"),
            ("größe", "gr_e"),
            ("größé", "grx"),
            (" spaced ", "spaced"),
            ("$ref", "_ref"),
            ("ABc", "a_bc"),
            ("A1B", "a1_b"),
            ("a..b", "a_b"),
            ("a_.b", "a_b"),
        ] {
            assert_eq!(snake_case(name), expected, "{name}");
        }
    }

    #[test]
    fn a_long_name_is_cut_and_still_told_apart() {
        let names = [format!("users__{}__a", "x".repeat(70)), format!("users__{}__b", "x".repeat(70))];
        let short = names.clone().map(|name| shortened(name, 63));
        assert!(short.iter().all(|name| name.len() == 63));
        assert_ne!(short[0], short[1]);
        assert_eq!(path(["users", "appMetadata", "2fa"], 63), "users__app_metadata___2fa");
    }
}
