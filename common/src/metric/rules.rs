//! The rules of a definition, checked at compile time: names, help, labels, buckets.

use super::{
    Definition, Kind,
    const_str::{ends_with, has_word, is},
};

impl Definition {
    /// Checks the rules that every definition must keep.
    ///
    /// # Errors
    /// Says which rule is broken.
    pub const fn check(&self) -> Result<(), &'static str> {
        match self.check_de_facto() {
            Ok(()) => {}
            error => return error,
        }
        if !matches!(self.kind, Kind::Info) && ends_with(self.name, "_info") {
            return Err("the name of an info metric, and no other, ends in `_info`");
        }
        if matches!(self.kind, Kind::Counter) != ends_with(self.name, "_total") {
            return Err("a counter's name, and no other, ends in `_total`");
        }
        let mut i = 0;
        while i < RESERVED_SUFFIXES.len() {
            if ends_with(self.name, RESERVED_SUFFIXES[i]) {
                return Err("`_sum`, `_count`, `_bucket` and `_created` are a histogram's own");
            }
            i += 1;
        }
        let mut i = 0;
        while i < NOT_BASE_UNITS.len() {
            if has_word(self.name, NOT_BASE_UNITS[i]) {
                return Err("units are base units, spelt out: seconds, bytes, ratio");
            }
            i += 1;
        }
        Ok(())
    }

    /// Checks the rules that a de-facto name must keep too, because a scrape breaks otherwise.
    ///
    /// # Errors
    /// Says which rule is broken.
    pub const fn check_de_facto(&self) -> Result<(), &'static str> {
        if !is_snake_case(self.name) {
            return Err("a metric's name is lower snake case: [a-z][a-z0-9_]*");
        }
        if self.help.is_empty() {
            return Err("a metric has a help text: its doc comment");
        }
        if ends_with(self.help, ".") {
            return Err("a help text ends without a full stop");
        }
        let mut i = 0;
        while i < self.labels.len() {
            let label = self.labels[i];
            if !is_snake_case(label) {
                return Err("a label's name is lower snake case: [a-z][a-z0-9_]*");
            }
            if is(label, "le") || is(label, "quantile") || is(label, "job") || is(label, "instance")
            {
                return Err("`le`, `quantile`, `job` and `instance` are Prometheus's own labels");
            }
            let mut j = 0;
            while j < i {
                if is(self.labels[j], label) {
                    return Err("a label occurs once in its set");
                }
                j += 1;
            }
            i += 1;
        }
        if matches!(self.kind, Kind::Histogram) == self.buckets.is_empty() {
            return Err("a histogram, and no other kind, has bucket bounds");
        }
        let mut i = 0;
        while i < self.buckets.len() {
            if !self.buckets[i].is_finite() || (i > 0 && self.buckets[i - 1] >= self.buckets[i]) {
                return Err("bucket bounds are finite and ascend");
            }
            i += 1;
        }
        if matches!(self.kind, Kind::Info) && !ends_with(self.name, "_info") {
            return Err("the name of an info metric ends in `_info`");
        }
        Ok(())
    }
}

const RESERVED_SUFFIXES: [&str; 4] = ["_sum", "_count", "_bucket", "_created"];

/// Words that promtool's linter, too, wants replaced by a base unit.
const NOT_BASE_UNITS: [&str; 17] = [
    "ms",
    "us",
    "ns",
    "usec",
    "msec",
    "milliseconds",
    "microseconds",
    "minutes",
    "hours",
    "days",
    "percent",
    "kb",
    "mb",
    "gb",
    "kilobytes",
    "megabytes",
    "bits",
];

const fn is_snake_case(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut i = 0;
    while i < bytes.len() && matches!(bytes[i], b'a'..=b'z' | b'0'..=b'9' | b'_') {
        i += 1;
    }
    0 < i && i == bytes.len() && bytes[0].is_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Unit;

    const GAUGE: Definition = Definition {
        name: "queue_jobs",
        kind: Kind::Gauge,
        unit: Unit::None,
        help: "Help",
        labels: &[],
        buckets: &[],
    };

    fn gauge(name: &'static str) -> Definition {
        Definition { name, ..GAUGE }
    }

    fn counter(name: &'static str) -> Definition {
        Definition { name, kind: Kind::Counter, ..GAUGE }
    }

    fn histogram(buckets: &'static [f64]) -> Definition {
        Definition { kind: Kind::Histogram, buckets, ..GAUGE }
    }

    #[test]
    fn a_well_named_definition_passes() {
        counter("queue_run_seconds_total").check().unwrap();
        gauge("queue_last_run_timestamp_seconds").check().unwrap();
        gauge("queue_jobs").check().unwrap();
        Definition { kind: Kind::Info, ..gauge("queue_info") }.check().unwrap();
    }

    #[test]
    fn each_broken_rule_is_named() {
        let cases = [
            (gauge("Bad-Name"), "lower snake case"),
            (gauge("queue_total"), "`_total`"),
            (counter("queue_jobs"), "`_total`"),
            (gauge("queue_wait_ms"), "base units"),
            (gauge("queue_count"), "histogram's own"),
            (gauge("queue_info"), "and no other, ends in `_info`"),
            (Definition { kind: Kind::Info, ..GAUGE }, "info metric ends in `_info`"),
            (Definition { help: "", ..GAUGE }, "help text"),
            (Definition { help: "Ends.", ..GAUGE }, "full stop"),
            (Definition { labels: &["le"], ..GAUGE }, "Prometheus's own"),
            (Definition { labels: &["a", "a"], ..GAUGE }, "once"),
            (Definition { labels: &["A"], ..GAUGE }, "label's name"),
            (Definition { buckets: &[1.0], ..GAUGE }, "bucket bounds"),
            (histogram(&[]), "bucket bounds"),
            (histogram(&[2.0, 1.0]), "ascend"),
        ];
        for (definition, expected) in cases {
            let rule = definition.check().expect_err(definition.name);
            assert!(rule.contains(expected), "{}: {rule}", definition.name);
        }
    }
}
