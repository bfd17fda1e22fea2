//! What the server holds of each resource: its partitions, in the order in which they are to be read.

use serde_json::{Value, json};

use crate::support::World;

/// Values that a request is for, in the order in which the server knows them, and what is included of them.
pub(crate) type Partition = (Vec<String>, Value);

const REGIONS: &[&str] = &["us", "eu", "ap south|1"];
const ROLES: &[&str] = &["owner", "guest"];

pub(crate) fn alerts(_: &World) -> Vec<Partition> {
    REGIONS.iter().map(|region| (vec![(*region).to_owned()], json!({ "_partition_region": region }))).collect()
}

pub(crate) fn cases(_: &World) -> Vec<Partition> {
    let mut all = Vec::new();
    for (id, kind) in [("7", "day"), ("8", "week")] {
        for case in ["open", "closed"] {
            let texts = [id, kind, case].map(str::to_owned).to_vec();
            all.push((texts, json!({ "_partition_report_id": id, "_partition_kind": case })));
        }
    }
    all
}

/// The organisations that are taken.
fn taken(world: &World) -> Vec<String> {
    let all = world.records("organizations", &[]);
    let taken: Vec<String> = all
        .iter()
        .filter(|record| record["status"] == "active" && !record["plan"].is_null())
        .map(|record| record["id"].as_str().expect("an id").to_owned())
        .collect();
    assert!(taken.len() > 1 && taken.len() < all.len(), "the filter tells records apart: {}", taken.len());
    taken
}

pub(crate) fn members(world: &World) -> Vec<Partition> {
    let included = |role: &str, id: &str| json!({ "_partition_role": role, "_organizations_id": id });
    let organizations = taken(world);
    let for_role = |role: &&str| {
        let role = (*role).to_owned();
        organizations.clone().into_iter().map(move |id| (vec![id.clone(), role.clone()], included(&role, &id)))
    };
    ROLES.iter().flat_map(for_role).collect()
}

pub(crate) fn grants(world: &World) -> Vec<Partition> {
    let mut all = Vec::new();
    for organization in world.ids("organizations", &[]) {
        for team in world.ids("teams", &[]) {
            let included = json!({ "_organizations_id": organization, "_teams_id": team });
            all.push((vec![organization.clone(), team], included));
        }
    }
    all
}

pub(crate) fn notes(world: &World) -> Vec<Partition> {
    let mut all = Vec::new();
    for (partition, included) in members(world) {
        for id in world.ids("members", &partition) {
            let included = json!({ "_members_id": id, "_partition_role": included["_partition_role"] });
            all.push((vec![id], included));
        }
    }
    all
}

/// The one partition of a resource that is read once.
pub(crate) fn once(_: &World) -> Vec<Partition> {
    vec![(Vec::new(), Value::Null)]
}
