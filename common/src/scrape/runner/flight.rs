//! One collection under way, and what it has brought so far.

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

use super::Served;
use crate::scrape::{CollectError, Collector, Reason, Snapshot};

pub(super) struct Flight {
    started: Instant,
    deadline: Instant,
    cargo: Mutex<Cargo>,
    /// Closed when the task has ended, even if it was aborted.
    landed: watch::Receiver<()>,
}

#[derive(Default)]
struct Cargo {
    /// What each collector brought, in the target's order, until all have.
    parts: Vec<Option<Part>>,
    /// All of it as one, once all have.
    answer: Option<Snapshot>,
}

/// What one collector brought.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) out: Snapshot,
    success: bool,
    duration: Duration,
}

impl Part {
    /// Whether it succeeded, and how long it took.
    pub(super) fn result(&self) -> (bool, Duration) {
        (self.success, self.duration)
    }
}

impl Flight {
    pub(super) fn start(served: Arc<Served>, deadline: Instant) -> Arc<Self> {
        let (landing, landed) = watch::channel(());
        let parts = vec![None; served.collectors.len()];
        let cargo = Mutex::new(Cargo { parts, answer: None });
        let flight = Arc::new(Self { started: Instant::now(), deadline, cargo, landed });
        tokio::spawn(fly(landing, served, Arc::clone(&flight)));
        flight
    }

    /// Waits for the landing, until `deadline` at most.
    pub(super) async fn landed_by(&self, deadline: Instant) {
        if deadline < self.deadline {
            // Too early a deadline is no error: what has arrived is the answer.
            let _ = timeout_at(deadline, self.landed()).await;
        } else {
            // The flight keeps its own deadline. A second timer for the same moment could only
            // win over the answer that is just being put together.
            self.landed().await;
        }
    }

    pub(super) async fn landed(&self) {
        let mut landed = self.landed.clone();
        while landed.changed().await.is_ok() {}
    }

    pub(super) fn has_landed(&self) -> bool {
        self.landed.has_changed().is_err()
    }

    /// What has arrived: after the landing all of it, before it what each collector that has
    /// finished brought.
    pub(super) fn answer(&self, served: &Served) -> Snapshot {
        let cargo = self.cargo();
        if let Some(answer) = &cargo.answer {
            return answer.clone();
        }
        let parts = cargo.parts.clone();
        drop(cargo);
        let mut answer = served.merge(parts, self.started.elapsed());
        served.history().write(&mut answer);
        answer
    }

    fn cargo(&self) -> MutexGuard<'_, Cargo> {
        self.cargo.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Arguments are dropped in reverse order: who sees `landing` go finds the target released.
async fn fly(landing: watch::Sender<()>, served: Arc<Served>, flight: Arc<Flight>) {
    let runs = served.collectors.iter().enumerate().map(|(index, collector)| {
        let (served, flight) = (&served, &flight);
        async move {
            let (out, result, duration) = run(collector.as_ref(), flight.deadline).await;
            let part = Part { out, success: result.is_ok(), duration };
            served.history().record(&served.name, index, duration, result.err().as_ref());
            flight.cargo().parts[index] = Some(part);
        }
    });
    future::join_all(runs).await;

    let mut cargo = flight.cargo();
    let mut answer = served.merge(mem::take(&mut cargo.parts), flight.started.elapsed());
    let mut history = served.history();
    history.note_dropped(&served.name, &answer);
    history.write(&mut answer);
    cargo.answer = Some(answer);
    drop((cargo, history));
    *served.flight() = None;
    drop(landing);
}

/// Runs one collector until the deadline. What it wrote before it failed is kept.
async fn run(
    collector: &dyn Collector,
    deadline: Instant,
) -> (Snapshot, Result<(), CollectError>, Duration) {
    let started = Instant::now();
    let mut out = Snapshot::default();
    let run = async { timeout_at(deadline, collector.collect(deadline, &mut out)).await };
    // A snapshot is whole after each call to it, and the target's own state is the collector's
    // concern: it changes that only after its last `await`.
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
        .with_hint("this is a defect of the exporter; please report it with this message")
}
