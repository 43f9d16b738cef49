//! Two vectors together: set operators, and matching by chosen labels: `left.on(labels).div(right)`.

use std::marker::PhantomData;

use crate::{
    ast::{Expr, Group, LabelName, Match, Operator},
    condition::Comparison,
    label::LabelList,
    query::{FromExpr, Query, Vector},
};

/// Set operators, and how series of two vectors are matched.
pub trait Combine: Query {
    /// `… and …`: the series that both sides have, with the values of this one.
    fn and(self, right: impl Query<Labels = Self::Labels>) -> Self::Filtered {
        Self::Filtered::from_expr(Expr::binary(Operator::And, self.expr(), right.expr()))
    }

    /// `… unless …`: the series that the other side does not have.
    fn unless(self, right: impl Query<Labels = Self::Labels>) -> Self::Filtered {
        Self::Filtered::from_expr(Expr::binary(Operator::Unless, self.expr(), right.expr()))
    }

    /// `… or …`: and the series that only the other side has.
    fn or(self, right: impl Query<Labels = Self::Labels>) -> Vector<Self::Labels> {
        Vector::new(Expr::binary(Operator::Or, self.expr(), right.expr()))
    }

    /// Matches the sides by these labels alone, which both must carry.
    fn on<Right>(self, labels: impl LabelList<Self::Labels>) -> Matching<Self, Right> {
        Matching::new(self, true, labels.into_names())
    }

    /// Matches the sides by all labels but these.
    fn ignoring<Right>(self, labels: impl LabelList<Self::Labels>) -> Matching<Self, Right> {
        Matching::new(self, false, labels.into_names())
    }
}

impl<Q: Query> Combine for Q {}

/// A left side that waits for its operator; made by [`Combine::on`] and
/// [`Combine::ignoring`].
pub struct Matching<Left, Right> {
    left: Left,
    by: Match,
    marker: PhantomData<fn() -> Right>,
}

impl<Left: Query, Right> Matching<Left, Right> {
    pub(crate) fn new(left: Left, on: bool, labels: Vec<LabelName>) -> Self {
        let by = Match { on, labels, group: Group::None };
        Self { left, by, marker: PhantomData }
    }

    /// Many series on the left may match one on the right, and take these labels over from it.
    pub fn group_left(self, included: impl LabelList<Right>) -> Self {
        let group = Group::Left(included.into_names());
        Self { by: Match { group, ..self.by }, ..self }
    }

    /// Many series on the right may match one on the left, and take these labels over from it.
    pub fn group_right(self, included: impl LabelList<Left::Labels>) -> MatchingRight<Right> {
        let group = Group::Right(included.into_names());
        MatchingRight {
            left: self.left.expr(),
            by: Match { group, ..self.by },
            marker: PhantomData,
        }
    }

    /// `… and on (…) …`
    pub fn and(self, right: impl Query<Labels = Right>) -> Left::Filtered {
        Left::Filtered::from_expr(self.with(Operator::And, right.expr()))
    }

    /// `… unless on (…) …`
    pub fn unless(self, right: impl Query<Labels = Right>) -> Left::Filtered {
        Left::Filtered::from_expr(self.with(Operator::Unless, right.expr()))
    }

    /// `… or on (…) …`
    pub fn or(self, right: impl Query<Labels = Right>) -> Vector<Left::Labels> {
        Vector::new(self.with(Operator::Or, right.expr()))
    }

    fn with(self, operator: Operator, right: Expr) -> Expr {
        Expr::matched(operator, Some(self.by), self.left.expr(), right)
    }
}

/// A left side whose series may each match many on the right; made by
/// [`Matching::group_right`].
pub struct MatchingRight<Right> {
    left: Expr,
    by: Match,
    marker: PhantomData<fn() -> Right>,
}

impl<Right> MatchingRight<Right> {
    fn with(self, operator: Operator, right: Expr) -> Expr {
        Expr::matched(operator, Some(self.by), self.left, right)
    }
}

macro_rules! operators {
    ([$($Generic:tt)+] $Type:ty => $Labels:ty) => {
        #[allow(clippy::should_implement_trait, reason = "the left side has taken its labels along")]
        impl<$($Generic)+> $Type {
            operators! { @ arithmetic Right $Labels, add Add "+", sub Subtract "-", mul Multiply "*",
                div Divide "/", modulo Modulo "%" }
            operators! { @ comparisons Right $Labels, gt Greater ">", ge GreaterOrEqual ">=", lt Less "<",
                le LessOrEqual "<=", eq Equal "==", ne NotEqual "!=" }

            /// `… / on (…) (… > 0)`: no value where the divisor is zero.
            pub fn div_nonzero(self, right: impl Query<Labels = Right>) -> Vector<$Labels> {
                Vector::new(self.with(Operator::Divide, right.expr().nonzero()))
            }
        }
    };
    (@ arithmetic $Right:ident $Labels:ty, $($method:ident $Operator:ident $text:literal),+) => {$(
        #[doc = concat!("`… ", $text, " on (…) …`")]
        pub fn $method(self, right: impl Query<Labels = $Right>) -> Vector<$Labels> {
            Vector::new(self.with(Operator::$Operator, right.expr()))
        }
    )+};
    (@ comparisons $Right:ident $Labels:ty, $($method:ident $Operator:ident $text:literal),+) => {$(
        #[doc = concat!("`… ", $text, " on (…) …`")]
        pub fn $method(self, right: impl Query<Labels = $Right>) -> Comparison<$Labels> {
            Comparison::new(self.with(Operator::$Operator, right.expr()))
        }
    )+};
}
operators! { [Left: Query, Right] Matching<Left, Right> => Left::Labels }
operators! { [Right] MatchingRight<Right> => Right }
