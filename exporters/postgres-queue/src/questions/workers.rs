//! Workers with a recent heartbeat.

use std::collections::BTreeSet;

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Answer, Context, Question};
use crate::{
    labels::SourceLabels,
    quote::ident,
    relation::ColumnKind,
    sql::{SqlBuilder, Statement, instant, interval},
};

common::catalog! {
    /// Workers whose last heartbeat is younger than the mapping's limit
    pub static WORKERS_ALIVE: Gauge<SourceLabels> = "queue_workers_alive";
}

pub(super) struct Workers;

#[derive(Debug, Default)]
struct AliveWorkers(i64);

impl Question for Workers {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let workers = sql.mapping.workers.as_ref()?;
        let relation = sql.resolved.workers.as_ref()?;
        let last_seen = relation.columns.get(&workers.last_seen);
        let last_seen = match last_seen.filter(|it| it.kind == ColumnKind::LocalTime) {
            Some(column) => instant(column, &sql.mapping.timezone),
            None => ident(&workers.last_seen),
        };
        let table = relation.quoted();
        let text = format!(
            "SELECT count(*) AS alive FROM {table} WHERE {last_seen} > now() - {}",
            interval(workers.alive_within.get())
        );
        Some(Statement::plain(text, Some(format!("{table} ({last_seen})"))))
    }

    fn answer(&self) -> Option<Box<dyn Answer>> {
        Some(Box::<AliveWorkers>::default())
    }
}

impl Answer for AliveWorkers {
    fn read(&mut self, row: &Row, _: &Context<'_>) -> Result<(), CollectError> {
        self.0 = column(row, "alive")?;
        Ok(())
    }

    fn render(&self, context: &Context<'_>, _: &BTreeSet<LabelText>, out: &mut Snapshot) {
        out.gauge(&WORKERS_ALIVE, context.source_labels(), self.0 as f64);
    }
}
