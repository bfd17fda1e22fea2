//! A choice of ways to authorise, made when a client is built: by name, or by which inputs were given.

use crate::rt::auth::{Credentials, Scheme, Setup};
use crate::rt::descriptor::Auth;
use crate::rt::error::Result;

/// Several ways to authorise, of which each client uses one.
#[derive(Debug)]
pub struct OneOf {
    /// The input that names an option.
    pub input: &'static str,
    /// The option of clients that give nothing which an option needs; empty for none.
    pub default: &'static str,
    /// The ways.
    pub options: &'static [Choice],
}

/// One of the ways.
#[derive(Debug)]
pub struct Choice {
    /// Its name.
    pub name: &'static str,
    /// The inputs that it can not do without.
    pub required: &'static [&'static str],
    /// The inputs that it takes besides.
    pub optional: &'static [&'static str],
    /// The inputs that it can do without if a store keeps what they hold.
    pub stored: &'static [&'static str],
    /// The input that names the file of such a store; empty for none.
    pub token_file: &'static str,
    /// What it does with them.
    pub auth: Auth,
}

impl Choice {
    /// The inputs that it can not do without and that are absent.
    fn missing<'s>(&'static self, setup: &'s Setup<'_>) -> impl Iterator<Item = &'static str> + 's {
        let has_store = setup.store.is_some() || setup.inputs.get(self.token_file).is_some();
        let stored = self.stored.iter().filter(move |_| !has_store);
        self.required.iter().chain(stored).copied().filter(|name| setup.inputs.get(name).is_none())
    }

    fn takes(&self, name: &str) -> bool {
        [self.required, self.optional, self.stored].into_iter().flatten().any(|held| *held == name)
    }

    /// What is missing, in words.
    fn lack(&'static self, setup: &Setup<'_>) -> String {
        let missing: Vec<String> = self.missing(setup).map(|name| setup.inputs.shown(name)).collect();
        format!("`{}` needs {}", self.name, missing.join(", "))
    }
}

impl Scheme for OneOf {
    fn credentials(&'static self, setup: &mut Setup<'_>) -> Result<Option<Credentials>, String> {
        let choice = self.choose(setup)?;
        setup.credentials(&choice.auth).map(Some)
    }
}

impl OneOf {
    fn choose(&'static self, setup: &Setup<'_>) -> Result<&'static Choice, String> {
        let option = |name: &str| self.options.iter().find(|choice| choice.name == name);
        if let Some(name) = setup.inputs.get(self.input) {
            // The input takes the names of the options alone.
            let choice = option(name).ok_or_else(|| format!("there is no login `{name}`"))?;
            return if choice.missing(setup).next().is_none() { Ok(choice) } else { Err(lacking(choice, setup)) };
        }
        let names = self.options.iter().flat_map(|choice| [choice.required, choice.optional, choice.stored]).flatten();
        let given: Vec<&str> = names.copied().filter(|name| setup.inputs.is_given(name)).collect();
        if given.is_empty()
            && setup.store.is_none()
            && let Some(default) = option(self.default)
        {
            return if default.missing(setup).next().is_none() { Ok(default) } else { Err(lacking(default, setup)) };
        }
        let complete = |choice: &&'static Choice| choice.missing(setup).next().is_none();
        // What was given and would not be used tells that another login was meant.
        let takes_all = |choice: &&'static Choice| given.iter().all(|name| choice.takes(name));
        let mut candidates = self.options.iter().filter(complete).filter(takes_all);
        match (candidates.next(), candidates.next()) {
            (Some(choice), None) => Ok(choice),
            (None, _) => Err(self.none_fits(&given, setup)),
            (Some(one), Some(two)) => Err(self.ambiguous(one, two, setup)),
        }
    }

    fn ambiguous(&self, one: &Choice, two: &Choice, setup: &Setup<'_>) -> String {
        let input = setup.inputs.shown(self.input);
        format!("both the login `{}` and the login `{}` could be meant: say which with {input}", one.name, two.name)
    }

    /// Nothing is complete, or what is complete leaves out something that was given.
    fn none_fits(&'static self, given: &[&str], setup: &Setup<'_>) -> String {
        let is_complete = |choice: &&'static Choice| choice.missing(setup).next().is_none();
        let is_begun = |choice: &&'static Choice| given.iter().any(|name| choice.takes(name));
        let (complete, lacking): (Vec<_>, Vec<_>) = self.options.iter().filter(is_begun).partition(is_complete);
        let lacks = |choices: &[&'static Choice]| choices.iter().map(|choice| choice.lack(setup)).collect::<Vec<_>>().join("; ");
        if complete.is_empty() {
            // Of those who lack something, the ones that were begun tell the most.
            let all: Vec<_> = self.options.iter().filter(|choice| !is_complete(choice)).collect();
            return format!("no login is complete: {}", lacks(if lacking.is_empty() { &all } else { &lacking }));
        }
        let complete: Vec<String> = complete.iter().map(|choice| format!("`{}`", choice.name)).collect();
        let (complete, input) = (complete.join(", "), setup.inputs.shown(self.input));
        if lacking.is_empty() {
            return format!("inputs of several logins are set ({complete}): say which is meant with {input}");
        }
        let lacks = lacks(&lacking);
        format!("inputs of several logins are set: complete is {complete}, but {lacks}; say which is meant with {input}")
    }
}

/// What a login that was chosen lacks.
fn lacking(choice: &'static Choice, setup: &Setup<'_>) -> String {
    format!("the login {}", choice.lack(setup))
}
