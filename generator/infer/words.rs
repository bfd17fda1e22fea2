//! Names as words: what a name says, however it is spelled.

/// A name, split into words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// Its words, in small letters.
    pub(crate) words: Vec<String>,
    /// The words in a row: `per_page`, `perPage`, `per-page` and `perpage` are one.
    pub(crate) flat: String,
}

impl Name {
    pub(crate) fn new(text: &str) -> Self {
        let words = split(text);
        let flat = words.concat();
        Self { words, flat }
    }

    /// Whether it is one of these, which are written flat, with blanks between them.
    pub(crate) fn is(&self, names: &str) -> bool {
        among(&self.flat, names)
    }

    /// Whether one of its words is among these.
    pub(crate) fn has(&self, words: &str) -> bool {
        self.words.iter().any(|word| among(word, words))
    }

    /// The name without these words.
    pub(crate) fn without(&self, words: &str) -> Self {
        let kept: Vec<String> = self.words.iter().filter(|word| !among(word, words)).cloned().collect();
        Self { flat: kept.concat(), words: kept }
    }

    /// Whether both name the same thing, be it one or many.
    pub(crate) fn is_same_noun(&self, other: &Self) -> bool {
        !self.flat.is_empty() && (self.flat == other.flat || self.singular() == other.singular())
    }

    /// The name of one of the things that it names, flat.
    pub(crate) fn singular(&self) -> String {
        let Some((last, first)) = self.words.split_last() else { return String::new() };
        first.concat() + &singular(last)
    }
}

/// Whether a word is one of these, which have blanks between them.
pub(crate) fn among(word: &str, words: &str) -> bool {
    !word.is_empty() && words.split(' ').any(|other| other == word)
}

/// Splits a name: at anything that is no letter or digit, and where a new word begins with a capital.
pub(crate) fn split(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &char) in chars.iter().enumerate() {
        if !char.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let follows_small = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        // The last capital of several belongs to the next word, unless only the plural of an abbreviation follows: `userIDs`.
        let ends_capitals = before.is_some_and(|before| before.is_uppercase())
            && after.is_some_and(|after| after.is_lowercase())
            && !(after == Some(&'s') && chars.get(at + 2).is_none_or(|next| !next.is_lowercase()));
        if char.is_uppercase() && (follows_small || ends_capitals) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(char.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// One of many: `companies` is `company`. A word that is no plural stays as it is.
pub(crate) fn singular(word: &str) -> String {
    const ODD: [(&str, &str); 8] = [
        ("people", "person"),
        ("children", "child"),
        ("indices", "index"),
        ("indexes", "index"),
        ("criteria", "criterion"),
        ("series", "series"),
        ("movies", "movie"),
        ("news", "news"),
    ];
    if let Some((_, one)) = ODD.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    let cut = |ending: &str| word.strip_suffix(ending).filter(|stem| stem.len() > 1);
    if let Some(stem) = cut("ies") {
        return format!("{stem}y");
    }
    if let Some(stem) = cut("es")
        && ["s", "x", "z", "ch", "sh"].iter().any(|end| stem.ends_with(end))
        // `databases` and `houses` have a stem in `e`.
        && !stem.ends_with("as") && !stem.ends_with("ous") && !stem.ends_with("ens") && !stem.ends_with("ons")
    {
        return stem.to_owned();
    }
    match cut("s") {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether a text in small letters has one of these phrases in it, which have `|` between them.
pub(crate) fn mentions(text: &str, phrases: &str) -> bool {
    phrases.split('|').any(|phrase| text.contains(phrase))
}

/// Whether one of these is a word of a text in small letters, not only a part of one.
pub(crate) fn has_word(text: &str, words: &str) -> bool {
    text.split(|char: char| !char.is_alphanumeric()).any(|word| among(word, words))
}

/// The number that a text gives after one of these phrases, if it comes soon.
pub(crate) fn number_after(text: &str, phrases: &str) -> Option<u64> {
    phrases.split('|').find_map(|phrase| {
        text.match_indices(phrase).find_map(|(at, _)| {
            let rest = text.get(at + phrase.len()..)?;
            let rest: String = rest.chars().take(28).take_while(|char| !matches!(char, ';' | '\n')).collect();
            let start = rest.find(|char: char| char.is_ascii_digit())?;
            // A sentence that ends in between speaks of something else by then.
            if rest.get(..start)?.contains(". ") {
                return None;
            }
            let digits: String =
                rest.get(start..)?.chars().take_while(|char| char.is_ascii_digit() || matches!(char, ',' | '_')).collect();
            digits.replace([',', '_'], "").parse().ok()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_words() {
        for (text, expected) in [
            ("per_page", "per page"),
            ("nextPageToken", "next page token"),
            ("NextPageURL", "next page url"),
            ("HTMLUrl", "html url"),
            ("page[size]", "page size"),
            ("$skiptoken", "skiptoken"),
            ("@odata.nextLink", "odata next link"),
            ("X-Rate-Limit-Reset", "x rate limit reset"),
            ("DateSent>", "date sent"),
            ("userIDs", "user ids"),
            ("v2Users", "v2 users"),
            ("", ""),
            ("[]", ""),
            ("größeÄndern", "größe ändern"),
        ] {
            assert_eq!(split(text).join(" "), expected, "{text}");
        }
        assert!(Name::new("perpage").is("perpage") && Name::new("per-page").is("perpage"));
    }

    #[test]
    fn plurals_have_a_singular() {
        for (many, one) in [
            ("customers", "customer"),
            ("companies", "company"),
            ("boxes", "box"),
            ("addresses", "address"),
            ("branches", "branch"),
            ("databases", "database"),
            ("statuses", "status"),
            ("status", "status"),
            ("people", "person"),
            ("licenses", "license"),
            ("responses", "response"),
            ("data", "data"),
            ("s", "s"),
            ("access", "access"),
        ] {
            assert_eq!(singular(many), one);
        }
        assert!(Name::new("audit_logs").is_same_noun(&Name::new("AuditLog")));
        assert!(!Name::new("").is_same_noun(&Name::new("")));
    }

    #[test]
    fn numbers_are_found_behind_their_phrases() {
        for (text, expected) in [
            ("the maximum is 100.", Some(100)),
            ("maximum number of results: 1,000", Some(1000)),
            ("the maximum. returns 50 rows", None),
            ("no number after maximum", None),
        ] {
            assert_eq!(number_after(text, "maximum"), expected, "{text}");
        }
    }
}
