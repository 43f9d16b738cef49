//! A parser that is not ours reads every text as it was meant.

use promql::prelude::*;
use promql_parser::{label::MatchOp, parser};
use proptest::prelude::*;

use super::{
    corpus::corpus,
    definitions::*,
    generator::{expressions, text},
};

#[test]
fn every_form_parses() {
    for expr in corpus() {
        for style in [Style::default(), Style { scale: 60.0 }] {
            parsed(&expr.one_line(style));
            assert_eq!(parsed(&expr.one_line(style)), parsed(&expr.render(style)), "{expr}");
        }
    }
}

#[test]
fn no_parentheses_are_superfluous() {
    for expr in corpus() {
        let text = grafana_free(&expr.to_string());
        let tree = parsed(&text);
        for (open, _) in text.match_indices('(') {
            let Some(shorter) = without_parentheses(&text, open) else { continue };
            let same = parser::parse(&shorter).is_ok_and(|it| stripped(it) == tree);
            assert!(!same, "{shorter} says the same as {text}");
        }
    }
}

proptest! {
    #[test]
    fn random_expressions_are_read_as_they_were_built(generated in expressions()) {
        let expr = generated.vector.expr();
        let text = expr.to_string();
        let tree = parsed(&text);
        prop_assert_eq!(&tree, &parsed(&generated.parenthesized), "{}", text);
        prop_assert_eq!(&tree, &parsed(&expr.render(Style::default())), "{}", text);
        parsed(&expr.render(Style { scale: 1440.0 }));
        // Both must come to an end, whatever the expression.
        let _ = (expr.problems(seconds(15)), expr.labels());
    }

    #[test]
    fn a_matcher_s_value_comes_back(value in text()) {
        let text = PENDING.filter(Queue::queue.eq(value.clone())).text();
        let parser::Expr::VectorSelector(selector) = parsed(&text) else {
            panic!("no selector: {text}");
        };
        let matcher = &selector.matchers.matchers[0];
        prop_assert_eq!((&*matcher.name, &matcher.op), ("queue", &MatchOp::Equal));
        prop_assert_eq!(&matcher.value, &value);
    }

    #[test]
    fn alternatives_are_literal(values in prop::collection::vec(".{0,5}", 1..4), other in ".{0,5}") {
        let text = PENDING.filter(Queue::queue.one_of(values.clone())).text();
        let parser::Expr::VectorSelector(selector) = parsed(&text) else {
            panic!("no selector: {text}");
        };
        let matcher = &selector.matchers.matchers[0];
        let MatchOp::Re(_) = &matcher.op else { panic!("no regular expression: {text}") };
        let regex = regex::Regex::new(&format!("^(?s:{})$", matcher.value)).unwrap();
        prop_assert!(values.iter().all(|it| regex.is_match(it)), "{}", text);
        prop_assert_eq!(regex.is_match(&other), values.contains(&other), "{}", text);
    }

    #[test]
    fn numbers_are_read_back(value: f64) {
        let text = promql::number(value);
        let read: f64 = text.parse().unwrap();
        let close = (read - value).abs() <= value.abs() * 1e-14;
        let same = read.total_cmp(&value).is_eq() || value.is_nan();
        prop_assert!(close || same, "{} printed as {}", value, text);
    }
}

/// The tree of a text, without parentheses.
fn parsed(text: &str) -> parser::Expr {
    match parser::parse(&grafana_free(text)) {
        Ok(tree) => stripped(tree),
        Err(error) => panic!("{error}: {text}"),
    }
}

/// Grafana fills these in before Prometheus reads the text.
fn grafana_free(text: &str) -> String {
    text.replace("$__rate_interval", "5m").replace("$__range", "1h")
}

fn stripped(tree: parser::Expr) -> parser::Expr {
    use parser::Expr as E;
    let inner = |it: Box<E>| Box::new(stripped(*it));
    match tree {
        E::Paren(paren) => stripped(*paren.expr),
        E::Aggregate(it) => E::Aggregate(parser::AggregateExpr {
            expr: inner(it.expr),
            param: it.param.map(inner),
            ..it
        }),
        E::Unary(it) => E::Unary(parser::UnaryExpr { expr: inner(it.expr) }),
        E::Binary(it) => {
            E::Binary(parser::BinaryExpr { lhs: inner(it.lhs), rhs: inner(it.rhs), ..it })
        }
        E::Subquery(it) => E::Subquery(parser::SubqueryExpr { expr: inner(it.expr), ..it }),
        E::Call(mut it) => {
            it.args.args = it.args.args.into_iter().map(inner).collect();
            E::Call(it)
        }
        other => other,
    }
}

/// The text without one pair of parentheses, unless they belong to a name or a keyword.
fn without_parentheses(text: &str, open: usize) -> Option<String> {
    let before = text[..open].trim_end();
    let grouping = [")", "by", "without", "on", "ignoring", "group_left", "group_right"]
        .iter()
        .any(|it| before.ends_with(it));
    let called = text[..open].ends_with(|it: char| it.is_ascii_alphanumeric() || it == '_');
    let quoted = text[..open].matches('"').count() % 2 == 1;
    if grouping || called || quoted {
        return None;
    }
    let mut depth = 0;
    for (i, character) in text.char_indices().skip_while(|(i, _)| *i < open) {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth == 0 {
            // `x offset 1h[1d:5m]` could do without, a reader could not.
            if text[i + 1..].starts_with('[') {
                return None;
            }
            return Some([&text[..open], &text[open + 1..i], &text[i + 1..]].concat());
        }
    }
    None
}
