//! A Sentinel, and the primaries it watches.

use common::metric::{Gauge, LabelText};

common::labels! {
    /// A watched primary.
    pub struct WatchedLabels {
        /// The name that the Sentinel gives it.
        master_name: LabelText,
    }
}

common::labels! {
    /// How the Sentinel sees a watched primary.
    pub struct StatusLabels {
        /// The name that the Sentinel gives it.
        master_name: LabelText,
        master_address: LabelText,
        /// `ok`, `sdown` (this Sentinel lost it) or `odown` (enough of them did).
        master_status: LabelText,
    }
}

common::catalog! {
    /// Primaries that this Sentinel watches (INFO sentinel_masters)
    pub static MASTERS: Gauge = "redis_sentinel_masters";
    /// Whether this Sentinel does not trust its clock and takes no action (INFO sentinel_tilt)
    pub static TILT: Gauge = "redis_sentinel_tilt";
    /// Notification scripts that run (INFO sentinel_running_scripts)
    pub static RUNNING_SCRIPTS: Gauge = "redis_sentinel_running_scripts";
    /// Notification scripts that wait (INFO sentinel_scripts_queue_length)
    pub static SCRIPTS_QUEUE: Gauge = "redis_sentinel_scripts_queue_length";
    /// Failures that this Sentinel is set to simulate (INFO sentinel_simulate_failure_flags)
    pub static SIMULATE_FAILURE: Gauge = "redis_sentinel_simulate_failure_flags";
    /// The watched primary's address and state, value 1 (INFO masterN)
    pub static MASTER_STATUS: Gauge<StatusLabels> = "redis_sentinel_master_status";
    /// Whether the Sentinel sees the watched primary up (INFO masterN, status)
    pub static MASTER_OK: Gauge<WatchedLabels> = "redis_sentinel_master_ok";
    /// Replicas of the watched primary that the Sentinel knows (INFO masterN, slaves)
    pub static MASTER_SLAVES: Gauge<WatchedLabels> = "redis_sentinel_master_slaves";
    /// Sentinels that watch the primary, this one included (INFO masterN, sentinels)
    pub static MASTER_SENTINELS: Gauge<WatchedLabels> = "redis_sentinel_master_sentinels";
}
