//! Replication, seen from the primary and from the standby.

use common::metric::{Gauge, Metric, Text, Unit};

common::label_values! {
    /// How far a record of the log has come at a standby.
    pub enum Stage {
        /// It was handed to the standby's operating system.
        Write = "write",
        /// It is safe on the standby's disk.
        Flush = "flush",
        /// Queries on the standby see it.
        Replay = "replay",
    }
}

common::labels! {
    /// One standby at one stage.
    pub struct StandbyLabels {
        /// What the standby calls itself.
        application_name: Text,
        /// Its address; empty over a Unix socket.
        client_addr: Text,
        /// How far the record has come.
        stage: Stage,
    }
}

common::labels! {
    /// One standby.
    pub struct ReplicaLabels {
        /// What the standby calls itself.
        application_name: Text,
        /// Its address; empty over a Unix socket.
        client_addr: Text,
        /// `streaming`, `catchup`, `backup`, …
        state: Text,
    }
}

common::labels! {
    /// One replication slot; the labels are `postgres_exporter`'s.
    pub struct SlotLabels {
        /// Its name.
        slot_name: Text,
        /// `physical` or `logical`.
        slot_type: Text,
    }
}

common::catalog! {
    /// Standbys that are connected.
    pub static REPLICAS: Metric<Gauge, ReplicaLabels> = Metric::gauge(
        "pool_replication_standbys",
        Unit::None,
        "Standbys and other readers of the log that are connected to this server, by state",
    );
    /// How late a standby is, in time.
    pub static STANDBY_LAG_SECONDS: Metric<Gauge, StandbyLabels> = Metric::gauge(
        "pool_replication_standby_lag_seconds",
        Unit::Seconds,
        "Time between writing the log here and the standby's confirmation of the stage; 0 when it has all; absent while it has only just connected",
    );
    /// How late a standby is, in bytes.
    pub static STANDBY_LAG_BYTES: Metric<Gauge, StandbyLabels> = Metric::gauge(
        "pool_replication_standby_lag_bytes",
        Unit::Bytes,
        "Log that was written here and not yet confirmed by the standby at the stage",
    );
    /// How late this server is, when it is a standby.
    pub static REPLICATION_LAG: Metric<Gauge, ()> = Metric::gauge(
        "pg_replication_lag_seconds",
        Unit::Seconds,
        "On a standby: age of the last replayed commit, 0 when all that was received is replayed; on a primary: 0",
    );
    /// How much this server has received and not replayed.
    pub static REPLAY_PENDING: Metric<Gauge, ()> = Metric::gauge(
        "pool_replication_replay_pending_bytes",
        Unit::Bytes,
        "On a standby: log that was received and not yet replayed",
    );
    /// Whether a standby hears its primary.
    pub static RECEIVER_UP: Metric<Gauge, ()> = Metric::gauge(
        "pool_replication_receiver_up",
        Unit::None,
        "On a standby: whether it is connected to the server it receives from (1) or not (0); without a connection its lag in seconds stays 0 however late it is",
    );
    /// Whether replay is held.
    pub static REPLAY_PAUSED: Metric<Gauge, ()> = Metric::gauge(
        "pool_replication_replay_paused",
        Unit::None,
        "On a standby: whether somebody paused the replay (1) or not (0)",
    );
    /// Whether somebody reads the slot.
    pub static SLOT_ACTIVE: Metric<Gauge, SlotLabels> = Metric::gauge(
        "pg_replication_slot_slot_is_active",
        Unit::None,
        "Whether the replication slot is in use (1) or not (0)",
    );
    /// What the slot keeps.
    pub static SLOT_RETAINED: Metric<Gauge, SlotLabels> = Metric::gauge(
        "pool_replication_slot_retained_bytes",
        Unit::Bytes,
        "Log that the server keeps because the replication slot has not read it",
    );
    /// What the slot may still keep.
    pub static SLOT_SAFE: Metric<Gauge, SlotLabels> = Metric::gauge(
        "pg_replication_slot_safe_wal_size_bytes",
        Unit::Bytes,
        "Log that can still be written before the slot is in danger of being lost; absent without max_slot_wal_keep_size",
    );
}
