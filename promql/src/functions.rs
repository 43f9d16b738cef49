//! Functions of a value at an instant, and of values over time.

use std::{fmt, marker::PhantomData, time::Duration};

use common::metric::Label;

use crate::{
    ast::{Expr, Node, Operator, Window},
    condition::Comparison,
    label::LabelOf,
    query::{Query, Vector},
    scalar::Scalar,
};

/// Functions of a query's values.
pub trait Functions: Query {
    /// `abs(…)`
    fn abs(self) -> Vector<Self::Labels> {
        call("abs", self, [])
    }

    /// `ceil(…)`
    fn ceil(self) -> Vector<Self::Labels> {
        call("ceil", self, [])
    }

    /// `floor(…)`
    fn floor(self) -> Vector<Self::Labels> {
        call("floor", self, [])
    }

    /// `round(…)`
    fn round(self) -> Vector<Self::Labels> {
        call("round", self, [])
    }

    /// `round(…, step)`: to the nearest multiple.
    fn round_to(self, step: f64) -> Vector<Self::Labels> {
        call("round", self, [Expr::number(step)])
    }

    /// `sgn(…)`
    fn sgn(self) -> Vector<Self::Labels> {
        call("sgn", self, [])
    }

    /// `sqrt(…)`
    fn sqrt(self) -> Vector<Self::Labels> {
        call("sqrt", self, [])
    }

    /// `clamp_min(…, least)`
    fn clamp_min(self, least: impl Into<Scalar>) -> Vector<Self::Labels> {
        call("clamp_min", self, [least.into().into_expr()])
    }

    /// `clamp_max(…, most)`
    fn clamp_max(self, most: impl Into<Scalar>) -> Vector<Self::Labels> {
        call("clamp_max", self, [most.into().into_expr()])
    }

    /// `timestamp(…)`: the time of each sample, in seconds since the epoch.
    fn timestamp(self) -> Vector<Self::Labels> {
        call("timestamp", self, [])
    }

    /// `time() - …`: the seconds since a point in time.
    fn age(self) -> Vector<Self::Labels> {
        Vector::new(Expr::binary(Operator::Subtract, Expr::call("time", vec![]), self.expr()))
    }

    /// `sort(…)`
    fn sort(self) -> Vector<Self::Labels> {
        call("sort", self, [])
    }

    /// `sort_desc(…)`
    fn sort_desc(self) -> Vector<Self::Labels> {
        call("sort_desc", self, [])
    }

    /// `hour(…)` of points in time, in UTC.
    fn hour(self) -> Vector<Self::Labels> {
        call("hour", self, [])
    }

    /// `day_of_week(…)` of points in time, in UTC; Sunday is 0.
    fn day_of_week(self) -> Vector<Self::Labels> {
        call("day_of_week", self, [])
    }

    /// `scalar(…)`: the value of the only series; NaN when there is none or more than one.
    fn scalar(self) -> Scalar {
        Scalar::new(Expr::call("scalar", vec![self.expr()]))
    }

    /// `absent(…)`: 1 when there is no series. A failed scrape looks the same as a series that is
    /// gone, so an alert on it needs a `for`.
    fn absent(self) -> Comparison<Self::Labels> {
        Comparison::new(Expr::call("absent", vec![self.expr()]))
    }

    /// `label_replace(…)`: where `regex` matches all of the label `from`, sets `to` to
    /// `replacement`, in which `$1` is the first group.
    fn label_replace<Labels, Value>(
        self,
        to: Label<Labels, Value>,
        replacement: &str,
        from: impl LabelOf<Self::Labels>,
        regex: &str,
    ) -> Vector<Labels> {
        let text = |it: &str| Expr(Node::Text(it.to_owned()));
        let from = from.into_name();
        let arguments = [text(to.name()), text(replacement), text(&from.name), text(regex)];
        call("label_replace", self, arguments).labelled()
    }

    /// `…[window:step]`: its values at each step of the window, for functions over time.
    fn subquery(self, window: impl Into<Window>, step: Duration) -> Range<Self::Labels> {
        Range::new(self.expr(), window.into(), Some(step))
    }
}

impl<Q: Query> Functions for Q {}

fn call<Q: Query, const N: usize>(
    function: &'static str,
    of: Q,
    more: [Expr; N],
) -> Vector<Q::Labels> {
    let mut arguments = vec![of.expr()];
    arguments.extend(more);
    Vector::new(Expr::call(function, arguments))
}

/// The values of series in a window; made by [`GaugeQuery::range`](crate::GaugeQuery::range)
/// and [`Functions::subquery`].
pub struct Range<Labels> {
    expr: Expr,
    marker: PhantomData<fn() -> Labels>,
}

impl<Labels> Range<Labels> {
    pub(crate) fn new(of: Expr, window: Window, step: Option<Duration>) -> Self {
        let expr = Expr(Node::Range { of: Box::new(of), window, step });
        Self { expr, marker: PhantomData }
    }

    /// `quantile_over_time(quantile, …)`
    pub fn quantile_over_time(self, quantile: f64) -> Vector<Labels> {
        Vector::new(Expr::call("quantile_over_time", vec![Expr::number(quantile), self.expr]))
    }

    /// `predict_linear(…, ahead)`: the value expected after `ahead`, by linear regression.
    pub fn predict_linear(self, ahead: Duration) -> Vector<Labels> {
        Vector::new(Expr::call("predict_linear", vec![self.expr, Expr(Node::Seconds(ahead))]))
    }

    fn call(self, function: &'static str) -> Vector<Labels> {
        Vector::new(Expr::call(function, vec![self.expr]))
    }
}

macro_rules! functions {
    ($($function:ident $about:literal;)+) => {
        impl<Labels> Range<Labels> {
            $(#[doc = concat!("`", stringify!($function), "(…)`: ", $about, ".")]
            pub fn $function(self) -> Vector<Labels> {
                self.call(stringify!($function))
            })+
        }
    };
}
functions! {
    max_over_time "the largest value";
    min_over_time "the smallest value";
    avg_over_time "the mean";
    sum_over_time "the sum of all samples";
    count_over_time "the number of samples";
    last_over_time "the newest value";
    stddev_over_time "the standard deviation";
    present_over_time "1 for each series that had a sample";
    changes "the number of changes of the value";
    delta "the last value minus the first";
    deriv "slope per second";
}

impl<Labels> Clone for Range<Labels> {
    fn clone(&self) -> Self {
        Self { expr: self.expr.clone(), marker: PhantomData }
    }
}

impl<Labels> fmt::Debug for Range<Labels> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.expr, f)
    }
}
