//! An API as a document describes one: bodies that are given, parameters of every style, unions, further members.

use tapwright::model::{
    Api, Auth, Body, Client, Conduct, Encoding, Field, Given, Hole, Input, InputKind, Location, Method, Operation, Param,
    ParamStyle, ParamValue, Payload, Retry, Scalar, Spanned, Tag, Template, TemplatePart, Timeouts, Type, TypeDef, TypeId,
    TypeKind, Types,
};
use tapwright::source::Span;

const TEXT: Type = Type::Scalar(Scalar::String);
const INTEGER: Type = Type::Scalar(Scalar::Integer);

fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::default())
}

fn template(text: &str) -> Template {
    let parts = text.split_inclusive(['{', '}']).filter_map(|part| match part.strip_suffix('}') {
        Some(name) => Some(TemplatePart::Hole(Hole::Argument(name.to_owned()))),
        None => {
            Some(part.trim_end_matches('{')).filter(|part| !part.is_empty()).map(|part| TemplatePart::Literal(part.to_owned()))
        }
    });
    Template { parts: parts.collect(), span: Span::default() }
}

fn optional(name: &str, ty: Type) -> Field {
    Field {
        name: at(name.to_owned()),
        description: None,
        ty,
        required: false,
        nullable: true,
        distinct: false,
        sensitive: false,
        lenient: false,
        deprecated: false,
    }
}

fn required(name: &str, ty: Type) -> Field {
    Field { required: true, nullable: false, ..optional(name, ty) }
}

fn list(ty: Type) -> Type {
    Type::Array(Box::new(ty))
}

fn param(name: &str, location: Location, ty: Type, style: ParamStyle) -> Param {
    let value = ParamValue::Argument { ty, required: false, default: None, sensitive: false };
    Param { name: at(name.to_owned()), location, value, description: None, style }
}

fn must(mut param: Param) -> Param {
    if let ParamValue::Argument { required, .. } = &mut param.value {
        *required = true;
    }
    param
}

fn given(ty: Type, encoding: Encoding, media_type: &str, required: bool) -> Body {
    Body::Given(Given { ty, required, encoding, media_type: media_type.to_owned(), description: None })
}

fn operation(name: &str, method: Method, path: &str, params: Vec<Param>, body: Body, response: Option<Type>) -> Operation {
    Operation {
        name: at(name.to_owned()),
        description: None,
        method,
        path: template(path),
        params,
        headers: Vec::new(),
        body,
        auth: true,
        conduct: Conduct::default(),
        idempotent: method.is_idempotent(),
        packed: None,
        response,
        answer: Payload::Json,
        failures: Vec::new(),
        deprecated: false,
        group: None,
    }
}

/// The types of the API, in the order in which they are added.
struct Ids {
    pet: Type,
    new_pet: Type,
    filter: Type,
    sort: Type,
    expression: Type,
}

fn types() -> (Types, Ids) {
    let mut types = Types::default();
    let mut add = |path: &[&str], kind: TypeKind| {
        types.add(TypeDef::new(at(path.iter().map(|part| (*part).to_owned()).collect()), None, kind))
    };
    let words = |words: &[&str]| TypeKind::Enum(words.iter().map(|word| at((*word).to_owned())).collect());
    let cat_kind = add(&["Cat", "kind"], words(&["cat"]));
    let cat = add(
        &["Cat"],
        TypeKind::Struct(vec![required("kind", Type::Named(cat_kind)), optional("lives", INTEGER), optional("_lives", INTEGER)]),
    );
    let dog = add(&["Dog"], TypeKind::Struct(vec![required("kind", TEXT), required("bark", Type::Scalar(Scalar::Boolean))]));
    let pet = add(&["Pet"], TypeKind::Union(vec![Type::Named(cat), Type::Named(dog)]));
    let new_pet = add(
        &["NewPet"],
        TypeKind::Struct(vec![
            required("name", TEXT),
            Field { nullable: true, ..required("owner", TEXT) },
            Field { distinct: true, ..optional("note", TEXT) },
            optional("born", Type::Scalar(Scalar::Date)),
            optional("pet", Type::Named(pet)),
            optional("photo", Type::Scalar(Scalar::Binary)),
            optional("tags", list(TEXT)),
            Field { sensitive: true, distinct: true, ..optional("secret", TEXT) },
            optional("rest", TEXT),
        ]),
    );
    let filter = add(&["Filter"], TypeKind::Struct(vec![optional("status", TEXT), optional("ids", list(INTEGER))]));
    let sort = add(&["Sort"], words(&["asc", "ASC", "other", "-1"]));
    // Unions in a circle, and two schemas of one name.
    let expression = add(&["expression"], TypeKind::Union(Vec::new()));
    let group = add(&["Group"], TypeKind::Union(vec![Type::Json, Type::Named(expression), list(Type::Named(expression))]));
    let twin = add(&["Expression"], TypeKind::Struct(vec![required("self", Type::Named(expression))]));
    let empty = add(&["Empty"], TypeKind::Struct(Vec::new()));
    types.get_mut(expression).kind = TypeKind::Union(vec![Type::Named(group), Type::Named(twin), Type::Named(empty), TEXT, TEXT]);
    types.get_mut(new_pet).rest = Some(Type::Json);
    types.get_mut(empty).rest = Some(Type::Scalar(Scalar::Number));
    let tags = [("cat", 0), ("dog", 1), ("puppy", 1)];
    types.get_mut(pet).tag =
        Some(Tag { key: "kind".to_owned(), values: tags.map(|(value, at)| (value.to_owned(), at)).to_vec() });
    let named = |id: TypeId| Type::Named(id);
    let ids =
        Ids { pet: named(pet), new_pet: named(new_pet), filter: named(filter), sort: named(sort), expression: named(expression) };
    (types, ids)
}

