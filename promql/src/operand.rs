//! What may stand on the right of an operator, and the operators that Rust has signs for.

use std::{ops, time::Duration};

use crate::{
    aggregate::Aggregation,
    expr::Expr,
    query::{Query, binary},
    scalar::Scalar,
    tree::Operator,
    vector::Vector,
};

/// The right side of an operator: a number, a duration (its seconds), a [`Scalar`], or a query
/// whose series carry the same labels.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand beside a vector with the labels `{Labels}`",
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
