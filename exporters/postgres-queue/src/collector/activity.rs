//! The first step of counting: the start of the oldest transaction that may still write rows.

use common::{
    scrape::{CollectError, Reason},
    source::postgres::{Session, column},
};
use tokio_postgres::Row;

use super::TableCollector;
use crate::{counting::OpenTransactions, event::micros};

/// The start of the oldest transaction that may write the database's tables, and whether all
/// transactions are visible.
///
/// - The clock is read before anything else.
/// - `xact_start` is not enough for a session that is running a command: the transaction may not
///   have started yet, or a new one may start within the same message (`…; COMMIT; BEGIN; …`), and
///   then `now()` gives the time at which that message arrived, which is `query_start`.
/// - A session with `track_activities = off` hides its transactions: its state is `disabled`.
/// - Prepared transactions are listed after the open ones (the subquery depends on their row). A
///   transaction that is prepared in the meantime is then in at least one of the lists.
const ACTIVITY: &str = "\
WITH activity AS MATERIALIZED (
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
WHERE p.database = current_database() AND activity.now IS NOT NULL) AS prepared
FROM activity";

/// The open transactions, for counting, and what hides some of them, for the notes.
#[derive(Debug)]
pub(super) struct Activity {
    pub(super) transactions: OpenTransactions,
    /// Whether the role sees other roles' transactions.
    pub(super) privileged: bool,
    pub(super) standby: bool,
    /// Whether a session hides its transactions.
    pub(super) untracked: bool,
    pub(super) oldest_snapshot_age: Option<f64>,
}

impl TableCollector {
    pub(super) async fn read_activity(&self, session: &Session) -> Result<Activity, CollectError> {
        let doing = format!("reading the open transactions for `{}`", self.name);
        let rows = session.query(&doing, ACTIVITY, &[]).await?;
        let row = rows.first().ok_or_else(|| CollectError::new(Reason::Parse, doing))?;
        Activity::read(row)
    }
}

impl Activity {
    fn read(row: &Row) -> Result<Self, CollectError> {
        let privileged: bool = column(row, "privileged")?;
        let standby: bool = column(row, "standby")?;
        let untracked: bool = column(row, "untracked")?;
        let oldest_start: Option<f64> = column(row, "oldest")?;
        let transactions = OpenTransactions {
            now: micros(column(row, "now")?),
            oldest_start: oldest_start.map(micros),
            prepared: column(row, "prepared")?,
            all_visible: privileged && !standby && !untracked,
        };
        let oldest_snapshot_age = column(row, "oldest_snapshot_age")?;
        Ok(Self { transactions, privileged, standby, untracked, oldest_snapshot_age })
    }
}
