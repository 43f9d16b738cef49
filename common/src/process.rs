//! The process around a scrape: command line, start and stop, `check`, logs, own metrics.

pub mod check;
pub mod exporter;
mod run;
pub mod self_metrics;
pub mod shutdown;
pub mod telemetry;

pub use self::run::*;
