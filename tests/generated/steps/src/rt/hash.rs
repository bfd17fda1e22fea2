//! Digests in the place of values that nobody is to read.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a text as 64 hexadecimal digits; with a key, the HMAC-SHA-256.
#[must_use]
pub fn sha256(text: &str, key: Option<&str>) -> String {
    let digest = match key.map(|key| Hmac::<Sha256>::new_from_slice(key.as_bytes())) {
        Some(Ok(mut mac)) => {
            mac.update(text.as_bytes());
            mac.finalize().into_bytes()
        }
        // A key may have any length, so there is no error but in name.
        Some(Err(_)) | None => Sha256::digest(text.as_bytes()),
    };
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a `String` can not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
