//! The process as a whole: what it holds, its limits, its users and clients, whether it works
//! (`SHOW LISTS`, `CONFIG`, `USERS`, `STATE` and `CLIENTS`).

use common::metric::{Gauge, Metric, Text, Unit};

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

common::catalog! {
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
