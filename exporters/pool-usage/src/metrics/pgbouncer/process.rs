//! Metrics of the process: sizes of its lists, limits, users, clients, state (`SHOW LISTS`,
//! `CONFIG`, `USERS`, `STATE` and `CLIENTS`).

use common::metric::{Gauge, LabelText};

common::labels! {
    /// One user of the pooler.
    pub struct UserLabels {
        user: LabelText,
    }
}

common::labels! {
    /// Clients with the same values of these labels.
    pub struct ClientLabels {
        /// The database, as clients name it, or `other` beyond the cap.
        database: LabelText,
        /// The user, or `other` beyond the cap.
        user: LabelText,
        /// The client's `application_name`, or `other` beyond the cap; empty before PgBouncer 1.18.
        application_name: LabelText,
        /// `active`, `waiting`, `idle`, …
        state: LabelText,
    }
}

common::catalog! {
    // SHOW LISTS

    /// Databases that PgBouncer knows
    pub static LIST_DATABASES: Gauge = "pgbouncer_databases";
    /// Users that PgBouncer knows
    pub static LIST_USERS: Gauge = "pgbouncer_users";
    /// Pools of PgBouncer
    pub static LIST_POOLS: Gauge = "pgbouncer_pools";
    /// Client slots that are allocated and free
    pub static LIST_FREE_CLIENTS: Gauge = "pgbouncer_free_clients";
    /// Clients that are connected
    pub static LIST_USED_CLIENTS: Gauge = "pgbouncer_used_clients";
    /// Clients that are logging in
    pub static LIST_LOGIN_CLIENTS: Gauge = "pgbouncer_login_clients";
    /// Server slots that are allocated and free
    pub static LIST_FREE_SERVERS: Gauge = "pgbouncer_free_servers";
    /// Server connections that are open
    pub static LIST_USED_SERVERS: Gauge = "pgbouncer_used_servers";
    /// Names in the DNS cache
    pub static LIST_DNS_NAMES: Gauge = "pgbouncer_cached_dns_names";
    /// Zones in the DNS cache
    pub static LIST_DNS_ZONES: Gauge = "pgbouncer_cached_dns_zones";
    /// DNS queries under way
    pub static LIST_DNS_QUERIES: Gauge = "pgbouncer_in_flight_dns_queries";

    // SHOW CONFIG, USERS, STATE and CLIENTS

    /// Clients that PgBouncer accepts at most (`max_client_conn`)
    pub static CONFIG_MAX_CLIENTS: Gauge = "pgbouncer_config_max_client_connections";
    /// Server connections that one user may have at most (`max_user_connections`); 0 for no limit
    pub static CONFIG_MAX_USER: Gauge = "pgbouncer_config_max_user_connections";
    /// Server connections that one database may have at most (`max_db_connections`); 0 for no limit
    pub static CONFIG_MAX_DATABASE: Gauge = "pgbouncer_config_max_db_connections";
    /// Size of a pool for which nothing else is set (`default_pool_size`)
    pub static CONFIG_DEFAULT_POOL_SIZE: Gauge = "pgbouncer_config_default_pool_size";
    /// Server connections that a pool may open beyond its size (`reserve_pool_size`)
    pub static CONFIG_RESERVE_POOL_SIZE: Gauge = "pgbouncer_config_reserve_pool_size";
    /// Size that is set for each pool of the user; absent where none is, and before PgBouncer 1.23
    pub static USER_POOL_SIZE: Gauge<UserLabels> = "pool_pgbouncer_user_pool_size";
    /// Server connections that the user may have at most; 0 for no limit; absent before PgBouncer
    /// 1.23
    pub static USER_MAX_CONNECTIONS: Gauge<UserLabels> = "pool_pgbouncer_user_max_user_connections";
    /// Server connections of the user; absent before PgBouncer 1.23
    pub static USER_CONNECTIONS: Gauge<UserLabels> = "pool_pgbouncer_user_current_connections";
    /// Clients that the user may have at most; 0 for no limit; absent before PgBouncer 1.24
    pub static USER_MAX_CLIENTS: Gauge<UserLabels> =
        "pool_pgbouncer_user_max_user_client_connections";
    /// Clients of the user; absent before PgBouncer 1.24
    pub static USER_CLIENTS: Gauge<UserLabels> = "pool_pgbouncer_user_current_client_connections";
    /// Whether PgBouncer is neither paused nor suspended (1) or not (0)
    pub static STATE_ACTIVE: Gauge = "pool_pgbouncer_active";
    /// Whether PgBouncer is paused (1) or not (0)
    pub static STATE_PAUSED: Gauge = "pool_pgbouncer_paused";
    /// Whether PgBouncer is suspended (1) or not (0)
    pub static STATE_SUSPENDED: Gauge = "pool_pgbouncer_suspended";
    /// Clients by database, user, application and state; absent with more clients than the settings
    /// allow to be listed
    pub static CLIENTS: Gauge<ClientLabels> = "pgbouncer_client_connections";
}
