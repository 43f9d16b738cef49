//! Replication, seen from the primary and from the standby.

use common::metric::{Gauge, LabelText};

common::label_values! {
    /// The stages of a log record at a standby.
    pub enum Stage {
        /// It was written to the standby's operating system.
        Write = "write",
        /// It was flushed to the standby's disk.
        Flush = "flush",
        /// It was replayed: queries on the standby see it.
        Replay = "replay",
    }
}

common::labels! {
    /// One standby at one stage.
    pub struct StandbyLabels {
        /// The standby's `application_name`.
        application_name: LabelText,
        /// Its address; empty over a Unix socket.
        client_addr: LabelText,
        stage: Stage,
    }
}

common::labels! {
    /// One standby.
    pub struct ReplicaLabels {
        /// The standby's `application_name`.
        application_name: LabelText,
        /// Its address; empty over a Unix socket.
        client_addr: LabelText,
        /// `streaming`, `catchup`, `backup`, …
        state: LabelText,
    }
}

common::labels! {
    /// One replication slot; the labels are `postgres_exporter`'s.
    pub struct SlotLabels {
        slot_name: LabelText,
        /// `physical` or `logical`.
        slot_type: LabelText,
    }
}

common::catalog! {
    /// Standbys and other readers of the log that are connected to this server, by state
    pub static REPLICAS: Gauge<ReplicaLabels> = "pool_replication_standbys";
    /// Time between writing the log here and the standby's confirmation of the stage; 0 when it has
    /// all; absent while it has only just connected
    pub static STANDBY_LAG_SECONDS: Gauge<StandbyLabels> = "pool_replication_standby_lag_seconds";
    /// Log that was written here and not yet confirmed by the standby at the stage
    pub static STANDBY_LAG_BYTES: Gauge<StandbyLabels> = "pool_replication_standby_lag_bytes";
    /// On a standby: age of the last replayed commit, 0 when all that was received is replayed; on
    /// a primary: 0
    pub static REPLICATION_LAG: Gauge = "pg_replication_lag_seconds";
    /// On a standby: log that was received and not yet replayed
    pub static REPLAY_PENDING: Gauge = "pool_replication_replay_pending_bytes";
    /// On a standby: whether it is connected to the server it receives from (1) or not (0); without
    /// a connection its lag in seconds stays 0 however late it is
    pub static RECEIVER_UP: Gauge = "pool_replication_receiver_up";
    /// On a standby: whether somebody paused the replay (1) or not (0)
    pub static REPLAY_PAUSED: Gauge = "pool_replication_replay_paused";
    /// Whether the replication slot is in use (1) or not (0)
    pub static SLOT_ACTIVE: Gauge<SlotLabels> = "pg_replication_slot_slot_is_active";
    /// Log that the server keeps because the replication slot has not read it
    pub static SLOT_RETAINED: Gauge<SlotLabels> = "pool_replication_slot_retained_bytes";
    /// Log that can still be written before the slot is in danger of being lost; absent without
    /// max_slot_wal_keep_size
    pub static SLOT_SAFE: Gauge<SlotLabels> = "pg_replication_slot_safe_wal_size_bytes";
}
