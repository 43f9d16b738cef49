//! Bounded labels: the first values keep their place, the rest fold into `other` and are counted.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
};

use crate::metric::{Counter, Metric, Text, Unit};

/// The value that stands for all that did not fit.
pub const OTHER: &str = "other";

/// How many folded values one [`LabelLimit`] tells apart; its count stays there.
pub const MAX_TRACKED: usize = 4096;

crate::labels! {
    /// One bounded label.
    pub struct FoldedLabels {
        /// The label whose values were folded.
        label: &'static str,
    }
}

crate::catalog! {
    /// What each [`LabelLimit`] folded; written by the collector that owns the cap.
    pub static LABELS_FOLDED: Metric<Counter, FoldedLabels> = Metric::counter(
        "pulso_labels_folded_total",
        Unit::None,
        "Distinct label values that did not fit under the label's cap and were folded into \
         `other` since the exporter started (no more than 4096 are told apart)",
    );
}

/// Keeps the values of one label bounded.
///
/// Membership is sticky: what was let in first stays for the life of the process, so that a
/// series does not come and go as the ranking of its values changes. Whoever has a ranking folds
/// in its order, the most important value first.
#[derive(Debug)]
pub struct LabelLimit {
    limit: usize,
    hasher: RandomState,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    members: HashSet<Text>,
    /// Hashes, not texts: a hostile source can make values as long and as many as it likes.
    folded: HashSet<u64>,
}

impl LabelLimit {
    /// At most `limit` values, and `other`.
    pub fn new(limit: usize) -> Self {
        Self { limit, hasher: RandomState::new(), seen: Mutex::default() }
    }

    /// The value itself, or `other` when the places are taken.
    pub fn fold(&self, value: &str) -> Text {
        if value == OTHER {
            return Text::of(OTHER);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(member) = seen.members.get(value) {
            return member.clone();
        }
        if seen.members.len() < self.limit {
            let member = Text::from(value.to_owned());
            seen.members.insert(member.clone());
            return member;
        }
        if seen.folded.len() < MAX_TRACKED {
            seen.folded.insert(self.hasher.hash_one(value));
        }
        Text::of(OTHER)
    }

    /// How many distinct values were folded so far, up to [`MAX_TRACKED`].
    pub fn folded(&self) -> u64 {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).folded.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_values_keep_their_place() {
        let cap = LabelLimit::new(2);

        assert_eq!(["a", "b", "c", "a", "b"].map(|it| cap.fold(it)), ["a", "b", OTHER, "a", "b"]);
    }

    #[test]
    fn each_folded_value_counts_once() {
        let cap = LabelLimit::new(1);
        for value in ["a", "b", "c", "b", "a"] {
            cap.fold(value);
        }

        assert_eq!(cap.folded(), 2);
    }

    #[test]
    fn a_value_named_other_takes_no_place() {
        let cap = LabelLimit::new(1);

        assert_eq!([OTHER, "a", OTHER].map(|it| cap.fold(it)), [OTHER, "a", OTHER]);
        assert_eq!(cap.folded(), 0);
    }

    #[test]
    fn a_flood_of_values_stays_bounded() {
        let cap = LabelLimit::new(10);
        for value in 0..3 * MAX_TRACKED {
            cap.fold(&value.to_string());
        }

        assert_eq!(cap.folded(), MAX_TRACKED as u64);
        assert_eq!(cap.seen.lock().unwrap().members.len(), 10);
        assert_eq!(cap.fold("9"), "9", "members stay through the flood");
    }
}
