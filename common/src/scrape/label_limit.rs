//! A limit on the values of one label: the first values are kept, all others become `other`.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
};

use crate::{
    metric::{Counter, LabelText},
    scrape::Snapshot,
};

/// The value of a label for all values over the limit.
pub const OTHER: &str = "other";

/// How many distinct values over the limit are counted; the count stops there.
pub const MAX_TRACKED: usize = 4096;

crate::labels! {
    /// A limited label.
    pub struct FoldedLabels {
        /// The label whose values were folded.
        label: &'static str,
    }
}

crate::catalog! {
    // Written by the collector that owns the `LabelLimit`.
    /// Distinct label values that did not fit under the label's cap and were folded into `other`
    /// since the exporter started (at most 4096 are counted)
    pub static LABELS_FOLDED: Counter<FoldedLabels> = "pulso_labels_folded_total";
}

/// Limits the values of one label.
///
/// The first values stay for the life of the process, so that series do not come and go when a
/// ranking changes. With a ranking, fold the most important value first.
#[derive(Debug)]
pub struct LabelLimit {
    limit: usize,
    hasher: RandomState,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    kept: HashSet<LabelText>,
    /// Hashes, not values: a hostile source can send values of any length and number.
    folded: HashSet<u64>,
}

impl LabelLimit {
    /// Allows `limit` values besides `other`.
    pub fn new(limit: usize) -> Self {
        Self { limit, hasher: RandomState::new(), seen: Mutex::default() }
    }

    /// The value itself, or `other` when the limit is reached.
    pub fn fold(&self, value: &str) -> LabelText {
        if value == OTHER {
            return LabelText::of(OTHER);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = seen.kept.get(value) {
            return kept.clone();
        }
        if seen.kept.len() < self.limit {
            let kept = LabelText::from(value.to_owned());
            seen.kept.insert(kept.clone());
            return kept;
        }
        if seen.folded.len() < MAX_TRACKED {
            seen.folded.insert(self.hasher.hash_one(value));
        }
        LabelText::of(OTHER)
    }

    /// Writes how many values of the label became `other`.
    pub fn write_folded(&self, label: &'static str, out: &mut Snapshot) {
        out.counter(&LABELS_FOLDED, FoldedLabels { label }, self.folded() as f64);
    }

    /// How many distinct values became `other` so far, up to [`MAX_TRACKED`].
    pub fn folded(&self) -> u64 {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).folded.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_values_are_kept() {
        let limit = LabelLimit::new(2);

        assert_eq!(["a", "b", "c", "a", "b"].map(|it| limit.fold(it)), ["a", "b", OTHER, "a", "b"]);
    }

    #[test]
    fn each_folded_value_counts_once() {
        let limit = LabelLimit::new(1);
        for value in ["a", "b", "c", "b", "a"] {
            limit.fold(value);
        }

        assert_eq!(limit.folded(), 2);
    }

    #[test]
    fn a_value_named_other_does_not_count() {
        let limit = LabelLimit::new(1);

        assert_eq!([OTHER, "a", OTHER].map(|it| limit.fold(it)), [OTHER, "a", OTHER]);
        assert_eq!(limit.folded(), 0);
    }

    #[test]
    fn many_values_use_bounded_memory() {
        let limit = LabelLimit::new(10);
        for value in 0..3 * MAX_TRACKED {
            limit.fold(&value.to_string());
        }

        assert_eq!(limit.folded(), MAX_TRACKED as u64);
        assert_eq!(limit.seen.lock().unwrap().kept.len(), 10);
        assert_eq!(limit.fold("9"), "9", "kept values stay");
    }
}
