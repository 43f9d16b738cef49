//! This node of a cluster, and the cluster as the node sees it.

use common::metric::{Counter, Gauge};

common::catalog! {
    /// Whether the server is a node of a cluster (INFO cluster_enabled)
    pub static ENABLED: Gauge = "redis_cluster_enabled";
    /// Whether the cluster takes queries, as this node sees it (CLUSTER INFO cluster_state)
    pub static STATE: Gauge = "redis_cluster_state";
    /// Slots that belong to a node; all are 16384 (CLUSTER INFO cluster_slots_assigned)
    pub static SLOTS_ASSIGNED: Gauge = "redis_cluster_slots_assigned";
    /// Slots of nodes that answer (CLUSTER INFO cluster_slots_ok)
    pub static SLOTS_OK: Gauge = "redis_cluster_slots_ok";
    /// Slots of nodes that do not answer this one (CLUSTER INFO cluster_slots_pfail)
    pub static SLOTS_PFAIL: Gauge = "redis_cluster_slots_pfail";
    /// Slots of nodes that the cluster considers failed (CLUSTER INFO cluster_slots_fail)
    pub static SLOTS_FAIL: Gauge = "redis_cluster_slots_fail";
    /// Nodes that this one knows, itself included (CLUSTER INFO cluster_known_nodes)
    pub static KNOWN_NODES: Gauge = "redis_cluster_known_nodes";
    /// Primaries that own slots (CLUSTER INFO cluster_size)
    pub static SIZE: Gauge = "redis_cluster_size";
    /// The cluster's epoch; it grows with each failover (CLUSTER INFO cluster_current_epoch)
    pub static CURRENT_EPOCH: Gauge = "redis_cluster_current_epoch";
    /// The epoch of this node's configuration (CLUSTER INFO cluster_my_epoch)
    pub static MY_EPOCH: Gauge = "redis_cluster_my_epoch";
    /// Messages to other nodes (CLUSTER INFO cluster_stats_messages_sent)
    pub static MESSAGES_SENT: Counter = "redis_cluster_messages_sent_total";
    /// Messages from other nodes (CLUSTER INFO cluster_stats_messages_received)
    pub static MESSAGES_RECEIVED: Counter = "redis_cluster_messages_received_total";
}
