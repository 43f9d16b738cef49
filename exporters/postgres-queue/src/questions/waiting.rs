//! Jobs that wait for a worker: ready now, or scheduled for later.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Answer, Context, Later, Question, keep_max};
use crate::{
    labels::{QueueLabels, State},
    quote::ident,
    sql::{SqlBuilder, Statement},
};

common::catalog! {
    /// How long the oldest job that may start has been waiting, by the database's clock; 0 when
    /// none waits
    pub static OLDEST_READY_AGE: Gauge<QueueLabels> = "queue_oldest_ready_age_seconds";
}

pub(super) struct Waiting;

#[derive(Debug, Default)]
struct WaitingJobs(BTreeMap<LabelText, QueueState>);

#[derive(Debug, Default)]
struct QueueState {
    ready: i64,
    scheduled: i64,
    oldest: Option<f64>,
    later: Later,
}

impl Question for Waiting {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let resolved = sql.resolved;
        let due = resolved.ready_at.as_ref().map(|column| {
            let name = ident(&column.name);
            format!("({name} IS NULL OR {name} <= {})", sql.comparable(column, "now()"))
        });
        let due = due.as_deref().unwrap_or("true");
        let tried = match &resolved.attempts {
            Some(attempts) => format!("coalesce({}::int8, 0) > 0", ident(&attempts.name)),
            None => "false".to_owned(),
        };
        let since = sql.first_instant([&resolved.ready_at, &resolved.created_at]);
        let next = sql.first_instant([&resolved.ready_at]);
        let select = format!(
            "count(*) FILTER (WHERE {due}) AS ready, \
             count(*) FILTER (WHERE NOT {due} AND NOT {tried}) AS scheduled, \
             count(*) FILTER (WHERE NOT {due} AND {tried}) AS retrying, \
             extract(epoch FROM now() - min({since}) FILTER (WHERE {due} AND isfinite({since})))::float8 AS oldest, \
             extract(epoch FROM min({next}) FILTER (WHERE NOT {due} AND isfinite({next})))::float8 AS next"
        );
        sql.by_queue(&resolved.states.waiting, &select, resolved.ready_at.as_ref())
    }

    fn answer(&self) -> Option<Box<dyn Answer>> {
        Some(Box::<WaitingJobs>::default())
    }
}

impl Answer for WaitingJobs {
    fn read(&mut self, row: &Row, context: &Context<'_>) -> Result<(), CollectError> {
        let state = self.0.entry(context.queue(row)?).or_default();
        state.ready += column::<i64>(row, "ready")?;
        state.scheduled += column::<i64>(row, "scheduled")?;
        keep_max(&mut state.oldest, column(row, "oldest")?);
        state.later.read(row)
    }

    fn add_queues(&self, known: &mut BTreeSet<LabelText>) {
        known.extend(self.0.keys().cloned());
    }

    fn later(&self, queue: &LabelText) -> Later {
        self.0.get(queue).map(|it| it.later).unwrap_or_default()
    }

    fn render(&self, context: &Context<'_>, queues: &BTreeSet<LabelText>, out: &mut Snapshot) {
        let resolved = context.resolved;
        let empty = QueueState::default();
        for queue in queues {
            let state = self.0.get(queue).unwrap_or(&empty);
            context.render_jobs(queue, State::Ready, state.ready, out);
            if resolved.ready_at.is_some() {
                context.render_jobs(queue, State::Scheduled, state.scheduled, out);
            }
            if resolved.ready_at.is_some() || resolved.created_at.is_some() {
                let age = match state.ready {
                    0 => Some(0.0),
                    _ => state.oldest.map(|it| it.max(0.0)),
                };
                out.gauge(&OLDEST_READY_AGE, context.queue_labels(queue), age);
            }
        }
    }
}
