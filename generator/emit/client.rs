//! The client and its builder.

use proc_macro2::TokenStream;
use quote::quote;

use super::apis::Apis;
use super::auth::Logins;
use super::conduct::Conducts;
use super::ident;
use super::imports::Imports;
use super::types::{docs, inner_docs};
use crate::model::InputKind;
use crate::plan::{Crate, Docs, Input};

/// The client's file.
pub(super) fn module(plan: &Crate<'_>) -> TokenStream {
    let mut imports = Imports::new("crate::client", ["Client", "ClientBuilder"]);
    let api = Apis(&mut imports).api(plan);
    let api_type = imports.rt("descriptor", "Api");
    let [core, builder] = ["Core", "CoreBuilder"].map(|name| imports.rt("core", name));
    let (arc, result) = (imports.item("std::sync", "Arc"), imports.rt("error", "Result"));
    let setters = plan.inputs.iter().map(setter);
    let module_docs = inner_docs(&Docs::own("The client and its builder."));
    let client_docs = docs(&Docs::own(&format!("A client of {}. Clones share their connections and their token.", plan.title)));
    let from_env = docs(&Docs::own(&format!("A client with its inputs from the environment{}.", variables(&plan.inputs))));
    let spec = &plan.api.client.auth;
    let login = spec.code().map(|code| Logins(&mut imports).code(code));
    let methods = login.is_some().then(|| login_methods(&mut imports));
    let token_store = spec.keeps_tokens().then(|| token_store(&mut imports));
    let hooks = (!plan.hooks.is_empty()).then(|| hooks_setter(&mut imports));
    let rules = Conducts(&mut imports).shared_rules(plan);
    let limits = Conducts(&mut imports).rate_limits(plan);
    let (gate, without_limits) = limits.is_some().then(|| gate(&mut imports)).unzip();
    let drift = (!plan.lists.is_empty()).then(|| drift_methods(&mut imports));
    let lines = imports.lines();
    quote! {
        #module_docs
        #lines

        pub(crate) static API: #api_type = #api;

        #login

        #limits

        #rules

        #client_docs
        #[derive(Clone, Debug)]
        pub struct Client {
            pub(crate) core: #arc<#core>,
        }

        impl Client {
            /// A client with its inputs from code.
            pub fn builder() -> ClientBuilder {
                ClientBuilder(#builder::new(&API) #gate)
            }

            /// What the runtime knows of the API.
            #[doc(hidden)]
            pub fn api(&self) -> &'static #api_type {
                self.core.api()
            }

            #from_env
            ///
            /// # Errors
            /// Names every input that is missing or malformed.
            pub fn from_env() -> #result<Self> {
                Self::builder().from_env().build()
            }

            #methods

            #drift
        }

        /// Builds a [`Client`].
        #[derive(Debug)]
        #[must_use]
        pub struct ClientBuilder(pub(crate) #builder);

        impl ClientBuilder {
            #(#setters)*

            #hooks

            /// Calls another address than the one of the service: a proxy, or a server for tests.
            pub fn base_url(self, base_url: impl Into<String>) -> Self {
                Self(self.0.base_url(base_url))
            }

            #without_limits

            /// Takes the inputs that are not set from the environment.
            pub fn from_env(self) -> Self {
                Self(self.0.from_env())
            }

            #token_store

            /// Sends requests through a transport of your own.
            #[cfg(feature = "async")]
            pub fn transport(self, transport: #arc<dyn crate::transport::Transport>) -> Self {
                Self(self.0.transport(transport))
            }

            /// Sends the requests of blocking calls through a transport of your own.
            #[cfg(feature = "blocking")]
            pub fn blocking_transport(self, transport: #arc<dyn crate::transport::BlockingTransport>) -> Self {
                Self(self.0.blocking_transport(transport))
            }

            /// Waits no longer than this for what a request goes through, in the place of what the API is said to need.
            pub fn timeouts(self, timeouts: crate::transport::Timeouts) -> Self {
                Self(self.0.timeouts(timeouts))
            }

            /// Goes by another clock than the system's, for tests.
            pub fn clock(self, clock: impl Fn() -> crate::transport::Now + Send + Sync + 'static) -> Self {
                Self(self.0.clock(clock))
            }

            /// The client.
            ///
            /// # Errors
            /// Names every input that is missing or malformed.
            pub fn build(self) -> #result<Client> {
                self.0.build().map(|core| Client { core })
            }
        }
    }
}

