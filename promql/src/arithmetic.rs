//! Arithmetic of a vector with a number, a scalar or a vector of the same labels.

use std::ops;

use crate::{
    aggregate::Aggregation,
    ast::{Expr, Operator},
    query::{Query, Vector},
    scalar::Operand,
};

/// Arithmetic by name; a [`Vector`] also has Rust's operators.
pub trait Arithmetic: Query {
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

    /// `… / …`; where the divisor may be zero, use [`Self::div_nonzero`].
    fn div(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Divide, self, right)
    }

    /// `… / (… > 0)`: no value where the divisor is zero, instead of not-a-number.
    fn div_nonzero(self, right: impl Query<Labels = Self::Labels>) -> Vector<Self::Labels> {
        Vector::new(Expr::binary(Operator::Divide, self.expr(), right.expr().nonzero()))
    }

    /// `… % …`
    fn modulo(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Modulo, self, right)
    }

    /// `… ^ …`
    fn pow(self, right: impl Operand<Self::Labels>) -> Vector<Self::Labels> {
        binary(Operator::Power, self, right)
    }
}

impl<Q: Query> Arithmetic for Q {}

fn binary<Labels>(
    operator: Operator,
    left: impl Query<Labels = Labels>,
    right: impl Operand<Labels>,
) -> Vector<Labels> {
    Vector::new(Expr::binary(operator, left.expr(), right.into_operand()))
}

macro_rules! operators {
    ($($Trait:ident $method:ident $Operator:ident),+) => {$(
        impl<Labels, Right: Operand<Labels>> ops::$Trait<Right> for Vector<Labels> {
            type Output = Vector<Labels>;

            fn $method(self, right: Right) -> Self::Output {
                binary(Operator::$Operator, self, right)
            }
        }

        impl<Labels, Right: Operand<()>> ops::$Trait<Right> for Aggregation<Labels> {
            type Output = Vector<()>;

            fn $method(self, right: Right) -> Self::Output {
                binary(Operator::$Operator, self, right)
            }
        }

        impl<Labels> ops::$Trait<Vector<Labels>> for f64 {
            type Output = Vector<Labels>;

            fn $method(self, right: Vector<Labels>) -> Self::Output {
                Vector::new(Expr::binary(Operator::$Operator, Expr::number(self), right.expr()))
            }
        }
    )+};
}
operators! { Add add Add, Sub sub Subtract, Mul mul Multiply, Div div Divide, Rem rem Modulo }
