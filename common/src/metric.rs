//! What a metric is: described once, filled by an exporter, queried by rules and panels.
//!
//! A definition is a `static`, so that a bad name, unit, label or bucket order stops the build.

mod duplicate;
mod labels;
mod rules;

use std::marker::PhantomData;

pub use self::{
    duplicate::{Duplicate, duplicates},
    labels::{Label, LabelSet, LabelValue, Text, Values},
};

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
