//! The counters and histograms of one queue.

use std::{collections::BTreeMap, sync::Arc};

use common::{
    metric::{Histogram, LabelText},
    scrape::{HistogramValue, Snapshot},
};
use serde::{Deserialize, Serialize};

use crate::{
    error_classes::ErrorClasses,
    event::{Event, EventKind},
    mapping::Mapping,
    metrics::{self, ErrorLabels, Outcome, QueueLabels},
    questions::Context,
};

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
            wait: bounds(&mapping.buckets.wait, &metrics::WAIT),
            run: bounds(&mapping.buckets.run, &metrics::RUN),
            latency: bounds(&mapping.buckets.latency, &metrics::LATENCY),
        }
    }
}

/// What was counted in one queue. The field names are those of the state file.
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
    /// Counts an event and its figures.
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

    /// Counts events whose figures are not known: late rows are found as numbers per minute.
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

    /// Writes the counters that the table can fill. A counter starts at zero and is not absent,
    /// so that its first event shows as an increase.
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
            out.counter(&metrics::ENQUEUED, labels(), self.enqueued as f64);
        }
        if resolved.finished_at.is_none() || states.outcomes().is_empty() {
            return;
        }
        out.counter(&metrics::FINISHED, labels(), self.finished as f64);
        if !states.failed.is_empty() {
            out.counter(&metrics::FAILED, labels(), self.failed as f64);
        }
        if !states.cancelled.is_empty() {
            out.counter(&metrics::CANCELLED, labels(), self.cancelled as f64);
        }
        if resolved.attempts.is_some() {
            out.counter(&metrics::RETRIED, labels(), self.retried as f64);
        }
        if resolved.error.is_some() && !states.failed.is_empty() {
            for class in context.error_classes.names() {
                let labels = ErrorLabels {
                    source: context.name.clone(),
                    queue: queue.clone(),
                    class: class.clone(),
                };
                let errors = self.errors.get(class).copied().unwrap_or_default();
                out.counter(&metrics::ERRORS, labels, errors as f64);
            }
        }
        if resolved.started_at.is_some() {
            if resolved.ready_at.is_some() || resolved.created_at.is_some() {
                out.histogram(&metrics::WAIT, labels(), self.wait.value(&buckets.wait));
            }
            out.histogram(&metrics::RUN, labels(), self.run.value(&buckets.run));
        }
        if resolved.created_at.is_some() {
            out.histogram(&metrics::LATENCY, labels(), self.latency.value(&buckets.latency));
        }
    }
}
