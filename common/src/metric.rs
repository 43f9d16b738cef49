//! What a metric is: described once, filled by an exporter, queried by rules and panels.
//!
//! A definition is a `static`, so that a bad name, unit, label or bucket order stops the build.

use std::{collections::BTreeMap, fmt, marker::PhantomData, ptr};

use crate::labels::LabelSet;

/// The kind of a metric at run time; the markers [`Gauge`], [`Counter`], [`Histogram`] and
/// [`Info`] are its compile-time side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A value that goes up and down.
    Gauge,
    /// A value that only grows, save when its process or source starts anew.
    Counter,
    /// Counts of observations by upper bound, with their sum.
    Histogram,
    /// A fact told by labels; its value is always 1.
    Info,
}

/// The unit of a metric's value; it ends the metric's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A count, a flag, or a thing without a unit.
    None,
    /// Seconds, a duration or an age.
    Seconds,
    /// Seconds since the epoch; the name ends in `_timestamp_seconds`.
    Timestamp,
    /// Bytes.
    Bytes,
    /// A share from 0 to 1.
    Ratio,
}

impl Unit {
    /// What the metric's name ends with, before a counter's `_total`.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Seconds => "_seconds",
            Self::Timestamp => "_timestamp_seconds",
            Self::Bytes => "_bytes",
            Self::Ratio => "_ratio",
        }
    }
}

/// All that is known of a metric family, whatever its Rust type.
#[derive(Debug)]
pub struct Definition {
    /// The name of its samples, `_total` of a counter included (of a histogram: the family's name).
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// The unit of its value.
    pub unit: Unit,
    /// What it says, and where the figure comes from; one sentence without a full stop.
    pub help: &'static str,
    /// Its labels, in the order in which they are written.
    pub labels: &'static [&'static str],
    /// A histogram's upper bounds, ascending, without `+Inf`; a mapping may bring others.
    pub buckets: &'static [f64],
}

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

/// Two definitions that give samples of one name.
#[derive(Clone, Copy, Debug)]
pub struct Duplicate {
    /// The one.
    pub first: &'static Definition,
    /// The other.
    pub second: &'static Definition,
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, second } = self;
        write!(
            f,
            "`{}` ({}) and `{}` ({}) are defined apart and share a sample's name",
            first.name, first.help, second.name, second.help
        )
    }
}

