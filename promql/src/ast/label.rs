//! Label names and matchers.

use std::borrow::Cow;

/// The name of a label in an expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelName {
    /// As it is written in PromQL.
    pub name: Cow<'static, str>,
    /// Whether the scrape gives it to every series of a target, as `job`.
    pub target: bool,
}

/// The label with a histogram bucket's upper bound.
pub(crate) const LE: LabelName = LabelName::of_series("le");

impl LabelName {
    pub(crate) const fn of_series(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), target: false }
    }

    pub(crate) const fn of_target(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), target: true }
    }
}

/// A condition on one label of a series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Matcher {
    /// The label that is compared; a series without it counts as having the empty value.
    pub label: LabelName,
    /// Equality or a regular expression.
    pub operator: MatchOperator,
    /// The text or regular expression, unquoted.
    pub value: String,
}

/// The operator of a label matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchOperator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, anchored at both ends
    Matches,
    /// `!~`, anchored at both ends
    NotMatches,
}
