//! Names that break the conventions and stand in people's dashboards all the same; written when
//! the settings say `compatibility = true`.

use common::metric::{Counter, Gauge, Metric, Text, Unit};

use super::connections::{ActivityLabels, StatDatabaseLabels};

common::labels! {
    /// One standby, in `postgres_exporter`'s labels.
    pub struct ReplicationLabels {
        /// What the standby calls itself.
        application_name: Text,
        /// Its address; empty over a Unix socket.
        client_addr: Text,
        /// `streaming`, `catchup`, `backup`, …
        state: Text,
    }
}

common::catalog! {
    /// A gauge without its unit.
    pub static MAX_TX_DURATION: Metric<Gauge, ActivityLabels> = Metric::de_facto_gauge(
        "pg_stat_activity_max_tx_duration",
        Unit::None,
        "Age in seconds of the oldest transaction among the sessions; pool_longest_transaction_seconds under its old name",
    );
    /// A counter without `_total`.
    pub static DEADLOCKS: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_deadlocks",
        Unit::None,
        "Deadlocks in the database; pool_deadlocks_total under its old name",
    );
    /// A gauge without its unit.
    pub static WAL_LSN_DIFF: Metric<Gauge, ReplicationLabels> = Metric::de_facto_gauge(
        "pg_stat_replication_pg_wal_lsn_diff",
        Unit::None,
        "Bytes of log that the standby has not replayed; pool_replication_standby_lag_bytes under its old name",
    );
}