/// Finds the definitions whose samples' names collide, a histogram's `_bucket`, `_sum` and
/// `_count` included. One `static` that stands in several catalogs is no duplicate.
pub fn duplicates(definitions: &[&'static Definition]) -> Vec<Duplicate> {
    let mut found = Vec::new();
    let mut owners: BTreeMap<String, &'static Definition> = BTreeMap::new();
    for &second in definitions {
        let clash = second.sample_names().into_iter().find_map(|name| {
            let first = *owners.entry(name).or_insert(second);
            (!ptr::eq(first, second)).then_some(first)
        });
        found.extend(clash.map(|first| Duplicate { first, second }));
    }
    found
}

impl Definition {
    /// Every name that belongs to the family: its samples', and a histogram's own.
    fn sample_names(&self) -> Vec<String> {
        let mut names = vec![self.name.to_owned()];
        if self.kind == Kind::Histogram {
            names.extend(["_bucket", "_sum", "_count"].map(|it| format!("{}{it}", self.name)));
        }
        names
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

/// Marks a metric as a gauge.
#[derive(Debug)]
pub enum Gauge {}
/// Marks a metric as a counter.
#[derive(Debug)]
pub enum Counter {}
/// Marks a metric as a histogram.
#[derive(Debug)]
pub enum Histogram {}
/// Marks a metric as a fact told by its labels.
#[derive(Debug)]
pub enum Info {}

/// A metric family: its kind decides which PromQL can be written about it, `Labels` which labels
/// its samples carry.
#[derive(Debug)]
pub struct Metric<Kind, Labels> {
    definition: Definition,
    marker: PhantomData<fn() -> (Kind, Labels)>,
}

impl<K, Labels: LabelSet> Metric<K, Labels> {
    const fn new(definition: Definition) -> Self {
        if let Err(rule) = definition.check() {
            panic!("{}", rule);
        }
        Self { definition, marker: PhantomData }
    }

    /// What is known of it, whatever its Rust type.
    pub const fn definition(&'static self) -> &'static Definition {
        &self.definition
    }

    /// The name of its samples (of a histogram: the family's name).
    pub const fn name(&self) -> &'static str {
        self.definition.name
    }

    /// The unit of its value.
    pub const fn unit(&self) -> Unit {
        self.definition.unit
    }

    const fn of(name: &'static str, kind: Kind, unit: Unit, help: &'static str) -> Definition {
        Definition { name, kind, unit, help, labels: Labels::NAMES, buckets: &[] }
    }

    const fn unchecked_name(definition: Definition) -> Self {
        if let Err(rule) = definition.check_de_facto() {
            panic!("{}", rule);
        }
        Self { definition, marker: PhantomData }
    }
}

impl<Labels: LabelSet> Metric<Gauge, Labels> {
    /// Defines a gauge.
    pub const fn gauge(name: &'static str, unit: Unit, help: &'static str) -> Self {
        Self::new(Self::of(name, Kind::Gauge, unit, help))
    }

    /// Defines a gauge under the name that the exporter people run today gives it, though the
    /// name breaks a convention (`pg_stat_activity_count`).
    pub const fn de_facto_gauge(name: &'static str, unit: Unit, help: &'static str) -> Self {
        Self::unchecked_name(Self::of(name, Kind::Gauge, unit, help))
    }
}

impl<Labels: LabelSet> Metric<Counter, Labels> {
    /// Defines a counter; its name ends in `_total`.
    pub const fn counter(name: &'static str, unit: Unit, help: &'static str) -> Self {
        Self::new(Self::of(name, Kind::Counter, unit, help))
    }

    /// Defines a counter under the name that the exporter people run today gives it, though it
    /// lacks `_total` (`pg_stat_database_blks_hit`). OpenMetrics has no such counter, so it is
    /// written there as of unknown type.
    pub const fn de_facto_counter(name: &'static str, unit: Unit, help: &'static str) -> Self {
        Self::unchecked_name(Self::of(name, Kind::Counter, unit, help))
    }
}

impl<Labels: LabelSet> Metric<Histogram, Labels> {
    /// Defines a histogram with its upper bounds, ascending, without `+Inf`.
    pub const fn histogram(
        name: &'static str,
        unit: Unit,
        buckets: &'static [f64],
        help: &'static str,
    ) -> Self {
        let definition = Self::of(name, Kind::Histogram, unit, help);
        Self::new(Definition { buckets, ..definition })
    }
}

impl<Labels: LabelSet> Metric<Info, Labels> {
    /// Defines a fact told by labels; its name ends in `_info`.
    pub const fn info(name: &'static str, help: &'static str) -> Self {
        Self::new(Self::of(name, Kind::Info, Unit::None, help))
    }
}

/// Declares metrics as statics and, beside them, `ALL`: the definitions of every one of them.
#[macro_export]
macro_rules! catalog {
    ($($(#[$meta:meta])* pub static $NAME:ident: $Type:ty = $value:expr;)+) => {
        $($(#[$meta])* pub static $NAME: $Type = $value;)+

        /// Every metric that this module defines.
        pub static ALL: &[&$crate::metric::Definition] = &[$($NAME.definition()),+];
    };
}

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
    fn two_definitions_of_one_name_are_found() {
        static JOBS: Metric<Gauge, ()> = Metric::gauge("jobs", Unit::None, "Jobs that wait");
        static JOBS_AGAIN: Metric<Gauge, ()> = Metric::gauge("jobs", Unit::None, "All jobs");
        let of = |it: &'static Metric<Gauge, ()>| it.definition();

        let found = duplicates(&[of(&JOBS), of(&JOBS), of(&JOBS_AGAIN)]);
        let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "`jobs` (Jobs that wait) and `jobs` (All jobs) are defined apart and share a sample's name"
            ]
        );
    }

    #[test]
    fn a_histogram_s_own_samples_are_taken_names() {
        static RUN: Metric<Histogram, ()> =
            Metric::histogram("run_seconds", Unit::Seconds, &[1.0], "How long a run took");
        static COUNT: Metric<Gauge, ()> =
            Metric::de_facto_gauge("run_seconds_count", Unit::None, "Runs");
        static OTHER: Metric<Gauge, ()> = Metric::gauge("runs", Unit::None, "Runs");

        let (run, count, other) = (RUN.definition(), COUNT.definition(), OTHER.definition());
        assert_eq!(duplicates(&[run, count, other]).len(), 1);
        assert_eq!(duplicates(&[count, other, run]).len(), 1);
        assert!(duplicates(&[run, other]).is_empty());
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
