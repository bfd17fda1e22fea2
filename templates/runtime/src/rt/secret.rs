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
    /// Adds a secret, as it is and as it looks in a query, a form and a JSON text.
    pub fn add(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        let encoded = encoded(secret);
        let escaped = secret.replace('\\', "\\\\").replace('"', "\\\"");
        for spelling in [secret.to_owned(), encoded.replace("%20", "+"), encoded, escaped.replace('/', "\\/"), escaped] {
            if !self.0.iter().any(|held| held.expose_secret() == spelling) {
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

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}
