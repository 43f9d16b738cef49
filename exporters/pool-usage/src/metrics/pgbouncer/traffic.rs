//! Metrics of its traffic (`SHOW STATS_TOTALS`).

use common::metric::{Counter, LabelText};

common::labels! {
    /// The traffic of one database.
    pub struct TrafficLabels {
        /// The database, as clients name it.
        database: LabelText,
    }
}

common::catalog! {
    /// Queries that were passed on
    pub static TRAFFIC_QUERIES: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_queries_pooled_total";
    /// Transactions that were passed on
    pub static TRAFFIC_TRANSACTIONS: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_sql_transactions_pooled_total";
    /// Times that a server connection was given to a client; absent before PgBouncer 1.23
    pub static TRAFFIC_SERVER_ASSIGNMENTS: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_server_assignments_total";
    /// Prepared statements that clients made; absent before PgBouncer 1.24
    pub static TRAFFIC_CLIENT_PARSES: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_client_parses_total";
    /// Prepared statements that were made on servers; absent before PgBouncer 1.24
    pub static TRAFFIC_SERVER_PARSES: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_server_parses_total";
    /// Prepared statements that were made ready to run; absent before PgBouncer 1.24
    pub static TRAFFIC_BINDS: Counter<TrafficLabels> = "pgbouncer_stats_totals_binds_total";
    /// Logins of clients; absent in most versions of PgBouncer
    pub static TRAFFIC_LOGINS: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_client_logins_total";
    /// Bytes that were received from clients
    pub static TRAFFIC_RECEIVED: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_received_bytes_total";
    /// Bytes that were sent to clients
    pub static TRAFFIC_SENT: Counter<TrafficLabels> = "pgbouncer_stats_totals_sent_bytes_total";
    /// Time that server connections spent in transactions, waiting clients included
    pub static TRAFFIC_IN_TRANSACTION: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_server_in_transaction_seconds_total";
    /// Time that servers spent on queries
    pub static TRAFFIC_IN_QUERY: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_queries_duration_seconds_total";
    /// Time that clients waited for a server connection; a client counts when it is served, so this
    /// does not grow while none is served
    pub static TRAFFIC_WAITED: Counter<TrafficLabels> =
        "pgbouncer_stats_totals_client_wait_seconds_total";
}
