//! The expression that every typed one is, and what can be asked of it.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use crate::{
    label::LabelName,
    matcher::Matcher,
    number::Style,
    query::Query,
    record::Recorded,
    render,
    tree::{Binary, Match, Node, Operator},
};
use common::metric::Definition;

/// A PromQL expression without its type; only typed expressions make one.
#[derive(Clone, Debug)]
pub struct Expr(pub(crate) Node);

/// The series that a selector names.
#[derive(Clone, Debug)]
pub struct Series {
    pub(crate) source: Source,
    /// `_bucket`, `_sum` or `_count` of a histogram.
    pub(crate) suffix: &'static str,
    pub(crate) matchers: Vec<Matcher>,
    pub(crate) offset: Option<Duration>,
}

/// Where a series comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A scrape.
    Metric(&'static Definition),
    /// A recording rule.
    Record(Arc<Recorded>),
}

impl Series {
    /// The name of the series, a histogram's suffix included.
    pub fn name(&self) -> String {
        let name = match &self.source {
            Source::Metric(definition) => definition.name,
            Source::Record(recorded) => recorded.name(),
        };
        format!("{name}{}", self.suffix)
    }

    /// Where it comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What narrows it.
    pub fn matchers(&self) -> &[Matcher] {
        &self.matchers
    }

    /// Whether series under this name carry the label.
    fn carries(&self, label: &LabelName) -> bool {
        match &self.source {
            Source::Metric(definition) => label.target || definition.labels.contains(&&*label.name),
            Source::Record(recorded) => recorded.flow().has(label),
        }
    }
}

impl Expr {
    /// The text, broken into lines where it is long.
    pub fn render(&self, style: Style) -> String {
        render::pretty(self, style)
    }

    /// The text in one line.
    pub fn one_line(&self, style: Style) -> String {
        render::flat(self, style)
    }

    /// Every series that it names, in the order of the text.
    pub fn series(&self) -> Vec<&Series> {
        let mut found = Vec::new();
        self.visit(&mut |expr| {
            if let Node::Series(series) = &expr.0 {
                found.push(series);
            }
        });
        found
    }

    /// The metrics that it rests on, those behind recording rules included, by name.
    pub fn metrics(&self) -> BTreeMap<&'static str, &'static Definition> {
        let mut found = BTreeMap::new();
        for series in self.series() {
            match &series.source {
                Source::Metric(definition) => _ = found.insert(definition.name, *definition),
                Source::Record(recorded) => found.extend(recorded.expr().metrics()),
            }
        }
        found
    }

    /// The recording rules whose series it names.
    pub fn records(&self) -> Vec<&Arc<Recorded>> {
        let mut found: Vec<&Arc<Recorded>> = Vec::new();
        for series in self.series() {
            if let Source::Record(recorded) = &series.source
                && found.iter().all(|it| it.name() != recorded.name())
            {
                found.push(recorded);
            }
        }
        found
    }

    /// Every matcher in it.
    pub fn matchers(&self) -> Vec<&Matcher> {
        self.series().into_iter().flat_map(|it| &it.matchers).collect()
    }

    /// Whether it asks for the absence of series, which needs patience of an alert.
    pub fn has_absent(&self) -> bool {
        let mut found = false;
        self.visit(&mut |expr| {
            found |=
                matches!(&expr.0, Node::Call { function, .. } if function.starts_with("absent"));
        });
        found
    }

    /// Narrows every series that carries the matcher's label: how a panel limits a rule's
    /// expression to the targets that are chosen.
    pub fn narrowed(mut self, matchers: &[Matcher]) -> Self {
        self.visit_mut(&mut |series| {
            for matcher in matchers {
                if series.carries(&matcher.label) && !series.matchers.contains(matcher) {
                    series.matchers.push(matcher.clone());
                }
            }
        });
        self
    }

    pub(crate) fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        for child in self.children() {
            child.visit(see);
        }
    }

    pub(crate) fn children(&self) -> Vec<&Self> {
        match &self.0 {
            Node::Number(_) | Node::Seconds(_) | Node::Text(_) | Node::Series(_) => Vec::new(),
            Node::Range { of, .. } | Node::Aggregate { of, .. } => vec![of],
            Node::Call { arguments, .. } => arguments.iter().collect(),
            Node::Binary(binary) => vec![&binary.left, &binary.right],
        }
    }

    fn visit_mut(&mut self, change: &mut impl FnMut(&mut Series)) {
        match &mut self.0 {
            Node::Number(_) | Node::Seconds(_) | Node::Text(_) => {}
            Node::Series(series) => change(series),
            Node::Range { of, .. } | Node::Aggregate { of, .. } => of.visit_mut(change),
            Node::Call { arguments, .. } => {
                for argument in arguments {
                    argument.visit_mut(change);
                }
            }
            Node::Binary(binary) => {
                binary.left.visit_mut(change);
                binary.right.visit_mut(change);
            }
        }
    }

    pub(crate) fn number(value: f64) -> Self {
        Self(Node::Number(value))
    }

    pub(crate) fn call(function: &'static str, arguments: Vec<Self>) -> Self {
        Self(Node::Call { function, arguments })
    }

    pub(crate) fn binary(operator: Operator, left: Self, right: Self) -> Self {
        Self::matched(operator, None, left, right)
    }

    pub(crate) fn matched(
        operator: Operator,
        matching: Option<Match>,
        left: Self,
        right: Self,
    ) -> Self {
        Self(Node::Binary(Box::new(Binary {
            operator,
            returns_bool: false,
            matching,
            left,
            right,
        })))
    }

    pub(crate) fn truth(operator: Operator, left: Self, right: Self) -> Self {
        Self(Node::Binary(Box::new(Binary {
            operator,
            returns_bool: true,
            matching: None,
            left,
            right,
        })))
    }
}

impl<Q: Query> From<Q> for Expr {
    fn from(query: Q) -> Self {
        query.expr()
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.one_line(Style::default()))
    }
}
