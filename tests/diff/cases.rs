//! Specs, what may change about them, and what is to be said of that.

use tapwright::diff::Bump::{self, Major, Minor, None, Patch};

/// A change of a spec, and the verdicts on it: Rust API, decode, table, state.
pub(crate) struct Case {
    pub name: &'static str,
    base: &'static str,
    /// Texts of the spec, and what they become.
    edits: &'static [(&'static str, &'static str)],
    /// Whether the change is the way back.
    is_reverse: bool,
    pub verdicts: &'static [&'static str],
    pub bump: Bump,
}

impl Case {
    /// A spec after the edits.
    pub(crate) fn edit(&self, text: &str) -> String {
        self.edits.iter().fold(text.to_owned(), |text, (from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{}: {from:?} is there once", self.name);
            text.replace(from, to)
        })
    }

    pub(crate) fn before(&self) -> String {
        if self.is_reverse { self.edit(self.base) } else { self.base.to_owned() }
    }

    pub(crate) fn after(&self) -> String {
        if self.is_reverse { self.base.to_owned() } else { self.edit(self.base) }
    }

    /// The way back.
    const fn back(self, name: &'static str, verdicts: &'static [&'static str], bump: Bump) -> Self {
        Self { name, is_reverse: !self.is_reverse, verdicts, bump, ..self }
    }

    /// The same edits of a document.
    const fn of_document(self) -> Self {
        Self { base: DOCUMENT, ..self }
    }
}

const fn case(
    name: &'static str,
    edits: &'static [(&'static str, &'static str)],
    verdicts: &'static [&'static str],
    bump: Bump,
) -> Case {
    Case { name, base: BASE, edits, is_reverse: false, verdicts, bump }
}

/// A spec in which every part that may change is once.
pub(crate) const BASE: &str = "\
name: shop
description: A shop.
version: 0.1.0
config:
  token: {secret: true}
  region: {type: enum, values: [eu, us], default: eu}
  pages: {type: integer, default: 1}
client:
  base_url: https://shop.example.com/{region}
  auth: {type: bearer, token: '{token}'}
  headers: {Pages: '{pages}'}
resources:
  - name: users
    primary_key: id
    write_disposition: merge
    schema: User
    endpoint:
      path: /users
      data_selector: users
      paginator: {type: cursor, cursor_param: after, cursor_path: next, limit_param: size, limit: 50}
      params:
        order: name
        state: {type: string}
      incremental: {cursor_path: updated, start_param: since}
  - name: orders
    primary_key: id
    schema: Order
    endpoint: {path: '/users/{resources.users.id}/orders', data_selector: $, paginator: single_page}
operations:
  - name: get_user
    response: User
    endpoint: {path: '/users/{id}', params: {id: {type: string, required: true}, fields: {type: string}}}
schemas:
  User:
    id: {type: string, required: true, nullable: false}
    age: integer
    email: {type: string, required: true, nullable: false}
    updated: {type: date-time, required: true, nullable: false}
    state: {enum: [active, blocked]}
    identities: {type: array, items: {fields: {provider: string, born: date}}}
    contact: string | integer
  Order: {id: integer, item: Item, note: string}
  Item: {sku: string, price: decimal}
";

