//! The machine's own figures: CPU, memory, disks, network, pressure, processes, files.
//!
//! Off unless `[host] enabled = true`. The figures are the host's, as `/proc` gives them, and
//! beside them those of the control group that the exporter runs in, which is what limits a
//! container. In a container, the host's `/proc`, `/sys` and root are mounted somewhere and
//! named in the settings.

mod blocking;
mod cgroup;
mod files;
mod metrics;
mod mounts;
mod processes;
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

/// How many network interfaces are measured; a machine that has more runs containers.
const INTERFACES: usize = 64;

/// Reads the machine. Its collector's name is `host`.
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
    /// Checks the settings; reads nothing. The collector, if the settings enable it.
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

    /// All readings, which run side by side; each that may hang stands alone.
    fn readings(&self, until: Instant) -> FuturesUnordered<BoxFuture<'_, Reading>> {
        let readings = FuturesUnordered::new();
        let (roots, interfaces) = (Arc::clone(&self.roots), Arc::clone(&self.interfaces));
        let read = move || system::read(&roots, &interfaces);
        readings.push(flatten(self.blocking.run("the kernel's figures", until, read)).boxed());
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

    fn collect<'a>(
        &'a self,
        deadline: Instant,
        out: &'a mut Snapshot,
    ) -> BoxFuture<'a, Result<(), CollectError>> {
        Box::pin(async move {
            // Something is left of the time to hand over what did not hang.
            let now = Instant::now();
            let until = now + deadline.saturating_duration_since(now).mul_f64(0.9);
            let mut readings = self.readings(until);
            let mut worst = Ok(());
            while let Some(reading) = readings.next().await {
                out.merge(reading.seen);
                worst = worst.and(reading.result);
            }
            worst
        })
    }
}

/// What was seen, and the first thing that could not be.
struct Reading {
    seen: Snapshot,
    result: Result<(), CollectError>,
}

impl Reading {
    /// Runs a reading that writes what it sees until it fails.
    fn of(read: impl FnOnce(&mut Snapshot) -> Result<(), CollectError>) -> Self {
        let mut seen = Snapshot::default();
        let result = read(&mut seen);
        Self { seen, result }
    }
}

async fn flatten(reading: impl Future<Output = Result<Reading, CollectError>>) -> Reading {
    reading.await.unwrap_or_else(|error| Reading { seen: Snapshot::default(), result: Err(error) })
}
