//! Connections to what is read: one per target, opened on demand, bounded, replaced when it breaks.
//!
//! Each driver is behind a feature, so that an exporter links only those that it needs.

#[cfg(any(feature = "postgres", feature = "redis"))]
mod connection;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "redis")]
pub mod redis;
