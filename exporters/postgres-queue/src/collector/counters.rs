//! The counters and histograms of one queue.

use std::{collections::BTreeMap, sync::Arc};

use common::{
    metric::{Counter, Histogram, LabelText},
    scrape::{HistogramValue, Snapshot},
};
use serde::{Deserialize, Serialize};

use crate::{
    error_classes::ErrorClasses,
    event::{Event, EventKind},
    labels::{ErrorLabels, Outcome, QueueLabels},
    mapping::Mapping,
    questions::Context,
};

/// From jobs that are done at once to jobs that are lost.
const SECONDS: &[f64] = &[
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
    14400.0,
];

common::catalog! {
    /// Jobs created since the exporter started to count; each row counts once
    pub static ENQUEUED: Counter<QueueLabels> = "queue_jobs_enqueued_total";
    /// Jobs that ended, whether they succeeded, failed or were cancelled; each end counts once
    pub static FINISHED: Counter<QueueLabels> = "queue_jobs_finished_total";
    /// Jobs that ended in failure; each end counts once
    pub static FAILED: Counter<QueueLabels> = "queue_jobs_failed_total";
    /// Jobs that were cancelled; each end counts once
    pub static CANCELLED: Counter<QueueLabels> = "queue_jobs_cancelled_total";
    /// Runs that were not their job's first, counted when they end; absent without an attempts
    /// column
    pub static RETRIED: Counter<QueueLabels> = "queue_jobs_retried_total";
    /// Jobs that ended in failure by the class of their error; an error that matches no class is
    /// `other`
    pub static ERRORS: Counter<ErrorLabels> = "queue_job_errors_total";
    /// How long finished jobs had waited, from when they could start to their start
    pub static WAIT: Histogram<QueueLabels> = with_buckets("queue_job_wait_seconds", SECONDS);
    /// How long finished jobs had run, from start to end
    pub static RUN: Histogram<QueueLabels> = with_buckets("queue_job_run_seconds", SECONDS);
    /// How long finished jobs took, from creation to end
    pub static LATENCY: Histogram<QueueLabels> = with_buckets("queue_job_latency_seconds", SECONDS);
}

/// The upper bounds of the histograms' buckets, in seconds.
#[derive(Clone, Debug)]
pub(super) struct Buckets {
    wait: Arc<[f64]>,
    run: Arc<[f64]>,
    latency: Arc<[f64]>,
}

impl Buckets {
    pub(super) fn new(mapping: &Mapping) -> Self {
        let bounds = |own: &Option<Vec<f64>>, metric: &'static Histogram<QueueLabels>| {
            own.as_deref().unwrap_or(metric.definition().buckets).into()
        };
        Self {
            wait: bounds(&mapping.buckets.wait, &WAIT),
            run: bounds(&mapping.buckets.run, &RUN),
            latency: bounds(&mapping.buckets.latency, &LATENCY),
        }
    }
}

/// The counters of one queue. The field names are those of the state file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Counters {
    enqueued: u64,
    finished: u64,
    failed: u64,
    cancelled: u64,
    retried: u64,
    errors: BTreeMap<LabelText, u64>,
    wait: BucketCounts,
    run: BucketCounts,
    latency: BucketCounts,
}

/// The observations of a histogram, by bucket; the bounds are in [`Buckets`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct BucketCounts {
    counts: Vec<u64>,
    sum: f64,
}

impl BucketCounts {
    fn observe(&mut self, bounds: &[f64], seconds: Option<f64>) {
        let Some(seconds) = seconds.filter(|it| it.is_finite()) else { return };
        self.counts.resize(bounds.len() + 1, 0);
        // With unsynchronised clocks a job can start before it was ready: it did not wait.
        let seconds = seconds.max(0.0);
        self.counts[bounds.partition_point(|it| *it < seconds)] += 1;
        self.sum += seconds;
    }

    fn value(&self, bounds: &Arc<[f64]>) -> HistogramValue {
        HistogramValue::of_counts(Arc::clone(bounds), &self.counts, self.sum)
    }
}

impl Counters {
    /// Counts an event, with its error class and durations.
    pub(super) fn add(&mut self, event: &Event, buckets: &Buckets, classes: &ErrorClasses) {
        self.add_late(event.kind().code(), 1);
        let Event::Finished(finish) = event else { return };
        self.retried += finish.retries;
        self.wait.observe(&buckets.wait, finish.wait);
        self.run.observe(&buckets.run, finish.run);
        self.latency.observe(&buckets.latency, finish.latency);
        if let Some(class) = finish.error_class.and_then(|it| classes.names().get(it)) {
            *self.errors.entry(class.clone()).or_default() += 1;
        }
    }

    /// Counts events without their error class and durations: late rows are found as numbers per
    /// minute.
    pub(super) fn add_late(&mut self, code: u8, events: u64) {
        if code == EventKind::Enqueued.code() {
            self.enqueued += events;
            return;
        }
        self.finished += events;
        if code == EventKind::Finished(Outcome::Failed).code() {
            self.failed += events;
        } else if code == EventKind::Finished(Outcome::Cancelled).code() {
            self.cancelled += events;
        }
    }

    /// Writes the counters that the table can fill. A counter is exported from zero, so that `rate`
    /// sees its first event.
    pub(super) fn render(
        &self,
        context: &Context<'_>,
        queue: &LabelText,
        buckets: &Buckets,
        out: &mut Snapshot,
    ) {
        let labels = || context.queue_labels(queue);
        let resolved = context.resolved;
        let states = &resolved.states;
        if resolved.created_at.is_some() {
            out.counter(&ENQUEUED, labels(), self.enqueued as f64);
        }
        if resolved.finished_at.is_none() || states.outcomes().is_empty() {
            return;
        }
        out.counter(&FINISHED, labels(), self.finished as f64);
        if !states.failed.is_empty() {
            out.counter(&FAILED, labels(), self.failed as f64);
        }
        if !states.cancelled.is_empty() {
            out.counter(&CANCELLED, labels(), self.cancelled as f64);
        }
        if resolved.attempts.is_some() {
            out.counter(&RETRIED, labels(), self.retried as f64);
        }
        if resolved.error.is_some() && !states.failed.is_empty() {
            for class in context.error_classes.names() {
                let labels = ErrorLabels {
                    source: context.name.clone(),
                    queue: queue.clone(),
                    class: class.clone(),
                };
                let errors = self.errors.get(class).copied().unwrap_or_default();
                out.counter(&ERRORS, labels, errors as f64);
            }
        }
        if resolved.started_at.is_some() {
            if resolved.ready_at.is_some() || resolved.created_at.is_some() {
                out.histogram(&WAIT, labels(), self.wait.value(&buckets.wait));
            }
            out.histogram(&RUN, labels(), self.run.value(&buckets.run));
        }
        if resolved.created_at.is_some() {
            out.histogram(&LATENCY, labels(), self.latency.value(&buckets.latency));
        }
    }
}
