//! Job queues kept in PostgreSQL tables, as Prometheus metrics.

pub mod counting;
pub mod mapping;
pub mod metrics;
pub mod span;
