//! What every Pulso exporter shares. It knows Prometheus, HTTP and processes, and no exporter.
//!
//! Definitions: [`metric`], [`labels`], [`promql`]. A scrape: [`collector`], [`runner`],
//! [`snapshot`], [`encode`]. The process: [`run`], [`settings`], [`server`], [`telemetry`].

pub mod labels;
pub mod metric;

pub mod promql;

pub mod background;
pub mod cap;
pub mod collector;
pub mod encode;
pub mod runner;
pub mod samples;
pub mod snapshot;
pub mod target;
pub mod top;
pub mod turn;

pub mod host;
pub mod self_metrics;

pub mod chain;
pub mod check;
pub mod exporter;
pub mod run;
pub mod secret;
pub mod server;
pub mod settings;
pub mod shutdown;
pub mod telemetry;

#[cfg(any(feature = "postgres", feature = "redis"))]
mod backoff;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod client_tls;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod failure;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod kept;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "redis")]
pub mod redis;
