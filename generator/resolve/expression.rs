//! Expressions held to the type of a record: every path leads somewhere, every operand has a type that its operator takes.

use super::functions;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::draft::Written;
use crate::expression::{Ast, AstKind, Operator, PathStep};
use crate::model::{Cast, Comparison, Expr, Function, Lookup, Order, Path, Scalar, Segment, Type, TypeKind, Types};
use crate::source::Span;

/// An expression with its type.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) expr: Expr,
    /// None for what is always null.
    pub(super) ty: Option<Type>,
    /// Whether it may be null.
    pub(super) nullable: bool,
    /// Whether a field that is hidden is in it.
    pub(super) sensitive: bool,
}

/// Two values that have no type in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoType;

/// What a type is to an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Always null.
    Null,
    Boolean,
    Integer,
    Number,
    Decimal,
    /// A text, be it one of some, a UUID, a time of day or Base64.
    Text,
    Date,
    DateTime,
    Array,
    Object,
    /// Only the value itself tells.
    Json,
}

impl Class {
    pub(super) fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Number | Self::Decimal)
    }

    pub(super) fn is_moment(self) -> bool {
        matches!(self, Self::Date | Self::DateTime)
    }

    /// With its article.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a truth value",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Decimal => "a decimal",
            Self::Text => "a text",
            Self::Date => "a date",
            Self::DateTime => "a date-time",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Json => "a JSON value",
        }
    }
}

/// What a type is to an expression.
pub(super) fn class(types: &Types, ty: Option<&Type>) -> Class {
    match ty {
        None => Class::Null,
        Some(Type::Scalar(scalar)) => match scalar {
            Scalar::String | Scalar::Time | Scalar::Uuid | Scalar::Binary => Class::Text,
            Scalar::Integer => Class::Integer,
            Scalar::Number => Class::Number,
            Scalar::Decimal => Class::Decimal,
            Scalar::Boolean => Class::Boolean,
            Scalar::DateTime => Class::DateTime,
            Scalar::Date => Class::Date,
        },
        Some(Type::Json) => Class::Json,
        Some(Type::Array(_)) => Class::Array,
        Some(Type::Map(_)) => Class::Object,
        Some(Type::Named(id)) => match &types.get(*id).kind {
            TypeKind::Struct(_) => Class::Object,
            TypeKind::Enum(_) => Class::Text,
            TypeKind::Union(_) => Class::Json,
        },
    }
}

/// Holds an expression to the type of a record. None if something is wrong, which was reported.
pub(super) fn typed(
    written: &Written,
    types: &Types,
    record: &Type,
    owner: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Typed> {
    Checker { written, types, record, owner, diagnostics }.value(&written.ast)
}

/// The same, for one that must be true or false.
pub(super) fn condition(
    written: &Written,
    types: &Types,
    record: &Type,
    owner: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    Checker { written, types, record, owner, diagnostics }.condition(&written.ast, "filter")
}

/// Holds one expression to the type of a record.
pub(super) struct Checker<'c> {
    written: &'c Written,
    pub(super) types: &'c Types,
    record: &'c Type,
    owner: &'c str,
    pub(super) diagnostics: &'c mut Diagnostics,
}

