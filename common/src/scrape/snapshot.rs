//! One scrape's samples, built afresh: a series that is gone from the source is gone from here.

use std::{ptr, sync::Arc};

use crate::{
    metric::{Counter, Definition, Gauge, Histogram, Info, Kind, LabelSet, Metric, Values},
    scrape::samples::Samples,
};

/// How many series one family may have; more are dropped and counted.
pub const SERIES_LIMIT: usize = 10_000;

/// Families by name, each once, in stable order.
///
/// A clone shares its families with the original until one of them is written to.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// In order of their names.
    families: Vec<Arc<Family>>,
    /// Where the last sample went; the next mostly goes there, too.
    last: usize,
}

/// One family's samples.
#[derive(Clone, Debug)]
pub struct Family {
    /// What the family is.
    pub definition: &'static Definition,
    /// Samples by their labels' values, which stand in the definition's order.
    pub samples: Samples,
    /// Series that did not fit under [`SERIES_LIMIT`].
    pub dropped: u64,
}

/// One sample's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a gauge, a counter, or an info (then 1).
    Number(f64),
    /// Of a histogram; apart, for most samples are numbers.
    Histogram(Box<HistogramValue>),
}

/// Observations by upper bound.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramValue {
    bounds: Arc<[f64]>,
    counts: Vec<u64>,
    sum: f64,
}

impl HistogramValue {
    /// A histogram without observations; `bounds` ascend and do not hold `+Inf`.
    pub fn new(bounds: Arc<[f64]>) -> Self {
        Self { counts: vec![0; bounds.len() + 1], bounds, sum: 0.0 }
    }

    /// A histogram of observations counted elsewhere: `counts` per bucket, the one of `+Inf` last;
    /// what is missing is zero.
    pub fn of_counts(bounds: Arc<[f64]>, counts: &[u64], sum: f64) -> Self {
        let mut histogram = Self::new(bounds);
        for (bucket, count) in histogram.counts.iter_mut().zip(counts) {
            *bucket = *count;
        }
        Self { sum, ..histogram }
    }

    /// Counts one observation.
    pub fn observe(&mut self, value: f64) {
        self.observe_many(value, 1);
    }

    /// Counts `times` observations of one value.
    ///
    /// A value below zero, as skewed clocks make of a duration, adds nothing to the sum: a sum
    /// that falls would be taken for a restart. Not-a-number is not counted at all.
    pub fn observe_many(&mut self, value: f64, times: u64) {
        if value.is_nan() {
            return;
        }
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket] += times;
        self.sum += value.max(0.0) * times as f64;
    }

    /// Each upper bound with the observations in its bucket alone; the last bound is `+Inf`.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        bounds.zip(self.counts.iter().copied())
    }

    /// How many observations there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The sum of the observations.
    pub fn sum(&self) -> f64 {
        self.sum
    }
}

impl Snapshot {
    /// Sets a gauge; nothing is written when the value is unknown, for unknown is not zero.
    pub fn gauge<L: LabelSet>(
        &mut self,
        metric: &'static Metric<Gauge, L>,
        labels: L,
        value: impl Into<Option<f64>>,
    ) {
        self.number(metric.definition(), labels.into_values(), value.into());
    }

    /// Sets a counter to what has been counted so far; nothing is written when that is unknown.
    pub fn counter<L: LabelSet>(
        &mut self,
        metric: &'static Metric<Counter, L>,
        labels: L,
        value: impl Into<Option<f64>>,
    ) {
        self.number(metric.definition(), labels.into_values(), value.into());
    }

    /// States a fact.
    pub fn info<L: LabelSet>(&mut self, metric: &'static Metric<Info, L>, labels: L) {
        self.number(metric.definition(), labels.into_values(), Some(1.0));
    }

    /// Sets a histogram.
    pub fn histogram<L: LabelSet>(
        &mut self,
        metric: &'static Metric<Histogram, L>,
        labels: L,
        value: HistogramValue,
    ) {
        self.set(metric.definition(), labels.into_values(), Value::Histogram(value.into()));
    }

    /// Sets a sample of a definition known only at run time. `labels` stand in the
    /// definition's order. Not-a-number, which no alert can compare, is unknown and so not
    /// written; neither is a negative counter.
    pub fn set(&mut self, definition: &'static Definition, labels: Values, value: Value) {
        debug_assert_eq!(definition.labels.len(), labels.len(), "{}", definition.name);
        let known = self.families.get(self.last).map(|it| it.definition);
        if !known.is_some_and(|it| ptr::eq(it, definition)) {
            self.last = self.position(definition.name).unwrap_or_else(|position| {
                let family = Family { definition, samples: Samples::default(), dropped: 0 };
                self.families.insert(position, family.into());
                position
            });
        }
        let family = &mut self.families[self.last];
        if family.can_hold(&value) {
            Arc::make_mut(family).put(labels, value);
        }
    }

