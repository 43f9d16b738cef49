//! Its pools, one for each pair of database and user (`SHOW POOLS`).

use common::metric::{Gauge, Metric, Text, Unit};

common::labels! {
    /// One pool: the pooler has one for each pair of database and user.
    pub struct PairLabels {
        /// The database, as clients name it.
        database: Text,
        /// The user.
        user: Text,
    }
}

common::labels! {
    /// One pool with how it shares its connections.
    pub struct ModeLabels {
        /// The database, as clients name it.
        database: Text,
        /// The user.
        user: Text,
        /// `session`, `transaction` or `statement`.
        pool_mode: Text,
    }
}

common::catalog! {
    /// Clients with a server connection, and idle clients.
    pub static CLIENT_ACTIVE: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_client_active_connections",
        Unit::None,
        "Clients that are linked to a server connection or idle between transactions",
    );
    /// Clients that wait.
    pub static CLIENT_WAITING: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_client_waiting_connections",
        Unit::None,
        "Clients that have sent a query and wait for a server connection",
    );
    /// Requests to cancel under way.
    pub static CLIENT_ACTIVE_CANCEL: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_client_active_cancel_connections",
        Unit::None,
        "Clients whose request to cancel was passed on and is not yet answered",
    );
    /// Requests to cancel that wait.
    pub static CLIENT_WAITING_CANCEL: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_client_waiting_cancel_connections",
        Unit::None,
        "Clients whose request to cancel was not passed on yet; before PgBouncer 1.18 all requests to cancel",
    );
    /// Server connections at work.
    pub static SERVER_ACTIVE: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_server_active_connections",
        Unit::None,
        "Server connections that are linked to a client",
    );
    /// Server connections that cancel.
    pub static SERVER_ACTIVE_CANCEL: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_server_active_cancel_connections",
        Unit::None,
        "Server connections that pass on a request to cancel",
    );
    /// Server connections being cancelled.
    pub static SERVER_BEING_CANCELED: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_server_being_canceled_connections",
        Unit::None,
        "Server connections that wait for a request to cancel their query to end",
    );
    /// Server connections that are free.
    pub static SERVER_IDLE: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_server_idle_connections",
        Unit::None,
        "Server connections that can be used at once",
    );
    /// Server connections to be checked.
    pub static SERVER_USED: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_server_used_connections",
        Unit::None,
        "Server connections that were idle for so long that they are checked before they are used",
    );
    /// Server connections in a check.
    pub static SERVER_TESTING: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_server_testing_connections",
        Unit::None,
        "Server connections that are being reset or checked",
    );
    /// Server connections that log in.
    pub static SERVER_LOGIN: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_server_login_connections",
        Unit::None,
        "Server connections that are logging in",
    );
    /// The longest wait.
    pub static CLIENT_MAXWAIT: Metric<Gauge, PairLabels> = Metric::gauge(
        "pgbouncer_pools_client_maxwait_seconds",
        Unit::Seconds,
        "How long the first client in the queue of the pool has been waiting, to the microsecond; 0 when none waits",
    );
    /// What a pool may hold.
    pub static PAIR_SIZE: Metric<Gauge, PairLabels> = Metric::gauge(
        "pool_pgbouncer_pool_size",
        Unit::None,
        "Server connections that the pool of this database and user may open, by the user's, the database's or the default size; without the reserve",
    );
    /// How full a pool is.
    pub static PAIR_SATURATION: Metric<Gauge, PairLabels> = Metric::gauge(
        "pool_pgbouncer_saturation_ratio",
        Unit::Ratio,
        "Server connections of the pool that are at work, in a check, logging in or cancelling, of its size; over 1 when the reserve is in use",
    );
    /// How a pool shares.
    pub static PAIR_MODE: Metric<Gauge, ModeLabels> = Metric::gauge(
        "pool_pgbouncer_pool_mode",
        Unit::None,
        "How the pool shares its server connections, value 1",
    );
}
