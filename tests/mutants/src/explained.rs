//! Why a mutant may live: what it changes makes no difference that a test could see.
//!
//! The list is a text: lines that name mutants as the report does, then indented lines that say why of all of them.

use std::collections::HashMap;

/// Explanations by the lines of their mutants.
pub fn read(text: &str) -> HashMap<String, String> {
    let mut explained = HashMap::new();
    let (mut keys, mut why) = (Vec::new(), String::new());
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    for line in lines {
        if line.starts_with(' ') {
            if !why.is_empty() {
                why.push(' ');
            }
            why.push_str(line.trim());
            continue;
        }
        if !why.is_empty() {
            explained.extend(keys.drain(..).map(|key| (key, why.clone())));
            why.clear();
        }
        keys.push(line.to_owned());
    }
    explained.extend(keys.into_iter().map(|key| (key, why.clone())));
    explained
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_is_for_all_that_is_named_before_it() {
        let text =
            "# why\n\na.rs f: `1` to `2`\na.rs g #2: `1` to `2`\n    One reason,\n    on two lines.\n\nb.rs h: x\n    Another.\n";
        let explained = read(text);
        assert_eq!(explained["a.rs f: `1` to `2`"], "One reason, on two lines.");
        assert_eq!(explained["a.rs g #2: `1` to `2`"], "One reason, on two lines.");
        assert_eq!(explained["b.rs h: x"], "Another.");
        assert_eq!(explained.len(), 3);
    }
}
