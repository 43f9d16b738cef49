//! Metrics that Pulso does not export but its rules need, defined in the same way so that they
//! are typed as well.

use common::metric::Gauge;

common::catalog! {
    /// Whether Prometheus could scrape the target (1) or not (0)
    pub static UP: Gauge = "up";
}
