//! The labels that an expression's series carry, followed from the selectors to the result.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::{
    Binary, Expr, Group, Grouping, LE, LabelName, Match, MatchOperator, Matcher, Node, Operator,
    Recorded, Series, Source,
};

/// The labels that every series of a vector carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SeriesLabels {
    /// Each label that is known, with its value where a matcher or a rule fixes it.
    known: BTreeMap<String, Option<String>>,
    /// Whether the labels that the scrape may give its targets, beside `job` and `instance`, are
    /// there too, save for those in `dropped`.
    others: bool,
    dropped: BTreeSet<String>,
}

impl SeriesLabels {
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
        let mut carried = self.clone();
        for label in labels {
            carried.known.remove(&*label.name);
            carried.dropped.insert(label.name.to_string());
        }
        carried
    }

    /// The labels by which an operator compares this side with the other.
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

    /// The labels that both carry.
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
        let mut carried = match &series.source {
            Source::Metric(definition) => {
                let mut names = definition.labels.to_vec();
                names.extend(["job", "instance"]);
                if series.suffix == "_bucket" {
                    names.push("le");
                }
                let known = names.into_iter().map(|it| (it.to_owned(), None)).collect();
                Self { known, others: true, dropped: BTreeSet::new() }
            }
            Source::Record(recorded) => Self::of_record(recorded),
        };
        carried.narrow(&series.matchers);
        carried
    }

    fn of_record(recorded: &Recorded) -> Self {
        let mut labels = recorded.expr.series_labels().unwrap_or_default();
        for (name, value) in &recorded.labels {
            labels.pin(name, value.clone());
        }
        labels
    }
}

impl Expr {
    /// The labels that every series of the result carries, `job` and `instance` among them
    /// unless they are aggregated away; nothing for a scalar.
    pub fn labels(&self) -> BTreeSet<String> {
        self.series_labels().map(|it| it.known.into_keys().collect()).unwrap_or_default()
    }

    /// Narrows every series that carries the matcher's label: how a panel limits a rule's
    /// expression to the chosen targets.
    pub fn narrowed(mut self, matchers: &[Matcher]) -> Self {
        self.visit_mut(&mut |series| {
            for matcher in matchers {
                if carries(series, &matcher.label) && !series.matchers.contains(matcher) {
                    series.matchers.push(matcher.clone());
                }
            }
        });
        self
    }

    /// The labels with their known values; `None` for a scalar or a text.
    pub(crate) fn series_labels(&self) -> Option<SeriesLabels> {
        match &self.0 {
            Node::Number(_) | Node::Seconds(_) | Node::Text(_) => None,
            Node::Series(series) => Some(SeriesLabels::of_series(series)),
            Node::Range { of, .. } => of.series_labels(),
            Node::Call { function, arguments } => of_call(function, arguments),
            Node::Aggregate { operator, grouping, of, .. } => {
                let carried = of.series_labels()?;
                Some(match grouping {
                    _ if matches!(*operator, "topk" | "bottomk") => carried,
                    Grouping::All => SeriesLabels::default(),
                    Grouping::By(labels) => carried.keep(labels),
                    Grouping::Without(labels) => carried.drop(labels),
                })
            }
            Node::Binary(binary) => of_binary(binary),
        }
    }
}

/// Whether series of this name carry the label.
fn carries(series: &Series, label: &LabelName) -> bool {
    match &series.source {
        Source::Metric(definition) => label.target || definition.labels.contains(&&*label.name),
        Source::Record(recorded) => SeriesLabels::of_record(recorded).has(label),
    }
}

fn of_call(function: &str, arguments: &[Expr]) -> Option<SeriesLabels> {
    match function {
        "time" | "scalar" => return None,
        "vector" => return Some(SeriesLabels::default()),
        _ => {}
    }
    let Some(carried) = arguments.iter().find_map(Expr::series_labels) else {
        return Some(SeriesLabels::default());
    };
    Some(match function {
        "histogram_quantile" => carried.drop(&[LE]),
        // The result has the labels of the selector's equality matchers.
        "absent" | "absent_over_time" => {
            let selector = match &arguments[0].0 {
                Node::Range { of, .. } => of,
                _ => &arguments[0],
            };
            let mut carried = SeriesLabels::default();
            if let Node::Series(series) = &selector.0 {
                carried.narrow(&series.matchers);
            }
            carried
        }
        "label_replace" => {
            let mut carried = carried;
            if let Some(Expr(Node::Text(label))) = arguments.get(1) {
                carried.known.insert(label.clone(), None);
            }
            carried
        }
        _ => carried,
    })
}

fn of_binary(binary: &Binary) -> Option<SeriesLabels> {
    let (left, right) = match (binary.left.series_labels(), binary.right.series_labels()) {
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
