//! What a reading of tables and indexes is shown as.

use common::{
    metric::{Counter, Gauge},
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Reading, blocks::Parts, vacuum};
use crate::metrics::{
    postgres_aliases as old,
    postgres_databases::DatabaseLabels,
    postgres_relations::{
        self as m, By, DatabasePartLabels, IndexLabels, Part, TableByLabels, TableLabels,
        TablePartLabels,
    },
};

type TableCounter = &'static Counter<TableLabels>;

/// Counts of a table: the column, our name, the old name.
const COUNTS: &[(&str, TableCounter, TableCounter)] = &[
    ("seq_scan", &m::TABLE_SEQUENTIAL_SCANS, &old::SEQ_SCAN),
    ("seq_tup_read", &m::TABLE_SEQUENTIAL_ROWS, &old::SEQ_TUP_READ),
    ("idx_scan", &m::TABLE_INDEX_SCANS, &old::IDX_SCAN),
    ("idx_tup_fetch", &m::TABLE_INDEX_ROWS, &old::IDX_TUP_FETCH),
    ("n_tup_ins", &m::TABLE_ROWS_INSERTED, &old::N_TUP_INS),
    ("n_tup_upd", &m::TABLE_ROWS_UPDATED, &old::N_TUP_UPD),
    ("n_tup_hot_upd", &m::TABLE_ROWS_HOT_UPDATED, &old::N_TUP_HOT_UPD),
    ("n_tup_del", &m::TABLE_ROWS_DELETED, &old::N_TUP_DEL),
];

/// Blocks under their old names, in the order of the parts: found, read.
const OLD_BLOCKS: [(TableCounter, TableCounter); 4] = [
    (&old::HEAP_BLOCKS_HIT, &old::HEAP_BLOCKS_READ),
    (&old::IDX_BLOCKS_HIT, &old::IDX_BLOCKS_READ),
    (&old::TOAST_BLOCKS_HIT, &old::TOAST_BLOCKS_READ),
    (&old::TIDX_BLOCKS_HIT, &old::TIDX_BLOCKS_READ),
];

/// Times of vacuum and analysis: the column, our name, by whom, the old name.
type Time = (&'static str, &'static Gauge<TableByLabels>, By, &'static Gauge<TableLabels>);
const TIMES: &[Time] = &[
    ("last_vacuum", &m::TABLE_LAST_VACUUM, By::Manual, &old::LAST_VACUUM),
    ("last_autovacuum", &m::TABLE_LAST_VACUUM, By::Auto, &old::LAST_AUTOVACUUM),
    ("last_analyze", &m::TABLE_LAST_ANALYZE, By::Manual, &old::LAST_ANALYZE),
    ("last_autoanalyze", &m::TABLE_LAST_ANALYZE, By::Auto, &old::LAST_AUTOANALYZE),
];

pub(super) fn render(
    reading: &Reading,
    aliases: bool,
    out: &mut Snapshot,
) -> Result<(), CollectError> {
    render_database(reading, out);
    for (row, parts) in &reading.most_read {
        let labels = table(&reading.datname, row)?;
        render_most_read(row, &labels, parts, aliases, out)?;
    }
    for (row, vacuum) in &reading.most_dead {
        let labels = table(&reading.datname, row)?;
        render_most_dead(row, &labels, vacuum, aliases, out)?;
    }
    for (row, (hit, read)) in &reading.indexes {
        let labels = index(&reading.datname, row)?;
        out.counter(&m::INDEX_BLOCKS_HIT, labels.clone(), *hit as f64);
        out.counter(&m::INDEX_BLOCKS_READ, labels.clone(), *read as f64);
        out.counter(&m::INDEX_SCANS, labels, column::<Option<f64>>(row, "scans")?);
    }
    for row in &reading.largest_unused {
        let size = column::<Option<f64>>(row, "size")?;
        out.gauge(&m::UNUSED_INDEX_SIZE, index(&reading.datname, row)?, size);
    }
    Ok(())
}

fn render_database(reading: &Reading, out: &mut Snapshot) {
    let labels = || DatabaseLabels { datname: reading.datname.clone().into() };
    for (part, (hit, read)) in Part::ALL.into_iter().zip(reading.totals) {
        let labels = || DatabasePartLabels { datname: reading.datname.clone().into(), part };
        out.counter(&m::RELATION_BLOCKS_HIT, labels(), hit as f64);
        out.counter(&m::RELATION_BLOCKS_READ, labels(), read as f64);
    }
    let vacuum = &reading.vacuum;
    out.gauge(&m::TABLES, labels(), f64::from(vacuum.tables));
    out.gauge(&m::LIVE_ROWS, labels(), vacuum.live as f64);
    out.gauge(&m::DEAD_ROWS, labels(), vacuum.dead as f64);
    out.gauge(&m::TABLES_VACUUM_DUE, labels(), f64::from(vacuum.due));
    out.gauge(&m::TABLES_ANALYZE_DUE, labels(), f64::from(vacuum.analyze_due));
    out.gauge(&m::VACUUM_BACKLOG, labels(), vacuum.worst);
    out.gauge(&m::INVALID_INDEXES, labels(), f64::from(reading.invalid));
    if let Some(unused) = &reading.unused {
        out.gauge(&m::UNUSED_INDEXES, labels(), f64::from(unused.count));
        out.gauge(&m::UNUSED_INDEXES_SIZE, labels(), unused.size);
    }
}

fn render_most_read(
    row: &Row,
    labels: &TableLabels,
    parts: &Parts,
    aliases: bool,
    out: &mut Snapshot,
) -> Result<(), CollectError> {
    for ((part, (hit, read)), (old_hit, old_read)) in
        Part::ALL.into_iter().zip(*parts).zip(OLD_BLOCKS)
    {
        // A table without long values has no blocks of them.
        if (hit, read) == (0, 0) {
            continue;
        }
        let TableLabels { datname, schemaname, relname } = labels.clone();
        let of_part = TablePartLabels { datname, schemaname, relname, part };
        out.counter(&m::TABLE_BLOCKS_HIT, of_part.clone(), hit as f64);
        out.counter(&m::TABLE_BLOCKS_READ, of_part, read as f64);
        if aliases {
            out.counter(old_hit, labels.clone(), hit as f64);
            out.counter(old_read, labels.clone(), read as f64);
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
        ("n_live_tup", &m::TABLE_LIVE_ROWS),
        ("n_dead_tup", &m::TABLE_DEAD_ROWS),
        ("n_mod_since_analyze", &m::TABLE_CHANGED_ROWS),
        ("size", &m::TABLE_SIZE),
    ];
    for (source, metric) in gauges {
        out.gauge(metric, labels.clone(), column::<Option<f64>>(row, source)?);
    }
    out.gauge(&m::TABLE_VACUUM_THRESHOLD, labels.clone(), vacuum.threshold);
    out.gauge(&m::TABLE_AUTOVACUUM, labels.clone(), f64::from(vacuum.enabled));
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
