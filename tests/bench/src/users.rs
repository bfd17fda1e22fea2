//! Users such as Auth0 gives, as types that both serde and the table codec read, and pages of them.
//!
//! The record types carry both codecs, so that a comparison is one of codecs alone. The impls of ours are what the generator emits.

use serde::Deserialize;
use tapwright_runtime::rt::codec::{Decode, Fields, Key};
use tapwright_runtime::rt::columnar::{self, Columnar, Shape, Type};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::reader::Reader;

/// A page of users; `D` is the type of its dates.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub struct Page<D> {
    /// Index of the first one.
    pub start: Option<i64>,
    /// Size of a page.
    pub limit: Option<i64>,
    /// The users.
    pub users: Option<Vec<User<D>>>,
}

/// A user.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the fields are Auth0's")]
pub struct User<D> {
    pub user_id: Option<String>,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    pub username: Option<String>,
    pub phone_number: Option<String>,
    pub phone_verified: Option<bool>,
    pub created_at: Option<D>,
    pub updated_at: Option<D>,
    pub identities: Option<Vec<Identity>>,
    pub app_metadata: Option<AppMetadata>,
    pub user_metadata: Option<UserMetadata>,
    pub picture: Option<String>,
    pub name: Option<String>,
    pub nickname: Option<String>,
    pub multifactor: Option<Vec<String>>,
    pub multifactor_last_modified: Option<D>,
    pub last_ip: Option<String>,
    pub last_login: Option<D>,
    pub last_password_reset: Option<D>,
    pub logins_count: Option<i64>,
    pub blocked: Option<bool>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub locale: Option<String>,
    pub description: Option<String>,
}

/// An account of a user at an identity provider.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the fields are Auth0's")]
pub struct Identity {
    pub connection: Option<String>,
    pub user_id: Option<String>,
    pub provider: Option<String>,
    #[serde(rename = "isSocial")]
    pub is_social: Option<bool>,
    #[serde(rename = "profileData")]
    pub profile_data: Option<ProfileData>,
}

/// What the identity provider says of the user.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the fields are Auth0's")]
pub struct ProfileData {
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    pub name: Option<String>,
}

/// What the application keeps of the user.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the fields are made up")]
pub struct AppMetadata {
    pub plan: Option<String>,
    pub roles: Option<Vec<String>>,
    pub quota: Option<i64>,
    pub score: Option<f64>,
    pub beta: Option<bool>,
}

/// What the user may change.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the fields are made up")]
pub struct UserMetadata {
    pub city: Option<String>,
    pub note: Option<String>,
    pub newsletter: Option<bool>,
}

/// Gives a record type its impls, in the form that the generator emits.
macro_rules! record {
    ($type:ident $(<$param:ident>)?, $keys:ident: $($index:literal $key:literal $field:ident,)+) => {
        static $keys: &[Key] = &[$(Key::optional($key)),+];

        impl $(<$param: Decode>)? Fields for $type $(<$param>)? {
            fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
                match index {
                    $($index => r.fill(&mut self.$field),)+
                    _ => r.skip_unknown(),
                }
            }
        }

        impl $(<$param: Decode>)? Decode for $type $(<$param>)? {
            fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
                let mut value = Self { $($field: None),+ };
                r.record($keys, &mut value)?;
                Ok(value)
            }
        }

        impl $(<$param: Columnar + 'static>)? Columnar for $type $(<$param>)? {
            const TYPE: Type = Type::Record(|| Shape {
                keys: $keys,
                fields: const { &[$(column(|record: &Self| &record.$field)),+] },
                rest: None,
            });
        }
    };
}

/// The column of a field.
const fn column<R, T: Columnar>(_: fn(&R) -> &Option<T>) -> columnar::Field {
    columnar::Field { kind: T::TYPE, lenient: false }
}

record! { Page<D>, PAGE: 0 "start" start, 1 "limit" limit, 2 "users" users, }
record! { User<D>, USER:
    0 "user_id" user_id,
    1 "email" email,
    2 "email_verified" email_verified,
    3 "username" username,
    4 "phone_number" phone_number,
    5 "phone_verified" phone_verified,
    6 "created_at" created_at,
    7 "updated_at" updated_at,
    8 "identities" identities,
    9 "app_metadata" app_metadata,
    10 "user_metadata" user_metadata,
    11 "picture" picture,
    12 "name" name,
    13 "nickname" nickname,
    14 "multifactor" multifactor,
    15 "multifactor_last_modified" multifactor_last_modified,
    16 "last_ip" last_ip,
    17 "last_login" last_login,
    18 "last_password_reset" last_password_reset,
    19 "logins_count" logins_count,
    20 "blocked" blocked,
    21 "given_name" given_name,
    22 "family_name" family_name,
    23 "locale" locale,
    24 "description" description,
}
record! { Identity, IDENTITY:
    0 "connection" connection, 1 "user_id" user_id, 2 "provider" provider, 3 "isSocial" is_social, 4 "profileData" profile_data,
}
record! { ProfileData, PROFILE_DATA: 0 "email" email, 1 "email_verified" email_verified, 2 "name" name, }
record! { AppMetadata, APP_METADATA: 0 "plan" plan, 1 "roles" roles, 2 "quota" quota, 3 "score" score, 4 "beta" beta, }
record! { UserMetadata, USER_METADATA: 0 "city" city, 1 "note" note, 2 "newsletter" newsletter, }

