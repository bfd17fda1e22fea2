//! A call of one operation that is no list: its arguments, and the ways to make it.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use crate::rt::args::Args;
use crate::rt::codec::Decode;
use crate::rt::core::{Core, set_header};
use crate::rt::descriptor::Operation;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::message::{Headers, Request, Response};
use crate::rt::problem::request_id;
use crate::rt::reader::Reader;

/// A call that has not been made yet. `.await` makes it, or `blocking()`.
#[must_use = "a call does nothing until it is awaited or `blocking` is called"]
pub struct Call<T> {
    plan: Plan,
    read: Read<T>,
}

/// Reads the body of an answer.
pub type Read<T> = fn(&[u8]) -> Result<T, Fault>;

/// Everything about a call that does not depend on the type of its answer.
#[derive(Clone)]
struct Plan {
    core: Arc<Core>,
    operation: &'static Operation,
    args: Args,
    headers: Headers,
    /// Whether the answer is JSON.
    json: bool,
    /// The first header that can not be sent.
    refused: Option<Error>,
}

impl<T: Decode + 'static> Call<T> {
    /// A call of an operation that answers with JSON, without arguments.
    pub fn new(core: Arc<Core>, operation: &'static Operation) -> Self {
        Self::made(core, operation, json, true)
    }
}

impl<T: 'static> Call<T> {
    /// A call of an operation whose answer is no JSON, without arguments.
    pub fn reading(core: Arc<Core>, operation: &'static Operation, read: Read<T>) -> Self {
        Self::made(core, operation, read, false)
    }

    fn made(core: Arc<Core>, operation: &'static Operation, read: Read<T>, json: bool) -> Self {
        let plan = Plan { core, operation, args: Args::default(), headers: Headers::default(), json, refused: None };
        Self { plan, read }
    }

    /// Sets a parameter by its name on the wire.
    pub fn param(mut self, name: &str, value: impl Into<String>) -> Self {
        self.plan.args.set(name, value);
        self
    }

    /// What the call is given.
    pub fn args(&mut self) -> &mut Args {
        &mut self.plan.args
    }

    /// Sets a header of this call alone.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Err(error) = set_header(&mut self.plan.headers, name, value.into()) {
            self.plan.refused.get_or_insert(error);
        }
        self
    }

    /// Makes the call on this thread.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> Result<T> {
        let request = self.plan.request()?;
        answer(&self.plan, self.read, self.plan.core.execute_blocking(self.plan.operation, request))
    }
}

#[cfg(feature = "async")]
impl<T: 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = crate::rt::transport::BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let call = self.plan.request().map(|request| self.plan.core.execute(self.plan.operation, request));
        Box::pin(async move { answer(&self.plan, self.read, call?.await) })
    }
}

impl<T> Clone for Call<T> {
    fn clone(&self) -> Self {
        Self { plan: self.plan.clone(), read: self.read }
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.plan.operation.name)
            .field("args", &self.plan.args)
            .finish_non_exhaustive()
    }
}

impl Plan {
    fn request(&self) -> Result<Request> {
        if let Some(error) = &self.refused {
            return Err(error.clone().in_operation(self.operation.name));
        }
        let mut request = self.core.prepare(self.operation, &self.args)?;
        for (name, value) in self.headers.iter() {
            request.headers.set(name, value);
        }
        Ok(request)
    }

    /// The error for an answer that can not be read.
    #[cold]
    fn unreadable(&self, response: &Response, fault: Fault) -> Error {
        // The start of a body helps where it is no JSON, such as a login page. JSON may hold a token, and the path tells enough.
        let body = response.body.trim_ascii();
        let is_json = matches!(body.first(), Some(b'{' | b'[' | b'"'));
        let shown = if is_json { String::new() } else { self.core.mask(&String::from_utf8_lossy(body)) };
        Error::from_fault(ErrorKind::Decode, fault)
            .with_response(response.status, request_id(&response.headers), shown.as_bytes())
            .in_operation(self.operation.name)
    }
}

/// Reads what came of a call. An answer that a rule of the spec passes over is `null`; where the type has no such value, the error
/// says so.
fn answer<T: 'static>(plan: &Plan, read: Read<T>, result: Result<Response>) -> Result<T> {
    match result {
        // Of an answer of which nothing is kept, nothing is read.
        Ok(response) if TypeId::of::<T>() == TypeId::of::<()>() => read(b"").map_err(|fault| plan.unreadable(&response, fault)),
        Ok(response) => read(&response.body).map_err(|fault| plan.unreadable(&response, fault)),
        Err(error) if error.kind() == ErrorKind::PassedOver && plan.json => read(b"").map_err(|_| error),
        Err(error) => Err(error),
    }
}

/// Reads JSON. An empty answer is `null`.
fn json<T: Decode>(body: &[u8]) -> Result<T, Fault> {
    let body = body.trim_ascii();
    let mut reader = Reader::from_bytes(if body.is_empty() { b"null" } else { body })?;
    let value = T::decode(&mut reader)?;
    reader.end().map(|()| value)
}

/// Reads a text as it is.
pub fn text(body: &[u8]) -> Result<String, Fault> {
    let text = std::str::from_utf8(body);
    text.map(str::to_owned).map_err(|error| Fault::new(FaultKind::Syntax, error.valid_up_to(), "the text is not UTF-8"))
}

/// Defines a call's builder: `call_builder!(Ping, Pong, "ping");` is a newtype around `Call<Pong>` with its methods. What a call
/// can be given besides is added by a further `impl`.
#[doc(hidden)]
#[macro_export]
macro_rules! call_builder {
    ($name:ident, $answer:ty, $call:literal) => {
        #[doc = concat!("Calls `", $call, "`: set it up, and end with `.await` or `blocking`.")]
        #[derive(Clone, Debug)]
        #[must_use]
        pub struct $name($crate::rt::call::Call<$answer>);

        impl $name {
            /// Sets a parameter by its name on the wire.
            pub fn param(self, name: &str, value: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.param(name, value))
            }

            /// Sets a header of this call alone.
            pub fn header(self, name: &str, value: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.header(name, value))
            }

            /// Makes the call on this thread.
            #[cfg(feature = "blocking")]
            pub fn blocking(self) -> $crate::rt::error::Result<$answer> {
                self.0.blocking()
            }
        }

        #[cfg(feature = "async")]
        impl ::std::future::IntoFuture for $name {
            type Output = $crate::rt::error::Result<$answer>;
            type IntoFuture = $crate::rt::transport::BoxFuture<'static, $crate::rt::error::Result<$answer>>;

            fn into_future(self) -> Self::IntoFuture {
                self.0.into_future()
            }
        }
    };
}
