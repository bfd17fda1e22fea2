//! Every code, with its wording: the one table of what the generator may have to say.
//!
//! `{0}`, `{1}`, … are filled by the place that reports. A help line that depends on the case is given there.

use crate::diagnostic::Severity;

macro_rules! codes {
    ($($(#[doc = $doc:literal])? $number:literal $severity:ident $code:ident: $title:literal $(, $help:literal)?;)*) => {
        /// What kind of thing is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the wording of each stands in the table")]
        pub enum Code { $($(#[doc = $doc])? $code),* }

        static ROWS: &[Row] = &[$(Row { code: Code::$code, number: $number, severity: Severity::$severity, title: $title, help: codes!(@help $($help)?) }),*];
    };
    (@help) => { None };
    (@help $help:literal) => { Some($help) };
}

struct Row {
    code: Code,
    number: u16,
    severity: Severity,
    title: &'static str,
    help: Option<&'static str>,
}

codes! {
    // Reading the text.
    1 Error Syntax: "the text is not YAML: {0}";
    2 Error Tab: "a tab in the indentation", "YAML is indented with spaces";
    3 Error DuplicateKey: "the key `{0}` is given twice";
    4 Error SeveralDocuments: "a second document begins", "a file holds one spec; remove the `---`";
    5 Error TooDeep: "nested more than {0} levels deep";
    6 Error EndlessAlias: "an alias inside of what it stands for";
    7 Error KeyNotText: "a key that is not a text";
    8 Error Tag: "the tag `{0}` means nothing here", "remove it";
    9 Error Unreadable: "{0}";
    10 Error NoFile: "cannot read `{0}`: {1}";

    // The form of the document.
    11 Error NotAMap: "a spec is a map of keys", "begin with `name:` and `client:`; `gen new NAME` writes a start";
    12 Error UnknownKey: "unknown key `{0}` in {1}";
    13 Error WrongKind: "`{0}` takes {1}, not {2}";
    14 Error MissingKey: "{0} lacks `{1}`";
    15 Error TwoSpellings: "`{0}` is given twice, here as `{1}`", "keep one of the two";
    16 Error UnknownWord: "`{0}` is no value of `{1}`";
    17 Error MissingType: "this {0} has no `type`";
    18 Error UnknownType: "there is no {0} of type `{1}`";
    19 Error NotEmpty: "`{0}` must be empty";
    20 Error NullElement: "an empty element in `{0}`", "remove it, or give it a value";
    21 Error NotACount: "`{0}` takes a whole number from 0 on, not `{1}`";
    22 Error BadDuration: "`{0}` takes a duration, not `{1}`", "write `500ms`, `10s`, `2m`, `1h`, or a number of seconds";
    23 Error BadSize: "`{0}` takes a size, not `{1}`", "write a number of bytes, or `64KiB`, `16MiB`, `8MB`";

    // Names and values.
    30 Error BadName: "`{0}` cannot name a crate", "use lower-case letters, digits, `-` and `_`, and begin with a letter";
    31 Error BadItemName: "`{0}` cannot name {1}", "begin with a letter; letters, digits, `_` and `-` may follow";
    32 Error BadVersion: "`{0}` is no semantic version", "write three numbers, such as `0.1.0`";
    33 Error DuplicateName: "{0} `{1}` is there twice";
    34 Error BadBaseUrl: "`base_url` {0}";
    35 Error BadUrl: "`{0}` {1}";
    36 Error BadPath: "the path {0}";
    37 Error BadMethod: "`{0}` is no HTTP method";
    38 Error BadTemplate: "the text {0}";
    39 Error BadJsonPath: "the path `{0}` {1}";
    40 Error BadHeader: "`{0}` is no header name", "letters, digits and `-` make a header name";
    41 Error BadStatus: "`{0}` is no status of a failed request", "statuses from 400 to 599 can be repeated";
    42 Error BadDefault: "the default `{0}` is no {1}";
    43 Error NotAmongValues: "the default `{0}` is not among the values";
    44 Error EnumWithoutValues: "an enum without values", "list them: `values: [us, eu]`";
    45 Error DuplicateValue: "the value `{0}` is there twice";
    46 Error Contradiction: "{0}";

    // Inputs, clients and authorisation.
    50 Error UndeclaredInput: "there is no input `{0}`";
    51 Error UnusedInput: "the input `{0}` is used nowhere", "remove it, or refer to it as `{{0}}`";
    52 Warning ImplicitInput: "`{0}` is not declared; it becomes an input of the connector", "declare it under `config` to give it a type and a description";
    53 Warning LiteralCredential: "a literal credential; it is not written anywhere", "it becomes the secret input `{0}`; write `\"{{0}}\"` and declare the input under `config`";
    54 Warning SecretInUrl: "the secret `{0}` becomes part of an address", "addresses end up in logs; send it in a header, or as auth";
    55 Warning NotSecret: "the input `{0}` is a credential but not declared as a secret; it is treated as one", "add `secret: true`";
    56 Error CircularInput: "the default of an input leads back to it: {0}";

    // Resources and the requests they make.
    60 Error Nothing: "the spec has neither resources nor operations", "list at least one of them";
    61 Error UnknownResource: "there is no resource `{0}`";
    62 Error ParentCycle: "resources that wait for each other: {0}", "a resource cannot be read for records that come from itself";
    64 Error NoValue: "nothing gives the placeholder `{0}` a value", "add a parameter of that name (`in: path`, or `type: resolve`), an input, or write `{resources.NAME.FIELD}`";
    65 Error UnusedPathParam: "the path has no placeholder `{0}`", "add `{{0}}` to the path, or give the parameter another place";
    66 Error UnknownField: "{0} has no field `{1}`";
    67 Error NotAScalar: "`{0}` is {1}; only a plain value can stand in a request";
    68 Error NoParent: "`include_from_parent` without a parent", "name the parent in a placeholder: `{resources.organizations.id}`";
    69 Error IncludeInScalar: "`include_from_parent` needs records that are objects", "leave it out, or give the resource a `schema` with fields";
    70 Error PathParamOptional: "a parameter of the path cannot be left out", "remove `required: false`, or give it a default";
    71 Warning MergeWithoutKey: "`merge` without a key; records are appended", "add `primary_key`, or `merge_key`";
    72 Warning BodyIgnored: "a {0} request with a body; many services ignore it", "use `params`, or another `method`";
    73 Error BothBodies: "a request has `json` or `data`, not both";
    74 Error ParentInOperation: "an operation cannot take a field of a parent's record", "make it a parameter with `in: path`";
    75 Error AddedTwice: "the record has a field `{0}` already", "leave it out of `include_from_parent`";
    76 Error NeedsPrimaryKey: "`{0}` needs a `primary_key`", "name the fields that identify a record: `primary_key: id`";

    // Paging and incremental reading.
    80 Error ParamClash: "the paginator sends `{0}` itself", "remove the parameter";
    81 Error EndlessPaging: "nothing ends these pages", "leave `stop_after_empty_page` on, or give `total_path`, `total_pages_path`, `has_more_path` or a maximum";
    82 Error ZeroLimit: "a page of no records", "give a `limit` of at least 1";
    83 Error LimitTooLarge: "`limit` {0} is above `maximum_limit` {1}";
    84 Error LimitMissing: "`{0}` without `limit`", "say how many records a page has: `limit: 100`";
    85 Error NotOrderable: "`{0}` is {1}, which has no order", "a cursor is a text, a number or a date";
    86 Error TwoIncrementals: "a second incremental cursor", "a resource has one";
    88 Error BothParams: "the paginator and `incremental` both send `{0}`", "give them different parameters, or remove `cursor_path` from the paginator if the last record's field is the next cursor";

    89 Warning SaysNothing: "`{0}` says nothing without `limit`", "say how many records a page has: `limit: 100`";

    // Schemas.
    90 Error UnknownSchema: "there is no schema `{0}`";
    91 Error BadType: "the type {0}";
    92 Error EmptySchema: "{0} has no fields", "list its fields, or use `json` for an object of any form";
    93 Error InfiniteType: "a value of this type would never end: {0}", "make one of these fields optional (leave out `required`), or an array";
    94 Warning UnusedSchema: "the schema `{0}` is used nowhere", "remove it, or name it as the `schema` of a resource";
    95 Error TypeClash: "`{0}` does not go with {1}";
    96 Error BadFormat: "`{0}` is no format", "the formats are `date-time`, `date`, `time`, `uuid` and `byte`";
    97 Warning NotUnderstood: "{0} is not understood; it is read as JSON";
    98 Error BadReference: "the reference {0}", "write `FILE#/components/schemas/NAME`";
    99 Error ReservedSchema: "`{0}` is a type of the language and cannot name a schema";
    100 Error EvolvingType: "`evolve` has no place for a value of another type: a field of a record has one type", "write `{columns: evolve, data_type: discard_value}`, or give fields of several types the type `json`";

    // Names in Rust.
    110 Error NameClash: "`{0}` and `{1}` would both be `{2}` in Rust";

    // Requests and how they page.
    111 Error TwoPlaces: "`{0}` and `{1}` both say where the paginator's value goes", "keep one of the two";
    112 Error NoJsonBody: "`{0}` is a place in a JSON body, and this request has a form", "write the fields under `json` in place of `data`";
    113 Error BlockedPlace: "`{0}` leads into `{1}` of the body, which is a value", "make it an object, or choose another place";
    114 Error CursorInPath: "the path needs `{0}`, which the first request does not have", "say with what it begins: `initial_cursor`";
    115 Error TwoFlags: "`has_more_path` and `is_last_path` say the same", "keep the one that the service documents";
    116 Error UnknownSent: "the request sends no query parameter `{0}`";
    117 Error SplitWithoutCursor: "`split_by_cursor` without `incremental`", "say by which field the query can be narrowed, or write `then: fail`";
    118 Error DuplicateArgument: "a call would take two arguments `{0}`", "arguments share one set of names, wherever they go; fix one of the values";
    119 Error ArgumentWithoutName: "an argument in an array of `{0}` has no name", "an argument is the value of a key";
    120 Error NoJsonNumber: "`{0}` is no number in JSON", "write it in quotes if it is a text";
    121 Error CarryWithoutCursor: "`carry` without a cursor in the JSON body", "give `cursor_body_path`";
    122 Error DistantPlace: "`{0}` names element {1} of an array", "the body has no such element; name one that `json` has";

    // Logins.
    125 Error BadHostPattern: "`{0}` allows too much, or nothing", "a `*` stands for one whole label, and two labels follow it: `*.example.com`";
    126 Error AuthInAuth: "{0} cannot stand {1}";
    127 Error NoChoice: "`one_of` needs options to choose from", "give at least two, or write the only one in its place";
    128 Error UnknownOption: "there is no option `{0}`";
    129 Error ChoosingInput: "the input `{0}` is declared, and names the login as well", "rename it, or give the other one a name with `input`";
    130 Error BadRedirect: "`redirect_uri` {0}", "write `http://127.0.0.1:8484/callback`; port 0 is any free one";
    131 Error HomeNowhere: "requests go where the login says, and `allowed_hosts` names no host", "name them: `allowed_hosts: [\"*.example.com\"]`";
    132 Error TwoSessionTokens: "the token of a session is in one place", "keep one of `token_path`, `token_header` and `token_cookie`";
    133 Error NoTokenUrl: "a JWT that is used as `{0}` is sent to a `token_url`", "add it, or write `use: bearer` for a JWT that is the token itself";

    // Partitions.
    140 Error UnknownPartition: "there is no list `{0}` to read for";
    141 Error UnusedPartition: "nothing in the request tells the rows of `{0}` apart, so that each would give the same records";
    142 Error RepeatedPartition: "`{0}` is listed twice", "remove one of the two";
    143 Error TwoLists: "`{0}` is read for two lists `{1}` with different values", "give one of them another name";
    144 Error EmptyList: "`{0}` has no values", "without values nothing would be read";
    145 Error UnevenList: "the values of `{0}` have different forms";
    146 Error WhichParent: "`{0}` may be a field of `{1}` or of `{2}`";
    147 Error BadCondition: "`{0}` is {1}, which can not be `{2}`";
    148 Error PartitionElsewhere: "{0} is read for no partitions", "a placeholder `{partition.…}` or `{resources.…}` stands in a resource";
    149 Error SecretPartition: "the list `{0}` is made from the secret `{1}`", "its values stand in checkpoints and addresses; use an input that is no secret";
    150 Error BadWindow: "`{0}` is no length of a window", "write a duration such as `1h`, `30d` or `2w`, or months of the calendar: `1mo`";
    151 Error WindowNeeds: "`step` needs {0}";
    152 Error SplitNeeds: "`split_by_cursor` needs {0}";

    // Incremental reads.
    155 Error BoundWithoutCursor: "`{{0}}` without an incremental cursor", "say where the cursor is: `incremental: {cursor_path: updated_at}`";
    156 Error BadCursorFormat: "`{0}` is no format of a cursor";
    157 Error BadPattern: "the pattern `{0}` {1}", "the directives are `%Y`, `%m`, `%d`, `%H`, `%M`, `%S`, `%L` (milliseconds), `%f` (microseconds), `%z`, `%s` and `%%`";
    158 Error FormatsApart: "a cursor that is {0} cannot be sent as {1}";
    159 Error BadLag: "`lag` takes {0}, not `{1}`";
    160 Error LagOfText: "`lag` on a cursor that is {0}", "say how it is written: `format: iso`";
    161 Error BadBound: "`{0}` is `{1}`, which is no cursor that is {2}", "write it as the records have it; for moments also `now`, `now - 30d`, or RFC 3339";
    162 Error HalfBound: "one text for both bounds, and no `{0}`", "a run without it would send half a text; give it, for example `{0}: {1}`";
    163 Error TokenAndCursor: "`{0}` beside a token that takes the cursor's place", "remove one of the two";
    164 Error BoundSentTwice: "`incremental` sends `{0}` itself", "remove the parameter, or its value";
    165 Error DeltaWithoutLinks: "`delta_link_path` with pages that are counted", "an address is followed as it is; use `json_link` or `header_link`";

    // Error rules and rate limits.
    170 Error PythonFunction: "`{0}` is a Python function, which a spec cannot call";
    171 Error BadStatusRange: "`{0}` is no status", "write a number such as `404`, or a range such as `4xx` or `500-599`";
    172 Error NoCondition: "a rule that applies to every response", "say when: `status`, `header`, `content` or `path`";
    173 Error PathCondition: "`path` goes with one of `equals`, `in` and `exists`", "name the place in `path`, and beside it what must be there";
    174 Warning NeverReached: "this rule is never reached", "remove it, or give it other conditions";
    175 Error SkipInOperation: "an operation has no list whose rest could be passed over", "`ignore` takes the answer for an empty one";
    176 Error NotAFailure: "`{0}` says nothing with the action `{1}`", "it belongs to `fail`";
    177 Warning NothingToRefresh: "there is no token that could be fetched anew; it is an error instead", "use `fail`, or an `auth` that fetches tokens";
    178 Error EmptyLimit: "a limit that limits nothing, or lets nothing pass", "give `requests` and `per`, or `concurrency`, from 1 on; `burst` goes with `requests`";
    179 Error TooHeavy: "a call of weight {0} never passes a limit of {1}", "raise the limit, or lower `weight`";
    180 Warning WeightsNothing: "`weight` counts nothing without a limit", "give `rate_limits` under `client`, or remove it";
    181 Warning RepeatedAnyway: "a {0} request may be repeated without `idempotency_header`", "remove it";

    // Processing steps.
    185 Error BadExpression: "the expression {0}";
    186 Error UnknownFunction: "there is no function `{0}`";
    187 Error WrongArguments: "`{0}` takes {1}, not {2}";
    188 Error WrongOperand: "`{0}` takes {1}, not {2}";
    189 Error NotOneStep: "a step has one key, not {0}", "each step is an element of the list: `- filter: …`";
    191 Error StepOnNoObject: "`{0}` changes fields, but {1} is {2}";
    192 Error FieldTaken: "the record has a field `{0}` already";
    193 Error BadCast: "`{0}` is {1}, which can not be cast to {2}";
    194 Error NotAList: "`{0}` is {1}; only an array makes several records";
    195 Error HookNotLast: "a hook is the last step", "move it to the end; a resource has one hook";
    196 Error HookTypes: "the hook `{0}` is given two types of records", "give one of them another name";
    197 Error WeakHashKey: "the key of `hash` {0}", "name a secret input without a default: `key: \"{pii_key}\"`";
    198 Error NoTypeOfItsOwn: "the value of `{0}` is always null", "give it a type: `{type: string, value: null}`";
    199 Error NothingLeft: "the steps leave no field of the record";

    // Decoders.
    200 Error EncodingsBesideNone: "`none` asks for plain responses, and then for packed ones", "keep `none`, or the encodings";
    201 Error BadSign: "`{0}` takes one character of ASCII, not `{1}`";
    202 Error SeparatorIsQuote: "`{0}` is both the separator and the quote", "give one of them another character";
    203 Error LooksIntoJson: "{0} looks into a JSON document, and the records of `{1}` come as {2}", "rows can be paged by a counter, by a field of the last record, or by a header";
    204 Error ColumnMissing: "the columns lack `{0}`, which every record has", "add it to `columns`, or make the field optional";
    205 Error NoRowOfThat: "a row of CSV has named values, and cannot be {0}", "give the fields of the record, or leave the schema out";

    // Jobs.
    210 Warning BesideJob: "`{0}` has no effect beside `job`", "the requests of the job say what is sent, and its `download` what comes: put it there";
    211 Error NoJobId: "{0} does not say which job it is about", "put `{job.id}` into its path, its parameters or its headers";
    212 Error StatusTwice: "the status `{0}` has two meanings", "keep one of the two";
    213 Error BadFileHost: "`{0}` is no host", "write `files.example.com`, `*.example.com` for every host below that one, or `any` for all of them";
    214 Error JobInParts: "a job is done once, and not for each value of a list or each record of another resource", "make what is taken of them a parameter that the caller gives";
    215 Error JobAsParent: "`{0}` is read by a job, and cannot be a parent", "name a resource that is read page by page";
    216 Error JobArgument: "`{0}` would have to be given by the caller of `{1}`", "give it a value here, or make it a parameter of `create`, whose arguments fill placeholders here as well";
    217 Error IndexInFile: "`{0}` has an index, and a file is read as it comes", "a path of names leads to the records";
    218 Error BadJobWait: "`{0}` {1}";

    // Configurations that come from Python.
    225 Error NotJson: "the text is not JSON: {0}";
    226 Error PythonValue: "`{0}` is a Python object, which no file can hold", "write the value itself; code goes into a `hook` of `processing_steps`";
    227 Warning NoEffect: "`{0}` has no effect: {1}";

    // What would be left out in silence.
    228 Warning Unpaged: "nothing says how `{0}` pages: only its first page will be read", "name a `paginator`, or `single_page` if the service sends all at once";
    229 Warning NoLoginThere: "`{0}` is asked at a host of its own, and without credentials", "name the host under `credential_hosts` of `client` if the login is for it too, or write `auth: none`";

    // OpenAPI documents.
    230 Error NoDocument: "{0} is no OpenAPI document", "a document begins with `openapi: 3.1.0` or `swagger: \"2.0\"`";
    231 Error RemoteReference: "`{0}` is on another machine, and nothing is fetched", "save it beside the document, and refer to the file";
    232 Warning NoTarget: "`{0}` leads nowhere; it is read as any JSON";
    233 Warning NotWellFormed: "{0} has to be {1}; it is passed over";
    234 Warning UnknownPlace: "the parameter `{0}` goes `{1}`, which is no place; it is passed over", "`path`, `query`, `header` and `cookie` are";
    235 Warning UnsentMethod: "`{0}` is no HTTP method; the operation is passed over";
    236 Warning RepeatedId: "another operation is called `{0}` as well; this one gets a number";
    237 Warning UnknownSchemaType: "`{0}` is no type of JSON; it is read as {1}";
    238 Warning EndlessSchema: "the schema leads to itself without an object in between; it is read as any JSON";
    239 Warning TooDeepSchema: "schemas nest deeper than can be written; it is read as any JSON from here on";
    246 Error UnusedPattern: "`{0}` takes none of the document's operations", "`tag:`, `path:`, `operation:` and `schema:` say what a pattern is about; `*` stands for any text";
    247 Error NoOperations: "the document has no operation that can be sent", "a crate is made of what stands under `paths`; `webhooks` are sent by the service";
    248 Warning OddServer: "`{0}` is no address; the user of the crate gives it";
    249 Warning UnknownSecurity: "the security scheme `{0}` can not be expressed; requests go without it";
    250 Warning PathFragment: "`#{0}` is never sent; the path is used without it";
    251 Warning UnusedPathParameter: "the path has no hole for `{0}`; the parameter is passed over";
    252 Error UnknownOperation: "the document has no operation `{0}`", "an operation is named by its `operationId`, or by method and path such as `GET /users`";
    253 Warning RepeatedMember: "`{0}` stands twice in one map; the last one counts";
    254 Warning NoPart: "cannot read `{0}`: {1}; what refers to it is read as any JSON";

    // What is worked out of OpenAPI documents.
    255 Warning ListLeft: "`{0}` looks like a list and stays a call: {1}", "describe it under `resources` of the `connector.yaml` that builds on the document";

    // What can be chosen from.
    256 Warning TooWide: "`{0}` has {1} fields, and `project!` takes none of them: it has room for {2}", "put fields that belong together into a record of their own, or read whole records";

    // How OpenAPI documents have requests authorised.
    257 Warning EitherLogin: "`{0}` go to one place of a request; a client sends either";
    258 Warning UnaskedLogin: "the document has ways to authorise, and asks for none; a client takes credentials and can do without";

    // Advice, which `gen lint` gives.
    300 Advice NoPrimaryKey: "`{0}` has no primary key: records that come twice are not known as one", "name the fields that identify a record: `primary_key: id`";
    301 Advice LogReadWhole: "`{0}` looks like a log, and each run reads all of it", "read on from where the last run ended: `incremental: {{cursor_path: {1}}}`, with the parameter that asks for what is later as `start_param`";
    302 Advice ChangesAppended: "`{0}` is read by what has changed, and each change is appended as a further record", "write `write_disposition: merge`, with a `primary_key`";
    303 Advice SecretShown: "`{0}` looks like a secret, and is shown in `Debug` output", "add `sensitive: true`";
    304 Advice MovingPages: "the pages of `{0}` are counted, and its records have a `{1}`: one that changes may move to another page, and be missed", "send an order that changes do not affect, such as `sort: created_at`, or page by a cursor";
    305 Advice SmallPages: "`{0}` asks for {1} records a page where the service gives {2}", "write `limit: {2}`: fewer requests";
    306 Advice PlainHttp: "credentials are sent without encryption", "write `https://`";

    // The generator itself.
    999 Error Internal: "the generator has written something that is no Rust: {0}", "this is a fault of `gen`, not of the spec; please report it";
}

impl Code {
    /// Every code, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.code)
    }

    /// The code as it is shown: `TW012`.
    #[must_use]
    pub fn id(self) -> String {
        format!("TW{:03}", self.row().map_or(0, |row| row.number))
    }

    /// Whether it stops the generator.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.row().map_or(Severity::Error, |row| row.severity)
    }

    /// What is wrong, with holes for the case at hand.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.row().map_or("", |row| row.title)
    }

    /// What to do about it, where that is always the same.
    #[must_use]
    pub fn help(self) -> Option<&'static str> {
        self.row().and_then(|row| row.help)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.get(self as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_ascend() {
        for pair in ROWS.windows(2) {
            assert!(pair[0].number < pair[1].number, "{:?} comes after {:?}", pair[1].code, pair[0].code);
        }
    }
}
