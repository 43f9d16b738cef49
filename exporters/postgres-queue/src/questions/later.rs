//! Jobs that wait for a time: some tables keep them among the waiting jobs, some in a separate
//! state, some in both. The gauges here add up the answers of `waiting` and `retrying`.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Answer, Context, keep_min};
use crate::{
    labels::{QueueLabels, State},
    questions::Query,
};

common::catalog! {
    /// When the next job that waits for its time may start; absent when there is none
    pub static NEXT_SCHEDULED: Gauge<QueueLabels> = "queue_next_scheduled_timestamp_seconds";
}

/// A queue's jobs that wait for a time, as far as one answer knows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Later {
    retrying: i64,
    /// When the first of them may start, in seconds since 1970.
    next: Option<f64>,
}

impl Later {
    /// Adds one row.
    pub(super) fn read(&mut self, row: &Row) -> Result<(), CollectError> {
        self.add(Self { retrying: column(row, "retrying")?, next: column(row, "next")? });
        Ok(())
    }

    fn add(&mut self, other: Self) {
        self.retrying += other.retrying;
        keep_min(&mut self.next, other.next);
    }
}

/// Writes the gauges that several answers know in part.
pub(crate) fn render(
    answers: &BTreeMap<Query, &dyn Answer>,
    context: &Context<'_>,
    queues: &BTreeSet<LabelText>,
    out: &mut Snapshot,
) {
    let resolved = context.resolved;
    let by_attempts = resolved.attempts.is_some() && resolved.ready_at.is_some();
    let by_state = !resolved.states.retrying.is_empty();
    // Without one of the answers the sum would be too small.
    let complete = (answers.contains_key(&Query::Waiting) || resolved.states.waiting.is_empty())
        && answers.contains_key(&Query::Retrying) == by_state;
    for queue in queues {
        let mut later = Later::default();
        for answer in answers.values() {
            later.add(answer.later(queue));
        }
        if complete && (by_attempts || by_state) {
            context.render_jobs(queue, State::Retrying, later.retrying, out);
        }
        out.gauge(&NEXT_SCHEDULED, context.queue_labels(queue), later.next);
    }
}
