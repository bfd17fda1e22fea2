//! Every spec that we ship, read through its committed crate: what the spec's mock holds comes once and in order, from an async
//! and from a blocking client alike, and in columns as well.

mod world;

use std::process::Command;

use world::{Holding, World, rows, values, wait};

/// A test for each crate: what its client is given, and the lists that are read to their ends. A list is read in pages of seven
/// records where it can be told so, which makes three of them; `below` names the resource and the field that a child is read for.
macro_rules! shipped {
    ($($api:ident, $inputs:expr => { $($resource:ident $(below $parent:ident $field:ident)?: $listing:expr;)+ })+) => {
        $(#[test]
        fn $api() {
            let world = World::new(stringify!($api));
            let inputs: fn($api::ClientBuilder) -> $api::ClientBuilder = $inputs;
            let client = inputs($api::Client::builder().base_url(world.mock.base_url())).build().expect("every input is given");
            $({
                let name = stringify!($resource);
                let holding = Holding { resource: name, parent: [$((stringify!($parent), stringify!($field)))?].first().copied() };
                let listing: fn(&$api::Client) -> _ = $listing;
                let read = wait(listing(&client).items().collect()).unwrap_or_else(|error| panic!("{name}: {error}"));
                let requests = world.mock.stats().requests_of(name);
                world.check(&holding, requests, &values(&read));
                let read = listing(&client).blocking().items().collect::<Result<Vec<_>, _>>();
                let read = read.unwrap_or_else(|error| panic!("{name}, blocking: {error}"));
                let requests = world.mock.stats().requests_of(name) - requests;
                world.check(&holding, requests, &values(&read));
                let mut batches = listing(&client).batches();
                let read = wait(async {
                    let mut read = Vec::new();
                    while let Some(batch) = batches.try_next().await? {
                        read.extend(rows(&batch.records));
                    }
                    Ok::<_, $api::Error>(read)
                });
                let read = read.unwrap_or_else(|error| panic!("{name}, in columns: {error}"));
                world.check(&holding, requests, &read);
                let read: Result<Vec<_>, _> = listing(&client).blocking().batches().collect();
                let read = read.unwrap_or_else(|error| panic!("{name}, blocking, in columns: {error}"));
                world.check(&holding, requests, &read.iter().flat_map(|batch| rows(&batch.records)).collect::<Vec<_>>());
            })+
        })+

        const SHIPPED: &[&str] = &[$(stringify!($api)),+];
    };
}

shipped! {
    aps, |builder| builder.client_id("id").client_secret("secret") => {
        jwks: |client| client.jwks();
        hubs: |client| client.hubs();
        projects below hubs id: |client| client.projects();
        folder_contents: |client| client.folder_contents("b.project", "folder").page_limit(7);
        item_versions: |client| client.item_versions("b.project", "item").page_limit(7);
        buckets: |client| client.buckets().limit(7);
        objects below buckets bucketKey: |client| client.objects();
        issues: |client| client.issues("project").limit(7);
        account_projects: |client| client.account_projects("account").limit(7);
        account_users: |client| client.account_users("account").limit(7);
        webhooks: |client| client.webhooks();
    }
    auth0, |builder| builder.domain("acme.eu.auth0.com").client_id("id").client_secret("secret") => {
        users: |client| client.users().per_page(7);
        clients: |client| client.clients().take(7);
        organizations: |client| client.organizations().take(7);
        organization_members below organizations id: |client| client.organization_members();
        logs: |client| client.logs();
        log_streams: |client| client.log_streams();
        rules: |client| client.rules().per_page(7);
        actions: |client| client.actions().per_page(7);
    }
    elasticsearch, |builder| builder.url("http://localhost").api_key("key") => {
        hits: |client| client.hits("articles").size(7);
        hits_at_a_moment: |client| client.hits_at_a_moment("moment").size(7);
        indices: |client| client.indices();
    }
    example, |builder| builder.client_id("id").client_secret("secret") => {
        resource_name: |client| client.resource_name().limit(7);
    }
    github, |builder| builder.token("token") => {
        repositories: |client| client.repositories().per_page(7);
        issues: |client| client.issues("octocat", "hello").per_page(7);
        commits: |client| client.commits("octocat", "hello").per_page(7);
        workflow_runs: |client| client.workflow_runs("octocat", "hello").per_page(7);
        search_users: |client| client.search_users("octo").per_page(7);
    }
    google, |builder| builder.client_email("robot@example.com").private_key(world::KEY) => {
        files: |client| client.files().page_size(7);
        calendars: |client| client.calendars().max_results(7);
        events below calendars id: |client| client.events();
        users: |client| client.users().max_results(7);
    }
    graph, |builder| builder.tenant("acme").client_id("id").client_secret("secret") => {
        users: |client| client.users().top(7);
        users_delta: |client| client.users_delta();
        groups: |client| client.groups().top(7);
        group_members below groups id: |client| client.group_members();
        messages: |client| client.messages("me").top(7);
    }
    hubspot, |builder| builder.access_token("token") => {
        contacts: |client| client.contacts().limit(7);
        owners: |client| client.owners().limit(7);
        pipelines: |client| client.pipelines("deals");
    }
    jira, |builder| builder.site("acme.atlassian.net").email("a@example.com").api_token("token") => {
        projects: |client| client.projects().max_results(7);
        issues: |client| client.issues().max_results(7);
        issue_worklogs below issues id: |client| client.issue_worklogs();
        users: |client| client.users().max_results(7);
    }
    notion, |builder| builder.token("token") => {
        users: |client| client.users().page_size(7);
        database_pages: |client| client.database_pages("database").page_size(7);
    }
    salesforce, |builder| builder.client_id("id").client_secret("secret") => {
        accounts: |client| client.accounts();
        opportunities: |client| client.opportunities();
        query: |client| client.query("SELECT Id FROM Task");
    }
    shopify, |builder| builder.shop("acme.myshopify.com").access_token("token") => {
        orders: |client| client.orders().limit(7);
        products: |client| client.products().limit(7);
        locations: |client| client.locations();
    }
    slack, |builder| builder.token("token") => {
        users: |client| client.users().limit(7);
        channels: |client| client.channels().limit(7);
        messages below channels id: |client| client.messages();
        files: |client| client.files().count(7);
    }
    stripe, |builder| builder.secret_key("key") => {
        customers: |client| client.customers().limit(7);
        invoices: |client| client.invoices().limit(7);
        events: |client| client.events().limit(7);
    }
    twilio, |builder| builder.account_sid("AC1").auth_token("token") => {
        messages: |client| client.messages().page_size(7);
        usage_records: |client| client.usage_records().page_size(7);
        messaging_services: |client| client.messaging_services().page_size(7);
    }
    zendesk, |builder| builder.subdomain("acme").access_token("token") => {
        tickets: |client| client.tickets().per_page(7);
        organizations: |client| client.organizations().page_size(7);
        ticket_comments below tickets id: |client| client.ticket_comments();
    }
}

#[test]
fn no_shipped_spec_is_left_out() {
    let mut names: Vec<String> = std::fs::read_dir(world::folder())
        .expect("the folder of specs")
        .filter_map(|entry| entry.expect("an entry").path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names, SHIPPED);
}

/// `gen mock` serves each of them.
#[test]
fn each_mock_starts() {
    for name in SHIPPED {
        let spec = world::folder().join(format!("{name}.yaml"));
        let output =
            Command::new(env!("CARGO_BIN_EXE_gen")).args(["mock", "--for", "1ms", "--spec"]).arg(spec).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.starts_with("listening on http://127.0.0.1:"), "{name}: {output:?}");
    }
}
