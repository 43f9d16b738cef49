//! The rules of a definition, checked while it compiles: names, units, labels, buckets.

use super::{Definition, Kind, Unit};

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
            return Err("only a fact's name ends in `_info`");
        }
        let counter = matches!(self.kind, Kind::Counter);
        if counter != ends_with(self.name, "_total") {
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
        let stem = if counter { self.name.len() - "_total".len() } else { self.name.len() };
        if !ends_at(self.name, stem, self.unit.suffix()) {
            return Err("the name ends in its unit (before `_total`)");
        }
        if matches!(self.unit, Unit::Seconds) && ends_at(self.name, stem, "_timestamp_seconds") {
            return Err("a point in time has the unit `Timestamp`");
        }
        if matches!(self.unit, Unit::None)
            && (ends_at(self.name, stem, "_seconds")
                || ends_at(self.name, stem, "_bytes")
                || ends_at(self.name, stem, "_ratio"))
        {
            return Err("the name ends in a unit that the definition does not have");
        }
        Ok(())
    }

    /// Checks what even a de-facto name of another exporter must keep, or a scrape breaks.
    ///
    /// # Errors
    /// Says which rule is broken.
    pub const fn check_de_facto(&self) -> Result<(), &'static str> {
        if !is_snake_case(self.name) {
            return Err("a metric's name is lower snake case: [a-z][a-z0-9_]*");
        }
        if self.help.is_empty() {
            return Err("a metric has a help text");
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
                    return Err("a label stands once in its set");
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
            return Err("a fact's name ends in `_info`");
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

const fn is(text: &str, other: &str) -> bool {
    text.len() == other.len() && ends_with(text, other)
}

const fn ends_with(text: &str, suffix: &str) -> bool {
    ends_at(text, text.len(), suffix)
}

/// Whether `suffix` ends at the byte `end` of `text`.
const fn ends_at(text: &str, end: usize, suffix: &str) -> bool {
    let (text, suffix) = (text.as_bytes(), suffix.as_bytes());
    if suffix.len() > end {
        return false;
    }
    let mut i = 0;
    while i < suffix.len() {
        if text[end - suffix.len() + i] != suffix[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether `word` is one of the words that underscores part in `name`.
const fn has_word(name: &str, word: &str) -> bool {
    let bytes = name.as_bytes();
    let mut end = word.len();
    while end <= bytes.len() {
        let starts = end == word.len() || bytes[end - word.len() - 1] == b'_';
        let stops = end == bytes.len() || bytes[end] == b'_';
        if starts && stops && ends_at(name, end, word) {
            return true;
        }
        end += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(name: &'static str, unit: Unit) -> Definition {
        Definition { name, kind: Kind::Counter, unit, help: "Help", labels: &[], buckets: &[] }
    }

    fn gauge(name: &'static str, unit: Unit) -> Definition {
        Definition { kind: Kind::Gauge, ..counter(name, unit) }
    }

    #[test]
    fn a_well_named_definition_passes() {
        counter("queue_run_seconds_total", Unit::Seconds).check().unwrap();
        gauge("queue_last_run_timestamp_seconds", Unit::Timestamp).check().unwrap();
        gauge("queue_jobs", Unit::None).check().unwrap();
    }

    #[test]
    fn each_broken_rule_is_named() {
        let cases = [
            (gauge("Bad-Name", Unit::None), "lower snake case"),
            (gauge("queue_total", Unit::None), "`_total`"),
            (counter("queue_jobs", Unit::None), "`_total`"),
            (gauge("queue_wait", Unit::Seconds), "ends in its unit"),
            (gauge("queue_wait_seconds", Unit::None), "does not have"),
            (gauge("queue_wait_ms", Unit::None), "base units"),
            (gauge("queue_count", Unit::None), "histogram's own"),
            (gauge("queue_timestamp_seconds", Unit::Seconds), "point in time"),
            (gauge("queue_info", Unit::None), "only a fact"),
            (Definition { help: "", ..gauge("a", Unit::None) }, "help text"),
            (Definition { help: "Ends.", ..gauge("a", Unit::None) }, "full stop"),
            (Definition { labels: &["le"], ..gauge("a", Unit::None) }, "Prometheus's own"),
            (Definition { labels: &["a", "a"], ..gauge("a", Unit::None) }, "once"),
            (Definition { labels: &["A"], ..gauge("a", Unit::None) }, "label's name"),
            (Definition { kind: Kind::Histogram, ..gauge("a", Unit::None) }, "bucket bounds"),
            (
                Definition {
                    kind: Kind::Histogram,
                    buckets: &[2.0, 1.0],
                    ..gauge("a", Unit::None)
                },
                "ascend",
            ),
        ];
        for (definition, expected) in cases {
            let rule = definition.check().expect_err(definition.name);
            assert!(rule.contains(expected), "{}: {rule}", definition.name);
        }
    }
}
