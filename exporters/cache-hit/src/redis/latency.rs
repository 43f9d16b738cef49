//! The answer to `LATENCY HISTOGRAM`: the calls of each command, and a cumulative histogram in
//! microseconds.

use common::source::redis::Value;

/// One command's durations.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Durations {
    pub(super) calls: u64,
    /// Bounds in microseconds, ascending, each with the number of calls up to it.
    pub(super) up_to: Vec<(u64, u64)>,
}

/// The commands and their durations; malformed parts are skipped.
pub(super) fn read(answer: &Value) -> Vec<(String, Durations)> {
    let command = |(name, value): (&Value, &Value)| Some((text(name)?, durations(value)));
    pairs(answer).into_iter().filter_map(command).collect()
}

impl Durations {
    /// Calls per bucket of `bounds`, in seconds, and in the bucket above them. Each of `bounds` is a
    /// bound of the server, so the counts are exact; the server omits bounds without new calls.
    pub(super) fn counts(&self, bounds: &[f64]) -> Vec<u64> {
        let up_to = |bound: f64| {
            // Half a microsecond more, because a bound in seconds is not a round number.
            let within = |(micros, _): &&(u64, u64)| (*micros as f64) < bound * 1e6 + 0.5;
            self.up_to.iter().take_while(within).last().map_or(0, |(_, calls)| *calls)
        };
        let all = self.up_to.last().map_or(0, |(_, calls)| *calls).max(self.calls);
        let mut before = 0;
        let mut counts: Vec<u64> = Vec::with_capacity(bounds.len() + 1);
        for calls in bounds.iter().map(|it| up_to(*it)).chain([all]) {
            counts.push(calls.saturating_sub(before));
            before = before.max(calls);
        }
        counts
    }

    /// An upper limit of the total time in seconds, for servers that do not report it.
    pub(super) fn at_most(&self) -> f64 {
        let mut before = 0;
        let mut sum = 0.0;
        for (micros, calls) in &self.up_to {
            sum += *micros as f64 * 1e-6 * calls.saturating_sub(before) as f64;
            before = *calls;
        }
        sum
    }
}

fn durations(value: &Value) -> Durations {
    let mut durations = Durations::default();
    for (name, value) in pairs(value) {
        match text(name).as_deref() {
            Some("calls") => durations.calls = number(value).unwrap_or_default(),
            Some("histogram_usec") => {
                let bucket =
                    |(bound, calls): (&Value, &Value)| Some((number(bound)?, number(calls)?));
                durations.up_to = pairs(value).into_iter().filter_map(bucket).collect();
                durations.up_to.sort_unstable();
            }
            _ => {}
        }
    }
    durations
}

/// The pairs of a map, which in RESP2 is a list of names and values in turn.
fn pairs(value: &Value) -> Vec<(&Value, &Value)> {
    match value {
        Value::Map(pairs) => pairs.iter().map(|(name, value)| (name, value)).collect(),
        Value::Array(items) => items.chunks_exact(2).map(|it| (&it[0], &it[1])).collect(),
        _ => Vec::new(),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::SimpleString(text) => Some(text.clone()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::redis::commands::DURATION_BUCKETS;

    fn list(items: impl IntoIterator<Item = Value>) -> Value {
        Value::Array(items.into_iter().collect())
    }

    fn word(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    #[test]
    fn calls_fall_into_their_buckets() {
        let buckets = [4, 1, 33, 5, 264, 6, 8454, 9].map(Value::Int);
        let inner = list([word("calls"), Value::Int(10), word("histogram_usec"), list(buckets)]);
        let read = read(&list([word("get"), inner]));

        let (name, durations) = &read[0];
        assert_eq!((name.as_str(), durations.calls), ("get", 10));
        let counts = durations.counts(DURATION_BUCKETS);
        assert_eq!(counts, [1, 4, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 1]);
        let most = 4e-6 + 4.0 * 33e-6 + 264e-6 + 3.0 * 8454e-6;
        assert!((durations.at_most() - most).abs() < 1e-9);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::Int),
            prop::sample::select(vec!["calls", "histogram_usec", "get"]).prop_map(word),
            Just(Value::Nil),
        ];
        leaf.prop_recursive(4, 60, 8, |inner| {
            prop::collection::vec(inner, 0..8).prop_map(Value::Array)
        })
    }

    proptest! {
        #[test]
        fn any_answer_can_be_read(answer in any_value()) {
            for (_, durations) in read(&answer) {
                let counts = durations.counts(DURATION_BUCKETS);
                prop_assert_eq!(counts.len(), DURATION_BUCKETS.len() + 1);
            }
        }
    }
}
