//! What a spec says arrives in the model.

use std::path::Path;

use tapwright::diagnostic::Diagnostics;
use tapwright::facts::{LevelSource, levels};
use tapwright::model::{
    Advance, Api, Auth, Body, BodyEncoding, Contract, CursorFormat, Expired, Hole, Hosts, InputKind, Json, Later, Location,
    Method, OnMissing, ParamValue, PartitionBy, PartitionValue, Resource, RowOrder, Scalar, SecretIn, Slot, SortOrder, Style,
    Then, TotalMeans, Type, TypeKind, WriteDisposition,
};
use tapwright::source::Sources;

/// `tests/fixtures/every_key.yaml`, which says everything that can be said.
fn api() -> Api {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/every_key.yaml");
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let api = tapwright::load(&path, &mut sources, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(&sources, false));
    api.expect("an API")
}

fn resource<'a>(api: &'a Api, name: &str) -> &'a Resource {
    api.resource(name).unwrap_or_else(|| panic!("no resource {name}"))
}

/// Parameters as `name@location=value`.
fn params(resource: &Resource) -> Vec<String> {
    let value = |value: &ParamValue| match value {
        ParamValue::Fixed(value) => value.to_runtime(),
        ParamValue::Argument { default, required, .. } => {
            let default = default.as_ref().map(tapwright::model::Template::to_runtime).unwrap_or_default();
            format!("?{default}{}", if *required { "!" } else { "" })
        }
    };
    let params = resource.operation.params.iter();
    params.map(|param| format!("{}@{:?}={}", param.name.value, param.location, value(&param.value))).collect()
}

