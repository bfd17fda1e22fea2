//! Names of resources: the last steps of their paths, as many as it takes to tell them apart.

use std::collections::HashMap;

use super::key::hole;
use super::list::LISTS;
use super::words::{Name, among, singular, split};

/// The names of resources, given their paths and the names of their operations.
pub(crate) fn names(paths: &[(&str, &str)]) -> Vec<String> {
    let rows: Vec<Vec<String>> = paths.iter().map(|(path, _)| steps(path)).collect();
    // A step that only says what is done needs the one before it.
    let mut depth: Vec<usize> =
        rows.iter().map(|row| row.iter().rev().position(|step| !is_verb(step)).map_or(row.len().max(1), |at| at + 1)).collect();
    let name = |at: usize, depth: usize| named(&rows[at], depth);
    loop {
        let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, depth) in depth.iter().enumerate() {
            groups.entry(name(at, *depth)).or_default().push(at);
        }
        let mut is_done = true;
        for group in groups.values().filter(|group| group.len() > 1) {
            // The shortest path keeps its name.
            let shortest = group.iter().map(|at| rows[*at].len()).min().unwrap_or(0);
            let keeps = group.iter().filter(|at| rows[**at].len() == shortest).count() == 1;
            for at in group.iter().filter(|at| !(keeps && rows[**at].len() == shortest)) {
                if depth[*at] < rows[*at].len() {
                    depth[*at] += 1;
                    is_done = false;
                }
            }
        }
        if is_done {
            break;
        }
    }
    let mut taken: HashMap<String, usize> = HashMap::new();
    let mut chosen = Vec::new();
    for (at, (_, operation)) in paths.iter().enumerate() {
        let mut wanted = name(at, depth[at]);
        if wanted.is_empty() || taken.contains_key(&wanted) {
            wanted = split(operation).join("_");
        }
        if wanted.is_empty() || wanted.starts_with(|char: char| char.is_ascii_digit()) {
            wanted.insert_str(0, "list_");
        }
        let number = taken.entry(wanted.clone()).and_modify(|number| *number += 1).or_insert(1);
        let unique = if *number == 1 { wanted } else { format!("{wanted}_{number}") };
        taken.entry(unique.clone()).or_insert(1);
        chosen.push(unique);
    }
    chosen
}

/// The steps of a path that name things.
fn steps(path: &str) -> Vec<String> {
    let path = path.split('?').next().unwrap_or_default();
    let version = |step: &str| {
        let rest = step.strip_prefix(['v', 'V']).unwrap_or(step);
        !rest.is_empty() && rest.chars().all(|char| char.is_ascii_digit() || matches!(char, '.' | '_' | '-'))
    };
    let steps: Vec<&str> = path.split(['/', '#', ':']).filter(|step| !step.is_empty() && hole(step).is_none()).collect();
    let named = steps.iter().filter(|step| !version(step) && !matches!(**step, "api" | "rest"));
    named.map(|step| split(step.trim_end_matches(".json")).join("_")).filter(|step| !step.is_empty()).collect()
}

fn is_verb(step: &str) -> bool {
    Name::new(step).words.iter().all(|word| among(word, LISTS) || among(word, "me get self mine"))
}

/// The last steps as one name, those before the last one as one of many.
fn named(steps: &[String], depth: usize) -> String {
    let from = steps.len().saturating_sub(depth);
    let Some((last, above)) = steps.get(from..).and_then(<[String]>::split_last) else { return String::new() };
    let above = above.iter().map(|step| {
        let mut words: Vec<String> = step.split('_').map(str::to_owned).collect();
        if let (Some(word), false) = (words.last_mut(), is_verb(last)) {
            *word = singular(word);
        }
        words.join("_") + "_"
    });
    above.collect::<String>() + last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_named_by_their_paths() {
        let paths = [
            ("/v1/customers", "GetCustomers", "customers"),
            ("/v1/customers/search", "SearchCustomers", "customers_search"),
            ("/v1/customers/{id}/sources", "GetSources", "customer_sources"),
            ("/v1/accounts/{id}/sources", "GetAccountSources", "account_sources"),
            ("/orgs/{org}/repos", "repos/list-for-org", "org_repos"),
            ("/users/{user}/repos", "repos/list-for-user", "user_repos"),
            ("/repos", "repos/list", "repos"),
            ("/conversations.list", "conversations_list", "conversations_list"),
            ("/users.json", "users", "users"),
            ("/", "root", "root"),
            ("/{a}", "list a", "list_a"),
            ("/{b}", "list a", "list_a_2"),
        ];
        let given: Vec<(&str, &str)> = paths.iter().map(|(path, operation, _)| (*path, *operation)).collect();
        assert_eq!(names(&given), paths.map(|(_, _, expected)| expected));
    }
}
