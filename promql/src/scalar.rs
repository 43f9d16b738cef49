//! Values without series (numbers, durations, the time), and the right side of an operator.

use std::{fmt, ops, time::Duration};

use crate::{
    ast::{Expr, Node, Operator},
    query::{Query, Vector},
};

/// One value without labels.
#[derive(Clone)]
pub struct Scalar(Expr);

/// `time()`: now, in seconds since the epoch.
pub fn time() -> Scalar {
    Scalar(Expr::call("time", vec![]))
}

/// `vector(…)`: the value as the only series, without labels.
pub fn vector(value: impl Into<Scalar>) -> Vector<()> {
    Vector::new(Expr::call("vector", vec![value.into().0]))
}

/// `hour()`: the hour of the day in UTC.
pub fn hour() -> Vector<()> {
    Vector::new(Expr::call("hour", vec![]))
}

/// `day_of_week()`: the day of the week in UTC; Sunday is 0.
pub fn day_of_week() -> Vector<()> {
    Vector::new(Expr::call("day_of_week", vec![]))
}

impl Scalar {
    pub(crate) fn new(expr: Expr) -> Self {
        Self(expr)
    }

    /// The expression without its type.
    pub fn into_expr(self) -> Expr {
        self.0
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Self(Expr::number(value))
    }
}

impl From<i32> for Scalar {
    fn from(value: i32) -> Self {
        Self(Expr::number(f64::from(value)))
    }
}

impl From<u32> for Scalar {
    fn from(value: u32) -> Self {
        Self(Expr::number(f64::from(value)))
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self(Expr::number(value as f64))
    }
}

impl From<u64> for Scalar {
    fn from(value: u64) -> Self {
        Self(Expr::number(value as f64))
    }
}

/// The duration's seconds; unlike a number they follow the [`Style`](crate::Style)'s scale.
impl From<Duration> for Scalar {
    fn from(duration: Duration) -> Self {
        Self(Expr(Node::Seconds(duration)))
    }
}

macro_rules! operators {
    ($($Trait:ident $method:ident $Operator:ident),+) => {$(
        impl<Q: Query> ops::$Trait<Q> for Scalar {
            type Output = Vector<Q::Labels>;

            fn $method(self, right: Q) -> Self::Output {
                Vector::new(Expr::binary(Operator::$Operator, self.0, right.expr()))
            }
        }

        impl ops::$Trait<Scalar> for Scalar {
            type Output = Scalar;

            fn $method(self, right: Scalar) -> Self::Output {
                Scalar(Expr::binary(Operator::$Operator, self.0, right.0))
            }
        }

        impl ops::$Trait<f64> for Scalar {
            type Output = Scalar;

            fn $method(self, right: f64) -> Self::Output {
                Scalar(Expr::binary(Operator::$Operator, self.0, Expr::number(right)))
            }
        }
    )+};
}
operators! { Add add Add, Sub sub Subtract, Mul mul Multiply, Div div Divide, Rem rem Modulo }

/// The right side of an operator: a number, a duration (its seconds), a [`Scalar`], or a query
/// whose series carry the same labels.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be combined with a vector with the labels `{Labels}`",
    label = "neither a number nor a query of these labels",
    note = "vectors of different labels are matched: `left.on(labels).div(right)`"
)]
pub trait Operand<Labels> {
    /// The expression without its type.
    fn into_operand(self) -> Expr;
}

impl<Q: Query> Operand<Q::Labels> for Q {
    fn into_operand(self) -> Expr {
        self.expr()
    }
}

macro_rules! scalar_operands {
    ($($Type:ty),+) => {$(
        impl<Labels> Operand<Labels> for $Type {
            fn into_operand(self) -> Expr {
                Scalar::from(self).into_expr()
            }
        }
    )+};
}
scalar_operands! { f64, i32, u32, i64, u64, Duration, Scalar }
