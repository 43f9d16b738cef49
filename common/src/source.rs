//! Connections to PostgreSQL and Redis: one per target, opened on demand, limited, reconnecting.
//!
//! Each driver is behind a feature, so that an exporter links only the drivers that it needs.

#[cfg(any(feature = "postgres", feature = "redis"))]
mod collector;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod connection;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "redis")]
pub mod redis;
