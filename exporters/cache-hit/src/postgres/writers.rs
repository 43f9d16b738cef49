//! The checkpointer, the background writer, the write-ahead log, autovacuum.

use common::{
    metric::Counter,
    scrape::{CollectError, Snapshot},
    source::postgres::{NO_PARAMS, Session, SessionCollector, column},
};
use futures::{FutureExt, future::try_join3};
use tokio_postgres::Row;

use super::since;
use crate::metrics::{
    postgres::AUTOVACUUM_WORKERS,
    postgres_aliases as aliases,
    postgres_io::{self as metrics, CheckpointLabels, Trigger},
};

/// PostgreSQL 17, which moved the statistics of checkpoints to a separate view.
const SEVENTEEN: u32 = 170_000;

const BEFORE_17: &str = "SELECT checkpoints_timed::float8 AS timed, \
         checkpoints_req::float8 AS requested, NULL::float8 AS done, \
         NULL::float8 AS restart_timed, NULL::float8 AS restart_requested, \
         NULL::float8 AS restart_done, checkpoint_write_time / 1000 AS write, \
         checkpoint_sync_time / 1000 AS sync, buffers_checkpoint::float8 AS written, \
         buffers_clean::float8, maxwritten_clean::float8, buffers_alloc::float8, \
         buffers_backend::float8, buffers_backend_fsync::float8 \
     FROM pg_catalog.pg_stat_bgwriter";

fn checkpoints(version: u32) -> String {
    if version < SEVENTEEN {
        return BEFORE_17.to_owned();
    }
    let done = since(version, 18, "c.num_done");
    format!(
        "SELECT c.num_timed::float8 AS timed, c.num_requested::float8 AS requested, \
             {done}::float8 AS done, c.restartpoints_timed::float8 AS restart_timed, \
             c.restartpoints_req::float8 AS restart_requested, \
             c.restartpoints_done::float8 AS restart_done, c.write_time / 1000 AS write, \
             c.sync_time / 1000 AS sync, c.buffers_written::float8 AS written, \
             b.buffers_clean::float8, b.maxwritten_clean::float8, b.buffers_alloc::float8, \
             NULL::float8 AS buffers_backend, NULL::float8 AS buffers_backend_fsync \
         FROM pg_catalog.pg_stat_checkpointer c, pg_catalog.pg_stat_bgwriter b"
    )
}

/// `pg_stat_wal` came with PostgreSQL 14; with 18 its writes moved to `pg_stat_io`.
fn log(version: u32) -> String {
    const POSITION: &str = "SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() \
             THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, '0/0')::float8 \
             AS position";
    const RECORDS: &str = "w.wal_records::float8 AS records, w.wal_fpi::float8 AS images, \
             w.wal_bytes::float8 AS bytes, w.wal_buffers_full::float8 AS full";
    let timing = "current_setting('track_wal_io_timing')::bool";
    match version / 10_000 {
        ..14 => format!(
            "{POSITION}, NULL::float8 AS records, NULL::float8 AS images, NULL::float8 AS bytes, \
                 NULL::float8 AS full, NULL::float8 AS writes, NULL::float8 AS syncs, \
                 NULL::float8 AS write, NULL::float8 AS sync"
        ),
        14..18 => format!(
            "{POSITION}, {RECORDS}, w.wal_write::float8 AS writes, w.wal_sync::float8 AS syncs, \
                 CASE WHEN {timing} THEN w.wal_write_time / 1000 END AS write, \
                 CASE WHEN {timing} THEN w.wal_sync_time / 1000 END AS sync \
             FROM pg_catalog.pg_stat_wal w"
        ),
        18.. => format!(
            "{POSITION}, {RECORDS}, i.writes, i.syncs, i.write, i.sync \
             FROM pg_catalog.pg_stat_wal w, \
                 (SELECT sum(writes)::float8 AS writes, sum(fsyncs)::float8 AS syncs, \
                      CASE WHEN {timing} THEN sum(write_time) / 1000 END AS write, \
                      CASE WHEN {timing} THEN sum(fsync_time) / 1000 END AS sync \
                  FROM pg_catalog.pg_stat_io WHERE object = 'wal') i"
        ),
    }
}

/// NULL if the role may not see the server's own processes.
const WORKERS: &str = "SELECT CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') \
         THEN (SELECT count(*) FROM pg_catalog.pg_stat_activity \
               WHERE backend_type = 'autovacuum worker')::float8 END AS workers";

#[derive(Debug)]
pub(super) struct Writers {
    pub(super) aliases: bool,
}

