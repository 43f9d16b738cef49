//! The kinds of metrics, at run time and as types.
//!
//! Definitions use the aliases [`metric::Gauge`](super::Gauge) and so on. The types here are for
//! code that is generic over the kind, such as queries.

/// The kind of a metric at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A value that goes up and down.
    Gauge,
    /// A value that only grows, except when its process or source restarts.
    Counter,
    /// Counts of observations by upper bound, with their sum.
    Histogram,
    /// A metric whose information is in its labels; its value is always 1.
    Info,
}

/// A kind of metric as a type.
pub trait MetricKind: 'static {
    /// The same kind at run time.
    const KIND: Kind;
}

/// The kind of a [`metric::Gauge`](super::Gauge).
#[derive(Debug)]
pub enum Gauge {}
/// The kind of a [`metric::Counter`](super::Counter).
#[derive(Debug)]
pub enum Counter {}
/// The kind of a [`metric::Histogram`](super::Histogram).
#[derive(Debug)]
pub enum Histogram {}
/// The kind of a [`metric::Info`](super::Info).
#[derive(Debug)]
pub enum Info {}

impl MetricKind for Gauge {
    const KIND: Kind = Kind::Gauge;
}

impl MetricKind for Counter {
    const KIND: Kind = Kind::Counter;
}

impl MetricKind for Histogram {
    const KIND: Kind = Kind::Histogram;
}

impl MetricKind for Info {
    const KIND: Kind = Kind::Info;
}
