//! Labels and label matchers, typed by the label set that they belong to.

use std::{fmt, marker::PhantomData};

use common::metric::{Label, LabelValue};

use crate::ast::{LabelName, MatchOperator, Matcher};

/// A label that the scrape, not the exporter, gives to every series of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetLabel(&'static str);

/// `job`: the name of the scrape job.
pub const JOB: TargetLabel = TargetLabel("job");
/// `instance`: the host and port of the scraped target.
pub const INSTANCE: TargetLabel = TargetLabel("instance");

impl TargetLabel {
    /// A label that the scrape configuration gives to every target, such as `system`.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The label's name.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// Names of labels of `Set`, or of targets: one, or several in a tuple, or none: `()`.
#[diagnostic::on_unimplemented(
    message = "this does not name labels of `{Set}`",
    label = "not a label of this metric"
)]
pub trait LabelList<Set> {
    /// The names in the order given.
    fn into_names(self) -> Vec<LabelName>;
}

impl<Set, Value> LabelList<Set> for Label<Set, Value> {
    fn into_names(self) -> Vec<LabelName> {
        vec![LabelName::of_series(self.name())]
    }
}

impl<Set> LabelList<Set> for TargetLabel {
    fn into_names(self) -> Vec<LabelName> {
        vec![LabelName::of_target(self.0)]
    }
}

impl<Set> LabelList<Set> for () {
    fn into_names(self) -> Vec<LabelName> {
        Vec::new()
    }
}

/// One label of `Set`, or of targets.
pub trait LabelOf<Set> {
    /// The label's name without its type.
    fn into_name(self) -> LabelName;
}

impl<Set, Value> LabelOf<Set> for Label<Set, Value> {
    fn into_name(self) -> LabelName {
        LabelName::of_series(self.name())
    }
}

impl<Set> LabelOf<Set> for TargetLabel {
    fn into_name(self) -> LabelName {
        LabelName::of_target(self.0)
    }
}

impl TargetLabel {
    /// `label="value"`
    pub fn eq(self, value: impl Into<String>) -> TargetMatcher {
        self.matcher(MatchOperator::Equal, value)
    }

    /// `label!="value"`
    pub fn ne(self, value: impl Into<String>) -> TargetMatcher {
        self.matcher(MatchOperator::NotEqual, value)
    }

    /// `label=~"regex"`
    pub fn matches(self, regex: impl Into<String>) -> TargetMatcher {
        self.matcher(MatchOperator::Matches, regex)
    }

    /// `label!~"regex"`
    pub fn not_matches(self, regex: impl Into<String>) -> TargetMatcher {
        self.matcher(MatchOperator::NotMatches, regex)
    }

    /// `label=~"$label"`: the values chosen in the dashboard's variable of the label's name.
    pub fn chosen(self) -> TargetMatcher {
        self.matches(format!("${}", self.name()))
    }

    fn matcher(self, operator: MatchOperator, value: impl Into<String>) -> TargetMatcher {
        let label = LabelName::of_target(self.0);
        TargetMatcher(Matcher { label, operator, value: value.into() })
    }
}

/// The matchers of a metric's label.
pub trait MatchLabel<Set, Value: LabelValue>: LabelOf<Set> + Sized {
    /// `label="value"`
    fn eq(self, value: impl Into<Value>) -> LabelMatcher<Set> {
        matcher(self, MatchOperator::Equal, value.into().into_text().into())
    }

    /// `label!="value"`
    fn ne(self, value: impl Into<Value>) -> LabelMatcher<Set> {
        matcher(self, MatchOperator::NotEqual, value.into().into_text().into())
    }

    /// `label=~"regex"`, anchored at both ends.
    fn matches(self, regex: impl Into<String>) -> LabelMatcher<Set> {
        matcher(self, MatchOperator::Matches, regex.into())
    }

    /// `label!~"regex"`, anchored at both ends.
    fn not_matches(self, regex: impl Into<String>) -> LabelMatcher<Set> {
        matcher(self, MatchOperator::NotMatches, regex.into())
    }

    /// `label=~"a|b"`: one of these values, taken literally.
    fn one_of<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> LabelMatcher<Set> {
        matcher(self, MatchOperator::Matches, alternatives(values))
    }

