//! Names of other exporters that break the conventions, for existing dashboards; written with
//! `compatibility = true`.

use common::metric::{Counter, Gauge, LabelText, Unit};

use super::connections::{ActivityLabels, StatDatabaseLabels};

common::labels! {
    /// One standby, in `postgres_exporter`'s labels.
    pub struct ReplicationLabels {
        /// The standby's `application_name`.
        application_name: LabelText,
        /// Its address; empty over a Unix socket.
        client_addr: LabelText,
        /// `streaming`, `catchup`, `backup`, …
        state: LabelText,
    }
}

common::catalog! {
    /// Age in seconds of the oldest transaction among the sessions;
    /// pool_longest_transaction_seconds under its old name
    pub static MAX_TX_DURATION: Gauge<ActivityLabels> =
        de_facto("pg_stat_activity_max_tx_duration", Unit::None);
    /// Deadlocks in the database; pool_deadlocks_total under its old name
    pub static DEADLOCKS: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_deadlocks", Unit::None);
    /// Bytes of log that the standby has not replayed; pool_replication_standby_lag_bytes under its
    /// old name
    pub static WAL_LSN_DIFF: Gauge<ReplicationLabels> =
        de_facto("pg_stat_replication_pg_wal_lsn_diff", Unit::None);
}
