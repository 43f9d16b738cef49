//! The base of every typed expression: a query, whose result is an instant vector.

use std::{fmt, marker::PhantomData};

use crate::ast::Expr;

/// An expression with one value per series: a gauge, an info metric, a recorded series, or a
/// computed value. A counter is none, because its value means nothing without its rate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be queried directly",
    label = "a counter is read through `rate` or `increase`, a histogram through its parts"
)]
pub trait Query: Sized {
    /// The labels that its series may carry.
    type Labels;
    /// The result of `and` and `unless`: a comparison stays a comparison.
    type Filtered: FromExpr;

    /// The expression without its type.
    fn expr(self) -> Expr;

    /// The query as a [`Vector`], which has Rust's arithmetic operators.
    fn vector(self) -> Vector<Self::Labels> {
        Vector::new(self.expr())
    }

    /// The same expression with the labels of another set: those a join added, or those that two
    /// metrics share. [`Expr::problems`] checks that its series carry the labels it uses.
    fn labelled<Labels>(self) -> Vector<Labels> {
        Vector::new(self.expr())
    }
}

/// The typed result of a set operator.
pub trait FromExpr {
    #[doc(hidden)]
    fn from_expr(expr: Expr) -> Self;
}

impl<Q: Query> From<Q> for Expr {
    fn from(query: Q) -> Self {
        query.expr()
    }
}

/// An instant vector whose series carry labels of the set `Labels` (and of their targets), as
/// far as these have not been aggregated away.
pub struct Vector<Labels> {
    expr: Expr,
    marker: PhantomData<fn() -> Labels>,
}

impl<Labels> Vector<Labels> {
    pub(crate) fn new(expr: Expr) -> Self {
        Self { expr, marker: PhantomData }
    }
}

impl<Labels> Clone for Vector<Labels> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<Labels> fmt::Debug for Vector<Labels> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.expr, f)
    }
}

impl<Labels> fmt::Display for Vector<Labels> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.expr, f)
    }
}

impl<Labels> Query for Vector<Labels> {
    type Labels = Labels;
    type Filtered = Self;

    fn expr(self) -> Expr {
        self.expr
    }
}

impl<Labels> FromExpr for Vector<Labels> {
    fn from_expr(expr: Expr) -> Self {
        Self::new(expr)
    }
}
