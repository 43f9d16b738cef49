//! What can be asked of an expression with one value per series: aggregation, arithmetic,
//! comparison, sets, functions.

use std::time::Duration;

use crate::{
    aggregate::{Aggregation, Ranked},
    condition::Comparison,
    expr::Expr,
    label::{LabelList, LabelOf},
    matching::Matching,
    number::Window,
    operand::Operand,
    range::Range,
    scalar::Scalar,
    tree::{Node, Operator},
    vector::Vector,
};
use common::metric::Label;

/// An expression with one value per series: a gauge, a fact, a recorded series, or whatever was
/// computed. A counter's bare value says nothing and is none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no query of its own",
    label = "a counter is read through `rate` or `increase`, a histogram through its parts"
)]
pub trait Query: Sized {
    /// The labels that its series may carry.
    type Labels;
    /// What `and` and `unless` leave of it.
    type Kept: FromExpr;

    /// The expression without its type.
    fn expr(self) -> Expr;

    /// The same, as a vector.
    fn vector(self) -> Vector<Self::Labels> {
        Vector::new(self.expr())
    }

    /// The same, its labels named by another set: what a join brought along, or what two metrics
    /// have in common. That it carries them is checked by [`Expr::problems`].
    fn labelled<Labels>(self) -> Vector<Labels> {
        Vector::new(self.expr())
    }

    // Aggregation.

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

    /// `quantile(share, …)` over the series.
    fn quantile(self, share: f64) -> Aggregation<Self::Labels> {
        Aggregation::new("quantile", Some(share), self.expr())
    }

    /// `topk(count, …)`: the greatest, with all their labels.
    fn topk(self, count: u32) -> Ranked<Self::Labels> {
        Ranked::new("topk", count, self.expr())
    }

    /// `bottomk(count, …)`: the least, with all their labels.
    fn bottomk(self, count: u32) -> Ranked<Self::Labels> {
        Ranked::new("bottomk", count, self.expr())
    }

    // Arithmetic with a number, a scalar or a vector of the same labels.

