//! Which operation an address belongs to.

use super::request::{Pairs, decode, pairs};
use crate::model::{Api, Auth, Hole, Input, Location, Method, Operation, ParamValue, Purpose, Template, TemplatePart};

/// What an address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The token endpoint.
    Token,
    /// The page where users log in.
    Authorize,
    /// The login of a session, by its number among the parts of the API's authorisation.
    Session(usize),
    /// A resource, by its number.
    Resource(usize),
    /// An operation, by its number.
    Operation(usize),
    /// The request that asks for a job of a resource, by its number.
    Poll(usize),
    /// The one that removes it.
    Cleanup(usize),
}

/// Every address that the service knows.
#[derive(Debug)]
pub(super) struct Router {
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    target: Target,
    method: Method,
    parts: Vec<Part>,
    /// How many of its bytes are fixed: of several routes that match, the most definite wins.
    fixed: usize,
    /// The parameters of the query that it says the values of.
    query: Vec<(String, Template)>,
}

#[derive(Debug)]
enum Part {
    Literal(String),
    Hole(Hole),
}

/// A route that matches, with what fills its holes.
#[derive(Debug)]
pub(super) struct Match {
    pub(super) target: Target,
    pub(super) holes: Vec<(Hole, String)>,
}

/// Why no route matches.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// The address is unknown.
    Path,
    /// The address is known, but not with this method.
    Method,
}

impl Router {
    pub(super) fn new(api: &Api) -> Self {
        let base = base_path(api);
        let mut routes = Vec::new();
        let mut login = |target, method, path: &Template| {
            routes.push(Route::new(target, method, if is_absolute(path) { "" } else { base.as_str() }, path));
        };
        for (at, part) in api.client.auth.parts().into_iter().enumerate() {
            match part {
                Auth::OAuth2(oauth2) => login(Target::Token, &Method::Post, &oauth2.token_url),
                Auth::Refresh(refresh) => login(Target::Token, &Method::Post, &refresh.oauth2.token_url),
                Auth::Code(code) => {
                    login(Target::Token, &Method::Post, &code.refresh.oauth2.token_url);
                    login(Target::Authorize, &Method::Get, &code.authorize_url);
                }
                Auth::Jwt(jwt) => {
                    if let Purpose::Assertion(oauth2) | Purpose::ClientAssertion(oauth2) = &jwt.purpose {
                        login(Target::Token, &Method::Post, &oauth2.token_url);
                    }
                }
                Auth::Session(session) => login(Target::Session(at), &session.method, &session.url),
                _ => {}
            }
        }
        let of = |target, operation: &Operation| {
            let base = if is_absolute(&operation.path) { "" } else { base.as_str() };
            let fixed = operation.params.iter().filter(|param| param.location == Location::Query);
            let fixed = fixed.filter_map(|param| match &param.value {
                ParamValue::Fixed(value) => Some((param.name.value.clone(), value.clone())),
                ParamValue::Argument { .. } => None,
            });
            Route { query: fixed.collect(), ..Route::new(target, &operation.method, base, &operation.path) }
        };
        for (at, resource) in api.resources.iter().enumerate() {
            // Where nothing starts a job, the resource's own request is the one that asks for it.
            if resource.job.as_ref().is_none_or(|job| job.id.is_some()) {
                routes.push(of(Target::Resource(at), &resource.operation));
            }
            if let Some(job) = &resource.job {
                routes.push(of(Target::Poll(at), &job.poll));
                routes.extend(job.cleanup.as_ref().map(|cleanup| of(Target::Cleanup(at), cleanup)));
            }
        }
        routes.extend(api.operations.iter().enumerate().map(|(at, operation)| of(Target::Operation(at), operation)));
        Self { routes }
    }

    /// The route of a request. Several resources may be queries of one address: the one wins whose parameters are in the request.
    /// Of equally definite ones it is the first, so that the token endpoint comes before an operation that describes it.
    pub(super) fn find(&self, method: &str, path: &str, query: Option<&str>) -> Result<Match, Mismatch> {
        let sent = query.map(pairs).unwrap_or_default();
        let mut mismatch = Mismatch::Path;
        let mut best: Option<((usize, Option<usize>), Match)> = None;
        for route in &self.routes {
            let Some(holes) = matches(&route.parts, path) else { continue };
            if route.method.as_str() != method {
                mismatch = Mismatch::Method;
                continue;
            }
            let rank = (route.fixed, route.fits(&sent));
            if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                best = Some((rank, Match { target: route.target, holes }));
            }
        }
        best.map(|(_, found)| found).ok_or(mismatch)
    }
}

impl Route {
    fn new(target: Target, method: &Method, base: &str, path: &Template) -> Self {
        let mut parts = vec![Part::Literal(base.to_owned())];
        parts.extend(path.parts.iter().map(|part| match part {
            TemplatePart::Literal(text) => Part::Literal(text.clone()),
            TemplatePart::Hole(hole) => Part::Hole(hole.clone()),
        }));
        if is_absolute(path) {
            drop_origin(&mut parts);
        }
        let fixed = parts.iter().map(|part| if let Part::Literal(text) = part { text.len() } else { 0 }).sum();
        Self { target, method: method.clone(), parts, fixed, query: Vec::new() }
    }

