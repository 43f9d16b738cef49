//! The unit of an expression's values, followed from the definitions to the result.

use common::metric::Unit;

use crate::ast::{Binary, Expr, Node, Operator, Series, Source};

/// The unit of an expression's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// The unit of the values, or of their growth per second.
    pub unit: Unit,
    /// Whether it is per second, as `rate` makes it.
    pub per_second: bool,
}

/// The known dimension of a part of an expression.
#[derive(Clone, Copy)]
enum Part {
    /// A number, which takes the unit of the other operand.
    Number,
    Of(Dimension),
}

const COUNT: Part = of(Unit::None);

const fn of(unit: Unit) -> Part {
    Part::Of(Dimension { unit, per_second: false })
}

impl Expr {
    /// The unit of its values, derived from the metrics' definitions; `None` where there is none
    /// that [`Unit`] names, as for a product of seconds and bytes.
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
        // The others round, clamp, sort or rename their first argument.
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
        // A mean: seconds per second divided by runs per second.
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
