//! Metrics that Pulso's rules need but Pulso does not export, defined like its own so that they are
//! typed.

use common::metric::Gauge;

common::catalog! {
    /// Whether Prometheus could scrape the target (1) or not (0)
    pub static UP: Gauge = "up";
}
