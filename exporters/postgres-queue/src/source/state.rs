//! What outlives a scrape. It changes only in one piece, between two `await`s.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::SystemTime,
};

use common::metric::LabelText;
use serde::{Deserialize, Serialize};

use super::{
    counts::{Counts, Measures},
    figures::Depths,
    plan::Plan,
    stream::Reading,
};
use crate::{
    counting::{
        Ledger, Micros, Rules, Watch,
        tally::{MINUTE, Minute, Tally, WINDOW},
    },
    metrics::Query,
    pace::Pace,
};

/// Queue and what happened, for the tally by minute.
pub(super) type Group = (LabelText, u8);

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) counting: Counting,
    /// Queues that were ever seen; those that are empty now are shown as such.
    pub(super) known: BTreeSet<LabelText>,
    pub(super) plan: Option<Arc<Plan>>,
    pub(super) pace: Pace<Query>,
    /// The last answers to questions that are not asked at each scrape.
    pub(super) kept: BTreeMap<Query, Kept>,
    /// What was told in the log already.
    pub(super) told: BTreeSet<String>,
    /// What the landing page says.
    pub(super) notes: Vec<String>,
    /// Whether the state file was read.
    pub(super) restored: bool,
}

/// An answer and when it was given.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) at: SystemTime,
    pub(super) answer: Answer,
}

/// What a question was answered with.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Depths(Depths),
    Table(Table),
    /// Failures by queue and the place of their class.
    Errors(BTreeMap<(LabelText, usize), i64>),
    Workers(i64),
    Paused(BTreeMap<LabelText, bool>),
}

/// The table's own health.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Table {
    pub(super) live: Option<f64>,
    pub(super) dead: Option<f64>,
    pub(super) size: Option<f64>,
    pub(super) vacuumed: Option<f64>,
}

/// All that counting needs to go on where it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Counting {
    /// Which table was counted.
    pub(super) identity: String,
    pub(super) finished: Stream,
    pub(super) enqueued: Stream,
    pub(super) counts: BTreeMap<LabelText, Counts>,
    pub(super) late: u64,
}

/// One kind of event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Stream {
    pub(super) ledger: Ledger,
    tally: Option<Tally<Group>>,
    /// Until when rows that are already missed may come to light.
    doubtful_until: Option<Micros>,
}

impl State {
    pub(super) fn ledger(&self, query: Query) -> &Ledger {
        &self.counting.stream(query).ledger
    }
}

impl Counting {
    pub(super) fn stream(&self, query: Query) -> &Stream {
        if is_enqueued(query) { &self.enqueued } else { &self.finished }
    }

    fn stream_mut(&mut self, query: Query) -> &mut Stream {
        if is_enqueued(query) { &mut self.enqueued } else { &mut self.finished }
    }

    /// Counts what a reading brought. Returns whether anything was.
    pub(super) fn take_in(
        &mut self,
        query: Query,
        watch: &Watch,
        rules: &Rules,
        reading: &Reading,
        measures: &Measures,
    ) -> bool {
        let stream = self.stream_mut(query);
        let from = stream.ledger.read_from(watch, rules);
        let anew = stream.ledger.bound() != Some(from);
        let stamped: Vec<_> = reading.rows.iter().map(|it| it.stamped).collect();
        let counts = stream.ledger.take_in(watch, rules, &stamped, reading.complete_until);

        if anew {
            stream.tally = None;
        }
        let tally = stream.tally.get_or_insert_with(|| Tally::new(from));
        // What is not counted on the first reading was seen all the same.
        for (row, _) in reading.rows.iter().zip(&counts).filter(|(_, counts)| anew || **counts) {
            tally.add(row.stamped.at, (row.queue.clone(), row.event.tag()));
        }
        if let Some(bound) = stream.ledger.bound() {
            tally.forget(bound);
        }
        if !stream.ledger.is_exact() {
            stream.doubtful_until = Some(watch.now + WINDOW);
        }
        for (row, _) in reading.rows.iter().zip(&counts).filter(|(_, counts)| **counts) {
            self.counts.entry(row.queue.clone()).or_default().add(&row.event, measures);
        }
        anew || counts.contains(&true)
    }

    /// Which minutes are to be compared with the table, if any row may have been missed.
    pub(super) fn doubtful(&self, query: Query, now: Micros) -> Option<(Micros, Micros)> {
        let stream = self.stream(query);
        let doubtful = stream.doubtful_until.is_some_and(|until| now < until);
        let (tally, bound) = (stream.tally.as_ref()?, stream.ledger.bound()?);
        if doubtful { tally.comparable(bound) } else { None }
    }

    /// Counts what the table holds more than was counted.
    pub(super) fn catch_up(&mut self, query: Query, table: &BTreeMap<(Minute, Group), u64>) -> u64 {
        let Some(tally) = &mut self.stream_mut(query).tally else { return 0 };
        let late = tally.catch_up(table);
        for ((queue, tag), events) in &late {
            self.counts.entry(queue.clone()).or_default().add_late(*tag, *events);
        }
        let total = late.values().sum();
        self.late += total;
        total
    }
}

fn is_enqueued(query: Query) -> bool {
    matches!(query, Query::Enqueued | Query::LateEnqueued)
}

/// A point in time as the statements take it.
pub(super) fn seconds(at: Micros) -> f64 {
    at as f64 / 1e6
}

/// The minute of a row, in the range that was asked for.
pub(super) const fn in_range(minute: Minute, from: Micros, until: Micros) -> bool {
    minute >= from.div_euclid(MINUTE) && minute < until.div_euclid(MINUTE)
}
