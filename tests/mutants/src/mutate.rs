//! A source file with all its mutants in it, each behind a question whether it is the one that is alive.
//!
//! So one build has all mutants: `a < b` becomes `if mutant::is(7) { a <= b } else { a < b }`. A mutant is known by its file, its function,
//! what it changes, and the how manieth of its kind it is there, which stays what it is when lines move.

use std::collections::{HashMap, HashSet};

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Block, Expr, ExprClosure, ExprIf, ExprMatch, Ident, ImplItemFn, Item, ItemFn, ItemImpl, Pat, Signature, Stmt,
    TraitItemFn, Type, parse_quote,
};

use crate::change::{self, Change};

/// How many mutants a file has room for.
pub const ROOM: u32 = 4096;

/// One small defect.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Its number, by which a process is told to be it.
    pub id: u32,
    /// Its file, its function, what it changes, and the how manieth of these it is.
    pub key: Key,
}

/// What a mutant is known by.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key {
    /// The name of the file.
    pub file: String,
    /// The function with its type.
    pub function: String,
    /// What is changed to what.
    pub change: String,
    /// The how manieth mutant it is in that function that changes this to that, from 1 on.
    pub nth: usize,
}

impl Key {
    /// One line that says it all.
    pub fn line(&self) -> String {
        let nth = if self.nth > 1 { format!(" #{}", self.nth) } else { String::new() };
        format!("{} {}{nth}: {}", self.file, self.function, self.change)
    }
}

/// Puts mutants into a file, numbered from `base` + 1 on. Those in `left_out` keep their numbers, and are not put in.
pub fn mutate(name: &str, text: &str, base: u32, left_out: &HashSet<u32>) -> syn::Result<(String, Vec<Mutant>)> {
    let mut file = syn::parse_file(text)?;
    let mut mutator =
        Mutator { file: name, next: base, left_out, mutants: Vec::new(), within: Vec::new(), counts: HashMap::new() };
    mutator.visit_file_mut(&mut file);
    assert!(mutator.next < base + ROOM, "{name} has too many mutants");
    Ok((prettyplease::unparse(&file), mutator.mutants))
}

struct Mutator<'a> {
    file: &'a str,
    next: u32,
    left_out: &'a HashSet<u32>,
    mutants: Vec<Mutant>,
    /// The type and function that are visited.
    within: Vec<String>,
    counts: HashMap<(String, String), usize>,
}

