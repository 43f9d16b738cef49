//! Replication: role, link, offsets, replicas.

use common::metric::{Counter, Gauge, LabelText, Unit};

common::label_values! {
    /// The role of the server.
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
        role: Role,
    }
}

common::labels! {
    /// The primary that a replica follows.
    pub struct MasterLabels {
        master_host: LabelText,
        master_port: LabelText,
    }
}

common::labels! {
    /// One replica of this server.
    pub struct ReplicaLabels {
        /// Its address, or `other` beyond the cap.
        slave_ip: LabelText,
        /// Its port; empty beyond the cap.
        slave_port: LabelText,
    }
}

common::catalog! {
    /// Whether the server has the role: 1 of one role, 0 of the others (INFO role)
    pub static ROLE: Gauge<RoleLabels> = "redis_instance_role";
    /// Whether this replica's link to its primary is up (INFO master_link_status)
    pub static MASTER_LINK_UP: Gauge<MasterLabels> = "redis_master_link_up";
    /// How long this replica's link to its primary has been down; absent while it is up (INFO
    /// master_link_down_since_seconds)
    pub static MASTER_LINK_DOWN: Gauge = "redis_master_link_down_seconds";
    /// Time since this replica last heard from its primary; absent while the link is down (INFO
    /// master_last_io_seconds_ago)
    pub static MASTER_LAST_IO: Gauge<MasterLabels> =
        de_facto("redis_master_last_io_seconds_ago", Unit::Seconds);
    /// Whether this replica fetches the whole data from its primary (INFO master_sync_in_progress)
    pub static MASTER_SYNC: Gauge<MasterLabels> = "redis_master_sync_in_progress";
    /// Position of this replica in the replication stream, in bytes (INFO slave_repl_offset)
    pub static SLAVE_REPL_OFFSET: Gauge<MasterLabels> = "redis_slave_repl_offset";
    /// Whether the replica receives the replication stream; 0 while it is being synchronised (INFO
    /// slaveN, state)
    pub static REPLICA_ONLINE: Gauge<ReplicaLabels> = "redis_connected_slave_online";
    /// Position in the replication stream that the replica has confirmed (INFO slaveN, offset)
    pub static REPLICA_OFFSET: Gauge<ReplicaLabels> = "redis_connected_slave_offset_bytes";
    /// Replication stream that the replica has not confirmed yet; absent while it is being
    /// synchronised (INFO master_repl_offset less offset)
    pub static REPLICA_LAG_BYTES: Gauge<ReplicaLabels> = "redis_connected_slave_lag_bytes";
    /// Time since the replica last confirmed anything; absent while it is being synchronised (INFO
    /// slaveN, lag)
    pub static REPLICA_LAG: Gauge<ReplicaLabels> = "redis_connected_slave_lag_seconds";
    /// Replicas that are connected (INFO connected_slaves)
    pub static CONNECTED_SLAVES: Gauge = "redis_connected_slaves";
    /// Position in the replication stream, in bytes (INFO master_repl_offset)
    pub static MASTER_REPL_OFFSET: Gauge = "redis_master_repl_offset";
    /// Whether a backlog is kept for replicas that reconnect (INFO repl_backlog_active)
    pub static BACKLOG_ACTIVE: Gauge = "redis_repl_backlog_is_active";
    /// Size of the backlog for replicas that reconnect (INFO repl_backlog_size)
    pub static BACKLOG_SIZE: Gauge = "redis_replication_backlog_bytes";
    /// Bytes that the backlog holds (INFO repl_backlog_histlen)
    pub static BACKLOG_HISTORY: Gauge = "redis_repl_backlog_history_bytes";
    /// Full resynchronisations of replicas (INFO sync_full)
    pub static RESYNCS_FULL: Counter = "redis_replica_resyncs_full_total";
    /// Partial resynchronisations of replicas that were accepted (INFO sync_partial_ok)
    pub static RESYNCS_ACCEPTED: Counter = "redis_replica_partial_resync_accepted_total";
    /// Partial resynchronisations of replicas that were denied, which made them full (INFO
    /// sync_partial_err)
    pub static RESYNCS_DENIED: Counter = "redis_replica_partial_resync_denied_total";
    /// How soon this replica is chosen at a failover; 0 is never (INFO slave_priority)
    pub static SLAVE_PRIORITY: Gauge = "redis_slave_priority";
    /// Whether this replica refuses writes (INFO slave_read_only)
    pub static SLAVE_READ_ONLY: Gauge = "redis_slave_read_only";
}