    /// How many bytes of a query are as it says; none where one of them is not. Later pages may leave parameters out.
    fn fits(&self, sent: &Pairs) -> Option<usize> {
        self.query.iter().try_fold(0, |fitting, (name, template)| match sent.iter().find(|(held, _)| held == name) {
            Some((_, value)) => filled(template, value).map(|_| fitting + template.literal_text().len()),
            None => Some(fitting),
        })
    }
}

/// The path of the base URL, without a slash at its end. Inputs have their default value in it, or their name.
pub(super) fn base_path(api: &Api) -> String {
    let text = resolve(&api.client.base_url, &api.inputs, 0);
    let below_scheme = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let path = below_scheme.find('/').and_then(|at| below_scheme.get(at..)).unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}

fn resolve(template: &Template, inputs: &[Input], depth: usize) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal(text) => text.clone(),
        TemplatePart::Hole(hole) => {
            let name = hole.name();
            let default = inputs.iter().find(|input| input.name.value == name).and_then(|input| input.default.as_ref());
            default.filter(|_| depth < 8).map_or(name, |default| resolve(default, inputs, depth + 1))
        }
    };
    template.parts.iter().map(part).collect()
}

/// Whether a template is an address with a host rather than a path. One that begins with a hole is.
fn is_absolute(template: &Template) -> bool {
    match template.parts.first() {
        Some(TemplatePart::Literal(text)) => !text.starts_with('/'),
        Some(TemplatePart::Hole(_)) => true,
        None => false,
    }
}

/// Removes scheme and host from the parts of an address.
fn drop_origin(parts: &mut Vec<Part>) {
    let mut seen_scheme = false;
    while let Some(first) = parts.first_mut() {
        if let Part::Literal(text) = first {
            if !seen_scheme && let Some((_, rest)) = text.split_once("://") {
                *text = rest.to_owned();
            }
            seen_scheme |= !text.is_empty();
            if let Some(at) = text.find('/') {
                *text = text.get(at..).unwrap_or_default().to_owned();
                return;
            }
        }
        parts.remove(0);
    }
}

/// What fills the holes of a parameter whose text has the form of its template: each reaches to the next fixed part.
pub(super) fn filled(template: &Template, text: &str) -> Option<Vec<(Hole, String)>> {
    let mut found = Vec::new();
    let (mut rest, mut parts) = (text, template.parts.iter().peekable());
    while let Some(part) = parts.next() {
        match part {
            TemplatePart::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
            TemplatePart::Hole(hole) => {
                let end = match parts.peek() {
                    Some(TemplatePart::Literal(literal)) => rest.find(literal.as_str())?,
                    _ => rest.len(),
                };
                let (value, after) = rest.split_at_checked(end)?;
                found.push((hole.clone(), value.to_owned()));
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(found)
}

/// What fills the holes where a path has this form. A hole takes at least one byte and no slash.
fn matches(parts: &[Part], path: &str) -> Option<Vec<(Hole, String)>> {
    let Some((part, rest)) = parts.split_first() else { return path.is_empty().then(Vec::new) };
    match part {
        Part::Literal(text) => matches(rest, path.strip_prefix(text.as_str())?),
        Part::Hole(hole) => {
            let segment = path.find('/').unwrap_or(path.len());
            let ends = (1..=segment).rev().filter(|end| path.is_char_boundary(*end));
            ends.into_iter().find_map(|end| {
                let (value, after) = path.split_at_checked(end)?;
                let mut holes = matches(rest, after)?;
                holes.insert(0, (hole.clone(), decode(value)));
                Some(holes)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<Part> {
        let piece = |(at, text): (usize, &str)| match at % 2 {
            0 => Part::Literal(text.to_owned()),
            _ => Part::Hole(Hole::Argument(text.to_owned())),
        };
        text.split(['{', '}']).enumerate().map(piece).collect()
    }

    #[test]
    fn paths_match_their_templates() {
        let cases: &[(&str, &str, Option<&[&str]>)] = &[
            ("/users", "/users", Some(&[])),
            ("/users", "/users/1", None),
            ("/users/{id}", "/users/auth0%7C1", Some(&["auth0|1"])),
            ("/users/{id}", "/users/", None),
            ("/users/{id}/roles", "/users/a/b/roles", None),
            ("/files/{name}.json", "/files/a.b.json", Some(&["a.b"])),
            ("/o/{id}/m/{user}/r", "/o/1/m/2/r", Some(&["1", "2"])),
        ];
        for (template, path, expected) in cases {
            let found =
                matches(&parts(template), path).map(|holes| holes.into_iter().map(|(_, value)| value).collect::<Vec<_>>());
            let expected = expected.map(|values| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
            assert_eq!(found, expected, "{template} {path}");
        }
    }

    #[test]
    fn scheme_and_host_are_dropped() {
        for (template, path) in [
            ("https://{domain}/oauth/token", "/oauth/token"),
            ("https://api.example.com/oauth/token", "/oauth/token"),
            ("https://{tenant}.example.com:8080/t", "/t"),
            ("{base_url}/token", "/token"),
        ] {
            let mut parts = parts(template);
            parts.retain(|part| !matches!(part, Part::Literal(text) if text.is_empty()));
            drop_origin(&mut parts);
            assert!(matches(&parts, path).is_some(), "{template}");
        }
    }
}
