//! What each step makes of a record.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use steps::models::{Figure, Orders, People};

use crate::support::{KEY, World, text, wait};

/// Reads a list async and blocking; both give the same.
macro_rules! read {
    ($world:expr, $resource:ident) => {{
        let read: Vec<_> = wait($world.client.$resource().items().collect()).expect("every page is good");
        let blocking: Vec<_> =
            $world.client.$resource().blocking().items().collect::<Result<_, _>>().expect("every page is good");
        assert_eq!(read, blocking);
        read
    }};
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes everything");
        hex
    })
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// RFC 2104, written out.
fn hmac(key: &str, text: &str) -> String {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key.as_bytes());
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    hex(&Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize())
}

#[test]
fn people_have_every_step_behind_them() {
    let world = World::new(120);
    let sent = world.sent("people", &[]);
    let kept: Vec<&Value> = sent
        .iter()
        .filter(|person| matches!(text(person, "status"), Some("active" | "invited")))
        .filter(|person| person["seq"].as_i64().expect("a number") >= 2)
        .filter(|person| text(person, "email").is_some())
        .collect();
    let people = read!(world, people);
    assert!(kept.len() > 30 && kept.len() < 110, "{} of {}", kept.len(), sent.len());
    assert_eq!(people.len(), kept.len());
    for (person, sent) in people.iter().zip(kept) {
        person_is(person, sent);
    }
}

fn person_is(person: &People, sent: &Value) {
    let (first, last) = (text(sent, "first").expect("a name"), text(sent, "last").expect("a name"));
    let email = text(sent, "email").expect("others are filtered");
    assert_eq!(Some(person.person_id.as_str()), text(sent, "id"));
    let mut letters = first.chars();
    let initial: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let rest = letters.as_str().to_lowercase();
    assert_eq!(person.name, Some(format!("{initial}{rest} {last}")));
    assert_eq!(person.domain.as_deref(), email.split('@').nth(1));
    assert_eq!(person.email, Some(hmac(KEY, email)));
    assert_eq!(person.card, Some(sha256(text(sent, "card").expect("a card"))));
    assert_eq!(person.age, sent["age"].as_i64().map(|age| age.to_string()));
    assert_eq!(person.joined.map(|date| date.to_string()).as_deref(), text(sent, "joined").map(|moment| &moment[..10]));
    // `serde_json` drops a last zero, which a decimal keeps.
    assert_eq!(person.score.as_ref().map(steps::Decimal::to_f64), sent["score"].as_f64());
    assert_eq!(person.city.as_deref(), text(&sent["profile"], "city"));
    let telephone = person.profile.as_ref().and_then(|profile| profile.telephone.as_deref());
    assert_eq!(telephone, text(&sent["profile"], "phone"));
    assert_eq!(person.profile.is_some(), sent["profile"].is_object());
}

#[test]
fn functions_give_what_they_say() {
    let world = World::new(60);
    let sent = world.sent("figures", &[]);
    let figures = read!(world, figures);
    assert_eq!(figures.len(), sent.len());
    for (figure, sent) in figures.iter().zip(&sent) {
        figure_is(figure, sent);
    }
}

fn figure_is(figure: &Figure, sent: &Value) {
    let seq = sent["seq"].as_i64().expect("a number");
    let score = sent["score"].as_f64().expect("a number");
    assert_eq!(figure.twice, Some(seq * 2 + 1));
    #[expect(clippy::cast_precision_loss, reason = "it counts a few records")]
    let quarter = seq as f64 / 4.0;
    assert_eq!(figure.ratio, Some(quarter));
    assert_eq!(figure.price.as_ref().map(ToString::to_string), Some(price(&sent["balance"].to_string())));
    #[expect(clippy::cast_possible_truncation, reason = "the server sends scores below 1000")]
    let whole = |number: f64| Some(number as i64);
    assert_eq!(figure.whole, whole(score.round()));
    assert_eq!(figure.below, whole((-score).floor()));
    assert_eq!(figure.tenth, Some((score * 10.0).round() / 10.0));
    assert_eq!(figure.off, Some((seq - 10).abs()));
    let tags = sent["tags"].as_array();
    assert_eq!(figure.tag_count, tags.map(|tags| i64::try_from(tags.len()).expect("a few")));
    let first = text(sent, "first").expect("a name");
    assert_eq!(figure.is_red, tags.is_some_and(|tags| tags.contains(&json!("red"))) || first.contains('a'));
    let active = sent["active"] == true || sent["active"] == "true";
    assert_eq!(figure.label, if active { "on" } else { text(&sent["profile"], "city").unwrap_or("off") });
    let created = text(sent, "created_at").expect("a moment");
    assert_eq!(figure.year, created[..4].parse().ok());
    assert_eq!(figure.day.map(|day| day.to_string()).as_deref(), Some(&created[..10]));
    let moment: steps::Timestamp = created.parse().expect("a moment");
    assert_eq!(figure.seconds, Some(moment.as_second()));
    assert_eq!(figure.again.map(steps::Timestamp::as_second), Some(moment.as_second()));
    assert_eq!(figure.late, created >= "2023-07-01");
    let last = text(sent, "last").expect("a name");
    assert_eq!(figure.kind, Some(last.to_lowercase().trim().replace('a', "4")));
    let email = text(sent, "email");
    assert_eq!(figure.domain, email.is_some_and(|email| email.rsplit('.').next() == Some("test") || email.starts_with('a')));
    assert_eq!(figure.nothing, None);
    assert_eq!(figure.copy.is_some(), sent["profile"].is_object());
    assert_eq!(figure.copy.as_ref().and_then(|copy| copy.city.as_deref()), text(&sent["profile"], "city"));
}

