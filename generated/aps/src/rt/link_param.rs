//! A cursor that is a query parameter of the next page's address.

use crate::rt::paging::Take;

/// The name of the parameter.
#[derive(Clone, Copy, Debug)]
pub struct LinkParam(pub &'static str);

impl Take for LinkParam {
    fn param(&self) -> &'static str {
        self.0
    }

    fn cursor(&self, link: &str) -> Option<String> {
        let link = link.split('#').next().unwrap_or_default();
        let (_, query) = link.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| decoded(name) == self.0).map(|(_, value)| decoded(value)).filter(|value| !value.is_empty())
    }
}

/// A name or value of a query: `+` is a blank, `%20` as well. What is no escape stays as it is.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| !digits.starts_with('+'));
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(if first == b'+' { b' ' } else { first }));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
