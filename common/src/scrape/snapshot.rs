//! The samples of one scrape. Each scrape builds a new snapshot, so that a series that disappears
//! from the source disappears from the answer.

use std::{ptr, sync::Arc};

use super::{
    sample::{HistogramValue, Value},
    samples::Samples,
};
use crate::metric::{Counter, Definition, Gauge, Histogram, Info, Kind, LabelSet, Values};

/// The most series of one family; further series are dropped and counted.
pub const SERIES_LIMIT: usize = 10_000;

/// Metric families in order of their names.
///
/// A clone shares its families with the original until one of the two is written to.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Sorted by name.
    families: Vec<Arc<Family>>,
    /// The index of the last sample's family, which is mostly the next one's too.
    last: usize,
}

/// One family's samples.
#[derive(Clone, Debug)]
pub struct Family {
    /// The metric's definition.
    pub definition: &'static Definition,
    /// Samples by label values, which are in the definition's order.
    pub samples: Samples,
    /// Series over [`SERIES_LIMIT`].
    pub dropped: u64,
}

impl Snapshot {
    /// Sets a gauge. `None` writes nothing: an unknown value is absent, not zero.
    pub fn gauge<L: LabelSet>(
        &mut self,
        metric: &'static Gauge<L>,
        labels: L,
        value: impl Into<Option<f64>>,
    ) {
        self.number(metric.definition(), labels.into_values(), value.into());
    }

    /// Sets a counter to its total so far. `None` writes nothing.
    pub fn counter<L: LabelSet>(
        &mut self,
        metric: &'static Counter<L>,
        labels: L,
        value: impl Into<Option<f64>>,
    ) {
        self.number(metric.definition(), labels.into_values(), value.into());
    }

    /// Sets an info metric.
    pub fn info<L: LabelSet>(&mut self, metric: &'static Info<L>, labels: L) {
        self.number(metric.definition(), labels.into_values(), Some(1.0));
    }

    /// Sets a histogram.
    pub fn histogram<L: LabelSet>(
        &mut self,
        metric: &'static Histogram<L>,
        labels: L,
        value: HistogramValue,
    ) {
        self.set(metric.definition(), labels.into_values(), Value::Histogram(value.into()));
    }

    /// Sets a sample of a definition that is known only at run time; `labels` are in the
    /// definition's order. NaN, which no alert can compare, and negative counters are left out.
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

    /// Adds the samples of another snapshot.
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

    /// The family of that name, if it has samples.
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.position(name).ok().map(|position| self.families[position].as_ref())
    }

    /// The value of one series of a gauge, counter or info.
    pub fn value(&self, name: &str, labels: &[&str]) -> Option<f64> {
        match self.family(name)?.samples.get(labels)? {
            Value::Number(number) => Some(*number),
            Value::Histogram(_) => None,
        }
    }

    /// The index of the family of that name, or where to insert it.
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

    crate::labels! {
        struct QueueLabels {
            queue: String,
        }
    }

    crate::catalog! {
        /// Jobs
        static JOBS: Gauge<QueueLabels> = "queue_jobs";
        /// Jobs done
        static DONE: Counter = "done_total";
    }

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
        assert_eq!(
            snapshot.value("queue_jobs", &["0"]),
            Some(2.0),
            "a known series can still change"
        );
    }

    #[test]
    fn merging_adds_samples_and_leaves_a_clone_alone() {
        let (mut one, mut other) = (Snapshot::default(), Snapshot::default());
        one.gauge(&JOBS, of("a"), 1.0);
        other.gauge(&JOBS, of("b"), 2.0);
        let before = one.clone();

        one.merge(other);

        assert_eq!(one.value("queue_jobs", &["a"]), Some(1.0));
        assert_eq!(one.value("queue_jobs", &["b"]), Some(2.0));
        assert_eq!(before.value("queue_jobs", &["b"]), None);
    }
}
