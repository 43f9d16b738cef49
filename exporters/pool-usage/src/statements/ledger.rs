//! The increase of each statement between two readings.
//!
//! The increase of an entry is the difference to its last reading. An entry that is new, that is
//! smaller than before or that has another start was created in between, so its whole value is the
//! increase. After a reset of the view that holds for every entry. Calls between the last reading
//! and an eviction or a reset are lost.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use common::{metric::LabelText, scrape::HistogramValue};

use crate::metrics::statements::STATEMENT_DURATION;

/// The key of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) user: u32,
    pub(super) database: u32,
    /// `None` if the role may not see it.
    pub(super) query: Option<i64>,
    pub(super) top_level: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) calls: i64,
    pub(super) seconds: f64,
    pub(super) rows: i64,
    pub(super) hit: i64,
    pub(super) read: i64,
    pub(super) temporary: i64,
    /// When the entry was created; unknown in old versions.
    pub(super) since: Option<f64>,
}

/// The sum of the increases in one database.
#[derive(Clone, Debug)]
pub(super) struct Total {
    pub(super) calls: i64,
    pub(super) seconds: f64,
    pub(super) rows: i64,
    pub(super) hit: i64,
    pub(super) read: i64,
    pub(super) temporary: i64,
    pub(super) duration: HistogramValue,
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// `None` before the first reading, whose values are older than the exporter.
    last: Option<HashMap<Key, Entry>>,
    reset: Option<f64>,
    totals: BTreeMap<LabelText, Total>,
}

impl Ledger {
    /// Adds a reading; `database` returns the label of a database's OID.
    pub(super) fn take(
        &mut self,
        entries: &[(Key, Entry)],
        reset: Option<f64>,
        database: impl Fn(u32) -> Option<LabelText>,
    ) {
        let whole_reset = self.reset.is_some() && self.reset != reset;
        let mut now = HashMap::with_capacity(entries.len());
        for (key, entry) in entries {
            let label = || database(key.database);
            // Entries with a hidden `queryid` share one key, so they cannot be compared.
            let Some(datname) = key.query.and_then(|_| label()) else { continue };
            let total = self.totals.entry(datname).or_insert_with(Total::zero);
            if let Some(last) = &self.last {
                let before = last.get(key).filter(|before| !whole_reset && grew(before, entry));
                total.add(&entry.less(before.copied().unwrap_or_default()));
            }
            now.insert(*key, *entry);
        }
        self.last = Some(now);
        self.reset = reset;
    }

    pub(super) fn totals(&self) -> impl Iterator<Item = (&LabelText, &Total)> {
        self.totals.iter()
    }
}

/// Whether `now` continues the entry `before`.
fn grew(before: &Entry, now: &Entry) -> bool {
    before.since == now.since && now.calls >= before.calls && now.seconds >= before.seconds
}

impl Entry {
    fn less(&self, before: Self) -> Self {
        Self {
            calls: self.calls - before.calls,
            seconds: self.seconds - before.seconds,
            rows: self.rows - before.rows,
            hit: self.hit - before.hit,
            read: self.read - before.read,
            temporary: self.temporary - before.temporary,
            since: self.since,
        }
    }
}

impl Total {
    fn zero() -> Self {
        let bounds: Arc<[f64]> = STATEMENT_DURATION.definition().buckets.into();
        Self {
            calls: 0,
            seconds: 0.0,
            rows: 0,
            hit: 0,
            read: 0,
            temporary: 0,
            duration: HistogramValue::new(bounds),
        }
    }

    fn add(&mut self, added: &Entry) {
        self.calls += added.calls;
        self.seconds += added.seconds;
        self.rows += added.rows.max(0);
        self.hit += added.hit.max(0);
        self.read += added.read.max(0);
        self.temporary += added.temporary.max(0);
        if let Ok(calls @ 1..) = u64::try_from(added.calls) {
            self.duration.observe_many(added.seconds / added.calls as f64, calls);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(query: i64) -> Key {
        Key { user: 10, database: 1, query: Some(query), top_level: true }
    }

    fn entry(calls: i64, seconds: f64) -> Entry {
        Entry { calls, seconds, rows: calls, ..Entry::default() }
    }

    fn take(ledger: &mut Ledger, entries: &[(i64, Entry)], reset: Option<f64>) -> (i64, u64, f64) {
        let entries: Vec<_> = entries.iter().map(|(query, it)| (key(*query), *it)).collect();
        ledger.take(&entries, reset, |_| Some("shop".into()));
        let total = ledger.totals.get("shop").cloned().unwrap_or_else(Total::zero);
        assert!((total.duration.sum() - total.seconds).abs() < 1e-9);
        (total.calls, total.duration.count(), total.seconds)
    }

    #[test]
    fn what_was_there_first_is_not_counted_and_what_is_added_is() {
        let mut ledger = Ledger::default();
        assert_eq!(take(&mut ledger, &[(1, entry(100, 5.0))], None), (0, 0, 0.0));
        let second = [(1, entry(110, 6.0)), (2, entry(3, 0.5))];
        assert_eq!(take(&mut ledger, &second, None), (13, 13, 1.5));
        assert_eq!(take(&mut ledger, &second, None), (13, 13, 1.5));
    }

    #[test]
    fn calls_fall_into_the_bucket_of_their_mean() {
        let mut ledger = Ledger::default();
        take(&mut ledger, &[], None);
        take(&mut ledger, &[(1, entry(4, 0.8)), (2, entry(1, 2.0))], None);
        let total = &ledger.totals["shop"];
        let filled: Vec<_> = total.duration.buckets().filter(|(_, count)| *count > 0).collect();
        assert_eq!(filled, [(0.25, 4), (2.5, 1)]);
    }

    #[test]
    fn an_entry_that_was_evicted_and_came_back_adds_all_it_holds() {
        let mut ledger = Ledger::default();
        take(&mut ledger, &[(1, entry(100, 5.0))], None);
        take(&mut ledger, &[], None);
        assert_eq!(take(&mut ledger, &[(1, entry(120, 6.0))], None), (120, 120, 6.0));
    }

    #[test]
    fn an_entry_that_counts_less_was_reset() {
        let mut ledger = Ledger::default();
        take(&mut ledger, &[(1, entry(100, 5.0))], None);
        assert_eq!(take(&mut ledger, &[(1, entry(7, 0.7))], None), (7, 7, 0.7));
    }

    #[test]
    fn a_reset_is_seen_even_when_the_entry_has_outgrown_what_it_was() {
        let mut ledger = Ledger::default();
        take(&mut ledger, &[(1, entry(5, 0.1))], Some(1.0));
        assert_eq!(take(&mut ledger, &[(1, entry(50, 1.0))], Some(2.0)), (50, 50, 1.0));

        let since = |entry: Entry, since| Entry { since: Some(since), ..entry };
        let mut ledger = Ledger::default();
        take(&mut ledger, &[(1, since(entry(5, 0.1), 1.0))], None);
        let after = [(1, since(entry(50, 1.0), 9.0))];
        assert_eq!(take(&mut ledger, &after, None), (50, 50, 1.0));
    }

    #[test]
    fn hidden_statements_are_left_out() {
        let mut ledger = Ledger::default();
        let hidden = Key { query: None, ..key(1) };
        for calls in [1, 5] {
            ledger.take(&[(hidden, entry(calls, 1.0))], None, |_| Some("shop".into()));
        }
        assert!(ledger.totals.is_empty());
    }
}
