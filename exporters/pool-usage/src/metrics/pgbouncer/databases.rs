//! Metrics of its databases: limits and connections (`SHOW DATABASES`).

use common::metric::{Gauge, LabelText};

common::labels! {
    /// One entry of `[databases]`; the labels are `pgbouncer_exporter`'s.
    pub struct EntryLabels {
        /// The database, as clients name it.
        name: LabelText,
        /// The server's host; empty for a Unix socket.
        host: LabelText,
        port: LabelText,
        /// The database on the server.
        database: LabelText,
        /// The user that all connections are made as; empty for the client's own.
        force_user: LabelText,
        /// `session`, `transaction` or `statement`.
        pool_mode: LabelText,
    }
}

common::catalog! {
    /// Server connections that each pool of the database may open
    pub static ENTRY_POOL_SIZE: Gauge<EntryLabels> = "pgbouncer_databases_pool_size";
    /// Server connections that each pool of the database keeps open
    pub static ENTRY_MIN_POOL_SIZE: Gauge<EntryLabels> = "pgbouncer_databases_min_pool_size";
    /// Server connections that each pool may open beyond its size when clients wait
    pub static ENTRY_RESERVE: Gauge<EntryLabels> = "pgbouncer_databases_reserve_pool";
    /// Server connections that all pools of the database may open; 0 for no limit
    pub static ENTRY_MAX_CONNECTIONS: Gauge<EntryLabels> = "pgbouncer_databases_max_connections";
    /// Server connections that all pools of the database hold
    pub static ENTRY_CURRENT_CONNECTIONS: Gauge<EntryLabels> =
        "pgbouncer_databases_current_connections";
    /// Clients that the database accepts; 0 for no limit; absent before PgBouncer 1.24
    pub static ENTRY_MAX_CLIENTS: Gauge<EntryLabels> = "pgbouncer_databases_max_client_connections";
    /// Clients of the database; absent before PgBouncer 1.24
    pub static ENTRY_CURRENT_CLIENTS: Gauge<EntryLabels> =
        "pgbouncer_databases_current_client_connections";
    /// Whether the database is paused (1) or not (0)
    pub static ENTRY_PAUSED: Gauge<EntryLabels> = "pgbouncer_databases_paused";
    /// Whether the database is disabled (1) or not (0)
    pub static ENTRY_DISABLED: Gauge<EntryLabels> = "pgbouncer_databases_disabled";
}
