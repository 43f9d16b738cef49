//! The content of the state file: the counters, and the state that counting needs to continue.

use std::collections::BTreeMap;

use common::metric::LabelText;
use serde::{Deserialize, Serialize};

use super::{
    counters::{Buckets, Counters},
    stream::{RowBatch, Stream},
};
use crate::{
    counting::{
        Ledger, LedgerConfig, Micros, OpenTransactions,
        minute_counts::{Minute, MinuteCounts, WINDOW},
    },
    error_classes::ErrorClasses,
};

/// A queue and the [code](crate::event::EventKind::code) of an event.
pub(super) type Group = (LabelText, u8);

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct CountingState {
    /// [`Relation::identity`](crate::relation::Relation::identity) of the table that was counted.
    pub(super) identity: String,
    pub(super) finished: StreamState,
    pub(super) enqueued: StreamState,
    #[serde(rename = "counts")]
    pub(super) counters: BTreeMap<LabelText, Counters>,
    pub(super) late: u64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StreamState {
    ledger: Ledger,
    #[serde(rename = "tally")]
    minutes: Option<MinuteCounts<Group>>,
    /// Until when to look for rows that were committed too late to be counted.
    #[serde(rename = "doubtful_until")]
    late_until: Option<Micros>,
}

impl CountingState {
    pub(super) fn ledger(&self, stream: Stream) -> &Ledger {
        &self.stream(stream).ledger
    }

    /// Counts the events of one reading that were not counted before. Returns whether the state has
    /// to be saved.
    pub(super) fn advance(
        &mut self,
        stream: Stream,
        transactions: &OpenTransactions,
        config: &LedgerConfig,
        batch: &RowBatch,
        (buckets, classes): (&Buckets, &ErrorClasses),
    ) -> bool {
        let state = self.stream_mut(stream);
        let from = state.ledger.read_from(transactions, config);
        // In the first reading, and after the clock was set back, the minutes start over.
        let starts_over = state.ledger.watermark() != Some(from);
        let rows: Vec<_> = batch.rows.iter().map(|it| it.row).collect();
        let is_new = state.ledger.advance(transactions, config, &rows, batch.complete_until);

        if starts_over {
            state.minutes = None;
        }
        let minutes = state.minutes.get_or_insert_with(|| MinuteCounts::new(from));
        // The minutes are compared with the table, so they include rows that were there before
        // counting started, which the counters do not.
        for (event, is_new) in batch.rows.iter().zip(&is_new) {
            if starts_over || *is_new {
                minutes.add(event.row.at, (event.queue.clone(), event.event.kind().code()));
            }
        }
        if let Some(watermark) = state.ledger.watermark() {
            minutes.forget(watermark);
        }
        if !state.ledger.is_exact() {
            state.late_until = Some(transactions.now + WINDOW);
        }
        for (event, _) in batch.rows.iter().zip(&is_new).filter(|(_, is_new)| **is_new) {
            let counters = self.counters.entry(event.queue.clone()).or_default();
            counters.add(&event.event, buckets, classes);
        }
        starts_over || is_new.contains(&true)
    }

    /// The minutes to compare with the table; `None` if no row can have been missed.
    pub(super) fn late_range(&self, stream: Stream, now: Micros) -> Option<(Micros, Micros)> {
        let state = self.stream(stream);
        let expected = state.late_until.is_some_and(|until| now < until);
        let (minutes, watermark) = (state.minutes.as_ref()?, state.ledger.watermark()?);
        if expected { minutes.comparable(watermark) } else { None }
    }

    /// Counts the rows by which `table` exceeds the counted minutes, and returns their number.
    pub(super) fn add_late(
        &mut self,
        stream: Stream,
        table: &BTreeMap<(Minute, Group), u64>,
    ) -> u64 {
        let Some(minutes) = &mut self.stream_mut(stream).minutes else { return 0 };
        let late = minutes.add_late(table);
        for ((queue, code), events) in &late {
            self.counters.entry(queue.clone()).or_default().add_late(*code, *events);
        }
        let total = late.values().sum();
        self.late += total;
        total
    }

    fn stream(&self, stream: Stream) -> &StreamState {
        match stream {
            Stream::Finished => &self.finished,
            Stream::Enqueued => &self.enqueued,
        }
    }

    fn stream_mut(&mut self, stream: Stream) -> &mut StreamState {
        match stream {
            Stream::Finished => &mut self.finished,
            Stream::Enqueued => &mut self.enqueued,
        }
    }
}
