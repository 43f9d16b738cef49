//! Values over time: of a gauge, or of any query that is asked step by step.

use std::{fmt, marker::PhantomData, time::Duration};

use crate::{expr::Expr, number::Window, tree::Node, vector::Vector};

/// The values that series had in a window; made by [`GaugeQuery::range`](crate::GaugeQuery::range)
/// and [`Query::subquery`](crate::Query::subquery).
pub struct Range<Labels> {
    expr: Expr,
    marker: PhantomData<fn() -> Labels>,
}

impl<Labels> Range<Labels> {
    pub(crate) fn new(of: Expr, window: Window, step: Option<Duration>) -> Self {
        let expr = Expr(Node::Range { of: Box::new(of), window, step });
        Self { expr, marker: PhantomData }
    }

    /// `quantile_over_time(share, …)`
    pub fn quantile_over_time(self, share: f64) -> Vector<Labels> {
        Vector::new(Expr::call("quantile_over_time", vec![Expr::number(share), self.expr]))
    }

    /// `predict_linear(…, ahead)`: the value to be expected so much later.
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
    max_over_time "the greatest value";
    min_over_time "the least value";
    avg_over_time "the mean";
    sum_over_time "the sum of all samples";
    count_over_time "how many samples there were";
    last_over_time "the newest value";
    stddev_over_time "the standard deviation";
    present_over_time "1 for each series that had a sample";
    changes "how often the value changed";
    delta "last less first";
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
