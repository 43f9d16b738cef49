//! Label names, typed by the label set that they belong to.

use std::borrow::Cow;

use common::metric::Label;

/// The name of a label in an expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelName {
    /// The name.
    pub name: Cow<'static, str>,
    /// Whether the scrape gives it to every series of a target, as `job`.
    pub target: bool,
}

impl LabelName {
    pub(crate) const fn of_series(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), target: false }
    }

    pub(crate) const fn of_target(label: TargetLabel) -> Self {
        Self { name: Cow::Borrowed(label.0), target: true }
    }
}

/// A label that the scrape, not the exporter, gives to every series of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetLabel(&'static str);

/// The scrape job.
pub const JOB: TargetLabel = TargetLabel("job");
/// The address that was scraped.
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
    /// The names.
    fn into_names(self) -> Vec<LabelName>;
}

impl<Set, Value> LabelList<Set> for Label<Set, Value> {
    fn into_names(self) -> Vec<LabelName> {
        vec![LabelName::of_series(self.name())]
    }
}

impl<Set> LabelList<Set> for TargetLabel {
    fn into_names(self) -> Vec<LabelName> {
        vec![LabelName::of_target(self)]
    }
}

impl<Set> LabelList<Set> for () {
    fn into_names(self) -> Vec<LabelName> {
        Vec::new()
    }
}

/// One label of `Set`, or of targets.
pub trait LabelOf<Set> {
    /// Its name.
    fn into_name(self) -> LabelName;
}

impl<Set, Value> LabelOf<Set> for Label<Set, Value> {
    fn into_name(self) -> LabelName {
        LabelName::of_series(self.name())
    }
}

impl<Set> LabelOf<Set> for TargetLabel {
    fn into_name(self) -> LabelName {
        LabelName::of_target(self)
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
    )+};
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; }
