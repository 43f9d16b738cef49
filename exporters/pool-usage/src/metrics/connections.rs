//! Connections to the server: how many there may be, who holds them, what they wait for.

use common::{
    metric::{Counter, Gauge, Metric, Text, Unit},
    source::postgres::PrivilegeLabels,
};

common::labels! {
    /// Sessions that have all of this in common; the labels are `postgres_exporter`'s.
    pub struct ActivityLabels {
        /// The database, or `other` beyond the cap.
        datname: Text,
        /// `active`, `idle`, `idle in transaction`, …; `unknown` where the role may not see it.
        state: Text,
        /// The role, or `other` beyond the cap.
        usename: Text,
        /// What the session calls itself, or `other` beyond the cap.
        application_name: Text,
        /// `client backend`, `parallel worker`, …; `unknown` where the role may not see it.
        backend_type: Text,
        /// What kind of thing the session waits for: `Lock`, `Client`, `IO`, …; empty for none.
        wait_event_type: Text,
        /// What it waits for; empty unless the settings ask for it, for it changes at each scrape.
        wait_event: Text,
    }
}

common::labels! {
    /// One database.
    pub struct DatabaseLabels {
        /// The database.
        datname: Text,
    }
}

common::labels! {
    /// One database; the labels are those of `pg_stat_database` in `postgres_exporter`.
    pub struct StatDatabaseLabels {
        /// The database's number.
        datid: Text,
        /// The database.
        datname: Text,
    }
}

common::labels! {
    /// One role.
    pub struct RoleLabels {
        /// The role.
        rolname: Text,
    }
}

common::labels! {
    /// Locks of one mode in one database.
    pub struct LockLabels {
        /// The database.
        datname: Text,
        /// The mode, in lower case: `accessexclusivelock`.
        mode: Text,
    }
}

common::labels! {
    /// One application pool.
    pub struct PoolLabels {
        /// Its name in the settings.
        pool: Text,
    }
}

