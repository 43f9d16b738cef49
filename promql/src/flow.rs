//! Which labels an expression's series carry, followed from the selectors to the result.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    expr::{Expr, Series, Source},
    label::LabelName,
    matcher::{MatchOperator, Matcher},
    tree::{Binary, Group, Grouping, Match, Node, Operator},
};

/// The labels that every series of a vector carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Flow {
    /// Each label that is known, with its value where a matcher or a rule fixes it.
    known: BTreeMap<String, Option<String>>,
    /// Whether the labels that the scrape may give its targets, beside `job` and `instance`, are
    /// there too, save for those in `dropped`.
    others: bool,
    dropped: BTreeSet<String>,
}

impl Flow {
    pub(crate) fn has(&self, label: &LabelName) -> bool {
        self.known.contains_key(&*label.name)
            || label.target && self.others && !self.dropped.contains(&*label.name)
    }

    pub(crate) fn known(&self) -> &BTreeMap<String, Option<String>> {
        &self.known
    }

    pub(crate) fn pin(&mut self, label: &str, value: String) {
        self.known.insert(label.to_owned(), Some(value));
    }

    fn narrow(&mut self, matchers: &[Matcher]) {
        for Matcher { label, operator, value } in matchers {
            if *operator == MatchOperator::Equal {
                self.pin(&label.name, value.clone());
            }
        }
    }

    pub(crate) fn keep(&self, labels: &[LabelName]) -> Self {
        let kept = labels.iter().filter(|it| self.has(it));
        let known =
            kept.map(|it| (it.name.to_string(), self.known.get(&*it.name).cloned().flatten()));
        Self { known: known.collect(), others: false, dropped: BTreeSet::new() }
    }

    pub(crate) fn drop(&self, labels: &[LabelName]) -> Self {
        let mut flow = self.clone();
        for label in labels {
            flow.known.remove(&*label.name);
            flow.dropped.insert(label.name.to_string());
        }
        flow
    }

    /// What the series of the two sides are compared by.
    pub(crate) fn matched(&self, matching: Option<&Match>) -> Self {
        match matching {
            None => self.clone(),
            Some(Match { on: true, labels, .. }) => self.keep(labels),
            Some(Match { labels, .. }) => self.drop(labels),
        }
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
        flow.narrow(&series.matchers);
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
    pub(crate) fn flow(&self) -> Option<Flow> {
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
        "histogram_quantile" => flow.drop(&[crate::histogram::LE]),
        // It takes over what the matchers of the one selector in it fix.
        "absent" | "absent_over_time" => {
            let selector = match &arguments[0].0 {
                Node::Range { of, .. } => of,
                _ => &arguments[0],
            };
            let mut flow = Flow::default();
            if let Node::Series(series) = &selector.0 {
                flow.narrow(&series.matchers);
            }
            flow
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
    let matching = binary.matching.as_ref();
    Some(match (binary.operator, matching.map(|it| &it.group)) {
        (Operator::Or, _) => left.common(&right),
        (Operator::And | Operator::Unless, _) | (_, None) => left,
        (_, Some(Group::Left(included))) => left.include(included, &right),
        (_, Some(Group::Right(included))) => right.include(included, &left),
        (_, Some(Group::None)) => left.matched(matching),
    })
}