/// A JSON body as text; texts are quoted, other holes are not.
fn body(resource: &Resource) -> String {
    fn shown(json: &Json) -> String {
        match json {
            Json::Literal(text) => text.clone(),
            Json::Text(text) => format!("\"{}\"", text.to_runtime()),
            Json::Number(text) | Json::Boolean(text) => text.to_runtime(),
            Json::Array(elements) => format!("[{}]", elements.iter().map(shown).collect::<Vec<_>>().join(",")),
            Json::Object(members) => {
                let members = members.iter().map(|(key, value)| format!("\"{key}\":{}", shown(value)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
        }
    }
    match &resource.operation.body {
        Body::Form | Body::Given(_) => "form".to_owned(),
        Body::Json(document) => shown(document),
    }
}

/// A type as text; structs by their names.
fn shown(api: &Api, ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => format!("{scalar:?}"),
        Type::Json => "Json".to_owned(),
        Type::Array(inner) => format!("[{}]", shown(api, inner)),
        Type::Map(inner) => format!("{{{}}}", shown(api, inner)),
        Type::Named(id) => {
            let def = api.types.get(*id);
            match &def.kind {
                TypeKind::Struct(_) => def.path.join("."),
                TypeKind::Enum(values) => values.iter().map(|value| value.as_str()).collect::<Vec<_>>().join("/"),
                TypeKind::Union(variants) => variants.iter().map(|variant| shown(api, variant)).collect::<Vec<_>>().join("|"),
            }
        }
    }
}

/// The fields of a type by the name of it, as `name: Type`, with `!` where required and `?` where nullable.
fn fields(api: &Api, path: &str) -> Vec<String> {
    let (id, _) = api.types.iter().find(|(_, def)| def.path.join(".") == path).unwrap_or_else(|| panic!("no type {path}"));
    let fields = api.types.fields(&Type::Named(id)).expect("a struct").iter();
    fields
        .map(|field| {
            let required = if field.required { "!" } else { "" };
            let nullable = if field.nullable { "?" } else { "" };
            format!("{}{required}{nullable}: {}", field.name.value, shown(api, &field.ty))
        })
        .collect()
}

#[test]
fn the_head() {
    let api = api();
    assert_eq!(*api.name, "every-key");
    assert_eq!(api.version.as_ref().map(|version| version.as_str()), Some("1.2.3-beta.1"));
    assert_eq!(api.description.as_deref(), Some("A spec that says everything that can be said,\nover several lines.\n"));
    let kinds: Vec<(&str, &InputKind, bool)> =
        api.inputs.iter().map(|input| (input.name.as_str(), &input.kind, input.secret)).collect();
    assert_eq!(kinds[0], ("domain", &InputKind::Hostname, false));
    assert_eq!(kinds[2], ("region", &InputKind::Enum(vec!["eu".to_owned(), "us".to_owned()]), false));
    assert_eq!(kinds[6], ("client_secret", &InputKind::String, true));
    let implied = kinds.iter().find(|(name, ..)| *name == "client_id");
    assert_eq!(implied, Some(&("client_id", &InputKind::String, false)), "a credential that is left out is an input");
}

#[test]
fn the_client() {
    let client = api().client;
    assert_eq!(client.base_url.to_runtime(), "https://{domain}/api/{region}");
    assert_eq!(client.max_response_bytes, 64 << 20);
    assert_eq!((client.timeouts.connect_ms, client.timeouts.whole_ms), (10_000, 5_400_000));
    assert_eq!((client.retry.statuses, client.retry.max_retries, client.retry.base_delay_ms), (vec![429, 503], 3, 500));
    assert_eq!(client.retry.reset_header.as_deref(), Some("x-reset"));
    assert_eq!(client.retry.remaining_header, None, "a null resets the default");
    let option = |name: &str| {
        let choice = client.auth.choice().expect("a choice");
        choice.options.iter().find(|option| option.name.value == name).unwrap_or_else(|| panic!("no option {name}"))
    };
    let Auth::OAuth2(oauth2) = &option("client").auth else { panic!("not OAuth 2.0") };
    assert_eq!((oauth2.encoding, oauth2.secret_in), (BodyEncoding::Json, SecretIn::Header));
    assert_eq!((oauth2.answer.default_expires_in, oauth2.answer.margin), (3600, 60));
    let fields: Vec<(&str, String)> = oauth2.fields.iter().map(|(name, value)| (name.as_str(), value.to_runtime())).collect();
    let expected = [("audience", "https://{tenant}/"), ("scope", "read:users read:logs"), ("organization", "org")];
    assert_eq!(fields, expected.map(|(name, value)| (name, value.to_owned())));
    assert_eq!(oauth2.answer.prefix, "Zoho-oauthtoken ");
    assert_eq!(oauth2.answer.base_url_path.to_string(), "instance_url");
}

/// An input that only logins use may be left out of a client, and each login says which ones it needs.
#[test]
fn the_logins() {
    let api = api();
    let choice = api.client.auth.choice().expect("a choice");
    assert_eq!((choice.input.as_str(), choice.default.as_deref()), ("login", Some("client")));
    let needs: Vec<(&str, String, String)> =
        choice.options.iter().map(|option| (option.name.as_str(), option.required.join(" "), option.stored.join(" "))).collect();
    let expected = [
        ("client", "client_id client_secret", ""),
        ("refresh", "client_id client_secret", "refresh_token"),
        ("browser", "client_id", "token_file"),
        ("service", "private_key key_id", ""),
        ("shared", "private_key", ""),
        ("session", "username password", ""),
        ("form", "token", ""),
        ("cookie", "", ""),
        ("both", "token second_token", ""),
    ];
    assert_eq!(needs, expected.map(|(name, required, stored)| (name, required.to_owned(), stored.to_owned())));
    let optional = |name: &str| api.inputs.iter().find(|input| *input.name == name).is_some_and(|input| input.optional);
    assert!(optional("client_secret") && optional("token_file") && optional("login") && !optional("plain"));
}

/// What dlt's configurations call the keys of `oauth2_client_credentials`, `bearer`, `api_key` and `http_basic` means the same here.
#[test]
fn the_logins_of_dlt() {
    let load = |auth: &str| {
        let text = format!(
            "name: dlt\nclient:\n  base_url: https://api.example.com\n  auth: {auth}\nresources:\n  - {{name: a, endpoint: {{path: /a}}}}\n"
        );
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let api = tapwright::load_text("dlt.yaml", &text, &mut sources, &mut diagnostics);
        api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false))).client.auth
    };
    let auth = load(
        "{type: oauth2_client_credentials, access_token_url: https://api.example.com/t, client_id: '{id}', \
         client_secret: '{secret}', access_token_request_data: {audience: x}, default_token_expiration: 600}",
    );
    let Auth::OAuth2(oauth2) = &auth else { panic!("{auth:?}") };
    assert_eq!((oauth2.token_url.to_runtime().as_str(), oauth2.answer.default_expires_in), ("https://api.example.com/t", 600));
    assert_eq!((oauth2.client_id.to_runtime().as_str(), oauth2.client_secret.to_runtime().as_str()), ("{id}", "{secret}"));
    assert_eq!(oauth2.fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["audience"]);
    assert!(matches!(load("{type: bearer, token: '{t}'}"), Auth::Bearer { token } if token.to_runtime() == "{t}"));
    assert!(matches!(load("{type: http_basic, username: '{u}', password: '{p}'}"), Auth::Basic { .. }));
    let auth = load("{type: api_key, name: key, api_key: '{k}', location: query}");
    assert!(matches!(auth, Auth::ApiKey { location: tapwright::model::KeyLocation::Query, .. }), "{auth:?}");
}

