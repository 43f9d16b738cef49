//! Expressions as text, with parentheses only where precedence needs them.

mod text;

use std::fmt;

use self::text::quoted;
pub use self::text::{Style, number};
use crate::ast::{
    Binary, Expr, Group, Grouping, LabelName, Match, MatchOperator, Matcher, Node, Operator, Series,
};

/// Longer lines are broken.
const WIDTH: usize = 88;

impl Expr {
    /// The text, broken into lines where it is long.
    pub fn render(&self, style: Style) -> String {
        pretty(self, style)
    }

    /// The text in one line.
    pub fn one_line(&self, style: Style) -> String {
        flat(self, style)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.one_line(Style::default()))
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = match self.operator {
            MatchOperator::Equal => "=",
            MatchOperator::NotEqual => "!=",
            MatchOperator::Matches => "=~",
            MatchOperator::NotMatches => "!~",
        };
        write!(f, "{}{operator}{}", self.label.name, quoted(&self.value))
    }
}

fn flat(expr: &Expr, style: Style) -> String {
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

fn pretty(expr: &Expr, style: Style) -> String {
    lines(expr, Place { column: 0, margin: 0, operators: 0 }, style)
}

/// The position of a part of the text.
#[derive(Clone, Copy)]
struct Place {
    /// Where its first line begins.
    column: usize,
    /// How far the lines after it are indented.
    margin: usize,
    /// How far an operator at the start of a line is indented: the tighter, the farther.
    operators: usize,
}

impl Place {
    /// On separate lines, inside parentheses.
    fn inside(self) -> Self {
        let margin = self.margin + 2;
        Self { column: margin, margin, operators: margin }
    }
}

fn lines(expr: &Expr, place: Place, style: Style) -> String {
    let text = flat(expr, style);
    if place.column + text.len() <= WIDTH {
        return text;
    }
    let inside = |it: &Expr| lines(it, place.inside(), style);
    match &expr.0 {
        Node::Number(_)
        | Node::Seconds(_)
        | Node::Text(_)
        | Node::Series(_)
        | Node::Range { step: None, .. } => text,
        Node::Range { of, window, step: Some(step) } => {
            let range = format!("[{}:{}]", style.window(*window), style.duration(*step));
            operand(of, in_subquery(of), place, style) + &range
        }
        Node::Call { function, arguments } => {
            let parts: Vec<_> = arguments.iter().map(inside).collect();
            block(function, &parts, place)
        }
        Node::Aggregate { operator, parameter, grouping, of } => {
            let parts: Vec<_> = parameter.map(number).into_iter().chain([inside(of)]).collect();
            block(&format!("{operator}{}", clause(grouping)), &parts, place)
        }
        Node::Binary(binary) => {
            let operator = operator(binary);
            // `1 - (` may begin a line.
            if let Node::Number(_) | Node::Seconds(_) = binary.left.0 {
                let head = format!("{} {operator} ", flat(&binary.left, style));
                let right = Place { column: place.column + head.len(), ..place };
                return head + &operand(&binary.right, right_needs(binary), right, style);
            }
            let margin = place.operators;
            let column = margin + operator.len() + 1;
            // `a or b or c` has its operators in one column.
            let same = matches!(&binary.left.0, Node::Binary(left)
                if left.operator.precedence() == binary.operator.precedence());
            let left = Place { operators: if same { margin } else { margin + 2 }, ..place };
            let right = Place { column, margin, operators: margin + 2 };
            format!(
                "{}\n{}{operator} {}",
                operand(&binary.left, left_needs(binary), left, style),
                " ".repeat(margin),
                operand(&binary.right, right_needs(binary), right, style),
            )
        }
    }
}

fn operand(expr: &Expr, needs_parentheses: bool, place: Place, style: Style) -> String {
    if !needs_parentheses {
        return lines(expr, place, style);
    }
    let text = flat(expr, style);
    if place.column + text.len() + 2 <= WIDTH {
        return format!("({text})");
    }
    block("", &[lines(expr, place.inside(), style)], place)
}

/// Parentheses with each part on separate lines.
fn block(head: &str, parts: &[String], place: Place) -> String {
    let (outer, inner) = (" ".repeat(place.margin), " ".repeat(place.margin + 2));
    format!("{head}(\n{inner}{}\n{outer})", parts.join(&format!(",\n{inner}")))
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

/// Whether a subquery's range needs parentheses around this expression.
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
