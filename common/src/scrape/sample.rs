//! The value of one sample: a number or a histogram.

use std::sync::Arc;

/// One sample's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a gauge, a counter, or an info (then 1).
    Number(f64),
    /// Of a histogram; boxed, because most samples are numbers.
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

    /// A histogram from counts per bucket, `+Inf` last; missing counts are zero.
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
    /// A negative value, such as a duration between skewed clocks, adds nothing to the sum: a
    /// falling sum would look like a restart. NaN is not counted.
    pub fn observe_many(&mut self, value: f64, times: u64) {
        if value.is_nan() {
            return;
        }
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket] += times;
        self.sum += value.max(0.0) * times as f64;
    }

    /// Each upper bound with the count of its bucket alone, not cumulative; the last bound is
    /// `+Inf`.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        bounds.zip(self.counts.iter().copied())
    }

    /// The number of observations.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The sum of the observations.
    pub fn sum(&self) -> f64 {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
