//! Aggregation over series: `sum by (queue) (…)`.

use std::{fmt, marker::PhantomData};

use crate::{
    ast::{Expr, Grouping, Node},
    label::LabelList,
    query::{Query, Vector},
};

/// Aggregations of a query's series.
pub trait Aggregate: Query {
    /// `sum(…)`
    fn sum(self) -> Aggregation<Self::Labels> {
        Aggregation::new("sum", None, self.expr())
    }

    /// `min(…)`
    fn min(self) -> Aggregation<Self::Labels> {
        Aggregation::new("min", None, self.expr())
    }

    /// `max(…)`
    fn max(self) -> Aggregation<Self::Labels> {
        Aggregation::new("max", None, self.expr())
    }

    /// `avg(…)`
    fn avg(self) -> Aggregation<Self::Labels> {
        Aggregation::new("avg", None, self.expr())
    }

    /// `count(…)`: how many series there are.
    fn count(self) -> Aggregation<Self::Labels> {
        Aggregation::new("count", None, self.expr())
    }

    /// `group(…)`: 1 where there is a series.
    fn group(self) -> Aggregation<Self::Labels> {
        Aggregation::new("group", None, self.expr())
    }

    /// `stddev(…)`
    fn stddev(self) -> Aggregation<Self::Labels> {
        Aggregation::new("stddev", None, self.expr())
    }

    /// `quantile(quantile, …)` over the series.
    fn quantile(self, quantile: f64) -> Aggregation<Self::Labels> {
        Aggregation::new("quantile", Some(quantile), self.expr())
    }

    /// `topk(count, …)`: the greatest, with all their labels.
    fn topk(self, count: u32) -> Ranked<Self::Labels> {
        Ranked::new("topk", count, self.expr())
    }

    /// `bottomk(count, …)`: the least, with all their labels.
    fn bottomk(self, count: u32) -> Ranked<Self::Labels> {
        Ranked::new("bottomk", count, self.expr())
    }
}

impl<Q: Query> Aggregate for Q {}

/// An aggregation over all series, which leaves no label, until [`by`](Self::by) or
/// [`without`](Self::without) says otherwise.
pub struct Aggregation<Labels> {
    operator: &'static str,
    parameter: Option<f64>,
    of: Expr,
    marker: PhantomData<fn() -> Labels>,
}

impl<Labels> Aggregation<Labels> {
    pub(crate) fn new(operator: &'static str, parameter: Option<f64>, of: Expr) -> Self {
        Self { operator, parameter, of, marker: PhantomData }
    }

    /// Keeps these labels.
    pub fn by(self, labels: impl LabelList<Labels>) -> Vector<Labels> {
        Vector::new(self.grouped(by(labels)))
    }

    /// Keeps all labels but these.
    pub fn without(self, labels: impl LabelList<Labels>) -> Vector<Labels> {
        Vector::new(self.grouped(Grouping::Without(labels.into_names())))
    }

    fn grouped(self, grouping: Grouping) -> Expr {
        let Self { operator, parameter, of, .. } = self;
        Expr(Node::Aggregate { operator, parameter, grouping, of: Box::new(of) })
    }
}

impl<Labels> Query for Aggregation<Labels> {
    type Labels = ();
    type Filtered = Vector<()>;

    fn expr(self) -> Expr {
        self.grouped(Grouping::All)
    }
}

impl<Labels> Clone for Aggregation<Labels> {
    fn clone(&self) -> Self {
        Self::new(self.operator, self.parameter, self.of.clone())
    }
}

impl<Labels> fmt::Debug for Aggregation<Labels> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.clone().expr(), f)
    }
}

/// The greatest or least series, with all their labels; of each group, if there are groups.
pub struct Ranked<Labels> {
    inner: Aggregation<Labels>,
}

impl<Labels> Ranked<Labels> {
    pub(crate) fn new(operator: &'static str, count: u32, of: Expr) -> Self {
        Self { inner: Aggregation::new(operator, Some(f64::from(count)), of) }
    }

    /// Of each group of series that have these labels in common.
    pub fn by(self, labels: impl LabelList<Labels>) -> Vector<Labels> {
        self.inner.by(labels)
    }

    /// Of each group of series that have all labels but these in common.
    pub fn without(self, labels: impl LabelList<Labels>) -> Vector<Labels> {
        self.inner.without(labels)
    }
}

impl<Labels> Query for Ranked<Labels> {
    type Labels = Labels;
    type Filtered = Vector<Labels>;

    fn expr(self) -> Expr {
        self.inner.expr()
    }
}

impl<Labels> Clone for Ranked<Labels> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<Labels> fmt::Debug for Ranked<Labels> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}

fn by<Labels>(labels: impl LabelList<Labels>) -> Grouping {
    let names = labels.into_names();
    if names.is_empty() { Grouping::All } else { Grouping::By(names) }
}
