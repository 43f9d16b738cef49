//! The library of Pulso's exporters. It does not depend on any exporter.
//!
//! - [`metric`]: definitions of metrics and their labels.
//! - [`scrape`]: collectors, the runner that calls them, and the formats of the answer.
//! - [`server`]: HTTP, TLS and authentication.
//! - [`settings`]: layers of settings, and secrets.
//! - [`process`]: command line, start, stop, `check`, logs, and the exporter's own metrics.
//! - [`host`]: metrics of the machine.
//! - [`source`]: connections to PostgreSQL and Redis.

#![warn(missing_docs)]

pub mod metric;

pub mod error_chain;
pub mod host;
mod percent;
pub mod process;
pub mod scrape;
pub mod server;
pub mod settings;
pub mod source;