common::catalog! {
    // How many there may be.

    /// The server's limit.
    pub static MAX_CONNECTIONS: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_max_connections",
        Unit::None,
        "Connections that the server accepts at most, reserved ones included",
    );
    /// Kept for superusers.
    pub static SUPERUSER_RESERVED: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_superuser_reserved_connections",
        Unit::None,
        "Connections of `max_connections` that only superusers may take",
    );
    /// Kept for `pg_use_reserved_connections`.
    pub static RESERVED: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_reserved_connections",
        Unit::None,
        "Connections of `max_connections` that only roles with pg_use_reserved_connections may take; absent before PostgreSQL 16",
    );
    /// What is taken.
    pub static CLIENT_BACKENDS: Metric<Gauge, ()> = Metric::gauge(
        "pool_client_backends",
        Unit::None,
        "Connections that count against `max_connections`, the exporter's own included; without pg_read_all_stats parallel workers are counted with them",
    );
    /// What is left for an ordinary role.
    pub static AVAILABLE: Metric<Gauge, ()> = Metric::gauge(
        "pool_available_connections",
        Unit::None,
        "Connections that an ordinary role may still open: `max_connections` less the reserved ones and those taken; 0 when only reserved ones are left",
    );
    /// A database's own limit.
    pub static DATABASE_LIMIT: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "pg_database_connection_limit",
        Unit::None,
        "Connections that the database accepts at most; -1 where it has no limit of its own",
    );
    /// What counts against a database's limit.
    pub static DATABASE_CONNECTIONS: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "pool_database_connections",
        Unit::None,
        "Client connections to the database; what its limit is compared with",
    );
    /// A role's own limit.
    pub static ROLE_LIMIT: Metric<Gauge, RoleLabels> = Metric::gauge(
        "pg_roles_connection_limit",
        Unit::None,
        "Connections that the role may open at most; -1 where it has no limit of its own",
    );
    /// What counts against a role's limit.
    pub static ROLE_CONNECTIONS: Metric<Gauge, RoleLabels> = Metric::gauge(
        "pool_role_connections",
        Unit::None,
        "Client connections of a role that has a limit of its own",
    );

    // Who holds them.

    /// Sessions by all that tells them apart.
    pub static ACTIVITY: Metric<Gauge, ActivityLabels> = Metric::de_facto_gauge(
        "pg_stat_activity_count",
        Unit::None,
        "Sessions in databases by database, state, role, application, kind and what they wait for",
    );
    /// The statistics system's own count.
    pub static NUMBACKENDS: Metric<Gauge, StatDatabaseLabels> = Metric::gauge(
        "pg_stat_database_numbackends",
        Unit::None,
        "Backends connected to the database, background workers included",
    );
    /// The oldest transaction.
    pub static LONGEST_TRANSACTION: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "pool_longest_transaction_seconds",
        Unit::Seconds,
        "Age of the oldest open transaction in the database; 0 when none is open",
    );
    /// The oldest query.
    pub static LONGEST_QUERY: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "pool_longest_query_seconds",
        Unit::Seconds,
        "How long the query that runs longest in the database has been running; 0 when none runs",
    );
    /// The most forgotten transaction.
    pub static LONGEST_IDLE_IN_TRANSACTION: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "pool_longest_idle_in_transaction_seconds",
        Unit::Seconds,
        "How long a session of the database has been idle with its transaction open, at most; 0 when none is",
    );
    /// What the role may not see.
    pub static PRIVILEGE_MISSING: Metric<Gauge, PrivilegeLabels> = Metric::gauge(
        "pool_privilege_missing",
        Unit::None,
        "Whether the exporter's role lacks the privilege (1) or has it (0); what it would show is `unknown` or absent, counts stay right",
    );

    // Application pools, as the settings describe them.

    /// A pool's size.
    pub static POOL_SIZE: Metric<Gauge, PoolLabels> = Metric::gauge(
        "pool_application_size",
        Unit::None,
        "Connections that the application's pool may hold, by the settings",
    );
    /// A pool's open connections.
    pub static POOL_CONNECTIONS: Metric<Gauge, PoolLabels> = Metric::gauge(
        "pool_application_connections",
        Unit::None,
        "Connections that the application's pool holds open, at work or not",
    );
    /// A pool's connections at work.
    pub static POOL_BUSY: Metric<Gauge, PoolLabels> = Metric::gauge(
        "pool_application_busy_connections",
        Unit::None,
        "Connections of the application's pool that run a query or hold a transaction open; absent without pg_read_all_stats",
    );
    /// What is left in a pool.
    pub static POOL_AVAILABLE: Metric<Gauge, PoolLabels> = Metric::gauge(
        "pool_application_available_connections",
        Unit::None,
        "Size of the application's pool less its connections at work, as far as the database can tell; absent without pg_read_all_stats",
    );

    // Locks.

    /// Locks by mode.
    pub static LOCKS: Metric<Gauge, LockLabels> = Metric::de_facto_gauge(
        "pg_locks_count",
        Unit::None,
        "Locks on things in the database that are held or waited for, by mode",
    );
    /// Who waits.
    pub static BLOCKED: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "pool_blocked_backends",
        Unit::None,
        "Backends of the database that wait for a lock",
    );
    /// How long.
    pub static LONGEST_LOCK_WAIT: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "pool_longest_lock_wait_seconds",
        Unit::Seconds,
        "How long a backend of the database has been waiting for a lock, at most (before PostgreSQL 14: since its query began); 0 when none waits",
    );
    /// Who holds others up.
    pub static BLOCKING: Metric<Gauge, ()> = Metric::gauge(
        "pool_blocking_backends",
        Unit::None,
        "Backends that hold up others and wait for nobody themselves",
    );
    /// How bad the worst of them is.
    pub static WORST_BLOCKER: Metric<Gauge, ()> = Metric::gauge(
        "pool_worst_blocker_blocked_backends",
        Unit::None,
        "Backends that wait, directly or behind one another, for the one that holds up most; 0 when none waits",
    );
    /// Deadlocks that the server broke.
    pub static DEADLOCKS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "pool_deadlocks_total",
        Unit::None,
        "Deadlocks that the server found and broke since its statistics were last reset",
    );
}