    /// `… + …`
    fn add(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Add, self, right)
    }

    /// `… - …`
    fn sub(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Subtract, self, right)
    }

    /// `… * …`
    fn mul(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Multiply, self, right)
    }

    /// `… / …`; where the divisor may be zero, use [`Query::div_nonzero`].
    fn div(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Divide, self, right)
    }

    /// `… / (… > 0)`: no value where the divisor is zero, instead of not-a-number.
    fn div_nonzero(self, right: impl Query<Labels = Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Divide, self, right.gt(0))
    }

    /// `… % …`
    fn modulo(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Modulo, self, right)
    }

    /// `… ^ …`
    fn pow(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Power, self, right)
    }

    // Comparisons: they keep the series for which they hold.

    /// `… > …`
    fn gt(self, right: impl Operand<Self::Labels>) -> Comparison<Self::Labels> {
        compare(Operator::Greater, self, right)
    }

    /// `… >= …`
    fn ge(self, right: impl Operand<Self::Labels>) -> Comparison<Self::Labels> {
        compare(Operator::GreaterOrEqual, self, right)
    }

    /// `… < …`
    fn lt(self, right: impl Operand<Self::Labels>) -> Comparison<Self::Labels> {
        compare(Operator::Less, self, right)
    }

    /// `… <= …`
    fn le(self, right: impl Operand<Self::Labels>) -> Comparison<Self::Labels> {
        compare(Operator::LessOrEqual, self, right)
    }

    /// `… == …`
    fn eq(self, right: impl Operand<Self::Labels>) -> Comparison<Self::Labels> {
        compare(Operator::Equal, self, right)
    }

    /// `… != …`
    fn ne(self, right: impl Operand<Self::Labels>) -> Comparison<Self::Labels> {
        compare(Operator::NotEqual, self, right)
    }

    // Comparisons whose value is 1 where they hold and 0 where they do not.

    /// `… > bool …`
    fn gt_bool(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        Vector::new(Expr::truth(Operator::Greater, self.expr(), right.into_operand()))
    }

    /// `… >= bool …`
    fn ge_bool(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        Vector::new(Expr::truth(Operator::GreaterOrEqual, self.expr(), right.into_operand()))
    }

    /// `… < bool …`
    fn lt_bool(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        Vector::new(Expr::truth(Operator::Less, self.expr(), right.into_operand()))
    }

    /// `… <= bool …`
    fn le_bool(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        Vector::new(Expr::truth(Operator::LessOrEqual, self.expr(), right.into_operand()))
    }

    /// `… == bool …`
    fn eq_bool(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        Vector::new(Expr::truth(Operator::Equal, self.expr(), right.into_operand()))
    }

    /// `… != bool …`
    fn ne_bool(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        Vector::new(Expr::truth(Operator::NotEqual, self.expr(), right.into_operand()))
    }

    // Sets of series.

    /// `… and …`: the series that both sides have, with the values of this one.
    fn and(self, right: impl Query<Labels = Self::Labels>) -> Self::Kept {
        Self::Kept::from_expr(Expr::binary(Operator::And, self.expr(), right.expr()))
    }

    /// `… unless …`: the series that the other side does not have.
    fn unless(self, right: impl Query<Labels = Self::Labels>) -> Self::Kept {
        Self::Kept::from_expr(Expr::binary(Operator::Unless, self.expr(), right.expr()))
    }

    /// `… or …`: and the series that only the other side has.
    fn or(self, right: impl Query<Labels = Self::Labels>) -> Vector<Self::Labels> {
        Vector::new(Expr::binary(Operator::Or, self.expr(), right.expr()))
    }

    // Matching of the series of two vectors.

    /// Matches the sides by these labels alone, which both must carry.
    fn on<Right>(self, labels: impl LabelList<Self::Labels>) -> Matching<Self, Right> {
        Matching::new(self, true, labels.into_names())
    }

    /// Matches the sides by all labels but these.
    fn ignoring<Right>(self, labels: impl LabelList<Self::Labels>) -> Matching<Self, Right> {
        Matching::new(self, false, labels.into_names())
    }

    // Functions.

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

    /// `timestamp(…)`: when each sample was taken.
    fn timestamp(self) -> Vector<Self::Labels> {
        call("timestamp", self, [])
    }

    /// `time() - …`: the age of a point in time.
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

    /// `scalar(…)`: the value of the only series; not-a-number when there is not just one.
    fn scalar(self) -> Scalar {
        Scalar::new(Expr::call("scalar", vec![self.expr()]))
    }

    /// `absent(…)`: 1 when there is no series. Only patience tells a scrape that failed from a
    /// series that is gone, so an alert on it waits.
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

    /// `…[window:step]`: the values that it had, for functions over time.
    fn subquery(self, window: impl Into<Window>, step: Duration) -> Range<Self::Labels> {
        Range::new(self.expr(), window.into(), Some(step))
    }
}

/// What the set operators make of a query: a condition stays one.
pub trait FromExpr {
    #[doc(hidden)]
    fn from_expr(expr: Expr) -> Self;
}

pub(crate) fn binary<Labels>(
    operator: Operator,
    left: impl Query<Labels = Labels>,
    right: impl Operand<Labels>,
) -> Vector<Labels> {
    Vector::new(Expr::binary(operator, left.expr(), right.into_operand()))
}

fn compare<Labels>(
    operator: Operator,
    left: impl Query<Labels = Labels>,
    right: impl Operand<Labels>,
) -> Comparison<Labels> {
    Comparison::new(Expr::binary(operator, left.expr(), right.into_operand()))
}

fn call<Q: Query, const N: usize>(
    function: &'static str,
    of: Q,
    more: [Expr; N],
) -> Vector<Q::Labels> {
    let mut arguments = vec![of.expr()];
    arguments.extend(more);
    Vector::new(Expr::call(function, arguments))
}
