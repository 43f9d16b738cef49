//! Why jobs created in the last `window` failed, for tables without finish times.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Answer, Context, Question};
use crate::{
    labels::ErrorLabels,
    quote::ident,
    sql::{SqlBuilder, Statement},
};

common::catalog! {
    /// Jobs created in the last `queue_window_seconds` that have failed by now, by the class of
    /// their error; only for tables without finish times
    pub static WINDOW_ERRORS: Gauge<ErrorLabels> = "queue_window_errors";
}

pub(super) struct WindowErrors;

/// Failed jobs by queue and index of the error class.
#[derive(Debug, Default)]
struct FailedJobs(BTreeMap<(LabelText, usize), i64>);

impl Question for WindowErrors {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let error = ident(&sql.resolved.error.as_ref()?.name);
        sql.in_window(&format!("left({error}::text, 1000) AS error"), &sql.resolved.states.failed)
    }

    fn answer(&self) -> Option<Box<dyn Answer>> {
        Some(Box::<FailedJobs>::default())
    }
}

impl Answer for FailedJobs {
    fn read(&mut self, row: &Row, context: &Context<'_>) -> Result<(), CollectError> {
        let class = context.error_classes.classify(column(row, "error")?);
        *self.0.entry((context.queue(row)?, class)).or_default() += column::<i64>(row, "jobs")?;
        Ok(())
    }

    fn render(&self, context: &Context<'_>, queues: &BTreeSet<LabelText>, out: &mut Snapshot) {
        for queue in queues {
            for (index, class) in context.error_classes.names().iter().enumerate() {
                let labels = ErrorLabels {
                    source: context.name.clone(),
                    queue: queue.clone(),
                    class: class.clone(),
                };
                let jobs = self.0.get(&(queue.clone(), index)).copied().unwrap_or_default();
                out.gauge(&WINDOW_ERRORS, labels, jobs as f64);
            }
        }
    }
}
