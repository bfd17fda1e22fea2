//! GitHub: the address of the next page is in the `Link` header.

use github::Client;

use super::walk::{Walk, walk};

fn client(address: String) -> Client {
    Client::builder().base_url(address).token("recorded").build().expect("every input is given")
}

/// The account and the repository that were recorded.
const OWNER: &str = "GITHUB_LOGIN";
const REPO: &str = "GITHUB_TEST_REPOSITORY";

/// One line a walk.
pub fn walks() -> Vec<Walk> {
    macro_rules! walks {
        ($($recording:literal $at:tt $selector:literal => $list:ident($($argument:expr),*);)*) => {
            vec![$(walk!($recording, $at, $selector, &[], client, |c| c.$list($($argument),*).per_page(1))),*]
        };
    }
    walks! {
        "github/actionsartifacts-repository-artifacts-auto-paginates-the-results" [0, 1, 2] "artifacts" => artifacts(OWNER, REPO);
        "github/actionsworkflowjobs-workflow-run-attempt-jobs-auto-paginates-the-results" [0, 1] "jobs" => workflow_jobs(OWNER, REPO, 3_163_227_438, 1);
        "github/actionsworkflowjobs-workflow-run-jobs-auto-paginates-the-results" [0, 1] "jobs" => workflow_jobs(OWNER, REPO, 3_163_227_438, 1);
        "github/actionsworkflows-workflows-auto-paginates-the-results" [0, 1] "workflows" => workflows(OWNER, REPO);
        "github/apps-list-app-hook-deliveries-allows-auto-pagination" [0, 1, 2] "" => hook_deliveries();
        "github/apps-list-user-installations-allows-auto-pagination" [0, 1] "installations" => user_installations();
        "github/checks-check-run-annotations-auto-paginates-the-results" [0, 1] "" => check_run_annotations(OWNER, REPO, 51_295_429);
        "github/octokit-client-auto-pagination-fetches-all-the-pages" [0, 1, 2] "items" => search_users("user:joeyw user:pengwynn user:sferik");
        "github/with-a-repository-environment-with-a-secret-list-actions-environment-secrets-aut" [5, 6] "secrets" => environment_secrets(678_518_493, "production");
        "github/with-a-repository-with-a-secret-list-actions-secrets-auto-paginates-the-results" [4, 5] "secrets" => actions_secrets(670_362_629);
        "github/with-a-repository-with-a-secret-list-codespaces-secrets-auto-paginates-the-resul" [4, 5] "secrets" => codespaces_secrets(670_312_779);
        "github/with-an-org-with-a-secret-list-org-actions-secrets-auto-paginates-the-results" [3, 4] "secrets" => organization_secrets("GITHUB_TEST_ORGANIZATION");
        "github/with-app-installation-access-token-list-app-installation-repositories-allows-aut" [0, 1] "repositories" => installation_repositories();
        "github/with-app-installation-find-installation-repositories-for-user-allows-auto-pagina" [0, 1] "repositories" => user_installation_repositories("GITHUB_TEST_INTEGRATION_INSTALLATION");
    }
}
