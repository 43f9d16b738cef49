//! Comparisons, and the conditions that alerts are made of.

use std::{fmt, marker::PhantomData};

use crate::{
    ast::{Expr, Node, Operator},
    query::{FromExpr, Query, Vector},
    scalar::Operand,
};

/// Comparisons with a number, a scalar or a vector of the same labels. They keep the series for
/// which they hold; with `_bool`, their value is 1 where they hold and 0 where they do not.
pub trait Compare: Query {
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
}

impl<Q: Query> Compare for Q {}

fn compare<Labels>(
    operator: Operator,
    left: impl Query<Labels = Labels>,
    right: impl Operand<Labels>,
) -> Comparison<Labels> {
    Comparison::new(Expr::binary(operator, left.expr(), right.into_operand()))
}

/// The series for which a comparison holds. It is a query as well: their values.
pub struct Comparison<Labels> {
    expr: Expr,
    marker: PhantomData<fn() -> Labels>,
}

impl<Labels> Comparison<Labels> {
    pub(crate) fn new(expr: Expr) -> Self {
        Self { expr, marker: PhantomData }
    }

    /// `… or …`: either condition; the labels of the two may differ.
    pub fn or<Right>(self, right: Comparison<Right>) -> Self {
        Self::new(Expr::binary(Operator::Or, self.expr, right.expr))
    }

    /// The condition, for an alert.
    pub fn condition(self) -> Condition {
        Condition(self.expr)
    }
}

impl<Labels> Query for Comparison<Labels> {
    type Labels = Labels;
    type Filtered = Self;

    fn expr(self) -> Expr {
        self.expr
    }
}

impl<Labels> FromExpr for Comparison<Labels> {
    fn from_expr(expr: Expr) -> Self {
        Self::new(expr)
    }
}

impl<Labels> Clone for Comparison<Labels> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<Labels> fmt::Debug for Comparison<Labels> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.expr, f)
    }
}

impl<Labels> fmt::Display for Comparison<Labels> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.expr, f)
    }
}

/// The condition of an alert: a comparison without the type of its labels.
#[derive(Clone, Debug)]
pub struct Condition(Expr);

impl Condition {
    /// The expression without its type.
    pub fn expr(&self) -> &Expr {
        &self.0
    }

    /// Whether it holds above a limit (`… > 5`) rather than below one; a panel colours that side of
    /// the line.
    pub fn is_upper_limit(&self) -> bool {
        let mut expr = &self.0;
        while let Node::Binary(binary) = &expr.0 {
            match binary.operator {
                Operator::Greater | Operator::GreaterOrEqual => return true,
                Operator::Or | Operator::And | Operator::Unless => expr = &binary.left,
                _ => return false,
            }
        }
        false
    }
}

impl<Labels> From<Comparison<Labels>> for Condition {
    fn from(comparison: Comparison<Labels>) -> Self {
        comparison.condition()
    }
}

impl From<Condition> for Expr {
    fn from(condition: Condition) -> Self {
        condition.0
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
