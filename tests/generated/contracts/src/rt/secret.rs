//! What must never be shown, and the means to take it out of texts that come from outside.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::rt::url::encoded;

pub use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a secret.
const MASK: &str = "***";

/// How many of the tokens that come at run time are remembered: an answer that is on its way may still hold an earlier one.
const TOKENS: usize = 16;

/// The secrets of a client, in every spelling in which a server may send them back.
#[derive(Default)]
pub struct Secrets {
    given: Vec<SecretString>,
    /// Tokens, the latest last.
    tokens: Mutex<VecDeque<Vec<SecretString>>>,
}

impl Secrets {
    /// Adds a secret that the client was given.
    pub fn add(&mut self, secret: &str) {
        for spelling in spellings(secret) {
            if !self.given.iter().any(|held| held.expose_secret() == spelling.expose_secret()) {
                self.given.push(spelling);
            }
        }
        // A secret that holds another one is masked as a whole.
        self.given.sort_by_key(|held| std::cmp::Reverse(held.expose_secret().len()));
    }

    /// Adds a secret that came at run time, such as a token. The oldest of many are forgotten.
    pub fn note(&self, token: &str) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let mut spellings = spellings(token);
        spellings.sort_by_key(|held| std::cmp::Reverse(held.expose_secret().len()));
        if spellings.is_empty() || tokens.iter().flatten().any(|held| held.expose_secret() == token) {
            return;
        }
        tokens.push_back(spellings);
        if tokens.len() > TOKENS {
            tokens.pop_front();
        }
    }

    /// The text with every secret masked.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let secrets = self.given.iter().chain(tokens.iter().flatten());
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), MASK))
    }
}

/// A secret as it is, as it looks in a query and a form, in a JSON text, and in a JSON text within another.
fn spellings(secret: &str) -> Vec<SecretString> {
    let query = encoded(secret);
    let json = escaped(secret);
    let mut spellings = vec![query.replace("%20", "+"), query, json.replace('/', "\\/"), escaped(&json), json, secret.to_owned()];
    spellings.retain(|spelling| !spelling.is_empty());
    spellings.sort();
    spellings.dedup();
    spellings.into_iter().map(SecretString::from).collect()
}

/// As JSON writes it between quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.given.len())
    }
}
