//! What its databases may open and hold (`SHOW DATABASES`).

use common::metric::{Gauge, Metric, Text, Unit};

common::labels! {
    /// One entry of `[databases]`; the labels are `pgbouncer_exporter`'s.
    pub struct EntryLabels {
        /// The database, as clients name it.
        name: Text,
        /// The server's host; empty for a Unix socket.
        host: Text,
        /// The server's port.
        port: Text,
        /// The database on the server.
        database: Text,
        /// The user that all connections are made as; empty for the client's own.
        force_user: Text,
        /// `session`, `transaction` or `statement`.
        pool_mode: Text,
    }
}

common::catalog! {
    /// Size of each pool.
    pub static ENTRY_POOL_SIZE: Metric<Gauge, EntryLabels> = Metric::gauge(
        "pgbouncer_databases_pool_size",
        Unit::None,
        "Server connections that each pool of the database may open",
    );
    /// Least size of each pool.
    pub static ENTRY_MIN_POOL_SIZE: Metric<Gauge, EntryLabels> = Metric::gauge(
        "pgbouncer_databases_min_pool_size",
        Unit::None,
        "Server connections that each pool of the database keeps open",
    );
    /// The reserve of each pool.
    pub static ENTRY_RESERVE: Metric<Gauge, EntryLabels> = Metric::gauge(
        "pgbouncer_databases_reserve_pool",
        Unit::None,
        "Server connections that each pool may open beyond its size when clients wait",
    );
    /// Limit over all pools.
    pub static ENTRY_MAX_CONNECTIONS: Metric<Gauge, EntryLabels> = Metric::gauge(
        "pgbouncer_databases_max_connections",
        Unit::None,
        "Server connections that all pools of the database may open; 0 for no limit",
    );
    /// Held by all pools.
    pub static ENTRY_CURRENT_CONNECTIONS: Metric<Gauge, EntryLabels> = Metric::gauge(
        "pgbouncer_databases_current_connections",
        Unit::None,
        "Server connections that all pools of the database hold",
    );
    /// Limit of clients.
    pub static ENTRY_MAX_CLIENTS: Metric<Gauge, EntryLabels> = Metric::gauge(
        "pgbouncer_databases_max_client_connections",
        Unit::None,
        "Clients that the database accepts; 0 for no limit; absent before PgBouncer 1.24",
    );
    /// Clients.
    pub static ENTRY_CURRENT_CLIENTS: Metric<Gauge, EntryLabels> = Metric::gauge(
        "pgbouncer_databases_current_client_connections",
        Unit::None,
        "Clients of the database; absent before PgBouncer 1.24",
    );
    /// Whether it is paused.
    pub static ENTRY_PAUSED: Metric<Gauge, EntryLabels> = Metric::gauge(
        "pgbouncer_databases_paused",
        Unit::None,
        "Whether the database is paused (1) or not (0)",
    );
    /// Whether it is disabled.
    pub static ENTRY_DISABLED: Metric<Gauge, EntryLabels> = Metric::gauge(
        "pgbouncer_databases_disabled",
        Unit::None,
        "Whether the database is disabled (1) or not (0)",
    );
}
