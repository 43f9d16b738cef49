//! One collection: a task that runs all collectors of a target once, by a deadline.

use std::{
    any::Any,
    mem,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use super::TargetState;
use crate::scrape::{CollectError, DynCollector, Reason, Snapshot};

/// A collection in flight or done. All scrapes that arrive during it share it.
pub(super) struct Collection {
    started: Instant,
    deadline: Instant,
    progress: Mutex<Progress>,
    /// Closed when the task has ended, even if it was aborted.
    done: watch::Receiver<()>,
}

#[derive(Default)]
struct Progress {
    /// One result per collector, in the target's order, until all are there.
    results: Vec<Option<CollectorResult>>,
    /// All results merged, once all are there.
    answer: Option<Snapshot>,
}

#[derive(Clone)]
pub(super) struct CollectorResult {
    pub(super) out: Snapshot,
    pub(super) success: bool,
    pub(super) duration: Duration,
}

impl Collection {
    pub(super) fn start(target: Arc<TargetState>, deadline: Instant) -> Arc<Self> {
        let (done_tx, done) = watch::channel(());
        let results = vec![None; target.collectors.len()];
        let progress = Mutex::new(Progress { results, answer: None });
        let collection = Arc::new(Self { started: Instant::now(), deadline, progress, done });
        tokio::spawn(run(done_tx, target, Arc::clone(&collection)));
        collection
    }

    /// Waits until it is done, or until `deadline`.
    pub(super) async fn wait_until(&self, deadline: Instant) {
        if deadline < self.deadline {
            // An early deadline is no error: the results so far are the answer.
            let _ = timeout_at(deadline, self.wait()).await;
        } else {
            // The collection keeps its own deadline. A second timer for the same moment could
            // fire while the answer is being merged.
            self.wait().await;
        }
    }

    pub(super) async fn wait(&self) {
        let mut done = self.done.clone();
        while done.changed().await.is_ok() {}
    }

    pub(super) fn is_done(&self) -> bool {
        self.done.has_changed().is_err()
    }

    /// The results so far; once it is done, all of them.
    pub(super) fn answer(&self, target: &TargetState) -> Snapshot {
        let progress = self.progress();
        if let Some(answer) = &progress.answer {
            return answer.clone();
        }
        let results = progress.results.clone();
        drop(progress);
        let mut answer = target.merge(results, self.started.elapsed());
        target.history().write(&mut answer);
        answer
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs all collectors side by side.
///
/// Arguments are dropped in reverse order: `done_tx` goes last, so that the target has no
/// collection any more when its receivers see it close.
async fn run(done_tx: watch::Sender<()>, target: Arc<TargetState>, collection: Arc<Collection>) {
    let runs = target.collectors.iter().enumerate().map(|(index, collector)| {
        let (target, collection) = (&target, &collection);
        async move {
            let (out, outcome, duration) =
                run_collector(collector.as_ref(), collection.deadline).await;
            let result = CollectorResult { out, success: outcome.is_ok(), duration };
            target.history().record(&target.name, index, duration, outcome.err().as_ref());
            collection.progress().results[index] = Some(result);
        }
    });
    future::join_all(runs).await;

    let mut progress = collection.progress();
    let results = mem::take(&mut progress.results);
    let mut answer = target.merge(results, collection.started.elapsed());
    let mut history = target.history();
    history.count_dropped_series(&target.name, &answer);
    history.write(&mut answer);
    progress.answer = Some(answer);
    drop((progress, history));
    *target.collection() = None;
    drop(done_tx);
}

/// Runs one collector until the deadline. What it wrote before it failed is kept.
async fn run_collector(
    collector: &dyn DynCollector,
    deadline: Instant,
) -> (Snapshot, Result<(), CollectError>, Duration) {
    let started = Instant::now();
    let mut out = Snapshot::default();
    let run = async { timeout_at(deadline, collector.collect(deadline, &mut out)).await };
    // Unwind safe: each call leaves the snapshot consistent, and a collector changes its own
    // state only after its last `await`.
    let result = AssertUnwindSafe(run).catch_unwind().await;
    let duration = started.elapsed();
    let result = match result {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(out_of_time(duration)),
        Err(panic) => Err(panicked(panic.as_ref())),
    };
    (out, result, duration)
}

fn out_of_time(after: Duration) -> CollectError {
    let doing = format!("waiting for the source: no answer within {:.1} s", after.as_secs_f64());
    CollectError::new(Reason::Timeout, doing).with_hint(
        "see whether the source is overloaded, frozen or locked; if it is merely slow, raise the \
         scrape time-out",
    )
}

fn panicked(panic: &(dyn Any + Send)) -> CollectError {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message");
    CollectError::new(Reason::Internal, format!("collecting: the collector panicked: {message}"))
        .with_hint("this is a bug of the exporter; please report it with this message")
}
