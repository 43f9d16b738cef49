//! The parts of a histogram: its count, its sum, one of its bounds, all of its buckets.

use std::fmt;

use common::metric::{Definition, Histogram, LabelSet, kind};

use crate::{
    aggregate::Aggregation,
    arithmetic::Arithmetic as _,
    ast::{Expr, Grouping, LE, MatchOperator, Matcher, Node, Source, Window},
    label::{Filter, LabelList, literal},
    query::{Query, Vector},
    render::number,
    select::{CounterQuery as _, Select, Selector, over},
};

/// The parts of a histogram that can be queried; a single bound is a [`Bound`].
pub trait HistogramQuery: Sized {
    /// The labels of the histogram's series.
    type Labels;

    /// `…_count`: the number of observations.
    fn count(self) -> Selector<kind::Counter, Self::Labels>;

    /// `…_sum`: the sum of the observations.
    fn sum(self) -> Selector<kind::Counter, Self::Labels>;

    /// `…_bucket`: all bounds, for quantiles and heat maps.
    fn buckets(self) -> Selector<Buckets, Self::Labels>;

    /// The mean observation in the window, per series; none where there was no observation.
    fn mean(self, window: impl Into<Window>) -> Vector<Self::Labels>;
}

impl<Labels: LabelSet> HistogramQuery for &'static Histogram<Labels> {
    type Labels = Labels;

    fn count(self) -> Selector<kind::Counter, Labels> {
        Selector::new(Source::Metric(self.definition()), "_count")
    }

    fn sum(self) -> Selector<kind::Counter, Labels> {
        Selector::new(Source::Metric(self.definition()), "_sum")
    }

    fn buckets(self) -> Selector<Buckets, Labels> {
        Selector::new(Source::Metric(self.definition()), "_bucket")
    }

    fn mean(self, window: impl Into<Window>) -> Vector<Labels> {
        let window = window.into();
        self.sum().rate(window).div_nonzero(self.count().rate(window))
    }
}

/// One upper bound of a histogram: the counter of the observations up to it.
#[derive(Debug)]
pub struct Bound<Labels: 'static> {
    metric: &'static Histogram<Labels>,
    le: f64,
}

impl<Labels: LabelSet> Bound<Labels> {
    /// `…_bucket{le="…"}`: the number of observations of at most `le`. In a `const`, a bound that
    /// is not a bucket of the histogram's definition stops the build.
    ///
    /// # Panics
    /// Where the histogram's definition has no such bucket.
    pub const fn of(metric: &'static Histogram<Labels>, le: f64) -> Self {
        match Self::find(metric, le) {
            Ok(bound) => bound,
            Err(_) => panic!("a bound in a query is a bucket of the histogram's definition"),
        }
    }

    /// As [`Self::of`], for a bound that is known only when rules are generated.
    pub const fn find(metric: &'static Histogram<Labels>, le: f64) -> Result<Self, NoSuchBound> {
        let definition = metric.definition();
        let mut i = 0;
        while i < definition.buckets.len() {
            #[allow(clippy::float_cmp, reason = "the same literal, not a computed value")]
            if definition.buckets[i] == le {
                return Ok(Self { metric, le });
            }
            i += 1;
        }
        Err(NoSuchBound { definition, le })
    }
}

impl<Labels> Bound<Labels> {
    /// The upper bound, in the histogram's unit.
    pub const fn le(&self) -> f64 {
        self.le
    }
}

impl<Labels> Clone for Bound<Labels> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Labels> Copy for Bound<Labels> {}

impl<Labels: LabelSet> Select for Bound<Labels> {
    type Kind = kind::Counter;
    type Labels = Labels;

    fn select(self) -> Selector<kind::Counter, Labels> {
        let selector = Selector::new(Source::Metric(self.metric.definition()), "_bucket");
        selector.filter(BoundMatcher(self.le))
    }
}

struct BoundMatcher(f64);

impl<Labels> Filter<Labels> for BoundMatcher {
    fn into_matchers(self) -> Vec<Matcher> {
        let value = number(self.0);
        // The classic format leaves `1` as it is, OpenMetrics and Prometheus 3 write `1.0`.
        let (operator, value) = if self.0.fract() == 0.0 {
            (MatchOperator::Matches, format!("{}(\\.0)?", literal(&value)))
        } else {
            (MatchOperator::Equal, value)
        };
        vec![Matcher { label: LE, operator, value }]
    }
}

/// A histogram has no bucket of that bound.
#[derive(Clone, Copy, Debug)]
pub struct NoSuchBound {
    definition: &'static Definition,
    le: f64,
}

impl fmt::Display for NoSuchBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bounds: Vec<_> = self.definition.buckets.iter().copied().map(number).collect();
        write!(
            f,
            "the histogram `{}` has no bucket of the bound {}; its bounds are {}",
            self.definition.name,
            number(self.le),
            bounds.join(", ")
        )
    }
}

impl std::error::Error for NoSuchBound {}

/// The kind of all buckets of a histogram.
#[derive(Debug)]
pub enum Buckets {}

impl<Labels> Selector<Buckets, Labels> {
    /// `rate(…_bucket[window])`
    pub fn rate(self, window: impl Into<Window>) -> BucketVector<Labels> {
        BucketVector(over("rate", self, window))
    }

    /// `increase(…_bucket[window])`
    pub fn increase(self, window: impl Into<Window>) -> BucketVector<Labels> {
        BucketVector(over("increase", self, window))
    }
}

/// The growth of every bucket of a histogram; the label `le` is kept whatever is summed.
#[derive(Clone, Debug)]
pub struct BucketVector<Labels>(Vector<Labels>);

impl<Labels> BucketVector<Labels> {
    /// `sum by (le) (…)`
    pub fn sum(self) -> Self {
        self.sum_by(())
    }

    /// `sum by (…, le) (…)`
    pub fn sum_by(self, labels: impl LabelList<Labels>) -> Self {
        let mut names = labels.into_names();
        names.push(LE);
        let of = Box::new(self.0.expr());
        let grouping = Grouping::By(names);
        Self(Vector::new(Expr(Node::Aggregate { operator: "sum", parameter: None, grouping, of })))
    }

    /// `sum without (…) (…)`
    pub fn sum_without(self, labels: impl LabelList<Labels>) -> Self {
        Self(Aggregation::new("sum", None, self.0.expr()).without(labels))
    }

    /// `histogram_quantile(quantile, …)`
    pub fn quantile(self, quantile: f64) -> Vector<Labels> {
        let arguments = vec![Expr::number(quantile), self.0.expr()];
        Vector::new(Expr::call("histogram_quantile", arguments))
    }

    /// The expression without its type, for a heat map.
    pub fn expr(self) -> Expr {
        self.0.expr()
    }
}

impl<Labels> From<BucketVector<Labels>> for Expr {
    fn from(buckets: BucketVector<Labels>) -> Self {
        buckets.expr()
    }
}

/// `histogram_quantile(quantile, buckets)`
pub fn histogram_quantile<Labels>(quantile: f64, buckets: BucketVector<Labels>) -> Vector<Labels> {
    buckets.quantile(quantile)
}
