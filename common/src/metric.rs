//! Definitions of metrics: defined once, filled by an exporter, queried by rules and panels.
//!
//! [`catalog!`](crate::catalog!) defines metrics. A bad name, label or bucket order, or a missing
//! help text, stops the build.

#[doc(hidden)]
pub mod catalog;
mod const_str;
mod duplicate;
pub mod kind;
mod labels;
mod rules;
mod unit;

use std::marker::PhantomData;

pub use self::{
    duplicate::{Duplicate, duplicates},
    kind::{Kind, MetricKind},
    labels::{Label, LabelSet, LabelText, LabelValue, Values},
    unit::Unit,
};

/// A value that goes up and down.
pub type Gauge<Labels = ()> = Metric<kind::Gauge, Labels>;
/// A value that only grows, except when its process or source restarts; its name ends in `_total`.
pub type Counter<Labels = ()> = Metric<kind::Counter, Labels>;
/// Counts of observations by upper bound, with their sum.
pub type Histogram<Labels = ()> = Metric<kind::Histogram, Labels>;
/// A metric whose information is in its labels and whose value is 1; its name ends in `_info`.
pub type Info<Labels = ()> = Metric<kind::Info, Labels>;

/// A metric family, as [`catalog!`](crate::catalog!) defines it: [`Gauge`], [`Counter`],
/// [`Histogram`] or [`Info`].
///
/// Its kind decides which PromQL can be written about it, `Labels` which labels its samples carry.
#[derive(Debug)]
pub struct Metric<Kind, Labels> {
    definition: Definition,
    marker: PhantomData<fn() -> (Kind, Labels)>,
}

/// The definition of a metric family, without its Rust type.
#[derive(Debug)]
pub struct Definition {
    /// The name of its samples, `_total` of a counter included (of a histogram: the family's name).
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// The unit of its value.
    pub unit: Unit,
    /// The help text: one sentence without a full stop.
    pub help: &'static str,
    /// Its labels, in the order in which they are written.
    pub labels: &'static [&'static str],
    /// A histogram's upper bounds, ascending, without `+Inf`; a mapping may bring others.
    pub buckets: &'static [f64],
}

impl<K, Labels> Metric<K, Labels> {
    /// The untyped definition.
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
}

/// Constructors for [`catalog!`](crate::catalog!).
impl<K: MetricKind, Labels: LabelSet> Metric<K, Labels> {
    /// A metric whose unit follows from its name.
    #[doc(hidden)]
    pub const fn new(name: &'static str, help: &'static str, buckets: &'static [f64]) -> Self {
        let metric = Self::unchecked(name, Unit::of_name(name), help, buckets);
        if let Err(rule) = metric.definition.check() {
            panic!("{}", rule);
        }
        metric
    }

    /// A metric under the name that a widely used exporter gives it, though the name breaks a
    /// convention.
    #[doc(hidden)]
    pub const fn de_facto(name: &'static str, unit: Unit, help: &'static str) -> Self {
        let metric = Self::unchecked(name, unit, help, &[]);
        if let Err(rule) = metric.definition.check_de_facto() {
            panic!("{}", rule);
        }
        metric
    }

    const fn unchecked(
        name: &'static str,
        unit: Unit,
        help: &'static str,
        buckets: &'static [f64],
    ) -> Self {
        let definition =
            Definition { name, kind: K::KIND, unit, help, labels: Labels::NAMES, buckets };
        Self { definition, marker: PhantomData }
    }
}
