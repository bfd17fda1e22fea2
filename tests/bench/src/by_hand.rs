//! What one writes by hand: a loop over pages with an HTTP client and `serde_json`, into structs of the same fields and types.

use std::fmt;
use std::io::{self, Read as _};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// How many users a page has.
const SIZE: u64 = 100;

const LOGIN: &str =
    "grant_type=client_credentials&client_id=bench&client_secret=bench&audience=https%3A%2F%2F127.0.0.1%2Fapi%2Fv2%2F";

/// Counts users and sees that none is missing or twice: their ids must rise.
#[derive(Debug, Default)]
pub struct Order {
    last: String,
    records: u64,
}

impl Order {
    /// Takes the next user's id.
    pub fn next(&mut self, id: Option<&str>) -> io::Result<()> {
        let id = id.ok_or_else(|| io::Error::other("a user without an id"))?;
        if id <= self.last.as_str() {
            return Err(io::Error::other(format!("`{id}` came after `{}`", self.last)));
        }
        id.clone_into(&mut self.last);
        self.records += 1;
        Ok(())
    }

    /// How many there were.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }
}

/// Reads all users with hyper.
pub fn asynchronous(address: &str) -> io::Result<u64> {
    crate::wait(read_async(address))
}

async fn read_async(address: &str) -> io::Result<u64> {
    let mut reader = Reader::login(address).await?;
    let mut order = Order::default();
    for page in 0.. {
        let page = serde_json::from_slice(&reader.page(page).await?)?;
        if last(&page, &mut order)? {
            break;
        }
    }
    Ok(order.records())
}

/// Hands on the bytes of each page of all users; the first one tells how many there are.
pub fn pages(address: &str, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    crate::wait(async {
        let mut reader = Reader::login(address).await?;
        let first = reader.page(0).await?;
        let Total { total } = serde_json::from_slice(&first)?;
        take(&first)?;
        for page in 1..total.div_ceil(SIZE) {
            take(&reader.page(page).await?)?;
        }
        Ok(())
    })
}

/// Someone who has logged in.
struct Reader<'a> {
    client: Client<HttpConnector, Full<Bytes>>,
    address: &'a str,
    bearer: String,
}

impl<'a> Reader<'a> {
    async fn login(address: &'a str) -> io::Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
        let login = hyper::Request::post(format!("{}/oauth/token", origin(address)))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(LOGIN))
            .map_err(io::Error::other)?;
        let token: Token = serde_json::from_slice(&bytes(&client, login).await?)?;
        Ok(Self { client, address, bearer: format!("Bearer {}", token.access_token) })
    }

    async fn page(&mut self, page: u64) -> io::Result<Bytes> {
        let request = hyper::Request::get(page_address(self.address, page))
            .header(AUTHORIZATION, &self.bearer)
            .body(Full::default())
            .map_err(io::Error::other)?;
        bytes(&self.client, request).await
    }
}

async fn bytes(client: &Client<HttpConnector, Full<Bytes>>, request: hyper::Request<Full<Bytes>>) -> io::Result<Bytes> {
    let response = client.request(request).await.map_err(io::Error::other)?;
    if !response.status().is_success() {
        return Err(io::Error::other(format!("status {}", response.status())));
    }
    Ok(response.into_body().collect().await.map_err(io::Error::other)?.to_bytes())
}

/// Reads all users with ureq.
pub fn blocking(address: &str) -> io::Result<u64> {
    let agent = ureq::Agent::new_with_defaults();
    let mut login = agent
        .post(format!("{}/oauth/token", origin(address)))
        .content_type("application/x-www-form-urlencoded")
        .send(LOGIN)
        .map_err(io::Error::other)?;
    let mut body = Vec::new();
    login.body_mut().as_reader().read_to_end(&mut body)?;
    let token: Token = serde_json::from_slice(&body)?;
    let bearer = format!("Bearer {}", token.access_token);
    let mut order = Order::default();
    for page in 0.. {
        let mut response =
            agent.get(page_address(address, page)).header("authorization", &bearer).call().map_err(io::Error::other)?;
        body.clear();
        response.body_mut().as_reader().read_to_end(&mut body)?;
        let page = serde_json::from_slice(&body)?;
        if last(&page, &mut order)? {
            break;
        }
    }
    Ok(order.records())
}

/// Takes a page's users; true when it was the last page.
fn last(page: &Page, order: &mut Order) -> io::Result<bool> {
    for user in &page.users {
        order.next(user.user_id.as_deref())?;
    }
    Ok(page.users.is_empty() || order.records() >= page.total)
}

fn page_address(address: &str, page: u64) -> String {
    format!("{address}/users?include_totals=true&page={page}&per_page={SIZE}")
}

/// The address up to its path.
fn origin(address: &str) -> &str {
    let path = address.match_indices('/').nth(2).map_or(address.len(), |(at, _)| at);
    &address[..path]
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Total {
    total: u64,
}

#[derive(Deserialize)]
struct Page {
    total: u64,
    users: Vec<User>,
}

#[derive(Deserialize)]
#[expect(dead_code, clippy::struct_field_names, reason = "the fields are Auth0's, and there to be decoded")]
struct User {
    user_id: Option<String>,
    email: Option<String>,
    email_verified: Option<Loose>,
    username: Option<String>,
    phone_number: Option<String>,
    phone_verified: Option<Loose>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    identities: Option<Vec<Identity>>,
    app_metadata: Option<Box<RawValue>>,
    user_metadata: Option<Box<RawValue>>,
    picture: Option<String>,
    name: Option<String>,
    nickname: Option<String>,
    multifactor: Option<Vec<String>>,
    multifactor_last_modified: Option<Timestamp>,
    last_ip: Option<String>,
    last_login: Option<Timestamp>,
    last_password_reset: Option<Timestamp>,
    logins_count: Option<Loose>,
    blocked: Option<Loose>,
    given_name: Option<String>,
    family_name: Option<String>,
    locale: Option<Box<RawValue>>,
    last_login_ip: Option<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the fields are there to be decoded")]
struct Identity {
    connection: Option<String>,
    user_id: Option<Loose>,
    provider: Option<String>,
    #[serde(rename = "isSocial")]
    is_social: Option<Loose>,
    #[serde(rename = "profileData")]
    profile_data: Option<Box<RawValue>>,
    access_token: Option<String>,
    access_token_secret: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<Loose>,
}

/// What the service writes as a boolean or number, and now and then as a text. By a visitor: `untagged` would be slower.
#[expect(dead_code, reason = "the values are there to be decoded")]
enum Loose {
    Flag(bool),
    Number(i64),
    Text(String),
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl Visitor<'_> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a boolean, a whole number or a text")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Loose, E> {
        Ok(Loose::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose::Number(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Loose, E> {
        i64::try_from(number).map(Loose::Number).map_err(E::custom)
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose::Text(text.to_owned()))
    }
}
