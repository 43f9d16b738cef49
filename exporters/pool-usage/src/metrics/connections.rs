//! Metrics of connections: limits, sessions, waits, locks, application pools.

use common::{
    metric::{Counter, Gauge, LabelText, Unit},
    source::postgres::PrivilegeLabels,
};

common::labels! {
    /// Sessions with the same values of these labels, which are `postgres_exporter`'s.
    pub struct ActivityLabels {
        /// The database, or `other` beyond the cap.
        datname: LabelText,
        /// `active`, `idle`, `idle in transaction`, …; `unknown` where the role may not see it.
        state: LabelText,
        /// The role, or `other` beyond the cap.
        usename: LabelText,
        /// The session's `application_name`, or `other` beyond the cap.
        application_name: LabelText,
        /// `client backend`, `parallel worker`, …; `unknown` where the role may not see it.
        backend_type: LabelText,
        /// The type of event that the session waits for: `Lock`, `Client`, `IO`, …; empty for none.
        wait_event_type: LabelText,
        /// What it waits for; empty unless the settings ask for it, because it changes at each scrape.
        wait_event: LabelText,
    }
}

common::labels! {
    /// One database.
    pub struct DatabaseLabels {
        datname: LabelText,
    }
}

common::labels! {
    /// One database; the labels are those of `pg_stat_database` in `postgres_exporter`.
    pub struct StatDatabaseLabels {
        /// The database's number.
        datid: LabelText,
        datname: LabelText,
    }
}

common::labels! {
    /// One role.
    pub struct RoleLabels {
        rolname: LabelText,
    }
}

common::labels! {
    /// Locks of one mode in one database.
    pub struct LockLabels {
        datname: LabelText,
        /// The mode, in lower case: `accessexclusivelock`.
        mode: LabelText,
    }
}

common::labels! {
    /// One application pool.
    pub struct PoolLabels {
        /// Its name in the settings.
        pool: LabelText,
    }
}

common::catalog! {
    // Limits.

    /// Connections that the server accepts at most, reserved ones included
    pub static MAX_CONNECTIONS: Gauge = "pg_settings_max_connections";
    /// Connections of `max_connections` that only superusers may take
    pub static SUPERUSER_RESERVED: Gauge = "pg_settings_superuser_reserved_connections";
    /// Connections of `max_connections` that only roles with pg_use_reserved_connections may take;
    /// absent before PostgreSQL 16
    pub static RESERVED: Gauge = "pg_settings_reserved_connections";
    /// Connections that count against `max_connections`, the exporter's own included; without
    /// pg_read_all_stats parallel workers are counted with them
    pub static CLIENT_BACKENDS: Gauge = "pool_client_backends";
    /// Connections that an ordinary role may still open: `max_connections` less the reserved ones
    /// and those taken; 0 when only reserved ones are left
    pub static AVAILABLE: Gauge = "pool_available_connections";
    /// Connections that the database accepts at most; -1 for no limit
    pub static DATABASE_LIMIT: Gauge<DatabaseLabels> = "pg_database_connection_limit";
    /// Client connections to the database, which count against its limit
    pub static DATABASE_CONNECTIONS: Gauge<DatabaseLabels> = "pool_database_connections";
    /// Connections that the role may open at most; -1 for no limit
    pub static ROLE_LIMIT: Gauge<RoleLabels> = "pg_roles_connection_limit";
    /// Client connections of a role that has a connection limit
    pub static ROLE_CONNECTIONS: Gauge<RoleLabels> = "pool_role_connections";

    // Sessions.

    /// Sessions in databases by database, state, role, application, kind and what they wait for
    pub static ACTIVITY: Gauge<ActivityLabels> = de_facto("pg_stat_activity_count", Unit::None);
    /// Backends connected to the database, background workers included
    pub static NUMBACKENDS: Gauge<StatDatabaseLabels> = "pg_stat_database_numbackends";
    /// Age of the oldest open transaction in the database; 0 when none is open
    pub static LONGEST_TRANSACTION: Gauge<DatabaseLabels> = "pool_longest_transaction_seconds";
    /// How long the query that runs longest in the database has been running; 0 when none runs
    pub static LONGEST_QUERY: Gauge<DatabaseLabels> = "pool_longest_query_seconds";
    /// How long a session of the database has been idle with its transaction open, at most; 0 when
    /// none is
    pub static LONGEST_IDLE_IN_TRANSACTION: Gauge<DatabaseLabels> =
        "pool_longest_idle_in_transaction_seconds";
    /// Whether the exporter's role lacks the privilege (1) or has it (0); values that need it are
    /// `unknown` or absent, counts stay correct
    pub static PRIVILEGE_MISSING: Gauge<PrivilegeLabels> = "pool_privilege_missing";

    // Application pools, as the settings describe them.

    /// Connections that the application's pool may hold, by the settings
    pub static POOL_SIZE: Gauge<PoolLabels> = "pool_application_size";
    /// Connections that the application's pool holds open, busy or idle
    pub static POOL_CONNECTIONS: Gauge<PoolLabels> = "pool_application_connections";
    /// Connections of the application's pool that run a query or hold a transaction open; absent
    /// without pg_read_all_stats
    pub static POOL_BUSY: Gauge<PoolLabels> = "pool_application_busy_connections";
    /// Size of the application's pool less its busy connections, as the database shows them; absent
    /// without pg_read_all_stats
    pub static POOL_AVAILABLE: Gauge<PoolLabels> = "pool_application_available_connections";

    // Locks.

    /// Locks on objects in the database that are held or waited for, by mode
    pub static LOCKS: Gauge<LockLabels> = de_facto("pg_locks_count", Unit::None);
    /// Backends of the database that wait for a lock
    pub static BLOCKED: Gauge<DatabaseLabels> = "pool_blocked_backends";
    /// How long a backend of the database has been waiting for a lock, at most (before PostgreSQL
    /// 14: since its query began); 0 when none waits
    pub static LONGEST_LOCK_WAIT: Gauge<DatabaseLabels> = "pool_longest_lock_wait_seconds";
    /// Backends that block others and do not wait themselves
    pub static BLOCKING: Gauge = "pool_blocking_backends";
    /// Backends that wait, directly or indirectly, for the backend that blocks most others; 0 when
    /// none waits
    pub static WORST_BLOCKER: Gauge = "pool_worst_blocker_blocked_backends";
    /// Deadlocks that the server found and broke since its statistics were last reset
    pub static DEADLOCKS: Counter<DatabaseLabels> = "pool_deadlocks_total";
}
