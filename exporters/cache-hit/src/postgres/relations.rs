//! Tables and indexes of the session's database: a background reading.
//!
//! Of thousands of relations the server's statistics are tens of milliseconds away. A reading goes
//! through all of them, keeps sums, and the details of the few that get series of their own.

mod blocks;
mod render;
mod unused;
mod vacuum;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use common::{
    scrape::{CollectError, Collector, Reason, Snapshot, background::Background, top_k::TopK},
    source::postgres::{NO_PARAMS, Session, column},
};
use tokio::time::Instant;
use tokio_postgres::{Row, types::Type};

use self::{
    blocks::{Blocks, Ledger, Parts},
    unused::Unused,
    vacuum::Vacuum,
};
use super::leisure::{Leisure, last};
use crate::{metrics::postgres::Reading as Which, settings::RelationSettings};

const DATABASE: &str = "SELECT current_database()::text AS datname, \
         extract(epoch FROM clock_timestamp() \
             - coalesce(stats_reset, pg_postmaster_start_time()))::float8 AS age \
     FROM pg_catalog.pg_stat_database WHERE datname = current_database()";

/// What is said of a table that has series of its own. The sizes are the last vacuum's.
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

/// Reads tables and indexes in the background.
#[derive(Debug)]
pub(super) struct Relations {
    leisure: Arc<Leisure>,
    settings: RelationSettings,
    aliases: bool,
    patience: Duration,
    background: Background<Reading>,
    state: Arc<Mutex<State>>,
}

/// What outlives a reading; changed when one has come to its end.
#[derive(Debug, Default)]
struct State {
    ledger: Ledger,
    /// Tables by reads, tables by dead rows, indexes by reads, unused indexes by size.
    tops: [TopK<u32>; 4],
}

/// One reading.
#[derive(Debug)]
struct Reading {
    datname: String,
    totals: Parts,
    vacuum: Vacuum,
    /// `None` while the statistics are too young to tell.
    unused: Option<Unused>,
    invalid: u32,
    most_read: Vec<(Row, Parts)>,
    /// Each with the dead rows that autovacuum waits for, and whether it may come.
    most_dead: Vec<(Row, vacuum::Table)>,
    /// Each with its blocks that were found, and those that were read.
    indexes: Vec<(Row, (u64, u64))>,
    largest_unused: Vec<Row>,
}

impl Relations {
    pub(super) fn new(
        leisure: &Arc<Leisure>,
        settings: &RelationSettings,
        aliases: bool,
        patience: Duration,
    ) -> Self {
        Self {
            leisure: Arc::clone(leisure),
            settings: settings.clone(),
            aliases,
            patience,
            background: leisure.background(settings.every),
            state: Arc::default(),
        }
    }
}

async fn read(
    session: Session,
    settings: RelationSettings,
    state: Arc<Mutex<State>>,
) -> Result<Reading, CollectError> {
    let doing = "asking for the age of the statistics";
    let rows = session.query(doing, DATABASE, NO_PARAMS).await?;
    let row = rows.first().ok_or_else(|| CollectError::new(Reason::Parse, doing))?;
    let datname: String = column(row, "datname")?;
    let old_enough = column::<f64>(row, "age")? >= settings.unused_after.get().as_secs_f64();

    let (top_tables, top_indexes) = (settings.top_tables, settings.top_indexes);
    let [tables_ahead, indexes_ahead] = [top_tables, top_indexes].map(TopK::<u32>::candidates);
    let found = vacuum::read(&session, tables_ahead).await?;
    let ranked = found.most_dead().map(|it| it.oid);
    let by_dead_rows = lock(&state).tops[1].choose(ranked, top_tables);
    let known = lock(&state).ledger.len();
    let blocks = Blocks::read(&session, &found.toast, known).await?;
    let (unused, candidates, invalid) = unused::read(&session, old_enough).await?;

    let [by_reads, indexes, largest] = {
        let tops = &lock(&state).tops;
        [
            tops[0].choose(blocks.tables_by_reads(tables_ahead), top_tables),
            tops[2].choose(blocks.indexes_by_reads(indexes_ahead), top_indexes),
            tops[3].choose(candidates, top_indexes),
        ]
    };
    let table_oids = [by_reads.as_slice(), &by_dead_rows].concat();
    let table_rows = details(&session, "reading tables", TABLES, &table_oids).await?;
    let index_oids = [indexes.as_slice(), &largest].concat();
    let index_rows = details(&session, "reading indexes", INDEXES, &index_oids).await?;

    // Nothing is awaited from here on: what is added is added once.
    let mut state = lock(&state);
    for (top, chosen) in state.tops.iter_mut().zip([&by_reads, &by_dead_rows, &indexes, &largest]) {
        top.commit(chosen);
    }
    state.ledger.take(&blocks);
    let of = |rows: &BTreeMap<u32, Row>, oid: &u32| rows.get(oid).cloned();
    Ok(Reading {
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

/// One row for each relation that is still there.
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

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Collector for Relations {
    fn name(&self) -> &'static str {
        "relations"
    }

    async fn collect(&self, _deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        self.background.begin_if_due(|| {
            let (leisure, state) = (Arc::clone(&self.leisure), Arc::clone(&self.state));
            let settings = self.settings.clone();
            async move { leisure.read(|session| read(session, settings, state)).await }
        });
        self.background.wait_first(self.patience).await;
        if let Some(reading) = last(&self.background, Which::Relations, out) {
            render::render(&reading, self.aliases, out)?;
        }
        self.background.last_error()
    }
}
