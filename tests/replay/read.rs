//! Reading through the generated crate, one way or the other, and holding what comes against what was recorded.

use std::fmt::Debug;

use auth0::rt::reader::Reader;
use auth0::{Client, Decode, Items};
use serde_json::Value;

use super::chain::Chain;

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
                    let items: Result<Vec<_>, auth0::Error> = list.blocking().items().collect();
                    compare(&items.unwrap_or_else(|error| panic!("{what}: {error}")), expected, what);
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
    assert_eq!(format!("{:?}", items.rejected()), "[]", "{what}");
    records
}

/// Every recorded record came once, in order, with what it had.
fn compare<T: Decode + PartialEq + Debug>(records: &[T], expected: &[Value], what: &str) {
    assert_eq!(records.len(), expected.len(), "{what}");
    for (at, (record, expected)) in records.iter().zip(expected).enumerate() {
        let text = expected.to_string();
        let mut reader = Reader::new(&text);
        let direct = T::decode(&mut reader).unwrap_or_else(|fault| panic!("{what}, record {at}: {fault:?}"));
        assert_eq!(*record, direct, "{what}, record {at}");
    }
}
