//! Expressions with Grafana's variables, as Prometheus would parse them.

use promql_parser::parser::{self, Expr, VectorSelector};

/// Placeholders for Grafana's own variables: durations that no expression contains.
const SENTINELS: [(&str, &str); 3] =
    [("__rate_interval", "7919s"), ("__interval", "7907s"), ("__range", "7901s")];

/// What a variable named `name` becomes within a string.
pub(crate) fn sentinel(name: &str) -> String {
    format!("sentinel_{name}")
}

/// Parses the expression, its variables put in; the error is the parser's.
pub(crate) fn parse(text: &str) -> Result<Expr, String> {
    parser::parse(&substituted(text))
}

fn substituted(text: &str) -> String {
    let names = variables(text);
    names.iter().fold(text.to_owned(), |text, name| {
        let known = SENTINELS.iter().find(|(it, _)| it == name);
        let value = known.map_or_else(|| sentinel(name), |(_, value)| (*value).to_owned());
        text.replace(&format!("${{{name}}}"), &value).replace(&format!("${name}"), &value)
    })
}

/// The names of the variables in a text, the longest first: `$name`, `${name}`.
pub(crate) fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text
        .split('$')
        .skip(1)
        .map(|rest| {
            let rest = rest.trim_start_matches('{');
            rest.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '_').collect()
        })
        .filter(|it: &String| !it.is_empty())
        .collect();
    names.sort_by_key(|it| std::cmp::Reverse(it.len()));
    names.dedup();
    names
}

/// Whether the range is `$__rate_interval`.
pub(crate) fn is_rate_interval(range: std::time::Duration) -> bool {
    range.as_secs() == 7919
}

/// Shows each node with those above it, the outermost first.
pub(crate) fn walk<'a>(expr: &'a Expr, see: &mut impl FnMut(&'a Expr, &[&'a Expr])) {
    descend(expr, &mut Vec::new(), see);
}

fn descend<'a>(
    expr: &'a Expr,
    above: &mut Vec<&'a Expr>,
    see: &mut impl FnMut(&'a Expr, &[&'a Expr]),
) {
    see(expr, above);
    above.push(expr);
    match expr {
        Expr::Aggregate(it) => descend(&it.expr, above, see),
        Expr::Unary(it) => descend(&it.expr, above, see),
        Expr::Paren(it) => descend(&it.expr, above, see),
        Expr::Subquery(it) => descend(&it.expr, above, see),
        Expr::Binary(it) => {
            descend(&it.lhs, above, see);
            descend(&it.rhs, above, see);
        }
        Expr::Call(it) => {
            for argument in &it.args.args {
                descend(argument, above, see);
            }
        }
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Extension(_) => {}
    }
    above.pop();
}

/// Every selector, of ranges as well.
pub(crate) fn selectors(expr: &Expr) -> Vec<&VectorSelector> {
    let mut found = Vec::new();
    walk(expr, &mut |node, _| match node {
        Expr::VectorSelector(selector) => found.push(selector),
        Expr::MatrixSelector(matrix) => found.push(&matrix.vs),
        _ => {}
    });
    found
}

/// The name of the function that is called directly on the node.
pub(crate) fn caller<'a>(above: &[&'a Expr]) -> &'a str {
    match above.last() {
        Some(Expr::Call(call)) => call.func.name,
        _ => "",
    }
}
