//! PgBouncer, by its console.

use common::{
    labels::Text,
    metric::{Counter, Gauge, Info, Metric, Unit},
};

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

common::labels! {
    /// The traffic of one database.
    pub struct TrafficLabels {
        /// The database, as clients name it.
        database: Text,
    }
}

common::labels! {
    /// One user of the pooler.
    pub struct UserLabels {
        /// The user.
        user: Text,
    }
}

common::labels! {
    /// Clients that have all of this in common.
    pub struct ClientLabels {
        /// The database, as clients name it, or `other` beyond the cap.
        database: Text,
        /// The user, or `other` beyond the cap.
        user: Text,
        /// What the client calls itself, or `other` beyond the cap; empty before PgBouncer 1.18.
        application_name: Text,
        /// `active`, `waiting`, `idle`, …
        state: Text,
    }
}

common::labels! {
    /// Which pooler it is.
    pub struct VersionLabels {
        /// What it says of itself: "PgBouncer 1.18.0".
        version: Text,
    }
}

common::catalog! {
    /// Whether the console answered.
    pub static PGBOUNCER_UP: Metric<Gauge, ()> =
        Metric::gauge("pgbouncer_up", Unit::None, "Whether PgBouncer's console answered");
    /// Which pooler it is.
    pub static PGBOUNCER_VERSION: Metric<Info, VersionLabels> =
        Metric::info("pgbouncer_version_info", "PgBouncer's version");

    // SHOW POOLS

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

    // SHOW DATABASES

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

    // SHOW STATS_TOTALS

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

    // SHOW LISTS

    /// Databases.
    pub static LIST_DATABASES: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_databases",
        Unit::None,
        "Databases that PgBouncer knows",
    );
    /// Users.
    pub static LIST_USERS: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_users",
        Unit::None,
        "Users that PgBouncer knows",
    );
    /// Pools.
    pub static LIST_POOLS: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_pools",
        Unit::None,
        "Pools of PgBouncer",
    );
    /// Free client slots.
    pub static LIST_FREE_CLIENTS: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_free_clients",
        Unit::None,
        "Client slots that are allocated and free",
    );
    /// Clients.
    pub static LIST_USED_CLIENTS: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_used_clients",
        Unit::None,
        "Clients that are connected",
    );
    /// Clients that log in.
    pub static LIST_LOGIN_CLIENTS: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_login_clients",
        Unit::None,
        "Clients that are logging in",
    );
    /// Free server slots.
    pub static LIST_FREE_SERVERS: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_free_servers",
        Unit::None,
        "Server slots that are allocated and free",
    );
    /// Server connections.
    pub static LIST_USED_SERVERS: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_used_servers",
        Unit::None,
        "Server connections that are open",
    );
    /// DNS names.
    pub static LIST_DNS_NAMES: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_cached_dns_names",
        Unit::None,
        "Names in the DNS cache",
    );
    /// DNS zones.
    pub static LIST_DNS_ZONES: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_cached_dns_zones",
        Unit::None,
        "Zones in the DNS cache",
    );
    /// DNS queries.
    pub static LIST_DNS_QUERIES: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_in_flight_dns_queries",
        Unit::None,
        "DNS queries under way",
    );

    // SHOW CONFIG, USERS, STATE and CLIENTS

    /// Limit of clients.
    pub static CONFIG_MAX_CLIENTS: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_config_max_client_connections",
        Unit::None,
        "Clients that PgBouncer accepts at most (`max_client_conn`)",
    );
    /// Limit of a user.
    pub static CONFIG_MAX_USER: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_config_max_user_connections",
        Unit::None,
        "Server connections that one user may have at most (`max_user_connections`); 0 for no limit",
    );
    /// Limit of a database.
    pub static CONFIG_MAX_DATABASE: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_config_max_db_connections",
        Unit::None,
        "Server connections that one database may have at most (`max_db_connections`); 0 for no limit",
    );
    /// Size of a pool.
    pub static CONFIG_DEFAULT_POOL_SIZE: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_config_default_pool_size",
        Unit::None,
        "Size of a pool for which nothing else is set (`default_pool_size`)",
    );
    /// Reserve of a pool.
    pub static CONFIG_RESERVE_POOL_SIZE: Metric<Gauge, ()> = Metric::gauge(
        "pgbouncer_config_reserve_pool_size",
        Unit::None,
        "Server connections that a pool may open beyond its size (`reserve_pool_size`)",
    );
    /// Size of a user's pools.
    pub static USER_POOL_SIZE: Metric<Gauge, UserLabels> = Metric::gauge(
        "pool_pgbouncer_user_pool_size",
        Unit::None,
        "Size that is set for each pool of the user; absent where none is, and before PgBouncer 1.23",
    );
    /// Limit of a user's server connections.
    pub static USER_MAX_CONNECTIONS: Metric<Gauge, UserLabels> = Metric::gauge(
        "pool_pgbouncer_user_max_user_connections",
        Unit::None,
        "Server connections that the user may have at most; 0 for no limit; absent before PgBouncer 1.23",
    );
    /// A user's server connections.
    pub static USER_CONNECTIONS: Metric<Gauge, UserLabels> = Metric::gauge(
        "pool_pgbouncer_user_current_connections",
        Unit::None,
        "Server connections of the user; absent before PgBouncer 1.23",
    );
    /// Limit of a user's clients.
    pub static USER_MAX_CLIENTS: Metric<Gauge, UserLabels> = Metric::gauge(
        "pool_pgbouncer_user_max_user_client_connections",
        Unit::None,
        "Clients that the user may have at most; 0 for no limit; absent before PgBouncer 1.24",
    );
    /// A user's clients.
    pub static USER_CLIENTS: Metric<Gauge, UserLabels> = Metric::gauge(
        "pool_pgbouncer_user_current_client_connections",
        Unit::None,
        "Clients of the user; absent before PgBouncer 1.24",
    );
    /// Whether it works.
    pub static STATE_ACTIVE: Metric<Gauge, ()> = Metric::gauge(
        "pool_pgbouncer_active",
        Unit::None,
        "Whether PgBouncer is neither paused nor suspended (1) or not (0)",
    );
    /// Whether it is paused.
    pub static STATE_PAUSED: Metric<Gauge, ()> = Metric::gauge(
        "pool_pgbouncer_paused",
        Unit::None,
        "Whether PgBouncer is paused (1) or not (0)",
    );
    /// Whether it is suspended.
    pub static STATE_SUSPENDED: Metric<Gauge, ()> = Metric::gauge(
        "pool_pgbouncer_suspended",
        Unit::None,
        "Whether PgBouncer is suspended (1) or not (0)",
    );
    /// Clients by application.
    pub static CLIENTS: Metric<Gauge, ClientLabels> = Metric::gauge(
        "pgbouncer_client_connections",
        Unit::None,
        "Clients by database, user, application and state; absent with more clients than the settings allow to be listed",
    );
}
