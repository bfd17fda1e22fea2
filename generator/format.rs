//! Tokens as text: prettyplease, which gives the same bytes on every machine, and blank lines between items.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::Item;

/// Prints a file below a first line of comment.
///
/// # Errors
/// If the tokens are no Rust file, which is a fault of this generator.
pub fn print(head: &str, tokens: TokenStream) -> syn::Result<String> {
    let mut file: syn::File = syn::parse2(tokens)?;
    let items = std::mem::take(&mut file.items);
    let mut text = format!("{head}\n\n{}", prettyplease::unparse(&file));
    file.attrs.clear();
    let mut previous: Option<Item> = None;
    for item in items {
        if previous.as_ref().is_none_or(|previous| is_apart(previous, &item)) && !text.ends_with("\n\n") {
            text.push('\n');
        }
        if let Item::Macro(called) = &item
            && called.ident.is_none()
        {
            text.push_str(&invocation(&called.mac));
            previous = Some(item);
            continue;
        }
        // prettyplease prints whole files, so each item is one for a moment.
        file.items.push(item);
        text.push_str(&space_out(&prettyplease::unparse(&file)));
        previous = file.items.pop();
    }
    Ok(text)
}

/// Whether a blank line stands between two items: between all but runs of `mod`, `use` and `part!` lines.
fn is_apart(previous: &Item, item: &Item) -> bool {
    match (previous, item) {
        (Item::Mod(previous), Item::Mod(item)) => previous.content.is_some() || item.content.is_some() || has_docs(&item.attrs),
        (Item::Use(previous), Item::Use(item)) => is_std(previous) != is_std(item) || is_public(previous) != is_public(item),
        (Item::Macro(previous), Item::Macro(item)) => !previous.mac.path.is_ident("part") || !item.mac.path.is_ident("part"),
        _ => true,
    }
}

fn has_docs(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("doc"))
}

fn is_std(item: &syn::ItemUse) -> bool {
    matches!(&item.tree, syn::UseTree::Path(path) if path.ident == "std")
}

fn is_public(item: &syn::ItemUse) -> bool {
    matches!(item.vis, syn::Visibility::Public(_))
}

/// Puts a blank line behind each method of an `impl` but the last. No text of ours spans lines, so a brace at this indent ends a
/// method.
fn space_out(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 64);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        spaced.push_str(line);
        spaced.push('\n');
        if line == "    }" && lines.peek().is_some_and(|next| *next != "}") {
            spaced.push('\n');
        }
    }
    spaced
}

/// How long a line is that a macro is called in.
const WIDTH: usize = 100;

/// A call of a macro, whose arguments prettyplease knows nothing of: in one line, or in as few as hold them.
fn invocation(called: &syn::Macro) -> String {
    let path = compact(called.path.to_token_stream());
    let parts = split(called.tokens.clone(), ';');
    let parts: Vec<Vec<String>> = parts.into_iter().map(|part| split(part, ',').into_iter().map(compact).collect()).collect();
    if let [arguments] = parts.as_slice()
        && let line = format!("{path}!({});\n", arguments.join(", "))
        && line.len() <= WIDTH
    {
        return line;
    }
    let parts: Vec<String> = parts.iter().map(|pieces| fill(pieces)).collect();
    format!("{path}!(\n{}\n);\n", parts.join(";\n"))
}

/// Pieces with commas between them, in lines.
fn fill(pieces: &[String]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.len() + piece.len() + 3 < WIDTH => line.extend([", ", piece]),
            last => {
                if let Some(line) = last {
                    line.push(',');
                }
                lines.push(format!("    {piece}"));
            }
        }
    }
    lines.join("\n")
}

/// Tokens between those of a sign that stand in no brackets; what is empty at the end is left out.
fn split(tokens: TokenStream, sign: char) -> Vec<TokenStream> {
    let mut parts: Vec<Vec<TokenTree>> = vec![Vec::new()];
    let mut depth = 0_usize;
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == sign && depth == 0 => {
                parts.push(Vec::new());
                continue;
            }
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(token);
        }
    }
    if parts.last().is_some_and(Vec::is_empty) {
        parts.pop();
    }
    parts.into_iter().map(|part| part.into_iter().collect()).collect()
}

/// Tokens with spaces as people set them.
fn compact(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut is_word = false;
    let mut is_joined = false;
    for token in tokens {
        let was_word = std::mem::replace(&mut is_word, matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_)));
        if was_word && is_word {
            text.push(' ');
        }
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::None => ("", ""),
                };
                text.extend([open, &compact(group.stream()), close]);
            }
            TokenTree::Punct(punct) => {
                let was_joined = std::mem::replace(&mut is_joined, punct.spacing() == Spacing::Joint);
                match punct.as_char() {
                    '=' if !is_joined && !was_joined => text.push_str(" = "),
                    ':' if !is_joined && !was_joined => text.push_str(": "),
                    sign @ (',' | ';') => text.extend([sign, ' ']),
                    sign => text.push(sign),
                }
            }
            other => text.push_str(&other.to_string()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn items_and_methods_stand_apart() {
        let text = print(
            "// head",
            quote! {
                //! Docs.
                use std::fmt;
                use crate::a;
                use crate::b;
                mod x;
                mod y;
                /// A.
                struct A;
                impl A {
                    fn a() { if true { b() } }
                    /// B.
                    fn b() {}
                    fn c() {}
                }
            },
        );
        let expected = "\
// head

//! Docs.

use std::fmt;

use crate::a;
use crate::b;

mod x;
mod y;

/// A.
struct A;

impl A {
    fn a() {
        if true {
            b()
        }
    }

    /// B.
    fn b() {}
    fn c() {}
}
";
        assert_eq!(text.unwrap(), expected);
    }

    #[test]
    fn what_is_given_to_macros_is_set_in_lines() {
        let fields = (0..6).map(|_| quote!(a_rather_long_name: Option<Vec<crate::x::Y<T, u8>>>));
        let list = quote!(crate::list_builder!(Users, Vec<User>, "users"););
        let text = print("// head", quote!(#list crate::fields!(User, 7; #(#fields),*; a: b, c: d);));
        let expected = "\
// head

crate::list_builder!(Users, Vec<User>, \"users\");

crate::fields!(
    User, 7;
    a_rather_long_name: Option<Vec<crate::x::Y<T, u8>>>,
    a_rather_long_name: Option<Vec<crate::x::Y<T, u8>>>,
    a_rather_long_name: Option<Vec<crate::x::Y<T, u8>>>,
    a_rather_long_name: Option<Vec<crate::x::Y<T, u8>>>,
    a_rather_long_name: Option<Vec<crate::x::Y<T, u8>>>,
    a_rather_long_name: Option<Vec<crate::x::Y<T, u8>>>;
    a: b, c: d
);
";
        assert_eq!(text.unwrap(), expected);
    }

    #[test]
    fn what_is_no_rust_is_refused() {
        assert!(print("", quote!(struct struct)).is_err());
    }
}
