//! One collection at a time for each target, every collector under the deadline.
//!
//! A collection is a *flight*: a task of its own that ends by its deadline, whoever asked for it.
//! Scrapes that arrive while it is under way share it, so a database sees one reader however many
//! scrapers there are, and a scraper that hangs up leaves nothing behind.

mod flight;
mod history;
mod metrics;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use crate::{
    metric::{Gauge, Metric},
    scrape::{Collector, Reason, Snapshot, Target},
};
use flight::{Flight, Part};
use history::History;
pub use metrics::*;

/// Owns the targets and runs their collectors.
#[derive(Debug)]
pub struct Runner {
    targets: RwLock<Arc<Targets>>,
}

type Targets = BTreeMap<String, Arc<Served>>;

/// How a target does, for people.
#[derive(Clone, Debug)]
pub struct TargetStatus {
    /// Its name.
    pub name: String,
    /// Where it is, without secrets.
    pub address: String,
    /// Whether it answered when it was last asked; `None` when it has not been asked, or no
    /// collector of it tells.
    pub up: Option<bool>,
    /// Its collectors, in the order in which they were given.
    pub collectors: Vec<CollectorStatus>,
}

/// How a collector does, for people.
#[derive(Clone, Debug)]
pub struct CollectorStatus {
    /// Its name.
    pub name: &'static str,
    /// How it went the last time; `None` before the first scrape.
    pub last: Option<Outcome>,
    /// What people should mend although it is read.
    pub notes: Vec<String>,
}

/// How one run of a collector went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// When it ended.
    pub at: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// Why it failed, if it did.
    pub failure: Option<FailureReport>,
}

/// Why a collector failed, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureReport {
    /// The class of the failure.
    pub reason: Reason,
    /// What was being done, with all causes.
    pub message: String,
    /// What would mend it.
    pub hint: Option<String>,
}

impl Runner {
    /// Takes over the targets; nothing is read before the first scrape.
    pub fn new(targets: Vec<Target>) -> Self {
        Self { targets: RwLock::new(Arc::new(by_name(targets))) }
    }

    /// Puts other targets in the place of all that were there. What is in flight lands for those
    /// who wait for it.
    pub fn replace(&self, targets: Vec<Target>) {
        let targets = Arc::new(by_name(targets));
        *self.targets.write().unwrap_or_else(PoisonError::into_inner) = targets;
    }

    /// Reads a target, or joins the reading under way; `None` when there is no such target.
    ///
    /// The answer is there by `deadline`: what was not read by then is missing, and the collector
    /// that should have read it is reported as failed.
    pub async fn scrape(&self, target: &str, deadline: Instant) -> Option<Snapshot> {
        let target = self.targets().get(target).map(Arc::clone)?;
        let flight = Served::board(&target, deadline);
        flight.landed_by(deadline).await;
        Some(flight.answer(&target))
    }

    /// How each target did when it was last read, in order of their names.
    pub fn status(&self) -> Vec<TargetStatus> {
        self.targets().values().map(|it| it.status()).collect()
    }

    /// The targets' names, in order.
    pub fn target_names(&self) -> Vec<String> {
        self.targets().keys().cloned().collect()
    }

    /// Waits for what is in flight; each flight ends by its deadline.
    pub async fn close(&self) {
        for target in self.targets().values() {
            let flight = target.flight().clone();
            if let Some(flight) = flight {
                flight.landed().await;
            }
        }
    }

    fn targets(&self) -> Arc<Targets> {
        Arc::clone(&self.targets.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn by_name(targets: Vec<Target>) -> Targets {
    targets.into_iter().map(|it| (it.name.clone(), Arc::new(Served::new(it)))).collect()
}

/// A target with what is remembered of it between scrapes.
struct Served {
    name: String,
    address: String,
    up: Option<(&'static Metric<Gauge, ()>, &'static str)>,
    collectors: Vec<Box<dyn Collector>>,
    flight: Mutex<Option<Arc<Flight>>>,
    history: Mutex<History>,
}

impl Served {
    fn new(target: Target) -> Self {
        let Target { name, address, up, collectors } = target;
        debug_assert!(
            up.is_none_or(|(_, teller)| collectors.iter().any(|it| it.name() == teller)),
            "{name}: no collector tells whether it is up"
        );
        let history = History::new(collectors.iter().map(|it| it.name()));
        Self {
            name,
            address,
            up,
            collectors,
            flight: Mutex::default(),
            history: Mutex::new(history),
        }
    }

    /// Joins the flight under way, or starts one that lasts until `deadline` at most.
    fn board(this: &Arc<Self>, deadline: Instant) -> Arc<Flight> {
        let mut slot = this.flight();
        if let Some(flight) = slot.as_ref().filter(|it| !it.has_landed()) {
            return Arc::clone(flight);
        }
        let flight = Flight::start(Arc::clone(this), deadline);
        *slot = Some(Arc::clone(&flight));
        flight
    }

    /// What the collectors wrote, with how they did; those that have not finished count as failed
    /// after `waited`.
    fn merge(&self, parts: Vec<Option<Part>>, waited: Duration) -> Snapshot {
        let mut merged = Snapshot::default();
        for (collector, part) in self.collectors.iter().zip(parts) {
            let name = collector.name();
            let (success, duration) = part.as_ref().map_or((false, waited), Part::result);
            if let Some((up, _)) = self.up.filter(|(_, teller)| *teller == name) {
                merged.gauge(up, (), f64::from(success));
            }
            let labels = CollectorLabels { collector: name };
            merged.gauge(&COLLECTOR_SUCCESS, labels.clone(), f64::from(success));
            merged.gauge(&COLLECTOR_DURATION, labels, duration.as_secs_f64());
            if let Some(part) = part {
                merged.merge(part.out);
            }
        }
        merged
    }

    fn status(&self) -> TargetStatus {
        let mut collectors = self.history().status();
        for (status, collector) in collectors.iter_mut().zip(&self.collectors) {
            status.notes = collector.notes();
        }
        let teller = self.up.and_then(|(_, name)| collectors.iter().find(|it| it.name == name));
        let up = teller.and_then(|it| it.last.as_ref()).map(|it| it.failure.is_none());
        TargetStatus { name: self.name.clone(), address: self.address.clone(), up, collectors }
    }

    fn flight(&self) -> MutexGuard<'_, Option<Arc<Flight>>> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").field("name", &self.name).finish_non_exhaustive()
    }
}
