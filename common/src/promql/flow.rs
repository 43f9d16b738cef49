//! Which labels an expression's series carry, followed from the selectors to the result.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    expr::{Binary, Expr, Group, Grouping, Match, Node, Operator, Series, Source},
    matcher::{LabelName, MatchOperator},
};

/// The labels that every series of a vector carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Flow {
    /// Each label that is known, with its value where a matcher or a rule fixes it.
    known: BTreeMap<String, Option<String>>,
    /// Whether the labels that the scrape may give its targets, beside `job` and `instance`, are
    /// there too, save for those in `dropped`.
    others: bool,
    dropped: BTreeSet<String>,
}

impl Flow {
    pub(super) fn has(&self, label: &LabelName) -> bool {
        self.known.contains_key(&*label.name)
            || label.target && self.others && !self.dropped.contains(&*label.name)
    }

    pub(super) fn known(&self) -> &BTreeMap<String, Option<String>> {
        &self.known
    }

    pub(super) fn pin(&mut self, label: &str, value: String) {
        self.known.insert(label.to_owned(), Some(value));
    }

    pub(super) fn keep(&self, labels: &[LabelName]) -> Self {
        let kept = labels.iter().filter(|it| self.has(it));
        let known =
            kept.map(|it| (it.name.to_string(), self.known.get(&*it.name).cloned().flatten()));
        Self { known: known.collect(), others: false, dropped: BTreeSet::new() }
    }

    pub(super) fn drop(&self, labels: &[LabelName]) -> Self {
        let mut flow = self.clone();
        for label in labels {
            flow.known.remove(&*label.name);
            flow.dropped.insert(label.name.to_string());
        }
        flow
    }

    fn include(mut self, labels: &[LabelName], from: &Self) -> Self {
        for label in labels.iter().filter(|it| from.has(it)) {
            let value = from.known.get(&*label.name).cloned().flatten();
            self.known.insert(label.name.to_string(), value);
        }
        self
    }

    /// What both surely carry.
    fn common(self, other: &Self) -> Self {
        let known = self.known.into_iter().filter_map(|(name, value)| {
            let theirs = other.known.get(&name)?;
            let value = if value == *theirs { value } else { None };
            Some((name, value))
        });
        Self {
            known: known.collect(),
            others: self.others && other.others,
            dropped: &self.dropped | &other.dropped,
        }
    }

    fn of_series(series: &Series) -> Self {
        let mut flow = match &series.source {
            Source::Metric(definition) => {
                let mut names = definition.labels.to_vec();
                names.extend(["job", "instance"]);
                if series.suffix == "_bucket" {
                    names.push("le");
                }
                let known = names.into_iter().map(|it| (it.to_owned(), None)).collect();
                Self { known, others: true, dropped: BTreeSet::new() }
            }
            Source::Record(recorded) => recorded.flow(),
        };
        for matcher in &series.matchers {
            if matcher.operator == MatchOperator::Equal {
                flow.pin(&matcher.label.name, matcher.value.clone());
            }
        }
        flow
    }
}

impl Expr {
    /// The labels that every series of the result carries, `job` and `instance` among them
    /// unless they are aggregated away; nothing for a scalar.
    pub fn labels(&self) -> BTreeSet<String> {
        self.flow().map(|it| it.known.into_keys().collect()).unwrap_or_default()
    }

    /// None for a scalar or a text.
    pub(super) fn flow(&self) -> Option<Flow> {
        match &self.0 {
            Node::Number(_) | Node::Seconds(_) | Node::Text(_) => None,
            Node::Series(series) => Some(Flow::of_series(series)),
            Node::Range { of, .. } => of.flow(),
            Node::Call { function, arguments } => of_call(function, arguments),
            Node::Aggregate { operator, grouping, of, .. } => {
                let flow = of.flow()?;
                Some(match grouping {
                    _ if matches!(*operator, "topk" | "bottomk") => flow,
                    Grouping::All => Flow::default(),
                    Grouping::By(labels) => flow.keep(labels),
                    Grouping::Without(labels) => flow.drop(labels),
                })
            }
            Node::Binary(binary) => of_binary(binary),
        }
    }
}

fn of_call(function: &str, arguments: &[Expr]) -> Option<Flow> {
    match function {
        "time" | "scalar" => return None,
        "vector" => return Some(Flow::default()),
        _ => {}
    }
    let Some(flow) = arguments.iter().find_map(Expr::flow) else {
        return Some(Flow::default());
    };
    Some(match function {
        "histogram_quantile" => flow.drop(&[super::histogram::LE]),
        // It takes over what the matchers of the one selector in it fix.
        "absent" | "absent_over_time" => {
            let selector = match &arguments[0].0 {
                Node::Series(_) => &arguments[0],
                Node::Range { of, .. } if matches!(of.0, Node::Series(_)) => of,
                _ => return Some(Flow::default()),
            };
            let fixed = selector.flow().unwrap_or_default().known.into_iter();
            let known = fixed.filter(|(_, value)| value.is_some()).collect();
            Flow { known, ..Flow::default() }
        }
        "label_replace" => {
            let mut flow = flow;
            if let Some(Expr(Node::Text(label))) = arguments.get(1) {
                flow.known.insert(label.clone(), None);
            }
            flow
        }
        _ => flow,
    })
}

fn of_binary(binary: &Binary) -> Option<Flow> {
    let (left, right) = match (binary.left.flow(), binary.right.flow()) {
        (Some(left), Some(right)) => (left, right),
        (left, right) => return left.or(right),
    };
    Some(match (binary.operator, &binary.matching) {
        (Operator::And | Operator::Unless, _) | (_, None) if binary.operator != Operator::Or => {
            left
        }
        (Operator::Or, _) => left.common(&right),
        (_, Some(Match { group: Group::Left(included), .. })) => left.include(included, &right),
        (_, Some(Match { group: Group::Right(included), .. })) => right.include(included, &left),
        (_, Some(Match { on: true, labels, .. })) => left.keep(labels),
        (_, Some(Match { labels, .. })) => left.drop(labels),
        (_, None) => left,
    })
}
