//! What the runner says of the collectors it runs.

use crate::{
    metric::{Counter, Gauge, Metric, Text, Unit},
    scrape::Reason,
};

crate::labels! {
    /// One collector of the target.
    pub struct CollectorLabels {
        /// The collector's name.
        collector: Text,
    }
}

crate::labels! {
    /// One way in which a collector can fail.
    pub struct FailureLabels {
        /// The collector's name.
        collector: Text,
        /// Why it failed.
        reason: Reason,
    }
}

crate::labels! {
    /// One metric family.
    pub struct FamilyLabels {
        /// The family's name.
        family: &'static str,
    }
}

crate::catalog! {
    /// Whether each collector did its work.
    pub static COLLECTOR_SUCCESS: Metric<Gauge, CollectorLabels> = Metric::gauge(
        "pulso_collector_success",
        Unit::None,
        "Whether the collector did its work in this scrape (1) or failed (0)",
    );

    /// How long each collector took.
    pub static COLLECTOR_DURATION: Metric<Gauge, CollectorLabels> = Metric::gauge(
        "pulso_collector_duration_seconds",
        Unit::Seconds,
        "How long the collector took in this scrape",
    );

    /// How often each collector failed, by class; every class is there from the start.
    pub static COLLECTOR_FAILURES: Metric<Counter, FailureLabels> = Metric::counter(
        "pulso_collector_failures_total",
        Unit::None,
        "Runs of the collector that failed, by class of failure",
    );

    /// Series over the limit of their family.
    pub static SERIES_DROPPED: Metric<Counter, FamilyLabels> = Metric::counter(
        "pulso_series_dropped_total",
        Unit::None,
        "Series left out of answers because their family held 10000 already, summed over scrapes",
    );
}
