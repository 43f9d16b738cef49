//! Metrics that Pulso does not export but its rules need, defined in the same way so that they
//! are typed as well.

use common::metric::{Gauge, Metric, Unit};

common::catalog! {
    /// Prometheus's own word on whether a target could be scraped.
    pub static UP: Metric<Gauge, ()> = Metric::gauge(
        "up",
        Unit::None,
        "Whether Prometheus could scrape the target (1) or not (0)",
    );
}
