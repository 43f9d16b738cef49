//! The memory of what was counted: a bound, and the keys of the rows stamped after it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{Key, Micros};

/// What the first step of a reading saw.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The database's clock before anything else was looked at.
    pub now: Micros,
    /// When the oldest open transaction of another session began.
    pub oldest: Option<Micros>,
    /// The transactions that are prepared for a two-phase commit.
    pub prepared: Vec<Prepared>,
    /// Whether every transaction that may write the table can be seen: not without the privilege,
    /// and not on a standby, whose writers are elsewhere.
    pub sees_all: bool,
}

/// A prepared transaction. The database tells when it was prepared, not when it began.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its transaction id.
    pub id: String,
}

/// How a mapping's rows are stamped, and how much may be remembered.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether the database's clock stamps the rows, so that open transactions give the bound.
    pub database_clock: bool,
    /// How late a row may be committed where the bound is not known.
    pub lookback: Micros,
    /// How far the application's clocks may be off.
    pub skew: Micros,
    /// How much further back than necessary to read.
    pub settle: Micros,
    /// How many keys to remember at most.
    pub max_keys: usize,
}

/// A row as far as counting is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Stamped {
    /// What makes it recognisable.
    pub key: Key,
    /// Its stamp.
    pub at: Micros,
}

/// What was counted, as far back as rows may still become visible.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// All rows stamped before it are counted; `None` before the first reading.
    bound: Option<Micros>,
    /// No row stamped before it can become visible any more, as far as the last watch could tell.
    certain: Option<Micros>,
    keys: HashMap<Key, Micros>,
    /// Prepared transactions, and a point before which they cannot have begun.
    holds: BTreeMap<String, Micros>,
    exact: bool,
}

impl Ledger {
    /// From where the second step has to read.
    pub fn read_from(&self, watch: &Watch, rules: &Rules) -> Micros {
        match self.bound {
            Some(bound) if !self.clock_went_back(watch) => bound,
            _ => self.horizon(watch, rules).bound,
        }
    }

    /// Takes in a reading: `rows` are the rows stamped at or after [`Self::read_from`], and with
    /// `complete_until` only those before that point are known to be all. Returns, for each row,
    /// whether it is to be counted; the first reading counts nothing, it is what later ones are
    /// compared with.
    pub fn take_in(
        &mut self,
        watch: &Watch,
        rules: &Rules,
        rows: &[Stamped],
        complete_until: Option<Micros>,
    ) -> Vec<bool> {
        let horizon = self.horizon(watch, rules);
        let went_back = self.clock_went_back(watch);
        // Rows before the old bound were counted when it was set, or are from before the start.
        let counts_from = self.bound.unwrap_or(Micros::MAX);
        let counted: Vec<bool> = rows
            .iter()
            .map(|row| self.keys.insert(row.key, row.at).is_none() && row.at >= counts_from)
            .collect();

        let mut bound = match self.bound {
            Some(old) if !went_back => old.max(horizon.bound),
            _ => horizon.bound,
        };
        if let Some(until) = complete_until {
            let progress = bound.min(until) > self.bound.unwrap_or(Micros::MIN);
            // Without progress the same rows would be read for ever and later ones never.
            bound = if progress { bound.min(until) } else { until };
        }
        self.keys.retain(|_, at| *at >= bound);
        // A burst is over some time; its memory goes with it.
        if self.keys.capacity() > 4096 && self.keys.capacity() / 8 > self.keys.len() {
            self.keys.shrink_to(self.keys.len() * 2);
        }
        if self.keys.len() > rules.max_keys {
            bound = self.shrink(rules.max_keys / 2);
        }
        self.exact = !went_back && horizon.certain.is_some_and(|certain| bound <= certain);
        self.bound = Some(bound);
        self.certain = horizon.certain;
        self.holds = horizon.holds;
        counted
    }

    /// All rows stamped before it are counted for good.
    pub fn bound(&self) -> Option<Micros> {
        self.bound
    }

    /// Whether no row can have been missed by the bound that the last reading set.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Whether the row was seen, so that it need not be looked at again.
    pub fn remembers(&self, key: &Key) -> bool {
        self.keys.contains_key(key)
    }

    /// How many rows are remembered.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no row is remembered.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether the present lies before the bound: what is stamped now would never be read. The
    /// clock was set back, or another server answers.
    fn clock_went_back(&self, watch: &Watch) -> bool {
        self.bound.is_some_and(|bound| watch.now < bound)
    }

    fn horizon(&self, watch: &Watch, rules: &Rules) -> Horizon {
        let lookback = watch.now - rules.lookback - rules.skew;
        if !watch.sees_all || !rules.database_clock {
            return Horizon { bound: lookback, certain: None, holds: BTreeMap::new() };
        }
        // A transaction that is prepared now was open at the last watch, which then saw it, or
        // began after it. Of one that was prepared before the first watch nothing is known.
        let begun_after = self.certain.unwrap_or(Micros::MIN);
        let holds: BTreeMap<String, Micros> = watch
            .prepared
            .iter()
            .map(|it| (it.id.clone(), *self.holds.get(&it.id).unwrap_or(&begun_after)))
            .collect();
        let open = watch.oldest.map_or(watch.now, |oldest| oldest.min(watch.now)) - rules.settle;
        let certain = holds.values().copied().fold(open, Micros::min);
        Horizon { bound: certain.max(lookback), certain: Some(certain), holds }
    }

    /// Keeps the `count` keys stamped last, and returns the bound from which they are all.
    fn shrink(&mut self, count: usize) -> Micros {
        let mut stamps: Vec<Micros> = self.keys.values().copied().collect();
        let newest_to_go = stamps.len().saturating_sub(count + 1);
        let (_, &mut at, _) = stamps.select_nth_unstable(newest_to_go);
        // Those that share the stamp at the cut are forgotten with it.
        self.keys.retain(|_, it| *it > at);
        at + 1
    }
}

struct Horizon {
    bound: Micros,
    certain: Option<Micros>,
    holds: BTreeMap<String, Micros>,
}

/// The ledger as it stands in a state file.
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
        let Self { bound, certain, keys: _, holds, exact } = self.clone();
        Saved { bound, certain, keys, holds, exact }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ledger {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Saved { bound, certain, keys, holds, exact } = Saved::deserialize(deserializer)?;
        let read = |(key, at): (String, Micros)| Ok((Key(u128::from_str_radix(&key, 16)?), at));
        let keys: Result<_, std::num::ParseIntError> = keys.into_iter().map(read).collect();
        Ok(Self { bound, certain, keys: keys.map_err(serde::de::Error::custom)?, holds, exact })
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
