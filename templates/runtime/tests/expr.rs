//! Expressions: what each operator and function gives, and what is a bad value.

use proptest::prelude::*;
use tapwright_runtime::rt::descriptor::{Path, Segment};
use tapwright_runtime::rt::expr::{Comparison, Expr, Function, Order};
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::tree::Tree;
use tapwright_runtime::rt::{cast, expr_date, expr_decimal, expr_number, expr_text, hash};

fn tree(json: &str) -> Tree {
    Tree::read(&mut Reader::new(json)).expect(json)
}

/// What a function makes of some JSON values; an error begins with `!`.
fn call(function: Function, arguments: &str) -> String {
    let Tree::Array(values) = tree(arguments) else { panic!("{arguments} is no array") };
    let values: Vec<_> = values.into_iter().map(std::borrow::Cow::Owned).collect();
    match function(&values) {
        Ok(value) => value.to_json(),
        Err(unfit) => format!("!{}", unfit.0),
    }
}

#[test]
fn functions() {
    let cases: &[(&str, Function, &str, &str)] = &[
        ("lower", expr_text::lower, r#"["ÄB"]"#, r#""äb""#),
        ("upper", expr_text::upper, r#"["straße"]"#, r#""STRASSE""#),
        ("trim", expr_text::trim, r#"["\t a b\n"]"#, r#""a b""#),
        ("lower", expr_text::lower, "[[]]", "!expected a string, found an array"),
        ("length", expr_text::length, r#"["äöü"]"#, "3"),
        ("length", expr_text::length, "[[1,2]]", "2"),
        ("length", expr_text::length, "[{}]", "!expected a string or an array, found an object"),
        ("contains", expr_text::contains, r#"["abc","bc"]"#, "true"),
        ("starts_with", expr_text::starts_with, r#"["abc","bc"]"#, "false"),
        ("ends_with", expr_text::ends_with, r#"["abc","bc"]"#, "true"),
        ("replace", expr_text::replace, r#"["aXbX","X","-"]"#, r#""a-b-""#),
        ("replace nothing", expr_text::replace, r#"["ab","","-"]"#, r#""ab""#),
        ("substring", expr_text::substring, r#"["äöüß",1,2]"#, r#""öü""#),
        ("substring", expr_text::substring, r#"["abc",1]"#, r#""bc""#),
        ("substring beyond", expr_text::substring, r#"["abc",9,9]"#, r#""""#),
        ("substring before", expr_text::substring, r#"["abc",-2,2]"#, r#""ab""#),
        ("substring", expr_text::substring, r#"["abc",1.5]"#, "!expected a whole number, found `1.5`"),
        ("split", expr_text::split, r#"["a,b,",","]"#, r#"["a","b",""]"#),
        ("split by nothing", expr_text::split, r#"["ab",""]"#, r#"["ab"]"#),
        ("element", expr_text::element, r#"[["a","b"],1]"#, r#""b""#),
        ("element", expr_text::element, r#"[["a"],1]"#, "null"),
        ("concat", expr_text::concat, r#"["a",1.50,true]"#, r#""a1.50true""#),
        ("concat", expr_text::concat, r#"["a",{}]"#, "!expected a string, found an object"),
        ("add", expr_number::add_integers, "[9223372036854775806,1]", "9223372036854775807"),
        ("add", expr_number::add_integers, "[9223372036854775807,1]", "!9223372036854775807 + 1 is no whole number of 64 bits"),
        ("add", expr_number::add_integers, "[1.0,1]", "!expected a whole number of 64 bits, found `1.0`"),
        ("add", expr_number::add_integers, r#"["1",1]"#, "!expected a number, found a string"),
        (
            "subtract",
            expr_number::subtract_integers,
            "[-9223372036854775808,1]",
            "!-9223372036854775808 - 1 is no whole number of 64 bits",
        ),
        ("multiply", expr_number::multiply_integers, "[-3,4]", "-12"),
        (
            "multiply",
            expr_number::multiply_integers,
            "[4294967296,4294967296]",
            "!4294967296 * 4294967296 is no whole number of 64 bits",
        ),
        (
            "negate",
            expr_number::negate_integer,
            "[-9223372036854775808]",
            "!-(-9223372036854775808) is no whole number of 64 bits",
        ),
        ("abs", expr_number::absolute_integer, "[-7]", "7"),
        (
            "abs",
            expr_number::absolute_integer,
            "[-9223372036854775808]",
            "!abs(-9223372036854775808) is no whole number of 64 bits",
        ),
        ("add", expr_number::add, "[0.1,0.2]", "0.30000000000000004"),
        ("subtract", expr_number::subtract, "[1,0.5]", "0.5"),
        ("multiply", expr_number::multiply, "[1e308,10]", "!the result is no number"),
        ("divide", expr_number::divide, "[1,4]", "0.25"),
        ("divide", expr_number::divide, "[6,3]", "2.0"),
        ("divide", expr_number::divide, "[1,0]", "!the result is no number"),
        ("divide", expr_number::divide, "[0,0]", "!the result is no number"),
        ("negate", expr_number::negate, "[1.5]", "-1.5"),
        ("abs", expr_number::absolute, "[-1e300]", "1e300"),
        ("floor", expr_number::floor, "[-0.5]", "-1"),
        ("floor", expr_number::floor, "[0.5]", "0"),
        ("round", expr_number::round, "[2.5]", "3"),
        ("round", expr_number::round, "[-2.5]", "-3"),
        ("round", expr_number::round, "[-0.4]", "0"),
        ("round", expr_number::round, "[9e18]", "9000000000000000000"),
        ("round", expr_number::round, "[1e19]", "!1e19 is no whole number of 64 bits"),
        ("round to", expr_number::round_to, "[1.005,1]", "1.0"),
        ("round to", expr_number::round_to, "[123.456,2]", "123.46"),
        ("round to", expr_number::round_to, "[1e300,2]", "1e300"),
        ("add", expr_decimal::add_decimals, "[0.1,0.2]", "0.3"),
        ("add", expr_decimal::add_decimals, r#"["1.50",2]"#, "3.50"),
        ("add", expr_decimal::add_decimals, "[1e3,0.01]", "1000.01"),
        ("subtract", expr_decimal::subtract_decimals, "[1.00,2.5]", "-1.50"),
        ("subtract", expr_decimal::subtract_decimals, "[0.05,0.1]", "-0.05"),
        ("multiply", expr_decimal::multiply_decimals, "[12345678901234567890.5,-2]", "-24691357802469135781.0"),
        (
            "multiply",
            expr_decimal::multiply_decimals,
            "[123456789012345678901234567890,123456789012345678901234567890]",
            "!a decimal of more than 38 digits",
        ),
        ("add", expr_decimal::add_decimals, "[1e40,1]", "!a decimal of more than 38 digits"),
        ("add", expr_decimal::add_decimals, "[1e-60,1]", "!a decimal of more than 38 digits"),
        ("add", expr_decimal::add_decimals, r#"["x",1]"#, "!expected a decimal number, found `x`"),
        ("negate", expr_decimal::negate_decimal, "[0.10]", "-0.10"),
        ("abs", expr_decimal::absolute_decimal, "[-0.10]", "0.10"),
        ("floor", expr_decimal::floor_decimal, "[-1.5]", "-2"),
        ("floor", expr_decimal::floor_decimal, "[99999999999999999999.5]", "!99999999999999999999 is no whole number of 64 bits"),
        ("round", expr_decimal::round_decimal, "[2.5]", "3"),
        ("round", expr_decimal::round_decimal, "[-2.4]", "-2"),
        ("round to", expr_decimal::round_decimal_to, "[1.005,2]", "1.01"),
        ("round to", expr_decimal::round_decimal_to, "[1.5,4]", "1.5"),
        ("date", expr_date::date, r#"["2024-02-29T23:30:00-01:00"]"#, r#""2024-03-01""#),
        ("date", expr_date::date, r#"["2024-02-29"]"#, r#""2024-02-29""#),
        ("date", expr_date::date, r#"[" "]"#, "null"),
        ("date", expr_date::date, r#"["2024-02-30"]"#, "!expected a date and time, found `2024-02-30`"),
        ("year", expr_date::year, r#"["1999-12-31T23:59:59Z"]"#, "1999"),
        ("epoch", expr_date::epoch, r#"["1970-01-01T00:00:01.9Z"]"#, "1"),
        ("epoch", expr_date::epoch, r#"["1969-12-31T23:59:59.5Z"]"#, "-1"),
        ("epoch", expr_date::epoch, r#"["2024-01-01"]"#, "1704067200"),
        ("from_epoch", expr_date::from_epoch, "[1704067200]", r#""2024-01-01T00:00:00Z""#),
        ("from_epoch", expr_date::from_epoch, "[0.5]", r#""1970-01-01T00:00:00.5Z""#),
        ("from_epoch", expr_date::from_epoch, "[1e30]", "!expected a number of seconds, found `1e30`"),
        ("to date-time", expr_date::to_date_time, "[1704067200000]", r#""2024-01-01T00:00:00Z""#),
        ("to date-time", expr_date::to_date_time, r#"["soon"]"#, "!expected a date and time, found `soon`"),
        ("to integer", cast::to_integer, r#"[" 12 "]"#, "12"),
        ("to integer", cast::to_integer, "[1.2e1]", "12"),
        ("to integer", cast::to_integer, "[1.5]", "!expected a whole number, found `1.5`"),
        ("to integer", cast::to_integer, "[true]", "1"),
        ("to integer", cast::to_integer, r#"[""]"#, "null"),
        ("to integer", cast::to_integer, "[[]]", "!expected a whole number, found an array"),
        ("to number", cast::to_number, r#"["+1.50"]"#, "1.5"),
        ("to number", cast::to_number, r#"["x"]"#, "!expected a number, found `x`"),
        ("to decimal", cast::to_decimal, r#"["1.50"]"#, "1.50"),
        (
            "to decimal",
            cast::to_decimal,
            "[1234567890123456789012345678901234567890.10]",
            "1234567890123456789012345678901234567890.10",
        ),
        ("to decimal", cast::to_decimal, r#"["1.5x"]"#, "!expected a decimal number, found `1.5x`"),
        ("to text", cast::to_text, "[1.50]", r#""1.50""#),
        ("to text", cast::to_text, "[true]", r#""true""#),
        ("to text", cast::to_text, "[{}]", "!expected a string, found an object"),
        ("to boolean", cast::to_boolean, r#"["False"]"#, "false"),
        ("to boolean", cast::to_boolean, "[1]", "true"),
        ("to boolean", cast::to_boolean, "[2]", "!expected a boolean, found `2`"),
    ];
    for (name, function, arguments, expected) in cases {
        assert_eq!(call(*function, arguments), *expected, "{name} of {arguments}");
    }
}

const RECORD: &str = r#"{"n":null,"a":1,"b":2.0,"big":18446744073709551617,"t":"x","f":false,"on":true,"tags":["x","y",null],
    "early":"2024-01-01T00:00:00+02:00","late":"2024-01-01T00:00:00Z","o":{"k":[10,{"z":"deep"}]},"twice":1,"twice":2}"#;

const fn path(path: Path) -> Expr {
    Expr::Path(path)
}

const fn key(path: Path) -> Expr {
    Expr::Path(path)
}

static N: Expr = key(&[Segment::Key("n")]);

/// An expression over [`RECORD`], and what it gives.
#[test]
fn expressions() {
    use Segment::{Index, Key};
    static ONE: Expr = Expr::Number("1");
    let cases: &[(&str, Expr, &str)] = &[
        ("a path", path(&[Key("o"), Key("k"), Index(1), Key("z")]), r#""deep""#),
        ("past the end", path(&[Key("o"), Key("k"), Index(2)]), "null"),
        ("through a scalar", path(&[Key("a"), Key("k")]), "null"),
        ("a repeated key", path(&[Key("twice")]), "2"),
        ("1 == 1.0", Expr::Compare(Comparison::Equal, Order::Number, &[Expr::Number("1"), Expr::Number("1.0")]), "true"),
        ("a < b", compare(Comparison::Less, Order::Number, "a", "b"), "true"),
        ("b <= a", compare(Comparison::AtMost, Order::Number, "b", "a"), "false"),
        ("big > b", compare(Comparison::Greater, Order::Number, "big", "b"), "true"),
        ("big >= big", compare(Comparison::AtLeast, Order::Number, "big", "big"), "true"),
        ("early < late", compare(Comparison::Less, Order::Moment, "early", "late"), "true"),
        ("early < late as texts", compare(Comparison::Less, Order::Text, "early", "late"), "true"),
        ("f < on", compare(Comparison::Less, Order::Bool, "f", "on"), "true"),
        ("n == n", compare(Comparison::Equal, Order::Any, "n", "n"), "false"),
        ("n != a", compare(Comparison::Unequal, Order::Any, "n", "a"), "false"),
        ("a == t of any type", compare(Comparison::Equal, Order::Any, "a", "t"), "false"),
        ("a != t of any type", compare(Comparison::Unequal, Order::Any, "a", "t"), "true"),
        ("a < t of any type", compare(Comparison::Less, Order::Any, "a", "t"), "false"),
        ("a == t as numbers", compare(Comparison::Equal, Order::Number, "a", "t"), "!expected a number, found a string"),
        ("a == t as texts", compare(Comparison::Equal, Order::Text, "a", "t"), "!expected a string, found a number"),
        ("n is null", Expr::IsNull(&N), "true"),
        ("absent is null", Expr::IsNull(&Expr::Path(&[Key("absent")])), "true"),
        ("not n", Expr::Not(&N), "true"),
        ("not a", Expr::Not(&Expr::Path(&[Key("a")])), "!expected a boolean, found a number"),
        ("n and bad", Expr::And(&[Expr::Path(&[Key("n")]), Expr::Path(&[Key("a")])]), "false"),
        ("on or bad", Expr::Or(&[Expr::Path(&[Key("on")]), Expr::Path(&[Key("a")])]), "true"),
        ("f or bad", Expr::Or(&[Expr::Path(&[Key("f")]), Expr::Path(&[Key("a")])]), "!expected a boolean, found a number"),
        ("t in list", Expr::In(Order::Text, &Expr::Path(&[Key("t")]), &[Expr::Text("y"), Expr::Text("x")]), "true"),
        ("n in list", Expr::In(Order::Text, &Expr::Path(&[Key("n")]), &[Expr::Text("y"), Expr::Text("x")]), "false"),
        ("t in tags", Expr::Among(Order::Text, &[Expr::Path(&[Key("t")]), Expr::Path(&[Key("tags")])]), "true"),
        ("z in tags", Expr::Among(Order::Text, &[Expr::Text("z"), Expr::Path(&[Key("tags")])]), "false"),
        ("z in absent", Expr::Among(Order::Text, &[Expr::Text("z"), Expr::Path(&[Key("absent")])]), "false"),
        ("z in a", Expr::Among(Order::Text, &[Expr::Text("z"), Expr::Path(&[Key("a")])]), "!expected an array, found a number"),
        ("if on", Expr::If(&[Expr::Path(&[Key("on")]), Expr::Text("yes"), Expr::Text("no")]), r#""yes""#),
        ("if n", Expr::If(&[Expr::Path(&[Key("n")]), Expr::Text("yes"), Expr::Text("no")]), r#""no""#),
        ("coalesce", Expr::Coalesce(&[Expr::Path(&[Key("n")]), Expr::Path(&[Key("absent")]), Expr::Text("z")]), r#""z""#),
        ("coalesce nothing", Expr::Coalesce(&[Expr::Null, Expr::Path(&[Key("n")])]), "null"),
        ("n + 1", Expr::Call(expr_number::add_integers, &[Expr::Path(&[Key("n")]), Expr::Number("1")]), "null"),
        ("a + 1", Expr::Call(expr_number::add_integers, &[Expr::Path(&[Key("a")]), Expr::Number("1")]), "2"),
    ];
    let record = tree(RECORD);
    for (name, expr, expected) in cases {
        let found = match expr.value(&record) {
            Ok(value) => value.to_json(),
            Err(unfit) => format!("!{}", unfit.0),
        };
        assert_eq!(found, *expected, "{name}");
    }
    assert_eq!(ONE.value(&record).expect("a literal").to_json(), "1");
}

fn compare(comparison: Comparison, order: Order, a: &'static str, b: &'static str) -> Expr {
    let path = |name: &'static str| Expr::Path(Box::leak(Box::new([Segment::Key(name)])));
    Expr::Compare(comparison, order, Box::leak(Box::new([path(a), path(b)])))
}

/// Known answers: FIPS 180-2, and RFC 4231 (test case 2).
#[test]
fn digests() {
    assert_eq!(hash::sha256("abc", None), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(
        hash::sha256("what do ya want for nothing?", Some("Jefe")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    assert_ne!(hash::sha256("abc", Some("k")), hash::sha256("abc", None));
}

/// Any JSON value.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter("JSON has no other", |value| value.is_finite()).prop_map(|value| format!("{value:?}")),
        "-?[1-9][0-9]{0,45}(\\.[0-9]{1,45})?([eE]-?[0-9]{1,3})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).expect("a text is JSON")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::vec(("[a-c]", inner), 0..4).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(key, value)| format!("{key:?}:{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

const ALL: &[Function] = &[
    expr_text::lower,
    expr_text::upper,
    expr_text::trim,
    expr_text::length,
    expr_text::contains,
    expr_text::starts_with,
    expr_text::ends_with,
    expr_text::replace,
    expr_text::substring,
    expr_text::split,
    expr_text::element,
    expr_text::concat,
    expr_number::add_integers,
    expr_number::subtract_integers,
    expr_number::multiply_integers,
    expr_number::negate_integer,
    expr_number::absolute_integer,
    expr_number::add,
    expr_number::subtract,
    expr_number::multiply,
    expr_number::divide,
    expr_number::negate,
    expr_number::absolute,
    expr_number::floor,
    expr_number::round,
    expr_number::round_to,
    expr_decimal::add_decimals,
    expr_decimal::subtract_decimals,
    expr_decimal::multiply_decimals,
    expr_decimal::negate_decimal,
    expr_decimal::absolute_decimal,
    expr_decimal::floor_decimal,
    expr_decimal::round_decimal,
    expr_decimal::round_decimal_to,
    expr_date::date,
    expr_date::year,
    expr_date::epoch,
    expr_date::from_epoch,
    expr_date::to_date_time,
    cast::to_integer,
    cast::to_number,
    cast::to_decimal,
    cast::to_text,
    cast::to_boolean,
];

proptest! {
    /// No function panics, whatever it is given, and what it gives is JSON.
    #[test]
    fn no_value_is_too_odd(function in prop::sample::select(ALL), arguments in prop::collection::vec(json(), 0..4)) {
        let found = call(function, &format!("[{}]", arguments.join(",")));
        if !found.starts_with('!') {
            tree(&found);
        }
    }

    /// A tree is written as what it was read from.
    #[test]
    fn a_tree_loses_nothing(text in json()) {
        let again = tree(&text).to_json();
        prop_assert_eq!(tree(&again), tree(&text));
    }
}
