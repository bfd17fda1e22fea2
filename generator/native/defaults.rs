//! One form for resources, and the keys that all of them share.

use super::Lowering;
use super::language::ENDPOINT_KEYS;
use super::node::{Content, Member, Node};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;

/// Keys of an endpoint whose maps are merged key by key.
const MERGED: &[&str] = &["params", "json", "data"];

/// Keys of an endpoint whose lists go on with those of the defaults.
const CHAINED: &[&str] = &["response_actions"];

impl Lowering<'_> {
    /// What every resource has that does not say otherwise: `resource_defaults`, and the client's paginator.
    pub fn defaults(&mut self, node: Option<&Node>, client: Option<&Node>) -> Node {
        let mut defaults = match node {
            Some(node) => self.normal(node),
            None => Node::map(crate::source::Span::default(), Vec::new()),
        };
        let rules = defaults.get("endpoint").and_then(|endpoint| endpoint.get("response_actions"));
        self.default_rules = rules.map(Node::items).unwrap_or_default().iter().map(|rule| rule.span).collect();
        if let Some(paginator) = client.and_then(|client| client.member("paginator")) {
            let endpoint = Node::map(paginator.span, vec![paginator.clone()]);
            let shared =
                Node::map(paginator.span, vec![Member { key: "endpoint".to_owned(), span: paginator.span, node: endpoint }]);
            defaults = merged(&shared, &defaults);
        }
        defaults
    }

    /// A resource in its one form: a map whose `endpoint` is a map. A bare text is a name; flat keys move under the endpoint.
    pub fn normal(&mut self, node: &Node) -> Node {
        if node.scalar().is_some() {
            let name = Member { key: "name".to_owned(), span: node.span, node: node.clone() };
            return Node::map(node.span, vec![name]);
        }
        let mut endpoint: Vec<Member> = Vec::new();
        let mut endpoint_span = node.span;
        let mut members = Vec::new();
        let mut flat = Vec::new();
        for member in node.members() {
            match member.key.as_str() {
                "endpoint" => {
                    endpoint_span = member.span;
                    endpoint.extend(endpoint_members(member));
                }
                key if ENDPOINT_KEYS.contains(&key) => flat.push(member.clone()),
                _ => members.push(member.clone()),
            }
        }
        for member in flat {
            if let Some(first) = endpoint.iter().find(|other| other.key == member.key) {
                let repeated = Diagnostic::new(Code::DuplicateKey, member.span, &[&member.key]);
                self.diagnostics.push(repeated.label("again here").also(first.span, "first given under `endpoint`"));
            } else {
                endpoint.push(member);
            }
        }
        if !endpoint.is_empty() {
            let node = Node::map(endpoint_span, endpoint);
            members.push(Member { key: "endpoint".to_owned(), span: endpoint_span, node });
        }
        Node::map(node.span, members)
    }
}

fn endpoint_members(member: &Member) -> Vec<Member> {
    match &member.node.content {
        Content::Map(members) => members.clone(),
        Content::Scalar(_) => vec![Member { key: "path".to_owned(), span: member.span, node: member.node.clone() }],
        Content::Null | Content::Refused | Content::List(_) => Vec::new(),
    }
}

/// A resource with what it does not say itself taken from the defaults. A null in it says that it has none.
pub fn merged(defaults: &Node, own: &Node) -> Node {
    merge(defaults, own, &|key| key == "endpoint", &|inner_defaults, inner| {
        let both = |key: &str| MERGED.contains(&key) || CHAINED.contains(&key);
        merge(inner_defaults, inner, &both, &|defaults, own| match (&defaults.content, &own.content) {
            (Content::List(defaults), Content::List(items)) => {
                let items = items.iter().chain(defaults).cloned().collect();
                Node { span: own.span, content: Content::List(items) }
            }
            _ => merge(defaults, own, &|_| false, &|_, own| own.clone()),
        })
    })
}

/// Merges two maps; where both have a key, `deep` says whether its values are merged by `inner`, or the own one stays.
fn merge(defaults: &Node, own: &Node, deep: &dyn Fn(&str) -> bool, inner: &dyn Fn(&Node, &Node) -> Node) -> Node {
    // A list, such as a JSON body may be, has no keys to merge by.
    if !matches!(own.content, Content::Map(_)) {
        return own.clone();
    }
    let mut members: Vec<Member> = own.members().to_vec();
    for default in defaults.members() {
        match members.iter_mut().find(|member| member.key == default.key) {
            None => members.push(default.clone()),
            Some(member) if deep(&member.key) && !member.node.is_null() => member.node = inner(&default.node, &member.node),
            Some(_) => {}
        }
    }
    Node::map(own.span, members)
}