    /// `label!~"a|b"`: none of these values, taken literally.
    fn none_of<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> LabelMatcher<Set> {
        matcher(self, MatchOperator::NotMatches, alternatives(values))
    }

    /// `label=~"$label"`: the values chosen in the dashboard's variable of the label's name.
    fn chosen(self) -> LabelMatcher<Set> {
        let label = self.into_name();
        let value = format!("${}", label.name);
        let operator = MatchOperator::Matches;
        LabelMatcher { matcher: Matcher { label, operator, value }, marker: PhantomData }
    }
}

impl<Set, Value: LabelValue> MatchLabel<Set, Value> for Label<Set, Value> {}

fn matcher<Set>(
    label: impl LabelOf<Set>,
    operator: MatchOperator,
    value: String,
) -> LabelMatcher<Set> {
    let matcher = Matcher { label: label.into_name(), operator, value };
    LabelMatcher { matcher, marker: PhantomData }
}

/// A condition on a label of the set `Set`.
pub struct LabelMatcher<Set> {
    matcher: Matcher,
    marker: PhantomData<fn() -> Set>,
}

impl<Set> Clone for LabelMatcher<Set> {
    fn clone(&self) -> Self {
        Self { matcher: self.matcher.clone(), marker: PhantomData }
    }
}

impl<Set> fmt::Debug for LabelMatcher<Set> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.matcher, f)
    }
}

/// A condition on a target's label; it can narrow every selector.
#[derive(Clone, Debug)]
pub struct TargetMatcher(Matcher);

impl From<TargetMatcher> for Matcher {
    fn from(matcher: TargetMatcher) -> Self {
        matcher.0
    }
}

impl<Set> From<LabelMatcher<Set>> for Matcher {
    fn from(matcher: LabelMatcher<Set>) -> Self {
        matcher.matcher
    }
}

/// Matchers of a metric with the labels `Set`: one, or several in a tuple, an array or a `Vec`.
#[diagnostic::on_unimplemented(
    message = "this does not narrow a metric with the labels `{Set}`",
    label = "not a matcher of one of its labels"
)]
pub trait Filter<Set> {
    /// The matchers without their types, in the order given.
    fn into_matchers(self) -> Vec<Matcher>;
}

impl<Set> Filter<Set> for LabelMatcher<Set> {
    fn into_matchers(self) -> Vec<Matcher> {
        vec![self.matcher]
    }
}

impl<Set> Filter<Set> for TargetMatcher {
    fn into_matchers(self) -> Vec<Matcher> {
        vec![self.0]
    }
}

impl<Set, F: Filter<Set>> Filter<Set> for Vec<F> {
    fn into_matchers(self) -> Vec<Matcher> {
        self.into_iter().flat_map(Filter::into_matchers).collect()
    }
}

impl<Set, F: Filter<Set>, const N: usize> Filter<Set> for [F; N] {
    fn into_matchers(self) -> Vec<Matcher> {
        self.into_iter().flat_map(Filter::into_matchers).collect()
    }
}

macro_rules! tuples {
    ($($($T:ident)+;)+) => {$(
        impl<Set, $($T: LabelList<Set>),+> LabelList<Set> for ($($T,)+) {
            #[allow(non_snake_case, reason = "a part is named as its type")]
            fn into_names(self) -> Vec<LabelName> {
                let ($($T,)+) = self;
                [$($T.into_names()),+].concat()
            }
        }

        impl<Set, $($T: Filter<Set>),+> Filter<Set> for ($($T,)+) {
            #[allow(non_snake_case, reason = "a part is named as its type")]
            fn into_matchers(self) -> Vec<Matcher> {
                let ($($T,)+) = self;
                [$($T.into_matchers()),+].concat()
            }
        }
    )+};
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; }

fn alternatives<V: Into<Value>, Value: LabelValue>(values: impl IntoIterator<Item = V>) -> String {
    let texts: Vec<_> = values.into_iter().map(|it| literal(&it.into().into_text())).collect();
    texts.join("|")
}

/// A regular expression that matches the text alone.
pub(crate) fn literal(text: &str) -> String {
    let mut regex = String::new();
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            regex.push('\\');
        }
        regex.push(character);
    }
    regex
}
