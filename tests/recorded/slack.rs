//! Slack: a cursor in the page, which is empty at the end.

use slack::Client;

use super::walk::{Walk, walk};

fn client(mut address: String) -> Client {
    address.push_str("/api");
    Client::builder().base_url(address).token("recorded").build().expect("every input is given")
}

/// One line a walk.
pub fn walks() -> Vec<Walk> {
    vec![
        walk!("slack/conversations-settopic-paginated", [0, 1], "channels", &[], client, |c| c.channels().limit(100)),
        walk!("slack/paginated-users-list", [0, 1, 2, 3, 4, 5, 6], "members", &[], client, |c| {
            c.users().limit(5).param("presence", "true")
        }),
    ]
}