/// The API.
pub(crate) fn api() -> Api {
    let (types, ids) = types();
    let json = |ty: &Type, required| given(ty.clone(), Encoding::Json, "application/json", required);
    let search = vec![
        must(param("id", Location::Path, INTEGER, ParamStyle::Plain)),
        param("id", Location::Query, TEXT, ParamStyle::Plain),
        must(param("ids", Location::Query, list(INTEGER), ParamStyle::Repeated)),
        param("tags", Location::Query, list(TEXT), ParamStyle::Joined('|')),
        param("sort", Location::Query, list(ids.sort.clone()), ParamStyle::Joined(',')),
        param("expand", Location::Query, list(TEXT), ParamStyle::Brackets),
        must(param("filter", Location::Query, ids.filter.clone(), ParamStyle::Brackets)),
        param("where", Location::Query, ids.expression.clone(), ParamStyle::Json),
        param("session", Location::Cookie, TEXT, ParamStyle::Plain),
        param("theme", Location::Cookie, TEXT, ParamStyle::Plain),
        param("X-Parts", Location::Header, list(INTEGER), ParamStyle::Joined(',')),
    ];
    let pets = list(ids.pet.clone());
    let mut text = operation("get_text", Method::Get, "/text", Vec::new(), Body::Form, Some(TEXT));
    text.answer = Payload::Text;
    let mut bytes = operation("get_bytes", Method::Get, "/bytes", Vec::new(), Body::Form, Some(Type::Scalar(Scalar::Binary)));
    bytes.answer = Payload::Bytes;
    let form = given(ids.new_pet.clone(), Encoding::Form, "application/x-www-form-urlencoded", true);
    let multipart = Encoding::Multipart { files: vec!["photo".to_owned()] };
    let multipart = given(ids.new_pet.clone(), multipart, "multipart/form-data", true);
    let body_param = vec![must(param("body", Location::Query, TEXT, ParamStyle::Plain))];
    let operations = vec![
        operation("create_pet", Method::Post, "/pets", Vec::new(), json(&ids.new_pet, true), Some(ids.pet.clone())),
        operation("create-pet", Method::Put, "/pets", body_param, json(&ids.new_pet, true), None),
        operation("change_pet", Method::Patch, "/pets", Vec::new(), json(&ids.pet, false), None),
        operation("create_pets", Method::Post, "/all", Vec::new(), json(&pets, true), Some(pets.clone())),
        operation("name_pet", Method::Post, "/name", Vec::new(), json(&TEXT, true), Some(Type::Json)),
        operation("search", Method::Get, "/pets/{id}", search, Body::Form, Some(pets)),
        operation("send_form", Method::Post, "/form", Vec::new(), form, None),
        operation("send_parts", Method::Post, "/parts", Vec::new(), multipart, None),
        operation("send_text", Method::Post, "/text", Vec::new(), given(TEXT, Encoding::Text, "text/plain", false), None),
        operation(
            "send_bytes",
            Method::Post,
            "/bytes",
            Vec::new(),
            given(Type::Scalar(Scalar::Binary), Encoding::Bytes, "image/png", true),
            None,
        ),
        text,
        bytes,
    ];
    Api {
        name: at("pets".to_owned()),
        title: None,
        description: None,
        docs: None,
        version: None,
        inputs: vec![Input {
            name: at("token".to_owned()),
            description: None,
            kind: InputKind::String,
            secret: true,
            default: None,
            optional: true,
        }],
        client: Client {
            base_url: template("https://pets.example"),
            headers: Vec::new(),
            auth: Auth::None,
            retry: Retry::default(),
            rules: Vec::new(),
            rate_limits: Vec::new(),
            timeouts: Timeouts::default(),
            allowed_hosts: Vec::new(),
            max_response_bytes: 1 << 20,
            compression: Vec::new(),
        },
        resources: Vec::new(),
        operations,
        types,
    }
}
