//! The functions of expressions: what each takes and gives.

use super::expression::{Checker, Class, NoType, Typed};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::expression::Ast;
use crate::model::{Expr, Function, Scalar, Type};

/// A function whose arguments each have one type.
struct Plain {
    name: &'static str,
    takes: &'static [Takes],
    /// How many arguments may be left out at the end.
    optional: usize,
    gives: Gives,
    function: Function,
}

/// What an argument must be. A JSON value may turn out to be anything.
#[derive(Clone, Copy)]
enum Takes {
    Text,
    Integer,
    Moment,
    Seconds,
    /// What has a length.
    Long,
}

/// What a function gives.
#[derive(Clone, Copy)]
enum Gives {
    Scalar(Scalar),
    Texts,
}

const TEXT: Gives = Gives::Scalar(Scalar::String);
const TRUTH: Gives = Gives::Scalar(Scalar::Boolean);
const INTEGER: Gives = Gives::Scalar(Scalar::Integer);

const PLAIN: &[Plain] = &[
    plain("date", &[Takes::Moment], Gives::Scalar(Scalar::Date), Function::Date),
    plain("ends_with", &[Takes::Text, Takes::Text], TRUTH, Function::EndsWith),
    plain("epoch", &[Takes::Moment], INTEGER, Function::Epoch),
    plain("from_epoch", &[Takes::Seconds], Gives::Scalar(Scalar::DateTime), Function::FromEpoch),
    plain("length", &[Takes::Long], INTEGER, Function::Length),
    plain("lower", &[Takes::Text], TEXT, Function::Lower),
    plain("replace", &[Takes::Text, Takes::Text, Takes::Text], TEXT, Function::Replace),
    plain("split", &[Takes::Text, Takes::Text], Gives::Texts, Function::Split),
    plain("starts_with", &[Takes::Text, Takes::Text], TRUTH, Function::StartsWith),
    Plain {
        name: "substring",
        takes: &[Takes::Text, Takes::Integer, Takes::Integer],
        optional: 1,
        gives: TEXT,
        function: Function::Substring,
    },
    plain("trim", &[Takes::Text], TEXT, Function::Trim),
    plain("upper", &[Takes::Text], TEXT, Function::Upper),
    plain("year", &[Takes::Moment], INTEGER, Function::Year),
];

/// The functions whose types depend on those of their arguments.
const OTHERS: &[&str] = &["abs", "coalesce", "concat", "contains", "floor", "if", "round"];

/// Functions that would give another value each time.
const CHANGING: &[&str] = &["now", "today", "random", "rand", "uuid", "current_timestamp"];

const fn plain(name: &'static str, takes: &'static [Takes], gives: Gives, function: Function) -> Plain {
    Plain { name, takes, optional: 0, gives, function }
}

/// A call of a function.
pub(super) fn call(checker: &mut Checker<'_>, name: &str, arguments: &[Ast], ast: &Ast) -> Option<Typed> {
    if let Some(plain) = PLAIN.iter().find(|plain| plain.name == name) {
        return plain_call(checker, plain, arguments, ast);
    }
    match name {
        "if" => choice(checker, arguments, ast),
        "coalesce" => coalesce(checker, arguments, ast),
        "concat" => concat(checker, arguments, ast),
        "contains" => contains(checker, arguments, ast),
        "abs" | "floor" | "round" => rounding(checker, name, arguments, ast),
        _ => {
            let unknown = Diagnostic::new(Code::UnknownFunction, checker.name_place(ast, name), &[name]);
            let known = PLAIN.iter().map(|plain| plain.name).chain(OTHERS.iter().copied());
            checker.diagnostics.push(if CHANGING.contains(&name.to_lowercase().as_str()) {
                unknown.help("the same record must give the same value whenever it is read; a hook may do as it likes")
            } else {
                unknown.nearest(name, known)
            });
            None
        }
    }
}