#[test]
fn requests() {
    let api = api();
    let organizations = resource(&api, "organizations");
    // `locale` is in the defaults and reset here.
    assert_eq!(params(organizations), ["active@Query=true", "depth@Query=?3", "X-Trace@Header=?"]);
    assert_eq!(organizations.operation.headers[0].0, "X-One");
    assert_eq!(organizations.selectors.iter().map(|path| path.to_string()).collect::<Vec<_>>(), ["organizations", "data", "$"]);
    assert_eq!((organizations.contract, organizations.selected), (Contract::DiscardRow, false));
    let members = resource(&api, "members");
    assert_eq!(params(members), ["locale@Query=en"]);
    assert_eq!(members.operation.path.to_runtime(), "/organizations/{organizations.id}/members");
    assert_eq!((members.contract, members.write_disposition), (Contract::DiscardValue, WriteDisposition::Upsert));
    assert_eq!(members.hard_delete.as_ref().map(|field| field.value.as_str()), Some("user_name"));
    let dedup_sort = members.dedup_sort.as_ref().map(|(field, order)| (field.value.as_str(), *order));
    assert_eq!(dedup_sort, Some(("user_id", SortOrder::Ascending)));
    let hooks = resource(&api, "hooks");
    assert_eq!((&hooks.operation.method, hooks.operation.idempotent), (&Method::Post, true));
    assert_eq!(params(hooks), ["expand[]@Query=a", "expand[]@Query=b", "locale@Query=en", "size@Body=?"]);
    assert_eq!(
        body(hooks),
        r#"{"query":"*","size":{size},"filter":{"ids":[1,2.5,null,true],"of":"{region}","literal":{"type":"date","field":"x"}}}"#
    );
    assert_eq!(resource(&api, "things").operation.path.to_runtime(), "/things");
    let introspect = &api.operations[0];
    assert!(matches!(introspect.body, Body::Form) && !introspect.auth && !introspect.idempotent);
    assert_eq!(introspect.path.to_runtime(), "https://{domain}/introspect");
    assert_eq!(introspect.params.iter().map(|param| param.location).collect::<Vec<_>>(), [Location::Body, Location::Query]);
}

#[test]
fn parents() {
    let api = api();
    let roles = resource(&api, "roles");
    assert_eq!(roles.operation.path.to_runtime(), "/organizations/{organizations.id}/members/{members.user_id}/roles");
    let parents: Vec<&str> = roles.parents().map(|parent| parent.resource.as_str()).collect();
    assert_eq!(parents, ["members"], "the nearest of the two");
    assert_eq!(roles.needs().iter().map(PartitionValue::name).collect::<Vec<_>>(), ["organizations.id", "members.user_id"]);
    assert_eq!(roles.include.iter().map(PartitionValue::name).collect::<Vec<_>>(), ["organizations.id"]);
    let record = resource(&api, "members").operation.response.clone().expect("a record");
    let names: Vec<&str> = api.types.fields(&record).expect("a struct").iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["_organizations_id", "_organizations_owner_name", "user_id", "user_name"]);
}

#[test]
fn partitions() {
    let api = api();
    let reports = resource(&api, "reports");
    let shown: Vec<String> = levels(&api, reports)
        .iter()
        .map(|level| {
            let source = match level.source {
                LevelSource::List(list) => list.name.value.clone(),
                LevelSource::Records(parent) => parent.operation.name.value.clone(),
                LevelSource::Windows(_) => "windows".to_owned(),
            };
            let bindings: Vec<String> = level.bindings.iter().map(|field| field.field.to_string()).collect();
            format!("{source} {bindings:?} {} {:?}", level.conditions.len(), level.shared)
        })
        .collect();
    let expected = [
        "place [] 0 None",
        "report [] 0 None",
        "customer [] 0 None",
        r#"organizations ["id"] 6 Some(0)"#,
        r#"members ["user_id"] 0 None"#,
    ];
    assert_eq!(shown, expected, "the parents' own parents come before them");
    let names: Vec<&str> =
        reports.partitions.iter().filter_map(PartitionBy::list).flat_map(|list| list.fields.iter().map(String::as_str)).collect();
    assert_eq!(names, ["id", "kind"]);
    let record = reports.operation.response.clone().expect("a record");
    let names: Vec<&str> = api.types.fields(&record).expect("a struct").iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["_partition_place", "_partition_report_kind", "_members_user_id", "_organizations_id", "id"]);
}

