//! The runner's metrics of its collectors.

use crate::{
    metric::{Counter, Gauge, LabelText},
    scrape::Reason,
};

crate::labels! {
    /// One collector of the target.
    pub struct CollectorLabels {
        collector: LabelText,
    }
}

crate::labels! {
    /// One way in which a collector can fail.
    pub struct FailureLabels {
        collector: LabelText,
        reason: Reason,
    }
}

crate::labels! {
    /// One metric family.
    pub struct FamilyLabels {
        family: &'static str,
    }
}

crate::catalog! {
    /// Whether the collector succeeded in this scrape (1) or failed (0)
    pub static COLLECTOR_SUCCESS: Gauge<CollectorLabels> = "pulso_collector_success";
    /// How long the collector took in this scrape
    pub static COLLECTOR_DURATION: Gauge<CollectorLabels> = "pulso_collector_duration_seconds";
    // Each class is written from the start.
    /// Runs of the collector that failed, by class of failure
    pub static COLLECTOR_FAILURES: Counter<FailureLabels> = "pulso_collector_failures_total";
    /// Series left out of answers because their family held 10000 already, summed over scrapes
    pub static SERIES_DROPPED: Counter<FamilyLabels> = "pulso_series_dropped_total";
}