/// The methods that log a user in in the browser.
fn login_methods(imports: &mut Imports) -> TokenStream {
    let (options, result) = (imports.rt("login", "LoginOptions"), imports.rt("error", "Result"));
    let login = imports.item("crate::rt", "login");
    quote! {
        /// Logs a user in in the browser: `show` is given the address to open. The refresh token goes into the token store.
        ///
        /// # Errors
        /// If nobody logs in in time, the service refuses, or this client was built for another login.
        #[cfg(feature = "async")]
        pub async fn login(&self, options: #options, show: impl FnOnce(&str)) -> #result<()> {
            #login::log_in(&self.core, &LOGIN, options, show).await
        }

        /// The same on this thread.
        ///
        /// # Errors
        /// If nobody logs in in time, the service refuses, or this client was built for another login.
        #[cfg(feature = "blocking")]
        pub fn login_blocking(&self, options: #options, show: impl FnOnce(&str)) -> #result<()> {
            #login::log_in_blocking(&self.core, &LOGIN, options, show)
        }
    }
}

/// The methods that tell where records are not as the schemas say.
fn drift_methods(imports: &mut Imports) -> TokenStream {
    let drift = imports.rt("drift", "Drift");
    quote! {
        /// Where the records that this client and its clones read are not as the schemas say: unknown
        /// fields, new values of enums, nulls, values of another type.
        ///
        /// It prints as a table, and `to_json` gives a report.
        #[must_use]
        pub fn drift(&self) -> #drift {
            self.core.drift()
        }

        /// The same; counting begins anew.
        #[must_use]
        pub fn take_drift(&self) -> #drift {
            self.core.take_drift()
        }
    }
}

/// The setter of a store for refresh tokens.
fn token_store(imports: &mut Imports) -> TokenStream {
    let (arc, store) = (imports.item("std::sync", "Arc"), imports.rt("token", "TokenStore"));
    quote! {
        /// Keeps refresh tokens in a store of your own, rather than in the file that `token_file` names.
        pub fn token_store(self, store: #arc<dyn #store>) -> Self {
            Self(self.0.token_store(store))
        }
    }
}

/// How a client is given its rate limits, and how they are taken from it.
fn gate(imports: &mut Imports) -> (TokenStream, TokenStream) {
    let limiter = imports.rt("limit", "Limiter");
    let method = quote! {
        /// Leaves the rate limits to the service: for a server of your own.
        pub fn without_rate_limits(self) -> Self {
            Self(self.0.without_gate())
        }
    };
    (quote!(.gate(#limiter::new(RATE_LIMITS))), method)
}

/// The variables that are read, in a few words.
fn variables(inputs: &[Input<'_>]) -> String {
    let names: Vec<String> = inputs.iter().map(|input| format!("`{}`", input.env)).collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// The setter of the hooks.
fn hooks_setter(imports: &mut Imports) -> TokenStream {
    let (hooks, arc) = (imports.item("crate::hook_trait", "Hooks"), imports.item("std::sync", "Arc"));
    quote! {
        /// Has records pass through other hooks than those of `src/hooks.rs`.
        pub fn hooks(self, hooks: impl #hooks + 'static) -> Self {
            let hooks: #arc<dyn #hooks> = #arc::new(hooks);
            Self(self.0.extension(hooks))
        }
    }
}

fn setter(input: &Input<'_>) -> TokenStream {
    let (docs, name, text) = (docs(&input.docs), ident(&input.method), input.spec.name.as_str());
    let (ty, value) = match input.spec.kind {
        InputKind::Integer => (quote!(i64), quote!(#name.to_string())),
        InputKind::Boolean => (quote!(bool), quote!(#name.to_string())),
        InputKind::String | InputKind::Hostname | InputKind::Url | InputKind::Enum(_) => {
            (quote!(impl Into<String>), quote!(#name))
        }
    };
    quote! {
        #docs
        pub fn #name(self, #name: #ty) -> Self {
            Self(self.0.input(#text, #value))
        }
    }
}