impl Checker<'_> {
    pub(super) fn value(&mut self, ast: &Ast) -> Option<Typed> {
        match &ast.kind {
            AstKind::Null => Some(Typed { expr: Expr::Null, ty: None, nullable: true, sensitive: false }),
            AstKind::Bool(value) => Some(certain(Expr::Bool(*value), Scalar::Boolean)),
            AstKind::Number(text) => self.number(text, ast),
            AstKind::Text(text) => Some(certain(Expr::Text(text.clone()), Scalar::String)),
            AstKind::Path(steps) => self.path(steps),
            AstKind::List(_) => {
                self.operand(ast, "expression", "a value", "a list, which stands behind `in` alone");
                None
            }
            AstKind::Not(inner) => Some(truth(Expr::Not(Box::new(self.condition(inner, "not")?)))),
            AstKind::And(parts) => self.conditions(parts, "and").map(|parts| truth(Expr::And(parts))),
            AstKind::Or(parts) => self.conditions(parts, "or").map(|parts| truth(Expr::Or(parts))),
            AstKind::IsNull { value, negated } => {
                let value = self.value(value)?;
                Some(truth(is_null(value.expr, *negated)))
            }
            AstKind::Compare(comparison, sides) => self.compare(*comparison, sides, ast),
            AstKind::In { sides, negated } => self.is_in(sides, *negated, ast),
            AstKind::Negate(inner) => self.negate(inner, ast),
            AstKind::Arithmetic(operator, sides) => self.arithmetic(*operator, sides),
            AstKind::Element(list, index) => self.element(list, *index),
            AstKind::Call { name, arguments } => functions::call(self, name, arguments, ast),
        }
    }

    pub(super) fn class(&self, typed: &Typed) -> Class {
        class(self.types, typed.ty.as_ref())
    }

    fn conditions(&mut self, parts: &[Ast], word: &str) -> Option<Vec<Expr>> {
        // Every part is looked at, so that all that is wrong comes out together.
        let parts: Vec<Option<Expr>> = parts.iter().map(|part| self.condition(part, word)).collect();
        parts.into_iter().collect()
    }

    pub(super) fn condition(&mut self, ast: &Ast, what: &str) -> Option<Expr> {
        let typed = self.value(ast)?;
        match self.class(&typed) {
            Class::Boolean | Class::Json => Some(typed.expr),
            other => {
                self.operand(ast, what, "a truth value", other.describe());
                None
            }
        }
    }

    fn number(&mut self, text: &str, ast: &Ast) -> Option<Typed> {
        if text.contains(['.', 'e', 'E']) {
            if text.parse::<f64>().is_ok_and(f64::is_finite) {
                return Some(certain(Expr::Number(text.to_owned()), Scalar::Number));
            }
        } else if text.parse::<i64>().is_ok() {
            return Some(certain(Expr::Number(text.to_owned()), Scalar::Integer));
        }
        let bad = Diagnostic::new(Code::BadExpression, self.place(ast), &["has a number that does not fit into 64 bits"]);
        self.diagnostics.push(bad);
        None
    }

    fn path(&mut self, steps: &[PathStep]) -> Option<Typed> {
        let mut ty = self.record;
        let (mut nullable, mut sensitive, mut lenient) = (false, false, false);
        let path = Path(steps.iter().map(|step| step.segment.clone()).collect());
        for (at, step) in steps.iter().enumerate() {
            // Elements, members of maps and variants of unions may always be missing.
            let may_miss = !matches!(ty, Type::Named(id) if matches!(self.types.get(*id).kind, TypeKind::Struct(_)));
            match self.types.lookup(ty, &Path(vec![step.segment.clone()])) {
                Lookup::Found(found, field) => {
                    let field = field.filter(|_| matches!(step.segment, Segment::Key(_)));
                    nullable |= may_miss || field.is_none_or(|field| !field.required || field.nullable);
                    sensitive |= field.is_some_and(|field| field.sensitive);
                    lenient = field.is_some_and(|field| field.lenient);
                    ty = found;
                }
                Lookup::Unknown => {
                    return Some(Typed { expr: Expr::Path(path), ty: Some(Type::Json), nullable: true, sensitive });
                }
                Lookup::Missing { key, known, .. } => {
                    self.missing(steps, at, &key, &known);
                    return None;
                }
            }
        }
        // What may have an odd form is brought into its usual one, and decimals may stand in texts.
        let cast = match ty {
            Type::Scalar(Scalar::Decimal) => Some(Cast::Decimal),
            Type::Scalar(scalar) if lenient => cast_of(*scalar),
            _ => None,
        };
        let expr = match cast {
            Some(cast) => Expr::Call(Function::To(cast), vec![Expr::Path(path)]),
            None => Expr::Path(path),
        };
        Some(Typed { expr, ty: Some(ty.clone()), nullable, sensitive })
    }

    fn missing(&mut self, steps: &[PathStep], at: usize, key: &str, known: &[&str]) {
        let Some(step) = steps.get(at) else { return };
        let within = Path(steps.iter().take(at).map(|step| step.segment.clone()).collect());
        let owner = if at == 0 { self.owner.to_owned() } else { format!("`{within}` of {}", self.owner) };
        let missing = Diagnostic::new(Code::UnknownField, self.written.part(step.start, step.end), &[&owner, key]);
        let is_alone = steps.len() == 1 && nearest(key, known.iter().copied()).is_none();
        self.diagnostics.push(if is_alone {
            let fields = crate::diagnostic::list(known);
            missing.help(format!("its fields are {fields}; a text stands in quotes: `'{key}'`"))
        } else {
            missing.nearest(key, known.iter().copied())
        });
    }

    fn compare(&mut self, comparison: Comparison, sides: &[Ast; 2], ast: &Ast) -> Option<Typed> {
        let [left, right] = sides;
        let (a, b) = (self.value(left), self.value(right));
        let (a, b) = a.zip(b)?;
        let (of_a, of_b) = (self.class(&a), self.class(&b));
        if of_a == Class::Null || of_b == Class::Null {
            let value = if of_b == Class::Null { a } else { b };
            return match comparison {
                Comparison::Equal | Comparison::Unequal => Some(truth(is_null(value.expr, comparison == Comparison::Unequal))),
                _ => {
                    self.operand(ast, comparison.sign(), "values with an order", "null");
                    None
                }
            };
        }
        let order = self.order((&a, left), (&b, right), comparison.sign(), ast)?;
        Some(truth(Expr::Compare(comparison, order, Box::new([a.expr, b.expr]))))
    }

    /// How two values compare.
    fn order(&mut self, a: (&Typed, &Ast), b: (&Typed, &Ast), sign: &str, ast: &Ast) -> Option<Order> {
        let (of_a, of_b) = (self.class(a.0), self.class(b.0));
        let order = match (of_a, of_b) {
            (a, b) if a.is_numeric() && b.is_numeric() => Some(Order::Number),
            (Class::Text, Class::Text) => Some(Order::Text),
            (Class::Boolean, Class::Boolean) => Some(Order::Bool),
            (a, b) if a.is_moment() && b.is_moment() => Some(Order::Moment),
            (Class::Json, other) | (other, Class::Json) if !matches!(other, Class::Array | Class::Object) => {
                Some(if other.is_moment() { Order::Moment } else { Order::Any })
            }
            (moment, Class::Text) if moment.is_moment() => return self.moment(b.1, moment, sign),
            (Class::Text, moment) if moment.is_moment() => return self.moment(a.1, moment, sign),
            _ => None,
        };
        if order.is_none() {
            let found = format!("{} and {}", of_a.describe(), of_b.describe());
            self.operand(ast, sign, "two plain values of one type", &found);
        }
        order
    }

    /// A text beside a date or a moment: it must be one itself, and written out.
    fn moment(&mut self, ast: &Ast, class: Class, sign: &str) -> Option<Order> {
        let place = self.place(ast);
        let AstKind::Text(text) = &ast.kind else {
            let wrong = Diagnostic::new(
                Code::WrongOperand,
                place,
                &[sign, "two plain values of one type", &format!("a text and {}", class.describe())],
            );
            self.diagnostics.push(wrong.help("make a date of the text with `date(…)`, or `cast` its field first"));
            return None;
        };
        let is_date = text.parse::<jiff::civil::Date>().is_ok() && text.len() == "2025-01-31".len();
        if is_date || text.parse::<jiff::Timestamp>().is_ok() {
            return Some(Order::Moment);
        }
        let wrong = Diagnostic::new(Code::WrongOperand, place, &[sign, "a date or a moment here", "this text"]);
        self.diagnostics.push(wrong.help("write `'2025-01-31'` or `'2025-01-31T12:00:00Z'`"));
        None
    }

    fn is_in(&mut self, sides: &[Ast; 2], negated: bool, ast: &Ast) -> Option<Typed> {
        let [left, right] = sides;
        let needle = self.value(left)?;
        let found = if let AstKind::List(elements) = &right.kind {
            self.in_list(needle.clone(), left, elements, right)?
        } else {
            let list = self.value(right)?;
            self.among(needle.clone(), left, list, right, ast)?
        };
        // A null is in nothing, and out of nothing.
        Some(truth(if negated {
            let not = Expr::Not(Box::new(found));
            if needle.nullable { Expr::And(vec![is_null(needle.expr, true), not]) } else { not }
        } else {
            found
        }))
    }

    fn in_list(&mut self, needle: Typed, left: &Ast, elements: &[Ast], list: &Ast) -> Option<Expr> {
        if elements.is_empty() {
            self.operand(list, "in", "a list of values", "an empty one");
            return None;
        }
        let mut orders = Vec::new();
        let mut values = Vec::new();
        for element in elements {
            let value = self.value(element)?;
            if value.ty.is_none() {
                self.operand(element, "in", "a list of values", "null; write `… or x is null`");
                return None;
            }
            orders.push(self.order((&needle, left), (&value, element), "in", element)?);
            values.push(value.expr);
        }
        let first = orders.first().copied()?;
        let order = if orders.iter().all(|order| *order == first) { first } else { Order::Any };
        Some(Expr::In(order, Box::new(needle.expr), values))
    }

    /// Whether a value is an element of an array of the record.
    pub(super) fn among(&mut self, needle: Typed, left: &Ast, list: Typed, right: &Ast, ast: &Ast) -> Option<Expr> {
        let element = match &list.ty {
            Some(Type::Array(element)) => (**element).clone(),
            Some(Type::Json) => Type::Json,
            _ => {
                let found = self.class(&list);
                let wrong =
                    Diagnostic::new(Code::WrongOperand, self.place(right), &["in", "a list or an array", found.describe()]);
                self.diagnostics.push(if found == Class::Text {
                    wrong.help("whether a text is part of another one is `contains(text, part)`")
                } else {
                    wrong.help("write a list: `status in ['active', 'blocked']`")
                });
                return None;
            }
        };
        let element = Typed { expr: Expr::Null, ty: Some(element), nullable: true, sensitive: false };
        let order = self.order((&needle, left), (&element, right), "in", ast)?;
        Some(Expr::Among(order, Box::new([needle.expr, list.expr])))
    }

    fn element(&mut self, list: &Ast, index: usize) -> Option<Typed> {
        let value = self.value(list)?;
        let ty = match &value.ty {
            Some(Type::Array(element)) => (**element).clone(),
            Some(Type::Json) => Type::Json,
            _ => {
                let found = self.class(&value).describe();
                self.operand(list, "[…]", "an array", found);
                return None;
            }
        };
        let expr = Expr::Call(Function::Element, vec![value.expr, Expr::Number(index.to_string())]);
        Some(Typed { expr, ty: Some(ty), nullable: true, sensitive: value.sensitive })
    }

    fn negate(&mut self, inner: &Ast, ast: &Ast) -> Option<Typed> {
        let value = self.value(inner)?;
        let function = match self.class(&value) {
            Class::Integer => Function::NegateInteger,
            Class::Number | Class::Json => Function::Negate,
            Class::Decimal => Function::NegateDecimal,
            other => {
                self.operand(ast, "-", "a number", other.describe());
                return None;
            }
        };
        let ty = if self.class(&value) == Class::Json { Some(Type::Scalar(Scalar::Number)) } else { value.ty.clone() };
        Some(Typed { expr: Expr::Call(function, vec![value.expr]), ty, ..value })
    }

    fn arithmetic(&mut self, operator: Operator, sides: &[Ast; 2]) -> Option<Typed> {
        let [left, right] = sides;
        let (a, b) = (self.value(left), self.value(right));
        let (a, b) = a.zip(b)?;
        let classes = [self.class(&a), self.class(&b)];
        if let Some(wrong) = classes.iter().position(|class| !class.is_numeric() && *class != Class::Json) {
            let found = classes.get(wrong).map_or("", |class| class.describe());
            let place = if wrong == 0 { left } else { right };
            let error = Diagnostic::new(Code::WrongOperand, self.place(place), &[operator.sign(), "numbers", found]);
            self.diagnostics.push(match classes.get(wrong) {
                Some(Class::Text) if operator == Operator::Add => error.help("texts are joined by `concat(a, b)`"),
                Some(Class::Text) => error.help("`cast` the field to a number first"),
                Some(Class::Date | Class::DateTime) => error.help("`epoch(…)` gives the seconds of a moment"),
                _ => error,
            });
            return None;
        }
        let scalar = if operator == Operator::Divide {
            Scalar::Number
        } else if classes.contains(&Class::Decimal) {
            Scalar::Decimal
        } else if classes == [Class::Integer, Class::Integer] {
            Scalar::Integer
        } else {
            Scalar::Number
        };
        let function = match (operator, scalar) {
            (Operator::Add, Scalar::Integer) => Function::AddIntegers,
            (Operator::Subtract, Scalar::Integer) => Function::SubtractIntegers,
            (Operator::Multiply, Scalar::Integer) => Function::MultiplyIntegers,
            (Operator::Add, Scalar::Decimal) => Function::AddDecimals,
            (Operator::Subtract, Scalar::Decimal) => Function::SubtractDecimals,
            (Operator::Multiply, Scalar::Decimal) => Function::MultiplyDecimals,
            (Operator::Add, _) => Function::Add,
            (Operator::Subtract, _) => Function::Subtract,
            (Operator::Multiply, _) => Function::Multiply,
            (Operator::Divide, _) => Function::Divide,
        };
        Some(Typed {
            expr: Expr::Call(function, vec![a.expr, b.expr]),
            ty: Some(Type::Scalar(scalar)),
            nullable: a.nullable || b.nullable,
            sensitive: a.sensitive || b.sensitive,
        })
    }

    /// The type of what is one of several values.
    pub(super) fn unify(&self, a: Option<&Type>, b: Option<&Type>) -> Result<Option<Type>, NoType> {
        let (Some(one), Some(other)) = (a, b) else { return Ok(a.or(b).cloned()) };
        if one == other {
            return Ok(Some(one.clone()));
        }
        let scalar = match (class(self.types, a), class(self.types, b)) {
            (Class::Json, _) | (_, Class::Json) => return Ok(Some(Type::Json)),
            (a, b) if a.is_numeric() && b.is_numeric() => {
                if a == Class::Decimal || b == Class::Decimal {
                    Scalar::Decimal
                } else {
                    Scalar::Number
                }
            }
            (Class::Text, Class::Text) => Scalar::String,
            _ => return Err(NoType),
        };
        Ok(Some(Type::Scalar(scalar)))
    }

    /// Reports an operand or argument of the wrong type.
    pub(super) fn operand(&mut self, ast: &Ast, what: &str, takes: &str, found: &str) {
        self.diagnostics.report(Code::WrongOperand, self.place(ast), &[what, takes, found]);
    }

    pub(super) fn place(&self, ast: &Ast) -> Span {
        self.written.part(ast.start, ast.end)
    }

    /// The place of the name of a call.
    pub(super) fn name_place(&self, ast: &Ast, name: &str) -> Span {
        self.written.part(ast.start, ast.start + name.len())
    }
}

fn certain(expr: Expr, scalar: Scalar) -> Typed {
    Typed { expr, ty: Some(Type::Scalar(scalar)), nullable: false, sensitive: false }
}

fn truth(expr: Expr) -> Typed {
    certain(expr, Scalar::Boolean)
}

fn is_null(value: Expr, negated: bool) -> Expr {
    let is_null = Expr::IsNull(Box::new(value));
    if negated { Expr::Not(Box::new(is_null)) } else { is_null }
}

/// The cast to a scalar, if there is one.
pub(super) fn cast_of(scalar: Scalar) -> Option<Cast> {
    match scalar {
        Scalar::String => Some(Cast::String),
        Scalar::Integer => Some(Cast::Integer),
        Scalar::Number => Some(Cast::Number),
        Scalar::Decimal => Some(Cast::Decimal),
        Scalar::Boolean => Some(Cast::Boolean),
        Scalar::DateTime => Some(Cast::DateTime),
        Scalar::Date => Some(Cast::Date),
        Scalar::Time | Scalar::Uuid | Scalar::Binary => None,
    }
}
