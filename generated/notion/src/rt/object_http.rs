//! The requests to stores of objects, which the transport of all other calls sends.
#![cfg(feature = "object-store")]

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full};
use object_store::client::{
    ClientConfigKey, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::{ClientOptions, Error};

use crate::rt::descriptor::Timeouts;
use crate::rt::hyper::HyperTransport;
use crate::rt::message::{Limits, TransportFault, TransportFaultKind};
use crate::rt::transport::BoxFuture;
use crate::rt::url::Url;

/// What is sent and what is answered is no more than a part of a file, a list of names, or the manifest.
const LIMITS: Limits = Limits {
    timeouts: Timeouts { connect_ms: 5_000, first_byte_ms: 60_000, between_bytes_ms: 30_000, whole_ms: 120_000 },
    max_response_bytes: 64 << 20,
};

/// Where a cloud tells its machines who they are. Others have nobody there, and it is no use to ask again.
const OWN: [&str; 3] = ["169.254.169.254", "169.254.170.2", "metadata.google.internal"];

/// Makes the clients of a store.
#[derive(Debug)]
pub(crate) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let failed = |error| Error::Generic { store: "HTTP", source: Box::new(error) };
        let transport = HyperTransport::new(&LIMITS.timeouts).map_err(failed)?;
        let is_open = options.get_config_value(&ClientConfigKey::AllowHttp).is_some_and(|value| value == "true");
        Ok(HttpClient::new(Client { transport: Arc::new(transport), is_open }))
    }
}

struct Client {
    transport: Arc<HyperTransport>,
    /// Whether requests may go without TLS to other machines as well.
    is_open: bool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("is_open", &self.is_open).finish_non_exhaustive()
    }
}

/// The trait is one of `async_trait`, whose form of a method this is.
impl HttpService for Client {
    fn call<'life0, 'async_trait>(&'life0 self, request: HttpRequest) -> BoxFuture<'async_trait, Result<HttpResponse, HttpError>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let url = Url::parse(&request.uri().to_string()).map_err(|_| refused("the address is none"))?;
            if !(self.is_open || url.is_https() || url.is_loopback()) {
                return Err(refused(
                    "without TLS it is only sent to this machine, unless `AWS_ALLOW_HTTP=true` (`GOOGLE_`, `AZURE_`) says otherwise",
                ));
            }
            let (head, body) = request.into_parts();
            let body = Full::new(body.collect().await?.to_bytes());
            let request = hyper::Request::from_parts(head, body);
            let (head, body) = self.transport.exchange(request, LIMITS).await.map_err(|fault| failed(url.host(), &fault))?;
            Ok(HttpResponse::from_parts(head, body.into()))
        })
    }
}

fn refused(message: &str) -> HttpError {
    HttpError::new_boxed(HttpErrorKind::Unknown, message.into())
}

/// Which faults are worth another try the store's client knows.
fn failed(host: &str, fault: &TransportFault) -> HttpError {
    let kind = match fault.kind {
        TransportFaultKind::Connect | TransportFaultKind::ConnectTimeout if OWN.contains(&host) => {
            let message = format!("the environment has no credentials, and {host} does not give any: {}", fault.message);
            return refused(&message);
        }
        TransportFaultKind::Connect | TransportFaultKind::ConnectTimeout => HttpErrorKind::Connect,
        TransportFaultKind::Timeout => HttpErrorKind::Timeout,
        TransportFaultKind::Broken => HttpErrorKind::Interrupted,
        TransportFaultKind::TooLarge | TransportFaultKind::Invalid => HttpErrorKind::Unknown,
    };
    HttpError::new_boxed(kind, Box::<dyn StdError + Send + Sync>::from(format!("{host}: {}", fault.message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_credentials_is_told_so_at_once() {
        let fault = TransportFault { kind: TransportFaultKind::Connect, message: "no such host".to_owned() };
        let own = failed("metadata.google.internal", &fault);
        assert_eq!(own.kind(), HttpErrorKind::Unknown);
        assert!(own.to_string().contains("the environment has no credentials"), "{own}");
        let other = failed("storage.googleapis.com", &fault);
        assert_eq!(other.kind(), HttpErrorKind::Connect);
        assert!(other.to_string().contains("storage.googleapis.com: no such host"), "{other}");
    }
}
