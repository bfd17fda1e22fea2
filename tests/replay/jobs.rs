//! Recorded jobs: what started them, what the service said of them, and users as an export gives them.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::recording::{self, Exchange};
use super::server::{Answer, Server};
use super::{client, script};

/// Everything recorded of exports: the requests that start them, and those that ask for them.
fn exchanges(method: &str) -> Option<Vec<Exchange>> {
    let recordings = recording::recordings("recorded_exports_come_through_the_generated_crate")?;
    let all = recordings.into_iter().flat_map(|recording| recording.exchanges);
    let is_export = |exchange: &Exchange| match method {
        "POST" => exchange.path.ends_with("/jobs/users-exports"),
        _ => exchange.json().is_some_and(|body| body["type"] == "users_export"),
    };
    Some(all.filter(|exchange| exchange.method == method && is_export(exchange)).collect())
}

/// An export is started by the recorded request, the recorded answers are understood, and recorded users come out of its file.
#[tokio::test]
async fn recorded_exports_come_through_the_generated_crate() {
    let Some(starts) = exchanges("POST") else { return };
    let polls = exchanges("GET").expect("recordings");
    let recordings = recording::recordings("recorded_exports_come_through_the_generated_crate").expect("recordings");
    let token = script::token(&recordings);
    let user = recordings.iter().flat_map(|recording| &recording.exchanges);
    let users: Vec<Value> = user
        .filter(|exchange| exchange.method == "POST" && exchange.path == "/api/v2/users")
        .filter_map(Exchange::json)
        .collect();
    assert!(starts.len() >= 2 && !polls.is_empty() && users.len() > 3, "{} {} {}", starts.len(), polls.len(), users.len());
    for start in &starts {
        let started = start.json().expect("JSON");
        let (id, pending) = (started["id"].as_str().expect("an id").to_owned(), polls[0].json().expect("JSON"));
        assert_eq!((&started["status"], &pending["status"]), (&Value::from("pending"), &Value::from("pending")));
        let polled = AtomicUsize::new(0);
        let file = users.iter().flat_map(|user| [user.to_string(), "\n".to_owned()]).collect::<String>();
        let server = Server::start({
            let (token, start, id, file) = (token.clone(), start.body.clone(), id.clone(), file.clone());
            move |request| match request.path.as_str() {
                "/oauth/token" => Answer::json(&token),
                "/api/v2/jobs/users-exports" => Answer::json(&start),
                path if path == format!("/api/v2/jobs/{id}") => {
                    let mut body = pending.clone();
                    if polled.fetch_add(1, Ordering::SeqCst) > 0 {
                        body["status"] = "completed".into();
                        body["percentage_done"] = 100.into();
                        body["location"] = "/export.json.gz".into();
                    }
                    Answer::json(body.to_string())
                }
                "/export.json.gz" => Answer::json(&file),
                other => panic!("asked for {other}"),
            }
        });
        let list =
            client(&server).users_export().connection_id(started["connection_id"].as_str().expect("a connection")).limit(5);
        let read = list.items().collect().await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read.len(), users.len());
        for (read, user) in read.iter().zip(&users) {
            assert_eq!(read.user_id.as_deref(), user["user_id"].as_str());
            assert_eq!(read.email.as_deref(), user["email"].as_str());
        }
        let requests = server.requests();
        let sent = requests.iter().find(|request| request.path.ends_with("/users-exports")).expect("a start");
        let sent: Value = serde_json::from_str(&sent.body).expect("JSON");
        assert_eq!((&sent["format"], &sent["connection_id"]), (&Value::from("json"), &started["connection_id"]));
        assert_eq!(sent["limit"], 5);
        assert!(sent["fields"].as_array().is_some_and(|fields| fields.contains(&serde_json::json!({"name": "email"}))));
    }
}