/// `balance * 1.1 - 0.05`, in thousandths. The server writes cents, of which JSON drops a last zero.
fn price(balance: &str) -> String {
    let (whole, cents) = balance.split_once('.').unwrap_or((balance, ""));
    let cents: i64 = format!("{whole}{cents:0<2}").parse().expect("a balance");
    let thousandths = cents * 11 - 50;
    let digits = format!("{:0>4}", thousandths.abs());
    let (whole, fraction) = digits.split_at(digits.len() - 3);
    format!("{}{whole}.{fraction}", if thousandths < 0 { "-" } else { "" })
}

#[test]
fn lines_become_records() {
    let world = World::new(40);
    let mut expected: Vec<(String, Option<String>, Option<i64>)> = Vec::new();
    for order in world.sent("orders", &[]) {
        let id = text(&order, "id").expect("an id").to_owned();
        let lines = order["lines"].as_array().cloned().unwrap_or_default();
        if lines.is_empty() {
            expected.push((id, None, None));
            continue;
        }
        for line in lines.iter().filter(|line| line["count"].as_i64().expect("a number") < 80_000) {
            expected.push((id.clone(), text(line, "sku").map(str::to_owned), line["count"].as_i64()));
        }
    }
    let orders: Vec<Orders> = read!(world, orders);
    let found: Vec<_> =
        orders.into_iter().map(|order| (order.id.unwrap_or_default(), order.line_sku, order.line_count)).collect();
    assert!(found.len() > 45 && found.iter().any(|(_, sku, _)| sku.is_none()), "{}", found.len());
    assert_eq!(found, expected);
}

#[test]
fn what_is_filtered_is_counted() {
    let world = World::new(40);
    let sent = world.sent("tags", &[]);
    let empty = sent.iter().filter(|person| person["tags"].as_array().is_none_or(Vec::is_empty)).count();
    let count: usize = sent.iter().map(|person| person["tags"].as_array().map_or(0, Vec::len)).sum();
    let mut items = world.client.tags().blocking().items();
    let read: Vec<_> = items.by_ref().collect::<Result<_, _>>().expect("every page is good");
    assert!(empty > 0 && count > 0);
    assert_eq!(read.len(), count);
    assert_eq!(items.filtered(), u64::try_from(empty).expect("a few"));
    // Pages are counted in records of the service: four each.
    assert_eq!(items.pages_read(), 10);
}

#[test]
fn children_are_read_for_every_record_that_the_service_sends() {
    let world = World::new(6);
    let groups = read!(world, groups);
    assert_eq!(groups.len(), 2);
    let mut expected = Vec::new();
    for group in world.sent("groups", &[]) {
        let id = text(&group, "id").expect("an id");
        expected.extend(world.sent("members", &[id]).iter().map(|member| format!("{id}/{}", text(member, "id").expect("an id"))));
    }
    let members = read!(world, members);
    let keys: Vec<String> = members.into_iter().map(|member| member.key.expect("a key")).collect();
    assert!(!keys.is_empty());
    assert_eq!(keys, expected);
}

#[test]
fn records_without_a_schema_are_changed_too() {
    let world = World::new(20);
    let mut expected = Vec::new();
    for mut record in world.sent("loose", &[]) {
        if text(&record, "name").is_some_and(|name| name.starts_with('A')) {
            continue;
        }
        let members = record.as_object_mut().expect("an object");
        let made = members.remove("created_at");
        members.remove("description");
        members.extend(made.map(|made| ("made".to_owned(), made)));
        expected.push(record);
    }
    let loose: Vec<Value> = read!(world, loose).iter().map(|json| json.text().parse().expect("JSON")).collect();
    assert!(!loose.is_empty());
    assert_eq!(loose, expected);
}
