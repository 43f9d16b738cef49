//! The number of counted rows per minute of their stamps, to find rows that were committed late.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Micros;

/// A minute since 1970.
pub(crate) type Minute = i64;

/// A minute in microseconds.
const MINUTE: Micros = 60_000_000;

/// How far back late rows are looked for.
pub(crate) const WINDOW: Micros = 60 * MINUTE;

/// Counted rows, by the minute of their stamp and by `Group` (queue and event).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MinuteCounts<Group: Ord> {
    /// The first minute of which every row is counted.
    since: Minute,
    #[serde(
        with = "entries",
        bound(serialize = "Group: Serialize + Clone", deserialize = "Group: Deserialize<'de>")
    )]
    counts: BTreeMap<(Minute, Group), u64>,
}

impl<Group: Ord + Clone> MinuteCounts<Group> {
    /// Counts of rows stamped at or after `from`: a minute that started before is incomplete.
    pub(crate) fn new(from: Micros) -> Self {
        Self { since: minute_of(from.saturating_add(MINUTE - 1)), counts: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, at: Micros, group: Group) {
        *self.counts.entry((minute_of(at), group)).or_default() += 1;
    }

    /// The range of whole minutes that can be compared with the table: complete ones, and only
    /// before the watermark, because later rows are still being read.
    pub(crate) fn comparable(&self, watermark: Micros) -> Option<(Micros, Micros)> {
        let until = minute_of(watermark);
        let from = self.since.max(until - WINDOW / MINUTE);
        (from < until).then_some((from * MINUTE, until * MINUTE))
    }

    /// Adds the rows by which the table exceeds the counts, and returns them. Rows that were
    /// deleted since are not subtracted.
    pub(crate) fn add_late(
        &mut self,
        table: &BTreeMap<(Minute, Group), u64>,
    ) -> BTreeMap<Group, u64> {
        let mut late = BTreeMap::new();
        for ((minute, group), &held) in table {
            if *minute < self.since {
                continue;
            }
            let counted = self.counts.entry((*minute, group.clone())).or_default();
            if held > *counted {
                *late.entry(group.clone()).or_default() += held - *counted;
                *counted = held;
            }
        }
        late
    }

    /// Drops minutes that are too old to be compared.
    pub(crate) fn forget(&mut self, watermark: Micros) {
        let oldest = minute_of(watermark) - WINDOW / MINUTE;
        self.counts.retain(|(minute, _), _| *minute >= oldest);
    }
}

/// Whether a range that [`MinuteCounts::comparable`] gave contains the minute.
pub(crate) const fn contains((from, until): (Micros, Micros), minute: Minute) -> bool {
    minute >= from.div_euclid(MINUTE) && minute < until.div_euclid(MINUTE)
}

/// The minute of a stamp.
fn minute_of(at: Micros) -> Minute {
    at.div_euclid(MINUTE)
}

/// JSON maps have only strings as keys, so the entries are written as a list.
mod entries {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Minute;

    pub(super) fn serialize<G: Serialize + Clone, S: Serializer>(
        counts: &BTreeMap<(Minute, G), u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(counts.iter().map(|((minute, group), count)| (minute, group, count)))
    }

    pub(super) fn deserialize<'de, G: Deserialize<'de> + Ord, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<(Minute, G), u64>, D::Error> {
        let entries = Vec::<(Minute, G, u64)>::deserialize(deserializer)?;
        Ok(entries.into_iter().map(|(minute, group, count)| ((minute, group), count)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_rows_are_added_once() {
        let mut minutes = MinuteCounts::new(0);
        minutes.add(MINUTE, "mail");
        let table = BTreeMap::from([((1, "mail"), 3), ((2, "slack"), 1)]);
        assert_eq!(minutes.add_late(&table), BTreeMap::from([("mail", 2), ("slack", 1)]));
        assert_eq!(minutes.add_late(&table), BTreeMap::new());
    }

    #[test]
    fn deleted_rows_are_not_subtracted() {
        let mut minutes = MinuteCounts::new(0);
        minutes.add(MINUTE, "mail");
        minutes.add(MINUTE + 1, "mail");
        assert_eq!(minutes.add_late(&BTreeMap::from([((1, "mail"), 1)])), BTreeMap::new());
        assert_eq!(minutes.add_late(&BTreeMap::from([((1, "mail"), 2)])), BTreeMap::new());
    }

    #[test]
    fn only_complete_minutes_are_compared() {
        let mut minutes = MinuteCounts::new(30_000_000);
        assert_eq!(minutes.comparable(MINUTE + 1), None, "the first minute is incomplete");
        assert_eq!(minutes.comparable(3 * MINUTE + 1), Some((MINUTE, 3 * MINUTE)));
        assert_eq!(minutes.comparable(100 * MINUTE), Some((40 * MINUTE, 100 * MINUTE)));
        assert_eq!(minutes.add_late(&BTreeMap::from([((0, "mail"), 9)])), BTreeMap::new());
    }

    #[test]
    fn old_minutes_are_dropped() {
        let mut minutes = MinuteCounts::new(0);
        for minute in 0..1000 {
            minutes.add(minute * MINUTE, "mail");
            minutes.forget(minute * MINUTE);
        }
        assert_eq!(minutes.counts.len(), 61);
    }
}
