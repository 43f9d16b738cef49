//! What was counted, by queue, and how it is shown.

use std::{collections::BTreeMap, sync::Arc};

use common::{
    metric::{Histogram, LabelText},
    scrape::{HistogramValue, Snapshot},
};
use serde::{Deserialize, Serialize};

use crate::{
    mapping::Mapping,
    metrics::{self, ErrorLabels, Outcome, QueueLabels},
    shape::Shape,
};

/// Something that happens to a job once.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    /// It was created.
    Enqueued,
    /// A run of it ended.
    Finished(Finish),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finish {
    pub(super) outcome: Outcome,
    pub(super) wait: Option<f64>,
    pub(super) run: Option<f64>,
    pub(super) latency: Option<f64>,
    pub(super) retries: u64,
    /// The class of the error, by its place among the classes.
    pub(super) class: Option<usize>,
}

impl Event {
    /// What tells apart what can happen to one job at one time.
    pub(super) fn tag(&self) -> u8 {
        match self {
            Self::Enqueued => ENQUEUED,
            Self::Finished(finish) => tag_of(finish.outcome),
        }
    }
}

/// The tag of a creation; a state file holds it.
pub(super) const ENQUEUED: u8 = 0;

/// The tag of an end; a state file holds it.
pub(super) fn tag_of(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Succeeded => 1,
        Outcome::Failed => 2,
        Outcome::Cancelled => 3,
    }
}

/// The histograms' bounds and the errors' classes: what counts are filled by.
#[derive(Clone, Debug)]
pub(super) struct Measures {
    pub(super) wait: Arc<[f64]>,
    pub(super) run: Arc<[f64]>,
    pub(super) latency: Arc<[f64]>,
    /// Each class once, `other` last.
    pub(super) classes: Vec<LabelText>,
}

impl Measures {
    pub(super) fn new(mapping: &Mapping) -> Self {
        let bounds = |own: &Option<Vec<f64>>, metric: &'static Histogram<QueueLabels>| {
            own.as_deref().unwrap_or(metric.definition().buckets).into()
        };
        let mut classes: Vec<LabelText> = Vec::new();
        let other = [common::scrape::label_limit::OTHER.to_owned()];
        for class in mapping.errors.iter().map(|it| it.class.clone()).chain(other) {
            if !classes.contains(&LabelText::from(class.clone())) {
                classes.push(class.into());
            }
        }
        Self {
            wait: bounds(&mapping.buckets.wait, &metrics::WAIT),
            run: bounds(&mapping.buckets.run, &metrics::RUN),
            latency: bounds(&mapping.buckets.latency, &metrics::LATENCY),
            classes,
        }
    }
}

/// What was counted of one queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    enqueued: u64,
    finished: u64,
    failed: u64,
    cancelled: u64,
    retried: u64,
    errors: BTreeMap<LabelText, u64>,
    wait: Observed,
    run: Observed,
    latency: Observed,
}

/// A histogram's content; its bounds are the mapping's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Observed {
    counts: Vec<u64>,
    sum: f64,
}

impl Observed {
    fn observe(&mut self, bounds: &[f64], seconds: Option<f64>) {
        let Some(seconds) = seconds.filter(|it| it.is_finite()) else { return };
        self.counts.resize(bounds.len() + 1, 0);
        // A clock that is off makes a job start before it was ready; it did not wait.
        let seconds = seconds.max(0.0);
        self.counts[bounds.partition_point(|it| *it < seconds)] += 1;
        self.sum += seconds;
    }

    fn value(&self, bounds: &Arc<[f64]>) -> HistogramValue {
        HistogramValue::of_counts(Arc::clone(bounds), &self.counts, self.sum)
    }
}

impl Counts {
    /// Counts an event with all that it tells.
    pub(super) fn add(&mut self, event: &Event, measures: &Measures) {
        self.add_late(event.tag(), 1);
        let Event::Finished(finish) = event else { return };
        self.retried += finish.retries;
        self.wait.observe(&measures.wait, finish.wait);
        self.run.observe(&measures.run, finish.run);
        self.latency.observe(&measures.latency, finish.latency);
        if let Some(class) = finish.class.and_then(|it| measures.classes.get(it)) {
            *self.errors.entry(class.clone()).or_default() += 1;
        }
    }

    /// Counts events of which nothing is known but that they happened.
    pub(super) fn add_late(&mut self, tag: u8, events: u64) {
        if tag == ENQUEUED {
            self.enqueued += events;
            return;
        }
        self.finished += events;
        if tag == tag_of(Outcome::Failed) {
            self.failed += events;
        } else if tag == tag_of(Outcome::Cancelled) {
            self.cancelled += events;
        }
    }

    /// Writes what was counted. What the table cannot tell is left out; what did not happen yet
    /// is zero, so that its first time shows as an increase.
    pub(super) fn render(
        &self,
        out: &mut Snapshot,
        source: &'static str,
        queue: &LabelText,
        shape: &Shape,
        measures: &Measures,
    ) {
        let labels = || QueueLabels { source: source.into(), queue: queue.clone() };
        let states = &shape.states;
        if shape.created_at.is_some() {
            out.counter(&metrics::ENQUEUED, labels(), self.enqueued as f64);
        }
        if shape.finished_at.is_none() || states.outcomes().is_empty() {
            return;
        }
        out.counter(&metrics::FINISHED, labels(), self.finished as f64);
        if !states.failed.is_empty() {
            out.counter(&metrics::FAILED, labels(), self.failed as f64);
        }
        if !states.cancelled.is_empty() {
            out.counter(&metrics::CANCELLED, labels(), self.cancelled as f64);
        }
        if shape.attempts.is_some() {
            out.counter(&metrics::RETRIED, labels(), self.retried as f64);
        }
        if shape.error.is_some() && !states.failed.is_empty() {
            for class in &measures.classes {
                let labels = ErrorLabels {
                    source: source.into(),
                    queue: queue.clone(),
                    class: class.clone(),
                };
                let errors = self.errors.get(class).copied().unwrap_or_default();
                out.counter(&metrics::ERRORS, labels, errors as f64);
            }
        }
        if shape.started_at.is_some() {
            if shape.ready_at.is_some() || shape.created_at.is_some() {
                out.histogram(&metrics::WAIT, labels(), self.wait.value(&measures.wait));
            }
            out.histogram(&metrics::RUN, labels(), self.run.value(&measures.run));
        }
        if shape.created_at.is_some() {
            out.histogram(&metrics::LATENCY, labels(), self.latency.value(&measures.latency));
        }
    }
}
