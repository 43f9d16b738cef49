//! What the types cannot rule out: joins on labels that are gone, windows too short, divisors
//! that may be zero.

use std::{collections::BTreeSet, fmt, time::Duration};

use crate::{
    expr::Expr,
    flow::Flow,
    label::LabelName,
    number::{Style, Window, number},
    tree::{Binary, Group, Grouping, Match, Node, Operator},
};

/// Something in an expression that will not do what it says.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// A label is grouped or matched by, or taken over, though the series do not carry it (any more).
    LostLabel {
        /// The label.
        label: String,
        /// The expression whose series lack it.
        of: String,
    },
    /// The labels of an operator's sides differ, so that none of their series match.
    LabelsDiffer {
        /// On the left only.
        left: BTreeSet<String>,
        /// On the right only.
        right: BTreeSet<String>,
        /// The operation.
        at: String,
    },
    /// A label has one fixed value on the left and another on the right.
    NeverMatches {
        /// The label.
        label: String,
        /// The operation.
        at: String,
    },
    /// Several series of one side may match one of the other, which Prometheus refuses.
    Ambiguous {
        /// What the matching leaves open.
        labels: BTreeSet<String>,
        /// The operation.
        at: String,
    },
    /// A rate over a window that a missed scrape or two leave without two samples.
    ShortWindow {
        /// The window.
        window: Duration,
        /// The shortest that will do.
        least: Duration,
        /// The call.
        at: String,
    },
    /// A divisor that may be zero.
    DivisionByZero {
        /// The divisor.
        divisor: String,
    },
    /// A quantile that is not a share between 0 and 1.
    BadShare {
        /// The share.
        share: f64,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |it: &BTreeSet<String>| it.iter().cloned().collect::<Vec<_>>().join(", ");
        match self {
            Self::LostLabel { label, of } => {
                write!(f, "the series of `{of}` do not carry the label `{label}`")
            }
            Self::LabelsDiffer { left, right, at } => write!(
                f,
                "no series match in `{at}`: only the left side carries [{}], only the right [{}]; \
                 say `on` or `ignoring`",
                list(left),
                list(right)
            ),
            Self::NeverMatches { label, at } => write!(
                f,
                "no series match in `{at}`: the sides fix different values of `{label}`; \
                 say `ignoring`"
            ),
            Self::Ambiguous { labels, at } => write!(
                f,
                "several series may match one in `{at}`, told apart only by [{}]; \
                 aggregate them away or say `group_left`",
                list(labels)
            ),
            Self::ShortWindow { window, least, at } => {
                let style = Style::default();
                let (window, least) = (style.duration(*window), style.duration(*least));
                write!(f, "the window {window} of `{at}` is shorter than {least}, four scrapes")
            }
            Self::DivisionByZero { divisor } => {
                write!(f, "the divisor `{divisor}` may be zero; use `div_nonzero`")
            }
            Self::BadShare { share } => {
                write!(f, "the quantile {} is not between 0 and 1", number(*share))
            }
        }
    }
}

impl Expr {
    /// What is wrong with the expression, when targets are scraped every `scrape_interval`.
    pub fn problems(&self, scrape_interval: Duration) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.visit(&mut |expr| match &expr.0 {
            Node::Call { function, arguments } => {
                check_call(expr, function, arguments, scrape_interval, &mut problems);
            }
            Node::Aggregate { operator, parameter, grouping, of } => {
                if *operator == "quantile" {
                    check_share(parameter.unwrap_or_default(), &mut problems);
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
            if let Node::Number(share) = arguments[0].0 {
                check_share(share, problems);
            }
        }
        "label_replace" => {
            if let (Some(flow), Node::Text(from)) = (arguments[0].flow(), &arguments[3].0)
                && !flow.has(&LabelName { name: from.clone().into(), target: true })
            {
                problems
                    .push(Problem::LostLabel { label: from.clone(), of: arguments[0].to_string() });
            }
        }
        _ => {}
    }
}

fn check_share(share: f64, problems: &mut Vec<Problem>) {
    if !(0.0..=1.0).contains(&share) {
        problems.push(Problem::BadShare { share });
    }
}

fn check_carried(of: &Expr, labels: &[LabelName], problems: &mut Vec<Problem>) {
    let flow = of.flow().unwrap_or_default();
    for label in labels.iter().filter(|it| !flow.has(it)) {
        problems.push(Problem::LostLabel { label: label.name.to_string(), of: of.to_string() });
    }
}

fn check_binary(expr: &Expr, binary: &Binary, problems: &mut Vec<Problem>) {
    let Binary { operator, matching, left, right, .. } = binary;
    if matches!(operator, Operator::Divide | Operator::Modulo) && may_be_zero(right) {
        problems.push(Problem::DivisionByZero { divisor: right.to_string() });
    }
    let (Some(of_left), Some(of_right)) = (left.flow(), right.flow()) else { return };
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
    // `or` puts series of different labels side by side, and that is its use.
    if *operator == Operator::Or {
        return;
    }
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
        open.extend(left_open(&of_left, &matched_left));
    }
    if !matches!(group, Group::Right(_)) {
        open.extend(left_open(&of_right, &matched_right));
    }
    // What a series takes over from the "one" side tells that side's series apart by design:
    // a fact such as `_info` has one series for the labels that are matched.
    if let Group::Left(included) | Group::Right(included) = group {
        open.retain(|it| included.iter().all(|label| label.name != *it));
    }
    if !open.is_empty() {
        problems.push(Problem::Ambiguous { labels: open, at: at() });
    }
}

fn names(flow: &Flow) -> BTreeSet<String> {
    flow.known().keys().cloned().collect()
}

/// The labels that matching disregards though their values are free.
fn left_open(flow: &Flow, matched: &Flow) -> BTreeSet<String> {
    let free = flow.known().iter().filter(|(_, value)| value.is_none());
    free.map(|(name, _)| name.clone()).filter(|it| !matched.known().contains_key(it)).collect()
}

/// Whether the divisor is not visibly kept from zero.
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
        // The least or the greatest of what is not zero is not zero either.
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