#[test]
fn paging() {
    let api = api();
    let paging = &resource(&api, "organizations").paging;
    assert!(matches!(&paging.style, Style::PageNumber { param, base: 1 } if param == "page"));
    let size = paging.size.as_ref().expect("a size");
    assert_eq!((size.param.as_str(), size.default, size.max), ("per_page", 50, Some(100)));
    assert_eq!(paging.stop.has_more.as_ref().map(ToString::to_string), Some("meta.more".to_owned()));
    assert_eq!(paging.stop.maximum, Some(20));
    assert!(matches!(&resource(&api, "members").paging.style, Style::Offset { param, base: 0 } if param == "start"));
    assert!(
        matches!(&resource(&api, "roles").paging.style, Style::Cursor { param, path } if param == "from" && path.to_string() == "next")
    );
    assert!(matches!(&resource(&api, "logs").paging.style, Style::LastRecord { field, .. } if field.to_string() == "log_id"));
    assert!(matches!(&resource(&api, "events").paging.style, Style::HeaderLink { rel } if rel == "next"));
    assert!(matches!(&resource(&api, "hooks").paging.style, Style::JsonLink { path } if path.to_string() == "links.next.href"));
    assert!(matches!(resource(&api, "things").paging.style, Style::Single), "the client's paginator");
}

#[test]
fn jobs() {
    let api = api();
    let exports = resource(&api, "exports");
    let job = exports.job.as_ref().expect("a job");
    assert_eq!(exports.operation.method, Method::Put);
    assert_eq!(exports.operation.path.to_runtime(), "/{account}/exports");
    assert_eq!(params(exports), ["account@Path=?!"]);
    assert!(!exports.operation.auth && !job.poll.auth);
    assert_eq!(job.id.as_ref().map(|id| id.to_string()).as_deref(), Some("data.id"));
    let headers = |operation: &tapwright::model::Operation| {
        operation.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_runtime())).collect::<Vec<_>>()
    };
    assert_eq!(headers(&exports.operation), ["X-Kind: night", "X-Region: eu"]);
    assert_eq!(headers(&job.poll), ["X-Job: {job.id}", "X-Region: eu"]);
    // What is given elsewhere is no input.
    assert_eq!(job.poll.path.to_runtime(), "/{account}/exports/{job.id}");
    let holes: Vec<&Hole> = job.templates().flat_map(tapwright::model::Template::holes).collect();
    assert!(holes.iter().all(|hole| matches!(hole, Hole::Argument(_))), "{holes:?}");
    let words = |words: &[tapwright::model::Spanned<String>]| words.iter().map(|word| word.value.clone()).collect::<Vec<_>>();
    assert_eq!([&job.running, &job.completed, &job.failed].map(|list| words(list).join(" ")), ["queued busy", "done", "broken"]);
    assert_eq!(job.status.to_string(), "data.state");
    assert_eq!(job.progress.as_ref().map(ToString::to_string).as_deref(), Some("data.percent"));
    assert_eq!(job.error.as_ref().map(ToString::to_string).as_deref(), Some("data.reason"));
    let waits = tapwright::model::Waits { first_ms: 2_000, factor: 2.0, longest_ms: 60_000, deadline_ms: 7_200_000 };
    assert_eq!(job.waits, waits);
    assert_eq!(job.files.to_string(), "data.files");
    assert_eq!(job.hosts, Hosts::Only(vec!["*.files.example".to_owned(), "cdn.example".to_owned()]));
    assert!(matches!(&*exports.decoder, tapwright::model::Decoder::Csv(csv) if csv.separator == b';'));
    assert_eq!(job.packed, Some(tapwright::model::Compression::Zstd));
    let cleanup = job.cleanup.as_ref().expect("a cleanup");
    assert_eq!((&cleanup.method, cleanup.name.as_str()), (&Method::Post, "exports.cleanup"));
    // To ask and to remove twice does no harm; to start does.
    assert!(!exports.operation.idempotent && job.poll.idempotent && cleanup.idempotent);

    let dumps = resource(&api, "dumps");
    let job = dumps.job.as_ref().expect("a job");
    // Nothing starts one, so its own request is the one that asks.
    assert!(job.id.is_none());
    assert_eq!((dumps.operation.name.as_str(), dumps.operation.path.to_runtime()), ("dumps", job.poll.path.to_runtime()));
    assert_eq!(job.hosts, Hosts::Any);
    assert_eq!(job.waits, tapwright::model::Waits::default());
    assert_eq!(dumps.selectors.iter().map(|path| path.to_string()).collect::<Vec<_>>(), ["items"]);
}

