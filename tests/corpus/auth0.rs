//! The fields of `specs/auth0.yaml` are those of Auth0's own document: a field is there in both, with a type that agrees, or it is
//! listed here with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tapwright::diagnostic::Diagnostics;
use tapwright::model::{Api, Method, Operation, Scalar, TemplatePart, Type, TypeId, TypeKind, Types};
use tapwright::source::Sources;
use tapwright::{LoadOptions, load_text_with};

/// What is otherwise, and why.
const OTHERWISE: &[(&str, &[&str])] = &[
    (
        "seen in recorded traffic, or told by the API's prose, and not by its document",
        &[
            "actions.current_version: not there",
            "actions.deployed_version.build_time: not there",
            "clients.addons.samlp.binding: not there",
            "clients.addons.samlp.logout: not there",
            "clients.addons.samlp.signingCert: not there",
            "clients.callback_url_template: not there",
            "clients.client_authentication_methods.private_key_jwt.credentials.alg: not there",
            "clients.client_authentication_methods.private_key_jwt.credentials.created_at: not there",
            "clients.client_authentication_methods.private_key_jwt.credentials.credential_type: not there",
            "clients.client_authentication_methods.private_key_jwt.credentials.expires_at: not there",
            "clients.client_authentication_methods.private_key_jwt.credentials.kid: not there",
            "clients.client_authentication_methods.private_key_jwt.credentials.name: not there",
            "clients.client_authentication_methods.private_key_jwt.credentials.subject_dn: not there",
            "clients.client_authentication_methods.private_key_jwt.credentials.thumbprint_sha256: not there",
            "clients.client_authentication_methods.private_key_jwt.credentials.updated_at: not there",
            "clients.cross_origin_auth: not there",
            "clients.oidc_backchannel_logout: not there",
            "clients.owners: not there",
            "clients.signing_keys.key: not there",
            "connections.enabled_clients: not there",
            "connections.provisioning_ticket_url: not there",
            "device_credentials.last_used: not there",
            "organization_client_grants.allow_all_scopes: not there",
            "organization_client_grants.authorization_details_types: not there",
            "organization_client_grants.default_for: not there",
            "organization_client_grants.is_system: not there",
            "organization_client_grants.subject_type: not there",
            "organization_connections.is_enabled: not there",
            "organization_connections.organization_access_level: not there",
            "organization_connections.organization_connection_name: not there",
            "organization_invitations.identity_provider: not there",
            "organizations.third_party_client_access: not there",
            "resource_servers.verificationLocation: not there",
            "user_logs._id: not there",
            "user_logs.auth0_client: not there",
            "user_logs.client_ip: not there",
            "user_logs.organization_id: not there",
            "user_logs.organization_name: not there",
            "user_organizations.third_party_client_access: not there",
            "users.identities.expires_in: not there",
            "users.locale: not there",
        ],
    ),
    (
        "whole numbers, although the document says numbers",
        &["actions.deployed_version.number: Number there", "network_acls.priority: Number there", "rules.order: Number there"],
    ),
    (
        "taken more freely, or as it was recorded",
        &[
            "clients.addons.sharepoint.external_url: a union there",
            "user_authentication_methods.identity_user_id: String there",
            "user_logs.scope: String there",
            "users.identities.user_id: a union there",
        ],
    ),
    ("sent alone, never received", &["actions.deploy: not here"]),
];

#[test]
fn fields_of_auth0_are_those_of_its_document() {
    let Some(folder) = super::documents::folder("openapi/auth0", "fields_of_auth0_are_those_of_its_document") else { return };
    let spec = load(&super::root().join("specs/auth0.yaml"));
    let document = load(&folder.join("management-api.json"));
    let answers: BTreeMap<String, &Type> = operations(&document)
        .filter(|operation| operation.method == Method::Get)
        .filter_map(|operation| Some((address(operation), operation.response.as_ref()?)))
        .collect();

    let mut comparison =
        Comparison { ours: &spec.types, theirs: &document.types, seen: BTreeSet::new(), differences: BTreeSet::new() };
    let mut compared = 0;
    for resource in spec.resources.iter().filter(|resource| resource.job.is_none()) {
        let Some(answer) = answers.get(&address(&resource.operation)) else { continue };
        let theirs = structs(&document.types, answer);
        let ours = &resource.source;
        let best = theirs.into_iter().max_by_key(|ty| comparison.shared(ours, ty));
        let Some(best) = best.filter(|best| comparison.shared(ours, best) > 0) else {
            comparison.differences.insert(format!("{}: no record like it", *resource.operation.name));
            continue;
        };
        comparison.compare(&resource.operation.name, ours, &best);
        // What is taken over from parents' records is no field of the API.
        for value in &resource.include {
            comparison.differences.remove(&format!(
                "{}._{}: not there",
                *resource.operation.name,
                value.name().replace('.', "_")
            ));
        }
        compared += 1;
    }
    let expected: BTreeSet<String> = OTHERWISE.iter().flat_map(|(_, lines)| *lines).map(|&line| line.to_owned()).collect();
    assert!(compared >= 30, "{compared} resources are in both");
    let unexpected: Vec<_> = comparison.differences.difference(&expected).map(String::as_str).collect();
    let mended: Vec<_> = expected.difference(&comparison.differences).map(String::as_str).collect();
    assert!(unexpected.is_empty(), "not as the document has it:\n{}", unexpected.join("\n"));
    assert!(mended.is_empty(), "no longer different:\n{}", mended.join("\n"));
}

