//! The table's size, live and dead rows and last autovacuum, its partitions included.

use std::{collections::BTreeSet, time::Duration};

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Answer, Context, Question};
use crate::{
    labels::SourceLabels,
    mapping::Mapping,
    sql::{SqlBuilder, Statement},
};

common::catalog! {
    /// Dead rows of the table by the statistics; many of them make every poll of the queue slow
    pub static TABLE_DEAD_ROWS: Gauge<SourceLabels> = "queue_table_dead_rows";
    /// Live rows of the table by the statistics, an estimate
    pub static TABLE_LIVE_ROWS: Gauge<SourceLabels> = "queue_table_live_rows";
    /// Size of the table with its indexes and TOAST
    pub static TABLE_SIZE: Gauge<SourceLabels> = "queue_table_size_bytes";
    /// When autovacuum last finished with the table (of its partitions, the one it vacuumed longest
    /// ago); absent when it never did
    pub static TABLE_LAST_AUTOVACUUM: Gauge<SourceLabels> =
        "queue_table_last_autovacuum_timestamp_seconds";
}

/// The statistics change slowly, and the size of a table with many partitions is expensive.
const INTERVAL: Duration = Duration::from_mins(1);

pub(super) struct TableStatistics;

#[derive(Debug, Default)]
struct Statistics {
    live_rows: Option<f64>,
    dead_rows: Option<f64>,
    bytes: Option<f64>,
    last_autovacuum: Option<f64>,
}

impl Question for TableStatistics {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let relation = &sql.resolved.relation;
        if !relation.is_table {
            return None;
        }
        let text = format!(
            "SELECT sum(s.n_live_tup)::float8 AS live, sum(s.n_dead_tup)::float8 AS dead, \
             sum(pg_total_relation_size(s.relid))::float8 AS size, \
             CASE WHEN bool_and(s.last_autovacuum IS NOT NULL) \
             THEN extract(epoch FROM min(s.last_autovacuum))::float8 END AS vacuumed \
             FROM pg_catalog.pg_stat_all_tables s \
             JOIN pg_catalog.pg_class c ON c.oid = s.relid AND c.relkind <> 'p' \
             WHERE s.relid = {oid} \
             OR s.relid IN (SELECT p.relid FROM pg_partition_tree({oid}) p)",
            oid = relation.oid
        );
        Some(Statement::plain(text, None))
    }

    fn answer(&self) -> Option<Box<dyn Answer>> {
        Some(Box::<Statistics>::default())
    }

    fn interval(&self, _: &Mapping) -> Option<Duration> {
        Some(INTERVAL)
    }

    /// It reads statistics, never the table.
    fn is_explained(&self) -> bool {
        false
    }
}

impl Answer for Statistics {
    fn read(&mut self, row: &Row, _: &Context<'_>) -> Result<(), CollectError> {
        *self = Self {
            live_rows: column(row, "live")?,
            dead_rows: column(row, "dead")?,
            bytes: column(row, "size")?,
            last_autovacuum: column(row, "vacuumed")?,
        };
        Ok(())
    }

    fn render(&self, context: &Context<'_>, _: &BTreeSet<LabelText>, out: &mut Snapshot) {
        let labels = || context.source_labels();
        out.gauge(&TABLE_LIVE_ROWS, labels(), self.live_rows);
        out.gauge(&TABLE_DEAD_ROWS, labels(), self.dead_rows);
        out.gauge(&TABLE_SIZE, labels(), self.bytes);
        out.gauge(&TABLE_LAST_AUTOVACUUM, labels(), self.last_autovacuum);
    }
}