impl Mutator<'_> {
    /// The number of another mutant; none if it is left out.
    fn add(&mut self, change: String) -> Option<u32> {
        self.next += 1;
        let id = self.next;
        let function = self.within.join("::");
        let nth = self.counts.entry((function.clone(), change.clone())).or_default();
        *nth += 1;
        if self.left_out.contains(&id) {
            return None;
        }
        let key = Key { file: self.file.to_owned(), function, change, nth: *nth };
        self.mutants.push(Mutant { id, key });
        Some(id)
    }

    /// Gives an expression alternatives.
    fn offer(&mut self, expr: &mut Expr, changes: Vec<Change>) {
        for Change { what, to } in changes {
            if let Some(id) = self.add(what) {
                let otherwise = expr.clone();
                *expr = parse_quote!((if crate::rt::mutant::is(#id) { #to } else { #otherwise }));
            }
        }
    }

    /// What decides between two ways: what is in it, and whether it is heeded at all. What binds names can only be taken as false.
    fn condition(&mut self, condition: &mut Expr) {
        let text = change::text(condition);
        if !has_let(condition) {
            let changes = change::decided(condition);
            self.visit_expr_mut(condition);
            self.offer(condition, changes);
            return;
        }
        self.conjuncts(condition);
        if let Some(id) = self.add(format!("`if {text}` to `if false`")) {
            let otherwise = condition.clone();
            *condition = parse_quote!(!crate::rt::mutant::is(#id) && #otherwise);
        }
    }

    fn conjuncts(&mut self, condition: &mut Expr) {
        match condition {
            Expr::Binary(and) if has_let(&and.left) || has_let(&and.right) => {
                self.conjuncts(&mut and.left);
                self.conjuncts(&mut and.right);
            }
            Expr::Let(binding) => self.visit_expr_mut(&mut binding.expr),
            plain => {
                let changes = change::decided(plain);
                self.visit_expr_mut(plain);
                self.offer(plain, changes);
            }
        }
    }

    /// A function: what is in it, and whether its result is looked at.
    fn function(&mut self, signature: &Signature, block: &mut Block) {
        // What runs while it is compiled can not ask; and how a value is shown decides nothing.
        if signature.constness.is_some() || signature.ident == "fmt" {
            return;
        }
        self.within.push(signature.ident.to_string());
        // What a function gives anyway is no change.
        let only =
            if let [Stmt::Expr(only, None)] = block.stmts.as_slice() { Some(only.to_token_stream().to_string()) } else { None };
        let results = change::results(&signature.output).into_iter().filter(|result| Some(result.to_string()) != only);
        let results: Vec<TokenStream> = results.collect();
        visit_mut::visit_block_mut(self, block);
        let mut early = Vec::new();
        for result in if block.stmts.is_empty() { Vec::new() } else { results } {
            let shown = result.to_string().replace(' ', "");
            if let Some(id) = self.add(format!("the whole to `{}`", if shown.is_empty() { "()" } else { &shown })) {
                early.push(parse_quote!(if crate::rt::mutant::is(#id) { return #result; }));
            }
        }
        block.stmts.splice(0..0, early);
        self.within.pop();
    }

    /// Leaves out one arm after the other, where another one takes everything.
    fn arms(&mut self, arms: &mut [Arm], shown: Vec<String>) {
        let Some((last, others)) = arms.split_last_mut() else { return };
        if !matches!(last.pat, Pat::Wild(_)) {
            return;
        }
        for (arm, shown) in others.iter_mut().zip(shown) {
            let Some(id) = self.add(format!("without the arm `{shown}`")) else { continue };
            let pat = &arm.pat;
            arm.pat = match pat {
                Pat::Guard(guarded) => {
                    let (inner, guard) = (&guarded.pat, &guarded.guard);
                    guarded_by(&quote!(#inner), &quote!(!crate::rt::mutant::is(#id) && #guard))
                }
                pat => guarded_by(&quote!(#pat), &quote!(!crate::rt::mutant::is(#id))),
            };
        }
    }
}

fn guarded_by(pat: &TokenStream, guard: &TokenStream) -> Pat {
    let arm: Arm = parse_quote!(#pat if #guard => (),);
    arm.pat
}

/// Whether a condition binds names.
fn has_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(both) => matches!(both.op, syn::BinOp::And(_)) && (has_let(&both.left) || has_let(&both.right)),
        _ => false,
    }
}

/// Whether a statement does something that can be left undone.
fn is_deed(expr: &Expr) -> bool {
    match expr {
        Expr::Call(_) | Expr::MethodCall(_) | Expr::Assign(_) => true,
        Expr::Binary(binary) => change::is_assignment(binary.op),
        Expr::Try(inner) => is_deed(&inner.expr),
        Expr::Await(inner) => is_deed(&inner.base),
        _ => false,
    }
}

fn type_name(of: &Type) -> String {
    match of {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        other => other.to_token_stream().to_string(),
    }
}

impl VisitMut for Mutator<'_> {
    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            Item::Fn(_) | Item::Impl(_) | Item::Trait(_) => visit_mut::visit_item_mut(self, item),
            // The rest is types, constants, macros and tests.
            _ => {}
        }
    }

    fn visit_item_fn_mut(&mut self, item: &mut ItemFn) {
        self.function(&item.sig, &mut item.block);
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        self.within.push(type_name(&item.self_ty));
        visit_mut::visit_item_impl_mut(self, item);
        self.within.pop();
    }

    fn visit_item_trait_mut(&mut self, item: &mut syn::ItemTrait) {
        self.within.push(item.ident.to_string());
        visit_mut::visit_item_trait_mut(self, item);
        self.within.pop();
    }

    fn visit_impl_item_const_mut(&mut self, _: &mut syn::ImplItemConst) {}

    fn visit_trait_item_const_mut(&mut self, _: &mut syn::TraitItemConst) {}

    fn visit_impl_item_fn_mut(&mut self, item: &mut ImplItemFn) {
        self.function(&item.sig, &mut item.block);
    }

    fn visit_trait_item_fn_mut(&mut self, item: &mut TraitItemFn) {
        if let Some(block) = &mut item.default {
            self.function(&item.sig, block);
        }
    }

    fn visit_attribute_mut(&mut self, _: &mut syn::Attribute) {}

    fn visit_type_mut(&mut self, _: &mut Type) {}

    fn visit_angle_bracketed_generic_arguments_mut(&mut self, _: &mut syn::AngleBracketedGenericArguments) {}

    /// Patterns are no expressions, but what guards them is one.
    fn visit_pat_mut(&mut self, pat: &mut Pat) {
        if let Pat::Guard(guarded) = pat {
            self.condition(&mut guarded.guard);
        }
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        let what = match stmt {
            Stmt::Expr(expr, Some(_)) if is_deed(expr) => Some(change::text(expr)),
            _ => None,
        };
        visit_mut::visit_stmt_mut(self, stmt);
        if let Some(id) = what.and_then(|what| self.add(format!("without `{what};`"))) {
            let deed = stmt.clone();
            *stmt = parse_quote!(if !crate::rt::mutant::is(#id) { #deed });
        }
    }

    fn visit_expr_if_mut(&mut self, expr: &mut ExprIf) {
        self.condition(&mut expr.cond);
        self.visit_block_mut(&mut expr.then_branch);
        if let Some((_, otherwise)) = &mut expr.else_branch {
            // What follows `else` stays an `if` or a block.
            match otherwise.as_mut() {
                Expr::If(inner) => self.visit_expr_if_mut(inner),
                other => self.visit_expr_mut(other),
            }
        }
    }

    fn visit_expr_while_mut(&mut self, expr: &mut syn::ExprWhile) {
        // What never ends, or never begins, is found by any test that gets there.
        match expr.cond.as_mut() {
            condition if has_let(condition) => self.conjuncts(condition),
            condition => self.visit_expr_mut(condition),
        }
        self.visit_block_mut(&mut expr.body);
    }

    fn visit_expr_match_mut(&mut self, expr: &mut ExprMatch) {
        let shown = expr.arms.iter().map(|arm| change::pattern(&arm.pat)).collect();
        visit_mut::visit_expr_match_mut(self, expr);
        self.arms(&mut expr.arms, shown);
    }

    fn visit_expr_repeat_mut(&mut self, expr: &mut syn::ExprRepeat) {
        self.visit_expr_mut(&mut expr.expr);
    }

    fn visit_expr_const_mut(&mut self, _: &mut syn::ExprConst) {}

    fn visit_expr_closure_mut(&mut self, expr: &mut ExprClosure) {
        self.visit_expr_mut(&mut expr.body);
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        self.visit_expr_mut(&mut call.receiver);
        let asks = change::asks(&call.method);
        for arg in &mut call.args {
            match arg {
                // What such a method is given answers yes or no.
                Expr::Closure(closure) if asks => self.condition(&mut closure.body),
                arg => self.visit_expr_mut(arg),
            }
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let changes = change::changes(expr);
        match expr {
            // A number with a minus is one.
            Expr::Unary(unary) if matches!((&unary.op, unary.expr.as_ref()), (syn::UnOp::Neg(_), Expr::Lit(_))) => {}
            // What is assigned to is a place.
            Expr::Assign(assign) => self.visit_expr_mut(&mut assign.right),
            Expr::Binary(binary) if change::is_assignment(binary.op) => self.visit_expr_mut(&mut binary.right),
            // What is borrowed is a place as well.
            Expr::Reference(reference) if !matches!(reference.expr.as_ref(), Expr::Lit(_)) => {
                self.visit_expr_mut(&mut reference.expr);
            }
            Expr::Reference(_) | Expr::Macro(_) => {}
            _ => visit_mut::visit_expr_mut(self, expr),
        }
        self.offer(expr, changes);
    }

    fn visit_ident_mut(&mut self, _: &mut Ident) {}
}
