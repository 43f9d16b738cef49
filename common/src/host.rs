//! Metrics of the machine: CPU, memory, disks, network, pressure, processes, files.
//!
//! Off unless `[host] enabled = true`. The metrics are those of the whole host, from `/proc`, and
//! those of the control group of the exporter, which limits a container. In a container, the
//! settings name the folders where the host's `/proc`, `/sys` and root are mounted.

mod blocking;
mod cgroup;
mod files;
mod metrics;
mod mounts;
mod processes;
mod read;
mod settings;
mod system;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::time::Instant;

use crate::{
    scrape::{CollectError, Collector, Snapshot, label_limit::LabelLimit},
    settings::SettingsError,
};
use blocking::Blocking;
use files::Files;
use mounts::Mounts;
use processes::Processes;
use settings::Roots;

pub use metrics::*;
pub use settings::{FileSettings, HostSettings, MountSettings, ProcessSettings};

/// The most network interfaces; a machine with more of them runs containers.
const INTERFACES: usize = 64;

/// The collector of the machine's metrics, named `host`.
#[derive(Debug)]
pub struct Host {
    roots: Arc<Roots>,
    interfaces: Arc<LabelLimit>,
    mounts: Mounts,
    processes: Arc<Processes>,
    files: Vec<Arc<Files>>,
    blocking: Blocking,
}

impl Host {
    /// The collector, if the settings enable it. Reads nothing yet.
    pub fn new(settings: &HostSettings) -> Result<Option<Self>, SettingsError> {
        let roots = Roots::new(settings)?;
        let mounts = Mounts::new(&settings.mounts)?;
        let processes = Processes::new(&settings.processes)?;
        let files = files::all(&settings.files, &roots)?;
        Ok(settings.enabled.then(|| Self {
            roots: Arc::new(roots),
            interfaces: Arc::new(LabelLimit::new(INTERFACES)),
            mounts,
            processes: Arc::new(processes),
            files: files.into_iter().map(Arc::new).collect(),
            blocking: Blocking::default(),
        }))
    }

    /// All readings, which run concurrently; a reading that may hang has its own thread.
    fn readings(&self, until: Instant) -> FuturesUnordered<BoxFuture<'_, Reading>> {
        let readings = FuturesUnordered::new();
        let (roots, interfaces) = (Arc::clone(&self.roots), Arc::clone(&self.interfaces));
        let read = move || system::read(&roots, &interfaces);
        readings.push(flatten(self.blocking.run("CPU, memory and network", until, read)).boxed());
        readings.push(self.mounts.read(&self.roots, &self.blocking, until).boxed());
        if !self.processes.is_empty() {
            let (roots, processes) = (Arc::clone(&self.roots), Arc::clone(&self.processes));
            let read = move || processes.read(&roots);
            readings.push(flatten(self.blocking.run("the processes", until, read)).boxed());
        }
        for files in &self.files {
            let files = Arc::clone(files);
            let what = format!("the files `{}`", files.name());
            let read = move || files.read(until);
            readings.push(flatten(self.blocking.run(what, until, read)).boxed());
        }
        readings
    }
}

impl Collector for Host {
    fn name(&self) -> &'static str {
        "host"
    }

    async fn collect(&self, deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        // A tenth of the time is kept to return the readings that did not hang.
        let now = Instant::now();
        let until = now + deadline.saturating_duration_since(now).mul_f64(0.9);
        let mut readings = self.readings(until);
        let mut outcome = Ok(());
        while let Some(reading) = readings.next().await {
            out.merge(reading.samples);
            outcome = outcome.and(reading.result);
        }
        outcome
    }
}

/// The samples of a reading, and its first error.
struct Reading {
    samples: Snapshot,
    result: Result<(), CollectError>,
}

impl Reading {
    /// Runs a reading, which writes samples until it fails.
    fn of(read: impl FnOnce(&mut Snapshot) -> Result<(), CollectError>) -> Self {
        let mut samples = Snapshot::default();
        let result = read(&mut samples);
        Self { samples, result }
    }
}

async fn flatten(reading: impl Future<Output = Result<Reading, CollectError>>) -> Reading {
    reading
        .await
        .unwrap_or_else(|error| Reading { samples: Snapshot::default(), result: Err(error) })
}
