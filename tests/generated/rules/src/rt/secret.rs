//! What must never be shown, and the means to take it out of texts that come from outside.

use std::fmt;

use crate::rt::url::encoded;

pub use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a secret.
const MASK: &str = "***";

/// The secrets of a client, in every spelling in which a server may send them back.
#[derive(Default)]
pub struct Secrets(Vec<SecretString>);

impl Secrets {
    /// Adds a secret: as it is, as it looks in a query and a form, in a JSON text, and in a JSON text within another.
    pub fn add(&mut self, secret: &str) {
        let query = encoded(secret);
        let json = escaped(secret);
        let spellings = [query.replace("%20", "+"), query, json.replace('/', "\\/"), escaped(&json), json, secret.to_owned()];
        for spelling in spellings {
            if !(spelling.is_empty() || self.0.iter().any(|held| held.expose_secret() == spelling)) {
                self.0.push(spelling.into());
            }
        }
        // A secret that holds another one is masked as a whole.
        self.0.sort_by_key(|held| std::cmp::Reverse(held.expose_secret().len()));
    }

    /// The text with every secret masked.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), MASK))
    }
}

/// As JSON writes it between quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}