fn load(path: &Path) -> Api {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = load_text_with(path, &text, &LoadOptions::default(), &mut sources, &mut diagnostics);
    api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)))
}

fn operations(api: &Api) -> impl Iterator<Item = &Operation> {
    api.operations.iter().chain(api.resources.iter().map(|resource| &resource.operation))
}

/// The path without the names of its holes.
fn address(operation: &Operation) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal(text) => text.clone(),
        TemplatePart::Hole(_) => "{}".to_owned(),
    };
    operation.path.parts.iter().map(part).collect()
}

/// The objects that a type is made of, those within lists and unions included.
fn structs(types: &Types, ty: &Type) -> Vec<Type> {
    let (mut found, mut open, mut seen) = (Vec::new(), vec![ty.clone()], BTreeSet::new());
    while let Some(ty) = open.pop() {
        match &ty {
            Type::Array(element) | Type::Map(element) => open.push((**element).clone()),
            Type::Named(id) if seen.insert(*id) => match &types.get(*id).kind {
                TypeKind::Struct(fields) => {
                    open.extend(fields.iter().map(|field| field.ty.clone()));
                    found.push(ty);
                }
                TypeKind::Union(variants) => open.extend(variants.iter().cloned()),
                TypeKind::Enum(_) => {}
            },
            Type::Named(_) | Type::Scalar(_) | Type::Json => {}
        }
    }
    found
}

struct Comparison<'a> {
    ours: &'a Types,
    theirs: &'a Types,
    seen: BTreeSet<(TypeId, TypeId)>,
    differences: BTreeSet<String>,
}

impl Comparison<'_> {
    /// How many fields two objects share.
    fn shared(&self, ours: &Type, theirs: &Type) -> usize {
        let theirs: BTreeSet<&str> = self.theirs.fields(theirs).into_iter().flatten().map(|field| field.name.as_str()).collect();
        self.ours.fields(ours).into_iter().flatten().filter(|field| theirs.contains(field.name.as_str())).count()
    }

    fn compare(&mut self, at: &str, ours: &Type, theirs: &Type) {
        match (ours, theirs) {
            (Type::Array(ours), Type::Array(theirs)) | (Type::Map(ours), Type::Map(theirs)) => self.compare(at, ours, theirs),
            (Type::Named(a), Type::Named(b)) if self.ours.fields(ours).is_some() && self.theirs.fields(theirs).is_some() => {
                if self.seen.insert((*a, *b)) {
                    self.fields(at, ours, theirs);
                }
            }
            _ if self.agree(ours, theirs) => {}
            _ => {
                self.differences.insert(format!("{at}: {} there", describe(self.theirs, theirs)));
            }
        }
    }

    fn fields(&mut self, at: &str, ours: &Type, theirs: &Type) {
        let (all, types) = (self.theirs, self.ours);
        let theirs = all.fields(theirs).unwrap_or_default();
        for field in types.fields(ours).unwrap_or_default() {
            let place = format!("{at}.{}", *field.name);
            match theirs.iter().find(|their| *their.name == *field.name) {
                Some(their) => self.compare(&place, &field.ty, &their.ty),
                None => drop(self.differences.insert(format!("{place}: not there"))),
            }
        }
        for their in theirs {
            if types.fields(ours).into_iter().flatten().all(|field| *field.name != *their.name) {
                self.differences.insert(format!("{at}.{}: not here", *their.name));
            }
        }
    }

    /// Whether a value that the document allows is one that ours takes.
    fn agree(&self, ours: &Type, theirs: &Type) -> bool {
        let is_text = |types: &Types, ty: &Type| match ty {
            Type::Scalar(scalar) => matches!(scalar, Scalar::String | Scalar::DateTime | Scalar::Date | Scalar::Uuid),
            Type::Named(id) => matches!(types.get(*id).kind, TypeKind::Enum(_)),
            _ => false,
        };
        match (ours, theirs) {
            (Type::Json, _) | (_, Type::Json) | (Type::Scalar(Scalar::Number), Type::Scalar(Scalar::Integer)) => true,
            (Type::Scalar(a), Type::Scalar(b)) if a == b => true,
            _ => is_text(self.ours, ours) && is_text(self.theirs, theirs),
        }
    }
}

fn describe(types: &Types, ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => format!("{scalar:?}"),
        Type::Json => "any JSON".to_owned(),
        Type::Array(_) => "an array".to_owned(),
        Type::Map(_) => "a map".to_owned(),
        Type::Named(id) => match &types.get(*id).kind {
            TypeKind::Struct(_) => "an object".to_owned(),
            TypeKind::Enum(_) => "an enum".to_owned(),
            TypeKind::Union(_) => "a union".to_owned(),
        },
    }
}
