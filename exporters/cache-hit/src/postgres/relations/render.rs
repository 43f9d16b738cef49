//! The samples of a reading of tables and indexes.

use common::{
    metric::{Counter, Gauge},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Output, blocks::Parts, vacuum};
use crate::metrics::{
    postgres_aliases as aliases,
    postgres_databases::DatabaseLabels,
    postgres_relations::{
        self as metrics, By, DatabasePartLabels, IndexLabels, Part, TableByLabels, TableLabels,
        TablePartLabels,
    },
};

type TableCounter = &'static Counter<TableLabels>;

/// A counter of a table: the column, the metric, the alias.
const COUNTS: &[(&str, TableCounter, TableCounter)] = &[
    ("seq_scan", &metrics::TABLE_SEQUENTIAL_SCANS, &aliases::SEQ_SCAN),
    ("seq_tup_read", &metrics::TABLE_SEQUENTIAL_ROWS, &aliases::SEQ_TUP_READ),
    ("idx_scan", &metrics::TABLE_INDEX_SCANS, &aliases::IDX_SCAN),
    ("idx_tup_fetch", &metrics::TABLE_INDEX_ROWS, &aliases::IDX_TUP_FETCH),
    ("n_tup_ins", &metrics::TABLE_ROWS_INSERTED, &aliases::N_TUP_INS),
    ("n_tup_upd", &metrics::TABLE_ROWS_UPDATED, &aliases::N_TUP_UPD),
    ("n_tup_hot_upd", &metrics::TABLE_ROWS_HOT_UPDATED, &aliases::N_TUP_HOT_UPD),
    ("n_tup_del", &metrics::TABLE_ROWS_DELETED, &aliases::N_TUP_DEL),
];

/// Aliases of blocks found and read, in the order of the parts.
const ALIAS_BLOCKS: [(TableCounter, TableCounter); 4] = [
    (&aliases::HEAP_BLOCKS_HIT, &aliases::HEAP_BLOCKS_READ),
    (&aliases::IDX_BLOCKS_HIT, &aliases::IDX_BLOCKS_READ),
    (&aliases::TOAST_BLOCKS_HIT, &aliases::TOAST_BLOCKS_READ),
    (&aliases::TIDX_BLOCKS_HIT, &aliases::TIDX_BLOCKS_READ),
];

