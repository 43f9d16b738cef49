//! Expressions as text: parentheses only where precedence asks for them.

use super::{
    expr::{Binary, Expr, Group, Grouping, Match, Node, Operator, Series},
    matcher::{LabelName, quoted},
    number::{Style, number},
};

/// Longer lines are broken.
const WIDTH: usize = 88;

pub(super) fn flat(expr: &Expr, style: Style) -> String {
    match &expr.0 {
        Node::Number(value) => number(*value),
        Node::Seconds(duration) => style.seconds(*duration),
        Node::Text(text) => quoted(text),
        Node::Series(series) => selector(series) + &offset(series, style),
        Node::Range { of, window, step } => {
            let (inner, tail) = (&**of, style.window(*window));
            match (&inner.0, step) {
                (_, Some(step)) => {
                    let range = format!("[{tail}:{}]", style.duration(*step));
                    wrapped(inner, in_subquery(inner), style) + &range
                }
                (Node::Series(series), None) => {
                    format!("{}[{tail}]{}", selector(series), offset(series, style))
                }
                (_, None) => format!("{}[{tail}]", flat(inner, style)),
            }
        }
        Node::Call { function, arguments } => {
            let arguments: Vec<_> = arguments.iter().map(|it| flat(it, style)).collect();
            format!("{function}({})", arguments.join(", "))
        }
        Node::Aggregate { operator, parameter, grouping, of } => {
            let parameter = parameter.map(|it| number(it) + ", ").unwrap_or_default();
            format!("{operator}{}({parameter}{})", clause(grouping), flat(of, style))
        }
        Node::Binary(binary) => format!(
            "{} {} {}",
            wrapped(&binary.left, left_needs(binary), style),
            operator(binary),
            wrapped(&binary.right, right_needs(binary), style),
        ),
    }
}

pub(super) fn pretty(expr: &Expr, style: Style) -> String {
    lines(expr, 0, style)
}

/// The text, its lines after the first indented by `indent`.
fn lines(expr: &Expr, indent: usize, style: Style) -> String {
    let text = flat(expr, style);
    if indent + text.len() <= WIDTH {
        return text;
    }
    let inner = indent + 2;
    let (outer_margin, margin) = (" ".repeat(indent), " ".repeat(inner));
    let block = |head: &str, parts: &[String]| {
        let parts = parts.join(&format!(",\n{margin}"));
        format!("{head}(\n{margin}{parts}\n{outer_margin})")
    };
    match &expr.0 {
        Node::Number(_) | Node::Seconds(_) | Node::Text(_) | Node::Series(_) => text,
        Node::Range { of, window, step } => {
            let Some(step) = step else { return text };
            let range = format!("[{}:{}]", style.window(*window), style.duration(*step));
            if in_subquery(of) {
                block("", &[lines(of, inner, style)]) + &range
            } else {
                lines(of, indent, style) + &range
            }
        }
        Node::Call { function, arguments } => {
            let parts: Vec<_> = arguments.iter().map(|it| lines(it, inner, style)).collect();
            block(function, &parts)
        }
        Node::Aggregate { operator, parameter, grouping, of } => {
            let mut parts: Vec<_> = parameter.map(number).into_iter().collect();
            parts.push(lines(of, inner, style));
            block(&format!("{operator}{}", clause(grouping)), &parts)
        }
        Node::Binary(binary) => {
            let side = |side: &Expr, needs: bool| {
                let body = if needs {
                    let deeper = " ".repeat(inner + 2);
                    let text = flat(side, style);
                    if inner + text.len() + 2 <= WIDTH {
                        format!("({text})")
                    } else {
                        format!("(\n{deeper}{}\n{margin})", lines(side, inner + 2, style))
                    }
                } else {
                    lines(side, inner, style)
                };
                format!("  {body}")
            };
            let left = match &binary.left.0 {
                // `a or b or c` stays one column.
                Node::Binary(left)
                    if !left_needs(binary)
                        && left.operator.precedence() == binary.operator.precedence()
                        && broken(&binary.left, indent, style) =>
                {
                    lines(&binary.left, indent, style)
                }
                _ => side(&binary.left, left_needs(binary)),
            };
            let right = side(&binary.right, right_needs(binary));
            format!("{left}\n{outer_margin}{}\n{outer_margin}{right}", operator(binary))
        }
    }
}

fn broken(expr: &Expr, indent: usize, style: Style) -> bool {
    indent + flat(expr, style).len() > WIDTH
}

fn selector(series: &Series) -> String {
    let name = series.name();
    if series.matchers.is_empty() {
        return name;
    }
    let matchers: Vec<_> = series.matchers.iter().map(ToString::to_string).collect();
    format!("{name}{{{}}}", matchers.join(","))
}

fn offset(series: &Series, style: Style) -> String {
    series.offset.map(|it| format!(" offset {}", style.duration(it))).unwrap_or_default()
}

fn operator(binary: &Binary) -> String {
    let text = binary.operator.text();
    let suffix = if binary.returns_bool { " bool" } else { "" };
    let Some(Match { on, labels, group }) = &binary.matching else {
        return format!("{text}{suffix}");
    };
    let on = if *on { "on" } else { "ignoring" };
    let group = match group {
        Group::None => String::new(),
        Group::Left(labels) => format!(" group_left ({})", names(labels)),
        Group::Right(labels) => format!(" group_right ({})", names(labels)),
    };
    format!("{text}{suffix} {on} ({}){group}", names(labels))
}

fn clause(grouping: &Grouping) -> String {
    match grouping {
        Grouping::All => String::new(),
        Grouping::By(labels) => format!(" by ({}) ", names(labels)),
        Grouping::Without(labels) => format!(" without ({}) ", names(labels)),
    }
}

fn names(labels: &[LabelName]) -> String {
    let names: Vec<&str> = labels.iter().map(|it| &*it.name).collect();
    names.join(", ")
}

fn wrapped(expr: &Expr, needs: bool, style: Style) -> String {
    if needs { format!("({})", flat(expr, style)) } else { flat(expr, style) }
}

/// Only what ends in a bracket or a name can be followed by a subquery's range.
fn in_subquery(expr: &Expr) -> bool {
    match &expr.0 {
        Node::Binary(_) => true,
        Node::Series(series) => series.offset.is_some(),
        _ => false,
    }
}

fn left_needs(binary: &Binary) -> bool {
    let own = binary.operator.precedence();
    match &binary.left.0 {
        Node::Binary(left) => {
            let theirs = left.operator.precedence();
            theirs < own || theirs == own && binary.operator == Operator::Power
        }
        // `-1 ^ 2` is `-(1 ^ 2)`.
        Node::Number(value) => binary.operator == Operator::Power && *value < 0.0,
        _ => false,
    }
}

fn right_needs(binary: &Binary) -> bool {
    let own = binary.operator.precedence();
    match &binary.right.0 {
        Node::Binary(right) => {
            let theirs = right.operator.precedence();
            theirs < own || theirs == own && binary.operator != Operator::Power
        }
        _ => false,
    }
}
