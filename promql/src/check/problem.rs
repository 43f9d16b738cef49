//! The problems of an expression, and their messages.

use std::{collections::BTreeSet, fmt, time::Duration};

use crate::render::{Style, number};

/// A mistake in an expression, which Prometheus would evaluate to an unintended result or refuse.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// A grouping, `on` or `group_left` names a label that the series do not carry, or no longer.
    LostLabel {
        /// The name of the missing label.
        label: String,
        /// The expression whose series lack it.
        of: String,
    },
    /// The two sides of an operator carry different labels, so none of their series match.
    LabelsDiffer {
        /// The labels that only the left side carries.
        left: BTreeSet<String>,
        /// The labels that only the right side carries.
        right: BTreeSet<String>,
        /// The text of the whole operation.
        at: String,
    },
    /// A label has one fixed value on the left and another on the right.
    NeverMatches {
        /// The name of the label with two values.
        label: String,
        /// The text of the whole operation.
        at: String,
    },
    /// Several series of one side may match one of the other, which Prometheus refuses.
    Ambiguous {
        /// The labels, not matched by, in which several series may differ.
        labels: BTreeSet<String>,
        /// The text of the whole operation.
        at: String,
    },
    /// A rate over a window so short that one or two missed scrapes leave fewer than two samples.
    ShortWindow {
        /// The window of the call.
        window: Duration,
        /// The shortest acceptable window: four scrape intervals.
        least: Duration,
        /// The text of the call.
        at: String,
    },
    /// A divisor that may be zero.
    DivisionByZero {
        /// The text of the divisor.
        divisor: String,
    },
    /// A quantile outside 0 to 1.
    InvalidQuantile {
        /// The value given.
        quantile: f64,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |it: &BTreeSet<String>| it.iter().cloned().collect::<Vec<_>>().join(", ");
        match self {
            Self::LostLabel { label, of } => {
                write!(f, "the series of `{of}` do not carry the label `{label}`")
            }
            Self::LabelsDiffer { left, right, at } => write!(
                f,
                "no series match in `{at}`: only the left side carries [{}], only the right [{}]; \
                 use `on` or `ignoring`",
                list(left),
                list(right)
            ),
            Self::NeverMatches { label, at } => write!(
                f,
                "no series match in `{at}`: the sides fix different values of `{label}`; \
                 use `ignoring`"
            ),
            Self::Ambiguous { labels, at } => write!(
                f,
                "several series may match one in `{at}`, which differ only in [{}]; \
                 aggregate them away or use `group_left`",
                list(labels)
            ),
            Self::ShortWindow { window, least, at } => {
                let style = Style::default();
                let (window, least) = (style.duration(*window), style.duration(*least));
                write!(f, "the window {window} of `{at}` is shorter than {least}, four scrapes")
            }
            Self::DivisionByZero { divisor } => {
                write!(f, "the divisor `{divisor}` may be zero; use `div_nonzero`")
            }
            Self::InvalidQuantile { quantile } => {
                write!(f, "the quantile {} is not between 0 and 1", number(*quantile))
            }
        }
    }
}
