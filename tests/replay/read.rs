//! Reading through the generated crate, one way or the other, and holding what comes against what was recorded.

use auth0::{BlockingItems, Client, Decode, Items};
use serde::Serialize;
use serde_json::Value;

use super::chain::Chain;
use super::odd::NEW_FIELD;

/// Writes the two readers: the crate has a type for each resource, so that each needs a line of its own.
macro_rules! readers {
    ($($resource:ident $(($argument:literal))?),* $(,)?) => {
        /// The names of the resources that can be read.
        pub const RESOURCES: &[&str] = &[$(stringify!($resource)),*];

        /// Reads a chain's resource as a stream.
        pub async fn read(client: &Client, chain: &Chain, expected: &[Value], what: &str) {
            match chain.resource.as_str() {
                $(stringify!($resource) => {
                    let list = client.$resource($(chain.binding($argument).expect("an argument"))?);
                    compare(&drain(list.items(), what).await, expected, what);
                })*
                other => panic!("no reader for {other}"),
            }
        }

        /// Reads a chain's resource as an iterator.
        pub fn read_blocking(client: &Client, chain: &Chain, expected: &[Value], what: &str) {
            match chain.resource.as_str() {
                $(stringify!($resource) => {
                    let list = client.$resource($(chain.binding($argument).expect("an argument"))?);
                    compare(&drain_blocking(list.blocking().items(), what), expected, what);
                })*
                other => panic!("no reader for {other}"),
            }
        }
    };
}

readers! {
    users, clients, client_credentials, organizations, organization_members, organization_member_roles,
    organization_invitations, organization_connections, organization_client_grants, roles, role_users, role_permissions,
    user_roles, user_permissions, user_organizations, user_logs, user_sessions, user_refresh_tokens, user_blocks,
    user_authentication_methods, connections, connection_clients, resource_servers, client_grants, grants, device_credentials,
    logs, log_streams, actions, action_bindings("triggerId"), rules, hooks, rules_configs, custom_domains, event_streams,
    token_exchange_profiles, network_acls, encryption_keys, stats_daily,
}

/// Every record of a stream. The spec leaves out a value of an unexpected type and counts it: there must be none.
async fn drain<T: Decode>(mut items: Items<T>, what: &str) -> Vec<T> {
    let mut records = Vec::new();
    while let Some(record) = items.try_next().await.unwrap_or_else(|error| panic!("{what}: {error}")) {
        records.push(record);
    }
    assert_eq!(items.rejected().kept(), [], "{what}");
    records
}

/// Every record of an iterator, likewise.
fn drain_blocking<T: Decode>(mut items: BlockingItems<T>, what: &str) -> Vec<T> {
    let records = items.by_ref().map(|record| record.unwrap_or_else(|error| panic!("{what}: {error}"))).collect();
    assert_eq!(items.rejected().kept(), [], "{what}");
    records
}

/// Every recorded record came once, in order, with all that it had.
fn compare<T: Serialize>(records: &[T], expected: &[Value], what: &str) {
    assert_eq!(records.len(), expected.len(), "{what}");
    for (at, (record, expected)) in records.iter().zip(expected).enumerate() {
        let record = serde_json::to_value(record).expect("JSON");
        if let Err(why) = holds(&record, expected) {
            panic!("{what}, record {at}{why}");
        }
    }
}

/// Whether a value that was read holds a recorded one; if not, where they differ and how. What the spec reads leniently comes in
/// its strict form, and keys that the spec does not know are gone.
fn holds(read: &Value, recorded: &Value) -> Result<(), String> {
    match (read, recorded) {
        (Value::Object(read), Value::Object(recorded)) => {
            for (key, recorded) in recorded.iter().filter(|(key, _)| *key != NEW_FIELD) {
                holds(read.get(key).unwrap_or(&Value::Null), recorded).map_err(|why| format!(".{key}{why}"))?;
            }
            Ok(())
        }
        (Value::Array(read), Value::Array(recorded)) if read.len() == recorded.len() => read
            .iter()
            .zip(recorded)
            .enumerate()
            .try_for_each(|(at, (read, recorded))| holds(read, recorded).map_err(|why| format!("[{at}]{why}"))),
        _ if read == recorded || plain(read).is_some_and(|read| plain(recorded) == Some(read)) => Ok(()),
        _ => Err(format!(": {read} is not {recorded}")),
    }
}

/// A scalar without what differs between its forms: the zeros behind a second, the quotes, the object around a date.
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => return plain(value.get("$date")?),
    };
    match text.strip_suffix('Z').and_then(|text| text.rsplit_once('.')) {
        Some((moment, fraction)) => Some(format!("{moment}.{}Z", fraction.trim_end_matches('0'))),
        None => Some(text.replace('Z', ".Z")),
    }
}

#[test]
fn what_is_missing_or_changed_is_seen() {
    let recorded = serde_json::json!({"a": [{"b": "2023-06-02T10:58:01.450Z"}], "c": 1.0, "d": "true", NEW_FIELD: 1});
    let read = serde_json::json!({"a": [{"b": "2023-06-02T10:58:01.45Z", "e": null}], "c": 1.0, "d": true});
    assert_eq!(holds(&read, &recorded), Ok(()));
    for (path, value, why) in [
        (
            "/a/0/b",
            Value::from("2023-06-02T10:58:01.46Z"),
            r#".a[0].b: "2023-06-02T10:58:01.46Z" is not "2023-06-02T10:58:01.450Z""#,
        ),
        ("/a", Value::Array(Vec::new()), r#".a: [] is not [{"b":"2023-06-02T10:58:01.450Z"}]"#),
        ("/c", Value::Null, ".c: null is not 1.0"),
        ("/d", Value::from(false), r#".d: false is not "true""#),
    ] {
        let mut changed = read.clone();
        *changed.pointer_mut(path).expect("a value") = value;
        assert_eq!(holds(&changed, &recorded), Err(why.to_owned()));
    }
}
