//! The part of a list's descriptor that says what it is read for.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::descriptors::Descriptors;
use super::imports::path;
use super::incrementals;
use super::literals::{number, text, texts};
use crate::facts::{Level, LevelSource};
use crate::model::{Condition, Incremental, List, ListValues, ParentField, PartitionValue, Test, WindowStep};
use crate::names;

impl Descriptors<'_> {
    /// What a list is read for; nothing for one that is read once.
    pub(super) fn partitions(&mut self, list: &crate::plan::List<'_>) -> Option<TokenStream> {
        if list.levels.is_empty() {
            return None;
        }
        let levels: Vec<_> = list.levels.iter().map(|level| self.level(level, &list.modules)).collect();
        Some(quote!(partitions: &[#(#levels),*],))
    }

    fn level(&mut self, level: &Level<'_>, modules: &BTreeMap<String, String>) -> TokenStream {
        let by = self.name("PartitionBy");
        let source = match level.source {
            LevelSource::List(list) => {
                let list = self.list(list);
                quote!(#by::values(&#list))
            }
            LevelSource::Records(resource) => {
                let name = &resource.operation.name.value;
                let module = modules.get(name).cloned().unwrap_or_else(|| format!("super::{}", names::module(name)));
                self.records(&path(&module), &level.bindings)
            }
            LevelSource::Windows(incremental) => {
                let windows = self.windows(incremental);
                quote!(#by::values(&#windows))
            }
        };
        let only = (!level.conditions.is_empty()).then(|| {
            let holds = self.0.rt("condition", "Where");
            let conditions: Vec<_> = level.conditions.iter().map(|condition| self.condition(condition)).collect();
            quote!(.only(&#holds(&[#(#conditions),*])))
        });
        let shared = level.shared.map(|depth| {
            let (kept, depth) = (self.0.rt("kept", "Kept"), number(u64::try_from(depth).unwrap_or(u64::MAX)));
            quote!(.shared(#depth, #kept::boxed))
        });
        quote!(#source #only #shared)
    }

    fn records(&mut self, module: &TokenStream, bindings: &[ParentField]) -> TokenStream {
        let (by, binding) = (self.name("PartitionBy"), self.name("Binding"));
        let bindings = bindings.iter().map(|field| {
            let (name, path) = (PartitionValue::Parent(field.clone()).name(), self.path(&field.field));
            quote!(#binding::new(#name, #path))
        });
        let bindings: Vec<_> = bindings.collect();
        quote!(#by::records(&#module::RESOURCE, &[#(#bindings),*]))
    }

    fn list(&mut self, list: &List) -> TokenStream {
        let (ty, name) = (self.0.rt("list", "List"), list.name.as_str());
        let holes: Vec<String> = list.given().into_iter().map(|field| PartitionValue::List(field).name()).collect();
        match &list.values {
            ListValues::Split(values) => {
                let values = text(values);
                quote!(#ty::split(#name, &[#(#holes),*], #values))
            }
            ListValues::Given(values) => {
                let values = values.iter().map(|value| {
                    let value = value.iter().map(text);
                    quote!(&[#(#value),*])
                });
                quote!(#ty::new(#name, &[#(#holes),*], &[#(#values),*]))
            }
        }
    }

    fn windows(&mut self, spec: &Incremental) -> TokenStream {
        let (ty, format) = (self.0.rt("window", "Windows"), incrementals::format(self, spec.request_format()));
        let short = |count: u64| number(count.min(u32::MAX.into()));
        let windows = match spec.step.as_deref() {
            Some(WindowStep::Months(months)) => {
                let months = short((*months).into());
                quote!(of_months(#months, #format))
            }
            Some(WindowStep::Milliseconds(all)) => {
                let (seconds, milliseconds) = (short(all / 1_000), short(all % 1_000));
                quote!(of(#seconds, #milliseconds, #format))
            }
            // Without a step there is no such level.
            None => quote!(of(1, 0, #format)),
        };
        let after_start = (!spec.start_closed).then(|| quote!(.after_start()));
        let through_end = spec.end_closed.then(|| quote!(.through_end()));
        quote!(#ty::#windows #after_start #through_end)
    }

    fn condition(&mut self, condition: &Condition) -> TokenStream {
        let (ty, path) = (self.0.rt("condition", "Condition"), self.path(&condition.field));
        match &condition.test {
            Test::In(values) => {
                let values = texts(values.iter().map(|value| value.as_str()));
                quote!(#ty::is_in(#path, #values))
            }
            Test::NotIn(values) => {
                let values = texts(values.iter().map(|value| value.as_str()));
                quote!(#ty::is_not_in(#path, #values))
            }
            Test::Null => quote!(#ty::is_null(#path)),
            Test::NotNull => quote!(#ty::is_not_null(#path)),
        }
    }
}
