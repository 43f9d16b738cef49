//! What gives one value per series at an instant.

use std::{fmt, marker::PhantomData};

use crate::{
    expr::Expr,
    query::{FromExpr, Query},
};

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
    type Kept = Self;

    fn expr(self) -> Expr {
        self.expr
    }
}

impl<Labels> FromExpr for Vector<Labels> {
    fn from_expr(expr: Expr) -> Self {
        Self::new(expr)
    }
}
