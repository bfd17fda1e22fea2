//! Reads pages of users into an Arrow record batch: the runtime, `serde_json` structs with Arrow's builders, and `arrow-json`.
//!
//! `cargo run --release -p tapwright-bench --bin columns`

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_json::ReaderBuilder;
use arrow_schema::{Schema, SchemaRef};
use serde::Deserialize;
use serde_json::value::RawValue;
use tapwright_bench::users::{AppMetadata, Identity, Order, Page, ProfileData, User, UserMetadata, page};
use tapwright_bench::{cpu, table};
use tapwright_runtime::rt::columnar::Columnar;
use tapwright_runtime::rt::columns::{Nesting, Rows};
use tapwright_runtime::rt::descriptor::{Resource, Segment::Key as At};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::layout::Layout;
use tapwright_runtime::rt::message::{Headers, Response};
use tapwright_runtime::rt::page::{Reading, Sink, read};
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::time::Timestamp;

/// About as many as a batch of a load has.
const PAGES: usize = 64;
const USERS: usize = 100;
const ROUNDS: usize = 31;

/// A way to make a batch of the pages.
type Way<'a> = Box<dyn FnMut() -> RecordBatch + 'a>;

fn main() -> io::Result<()> {
    let pages: Vec<Response> = (0..PAGES).map(|number| response(page(number, USERS, Order::Declared))).collect();
    let lines: Vec<String> = pages.iter().map(|page| users(page).join("\n")).collect();
    // As for a load, a table is made once, and gives one batch after the other.
    let mut table = Table(Rows::table(User::<Timestamp>::TYPE, Nesting::levels(16)));
    let schema = Arc::new(Schema::new(table.0.fields()));
    let mut ways: [(&str, Way<'_>); 4] = [
        ("the runtime", Box::new(|| by_the_runtime(black_box(&pages), &schema, &mut table))),
        ("`serde_json` into structs, Arrow's builders", Box::new(|| by_structs(black_box(&pages), &schema))),
        (
            "`serde_json` for the page, `arrow-json` for its users",
            Box::new(|| decoded(black_box(&pages).iter().flat_map(users), &schema)),
        ),
        ("`arrow-json` alone, users a line each", Box::new(|| decoded(black_box(&lines).iter().map(String::as_str), &schema))),
    ];
    let mut expected = None;
    for (name, way) in &mut ways {
        let batch = way();
        assert!(*expected.get_or_insert_with(|| batch.clone()) == batch, "{name} gives other values");
    }
    let seconds = cpu::in_turns(ROUNDS, &mut ways, |(_, way)| {
        black_box(way());
    });
    let bytes = u32::try_from(pages.iter().map(|page| page.body.len()).sum::<usize>()).map_err(io::Error::other)?;
    let rows = ways.iter().zip(&seconds).map(|((name, _), own)| {
        let ratio = table::ratio(own, &seconds[0]);
        vec![(*name).to_owned(), format!("{:.0}", f64::from(bytes) / 1e6 / table::median(own.clone())), format!("{ratio:.2}")]
    });
    table::print(&["pages into a record batch", "MB/s", "time"], &rows.collect::<Vec<_>>());
    Ok(())
}

fn response(body: Vec<u8>) -> Response {
    Response { status: 200, headers: Headers::default(), body }
}

/// A page as far as its users.
#[derive(Deserialize)]
struct Cut<'a> {
    #[serde(borrow)]
    users: Vec<&'a RawValue>,
}

/// The texts of a page's users.
fn users(page: &Response) -> Vec<&str> {
    let page: Cut<'_> = serde_json::from_slice(&page.body).expect("a page of users");
    page.users.into_iter().map(RawValue::get).collect()
}

struct Table(Rows);

impl Sink for Table {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.0.read(r)
    }

    fn restart(&mut self) {}
}

fn by_the_runtime(pages: &[Response], schema: &SchemaRef, table: &mut Table) -> RecordBatch {
    let layout = Layout::of(&Resource { selectors: &[&[At("users")]], ..Resource::LIST });
    for page in pages {
        read(page, &layout, Reading::default(), table).expect("a page of users");
    }
    let columns = table.0.finish().expect("columns of one length");
    RecordBatch::try_new(Arc::clone(schema), columns).expect("the columns of the schema")
}

fn decoded<'a>(texts: impl Iterator<Item = &'a str>, schema: &SchemaRef) -> RecordBatch {
    let reader = ReaderBuilder::new(Arc::clone(schema)).with_batch_size(PAGES * USERS);
    let mut decoder = reader.build_decoder().expect("a schema that it knows");
    for text in texts {
        let taken = decoder.decode(text.as_bytes()).expect("users");
        assert_eq!(taken, text.len(), "the batch has room for all");
    }
    decoder.flush().expect("whole users").expect("some users")
}

fn by_structs(pages: &[Response], schema: &SchemaRef) -> RecordBatch {
    let mut builders = Builders::new(schema);
    for page in pages {
        let page: Page<Timestamp> = serde_json::from_slice(&page.body).expect("a page of users");
        for user in page.users.iter().flatten() {
            builders.push(user);
        }
    }
    RecordBatch::from(builders.0.finish())
}