/// In which order the members of a user come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// As the type declares them.
    Declared,
    /// By name: a service need not keep to the order of its documentation.
    ByName,
}

/// A page of users as JSON, the same in every run.
#[must_use]
pub fn page(number: usize, size: usize, order: Order) -> Vec<u8> {
    let mut random = Random(number as u64 + 1);
    let users: Vec<String> = (0..size).map(|index| user(number * size + index, &mut random, order)).collect();
    format!(r#"{{"start":{},"limit":{size},"users":[{}]}}"#, number * size, users.join(",")).into_bytes()
}

const GIVEN_NAMES: [&str; 8] = ["Ada", "José", "Zoë", "Bjørn", "Émilie", "Grace", "Łukasz", "美咲"];
const FAMILY_NAMES: [&str; 8] = ["Lovelace", "García", "Müller", "O'Brien", "Østergård", "Hopper", "Wójcik", "田中"];
const CITIES: [&str; 4] = ["São Paulo", "Zürich", "Kraków", "Springfield"];
const NOTES: [&str; 4] = [
    r#"Prefers \"quiet\" hours\nno calls"#,
    r"C:\\Users\\me\ttab",
    "Nothing to add",
    r"Snowman \u2603 and \ud83d\ude00 \u2014 done",
];
const CONNECTIONS: [(&str, &str, bool); 3] =
    [("Username-Password-Authentication", "auth0", false), ("google-oauth2", "google-oauth2", true), ("github", "github", true)];

fn user(index: usize, random: &mut Random, order: Order) -> String {
    let (given, family) = (random.pick(&GIVEN_NAMES), random.pick(&FAMILY_NAMES));
    let &(connection, provider, social) = random.pick(&CONNECTIONS);
    let account = format!("{:016x}{:08x}", random.next(), index);
    let date = |random: &mut Random| {
        let [month, day, hour, minute, second, milli] = [12, 28, 24, 60, 60, 1000].map(|limit| random.below(limit));
        format!("\"2025-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z\"", month + 1, day + 1)
    };
    let text = |text: &str| format!("\"{text}\"");
    let identity = format!(
        r#"{{"connection":"{connection}","user_id":"{account}","provider":"{provider}","isSocial":{social},"profileData":{{"email":"user{index}@mail.example.com","email_verified":true,"name":"{given} {family}"}}}}"#
    );
    let identities = match random.below(4) {
        0 => format!(r#"[{identity},{{"connection":"sms","user_id":"{index:024x}","provider":"sms","isSocial":false}}]"#),
        _ => format!("[{identity}]"),
    };
    let app_metadata = format!(
        r#"{{"plan":"enterprise","roles":["reader","editor","billing"],"quota":{},"score":{}.{:02},"beta":false}}"#,
        random.below(1_000_000),
        random.below(100),
        random.below(100)
    );
    let note = random.pick(&NOTES);
    let user_metadata = format!(r#"{{"city":"{}","note":"{note}","newsletter":true}}"#, random.pick(&CITIES));
    let picture = format!(r#""https://s.gravatar.com/avatar/{:016x}{:016x}?s=480&r=pg""#, random.next(), random.next());
    let mut members = vec![
        ("user_id", format!("\"{provider}|{account}\"")),
        ("email", format!("\"user{index}@mail.example.com\"")),
        ("email_verified", (random.below(5) > 0).to_string()),
        ("username", format!("\"user_{index}\"")),
        ("phone_number", format!("\"+1555{:07}\"", random.below(10_000_000))),
        ("phone_verified", "false".to_owned()),
        ("created_at", date(random)),
        ("updated_at", date(random)),
        ("identities", identities),
        ("app_metadata", app_metadata),
        ("user_metadata", user_metadata),
        ("picture", picture),
        ("name", format!("\"{given} {family}\"")),
        ("nickname", text(given)),
        ("multifactor", r#"["guardian"]"#.to_owned()),
        ("multifactor_last_modified", date(random)),
        ("last_ip", format!("\"203.0.113.{}\"", random.below(256))),
        ("last_login", date(random)),
        ("last_password_reset", date(random)),
        ("logins_count", random.below(5000).to_string()),
        ("blocked", "false".to_owned()),
        ("given_name", text(given)),
        ("family_name", text(family)),
        ("locale", "\"en-GB\"".to_owned()),
        ("description", "null".to_owned()),
    ];
    // As Auth0 does, what a user does not have is left out rather than null.
    for optional in ["phone_number", "multifactor", "last_password_reset", "username", "blocked"] {
        if random.below(4) == 0 {
            members.retain(|(key, _)| *key != optional);
        }
    }
    if order == Order::ByName {
        members.sort_unstable();
    }
    let members: Vec<String> = members.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// A small generator of pseudo-random numbers (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 33) % limit
    }

    fn pick<'a, T, const N: usize>(&mut self, choices: &'a [T; N]) -> &'a T {
        &choices[(self.next() >> 33) as usize % N]
    }
}
