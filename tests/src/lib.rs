//! The stack: real servers on free ports in temporary folders, for the end-to-end tests and the demo.
//!
//! Every server is a separate process, listens on loopback only, can be frozen, thawed, killed and
//! restarted, and takes its processes and its folder with it when it is dropped. When a test panics
//! the folder stays, and its path is printed.

pub mod error;
pub mod eventually;

pub mod disk;
mod folder;
mod port;
pub mod process;
mod user;

pub mod http;
pub mod python;
pub mod tls;

pub mod alertmanager;
pub mod exporter;
pub mod pgbouncer;
pub mod postgres;
pub mod prometheus;
pub mod redis;
pub mod samples;
pub mod stopwatch;
pub mod webhook;

pub mod bench;
pub mod live;
pub mod render;
pub mod simulator;

pub use alertmanager::Alertmanager;
pub use disk::Disk;
pub use error::StackError;
pub use eventually::{LATER, SOON, eventually};
pub use exporter::Exporter;
pub use live::Live;
pub use pgbouncer::PgBouncer;
pub use postgres::{Postgres, Version};
pub use process::Server;
pub use prometheus::Prometheus;
pub use redis::Redis;
pub use samples::Samples;
pub use stopwatch::Stopwatch;
pub use tls::Certificates;
pub use webhook::Webhook;
