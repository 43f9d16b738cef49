//! The ledger of counted rows: a watermark, and the keys of the counted rows stamped after it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{Key, Micros};

/// The transactions that may still write rows, as the first step of a reading sees them.
#[derive(Clone, Debug)]
pub(crate) struct OpenTransactions {
    /// The database's clock, read before anything else.
    pub(crate) now: Micros,
    /// When the oldest open transaction of another session started.
    pub(crate) oldest_start: Option<Micros>,
    /// The ids of the transactions that are prepared for a two-phase commit. PostgreSQL says when
    /// they were prepared, but not when they started.
    pub(crate) prepared: Vec<String>,
    /// Whether this is every transaction that may write the table: not without the privilege, and
    /// not on a standby, whose writers are on the primary.
    pub(crate) all_visible: bool,
}

/// The ledger's settings, from the mapping.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LedgerConfig {
    /// Whether the database's clock stamps the rows, so that open transactions limit their stamps.
    pub(crate) database_clock: bool,
    /// How late a row may be committed where open transactions do not give the watermark.
    pub(crate) lookback: Micros,
    /// How far the application's clocks may be off.
    pub(crate) skew: Micros,
    /// A margin before the oldest start: `pg_stat_activity` shows a statement a moment after it
    /// arrived.
    pub(crate) settle: Micros,
    /// The most keys to keep.
    pub(crate) max_keys: usize,
}

/// The key and stamp of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) key: Key,
    /// Its stamp.
    pub(crate) at: Micros,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ledger {
    /// The watermark: rows stamped before it are final. `None` before the first reading.
    watermark: Option<Micros>,
    /// The safe watermark: after the last reading, no row stamped before it can become visible.
    /// `None` if it is unknown.
    safe_watermark: Option<Micros>,
    /// The keys of the rows read so far whose stamps are not before the watermark.
    keys: HashMap<Key, Micros>,
    /// Prepared transactions, each with a time before which it did not start.
    prepared: BTreeMap<String, Micros>,
    exact: bool,
}

impl Ledger {
    /// The oldest stamp that the second step has to read.
    pub(crate) fn read_from(&self, open: &OpenTransactions, config: &LedgerConfig) -> Micros {
        match self.watermark {
            Some(watermark) if !self.clock_went_back(open) => watermark,
            _ => self.next_watermark(open, config).watermark,
        }
    }

    /// Takes the rows of a reading, and returns for each whether it is new and counts.
    ///
    /// `rows` are all rows stamped at or after [`Self::read_from`]; if the reading stopped early,
    /// only the rows stamped before `complete_until` are all there. Nothing counts in the first
    /// reading: it is the baseline.
    pub(crate) fn advance(
        &mut self,
        open: &OpenTransactions,
        config: &LedgerConfig,
        rows: &[Row],
        complete_until: Option<Micros>,
    ) -> Vec<bool> {
        let next = self.next_watermark(open, config);
        let went_back = self.clock_went_back(open);
        // Rows before the old watermark are read only after the clock was set back. They were
        // counted when the watermark passed them, or are older than the first reading.
        let counts_from = self.watermark.unwrap_or(Micros::MAX);
        let is_new: Vec<bool> = rows
            .iter()
            .map(|row| self.keys.insert(row.key, row.at).is_none() && row.at >= counts_from)
            .collect();

        let mut watermark = match self.watermark {
            // It never falls: rows before it have lost their keys and would count twice.
            Some(old) if !went_back => old.max(next.watermark),
            // But if the clock did, rows stamped from now on would never be read.
            _ => next.watermark,
        };
        if let Some(until) = complete_until {
            // The rows that the reading left out must be read by the next one. If an open
            // transaction holds the watermark back, each reading would read the same rows and never
            // later ones, so the watermark passes the transaction; counting is not exact.
            let progress = watermark.min(until) > self.watermark.unwrap_or(Micros::MIN);
            watermark = if progress { watermark.min(until) } else { until };
        }
        self.keys.retain(|_, at| *at >= watermark);
        // After a burst, give the memory back.
        if self.keys.capacity() > 4096 && self.keys.capacity() / 8 > self.keys.len() {
            self.keys.shrink_to(self.keys.len() * 2);
        }
        if self.keys.len() > config.max_keys {
            watermark = self.drop_oldest_keys(config.max_keys / 2);
        }
        // A row can be missed if the watermark has passed a transaction that may still write.
        self.exact = !went_back && next.safe.is_some_and(|safe| watermark <= safe);
        self.watermark = Some(watermark);
        self.safe_watermark = next.safe;
        self.prepared = next.prepared;
        is_new
    }

