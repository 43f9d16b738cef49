//! Comparisons, and the conditions that alerts are made of.

use std::{fmt, marker::PhantomData};

use crate::{
    expr::Expr,
    query::{FromExpr, Query},
    tree::{Node, Operator},
};

/// The series for which a comparison holds. It is a query as well: their values.
pub struct Comparison<Labels> {
    expr: Expr,
    marker: PhantomData<fn() -> Labels>,
}

impl<Labels> Comparison<Labels> {
    pub(crate) fn new(expr: Expr) -> Self {
        Self { expr, marker: PhantomData }
    }

    /// `… or …`: a condition on either side; the labels of the two may differ, as an alert's
    /// cases do.
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
    type Kept = Self;

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

/// What an alert waits for: a comparison, whatever its labels.
#[derive(Clone, Debug)]
pub struct Condition(Expr);

impl Condition {
    /// The expression without its type.
    pub fn expr(&self) -> &Expr {
        &self.0
    }

    /// Whether it holds above a limit (`… > 5`) rather than below one, as a panel must know to
    /// colour the right side of the line.
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
