//! The server's settings of memory, checkpoints and autovacuum, and the role's privilege.

use common::{
    metric::Gauge,
    scrape::{CollectError, Snapshot},
    source::postgres::{Privilege, Session, SessionCollector, column},
};
use futures::future::try_join;

use crate::metrics::postgres as metrics;

/// The metric of each setting. A version without the setting returns no row for it.
const SHOWN: &[(&str, &Gauge)] = &[
    ("shared_buffers", &metrics::SHARED_BUFFERS),
    ("effective_cache_size", &metrics::EFFECTIVE_CACHE_SIZE),
    ("work_mem", &metrics::WORK_MEM),
    ("maintenance_work_mem", &metrics::MAINTENANCE_WORK_MEM),
    ("max_wal_size", &metrics::MAX_WAL_SIZE),
    ("checkpoint_timeout", &metrics::CHECKPOINT_TIMEOUT),
    ("track_io_timing", &metrics::TRACK_IO_TIMING),
    ("autovacuum", &metrics::AUTOVACUUM),
    ("autovacuum_max_workers", &metrics::AUTOVACUUM_MAX_WORKERS),
    ("autovacuum_freeze_max_age", &metrics::AUTOVACUUM_FREEZE_MAX_AGE),
    ("autovacuum_multixact_freeze_max_age", &metrics::AUTOVACUUM_MULTIXACT_FREEZE_MAX_AGE),
];

/// In bytes and seconds, whatever the unit of the setting.
const SQL: &str = "SELECT name, CASE vartype WHEN 'bool' THEN (setting = 'on')::int::float8 \
         ELSE setting::float8 * CASE unit WHEN 'B' THEN 1 WHEN 'kB' THEN 1024 \
             WHEN '8kB' THEN 8192 WHEN 'MB' THEN 1048576 WHEN 'ms' THEN 0.001 WHEN 's' THEN 1 \
             WHEN 'min' THEN 60 ELSE 1 END END AS value \
     FROM pg_catalog.pg_settings WHERE name = ANY($1)";

#[derive(Debug)]
pub(super) struct Memory;

impl SessionCollector<Session> for Memory {
    fn name(&self) -> &'static str {
        "settings"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let names: Vec<&str> = SHOWN.iter().map(|(name, _)| *name).collect();
        let parameters = [(&names as _, tokio_postgres::types::Type::TEXT_ARRAY)];
        let (rows, privileges) = try_join(
            session.query("reading the server's settings", SQL, &parameters),
            session.privileges(),
        )
        .await?;
        privileges.write_missing(Privilege::Monitor, &metrics::PRIVILEGE_MISSING, out);
        for row in &rows {
            let name: &str = column(row, "name")?;
            if let Some((_, metric)) = SHOWN.iter().find(|(it, _)| *it == name) {
                out.gauge(metric, (), column::<Option<f64>>(row, "value")?);
            }
        }
        Ok(())
    }
}
