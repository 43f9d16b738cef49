//! A threshold with its duration and its source.

use std::time::Duration;

use crate::minutes;

/// A threshold: an alert compares with it, a panel draws it as a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// The threshold, in the base unit of its metric.
    pub value: f64,
    /// How long the condition must hold before the alert fires.
    pub hold: Duration,
    /// Where the threshold comes from: a manual, a decision, a default.
    pub source: &'static str,
}

impl Limit {
    /// A threshold, the minutes that it must be exceeded, and its source.
    pub const fn new(value: f64, hold: u64, source: &'static str) -> Self {
        Self { value, hold: minutes(hold), source }
    }
}
