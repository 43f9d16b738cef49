//! What went through it (`SHOW STATS_TOTALS`).

use common::metric::{Counter, Metric, Text, Unit};

common::labels! {
    /// The traffic of one database.
    pub struct TrafficLabels {
        /// The database, as clients name it.
        database: Text,
    }
}

common::catalog! {
    /// Queries.
    pub static TRAFFIC_QUERIES: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_queries_pooled_total",
        Unit::None,
        "Queries that were passed on",
    );
    /// Transactions.
    pub static TRAFFIC_TRANSACTIONS: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_sql_transactions_pooled_total",
        Unit::None,
        "Transactions that were passed on",
    );
    /// Assignments.
    pub static TRAFFIC_SERVER_ASSIGNMENTS: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_server_assignments_total",
        Unit::None,
        "Times that a server connection was given to a client; absent before PgBouncer 1.23",
    );
    /// Statements prepared by clients.
    pub static TRAFFIC_CLIENT_PARSES: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_client_parses_total",
        Unit::None,
        "Prepared statements that clients made; absent before PgBouncer 1.24",
    );
    /// Statements prepared on servers.
    pub static TRAFFIC_SERVER_PARSES: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_server_parses_total",
        Unit::None,
        "Prepared statements that were made on servers; absent before PgBouncer 1.24",
    );
    /// Binds.
    pub static TRAFFIC_BINDS: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_binds_total",
        Unit::None,
        "Prepared statements that were made ready to run; absent before PgBouncer 1.24",
    );
    /// Logins.
    pub static TRAFFIC_LOGINS: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_client_logins_total",
        Unit::None,
        "Logins of clients; absent in most versions of PgBouncer",
    );
    /// Bytes in.
    pub static TRAFFIC_RECEIVED: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_received_bytes_total",
        Unit::Bytes,
        "Bytes that were received from clients",
    );
    /// Bytes out.
    pub static TRAFFIC_SENT: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_sent_bytes_total",
        Unit::Bytes,
        "Bytes that were sent to clients",
    );
    /// Time in transactions.
    pub static TRAFFIC_IN_TRANSACTION: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_server_in_transaction_seconds_total",
        Unit::Seconds,
        "Time that server connections spent in transactions, waiting clients included",
    );
    /// Time in queries.
    pub static TRAFFIC_IN_QUERY: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_queries_duration_seconds_total",
        Unit::Seconds,
        "Time that servers spent on queries",
    );
    /// Time waited.
    pub static TRAFFIC_WAITED: Metric<Counter, TrafficLabels> = Metric::counter(
        "pgbouncer_stats_totals_client_wait_seconds_total",
        Unit::Seconds,
        "Time that clients waited for a server connection; a client counts when it is served, so this stands still in a full stall",
    );
}
