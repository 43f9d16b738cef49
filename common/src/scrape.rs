//! One scrape: collectors write samples into a snapshot, under a deadline, and the snapshot is encoded.

pub mod background;
mod collector;
pub mod concurrency;
pub mod encode;
pub mod label_limit;
pub mod runner;
mod sample;
pub mod samples;
pub mod schedule;
pub mod snapshot;
pub mod top_k;

pub use self::{
    collector::{
        BoxedCollector, CollectError, Collector, DEFAULT_TARGET, DynCollector, Reason, Target,
    },
    sample::{HistogramValue, Value},
    snapshot::Snapshot,
};
