//! The syntax tree of an expression, without types.

mod label;
mod operator;
mod window;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc, time::Duration};

use common::metric::Definition;

pub(crate) use self::{label::LE, operator::Operator};
pub use self::{
    label::{LabelName, MatchOperator, Matcher},
    window::{RATE_INTERVAL, Window, days, hours, minutes, seconds},
};

/// A PromQL expression without its type; only a typed expression makes one.
#[derive(Clone, Debug)]
pub struct Expr(pub(crate) Node);

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Number(f64),
    /// A duration as a number of seconds.
    Seconds(Duration),
    Text(String),
    Series(Series),
    Range {
        of: Box<Expr>,
        window: Window,
        /// Of a subquery.
        step: Option<Duration>,
    },
    Call {
        function: &'static str,
        arguments: Vec<Expr>,
    },
    Aggregate {
        operator: &'static str,
        parameter: Option<f64>,
        grouping: Grouping,
        of: Box<Expr>,
    },
    Binary(Box<Binary>),
}

#[derive(Clone, Debug)]
pub(crate) enum Grouping {
    All,
    By(Vec<LabelName>),
    Without(Vec<LabelName>),
}

#[derive(Clone, Debug)]
pub(crate) struct Binary {
    pub operator: Operator,
    pub returns_bool: bool,
    pub matching: Option<Match>,
    pub left: Expr,
    pub right: Expr,
}

#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub on: bool,
    pub labels: Vec<LabelName>,
    pub group: Group,
}

#[derive(Clone, Debug)]
pub(crate) enum Group {
    None,
    Left(Vec<LabelName>),
    Right(Vec<LabelName>),
}

/// A selector: the name of series, its matchers and its offset.
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

    /// The metric or the recording rule that gives the series.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The label matchers, in the order of the text.
    pub fn matchers(&self) -> &[Matcher] {
        &self.matchers
    }
}

/// A recording rule: the name of a series, its expression and its added labels.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub(crate) name: Cow<'static, str>,
    pub(crate) expr: Expr,
    pub(crate) labels: BTreeMap<&'static str, String>,
}

impl Recorded {
    /// The name of the series.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The recorded expression.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The labels that the rule adds.
    pub fn labels(&self) -> &BTreeMap<&'static str, String> {
        &self.labels
    }
}

impl Expr {
    /// Every selected series, in the order of the text.
    pub fn series(&self) -> Vec<&Series> {
        let mut found = Vec::new();
        self.visit(&mut |expr| {
            if let Node::Series(series) = &expr.0 {
                found.push(series);
            }
        });
        found
    }

    /// The metrics it reads, by name; also those read by the recording rules it names.
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

    /// The recording rules whose series it selects, each once.
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

    /// The matchers of every selected series, in the order of the text.
    pub fn matchers(&self) -> Vec<&Matcher> {
        self.series().into_iter().flat_map(|it| &it.matchers).collect()
    }

    /// Whether it contains `absent` or `absent_over_time`, which one failed scrape can make true;
    /// an alert on it needs a `for`.
    pub fn has_absent(&self) -> bool {
        let mut found = false;
        self.visit(&mut |expr| {
            found |=
                matches!(&expr.0, Node::Call { function, .. } if function.starts_with("absent"));
        });
        found
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

    pub(crate) fn visit_mut(&mut self, change: &mut impl FnMut(&mut Series)) {
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

    /// `… > 0`: drops the series whose value is zero (or less), for a divisor.
    pub(crate) fn nonzero(self) -> Self {
        Self::binary(Operator::Greater, self, Self::number(0.0))
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