/// A document whose operation sends what it receives.
pub(crate) const DOCUMENT: &str = "\
openapi: 3.0.0
info: {title: Shop, version: 0.1.0}
servers: [{url: 'https://shop.example.com'}]
paths:
  /items/{id}:
    put:
      operationId: putItem
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
      responses:
        200: {description: done, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
        404: {description: no, content: {application/json: {schema: {$ref: '#/components/schemas/Fault'}}}}
components:
  schemas:
    Item: {type: object, required: [sku], properties: {sku: {type: string}, size: {type: integer}}}
    Fault: {type: object, properties: {message: {type: string}}}
";

const REQUIRED_EMAIL: &str = "email: {type: string, required: true, nullable: false}";

const PAGINATOR: &str = "{type: cursor, cursor_param: after, cursor_path: next, limit_param: size, limit: 50}";

const NEW_FIELD: Case =
    case("a field is new", &[("age: integer", "age: integer\n    nick: string")], &["users.nick sssB"], Minor);

const OPTIONAL: Case = case("a field becomes optional", &[(REQUIRED_EMAIL, "email: string")], &["users.email BBsB"], Major);

const WIDER: Case = case("a number becomes wider", &[("age: integer", "age: decimal")], &["users.age BBsB"], Major);

const NEW_RESOURCE: Case = case(
    "a resource is new",
    &[(
        "  - name: orders\n",
        "  - name: items\n    schema: Item\n    endpoint: {path: /items, data_selector: items, paginator: single_page}\n  - name: orders\n",
    )],
    &["items s-s-"],
    Minor,
);

const NO_INCREMENTAL: Case = case(
    "it is not read incrementally any more",
    &[("      incremental: {cursor_path: updated, start_param: since}\n", "")],
    &["users B--B"],
    Major,
);

const MUST_BE_GIVEN: Case = case(
    "a parameter must be given",
    &[("fields: {type: string}", "fields: {type: string, required: true}")],
    &["get_user(fields) BB--"],
    Major,
);

const NEW_OPERATION: Case =
    case("an operation is new", &[("operations:\n", "operations:\n  - {name: ping, endpoint: /ping}\n")], &["ping s---"], Minor);

const NEW_INPUT: Case = case(
    "an input is new",
    &[("  token: {", "  tenant: {optional: true}\n  token: {"), ("headers: {", "headers: {Tenant: '{tenant}', ")],
    &["config.tenant s---", "client.headers ----"],
    Minor,
);

pub(crate) const CASES: &[Case] = &[
    case("nothing", &[], &[], None),
    case("the version", &[("version: 0.1.0", "version: 0.2.0")], &[], None),
    case("a description", &[("A shop.", "The shop.")], &["docs ----"], Patch),
    case("a comment", &[("name: shop\n", "# A comment.\nname: shop\n")], &[], None),
    // Fields.
    NEW_FIELD,
    NEW_FIELD.back("a field is gone", &["users.nick BsBB"], Major),
    case(
        "a field that was always there is gone",
        &[("    email: {type: string, required: true, nullable: false}\n", "")],
        &["users.email BBBB"],
        Major,
    ),
    case(
        "a field within a list is new",
        &[("born: date", "born: date, main: boolean")],
        &["users.identities[].main sssB"],
        Minor,
    ),
    case("a field is renamed", &[("provider: string", "issuer: string")], &["users.identities[].issuer BsBB"], Major),
    OPTIONAL,
    OPTIONAL.back("a field becomes required", &["users.email BssB"], Major),
    case("a field becomes nullable", &[(REQUIRED_EMAIL, "email: {type: string, required: true}")], &["users.email BBsB"], Major),
    case(
        "a field is always there, and may be null",
        &[("age: integer", "age: {type: integer, required: true}")],
        &["users.age -s-B"],
        Patch,
    ),
    WIDER,
    WIDER.back("a number becomes narrower", &["users.age BsBB"], Major),
    case("a date becomes a moment", &[("born: date", "born: date-time")], &["users.identities[].born BssB"], Major),
    case("a text becomes a number", &[("provider: string", "provider: integer")], &["users.identities[].provider BBBB"], Major),
    case("a number becomes a text", &[("age: integer", "age: string")], &["users.age BBsB"], Major),
    case("a text becomes any JSON", &[("provider: string", "provider: json")], &["users.identities[].provider BBsB"], Major),
    case(
        "a list becomes an object",
        &[("{type: array, items: {fields: {provider: string, born: date}}}", "{fields: {provider: string, born: date}}")],
        &["users.identities BBBB"],
        Major,
    ),
    case("a field becomes lenient", &[("note: string", "note: {type: string, lenient: true}")], &["orders.note -B-B"], Patch),
    case("a field becomes sensitive", &[("age: integer", "age: {type: integer, sensitive: true}")], &["users.age s---"], Minor),
    case(
        "a field takes `Eq` away",
        &[("age: integer", "age: integer\n    score: number")],
        &["users B---", "users.score sssB"],
        Major,
    ),
    // Enums and unions.
    case("a value is new", &[("[active, blocked]", "[active, blocked, gone]")], &["users.state ss-B"], Minor),
    case("a value is gone", &[("[active, blocked]", "[active]")], &["users.state Bs-B"], Major),
    case("an enum becomes a text", &[("{enum: [active, blocked]}", "string")], &["users.state Bs-B"], Major),
    case("the values in another order", &[("[active, blocked]", "[blocked, active]")], &["docs ----"], Patch),
    case("a union has one type more", &[("string | integer", "string | integer | boolean")], &["users.contact ss-B"], Minor),
    case("a union in another order", &[("string | integer", "integer | string")], &["users.contact ---B"], Patch),
    case("a union becomes one of its types", &[("string | integer", "string")], &["users.contact BsBB"], Major),
    // Types.
    case("a type is renamed", &[("schema: Order", "schema: Sale"), ("  Order: {", "  Sale: {")], &["orders B---"], Major),
    case(
        "records have another type",
        &[("schema: Order", "schema: User")],
        &[
            "orders Bs-B",
            "orders.id -BsB",
            "orders.id -ssB",
            "orders.item -sBB",
            "orders.note -sBB",
            "orders.age -ssB",
            "orders.email -ssB",
            "orders.updated -ssB",
            "orders.state -ssB",
            "orders.identities -ssB",
            "orders.contact -ssB",
        ],
        Major,
    ),
    // Resources.
    NEW_RESOURCE,
    NEW_RESOURCE.back("a resource is gone", &["items B-BB"], Major),
    case("a resource is renamed", &[("name: orders", "name: sales")], &["sales B-BB"], Major),
    case("the key differs", &[("primary_key: id\n    write", "primary_key: email\n    write")], &["users --BB"], Major),
    case("the write disposition differs", &[("write_disposition: merge", "write_disposition: replace")], &["users --B-"], Major),
    case(
        "the merge key differs",
        &[("write_disposition: merge", "write_disposition: merge\n    merge_key: email")],
        &["users --B-"],
        Major,
    ),
    case(
        "the strategy differs",
        &[("write_disposition: merge", "write_disposition: {disposition: merge, strategy: insert-only}")],
        &["users --B-"],
        Major,
    ),
    case(
        "which record counts differs",
        &[("write_disposition: merge", "write_disposition: {disposition: merge, dedup_sort: updated}")],
        &["users --B-"],
        Major,
    ),
    case("a resource is deselected", &[("name: orders\n", "name: orders\n    selected: false\n")], &["orders --s-"], Minor),
    case(
        "the contract differs",
        &[("name: orders\n", "name: orders\n    schema_contract: discard_row\n")],
        &["orders --s-"],
        Minor,
    ),
    case("a selector differs", &[("data_selector: users", "data_selector: data")], &["users -B-B"], Patch),
    case("the path differs", &[("path: /users\n", "path: /v2/users\n")], &["users -B-B"], Patch),
    case("the cursor of pages is elsewhere", &[("cursor_path: next,", "cursor_path: page.next,")], &["users -B-B"], Patch),
    case("it pages by offset", &[(PAGINATOR, "{type: offset, limit_param: size, limit: 50}")], &["users -B-B"], Patch),
    case(
        "the size of pages has another name",
        &[("limit_param: size", "limit_param: count")],
        &["users(size) B---", "users(count) s---", "users -B-B"],
        Major,
    ),
    case("pages are larger", &[("limit: 50", "limit: 100")], &["users ----"], Patch),
    case("records are any JSON", &[("    schema: Order\n", "")], &["orders BBBB"], Major),
    case("the cursor differs", &[("cursor_path: updated", "cursor_path: age")], &["users ---B"], Major),
    NO_INCREMENTAL,
    NO_INCREMENTAL.back("it is read incrementally", &["users s--B"], Minor),
    case("a lag", &[("start_param: since", "start_param: since, lag: 60s")], &["users ---B"], Patch),
    case(
        "a first run starts elsewhere",
        &[("start_param: since", "start_param: since, initial_value: 2020-01-01T00:00:00Z")],
        &["users ----"],
        Patch,
    ),
    case(
        "it is read for the values of a list",
        &[
            ("name: users\n", "name: users\n    partitions: {type: list, name: kind, values: [a, b]}\n"),
            ("order: name", "order: '{partition.kind}'"),
        ],
        &["users(order) ---B", "users --sB"],
        Minor,
    ),
    case(
        "a condition on the parent",
        &[("name: orders\n", "name: orders\n    partitions: {type: parent, resource: users, where: {state: active}}\n")],
        &["orders --sB"],
        Minor,
    ),
    case(
        "a value of the parent is added",
        &[("name: orders\n", "name: orders\n    include_from_parent: [email]\n")],
        &["orders ---B", "orders B---", "orders._users_email sssB"],
        Major,
    ),
    case(
        "a step",
        &[("name: orders\n", "name: orders\n    processing_steps: [{filter: note != 'x'}]\n")],
        &["orders --sB"],
        Minor,
    ),
    case(
        "a step that renames",
        &[("name: orders\n", "name: orders\n    processing_steps: [{rename: {note: remark}}]\n")],
        &["orders --sB", "orders B---", "orders.remark BsBB"],
        Major,
    ),
    case("the decoder differs", &[("data_selector: $, paginator", "decoder: ndjson, paginator")], &["orders -B-B"], Patch),
    case(
        "a hook",
        &[("name: orders\n", "name: orders\n    processing_steps: [{hook: tidy}]\n")],
        &["hooks.tidy s---", "orders --sB", "orders s---", "orders.item s---"],
        Minor,
    ),
    // Parameters.
    case(
        "a parameter is new",
        &[("state: {type: string}", "state: {type: string}\n        name: {type: string}")],
        &["users(name) s--B"],
        Minor,
    ),
    case("a parameter is gone", &[("        state: {type: string}\n", "")], &["users(state) B--B"], Major),
    MUST_BE_GIVEN,
    MUST_BE_GIVEN.back("a parameter need not be given", &["get_user(fields) B---"], Major),
    case(
        "a parameter that must be given is new",
        &[("state: {type: string}", "state: {type: string}\n        kind: {type: string, required: true}")],
        &["users(kind) BB-B"],
        Major,
    ),
    case(
        "a parameter has another type",
        &[("fields: {type: string}", "fields: {type: integer}")],
        &["get_user(fields) B---"],
        Major,
    ),
    case(
        "a parameter is renamed",
        &[("'/users/{id}', params: {id:", "'/users/{user}', params: {user:")],
        &["get_user ----", "get_user(user) ----"],
        Patch,
    ),
    case("a fixed value differs", &[("order: name", "order: id")], &["users(order) ---B"], Patch),
    case(
        "a default differs",
        &[("state: {type: string}", "state: {type: string, default: active}")],
        &["users(state) ---B"],
        Patch,
    ),
    // Operations.
    NEW_OPERATION,
    NEW_OPERATION.back("an operation is gone", &["ping B---"], Major),
    case("an operation is renamed", &[("name: get_user", "name: find_user")], &["find_user B---"], Major),
    case(
        "an operation answers otherwise",
        &[("response: User", "response: Item")],
        &[
            "get_user Bs--",
            "get_user.id -B--",
            "get_user.age -s--",
            "get_user.email -B--",
            "get_user.updated -B--",
            "get_user.state -s--",
            "get_user.identities -s--",
            "get_user.contact -s--",
            "get_user.sku -s--",
            "get_user.price -s--",
        ],
        Major,
    ),
    case(
        "an operation has another method",
        &[("{path: '/users/{id}', params", "{path: '/users/{id}', method: POST, params")],
        &["get_user -B--"],
        Patch,
    ),
    case(
        "an operation is not authorised",
        &[("{path: '/users/{id}', params", "{path: '/users/{id}', auth: none, params")],
        &["get_user ----"],
        Patch,
    ),
    // The API as a whole.
    case("the name", &[("name: shop", "name: store")], &["name B---"], Major),
    NEW_INPUT,
    NEW_INPUT.back("an input is gone", &["config.tenant B---", "client.headers ----"], Major),
    case("an input must be given", &[("values: [eu, us], default: eu", "values: [eu, us]")], &["config.region B---"], Major),
    case(
        "an input has another kind",
        &[("pages: {type: integer, default: 1}", "pages: {default: '1'}")],
        &["config.pages B---"],
        Major,
    ),
    case("an input may be one word more", &[("values: [eu, us]", "values: [eu, us, ap]")], &["config.region s---"], Minor),
    case("an input may be one word less", &[("values: [eu, us]", "values: [eu]")], &["config.region B---"], Major),
    case("an input has another default", &[("default: eu", "default: us")], &["config.region s---"], Minor),
    case("the address", &[("https://shop.example.com", "https://api.shop.example.com")], &["client.base_url -B-B"], Patch),
    case(
        "another login",
        &[("{type: bearer, token: '{token}'}", "{type: api_key, name: X-Key, api_key: '{token}'}")],
        &["client.auth -B--"],
        Patch,
    ),
    case(
        "the input of a login is gone",
        &[("  token: {secret: true}\n", ""), ("{type: bearer, token: '{token}'}", "none")],
        &["config.token B---", "client.auth -B--"],
        Major,
    ),
    case("retries", &[("  headers: {Pages", "  retry: {max_retries: 1}\n  headers: {Pages")], &["client.retry ----"], Patch),
    case(
        "a limit",
        &[("  headers: {Pages", "  rate_limits: [{requests: 3, per: 1s}]\n  headers: {Pages")],
        &["client.rate_limits s---"],
        Minor,
    ),
    // What is sent.
    case(
        "a struct that is sent has a new field",
        &[("size: {type: integer}", "size: {type: integer}, color: {type: string}")],
        &["putItem.color Bs--"],
        Major,
    )
    .of_document(),
    case("a body becomes optional", &[("{required: true, content: {app", "{content: {app")], &["putItem(body) B---"], Major)
        .of_document(),
    case(
        "a struct is not sent any more",
        &[(
            "      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}\n",
            "",
        )],
        &["putItem(body) B---", "putItem B---"],
        Major,
    )
    .of_document(),
    case(
        "a failure has another field",
        &[("message: {type: string}", "message: {type: string}, code: {type: integer}")],
        &["putItem(404).code ss--"],
        Minor,
    )
    .of_document(),
    case(
        "an optional field of what is sent may be null",
        &[("size: {type: integer}", "size: {type: integer, nullable: true}")],
        &["putItem.size Bs--"],
        Major,
    )
    .of_document(),
];