impl SessionCollector<Session> for Writers {
    fn name(&self) -> &'static str {
        "writers"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let version = session.server_version();
        let (checkpoints, log) = (checkpoints(version), log(version));
        let (checkpoints, log, workers) = try_join3(
            session
                .query_one("reading checkpoints and the background writer", &checkpoints, NO_PARAMS)
                .boxed(),
            session.query_one("reading the log's statistics", &log, NO_PARAMS).boxed(),
            session.query_one("counting autovacuum's workers", WORKERS, NO_PARAMS).boxed(),
        )
        .await?;
        render_checkpoints(&checkpoints, out)?;
        if self.aliases {
            render_aliases(&checkpoints, version, out)?;
        }
        render_log(&log, out)?;
        out.gauge(&AUTOVACUUM_WORKERS, (), column::<Option<f64>>(&workers, "workers")?);
        Ok(())
    }
}

type Counts = &'static [(&'static str, &'static Counter)];

fn counts(row: &Row, counts: Counts, out: &mut Snapshot) -> Result<(), CollectError> {
    for (source, metric) in counts {
        out.counter(metric, (), column::<Option<f64>>(row, source)?);
    }
    Ok(())
}

const PLAIN_CHECKPOINTS: Counts = &[
    ("done", &metrics::CHECKPOINTS_DONE),
    ("restart_done", &metrics::RESTARTPOINTS_DONE),
    ("write", &metrics::CHECKPOINT_WRITE_SECONDS),
    ("sync", &metrics::CHECKPOINT_SYNC_SECONDS),
    ("written", &metrics::CHECKPOINT_BUFFERS),
    ("buffers_clean", &metrics::BUFFERS_CLEAN),
    ("maxwritten_clean", &metrics::MAXWRITTEN_CLEAN),
    ("buffers_alloc", &metrics::BUFFERS_ALLOC),
    ("buffers_backend", &metrics::BUFFERS_BACKEND),
    ("buffers_backend_fsync", &metrics::BUFFERS_BACKEND_FSYNC),
];

fn render_checkpoints(row: &Row, out: &mut Snapshot) -> Result<(), CollectError> {
    let triggers = [
        ("timed", &metrics::CHECKPOINTS, Trigger::Timed),
        ("requested", &metrics::CHECKPOINTS, Trigger::Requested),
        ("restart_timed", &metrics::RESTARTPOINTS, Trigger::Timed),
        ("restart_requested", &metrics::RESTARTPOINTS, Trigger::Requested),
    ];
    for (source, metric, trigger) in triggers {
        let count = column::<Option<f64>>(row, source)?;
        out.counter(metric, CheckpointLabels { trigger }, count);
    }
    counts(row, PLAIN_CHECKPOINTS, out)
}

/// Aliases before PostgreSQL 17 and since: counts, and times in milliseconds.
const ALIASES: [(Counts, Counts); 2] = [
    (
        &[
            ("timed", &aliases::CHECKPOINTS_TIMED),
            ("requested", &aliases::CHECKPOINTS_REQ),
            ("written", &aliases::BUFFERS_CHECKPOINT),
        ],
        &[("write", &aliases::CHECKPOINT_WRITE_TIME), ("sync", &aliases::CHECKPOINT_SYNC_TIME)],
    ),
    (
        &[
            ("timed", &aliases::NUM_TIMED),
            ("requested", &aliases::NUM_REQUESTED),
            ("written", &aliases::BUFFERS_WRITTEN),
        ],
        &[("write", &aliases::WRITE_TIME), ("sync", &aliases::SYNC_TIME)],
    ),
];

fn render_aliases(row: &Row, version: u32, out: &mut Snapshot) -> Result<(), CollectError> {
    let (same, millis) = ALIASES[usize::from(version >= SEVENTEEN)];
    counts(row, same, out)?;
    for (source, metric) in millis {
        out.counter(metric, (), column::<Option<f64>>(row, source)?.map(|it| it * 1e3));
    }
    Ok(())
}

fn render_log(row: &Row, out: &mut Snapshot) -> Result<(), CollectError> {
    const PLAIN: Counts = &[
        ("position", &metrics::WAL_WRITTEN),
        ("records", &metrics::WAL_RECORDS),
        ("images", &metrics::WAL_FULL_PAGE_IMAGES),
        ("bytes", &metrics::WAL_GENERATED),
        ("full", &metrics::WAL_BUFFERS_FULL),
        ("writes", &metrics::WAL_WRITES),
        ("syncs", &metrics::WAL_SYNCS),
        ("write", &metrics::WAL_WRITE_SECONDS),
        ("sync", &metrics::WAL_SYNC_SECONDS),
    ];
    counts(row, PLAIN, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_columns() {
        assert!(checkpoints(130_023).contains("pg_stat_bgwriter"));
        assert!(!checkpoints(160_014).contains("pg_stat_checkpointer"));
        assert!(checkpoints(170_010).contains("NULL::float8 AS done"));
        assert!(checkpoints(180_004).contains("c.num_done"));
        assert!(!log(130_023).contains("pg_stat_wal"));
        assert!(log(140_000).contains("w.wal_write_time"));
        assert!(!log(180_004).contains("w.wal_write"));
        assert!(log(180_004).contains("pg_stat_io"));
    }
}