    /// Takes in another snapshot; a family that both have becomes one.
    pub fn merge(&mut self, other: Self) {
        for family in other.families {
            match self.position(family.definition.name) {
                Err(position) => self.families.insert(position, family),
                Ok(position) => {
                    let known = Arc::make_mut(&mut self.families[position]);
                    let family = Arc::unwrap_or_clone(family);
                    known.dropped += family.dropped;
                    for (labels, value) in family.samples.into_each() {
                        known.put(labels, value);
                    }
                }
            }
        }
    }

    /// The families in order of their names.
    pub fn families(&self) -> impl Iterator<Item = &Family> {
        self.families.iter().map(AsRef::as_ref)
    }

    /// The family of that name, if it has been written to.
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.position(name).ok().map(|position| self.families[position].as_ref())
    }

    /// The value of one series of a gauge, counter or info, if it is there.
    pub fn value(&self, name: &str, labels: &[&str]) -> Option<f64> {
        match self.family(name)?.samples.get(labels)? {
            Value::Number(number) => Some(*number),
            Value::Histogram(_) => None,
        }
    }

    /// Where the family of that name is, or else would be.
    fn position(&self, name: &str) -> Result<usize, usize> {
        self.families.binary_search_by_key(&name, |it| it.definition.name)
    }

    fn number(&mut self, definition: &'static Definition, labels: Values, value: Option<f64>) {
        if let Some(value) = value {
            self.set(definition, labels, Value::Number(value));
        }
    }
}

impl Family {
    /// Whether the value is one that the family's kind can have: a counter in OpenMetrics is
    /// neither negative nor not-a-number.
    fn can_hold(&self, value: &Value) -> bool {
        match (self.definition.kind, value) {
            (Kind::Histogram, Value::Histogram(_)) => true,
            (Kind::Counter, Value::Number(number)) => *number >= 0.0,
            (Kind::Gauge | Kind::Info, Value::Number(number)) => !number.is_nan(),
            (Kind::Histogram, Value::Number(_)) | (_, Value::Histogram(_)) => {
                debug_assert!(false, "{}: a value of another kind", self.definition.name);
                false
            }
        }
    }

    fn put(&mut self, labels: Values, value: Value) {
        if !self.samples.put(labels, value, SERIES_LIMIT) {
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Unit;

    crate::labels! {
        struct QueueLabels {
            queue: String,
        }
    }

    static JOBS: Metric<Gauge, QueueLabels> = Metric::gauge("queue_jobs", Unit::None, "Jobs");
    static DONE: Metric<Counter, ()> = Metric::counter("done_total", Unit::None, "Jobs done");

    fn of(queue: &(impl ToString + ?Sized)) -> QueueLabels {
        QueueLabels { queue: queue.to_string() }
    }

    #[test]
    fn unknown_is_absent() {
        let mut snapshot = Snapshot::default();
        snapshot.gauge(&JOBS, of("none"), None);
        snapshot.gauge(&JOBS, of("nan"), f64::NAN);
        snapshot.counter(&DONE, (), -1.0);
        snapshot.counter(&DONE, (), f64::NAN);

        assert_eq!(snapshot.families().map(|it| it.samples.len()).sum::<usize>(), 0);
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted() {
        let mut snapshot = Snapshot::default();
        for queue in 0..SERIES_LIMIT + 3 {
            snapshot.gauge(&JOBS, of(&queue), 1.0);
        }
        snapshot.gauge(&JOBS, of(&0), 2.0);

        let family = snapshot.family("queue_jobs").unwrap();
        assert_eq!((family.samples.len(), family.dropped), (SERIES_LIMIT, 3));
        assert_eq!(snapshot.value("queue_jobs", &["0"]), Some(2.0), "a known series still moves");
    }

    #[test]
    fn merging_keeps_both_sides_and_leaves_a_clone_alone() {
        let (mut one, mut other) = (Snapshot::default(), Snapshot::default());
        one.gauge(&JOBS, of("a"), 1.0);
        other.gauge(&JOBS, of("b"), 2.0);
        let before = one.clone();

        one.merge(other);

        assert_eq!(one.value("queue_jobs", &["a"]), Some(1.0));
        assert_eq!(one.value("queue_jobs", &["b"]), Some(2.0));
        assert_eq!(before.value("queue_jobs", &["b"]), None);
    }

    #[test]
    fn an_observation_on_a_bound_belongs_below_it() {
        let mut histogram = HistogramValue::new([1.0, 2.0].into());
        for value in [0.5, 1.0, 1.5, 9.0] {
            histogram.observe(value);
        }

        let buckets: Vec<_> = histogram.buckets().collect();
        assert_eq!(buckets, [(1.0, 2), (2.0, 1), (f64::INFINITY, 1)]);
        assert_eq!((histogram.count(), histogram.sum()), (4, 12.0));
    }

    #[test]
    fn a_histograms_sum_never_falls() {
        let mut histogram = HistogramValue::new([1.0].into());
        for value in [2.0, -3.0, f64::NAN] {
            histogram.observe(value);
        }

        assert_eq!((histogram.count(), histogram.sum()), (2, 2.0));
    }
}
