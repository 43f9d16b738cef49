//! How many rows were counted per minute of their stamp, to find out later what came too late.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Micros;

/// A minute of the stamps.
pub type Minute = i64;

/// Microseconds of a minute.
pub const MINUTE: Micros = 60_000_000;

/// How far back the longer look goes.
pub const WINDOW: Micros = 60 * MINUTE;

/// Rows counted, by the minute of their stamp and by `Group` (queue and outcome).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tally<Group: Ord> {
    /// The first minute of which every visible row was seen.
    since: Minute,
    #[serde(
        with = "entries",
        bound(serialize = "Group: Serialize + Clone", deserialize = "Group: Deserialize<'de>")
    )]
    counts: BTreeMap<(Minute, Group), u64>,
}

impl<Group: Ord + Clone> Tally<Group> {
    /// A tally of rows stamped at or after `from`.
    pub fn new(from: Micros) -> Self {
        Self { since: minute_of(from.saturating_add(MINUTE - 1)), counts: BTreeMap::new() }
    }

    /// Takes in a row.
    pub fn add(&mut self, at: Micros, group: Group) {
        *self.counts.entry((minute_of(at), group)).or_default() += 1;
    }

    /// The minutes that can be compared with the table, as points in time: whole minutes, all of
    /// whose rows this tally knows, before `bound` (from where rows are still read).
    pub fn comparable(&self, bound: Micros) -> Option<(Micros, Micros)> {
        let until = minute_of(bound);
        let from = self.since.max(until - WINDOW / MINUTE);
        (from < until).then_some((from * MINUTE, until * MINUTE))
    }

    /// Compares with what the table holds now, takes in what it has more, and returns that.
    pub fn catch_up(&mut self, table: &BTreeMap<(Minute, Group), u64>) -> BTreeMap<Group, u64> {
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

    /// Forgets minutes too old to be compared.
    pub fn forget(&mut self, bound: Micros) {
        let oldest = minute_of(bound) - WINDOW / MINUTE;
        self.counts.retain(|(minute, _), _| *minute >= oldest);
    }
}

/// The minute in which a stamp lies.
pub fn minute_of(at: Micros) -> Minute {
    at.div_euclid(MINUTE)
}

/// JSON has no maps with structured keys, so the entries are written as a list.
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
    fn what_the_table_has_more_is_late_once() {
        let mut tally = Tally::new(0);
        tally.add(MINUTE, "mail");
        let table = BTreeMap::from([((1, "mail"), 3), ((2, "slack"), 1)]);
        assert_eq!(tally.catch_up(&table), BTreeMap::from([("mail", 2), ("slack", 1)]));
        assert_eq!(tally.catch_up(&table), BTreeMap::new());
    }

    #[test]
    fn what_was_deleted_since_is_not_taken_back() {
        let mut tally = Tally::new(0);
        tally.add(MINUTE, "mail");
        tally.add(MINUTE + 1, "mail");
        assert_eq!(tally.catch_up(&BTreeMap::from([((1, "mail"), 1)])), BTreeMap::new());
        assert_eq!(tally.catch_up(&BTreeMap::from([((1, "mail"), 2)])), BTreeMap::new());
    }

    #[test]
    fn only_whole_minutes_that_it_knows_are_compared() {
        let mut tally = Tally::new(30_000_000);
        assert_eq!(tally.comparable(MINUTE + 1), None, "the first minute was joined half-way");
        assert_eq!(tally.comparable(3 * MINUTE + 1), Some((MINUTE, 3 * MINUTE)));
        assert_eq!(tally.comparable(100 * MINUTE), Some((40 * MINUTE, 100 * MINUTE)));
        assert_eq!(tally.catch_up(&BTreeMap::from([((0, "mail"), 9)])), BTreeMap::new());
    }

    #[test]
    fn it_keeps_one_window() {
        let mut tally = Tally::new(0);
        for minute in 0..1000 {
            tally.add(minute * MINUTE, "mail");
            tally.forget(minute * MINUTE);
        }
        assert_eq!(tally.counts.len(), 61);
    }
}
