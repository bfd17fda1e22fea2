//! HTTP methods.

/// An HTTP method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// Any other, as it is sent.
    Other(String),
}

/// The methods that have a variant of their own.
static COMMON: [Method; 6] = [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete];

/// What the registry of HTTP methods has besides, and `PURGE`, which caches take. `CONNECT` and `PRI` of the registry are not for
/// requests to a service.
const OTHERS: [&str; 33] = [
    "QUERY",
    "OPTIONS",
    "TRACE",
    "SEARCH",
    "REPORT",
    "PROPFIND",
    "PROPPATCH",
    "COPY",
    "MOVE",
    "LINK",
    "UNLINK",
    "MKCOL",
    "MKCALENDAR",
    "MKACTIVITY",
    "MKWORKSPACE",
    "MKREDIRECTREF",
    "UPDATEREDIRECTREF",
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "REBIND",
    "UNBIND",
    "CHECKIN",
    "CHECKOUT",
    "UNCHECKOUT",
    "LABEL",
    "MERGE",
    "ORDERPATCH",
    "UNLOCK",
    "UPDATE",
    "VERSION-CONTROL",
    "PURGE",
    "LOCK",
];

impl Method {
    /// The method of this name, in capitals or not; none where there is no such method.
    #[must_use]
    pub fn known(name: &str) -> Option<Self> {
        Self::names().find(|known| known.eq_ignore_ascii_case(name)).and_then(Self::sent_as)
    }

    /// The names of all methods that are known.
    pub fn names() -> impl Iterator<Item = &'static str> {
        COMMON.iter().map(Self::as_str).chain(OTHERS)
    }

    /// The method that is sent as this; none where nothing may be (RFC 9110, section 5.6.2).
    #[must_use]
    pub fn sent_as(name: &str) -> Option<Self> {
        let is_of_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(is_of_token) || ["CONNECT", "PRI"].contains(&name) {
            return None;
        }
        let common = COMMON.iter().find(|method| method.as_str() == name);
        Some(common.cloned().unwrap_or_else(|| Self::Other(name.to_owned())))
    }

    /// The method as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Other(name) => name,
        }
    }

    /// Whether it asks by what its body says, and changes nothing.
    #[must_use]
    pub fn is_query(&self) -> bool {
        self.as_str() == "QUERY"
    }

    /// Whether it may be a question that its body asks: a search is often sent by `POST`.
    #[must_use]
    pub fn may_ask_by_body(&self) -> bool {
        *self == Self::Post || self.is_query()
    }

    /// Whether it may be repeated without harm (RFC 9110, section 9.2.2). Nothing is known of methods that are not registered.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        match self {
            Self::Get | Self::Head | Self::Put | Self::Delete => true,
            Self::Post | Self::Patch => false,
            Self::Other(name) => name != "LOCK" && OTHERS.contains(&name.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Method;

    #[test]
    fn methods_are_known_by_their_names() {
        for (name, known) in
            [("get", Some("GET")), ("Query", Some("QUERY")), ("PURGE", Some("PURGE")), ("GTE", None), ("PRI", None)]
        {
            assert_eq!(Method::known(name).as_ref().map(Method::as_str), known, "{name}");
        }
        for name in Method::names() {
            assert_eq!(Method::known(name).as_ref().map(Method::as_str), Some(name));
        }
    }

    #[test]
    fn what_is_no_name_of_a_method_is_not_sent() {
        for (name, is_sent) in
            [("PATCH", true), ("Pet-It", true), ("", false), ("GET /", false), ("GÉT", false), ("CONNECT", false)]
        {
            assert_eq!(Method::sent_as(name).is_some(), is_sent, "{name}");
        }
        assert_eq!(Method::sent_as("PATCH"), Some(Method::Patch), "those of the path's own members come by their names as well");
    }

    #[test]
    fn only_what_is_known_to_be_harmless_is_repeated() {
        for (name, expected) in
            [("PUT", true), ("POST", false), ("QUERY", true), ("COPY", true), ("LOCK", false), ("Pet-It", false)]
        {
            assert_eq!(Method::sent_as(name).is_some_and(|method| method.is_idempotent()), expected, "{name}");
        }
    }
}