/// A time of vacuum or analyze: the column, the metric, its `by`, the alias.
type Time = (&'static str, &'static Gauge<TableByLabels>, By, &'static Gauge<TableLabels>);
const TIMES: &[Time] = &[
    ("last_vacuum", &metrics::TABLE_LAST_VACUUM, By::Manual, &aliases::LAST_VACUUM),
    ("last_autovacuum", &metrics::TABLE_LAST_VACUUM, By::Auto, &aliases::LAST_AUTOVACUUM),
    ("last_analyze", &metrics::TABLE_LAST_ANALYZE, By::Manual, &aliases::LAST_ANALYZE),
    ("last_autoanalyze", &metrics::TABLE_LAST_ANALYZE, By::Auto, &aliases::LAST_AUTOANALYZE),
];

pub(super) fn render(
    output: &Output,
    aliases: bool,
    out: &mut Snapshot,
) -> Result<(), CollectError> {
    render_database(output, out);
    for (row, parts) in &output.most_read {
        let labels = table(&output.datname, row)?;
        render_most_read(row, &labels, parts, aliases, out)?;
    }
    for (row, vacuum) in &output.most_dead {
        let labels = table(&output.datname, row)?;
        render_most_dead(row, &labels, vacuum, aliases, out)?;
    }
    for (row, (hit, read)) in &output.indexes {
        let labels = index(&output.datname, row)?;
        out.counter(&metrics::INDEX_BLOCKS_HIT, labels.clone(), *hit as f64);
        out.counter(&metrics::INDEX_BLOCKS_READ, labels.clone(), *read as f64);
        out.counter(&metrics::INDEX_SCANS, labels, column::<Option<f64>>(row, "scans")?);
    }
    for row in &output.largest_unused {
        let size = column::<Option<f64>>(row, "size")?;
        out.gauge(&metrics::UNUSED_INDEX_SIZE, index(&output.datname, row)?, size);
    }
    Ok(())
}

fn render_database(output: &Output, out: &mut Snapshot) {
    let labels = || DatabaseLabels { datname: output.datname.clone().into() };
    for (part, (hit, read)) in Part::ALL.into_iter().zip(output.totals) {
        let labels = || DatabasePartLabels { datname: output.datname.clone().into(), part };
        out.counter(&metrics::RELATION_BLOCKS_HIT, labels(), hit as f64);
        out.counter(&metrics::RELATION_BLOCKS_READ, labels(), read as f64);
    }
    let vacuum = &output.vacuum;
    out.gauge(&metrics::TABLES, labels(), f64::from(vacuum.tables));
    out.gauge(&metrics::LIVE_ROWS, labels(), vacuum.live as f64);
    out.gauge(&metrics::DEAD_ROWS, labels(), vacuum.dead as f64);
    out.gauge(&metrics::TABLES_VACUUM_DUE, labels(), f64::from(vacuum.due));
    out.gauge(&metrics::TABLES_ANALYZE_DUE, labels(), f64::from(vacuum.analyze_due));
    out.gauge(&metrics::VACUUM_BACKLOG, labels(), vacuum.worst);
    out.gauge(&metrics::INVALID_INDEXES, labels(), f64::from(output.invalid));
    if let Some(unused) = &output.unused {
        out.gauge(&metrics::UNUSED_INDEXES, labels(), f64::from(unused.count));
        out.gauge(&metrics::UNUSED_INDEXES_SIZE, labels(), unused.size);
    }
}

fn render_most_read(
    row: &Row,
    labels: &TableLabels,
    parts: &Parts,
    aliases: bool,
    out: &mut Snapshot,
) -> Result<(), CollectError> {
    for ((part, (hit, read)), (alias_hit, alias_read)) in
        Part::ALL.into_iter().zip(*parts).zip(ALIAS_BLOCKS)
    {
        // A table without TOAST has no blocks of it.
        if (hit, read) == (0, 0) {
            continue;
        }
        let TableLabels { datname, schemaname, relname } = labels.clone();
        let of_part = TablePartLabels { datname, schemaname, relname, part };
        out.counter(&metrics::TABLE_BLOCKS_HIT, of_part.clone(), hit as f64);
        out.counter(&metrics::TABLE_BLOCKS_READ, of_part, read as f64);
        if aliases {
            out.counter(alias_hit, labels.clone(), hit as f64);
            out.counter(alias_read, labels.clone(), read as f64);
        }
    }
    for (source, metric, alias) in COUNTS {
        let count = column::<Option<f64>>(row, source)?;
        out.counter(metric, labels.clone(), count);
        if aliases {
            out.counter(alias, labels.clone(), count);
        }
    }
    Ok(())
}

fn render_most_dead(
    row: &Row,
    labels: &TableLabels,
    vacuum: &vacuum::Table,
    aliases: bool,
    out: &mut Snapshot,
) -> Result<(), CollectError> {
    let gauges = [
        ("n_live_tup", &metrics::TABLE_LIVE_ROWS),
        ("n_dead_tup", &metrics::TABLE_DEAD_ROWS),
        ("n_mod_since_analyze", &metrics::TABLE_CHANGED_ROWS),
        ("size", &metrics::TABLE_SIZE),
    ];
    for (source, metric) in gauges {
        out.gauge(metric, labels.clone(), column::<Option<f64>>(row, source)?);
    }
    out.gauge(&metrics::TABLE_VACUUM_THRESHOLD, labels.clone(), vacuum.threshold);
    out.gauge(&metrics::TABLE_AUTOVACUUM, labels.clone(), f64::from(vacuum.enabled));
    for (source, metric, by, alias) in TIMES {
        let at = column::<Option<f64>>(row, source)?;
        let TableLabels { datname, schemaname, relname } = labels.clone();
        out.gauge(metric, TableByLabels { datname, schemaname, relname, by: *by }, at);
        if aliases {
            out.gauge(alias, labels.clone(), at);
        }
    }
    Ok(())
}

fn table(datname: &str, row: &Row) -> Result<TableLabels, CollectError> {
    Ok(TableLabels {
        datname: datname.to_owned().into(),
        schemaname: column::<String>(row, "schemaname")?.into(),
        relname: column::<String>(row, "relname")?.into(),
    })
}

fn index(datname: &str, row: &Row) -> Result<IndexLabels, CollectError> {
    Ok(IndexLabels {
        datname: datname.to_owned().into(),
        schemaname: column::<String>(row, "schemaname")?.into(),
        relname: column::<String>(row, "relname")?.into(),
        indexrelname: column::<String>(row, "indexrelname")?.into(),
    })
}
