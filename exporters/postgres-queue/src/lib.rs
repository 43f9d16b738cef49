//! Job queues kept in PostgreSQL tables, as Prometheus metrics.

pub mod metrics;
