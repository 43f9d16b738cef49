//! What an expression's values are, followed from the definitions to the result.

use crate::{
    expr::{Expr, Series, Source},
    tree::{Binary, Node, Operator},
};
use common::metric::Unit;

/// The unit of an expression's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// The unit.
    pub unit: Unit,
    /// In each second.
    pub per_second: bool,
}

/// What is known of a part of an expression.
#[derive(Clone, Copy)]
enum Part {
    /// A number, which takes the unit of what it stands beside.
    Number,
    Of(Dimension),
}

const COUNT: Part = of(Unit::None);

const fn of(unit: Unit) -> Part {
    Part::Of(Dimension { unit, per_second: false })
}

impl Expr {
    /// The unit of its values, from the definitions that it rests on; `None` where they do not
    /// tell, as of a product of seconds and bytes.
    pub fn dimension(&self) -> Option<Dimension> {
        match part(self)? {
            Part::Number => None,
            Part::Of(dimension) => Some(dimension),
        }
    }
}

fn part(expr: &Expr) -> Option<Part> {
    match &expr.0 {
        Node::Number(_) => Some(Part::Number),
        Node::Seconds(_) => Some(of(Unit::Seconds)),
        Node::Text(_) => None,
        Node::Series(series) => of_series(series),
        Node::Aggregate { operator: "count" | "group", .. } => Some(COUNT),
        Node::Aggregate { of, .. } | Node::Range { of, .. } => part(of),
        Node::Call { function, arguments } => of_call(function, arguments),
        Node::Binary(binary) => of_binary(binary),
    }
}

fn of_series(series: &Series) -> Option<Part> {
    match (&series.source, series.suffix) {
        (_, "_count" | "_bucket") => Some(COUNT),
        (Source::Metric(definition), _) => Some(of(definition.unit)),
        (Source::Record(recorded), _) => part(recorded.expr()),
    }
}

fn of_call(function: &str, arguments: &[Expr]) -> Option<Part> {
    match function {
        "time" | "timestamp" => Some(of(Unit::Timestamp)),
        "changes" | "resets" | "count_over_time" | "present_over_time" | "absent"
        | "absent_over_time" | "hour" | "day_of_week" | "sgn" => Some(COUNT),
        // The second argument holds the buckets, whose bounds are in the metric's unit.
        "histogram_quantile" => match &arguments.get(1)?.series().first()?.source {
            Source::Metric(definition) => Some(of(definition.unit)),
            Source::Record(_) => None,
        },
        "rate" | "irate" | "deriv" => match part(arguments.first()?)? {
            Part::Of(Dimension { unit, per_second: false }) => {
                Some(Part::Of(Dimension { unit, per_second: true }))
            }
            Part::Of(_) | Part::Number => None,
        },
        "quantile_over_time" => part(arguments.get(1)?),
        "sqrt" => None,
        // The others round, bound, sort or rename what they are given.
        _ => part(arguments.first()?),
    }
}

fn of_binary(binary: &Binary) -> Option<Part> {
    if binary.returns_bool {
        return Some(COUNT);
    }
    let (left, right) = (part(&binary.left), part(&binary.right));
    if binary.operator.is_set() || binary.operator.precedence() == Operator::Equal.precedence() {
        return left;
    }
    match (left?, right?) {
        (Part::Number, Part::Number) => Some(Part::Number),
        (Part::Of(left), Part::Of(right)) => computed(binary.operator, left, right).map(Part::Of),
        (known, Part::Number) => match binary.operator {
            Operator::Power => None,
            _ => Some(known),
        },
        (Part::Number, known) => match binary.operator {
            Operator::Add | Operator::Subtract | Operator::Multiply => Some(known),
            _ => None,
        },
    }
}

fn computed(operator: Operator, left: Dimension, right: Dimension) -> Option<Dimension> {
    let plain = |unit| Some(Dimension { unit, per_second: false });
    let same_pace = left.per_second == right.per_second;
    match (operator, left.unit, right.unit) {
        (Operator::Subtract, Unit::Timestamp, Unit::Timestamp) => plain(Unit::Seconds),
        (Operator::Add | Operator::Subtract, ..) => (left == right).then_some(left),
        (Operator::Divide, one, other) if one == other && same_pace => plain(Unit::Ratio),
        // The mean of what is counted: seconds in a second for each run in a second.
        (Operator::Divide, unit, Unit::None) if same_pace => plain(unit),
        (Operator::Divide, _, Unit::None) | (Operator::Multiply, _, Unit::None | Unit::Ratio)
            if !right.per_second =>
        {
            Some(left)
        }
        (Operator::Multiply, Unit::None | Unit::Ratio, _) if !left.per_second => Some(right),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use common::metric::{Counter, Gauge, Histogram};

    common::catalog! {
        /// Depth
        static DEPTH: Gauge = "depth";
        /// Seen
        static SEEN: Gauge = "seen_timestamp_seconds";
        /// Done
        static DONE: Counter = "done_total";
        /// Sent
        static SENT: Counter = "sent_bytes_total";
        /// Run
        static RUN: Histogram = with_buckets("run_seconds", &[1.0]);
    }

    fn check(query: impl Query, unit: Unit, per_second: bool) {
        let expr = query.expr();
        assert_eq!(expr.dimension(), Some(Dimension { unit, per_second }), "{expr}");
    }

    #[test]
    fn the_unit_follows_from_the_definitions() {
        check(DEPTH.max().by(()), Unit::None, false);
        check(DONE.rate(minutes(5)), Unit::None, true);
        check(SENT.rate(minutes(5)).sum().by(()), Unit::Bytes, true);
        check(SENT.increase(minutes(5)), Unit::Bytes, false);
        check(SEEN.age(), Unit::Seconds, false);
        check(RUN.mean(minutes(5)), Unit::Seconds, false);
        check(RUN.buckets().rate(minutes(5)).sum().quantile(0.95), Unit::Seconds, false);
        check(DONE.rate(minutes(5)).div_nonzero(DONE.rate(minutes(5))), Unit::Ratio, false);
        check(Scalar::from(1.0) - (&DEPTH).div_nonzero(&DEPTH), Unit::Ratio, false);
        check(DEPTH.gt(5), Unit::None, false);
        check(SENT.increase(minutes(5)).or(vector(0)), Unit::Bytes, false);
    }

    #[test]
    fn what_the_definitions_do_not_tell_is_not_guessed() {
        assert_eq!(SEEN.add(&SEEN).mul(SEEN.age()).expr().dimension(), None);
        assert_eq!(vector(1).expr().dimension(), None);
    }
}
