//! One collection at a time for each target, every collector under the deadline.
//!
//! A collection is a task that ends by its deadline, even if the scraper that caused it hangs up.
//! Scrapes that arrive during a collection share it, so that a database has one reader however
//! many scrapers there are.

mod collection;
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
    metric::{Gauge, LabelText},
    scrape::{BoxedCollector, Reason, Snapshot, Target},
};
use collection::{Collection, CollectorResult};
use history::History;
pub use metrics::*;

/// Owns the targets and runs their collectors.
#[derive(Debug)]
pub struct Runner {
    targets: RwLock<Arc<Targets>>,
}

type Targets = BTreeMap<String, Arc<TargetState>>;

/// The state of a target, for the landing page.
#[derive(Clone, Debug)]
pub struct TargetStatus {
    /// Its name.
    pub name: String,
    /// Its address, without secrets.
    pub address: String,
    /// Whether the last scrape reached it; `None` before the first scrape, and when no collector
    /// decides it.
    pub up: Option<bool>,
    /// Its collectors, in the target's order.
    pub collectors: Vec<CollectorStatus>,
}

/// The state of a collector, for the landing page.
#[derive(Clone, Debug)]
pub struct CollectorStatus {
    /// Its name.
    pub name: LabelText,
    /// The outcome of the last run; `None` before the first scrape.
    pub last: Option<Outcome>,
    /// Problems that do not fail the collector, as [`Collector::notes`](super::Collector::notes)
    /// gives them.
    pub notes: Vec<String>,
}

/// The outcome of one run of a collector.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// When the run ended.
    pub at: SystemTime,
    /// How long the run took.
    pub duration: Duration,
    /// Why it failed, if it did.
    pub failure: Option<FailureReport>,
}

/// Why a collector failed, for the log and the landing page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureReport {
    /// The class of the failure.
    pub reason: Reason,
    /// The operation that failed, with all causes.
    pub message: String,
    /// How to fix it.
    pub hint: Option<String>,
}

impl Runner {
    /// Nothing is read before the first scrape.
    pub fn new(targets: Vec<Target>) -> Self {
        Self { targets: RwLock::new(Arc::new(by_name(targets))) }
    }

    /// Replaces all targets. Collections in flight go on for the scrapes that wait for them.
    pub fn replace(&self, targets: Vec<Target>) {
        let targets = Arc::new(by_name(targets));
        *self.targets.write().unwrap_or_else(PoisonError::into_inner) = targets;
    }

    /// Starts a collection of `target`, or joins the one in flight; `None` when there is no such
    /// target.
    ///
    /// Returns by `deadline`. A collector that has not finished by then counts as failed, and
    /// its series are missing.
    pub async fn scrape(&self, target: &str, deadline: Instant) -> Option<Snapshot> {
        let target = self.targets().get(target).map(Arc::clone)?;
        let collection = TargetState::join_or_start(&target, deadline);
        collection.wait_until(deadline).await;
        Some(collection.answer(&target))
    }

    /// The state of each target, in order of their names.
    pub fn status(&self) -> Vec<TargetStatus> {
        self.targets().values().map(|it| it.status()).collect()
    }

    /// The targets' names, in order.
    pub fn target_names(&self) -> Vec<String> {
        self.targets().keys().cloned().collect()
    }

    /// Waits for the collections in flight; each ends by its deadline.
    pub async fn close(&self) {
        for target in self.targets().values() {
            let collection = target.collection().clone();
            if let Some(collection) = collection {
                collection.wait().await;
            }
        }
    }

    fn targets(&self) -> Arc<Targets> {
        Arc::clone(&self.targets.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn by_name(targets: Vec<Target>) -> Targets {
    targets.into_iter().map(|it| (it.name.clone(), Arc::new(TargetState::new(it)))).collect()
}

/// A target with its state between scrapes.
struct TargetState {
    name: String,
    address: String,
    up: Option<(&'static Gauge, &'static str)>,
    collectors: Vec<BoxedCollector>,
    /// The collectors' names, in their order.
    names: Vec<LabelText>,
    collection: Mutex<Option<Arc<Collection>>>,
    history: Mutex<History>,
}

impl TargetState {
    fn new(target: Target) -> Self {
        let Target { name, address, up, collectors } = target;
        debug_assert!(
            up.is_none_or(|(_, decides)| collectors.iter().any(|it| it.name() == decides)),
            "{name}: no collector decides whether it is up"
        );
        let names = collectors.iter().map(|it| LabelText::from(it.name().to_owned()));
        let names: Vec<LabelText> = names.collect();
        let history = History::new(&names);
        Self {
            name,
            address,
            up,
            collectors,
            names,
            collection: Mutex::default(),
            history: Mutex::new(history),
        }
    }

    /// Joins the collection in flight, or starts one that ends by `deadline`.
    fn join_or_start(this: &Arc<Self>, deadline: Instant) -> Arc<Collection> {
        let mut in_flight = this.collection();
        if let Some(collection) = in_flight.as_ref().filter(|it| !it.is_done()) {
            return Arc::clone(collection);
        }
        let collection = Collection::start(Arc::clone(this), deadline);
        *in_flight = Some(Arc::clone(&collection));
        collection
    }

    /// Merges the samples of all collectors and adds success and duration of each. A collector
    /// without a result counts as failed after `waited`.
    fn merge(&self, results: Vec<Option<CollectorResult>>, waited: Duration) -> Snapshot {
        let mut merged = Snapshot::default();
        for (name, result) in self.names.iter().zip(results) {
            let (success, duration) =
                result.as_ref().map_or((false, waited), |it| (it.success, it.duration));
            if let Some((up, _)) = self.up.filter(|(_, decides)| name == decides) {
                merged.gauge(up, (), f64::from(success));
            }
            let labels = CollectorLabels { collector: name.clone() };
            merged.gauge(&COLLECTOR_SUCCESS, labels.clone(), f64::from(success));
            merged.gauge(&COLLECTOR_DURATION, labels, duration.as_secs_f64());
            if let Some(result) = result {
                merged.merge(result.out);
            }
        }
        merged
    }

    fn status(&self) -> TargetStatus {
        let mut collectors = self.history().status();
        for (status, collector) in collectors.iter_mut().zip(&self.collectors) {
            status.notes = collector.notes();
        }
        let decides = self.up.and_then(|(_, name)| collectors.iter().find(|it| it.name == name));
        let up = decides.and_then(|it| it.last.as_ref()).map(|it| it.failure.is_none());
        TargetStatus { name: self.name.clone(), address: self.address.clone(), up, collectors }
    }

    fn collection(&self) -> MutexGuard<'_, Option<Arc<Collection>>> {
        self.collection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TargetState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetState").field("name", &self.name).finish_non_exhaustive()
    }
}
