//! An exporter as a process: its contract, command line, start and stop, `check`, logs, own metrics.

pub mod check;
pub(crate) mod example;
mod exporter;
mod report;
mod run;
pub mod self_metrics;
pub mod shutdown;
pub mod telemetry;

pub use self::{
    check::CheckError,
    example::{check_example, list_targets},
    exporter::{ConfiguredTarget, Exporter, SectionOf, Up, shared_catalog, targets},
    report::Report,
    run::run,
};
