//! The samples of one family, each series once, in order of their labels.

use std::{cmp::Ordering, collections::BTreeMap, mem};

use super::sample::Value;
use crate::metric::{LabelText, Values};

/// Values by series.
///
/// Sources mostly deliver series in order: a vector holds them at one comparison each. The first
/// series out of order moves all of them into a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples(Order);

#[derive(Clone, Debug, PartialEq)]
enum Order {
    InOrder(Vec<(Values, Value)>),
    Sorted(BTreeMap<Values, Value>),
}

impl Default for Samples {
    fn default() -> Self {
        Self(Order::InOrder(Vec::new()))
    }
}

impl Samples {
    /// The number of series.
    pub fn len(&self) -> usize {
        match &self.0 {
            Order::InOrder(samples) => samples.len(),
            Order::Sorted(samples) => samples.len(),
        }
    }

    /// Whether there are no series.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of the series whose labels have these values.
    pub fn get(&self, labels: &[impl AsRef<str>]) -> Option<&Value> {
        let same = |known: &[LabelText]| {
            known.iter().map(AsRef::as_ref).eq(labels.iter().map(AsRef::as_ref))
        };
        self.iter().find(|(known, _)| same(known)).map(|(_, value)| value)
    }

    /// The series in order, each with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&[LabelText], &Value)> {
        let (given, sorted) = match &self.0 {
            Order::InOrder(samples) => (samples.as_slice(), None),
            Order::Sorted(samples) => (&[][..], Some(samples)),
        };
        let given = given.iter().map(|(labels, value)| (labels, value));
        given.chain(sorted.into_iter().flatten()).map(|(labels, value)| (labels.as_slice(), value))
    }

    /// The labels' values of each series, in order.
    pub fn labels(&self) -> impl Iterator<Item = &[LabelText]> {
        self.iter().map(|(labels, _)| labels)
    }

    /// The value of each series, in order of their labels.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.iter().map(|(_, value)| value)
    }

    /// Takes the series out, in order.
    pub(crate) fn into_each(self) -> impl Iterator<Item = (Values, Value)> {
        let (given, sorted) = match self.0 {
            Order::InOrder(samples) => (samples, BTreeMap::new()),
            Order::Sorted(samples) => (Vec::new(), samples),
        };
        given.into_iter().chain(sorted)
    }

    /// Sets a series' value. False when the series is new and there are `limit` series already.
    pub(crate) fn put(&mut self, labels: Values, value: Value, limit: usize) -> bool {
        let full = self.len() >= limit;
        match &mut self.0 {
            Order::InOrder(samples) => match samples.last_mut() {
                Some((last, known)) => match labels.cmp(last) {
                    Ordering::Greater if full => return false,
                    Ordering::Greater => samples.push((labels, value)),
                    Ordering::Equal => *known = value,
                    Ordering::Less => {
                        let samples = mem::take(samples).into_iter().collect();
                        self.0 = Order::Sorted(samples);
                        return self.put(labels, value, limit);
                    }
                },
                None if full => return false,
                None => samples.push((labels, value)),
            },
            Order::Sorted(samples) => {
                if full && !samples.contains_key(&labels) {
                    return false;
                }
                samples.insert(labels, value);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(series: &[(u8, u8)], limit: usize) -> (Samples, usize) {
        let mut samples = Samples::default();
        let put = |(series, value): &(u8, u8)| {
            let labels = Values::from_iter([LabelText::from(series.to_string())]);
            samples.put(labels, Value::Number(f64::from(*value)), limit)
        };
        let refused = series.iter().map(put).filter(|it| !it).count();
        (samples, refused)
    }

    proptest! {
        #[test]
        fn any_order_gives_each_series_once_with_its_last_value(
            series in prop::collection::vec((any::<u8>(), any::<u8>()), 0..60),
            limit in 0..40_usize,
        ) {
            let mut model = BTreeMap::new();
            let mut dropped = 0;
            for (name, value) in &series {
                let name = name.to_string();
                if model.len() < limit || model.contains_key(&name) {
                    model.insert(name, f64::from(*value));
                } else {
                    dropped += 1;
                }
            }

            let (samples, refused) = written(&series, limit);

            let found = samples.iter().map(|(labels, value)| (labels[0].to_string(), value.clone()));
            let expected = model.into_iter().map(|(name, value)| (name, Value::Number(value)));
            prop_assert!(found.eq(expected));
            prop_assert_eq!(refused, dropped);
            prop_assert!(samples.labels().is_sorted());
            prop_assert_eq!(samples.clone().into_each().count(), samples.len());
        }
    }
}