fn plain_call(checker: &mut Checker<'_>, plain: &Plain, arguments: &[Ast], ast: &Ast) -> Option<Typed> {
    counted(checker, plain.name, arguments, ast, plain.takes.len() - plain.optional..=plain.takes.len())?;
    let values = values(checker, arguments)?;
    for ((takes, value), argument) in plain.takes.iter().zip(&values).zip(arguments) {
        let class = checker.class(value);
        if class != Class::Json && !takes.accepts(class) {
            checker.operand(argument, plain.name, takes.describe(), class.describe());
            return None;
        }
    }
    let ty = match plain.gives {
        Gives::Scalar(scalar) => Type::Scalar(scalar),
        Gives::Texts => Type::Array(Box::new(Type::Scalar(Scalar::String))),
    };
    Some(called(plain.function, values, Some(ty)))
}

impl Takes {
    fn accepts(self, class: Class) -> bool {
        match self {
            Self::Text => class == Class::Text,
            Self::Integer => class == Class::Integer,
            Self::Moment => class.is_moment() || class == Class::Text,
            Self::Seconds => class.is_numeric(),
            Self::Long => matches!(class, Class::Text | Class::Array),
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Integer => "an integer",
            Self::Moment => "a date, a date-time or a text of one",
            Self::Seconds => "a number of seconds",
            Self::Long => "a text or an array",
        }
    }
}

/// `if(condition, a, b)`
fn choice(checker: &mut Checker<'_>, arguments: &[Ast], ast: &Ast) -> Option<Typed> {
    counted(checker, "if", arguments, ast, 3..=3)?;
    let [condition, yes, no] = arguments else { return None };
    let condition = checker.condition(condition, "if");
    let (one, other) = (checker.value(yes), checker.value(no));
    let (condition, (one, other)) = condition.zip(one.zip(other))?;
    let ty = unified(checker, "if", &one, &other, no).ok()?;
    let (nullable, sensitive) = (one.nullable || other.nullable, one.sensitive || other.sensitive);
    Some(Typed { expr: Expr::If(Box::new([condition, one.expr, other.expr])), ty, nullable, sensitive })
}

/// `coalesce(a, b, …)`
fn coalesce(checker: &mut Checker<'_>, arguments: &[Ast], ast: &Ast) -> Option<Typed> {
    counted(checker, "coalesce", arguments, ast, 2..=usize::MAX)?;
    let values = values(checker, arguments)?;
    let mut all: Option<Typed> = None;
    for (value, argument) in values.iter().zip(arguments) {
        let ty = match &all {
            Some(before) => unified(checker, "coalesce", before, value, argument).ok()?,
            None => value.ty.clone(),
        };
        let before = all.unwrap_or_else(|| Typed { nullable: true, ..value.clone() });
        let (nullable, sensitive) = (before.nullable && value.nullable, before.sensitive || value.sensitive);
        all = Some(Typed { ty, nullable, sensitive, ..before });
    }
    all.map(|all| Typed { expr: Expr::Coalesce(values.into_iter().map(|value| value.expr).collect()), ..all })
}

fn unified(checker: &mut Checker<'_>, name: &str, a: &Typed, b: &Typed, place: &Ast) -> Result<Option<Type>, NoType> {
    let ty = checker.unify(a.ty.as_ref(), b.ty.as_ref());
    if ty.is_err() {
        let found = format!("{} and {}", checker.class(a).describe(), checker.class(b).describe());
        checker.operand(place, name, "values of one type", &found);
    }
    ty
}

/// `concat(a, b, …)`
fn concat(checker: &mut Checker<'_>, arguments: &[Ast], ast: &Ast) -> Option<Typed> {
    counted(checker, "concat", arguments, ast, 1..=usize::MAX)?;
    let values = values(checker, arguments)?;
    for (value, argument) in values.iter().zip(arguments) {
        let class = checker.class(value);
        if matches!(class, Class::Null | Class::Array | Class::Object) {
            checker.operand(argument, "concat", "plain values", class.describe());
            return None;
        }
    }
    Some(called(Function::Concat, values, Some(Type::Scalar(Scalar::String))))
}

