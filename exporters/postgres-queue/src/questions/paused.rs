//! Queues that are paused.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Answer, Context, Question};
use crate::{
    labels::QueueLabels,
    quote::ident,
    sql::{SqlBuilder, Statement},
};

common::catalog! {
    /// Whether the queue is paused (1) or not (0), where the library records it
    pub static PAUSED: Gauge<QueueLabels> = "queue_paused";
}

pub(super) struct Paused;

#[derive(Debug, Default)]
struct PausedQueues(BTreeMap<LabelText, bool>);

impl Question for Paused {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let paused = sql.mapping.paused.as_ref()?;
        let relation = sql.resolved.paused.as_ref()?;
        let is_paused = match (&paused.paused_at, &paused.flag) {
            (Some(at), _) => format!("{} IS NOT NULL", ident(at)),
            (None, Some(flag)) => format!("coalesce({}::boolean, false)", ident(flag)),
            (None, None) => "true".to_owned(),
        };
        let text = format!(
            "SELECT {}::text AS queue, bool_or({is_paused}) AS paused FROM {} GROUP BY 1",
            ident(&paused.queue),
            relation.quoted()
        );
        Some(Statement::plain(text, None))
    }

    fn answer(&self) -> Option<Box<dyn Answer>> {
        Some(Box::<PausedQueues>::default())
    }
}

impl Answer for PausedQueues {
    fn read(&mut self, row: &Row, context: &Context<'_>) -> Result<(), CollectError> {
        let queue = context.queue_named(column(row, "queue")?);
        *self.0.entry(queue).or_default() |= column::<bool>(row, "paused")?;
        Ok(())
    }

    fn add_queues(&self, known: &mut BTreeSet<LabelText>) {
        known.extend(self.0.keys().cloned());
    }

    fn render(&self, context: &Context<'_>, queues: &BTreeSet<LabelText>, out: &mut Snapshot) {
        for queue in queues {
            let paused = self.0.get(queue).copied().unwrap_or_default();
            out.gauge(&PAUSED, context.queue_labels(queue), f64::from(paused));
        }
    }
}
