//! Jobs that ended. Their rows are events: each end is counted once.

use std::time::Duration;

use common::{scrape::CollectError, source::postgres::column};
use tokio_postgres::Row;

use super::{Context, Question};
use crate::{
    counting::Micros,
    event::{Finish, seconds},
    labels::Outcome,
    mapping::Mapping,
    quote::ident,
    sql::{SqlBuilder, Statement, epoch},
};

/// The rows stamped since the watermark.
pub(super) struct Finished;

/// Counts by minute, to find the rows that [`Finished`] read too early to see.
pub(super) struct LateFinished;

impl Question for Finished {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let resolved = sql.resolved;
        let finished_at = resolved.finished_at.as_ref()?;
        let ended = sql.in_states(&resolved.end_states())?;
        let failed = sql.in_states(&resolved.states.failed);
        let error = match (&resolved.error, failed) {
            (Some(error), Some(failed)) => {
                format!("CASE WHEN {failed} THEN left({}::text, 1000) END", ident(&error.name))
            }
            _ => "NULL::text".to_owned(),
        };
        let attempts = match &resolved.attempts {
            Some(attempts) => format!("{}::int8", ident(&attempts.name)),
            None => "NULL::int8".to_owned(),
        };
        let ready = sql.first_instant([&resolved.ready_at, &resolved.created_at]);
        let select = format!(
            "{state}::text AS state, {created} AS created, {ready} AS ready, {started} AS started, \
             {attempts} AS attempts, {error} AS error",
            state = sql.state(),
            created = epoch(&sql.first_instant([&resolved.created_at])),
            ready = epoch(&ready),
            started = epoch(&sql.first_instant([&resolved.started_at])),
        );
        Some(sql.stamped_since(finished_at, &select, Some(&ended)))
    }
}

impl Question for LateFinished {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let finished_at = sql.resolved.finished_at.as_ref()?;
        let ended = sql.in_states(&sql.resolved.end_states())?;
        Some(sql.by_minute(finished_at, &format!("{}::text", sql.state()), Some(&ended)))
    }

    fn interval(&self, mapping: &Mapping) -> Option<Duration> {
        Some(mapping.late_every.get())
    }
}

/// Reads a row of [`Finished`], stamped `at`.
pub(crate) fn read(
    row: &Row,
    outcome: Outcome,
    at: Micros,
    context: &Context<'_>,
) -> Result<Finish, CollectError> {
    let finished = seconds(at);
    let created: Option<f64> = column(row, "created")?;
    let ready: Option<f64> = column(row, "ready")?;
    let started: Option<f64> = column(row, "started")?;
    let attempts: i64 = column::<Option<i64>>(row, "attempts")?.unwrap_or_default();
    let retries = u64::try_from(attempts - 1).unwrap_or_default();
    let error_class = match outcome {
        Outcome::Failed => Some(context.error_classes.classify(column(row, "error")?)),
        Outcome::Succeeded | Outcome::Cancelled => None,
    };
    Ok(Finish {
        outcome,
        wait: started.zip(ready).map(|(started, ready)| started - ready),
        run: started.map(|started| finished - started),
        latency: created.map(|created| finished - created),
        // Where each attempt stamps its end, the earlier attempts were counted at their own ends.
        retries: if context.mapping.every_run_finishes { retries.min(1) } else { retries },
        error_class,
    })
}
