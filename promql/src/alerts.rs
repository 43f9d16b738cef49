//! The series `ALERTS`, which Prometheus writes for its alerts.

use common::metric::{Definition, Kind, Unit, kind};

use crate::{ast::Source, select::Selector};

common::label_values! {
    /// Whether an alert's condition has held for long enough.
    pub enum AlertState {
        /// It holds, but not yet for long enough.
        Pending = "pending",
        /// The alert fires.
        Firing = "firing",
    }
}

common::labels! {
    /// One alert; Prometheus adds the labels of the rule and of its condition.
    pub struct AlertLabels {
        /// The name of the rule.
        alertname: String,
        /// Pending or firing.
        alertstate: AlertState,
    }
}

/// No exporter writes it, so its name need not be in lower case.
static ALERTS: Definition = Definition {
    name: "ALERTS",
    kind: Kind::Gauge,
    unit: Unit::None,
    help: "Alerts that are pending or firing",
    labels: &["alertname", "alertstate"],
    buckets: &[],
};

/// `ALERTS`: 1 for each alert that is pending or firing.
pub fn alerts() -> Selector<kind::Gauge, AlertLabels> {
    Selector::new(Source::Metric(&ALERTS), "")
}
