//! How the jobs created in the last `window` ended, for tables without finish times.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Answer, Context, Question};
use crate::{
    labels::{Outcome, OutcomeLabels, SourceLabels},
    sql::{SqlBuilder, Statement},
};

common::catalog! {
    /// Jobs created in the last `queue_window_seconds` that have ended by now, by outcome; only for
    /// tables without finish times
    pub static WINDOW_JOBS: Gauge<OutcomeLabels> = "queue_window_jobs";
    /// Length of the window of `queue_window_jobs`
    pub static WINDOW: Gauge<SourceLabels> = "queue_window_seconds";
}

pub(super) struct Window;

/// Jobs by queue, in the order of [`Outcome::ALL`].
#[derive(Debug, Default)]
struct EndedJobs(BTreeMap<LabelText, [i64; Outcome::ALL.len()]>);

impl Question for Window {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        sql.in_window(&format!("{}::text AS state", sql.state()), &sql.resolved.end_states())
    }

    fn answer(&self) -> Option<Box<dyn Answer>> {
        Some(Box::<EndedJobs>::default())
    }
}

impl Answer for EndedJobs {
    fn read(&mut self, row: &Row, context: &Context<'_>) -> Result<(), CollectError> {
        let jobs: i64 = column(row, "jobs")?;
        let counts = self.0.entry(context.queue(row)?).or_default();
        if let Some(outcome) = context.outcome(row)? {
            counts[outcome as usize] += jobs;
        }
        Ok(())
    }

    fn add_queues(&self, known: &mut BTreeSet<LabelText>) {
        known.extend(self.0.keys().cloned());
    }

    fn render(&self, context: &Context<'_>, queues: &BTreeSet<LabelText>, out: &mut Snapshot) {
        let possible: BTreeSet<_> = context.resolved.states.outcomes().into_values().collect();
        for queue in queues {
            let counts = self.0.get(queue).copied().unwrap_or_default();
            for outcome in &possible {
                let labels = OutcomeLabels {
                    source: context.name.clone(),
                    queue: queue.clone(),
                    outcome: *outcome,
                };
                out.gauge(&WINDOW_JOBS, labels, counts[*outcome as usize] as f64);
            }
        }
        let length = context.mapping.window.get().as_secs_f64();
        out.gauge(&WINDOW, context.source_labels(), length);
    }
}
