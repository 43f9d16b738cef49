//! Selectors: the series of one metric, and the functions that its kind allows.

use std::{fmt, marker::PhantomData, time::Duration};

use common::metric::{LabelSet, Metric, kind};

use crate::{
    ast::{Expr, Node, Series, Source, Window},
    condition::Comparison,
    functions::Range,
    label::Filter,
    query::{Query, Vector},
};

/// The series of a metric of the kind `Kind`, narrowed by matchers.
pub struct Selector<Kind, Labels> {
    series: Series,
    marker: PhantomData<fn() -> (Kind, Labels)>,
}

impl<Kind, Labels> Selector<Kind, Labels> {
    pub(crate) fn new(source: Source, suffix: &'static str) -> Self {
        let series = Series { source, suffix, matchers: Vec::new(), offset: None };
        Self { series, marker: PhantomData }
    }

    pub(crate) fn into_expr(self) -> Expr {
        Expr(Node::Series(self.series))
    }

    /// The text for a dashboard variable's query or the API's `match[]`.
    pub fn text(&self) -> String {
        self.to_string()
    }
}

impl<Kind, Labels> Clone for Selector<Kind, Labels> {
    fn clone(&self) -> Self {
        Self { series: self.series.clone(), marker: PhantomData }
    }
}

impl<Kind, Labels> fmt::Display for Selector<Kind, Labels> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.clone().into_expr(), f)
    }
}

impl<Kind, Labels> fmt::Debug for Selector<Kind, Labels> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A kind whose samples have the metric's own name; a histogram's have suffixes.
#[diagnostic::on_unimplemented(
    message = "the samples of a `{Self}` are not of this kind",
    note = "of a histogram, use `count()`, `sum()`, `buckets()` or `Bound::of(…)`"
)]
pub trait SimpleKind {}
impl SimpleKind for kind::Gauge {}
impl SimpleKind for kind::Counter {}
impl SimpleKind for kind::Info {}

/// A kind whose value can be read directly; a counter's value means nothing without its rate.
pub trait ValueKind: SimpleKind {}
impl ValueKind for kind::Gauge {}
impl ValueKind for kind::Info {}

/// Anything that selects series: a metric's `static`, a selector, a recorded series.
pub trait Select: Sized {
    /// The kind of the series.
    type Kind;
    /// Their labels.
    type Labels;

    /// The selector of all of its series.
    fn select(self) -> Selector<Self::Kind, Self::Labels>;

    /// Keeps the series that match all of the matchers.
    fn filter(self, filter: impl Filter<Self::Labels>) -> Selector<Self::Kind, Self::Labels> {
        let mut selector = self.select();
        selector.series.matchers.extend(filter.into_matchers());
        selector
    }

    /// `… offset ago`: the values of that time before now.
    fn offset(self, ago: Duration) -> Selector<Self::Kind, Self::Labels> {
        let mut selector = self.select();
        selector.series.offset = Some(ago);
        selector
    }

    /// `absent_over_time(…[window])`: 1 when there was no sample in the window.
    fn absent_over_time(self, window: impl Into<Window>) -> Comparison<Self::Labels> {
        Comparison::new(Expr::call("absent_over_time", vec![range(self, window)]))
    }

    /// `present_over_time(…[window])`: 1 for each series that had a sample in the window.
    fn present_over_time(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        Vector::new(Expr::call("present_over_time", vec![range(self, window)]))
    }

    /// `count_over_time(…[window])`: the number of samples.
    fn count_over_time(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        Vector::new(Expr::call("count_over_time", vec![range(self, window)]))
    }
}

impl<Kind, Labels> Select for Selector<Kind, Labels> {
    type Kind = Kind;
    type Labels = Labels;

    fn select(self) -> Self {
        self
    }
}

impl<Kind: SimpleKind, Labels: LabelSet> Select for &'static Metric<Kind, Labels> {
    type Kind = Kind;
    type Labels = Labels;

    fn select(self) -> Selector<Kind, Labels> {
        Selector::new(Source::Metric(self.definition()), "")
    }
}

impl<S: Select<Kind: ValueKind>> Query for S {
    type Labels = S::Labels;
    type Filtered = Vector<S::Labels>;

    fn expr(self) -> Expr {
        self.select().into_expr()
    }
}

/// Functions of a counter: its growth.
pub trait CounterQuery: Select<Kind = kind::Counter> {
    /// `rate(…[window])`: growth per second, averaged over the window.
    fn rate(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        over("rate", self, window)
    }

    /// `irate(…[window])`: growth per second between the last two samples.
    fn irate(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        over("irate", self, window)
    }

    /// `increase(…[window])`: growth over the window.
    fn increase(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        over("increase", self, window)
    }

    /// `resets(…[window])`: the number of resets.
    fn resets(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        over("resets", self, window)
    }

    /// `absent(…)`: 1 when there is no series.
    fn absent(self) -> Comparison<Self::Labels> {
        Comparison::new(Expr::call("absent", vec![self.select().into_expr()]))
    }
}

impl<S: Select<Kind = kind::Counter>> CounterQuery for S {}

/// Functions of a gauge's past values.
pub trait GaugeQuery: Select<Kind = kind::Gauge> {
    /// `…[window]`: its values in the window, for functions over time.
    fn range(self, window: impl Into<Window>) -> Range<Self::Labels> {
        Range::new(self.select().into_expr(), window.into(), None)
    }

    /// `max_over_time(…[window])`
    fn max_over_time(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).max_over_time()
    }

    /// `min_over_time(…[window])`
    fn min_over_time(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).min_over_time()
    }

    /// `avg_over_time(…[window])`
    fn avg_over_time(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).avg_over_time()
    }

    /// `sum_over_time(…[window])`
    fn sum_over_time(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).sum_over_time()
    }

    /// `last_over_time(…[window])`
    fn last_over_time(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).last_over_time()
    }

    /// `quantile_over_time(quantile, …[window])`
    fn quantile_over_time(self, quantile: f64, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).quantile_over_time(quantile)
    }

    /// `stddev_over_time(…[window])`
    fn stddev_over_time(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).stddev_over_time()
    }

    /// `changes(…[window])`: the number of changes of the value.
    fn changes(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).changes()
    }

    /// `delta(…[window])`: the last value minus the first.
    fn delta(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).delta()
    }

    /// `deriv(…[window])`: slope per second.
    fn deriv(self, window: impl Into<Window>) -> Vector<Self::Labels> {
        self.range(window).deriv()
    }

    /// `predict_linear(…[window], ahead)`: the value expected after `ahead`, by linear regression.
    fn predict_linear(self, window: impl Into<Window>, ahead: Duration) -> Vector<Self::Labels> {
        self.range(window).predict_linear(ahead)
    }
}

impl<S: Select<Kind = kind::Gauge>> GaugeQuery for S {}

pub(crate) fn over<S: Select>(
    function: &'static str,
    of: S,
    window: impl Into<Window>,
) -> Vector<S::Labels> {
    Vector::new(Expr::call(function, vec![range(of, window)]))
}

fn range<S: Select>(of: S, window: impl Into<Window>) -> Expr {
    Expr(Node::Range { of: Box::new(of.select().into_expr()), window: window.into(), step: None })
}
