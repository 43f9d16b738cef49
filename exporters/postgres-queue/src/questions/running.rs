//! Jobs that a worker runs: how many, how many for too long, and the longest run.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Answer, Context, Question, keep_max};
use crate::{
    labels::{QueueLabels, State},
    sql::{SqlBuilder, Statement, interval},
};

common::catalog! {
    /// Jobs that have been running for longer than the mapping's `stuck_after`
    pub static STUCK_JOBS: Gauge<QueueLabels> = "queue_stuck_jobs";
    /// How long the job that runs longest has been running; 0 when none runs
    pub static LONGEST_RUNNING: Gauge<QueueLabels> = "queue_longest_running_seconds";
}

pub(super) struct Running;

#[derive(Debug, Default)]
struct RunningJobs(BTreeMap<LabelText, QueueState>);

#[derive(Debug, Default)]
struct QueueState {
    running: i64,
    stuck: i64,
    longest: Option<f64>,
}

impl Question for Running {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let columns = [&sql.resolved.started_at, &sql.resolved.stuck_since];
        let since = sql.first_instant(columns);
        let limit = interval(sql.mapping.stuck_after.get());
        let select = format!(
            "count(*) AS running, \
             count(*) FILTER (WHERE {since} < now() - {limit}) AS stuck, \
             extract(epoch FROM now() - min({since}) FILTER (WHERE isfinite({since})))::float8 AS longest"
        );
        let index_on = columns.into_iter().flatten().next();
        sql.by_queue(&sql.resolved.states.running, &select, index_on)
    }

    fn answer(&self) -> Option<Box<dyn Answer>> {
        Some(Box::<RunningJobs>::default())
    }
}

impl Answer for RunningJobs {
    fn read(&mut self, row: &Row, context: &Context<'_>) -> Result<(), CollectError> {
        let state = self.0.entry(context.queue(row)?).or_default();
        state.running += column::<i64>(row, "running")?;
        state.stuck += column::<i64>(row, "stuck")?;
        keep_max(&mut state.longest, column(row, "longest")?);
        Ok(())
    }

    fn add_queues(&self, known: &mut BTreeSet<LabelText>) {
        known.extend(self.0.keys().cloned());
    }

    fn render(&self, context: &Context<'_>, queues: &BTreeSet<LabelText>, out: &mut Snapshot) {
        let resolved = context.resolved;
        let is_timed = resolved.started_at.is_some() || resolved.stuck_since.is_some();
        let empty = QueueState::default();
        for queue in queues {
            let state = self.0.get(queue).unwrap_or(&empty);
            context.render_jobs(queue, State::Running, state.running, out);
            if is_timed {
                let labels = context.queue_labels(queue);
                out.gauge(&STUCK_JOBS, labels.clone(), state.stuck as f64);
                let longest = match state.running {
                    0 => Some(0.0),
                    _ => state.longest.map(|it| it.max(0.0)),
                };
                out.gauge(&LONGEST_RUNNING, labels, longest);
            }
        }
    }
}