    /// The watermark: rows stamped before it are final.
    pub(crate) fn watermark(&self) -> Option<Micros> {
        self.watermark
    }

    /// Whether no row can have been missed by the last reading.
    pub(crate) fn is_exact(&self) -> bool {
        self.exact
    }

    /// Whether the row was read before, so that it does not count again.
    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.keys.contains_key(key)
    }

    /// The number of keys.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether the current time is before the watermark, so that rows stamped now would never be
    /// read: the clock was set back, or another server answers.
    fn clock_went_back(&self, open: &OpenTransactions) -> bool {
        self.watermark.is_some_and(|watermark| open.now < watermark)
    }

    /// The watermark that the open transactions allow.
    fn next_watermark(&self, open: &OpenTransactions, config: &LedgerConfig) -> NextWatermark {
        let lookback = open.now - config.lookback - config.skew;
        if !open.all_visible || !config.database_clock {
            return NextWatermark { watermark: lookback, safe: None, prepared: BTreeMap::new() };
        }
        // A transaction that is prepared now and was not before did one of two things: it was open
        // at the last reading, and held the safe watermark back; or it started after that reading.
        // In both cases it did not start before the last safe watermark. Before the first reading
        // its start is unknown.
        let not_before = self.safe_watermark.unwrap_or(Micros::MIN);
        let prepared: BTreeMap<String, Micros> = open
            .prepared
            .iter()
            .map(|id| (id.clone(), *self.prepared.get(id).unwrap_or(&not_before)))
            .collect();
        let oldest_start = open.oldest_start.map_or(open.now, |start| start.min(open.now));
        let safe = prepared.values().copied().fold(oldest_start - config.settle, Micros::min);
        // One transaction that stays open for hours must not make each scrape read hours of rows.
        NextWatermark { watermark: safe.max(lookback), safe: Some(safe), prepared }
    }

    /// Keeps the `count` keys with the newest stamps, and returns the stamp from which on they
    /// are complete.
    fn drop_oldest_keys(&mut self, count: usize) -> Micros {
        let mut stamps: Vec<Micros> = self.keys.values().copied().collect();
        let newest_dropped = stamps.len().saturating_sub(count + 1);
        let (_, &mut at, _) = stamps.select_nth_unstable(newest_dropped);
        // Keys with the same stamp are dropped together, or the stamp would be incomplete.
        self.keys.retain(|_, it| *it > at);
        at + 1
    }
}

struct NextWatermark {
    /// The safe watermark, or the lookback if that is newer.
    watermark: Micros,
    safe: Option<Micros>,
    prepared: BTreeMap<String, Micros>,
}

/// The ledger in the state file, whose field names must not change.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    bound: Option<Micros>,
    certain: Option<Micros>,
    keys: Vec<(String, Micros)>,
    holds: BTreeMap<String, Micros>,
    exact: bool,
}

impl Serialize for Ledger {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = self.keys.iter().map(|(key, at)| (format!("{:032x}", key.0), *at));
        let mut keys: Vec<_> = keys.collect();
        keys.sort_unstable_by_key(|(_, at)| *at);
        let saved = Saved {
            bound: self.watermark,
            certain: self.safe_watermark,
            keys,
            holds: self.prepared.clone(),
            exact: self.exact,
        };
        saved.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ledger {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = Saved::deserialize(deserializer)?;
        let read = |(key, at): (String, Micros)| Ok((Key(u128::from_str_radix(&key, 16)?), at));
        let keys: Result<_, std::num::ParseIntError> = saved.keys.into_iter().map(read).collect();
        Ok(Self {
            watermark: saved.bound,
            safe_watermark: saved.certain,
            keys: keys.map_err(serde::de::Error::custom)?,
            prepared: saved.holds,
            exact: saved.exact,
        })
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