#[test]
fn further_paging() {
    let api = api();
    let places = |name: &str| resource(&api, name).paging.slots().map(|slot| format!("{slot:?}")).collect::<Vec<_>>();
    let key = |key: &str| tapwright::model::Segment::Key(key.to_owned());
    let in_body =
        |keys: &[&str]| format!("{:?}", Slot::Body(tapwright::model::Path(keys.iter().map(|name| key(name)).collect())));
    assert_eq!(places("by_header"), [r#"Header("X-Page")"#, r#"Header("X-Size")"#]);
    assert_eq!(places("by_path"), [r#"Path("offset")"#, r#"Path("limit")"#]);
    assert_eq!(resource(&api, "by_path").operation.path.to_runtime(), "/by-path/{offset}/{limit}");
    assert_eq!(places("by_body"), [in_body(&["search_after"]), in_body(&["size"])]);

    let by_header = &resource(&api, "by_header").paging;
    assert_eq!((by_header.stop.total_means, by_header.stop.total_header.as_deref()), (TotalMeans::Page, Some("x-total-count")));
    assert!(matches!(&by_header.later, Later::Only(names) if names.iter().map(|name| name.as_str()).eq(["fields"])));
    let by_path = &resource(&api, "by_path").paging;
    assert!(matches!(&by_path.advance, Advance::Echoed(path) if path.to_string() == "maxResults"));
    assert_eq!(by_path.stop.is_last.as_ref().map(ToString::to_string).as_deref(), Some("isLast"));
    let by_body = &resource(&api, "by_body").paging;
    assert_eq!(by_body.initial.as_deref(), Some("0"), "a number in the body stays one");
    let carry: Vec<_> = by_body.carry.iter().map(|(to, from)| (to.to_string(), from.to_string())).collect();
    assert_eq!(carry, [("pit.id".to_owned(), "pit_id".to_owned())]);
    let window = by_body.window.as_ref().expect("a window");
    assert_eq!((window.records, window.then), (10_000, Then::Fail));
    let taken = &resource(&api, "taken").paging;
    assert_eq!((taken.take.as_deref(), taken.stop.on_empty_page), (Some("page_info"), true));
    let Later::Without(names) = &taken.later else { panic!("all are sent later") };
    assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["status", "sort"]);
    assert_eq!(params(resource(&api, "taken")), ["status@Query=any", "locale@Query=en", "sort@Query=date:1"]);
    let header = &resource(&api, "header_cursors").paging;
    assert!(matches!(&header.style, Style::HeaderCursor { param, header } if param == "page" && header == "X-Next-Page"));
    assert_eq!(header.window.as_ref().map(|window| window.then), Some(Then::SplitByCursor));
    let stepped = &resource(&api, "stepped").paging;
    assert_eq!((&stepped.advance, stepped.stop.total_means), (&Advance::Size, TotalMeans::UnknownIfZero));
    assert!(!resource(&api, "stepped").operation.idempotent);
}

#[test]
fn incremental() {
    fn start(incremental: &tapwright::model::Incremental) -> Option<&str> {
        incremental.start_param.as_ref().map(|param| param.as_str())
    }
    let api = api();
    let logs = resource(&api, "logs").incremental.as_ref().expect("incremental");
    assert_eq!(
        (logs.cursor.to_string(), start(logs), &logs.format, logs.row_order),
        ("date".to_owned(), Some("since"), &CursorFormat::Iso, RowOrder::Ascending)
    );
    let events = resource(&api, "events").incremental.as_ref().expect("incremental");
    assert_eq!((start(events), &events.format, events.row_order), (Some("after"), &CursorFormat::EpochMs, RowOrder::Descending));
    assert_eq!(
        events.request_format.as_ref().map(|format| &format.value),
        Some(&CursorFormat::Pattern("%Y-%m-%d %H:%M".to_owned()))
    );
    assert_eq!((events.start_closed, events.end_closed, events.lag), (false, true, 259_200_000));
    assert_eq!(events.on_missing, OnMissing::Exclude);
    let expired = Expired {
        restart: true,
        statuses: vec![400],
        code: Some("gone".to_owned()),
        code_path: Some(tapwright::model::Path(vec![tapwright::model::Segment::Key("why".to_owned())])),
    };
    assert_eq!(events.expired, expired);
    let sent: Vec<_> = resource(&api, "events").operation.params.iter().filter(|param| param.is_bound()).collect();
    let texts: Vec<_> = sent
        .iter()
        .map(|param| match &param.value {
            ParamValue::Fixed(value) => format!("{:?} {} {}", param.location, *param.name, value.to_runtime()),
            ParamValue::Argument { .. } => String::new(),
        })
        .collect();
    assert_eq!(texts, ["Query after {incremental.start_value}", "Header until {incremental.end_value}"]);

    let changes = &resource(&api, "changes").incremental.as_ref().expect("incremental").value;
    assert_eq!(
        changes.token.as_ref().map(|token| (token.path.to_string(), token.is_link)),
        Some(("sync.next".to_owned(), false))
    );
    assert_eq!(changes.expired, Expired { restart: true, ..Expired::default() });
    let delta = resource(&api, "delta").incremental.as_ref().expect("incremental").token.clone();
    assert!(delta.is_some_and(|token| token.is_link));
    let query = resource(&api, "edits").operation.params.iter().find(|param| param.is_bound()).expect("one that is sent");
    assert!(
        matches!(&query.value, ParamValue::Fixed(text) if text.to_runtime() == "at:[{incremental.start_value} TO {incremental.end_value}]")
    );
}

#[test]
fn types() {
    let api = api();
    assert_eq!(
        fields(&api, "Organization"),
        [
            "id!: String",
            "owner?: Organization.owner",
            "parent?: Organization",
            "status?: active/blocked",
            "labels?: [String]",
            "limits?: {Integer}",
            "secret?: String",
            "size?: Integer",
            "reference?: Product",
        ]
    );
    assert_eq!(
        fields(&api, "Log")[3..],
        [
            "date?: DateTime",
            "scope?: String|[String]",
            "owner?: String|Log.owner.option2",
            "detail?: {Json}",
            "ids?: [Uuid]",
            "price?: Decimal",
            "kind?: a/b",
            "place?: String|Role",
        ]
    );
    assert_eq!(fields(&api, "Role"), ["id?: String", "name?: String", "made?: Date", "raw?: Binary"]);
    let secret = api.types.iter().flat_map(|(_, def)| match &def.kind {
        TypeKind::Struct(fields) => {
            fields.iter().filter(|field| field.sensitive).map(|field| field.name.value.as_str()).collect()
        }
        _ => Vec::new(),
    });
    assert_eq!(secret.collect::<Vec<_>>(), ["secret", "key"]);
}

#[test]
fn schemas_of_a_document() {
    let api = api();
    assert_eq!(
        fields(&api, "Product"),
        [
            "id!: Uuid",
            "price!?: Price",
            "colour?: red/green",
            "tags: [String]",
            "stock: {Integer}",
            "made: DateTime",
            "key: String",
            "owner: String|Owner",
            "related: [Product]",
            "special: Product.special",
            "anything: Json",
        ]
    );
    assert_eq!(fields(&api, "Product.special"), ["amount: Number", "currency: String", "until!: Date"]);
}

#[test]
fn placeholders_in_a_path_are_inputs_arguments_or_fields() {
    let text = "config: {tenant: string}\nclient: {base_url: 'https://x.example'}\noperations:\n  - name: user\n    endpoint:\n      path: /{tenant}/{version}/users/{id}\n      params: {id: {in: path}, version: v2}\n";
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let api = tapwright::load_text("spec.yaml", text, &mut sources, &mut diagnostics);
    let api = api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)));
    let user = &api.operations[0];
    assert_eq!(user.path.to_runtime(), "/{tenant}/v2/users/{id}");
    assert_eq!(user.path.holes().collect::<Vec<_>>(), [&Hole::Input("tenant".to_owned()), &Hole::Argument("id".to_owned())]);
    let ParamValue::Argument { ty, required, .. } = &user.params[0].value else { panic!("not an argument") };
    assert_eq!((ty, required), (&Type::Scalar(Scalar::String), &true));
}
