//! A Sentinel, and the primaries it watches.

use common::metric::{Gauge, Metric, Text, Unit};

common::labels! {
    /// A watched primary.
    pub struct WatchedLabels {
        /// The name that the Sentinel gives it.
        master_name: Text,
    }
}

common::labels! {
    /// How the Sentinel sees a watched primary.
    pub struct StatusLabels {
        /// The name that the Sentinel gives it.
        master_name: Text,
        /// Where it is now.
        master_address: Text,
        /// `ok`, `sdown` (this Sentinel lost it) or `odown` (enough of them did).
        master_status: Text,
    }
}

common::catalog! {
    /// Primaries that this Sentinel watches.
    pub static MASTERS: Metric<Gauge, ()> = Metric::gauge(
        "redis_sentinel_masters",
        Unit::None,
        "Primaries that this Sentinel watches (INFO sentinel_masters)",
    );
    /// Whether this Sentinel does not trust its clock and does nothing.
    pub static TILT: Metric<Gauge, ()> = Metric::gauge(
        "redis_sentinel_tilt",
        Unit::None,
        "Whether this Sentinel does not trust its clock and does nothing (INFO sentinel_tilt)",
    );
    /// Notification scripts that run.
    pub static RUNNING_SCRIPTS: Metric<Gauge, ()> = Metric::gauge(
        "redis_sentinel_running_scripts",
        Unit::None,
        "Notification scripts that run (INFO sentinel_running_scripts)",
    );
    /// Notification scripts that wait.
    pub static SCRIPTS_QUEUE: Metric<Gauge, ()> = Metric::gauge(
        "redis_sentinel_scripts_queue_length",
        Unit::None,
        "Notification scripts that wait (INFO sentinel_scripts_queue_length)",
    );
    /// Failures that this Sentinel has been told to play.
    pub static SIMULATE_FAILURE: Metric<Gauge, ()> = Metric::gauge(
        "redis_sentinel_simulate_failure_flags",
        Unit::None,
        "Failures that this Sentinel has been told to play (INFO sentinel_simulate_failure_flags)",
    );
    /// How each primary is.
    pub static MASTER_STATUS: Metric<Gauge, StatusLabels> = Metric::gauge(
        "redis_sentinel_master_status",
        Unit::None,
        "The watched primary's address and state, value 1 (INFO masterN)",
    );
    /// Whether each primary is well.
    pub static MASTER_OK: Metric<Gauge, WatchedLabels> = Metric::gauge(
        "redis_sentinel_master_ok",
        Unit::None,
        "Whether the Sentinel sees the watched primary up (INFO masterN, status)",
    );
    /// How many replicas each primary has.
    pub static MASTER_SLAVES: Metric<Gauge, WatchedLabels> = Metric::gauge(
        "redis_sentinel_master_slaves",
        Unit::None,
        "Replicas of the watched primary that the Sentinel knows (INFO masterN, slaves)",
    );
    /// How many Sentinels watch it.
    pub static MASTER_SENTINELS: Metric<Gauge, WatchedLabels> = Metric::gauge(
        "redis_sentinel_master_sentinels",
        Unit::None,
        "Sentinels that watch the primary, this one included (INFO masterN, sentinels)",
    );
}
