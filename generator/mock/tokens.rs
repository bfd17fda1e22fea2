//! The tokens that the service has given, and what they were used for.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::random::seed_of;

/// Tokens and what they were used for.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    seed: u64,
    /// How many times a token can be used.
    uses: Option<u64>,
    /// Whether a refresh token is taken again until the one that came in its place is used: the answer may have been lost.
    forgives: bool,
    given: Mutex<Given>,
}

#[derive(Debug, Default)]
struct Given {
    /// How many texts were made.
    made: u64,
    access: HashMap<String, Access>,
    /// Refresh tokens that were traded already, each with what came in its place.
    spent: HashMap<String, String>,
    codes: HashMap<String, Code>,
}

/// A token that authorises requests.
#[derive(Debug)]
struct Access {
    used: u64,
    is_revoked: bool,
    /// The number of the login that it is from.
    login: usize,
}

/// A code that a user was given who logged in, to be traded once.
#[derive(Clone, Debug)]
pub(super) struct Code {
    /// The S256 challenge whose verifier has to come with the code.
    pub(super) challenge: String,
    /// Where the browser was sent.
    pub(super) redirect_uri: String,
}

impl Tokens {
    pub(super) fn new(seed: u64, uses: Option<u64>, forgives: bool) -> Self {
        Self { seed, uses, forgives, given: Mutex::default() }
    }

    /// A token of a login.
    pub(super) fn issue(&self, login: usize) -> String {
        let mut given = self.given();
        let token = given.text(self.seed, "token");
        given.access.insert(token.clone(), Access { used: 0, is_revoked: false, login });
        token
    }

    /// Another refresh token in place of one, which can not be used again. None if it was used already.
    pub(super) fn rotate(&self, refresh_token: &str) -> Option<String> {
        let mut given = self.given();
        if let Some(next) = given.spent.get(refresh_token) {
            return Some(next.clone()).filter(|next| self.forgives && !given.spent.contains_key(next));
        }
        let next = given.text(self.seed, "refresh");
        given.spent.insert(refresh_token.to_owned(), next.clone());
        Some(next)
    }

    /// A first refresh token.
    pub(super) fn refresh_token(&self) -> String {
        self.given().text(self.seed, "refresh")
    }

    /// A code for a user who logs in.
    pub(super) fn code(&self, code: Code) -> String {
        let mut given = self.given();
        let text = given.text(self.seed, "code");
        given.codes.insert(text.clone(), code);
        text
    }

    /// What a code was given for; from now on it is not known any more.
    pub(super) fn redeem(&self, code: &str) -> Option<Code> {
        self.given().codes.remove(code)
    }

    /// Counts a use of a token, which is to be one of a login; says why it is refused.
    pub(super) fn spend(&self, token: &str, login: usize) -> Result<(), &'static str> {
        let mut given = self.given();
        let access = given.access.get_mut(token).filter(|access| access.login == login).ok_or("Invalid token")?;
        access.used += 1;
        if access.is_revoked || self.uses.is_some_and(|uses| access.used > uses) {
            Err("Expired token received for JSON Web Token validation")
        } else {
            Ok(())
        }
    }

    /// Refuses every token that was given so far.
    pub(super) fn revoke(&self) {
        for access in self.given().access.values_mut() {
            access.is_revoked = true;
        }
    }

    /// Whether a token was given by a login.
    pub(super) fn is_known(&self, token: &str) -> bool {
        self.given().access.contains_key(token)
    }

    fn given(&self) -> MutexGuard<'_, Given> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Given {
    /// A text that was not given before, and that tells what it is.
    fn text(&mut self, seed: u64, kind: &str) -> String {
        let text = format!("mock-{kind}-{}-{:016x}", self.made + 1, seed_of(seed, &self.made.to_string()));
        self.made += 1;
        text
    }
}
