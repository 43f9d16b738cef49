//! The first step of a reading: since when transactions are open that may still write.

use common::{
    scrape::{CollectError, Reason},
    source::postgres::{Session, column},
};
use tokio_postgres::Row;

use super::{Source, stream::micros};
use crate::counting::{Prepared, Watch};

/// The start of the oldest transaction that may write the database's tables, and whether all can
/// be seen.
///
/// - The clock is read before anything else.
/// - A backend at work whose transaction has not begun, or began anew in one message (`…; COMMIT;
///   BEGIN; …`), stamps with the time of that message: `query_start`.
/// - A session with `track_activities = off` does not tell: its state is `disabled`.
/// - Prepared transactions are listed after the open ones (the subquery depends on their row), so
///   that one which is prepared meanwhile stands in one list at least.
const WATCH: &str = "\
WITH watch AS MATERIALIZED (
  SELECT statement_timestamp() AS now,
    min(least(xact_start, CASE WHEN state = 'active' AND backend_type = 'client backend' \
THEN query_start END)) AS oldest,
    min(xact_start) AS oldest_snapshot,
    coalesce(bool_or(state = 'disabled'), false) AS untracked
  FROM pg_catalog.pg_stat_activity
  WHERE datid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND pid <> pg_backend_pid()
    AND coalesce(backend_type, '') NOT IN ('autovacuum worker', 'walsender')
)
SELECT extract(epoch FROM now)::float8 AS now,
  extract(epoch FROM oldest)::float8 AS oldest,
  extract(epoch FROM now - oldest_snapshot)::float8 AS oldest_snapshot_age,
  pg_has_role('pg_read_all_stats', 'USAGE') AS privileged,
  pg_is_in_recovery() AS standby,
  untracked,
  ARRAY(SELECT p.transaction::text FROM pg_catalog.pg_prepared_xacts p \
WHERE p.database = current_database() AND watch.now IS NOT NULL) AS prepared
FROM watch";

impl Source {
    pub(super) async fn watch(&self, session: &Session) -> Result<Seen, CollectError> {
        let doing = format!("reading the open transactions for `{}`", self.name);
        let rows = session.query(&doing, WATCH, &[]).await?;
        let row = rows.first().ok_or_else(|| CollectError::new(Reason::Parse, doing))?;
        Seen::read(row)
    }
}

/// What the watch told, for counting and for people.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) watch: Watch,
    pub(super) privileged: bool,
    pub(super) standby: bool,
    pub(super) untracked: bool,
    pub(super) oldest_snapshot_age: Option<f64>,
}

impl Seen {
    fn read(row: &Row) -> Result<Self, CollectError> {
        let prepared: Vec<String> = column(row, "prepared")?;
        let privileged: bool = column(row, "privileged")?;
        let standby: bool = column(row, "standby")?;
        let untracked: bool = column(row, "untracked")?;
        let oldest: Option<f64> = column(row, "oldest")?;
        let watch = Watch {
            now: micros(column(row, "now")?),
            oldest: oldest.map(micros),
            prepared: prepared.into_iter().map(|id| Prepared { id }).collect(),
            sees_all: privileged && !standby && !untracked,
        };
        let oldest_snapshot_age = column(row, "oldest_snapshot_age")?;
        Ok(Self { watch, privileged, standby, untracked, oldest_snapshot_age })
    }
}
