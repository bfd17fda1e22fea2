//! Arguments and setters of a list or a call.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::ident;
use super::imports::Imports;
use super::types::{docs, ty};
use crate::plan::{Argument, Call, Form, RustType};

/// How many parameters clippy takes of a method, `self` included.
const FEW: usize = 7;

/// What a method says that has to take many parameters.
pub(super) fn many(call: &Call<'_>) -> Option<TokenStream> {
    (call.arguments.len() >= FEW)
        .then(|| quote!(#[expect(clippy::too_many_arguments, reason = "the service asks for each of them")]))
}

/// The positional arguments of a method: its parameters, and how they are given on to what is made without them.
pub(super) fn arguments(imports: &mut Imports, arguments: &[Argument], made: &TokenStream) -> (TokenStream, TokenStream) {
    let parameters: Vec<TokenStream> = arguments.iter().map(|argument| parameter(imports, argument)).collect();
    let parameters = quote!(#(, #parameters)*);
    let (plain, parted): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.form == Form::Plain);
    let plain = plain.iter().map(|argument| {
        let (key, value) = (&argument.key, text(&argument.name, &argument.ty));
        quote!(.param(#key, #value))
    });
    let made = quote!(#made #(#plain)*);
    if parted.is_empty() {
        return (parameters, quote!(#made));
    }
    let call = ident("call");
    let lines: Vec<TokenStream> = parted.iter().map(|argument| line(imports, &quote!(#call), argument)).collect();
    (parameters, quote!({ let mut #call = #made; #(#lines)* #call }))
}

/// The setters of a builder.
pub(super) fn setters(imports: &mut Imports, call: &Call<'_>) -> Option<TokenStream> {
    if call.setters.is_empty() {
        return None;
    }
    let builder = ident(&call.builder);
    let setters = call.setters.iter().map(|setter| {
        let (docs, name, key) = (docs(&setter.docs), ident(&setter.name), &setter.key);
        let parameter = parameter(imports, setter);
        if setter.form == Form::Plain {
            let value = text(&setter.name, &setter.ty);
            return quote! {
                #docs
                pub fn #name(self, #parameter) -> Self {
                    self.param(#key, #value)
                }
            };
        }
        let line = line(imports, &quote!(self.0), setter);
        quote! {
            #docs
            pub fn #name(mut self, #parameter) -> Self {
                #line
                self
            }
        }
    });
    let setters: Vec<TokenStream> = setters.collect();
    Some(quote!(impl #builder { #(#setters)* }))
}

/// An argument's name and type. Texts and lists are taken in any form, and what has parts by reference.
fn parameter(imports: &mut Imports, argument: &Argument) -> TokenStream {
    let (name, rust) = (ident(&argument.name), &argument.ty);
    let taken = match argument.form {
        Form::Plain => any_form(imports, rust),
        Form::Raw => {
            let (into, ty) = (imports.prelude("Into"), ty(imports, "crate::models", rust));
            quote!(impl #into<#ty>)
        }
        Form::List => {
            let (list, element) = (imports.prelude("IntoIterator"), any_form(imports, rust));
            quote!(impl #list<Item = #element>)
        }
        Form::Json | Form::Body => match rust {
            RustType::Primitive(_) => ty(imports, "crate::models", rust),
            RustType::String => quote!(&str),
            RustType::List(element) => {
                let element = ty(imports, "crate::models", element);
                quote!(&[#element])
            }
            _ => {
                let ty = ty(imports, "crate::models", rust);
                quote!(&#ty)
            }
        },
    };
    quote!(#name: #taken)
}

/// A type whose values are sent as texts.
fn any_form(imports: &mut Imports, rust: &RustType) -> TokenStream {
    let ty = ty(imports, "crate::models", rust);
    match rust {
        RustType::String => {
            let into = imports.prelude("Into");
            quote!(impl #into<#ty>)
        }
        _ => ty,
    }
}

/// The line that gives an argument to a call.
fn line(imports: &mut Imports, call: &TokenStream, argument: &Argument) -> TokenStream {
    let (name, key) = (ident(&argument.name), &argument.key);
    match argument.form {
        Form::Plain => {
            let value = text(&argument.name, &argument.ty);
            quote!(#call.args().set(#key, #value);)
        }
        Form::List => {
            let texts = texts(imports, &name, &argument.ty);
            quote!(#call.args().set_all(#key, #texts);)
        }
        Form::Json => {
            let (to_json, value) = (imports.rt("encode", "to_json"), reference(&name, &argument.ty));
            quote!(#call.args().set(#key, #to_json(#value));)
        }
        Form::Body => {
            let (to_json, value) = (imports.rt("encode", "to_json"), reference(&name, &argument.ty));
            quote!(#call.args().give(#to_json(#value));)
        }
        Form::Raw if argument.ty == RustType::String => quote!(#call.args().give(#name.into().into_bytes());),
        Form::Raw => quote!(#call.args().give(#name);),
    }
}

/// The elements of a list as the texts that are sent.
fn texts(imports: &mut Imports, name: &Ident, rust: &RustType) -> TokenStream {
    if *rust == RustType::String {
        let into = imports.prelude("Into");
        return quote!(#name.into_iter().map(#into::into));
    }
    quote!(#name.into_iter().map(|value| value.to_string()))
}

/// An argument as a reference to a value that is written. What is taken by reference already is one, but for what has no size.
fn reference(name: &Ident, rust: &RustType) -> TokenStream {
    match rust {
        RustType::Primitive(_) | RustType::String | RustType::List(_) => quote!(&#name),
        _ => quote!(#name),
    }
}

/// A parameter as the text that is sent.
fn text(name: &str, rust: &RustType) -> TokenStream {
    let name = ident(name);
    if *rust == RustType::String { quote!(#name) } else { quote!(#name.to_string()) }
}
