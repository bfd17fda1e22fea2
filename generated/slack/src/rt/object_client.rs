//! The clients of Amazon's, Google's and Azure's stores as the environment has them, and what their errors say.
#![cfg(feature = "object-store")]

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::client::ClientConfigKey;
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, ObjectStore, RetryConfig};

use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::object_http::Connector;
use crate::rt::secret::Secrets;

/// What the names of environment variables with settings of stores begin with.
const SETTINGS: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

/// What the names of those contain whose values are nobody's business.
const SECRET: [&str; 4] = ["KEY", "SECRET", "TOKEN", "SIGNATURE"];

/// The client of a bucket, with the credentials and settings of the environment.
pub(crate) fn client(scheme: &str, bucket: &str) -> Result<Arc<dyn ObjectStore>> {
    let (names, store) = match scheme {
        "s3" => {
            let builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry());
            ("AWS", shared(builder.with_http_connector(Connector).build()))
        }
        "gs" => {
            let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket).with_retry(retry());
            // Without this it would send its token anywhere without TLS.
            let is_open = std::env::var("GOOGLE_ALLOW_HTTP").is_ok_and(|value| value == "true");
            let allow_http = GoogleConfigKey::Client(ClientConfigKey::AllowHttp);
            let builder = builder.with_config(allow_http, is_open.to_string());
            ("GOOGLE", shared(builder.with_http_connector(Connector).build()))
        }
        "az" => {
            let builder = MicrosoftAzureBuilder::from_env().with_container_name(bucket).with_retry(retry());
            ("AZURE", shared(builder.with_http_connector(Connector).build()))
        }
        _ => return Err(Error::new(ErrorKind::Config, "buckets are `s3://`, `gs://` and `az://`")),
    };
    store.map_err(|error| {
        let why = told(&error);
        // What follows may repeat a setting.
        let why = why.split(": ").next().unwrap_or_default();
        Error::new(ErrorKind::Config, format!("{scheme}://{bucket}: a variable `{names}_...` of the environment: {why}"))
    })
}

fn shared<S: ObjectStore>(built: object_store::Result<S>) -> object_store::Result<Arc<dyn ObjectStore>> {
    built.map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
}

/// Waits for seconds in all: Google's store takes another object of the same name only after one.
fn retry() -> RetryConfig {
    let backoff = BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(2), base: 4.0 };
    RetryConfig { backoff, max_retries: 7, retry_timeout: Duration::from_secs(60) }
}

/// Why a request failed, without its address and without what a store repeats of it: both may hold credentials.
pub(crate) fn told(error: &object_store::Error) -> String {
    use object_store::Error as E;
    let innermost = std::iter::successors(Some(error as &dyn StdError), |error| (*error).source()).last();
    let text = innermost.map(ToString::to_string).unwrap_or_default();
    let text = match text.find(['<', '{']) {
        Some(end) => {
            [text.get(..end).unwrap_or_default().trim_end(), element(&text, "Code"), element(&text, "Message")].join(" ")
        }
        None => text,
    };
    let why = secrets().mask(text.trim());
    // What a listing fails with is of no kind.
    let is_denied = matches!(error, E::PermissionDenied { .. } | E::Unauthenticated { .. })
        || ["401 Unauthorized", "403 Forbidden"].iter().any(|status| why.contains(status));
    match error {
        E::NotFound { .. } => format!("there is no such bucket or object ({why})"),
        _ if is_denied => format!("the credentials of the environment are not accepted, or do not allow this ({why})"),
        _ => why,
    }
}

/// The text of an element, where there is one.
fn element<'t>(text: &'t str, name: &str) -> &'t str {
    let inner = text.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once('<'));
    inner.map_or("", |(inner, _)| inner)
}

/// The credentials that the environment gives.
fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    for (name, value) in std::env::vars_os() {
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        if SETTINGS.iter().any(|start| name.starts_with(start)) && SECRET.iter().any(|part| name.contains(part)) {
            secrets.add(&value);
        }
    }
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_store_answers_only_the_reason_is_told() {
        let body = "Server returned non-2xx status code: 403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code>\
                    <Message>it differs</Message><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>";
        let denied = object_store::Error::PermissionDenied { path: "x?sig=1".to_owned(), source: body.into() };
        let listing = object_store::Error::Generic { store: "S3", source: body.into() };
        for told in [told(&denied), told(&listing)] {
            assert!(told.starts_with("the credentials of the environment"), "{told}");
            assert!(told.contains("403 Forbidden: SignatureDoesNotMatch it differs"), "{told}");
            assert!(!told.contains("AKIA") && !told.contains("sig=1"), "{told}");
        }
    }
}
