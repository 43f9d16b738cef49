//! Jobs that wait for another attempt, for tables with a separate state for them.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot},
};
use tokio_postgres::Row;

use super::{Answer, Context, Later, Question};
use crate::sql::{SqlBuilder, Statement};

pub(super) struct Retrying;

#[derive(Debug, Default)]
struct RetryingJobs(BTreeMap<LabelText, Later>);

impl Question for Retrying {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let ready_at = &sql.resolved.ready_at;
        let next = sql.first_instant([ready_at]);
        let select = format!(
            "count(*) AS retrying, \
             extract(epoch FROM min({next}) FILTER (WHERE {next} > now() AND isfinite({next})))::float8 AS next"
        );
        sql.by_queue(&sql.resolved.states.retrying, &select, ready_at.as_ref())
    }

    fn answer(&self) -> Option<Box<dyn Answer>> {
        Some(Box::<RetryingJobs>::default())
    }
}

impl Answer for RetryingJobs {
    fn read(&mut self, row: &Row, context: &Context<'_>) -> Result<(), CollectError> {
        self.0.entry(context.queue(row)?).or_default().read(row)
    }

    fn add_queues(&self, known: &mut BTreeSet<LabelText>) {
        known.extend(self.0.keys().cloned());
    }

    fn later(&self, queue: &LabelText) -> Later {
        self.0.get(queue).copied().unwrap_or_default()
    }

    /// The whole answer goes into the gauges of [`later`](super::later).
    fn render(&self, _: &Context<'_>, _: &BTreeSet<LabelText>, _: &mut Snapshot) {}
}