/// The columns of users, built as Arrow's documentation shows.
struct Builders(StructBuilder);

impl Builders {
    fn new(schema: &SchemaRef) -> Self {
        Self(StructBuilder::from_fields(schema.fields().clone(), PAGES * USERS))
    }

    fn push(&mut self, user: &User<Timestamp>) {
        let mut row = Row { builder: &mut self.0, at: 0 };
        row.text(user.user_id.as_deref());
        row.text(user.email.as_deref());
        row.flag(user.email_verified);
        row.text(user.username.as_deref());
        row.text(user.phone_number.as_deref());
        row.flag(user.phone_verified);
        row.moment(user.created_at);
        row.moment(user.updated_at);
        row.identities(user.identities.as_deref());
        row.record(user.app_metadata.as_ref(), app_metadata);
        row.record(user.user_metadata.as_ref(), user_metadata);
        row.text(user.picture.as_deref());
        row.text(user.name.as_deref());
        row.text(user.nickname.as_deref());
        row.texts(user.multifactor.as_deref());
        row.moment(user.multifactor_last_modified);
        row.text(user.last_ip.as_deref());
        row.moment(user.last_login);
        row.moment(user.last_password_reset);
        row.integer(user.logins_count);
        row.flag(user.blocked);
        row.text(user.given_name.as_deref());
        row.text(user.family_name.as_deref());
        row.text(user.locale.as_deref());
        row.text(user.description.as_deref());
        self.0.append(true);
    }
}

/// A row that is being built, column by column.
struct Row<'a> {
    builder: &'a mut StructBuilder,
    at: usize,
}

impl Row<'_> {
    fn next<B: ArrayBuilder>(&mut self) -> &mut B {
        self.at += 1;
        self.builder.field_builder(self.at - 1).expect("a column of this type")
    }

    fn text(&mut self, text: Option<&str>) {
        self.next::<StringBuilder>().append_option(text);
    }

    fn flag(&mut self, flag: Option<bool>) {
        self.next::<BooleanBuilder>().append_option(flag);
    }

    fn integer(&mut self, integer: Option<i64>) {
        self.next::<Int64Builder>().append_option(integer);
    }

    fn float(&mut self, float: Option<f64>) {
        self.next::<Float64Builder>().append_option(float);
    }

    fn moment(&mut self, moment: Option<Timestamp>) {
        self.next::<TimestampMicrosecondBuilder>().append_option(moment.map(Timestamp::as_microsecond));
    }

    fn texts(&mut self, texts: Option<&[String]>) {
        let builder = self.next::<ListBuilder<Box<dyn ArrayBuilder>>>();
        let values = builder.values().as_any_mut().downcast_mut::<StringBuilder>().expect("a list of texts");
        for text in texts.unwrap_or_default() {
            values.append_value(text);
        }
        builder.append(texts.is_some());
    }

    fn identities(&mut self, identities: Option<&[Identity]>) {
        let builder = self.next::<ListBuilder<Box<dyn ArrayBuilder>>>();
        let values = builder.values().as_any_mut().downcast_mut::<StructBuilder>().expect("a list of records");
        for identity in identities.unwrap_or_default() {
            self::identity(&mut Row { builder: values, at: 0 }, Some(identity));
            values.append(true);
        }
        builder.append(identities.is_some());
    }

    /// Nulls have values below as well.
    fn record<T>(&mut self, record: Option<&T>, fill: fn(&mut Row<'_>, Option<&T>)) {
        let builder = self.next::<StructBuilder>();
        fill(&mut Row { builder, at: 0 }, record);
        builder.append(record.is_some());
    }
}

fn identity(row: &mut Row<'_>, identity: Option<&Identity>) {
    row.text(identity.and_then(|identity| identity.connection.as_deref()));
    row.text(identity.and_then(|identity| identity.user_id.as_deref()));
    row.text(identity.and_then(|identity| identity.provider.as_deref()));
    row.flag(identity.and_then(|identity| identity.is_social));
    row.record(identity.and_then(|identity| identity.profile_data.as_ref()), profile_data);
}

fn profile_data(row: &mut Row<'_>, data: Option<&ProfileData>) {
    row.text(data.and_then(|data| data.email.as_deref()));
    row.flag(data.and_then(|data| data.email_verified));
    row.text(data.and_then(|data| data.name.as_deref()));
}

fn app_metadata(row: &mut Row<'_>, data: Option<&AppMetadata>) {
    row.text(data.and_then(|data| data.plan.as_deref()));
    row.texts(data.and_then(|data| data.roles.as_deref()));
    row.integer(data.and_then(|data| data.quota));
    row.float(data.and_then(|data| data.score));
    row.flag(data.and_then(|data| data.beta));
}

fn user_metadata(row: &mut Row<'_>, data: Option<&UserMetadata>) {
    row.text(data.and_then(|data| data.city.as_deref()));
    row.text(data.and_then(|data| data.note.as_deref()));
    row.flag(data.and_then(|data| data.newsletter));
}