/// `contains(text, part)`, or `contains(array, element)`, which is `element in array`.
fn contains(checker: &mut Checker<'_>, arguments: &[Ast], ast: &Ast) -> Option<Typed> {
    counted(checker, "contains", arguments, ast, 2..=2)?;
    let values = values(checker, arguments)?;
    let ([whole, part], [left, right]) = (values.as_slice(), arguments) else { return None };
    let (of_whole, of_part) = (checker.class(whole), checker.class(part));
    let truth = Some(Type::Scalar(Scalar::Boolean));
    if of_whole == Class::Array {
        let expr = checker.among(part.clone(), right, whole.clone(), left, ast)?;
        return Some(Typed { expr, ty: truth, nullable: false, sensitive: whole.sensitive });
    }
    for (class, argument, takes) in [(of_whole, left, "a text or an array"), (of_part, right, "a text")] {
        if !matches!(class, Class::Text | Class::Json) {
            checker.operand(argument, "contains", takes, class.describe());
            return None;
        }
    }
    Some(called(Function::Contains, values, truth))
}

/// `abs(x)`, `floor(x)`, `round(x)` and `round(x, digits)`
fn rounding(checker: &mut Checker<'_>, name: &str, arguments: &[Ast], ast: &Ast) -> Option<Typed> {
    counted(checker, name, arguments, ast, if name == "round" { 1..=2 } else { 1..=1 })?;
    let mut values = values(checker, arguments)?;
    let (number, argument) = values.first().zip(arguments.first())?;
    let class = checker.class(number);
    if !class.is_numeric() && class != Class::Json {
        checker.operand(argument, name, "a number", class.describe());
        return None;
    }
    if let Some((digits, argument)) = values.get(1).zip(arguments.get(1))
        && checker.class(digits) != Class::Integer
    {
        checker.operand(argument, name, "an integer as the number of digits", checker.class(digits).describe());
        return None;
    }
    let has_digits = values.len() > 1;
    let (function, scalar) = match (name, class, has_digits) {
        ("abs", Class::Integer, _) => (Function::AbsoluteInteger, Scalar::Integer),
        ("abs", Class::Decimal, _) => (Function::AbsoluteDecimal, Scalar::Decimal),
        ("abs", ..) => (Function::Absolute, Scalar::Number),
        // A whole number is round already.
        (_, Class::Integer, _) => return values.drain(..).next(),
        ("floor", Class::Decimal, _) => (Function::FloorDecimal, Scalar::Integer),
        ("floor", ..) => (Function::Floor, Scalar::Integer),
        (_, Class::Decimal, false) => (Function::RoundDecimal, Scalar::Integer),
        (_, Class::Decimal, true) => (Function::RoundDecimalTo, Scalar::Decimal),
        (_, _, false) => (Function::Round, Scalar::Integer),
        (_, _, true) => (Function::RoundTo, Scalar::Number),
    };
    Some(called(function, values, Some(Type::Scalar(scalar))))
}

/// The arguments with their types; all of them are looked at, so that all that is wrong comes out together.
fn values(checker: &mut Checker<'_>, arguments: &[Ast]) -> Option<Vec<Typed>> {
    let values: Vec<Option<Typed>> = arguments.iter().map(|argument| checker.value(argument)).collect();
    values.into_iter().collect()
}

fn called(function: Function, values: Vec<Typed>, ty: Option<Type>) -> Typed {
    let nullable = values.iter().any(|value| value.nullable);
    let sensitive = values.iter().any(|value| value.sensitive);
    Typed { expr: Expr::Call(function, values.into_iter().map(|value| value.expr).collect()), ty, nullable, sensitive }
}

fn counted(
    checker: &mut Checker<'_>,
    name: &str,
    arguments: &[Ast],
    ast: &Ast,
    takes: std::ops::RangeInclusive<usize>,
) -> Option<()> {
    if takes.contains(&arguments.len()) {
        return Some(());
    }
    let (least, most) = (*takes.start(), *takes.end());
    let shown = match (least, most) {
        (1, 1) => "1 argument".to_owned(),
        (least, usize::MAX) => format!("{least} or more arguments"),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) => format!("{least} or {most} arguments"),
    };
    checker.diagnostics.report(Code::WrongArguments, checker.place(ast), &[name, &shown, &arguments.len().to_string()]);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_tells_of_every_function() {
        let reference = include_str!("../reference/introduction.md");
        for name in PLAIN.iter().map(|plain| plain.name).chain(OTHERS.iter().copied()) {
            assert!(reference.contains(&format!("`{name}(")), "{name}");
        }
    }
}
