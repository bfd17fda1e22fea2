//! Tokens as text: prettyplease, which gives the same bytes on every machine, and blank lines between items.

use proc_macro2::TokenStream;
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
        // What is given to a macro is printed token by token.
        let given = line.starts_with("crate::") && line.contains("_builder!(");
        spaced.push_str(&if given { line.replace(" < ", "<").replace(" >", ">") } else { line.to_owned() });
        spaced.push('\n');
        if line == "    }" && lines.peek().is_some_and(|next| *next != "}") {
            spaced.push('\n');
        }
    }
    spaced
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
    fn what_is_no_rust_is_refused() {
        assert!(print("", quote!(struct struct)).is_err());
    }
}
