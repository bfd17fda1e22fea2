//! What a small defect makes of an expression.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    BinOp, Expr, ExprBinary, ExprMethodCall, GenericArgument, Ident, Lit, Pat, PathArguments, ReturnType, Type, UnOp, parse_quote,
};

/// Another expression in the place of one.
pub struct Change {
    /// What is changed to what, in words.
    pub what: String,
    /// The other expression.
    pub to: Expr,
}

fn change(from: &impl ToTokens, to: Expr) -> Change {
    Change { what: format!("`{}` to `{}`", text(from), text(&to)), to }
}

/// What an expression can be changed to.
pub fn changes(expr: &Expr) -> Vec<Change> {
    match expr {
        Expr::Binary(binary) => of_binary(binary),
        Expr::Unary(unary) => match unary.op {
            UnOp::Not(_) | UnOp::Neg(_) => vec![change(expr, (*unary.expr).clone())],
            _ => Vec::new(),
        },
        Expr::Lit(literal) => match &literal.lit {
            Lit::Bool(value) => {
                let other = !value.value;
                vec![change(expr, parse_quote!(#other))]
            }
            Lit::Int(number) => {
                number.base10_parse::<u64>().ok().and_then(|value| value.checked_add(1)).map_or_else(Vec::new, |value| {
                    let next: Lit = Lit::Int(syn::LitInt::new(&format!("{value}{}", number.suffix()), number.span()));
                    vec![change(expr, parse_quote!(#next))]
                })
            }
            _ => Vec::new(),
        },
        Expr::MethodCall(call) => of_call(call),
        Expr::Macro(called) if called.mac.path.is_ident("matches") => vec![change(expr, parse_quote!(!#expr))],
        _ => Vec::new(),
    }
}

/// What an expression that decides can be changed to besides.
pub fn decided(expr: &Expr) -> Vec<Change> {
    let (yes, no) = (change(expr, parse_quote!(true)), change(expr, parse_quote!(false)));
    match expr {
        // One side alone says as much.
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => vec![no],
        Expr::Binary(binary) if matches!(binary.op, BinOp::Or(_)) => vec![yes],
        // A block is more than a decision.
        Expr::Block(_) | Expr::Match(_) | Expr::If(_) | Expr::Lit(_) => Vec::new(),
        _ => vec![yes, no],
    }
}

fn of_binary(binary: &ExprBinary) -> Vec<Change> {
    let ExprBinary { left, op, right, .. } = binary;
    if matches!(op, BinOp::And(_) | BinOp::Or(_)) {
        return vec![change(binary, (**left).clone()), change(binary, (**right).clone())];
    }
    others(*op).into_iter().map(|op| change(binary, parse_quote!(#left #op #right))).collect()
}

/// The operators in the place of which one may stand by mistake.
fn others(op: BinOp) -> Vec<TokenStream> {
    match op {
        BinOp::Eq(_) => vec![quote!(!=)],
        BinOp::Ne(_) => vec![quote!(==)],
        BinOp::Lt(_) => vec![quote!(<=), quote!(>=)],
        BinOp::Le(_) => vec![quote!(<), quote!(>)],
        BinOp::Gt(_) => vec![quote!(>=), quote!(<=)],
        BinOp::Ge(_) => vec![quote!(>), quote!(<)],
        BinOp::Add(_) | BinOp::Mul(_) => vec![quote!(-)],
        BinOp::Sub(_) => vec![quote!(+)],
        BinOp::Div(_) => vec![quote!(*)],
        BinOp::Rem(_) => vec![quote!(/)],
        BinOp::Shl(_) => vec![quote!(>>)],
        BinOp::Shr(_) => vec![quote!(<<)],
        BinOp::BitAnd(_) | BinOp::BitXor(_) => vec![quote!(|)],
        BinOp::BitOr(_) => vec![quote!(&)],
        BinOp::AddAssign(_) => vec![quote!(-=)],
        BinOp::SubAssign(_) => vec![quote!(+=)],
        BinOp::BitOrAssign(_) => vec![quote!(&=)],
        BinOp::BitAndAssign(_) => vec![quote!(|=)],
        _ => Vec::new(),
    }
}

/// Whether an operator changes its left side.
pub fn is_assignment(op: BinOp) -> bool {
    op.to_token_stream().to_string().ends_with('=') && !matches!(op, BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Le(_) | BinOp::Ge(_))
}

fn of_call(call: &ExprMethodCall) -> Vec<Change> {
    let ExprMethodCall { receiver, method, args, turbofish: None, .. } = call else { return Vec::new() };
    let name = method.to_string();
    let renamed = |to: &str| {
        let to = Ident::new(to, method.span());
        change(call, parse_quote!(#receiver.#to(#args)))
    };
    match (name.as_str(), args.len()) {
        ("min" | "max", 1) => vec![change(call, (**receiver).clone()), change(call, args[0].clone())],
        ("or" | "or_else" | "filter" | "take_if" | "rev" | "trim" | "trim_start" | "trim_end", _) => {
            vec![change(call, (**receiver).clone())]
        }
        ("is_empty", 0) => vec![change(call, parse_quote!(!#call))],
        ("is_some", 0) => vec![renamed("is_none")],
        ("is_none", 0) => vec![renamed("is_some")],
        ("is_ok", 0) => vec![renamed("is_err")],
        ("is_err", 0) => vec![renamed("is_ok")],
        ("any", 1) => vec![renamed("all")],
        ("all", 1) => vec![renamed("any")],
        ("first", 0) => vec![renamed("last")],
        ("last", 0) => vec![renamed("first")],
        ("starts_with", 1) => vec![renamed("ends_with")],
        ("ends_with", 1) => vec![renamed("starts_with")],
        ("saturating_add", 1) => vec![renamed("saturating_sub")],
        ("saturating_sub", 1) => vec![renamed("saturating_add")],
        ("checked_add", 1) => vec![renamed("checked_sub")],
        ("checked_sub", 1) => vec![renamed("checked_add")],
        _ => Vec::new(),
    }
}

/// Whether the function that a method is given answers yes or no.
pub fn asks(method: &Ident) -> bool {
    const ASKING: &[&str] = &[
        "all",
        "any",
        "filter",
        "find",
        "is_err_and",
        "is_none_or",
        "is_ok_and",
        "is_some_and",
        "partition",
        "partition_point",
        "position",
        "retain",
        "rposition",
        "skip_while",
        "take_if",
        "take_while",
    ];
    ASKING.contains(&method.to_string().as_str())
}

/// What a function may return in the place of what it finds out.
pub fn results(output: &ReturnType) -> Vec<TokenStream> {
    match output {
        ReturnType::Default => vec![TokenStream::new()],
        ReturnType::Type(_, output) => values(output),
    }
}

/// A few values of a type that any function could give.
fn values(of: &Type) -> Vec<TokenStream> {
    match of {
        Type::Tuple(tuple) if tuple.elems.is_empty() => vec![quote!(())],
        Type::Path(path) => {
            let Some(segment) = path.path.segments.last() else { return Vec::new() };
            match segment.ident.to_string().as_str() {
                "bool" => vec![quote!(true), quote!(false)],
                "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "u128" => {
                    vec![quote!(0), quote!(1)]
                }
                "String" => vec![quote!(String::new())],
                "Vec" => vec![quote!(Vec::new())],
                "Duration" => vec![quote!(std::time::Duration::ZERO)],
                "Option" => vec![quote!(None)],
                "Result" => inner(&segment.arguments)
                    .map_or_else(Vec::new, |inner| values(inner).into_iter().map(|value| quote!(Ok(#value))).collect()),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn inner(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) => Some(inner),
        _ => None,
    }
}

/// An expression as it is written, on one line and not too long.
pub fn text(expr: &impl ToTokens) -> String {
    one_line(&quote!(fn f() { x = #expr; }), "x = ", ";")
}

/// A pattern as it is written, on one line and not too long.
pub fn pattern(pat: &Pat) -> String {
    one_line(&quote!(fn f() { match x { #pat => (), } }), "match x { ", " => {} }")
}

/// What is between a head and a tail once it is printed; the printer prints whole files.
fn one_line(function: &TokenStream, head: &str, tail: &str) -> String {
    const LONGEST: usize = 100;
    let text = printed(function, head, tail).unwrap_or_else(|| function.to_string());
    if text.chars().count() <= LONGEST {
        return text;
    }
    let head: String = text.chars().take(LONGEST).collect();
    format!("{head}…")
}

fn printed(function: &TokenStream, head: &str, tail: &str) -> Option<String> {
    let text = prettyplease::unparse(&syn::parse2(function.clone()).ok()?);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let text = lines.get(1..lines.len().checked_sub(1)?)?.join(" ");
    Some(text.strip_prefix(head)?.strip_suffix(tail)?.to_owned())
}
