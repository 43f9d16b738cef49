//! Finds mistakes that the types do not exclude: joins on missing labels, windows that are too
//! short, divisors that may be zero.

mod dimension;
mod labels;
mod problem;

use std::{collections::BTreeSet, time::Duration};

use self::labels::SeriesLabels;
pub use self::{dimension::Dimension, problem::Problem};
use crate::ast::{Binary, Expr, Group, Grouping, LabelName, Match, Node, Operator, Window};

impl Expr {
    /// Finds the problems of the expression for targets scraped every `scrape_interval`.
    pub fn problems(&self, scrape_interval: Duration) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.visit(&mut |expr| match &expr.0 {
            Node::Call { function, arguments } => {
                check_call(expr, function, arguments, scrape_interval, &mut problems);
            }
            Node::Aggregate { operator, parameter, grouping, of } => {
                if *operator == "quantile" {
                    check_quantile(parameter.unwrap_or_default(), &mut problems);
                }
                if let Grouping::By(labels) | Grouping::Without(labels) = grouping {
                    check_carried(of, labels, &mut problems);
                }
            }
            Node::Binary(binary) => check_binary(expr, binary, &mut problems),
            _ => {}
        });
        problems
    }
}

fn check_call(
    call: &Expr,
    function: &str,
    arguments: &[Expr],
    scrape_interval: Duration,
    problems: &mut Vec<Problem>,
) {
    let least = 4 * scrape_interval;
    match function {
        "rate" | "irate" | "increase" | "delta" | "deriv" => {
            if let Node::Range { window: Window::Fixed(window), step: None, .. } = arguments[0].0
                && window < least
            {
                problems.push(Problem::ShortWindow { window, least, at: call.to_string() });
            }
        }
        "histogram_quantile" | "quantile_over_time" => {
            if let Node::Number(quantile) = arguments[0].0 {
                check_quantile(quantile, problems);
            }
        }
        "label_replace" => {
            if let (Some(carried), Node::Text(from)) =
                (arguments[0].series_labels(), &arguments[3].0)
                && !carried.has(&LabelName { name: from.clone().into(), target: true })
            {
                problems
                    .push(Problem::LostLabel { label: from.clone(), of: arguments[0].to_string() });
            }
        }
        _ => {}
    }
}

fn check_quantile(quantile: f64, problems: &mut Vec<Problem>) {
    if !(0.0..=1.0).contains(&quantile) {
        problems.push(Problem::InvalidQuantile { quantile });
    }
}

fn check_carried(of: &Expr, labels: &[LabelName], problems: &mut Vec<Problem>) {
    let carried = of.series_labels().unwrap_or_default();
    for label in labels.iter().filter(|it| !carried.has(it)) {
        problems.push(Problem::LostLabel { label: label.name.to_string(), of: of.to_string() });
    }
}

fn check_binary(expr: &Expr, binary: &Binary, problems: &mut Vec<Problem>) {
    let Binary { operator, matching, left, right, .. } = binary;
    if matches!(operator, Operator::Divide | Operator::Modulo) && may_be_zero(right) {
        problems.push(Problem::DivisionByZero { divisor: right.to_string() });
    }
    let (Some(of_left), Some(of_right)) = (left.series_labels(), right.series_labels()) else {
        return;
    };
    if let Some(Match { on, labels, group }) = matching {
        if *on {
            check_carried(left, labels, problems);
            check_carried(right, labels, problems);
        }
        match group {
            Group::None => {}
            Group::Left(included) => check_carried(right, included, problems),
            Group::Right(included) => check_carried(left, included, problems),
        }
    }
    // `or` may combine series of different labels.
    if *operator != Operator::Or {
        check_matching(expr, binary, &of_left, &of_right, problems);
    }
}

/// Checks that each series of one side matches at most one of the other, and some do.
fn check_matching(
    expr: &Expr,
    binary: &Binary,
    of_left: &SeriesLabels,
    of_right: &SeriesLabels,
    problems: &mut Vec<Problem>,
) {
    let Binary { operator, matching, .. } = binary;
    let at = || expr.to_string();
    let matched_left = of_left.matched(matching.as_ref());
    let matched_right = of_right.matched(matching.as_ref());
    let group = matching.as_ref().map_or(&Group::None, |it| &it.group);
    if !matches!(matching, Some(Match { on: true, .. })) {
        let (left, right) = (names(&matched_left), names(&matched_right));
        if left != right {
            problems.push(Problem::LabelsDiffer {
                left: &left - &right,
                right: &right - &left,
                at: at(),
            });
            return;
        }
    }
    for (label, value) in matched_left.known() {
        let theirs = matched_right.known().get(label).and_then(Option::as_ref);
        if let (Some(value), Some(theirs)) = (value, theirs)
            && value != theirs
        {
            problems.push(Problem::NeverMatches { label: label.clone(), at: at() });
        }
    }
    if operator.is_set() {
        return;
    }
    let mut open = BTreeSet::new();
    if !matches!(group, Group::Left(_)) {
        open.extend(unmatched(of_left, &matched_left));
    }
    if !matches!(group, Group::Right(_)) {
        open.extend(unmatched(of_right, &matched_right));
    }
    // A label that `group_left` copies from the "one" side may differ there: an info metric has one
    // series per set of matched labels.
    if let Group::Left(included) | Group::Right(included) = group {
        open.retain(|it| included.iter().all(|label| label.name != *it));
    }
    if !open.is_empty() {
        problems.push(Problem::Ambiguous { labels: open, at: at() });
    }
}

fn names(carried: &SeriesLabels) -> BTreeSet<String> {
    carried.known().keys().cloned().collect()
}

/// The labels that are not matched by and have no fixed value.
fn unmatched(carried: &SeriesLabels, matched: &SeriesLabels) -> BTreeSet<String> {
    let free = carried.known().iter().filter(|(_, value)| value.is_none());
    free.map(|(name, _)| name.clone()).filter(|it| !matched.known().contains_key(it)).collect()
}

/// Whether nothing in the divisor keeps it from being zero.
fn may_be_zero(divisor: &Expr) -> bool {
    match &divisor.0 {
        Node::Number(value) => *value == 0.0,
        Node::Seconds(duration) => duration.is_zero(),
        Node::Call { function, arguments } => match *function {
            "time" => false,
            "vector" | "scalar" | "abs" | "sort" | "sort_desc" => may_be_zero(&arguments[0]),
            "clamp_min" => !matches!(arguments[1].0, Node::Number(least) if least > 0.0),
            _ => true,
        },
        // The smallest or largest of nonzero values is nonzero.
        Node::Aggregate { operator, of, .. } => match *operator {
            "count" | "group" => false,
            "min" | "max" | "topk" | "bottomk" => may_be_zero(of),
            _ => true,
        },
        Node::Binary(binary) => match binary.operator {
            _ if binary.returns_bool => true,
            Operator::Greater => !matches!(binary.right.0, Node::Number(it) if it >= 0.0),
            Operator::GreaterOrEqual => !matches!(binary.right.0, Node::Number(it) if it > 0.0),
            Operator::NotEqual => !matches!(binary.right.0, Node::Number(0.0)),
            Operator::And | Operator::Unless => may_be_zero(&binary.left),
            Operator::Or | Operator::Multiply => {
                may_be_zero(&binary.left) || may_be_zero(&binary.right)
            }
            _ => true,
        },
        _ => true,
    }
}
