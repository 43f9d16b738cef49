//! This node of a cluster, and the cluster as the node sees it.

use common::metric::{Counter, Gauge, Metric, Unit};

common::catalog! {
    /// Whether the server is a node of a cluster.
    pub static ENABLED: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_enabled",
        Unit::None,
        "Whether the server is a node of a cluster (INFO cluster_enabled)",
    );
    /// Whether the cluster takes queries, as this node sees it.
    pub static STATE: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_state",
        Unit::None,
        "Whether the cluster takes queries, as this node sees it (CLUSTER INFO cluster_state)",
    );
    /// Slots that belong to a node.
    pub static SLOTS_ASSIGNED: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_slots_assigned",
        Unit::None,
        "Slots that belong to a node; all are 16384 (CLUSTER INFO cluster_slots_assigned)",
    );
    /// Slots of nodes that answer.
    pub static SLOTS_OK: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_slots_ok",
        Unit::None,
        "Slots of nodes that answer (CLUSTER INFO cluster_slots_ok)",
    );
    /// Slots of nodes that do not answer this one.
    pub static SLOTS_PFAIL: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_slots_pfail",
        Unit::None,
        "Slots of nodes that do not answer this one (CLUSTER INFO cluster_slots_pfail)",
    );
    /// Slots of nodes that the cluster has given up.
    pub static SLOTS_FAIL: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_slots_fail",
        Unit::None,
        "Slots of nodes that the cluster has given up (CLUSTER INFO cluster_slots_fail)",
    );
    /// Nodes that this one knows, itself included.
    pub static KNOWN_NODES: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_known_nodes",
        Unit::None,
        "Nodes that this one knows, itself included (CLUSTER INFO cluster_known_nodes)",
    );
    /// Primaries that own slots.
    pub static SIZE: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_size",
        Unit::None,
        "Primaries that own slots (CLUSTER INFO cluster_size)",
    );
    /// The cluster's epoch.
    pub static CURRENT_EPOCH: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_current_epoch",
        Unit::None,
        "The cluster's epoch; it grows with each failover (CLUSTER INFO cluster_current_epoch)",
    );
    /// The epoch of this node's configuration.
    pub static MY_EPOCH: Metric<Gauge, ()> = Metric::gauge(
        "redis_cluster_my_epoch",
        Unit::None,
        "The epoch of this node's configuration (CLUSTER INFO cluster_my_epoch)",
    );
    /// Messages to other nodes.
    pub static MESSAGES_SENT: Metric<Counter, ()> = Metric::counter(
        "redis_cluster_messages_sent_total",
        Unit::None,
        "Messages to other nodes (CLUSTER INFO cluster_stats_messages_sent)",
    );
    /// Messages from other nodes.
    pub static MESSAGES_RECEIVED: Metric<Counter, ()> = Metric::counter(
        "redis_cluster_messages_received_total",
        Unit::None,
        "Messages from other nodes (CLUSTER INFO cluster_stats_messages_received)",
    );
}
