//! Replication: role, link, offsets, replicas.

use common::metric::{Counter, Gauge, Metric, Text, Unit};

common::label_values! {
    /// What the server is to others.
    pub enum Role {
        /// It takes writes.
        Master = "master",
        /// It follows a master.
        Slave = "slave",
        /// It watches others.
        Sentinel = "sentinel",
    }
}

common::labels! {
    /// One role.
    pub struct RoleLabels {
        /// The role.
        role: Role,
    }
}

common::labels! {
    /// The primary that a replica follows.
    pub struct MasterLabels {
        /// Its host.
        master_host: Text,
        /// Its port.
        master_port: Text,
    }
}

common::labels! {
    /// One replica of this server.
    pub struct ReplicaLabels {
        /// Its address, or `other` beyond the cap.
        slave_ip: Text,
        /// Its port; empty beyond the cap.
        slave_port: Text,
    }
}

common::catalog! {
    /// What the server is.
    pub static ROLE: Metric<Gauge, RoleLabels> = Metric::gauge(
        "redis_instance_role",
        Unit::None,
        "Whether the server has the role: 1 of one role, 0 of the others (INFO role)",
    );
    /// Whether a replica's link stands.
    pub static MASTER_LINK_UP: Metric<Gauge, MasterLabels> = Metric::gauge(
        "redis_master_link_up",
        Unit::None,
        "Whether this replica's link to its primary is up (INFO master_link_status)",
    );
    /// Since when it does not.
    pub static MASTER_LINK_DOWN: Metric<Gauge, ()> = Metric::gauge(
        "redis_master_link_down_seconds",
        Unit::Seconds,
        "For how long this replica's link to its primary is down; absent while it is up (INFO master_link_down_since_seconds)",
    );
    /// How long a replica has heard nothing.
    pub static MASTER_LAST_IO: Metric<Gauge, MasterLabels> = Metric::de_facto_gauge(
        "redis_master_last_io_seconds_ago",
        Unit::Seconds,
        "For how long this replica has heard nothing from its primary; absent while the link is down (INFO master_last_io_seconds_ago)",
    );
    /// Whether a replica fetches all.
    pub static MASTER_SYNC: Metric<Gauge, MasterLabels> = Metric::gauge(
        "redis_master_sync_in_progress",
        Unit::None,
        "Whether this replica fetches the whole data from its primary (INFO master_sync_in_progress)",
    );
    /// How far a replica is.
    pub static SLAVE_REPL_OFFSET: Metric<Gauge, MasterLabels> = Metric::gauge(
        "redis_slave_repl_offset",
        Unit::None,
        "Position of this replica in the replication stream, in bytes (INFO slave_repl_offset)",
    );
    /// Whether a replica receives the stream.
    pub static REPLICA_ONLINE: Metric<Gauge, ReplicaLabels> = Metric::gauge(
        "redis_connected_slave_online",
        Unit::None,
        "Whether the replica receives the replication stream; 0 while it is being synchronised (INFO slaveN, state)",
    );
    /// How far each replica is.
    pub static REPLICA_OFFSET: Metric<Gauge, ReplicaLabels> = Metric::gauge(
        "redis_connected_slave_offset_bytes",
        Unit::Bytes,
        "Position in the replication stream that the replica has confirmed (INFO slaveN, offset)",
    );
    /// How many bytes each replica is behind.
    pub static REPLICA_LAG_BYTES: Metric<Gauge, ReplicaLabels> = Metric::gauge(
        "redis_connected_slave_lag_bytes",
        Unit::Bytes,
        "Replication stream that the replica has not confirmed yet; absent while it is being synchronised (INFO master_repl_offset less offset)",
    );
    /// How long each replica has been silent.
    pub static REPLICA_LAG: Metric<Gauge, ReplicaLabels> = Metric::gauge(
        "redis_connected_slave_lag_seconds",
        Unit::Seconds,
        "Since when the replica has confirmed nothing; absent while it is being synchronised (INFO slaveN, lag)",
    );
    /// Replicas that are connected.
    pub static CONNECTED_SLAVES: Metric<Gauge, ()> = Metric::gauge(
        "redis_connected_slaves",
        Unit::None,
        "Replicas that are connected (INFO connected_slaves)",
    );
    /// Position in the replication stream, in bytes.
    pub static MASTER_REPL_OFFSET: Metric<Gauge, ()> = Metric::gauge(
        "redis_master_repl_offset",
        Unit::None,
        "Position in the replication stream, in bytes (INFO master_repl_offset)",
    );
    /// Whether a backlog is kept for replicas that reconnect.
    pub static BACKLOG_ACTIVE: Metric<Gauge, ()> = Metric::gauge(
        "redis_repl_backlog_is_active",
        Unit::None,
        "Whether a backlog is kept for replicas that reconnect (INFO repl_backlog_active)",
    );
    /// Size of the backlog for replicas that reconnect.
    pub static BACKLOG_SIZE: Metric<Gauge, ()> = Metric::gauge(
        "redis_replication_backlog_bytes",
        Unit::Bytes,
        "Size of the backlog for replicas that reconnect (INFO repl_backlog_size)",
    );
    /// Bytes that the backlog holds.
    pub static BACKLOG_HISTORY: Metric<Gauge, ()> = Metric::gauge(
        "redis_repl_backlog_history_bytes",
        Unit::Bytes,
        "Bytes that the backlog holds (INFO repl_backlog_histlen)",
    );
    /// Full resynchronisations of replicas.
    pub static RESYNCS_FULL: Metric<Counter, ()> = Metric::counter(
        "redis_replica_resyncs_full_total",
        Unit::None,
        "Full resynchronisations of replicas (INFO sync_full)",
    );
    /// Partial resynchronisations of replicas that were accepted.
    pub static RESYNCS_ACCEPTED: Metric<Counter, ()> = Metric::counter(
        "redis_replica_partial_resync_accepted_total",
        Unit::None,
        "Partial resynchronisations of replicas that were accepted (INFO sync_partial_ok)",
    );
    /// Partial resynchronisations of replicas that were denied, which made them full.
    pub static RESYNCS_DENIED: Metric<Counter, ()> = Metric::counter(
        "redis_replica_partial_resync_denied_total",
        Unit::None,
        "Partial resynchronisations of replicas that were denied, which made them full (INFO sync_partial_err)",
    );
    /// How soon this replica is chosen at a failover.
    pub static SLAVE_PRIORITY: Metric<Gauge, ()> = Metric::gauge(
        "redis_slave_priority",
        Unit::None,
        "How soon this replica is chosen at a failover; 0 is never (INFO slave_priority)",
    );
    /// Whether this replica refuses writes.
    pub static SLAVE_READ_ONLY: Metric<Gauge, ()> = Metric::gauge(
        "redis_slave_read_only",
        Unit::None,
        "Whether this replica refuses writes (INFO slave_read_only)",
    );
}
