//! Tables and indexes of the session's database: a background reading.
//!
//! With thousands of relations the statistics take tens of milliseconds. A reading goes through all
//! of them and returns sums, and the details of the few relations that get their own series.

mod blocks;
mod render;
mod unused;
mod vacuum;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use common::{
    scrape::{CollectError, Snapshot, top_k::TopK},
    source::postgres::{NO_PARAMS, Session, column},
};
use tokio_postgres::{Row, types::Type};

use self::{
    blocks::{Blocks, Ledger, Parts},
    unused::Unused,
    vacuum::Vacuum,
};
use super::background_connection::DeferredCollector;
use crate::{metrics::postgres::Reading, settings::RelationSettings};

const DATABASE: &str = "SELECT current_database()::text AS datname, \
         extract(epoch FROM clock_timestamp() \
             - coalesce(stats_reset, pg_postmaster_start_time()))::float8 AS age \
     FROM pg_catalog.pg_stat_database WHERE datname = current_database()";

/// Details of the tables that get their own series. The sizes are of the last vacuum.
const TABLES: &str = "SELECT s.relid AS oid, s.schemaname::text AS schemaname, \
         s.relname::text AS relname, s.seq_scan::float8, s.seq_tup_read::float8, \
         s.idx_scan::float8, s.idx_tup_fetch::float8, s.n_tup_ins::float8, s.n_tup_upd::float8, \
         s.n_tup_hot_upd::float8, s.n_tup_del::float8, s.n_live_tup::float8, \
         s.n_dead_tup::float8, s.n_mod_since_analyze::float8, \
         extract(epoch FROM s.last_vacuum)::float8 AS last_vacuum, \
         extract(epoch FROM s.last_autovacuum)::float8 AS last_autovacuum, \
         extract(epoch FROM s.last_analyze)::float8 AS last_analyze, \
         extract(epoch FROM s.last_autoanalyze)::float8 AS last_autoanalyze, \
         CASE WHEN c.relpages > 0 THEN current_setting('block_size')::float8 * (c.relpages \
             + coalesce((SELECT t.relpages FROM pg_catalog.pg_class t \
                         WHERE t.oid = c.reltoastrelid), 0) \
             + coalesce((SELECT sum(x.relpages) FROM pg_catalog.pg_index i \
                         JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid \
                         WHERE i.indrelid IN (c.oid, c.reltoastrelid)), 0)) END AS size \
     FROM pg_catalog.pg_stat_all_tables s JOIN pg_catalog.pg_class c ON c.oid = s.relid \
     WHERE s.relid = ANY($1)";

const INDEXES: &str = "SELECT c.oid, n.nspname::text AS schemaname, t.relname::text AS relname, \
         c.relname::text AS indexrelname, \
         pg_stat_get_numscans(c.oid)::float8 AS scans, \
         c.relpages * current_setting('block_size')::float8 AS size \
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
     JOIN pg_catalog.pg_class t ON t.oid = i.indrelid \
     JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace \
     WHERE i.indexrelid = ANY($1)";

#[derive(Debug)]
pub(super) struct Relations {
    settings: RelationSettings,
    aliases: bool,
    state: Mutex<State>,
}

/// State between readings; it changes only when a reading is complete.
#[derive(Debug, Default)]
struct State {
    ledger: Ledger,
    /// Tables by reads, tables by dead rows, indexes by reads, unused indexes by size.
    tops: [TopK<u32>; 4],
}

#[derive(Debug)]
pub(super) struct Output {
    datname: String,
    totals: Parts,
    vacuum: Vacuum,
    /// `None` while the statistics are too young.
    unused: Option<Unused>,
    invalid: u32,
    most_read: Vec<(Row, Parts)>,
    /// With the threshold of autovacuum, and whether autovacuum is enabled.
    most_dead: Vec<(Row, vacuum::Table)>,
    /// With the blocks found in the cache and the blocks read.
    indexes: Vec<(Row, (u64, u64))>,
    largest_unused: Vec<Row>,
}

impl Relations {
    pub(super) fn new(settings: &RelationSettings, aliases: bool) -> Self {
        Self { settings: settings.clone(), aliases, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DeferredCollector for Relations {
    type Output = Output;

    const READING: Reading = Reading::Relations;

    async fn read(&self, session: &Session) -> Result<Output, CollectError> {
        let doing = "reading the age of the statistics";
        let row = session.query_one(doing, DATABASE, NO_PARAMS).await?;
        let datname: String = column(&row, "datname")?;
        let old_enough =
            column::<f64>(&row, "age")? >= self.settings.unused_after.get().as_secs_f64();

        let (top_tables, top_indexes) = (self.settings.top_tables, self.settings.top_indexes);
        let [tables_ahead, indexes_ahead] = [top_tables, top_indexes].map(TopK::<u32>::candidates);
        let found = vacuum::read(session, tables_ahead).await?;
        let ranked = found.most_dead().map(|it| it.oid);
        let by_dead_rows = self.lock().tops[1].choose(ranked, top_tables);
        let known = self.lock().ledger.len();
        let blocks = Blocks::read(session, &found.toast, known).await?;
        let (unused, candidates, invalid) = unused::read(session, old_enough).await?;

        let [by_reads, indexes, largest] = {
            let tops = &self.lock().tops;
            [
                tops[0].choose(blocks.tables_by_reads(tables_ahead), top_tables),
                tops[2].choose(blocks.indexes_by_reads(indexes_ahead), top_indexes),
                tops[3].choose(candidates, top_indexes),
            ]
        };
        let table_oids = [by_reads.as_slice(), &by_dead_rows].concat();
        let table_rows = details(session, "reading tables", TABLES, &table_oids).await?;
        let index_oids = [indexes.as_slice(), &largest].concat();
        let index_rows = details(session, "reading indexes", INDEXES, &index_oids).await?;

        // There is no `await` from here on, so that the reading is added exactly once.
        let mut state = self.lock();
        for (top, chosen) in
            state.tops.iter_mut().zip([&by_reads, &by_dead_rows, &indexes, &largest])
        {
            top.commit(chosen);
        }
        state.ledger.take(&blocks);
        let of = |rows: &BTreeMap<u32, Row>, oid: &u32| rows.get(oid).cloned();
        Ok(Output {
            datname,
            totals: state.ledger.totals(),
            vacuum: found.vacuum,
            unused,
            invalid,
            most_read: by_reads
                .iter()
                .filter_map(|oid| Some((of(&table_rows, oid)?, blocks.of_table(*oid))))
                .collect(),
            most_dead: by_dead_rows
                .iter()
                .filter_map(|oid| {
                    let table = found.most_dead().find(|it| it.oid == *oid)?;
                    Some((of(&table_rows, oid)?, *table))
                })
                .collect(),
            indexes: indexes
                .iter()
                .filter_map(|oid| Some((of(&index_rows, oid)?, blocks.of_relation(*oid)?)))
                .collect(),
            largest_unused: largest.iter().filter_map(|oid| of(&index_rows, oid)).collect(),
        })
    }

    fn render(&self, output: &Output, out: &mut Snapshot) -> Result<(), CollectError> {
        render::render(output, self.aliases, out)
    }
}

/// One row for each relation that still exists.
async fn details(
    session: &Session,
    doing: &str,
    sql: &str,
    oids: &Vec<u32>,
) -> Result<BTreeMap<u32, Row>, CollectError> {
    if oids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = session.query(doing, sql, &[(oids, Type::OID_ARRAY)]).await?;
    rows.into_iter().map(|row| Ok((column(&row, "oid")?, row))).collect()
}
