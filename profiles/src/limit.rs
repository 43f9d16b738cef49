//! A figure, how long it must be passed, and who says so.

use std::time::Duration;

use crate::minutes;

/// A figure that an alert compares with and a panel draws as a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// The figure, in the base unit of the metric it limits.
    pub value: f64,
    /// For how long it must be passed before anyone is told.
    pub hold: Duration,
    /// Who says so.
    pub source: &'static str,
}

impl Limit {
    /// A figure held for so many minutes, and who says so.
    pub const fn new(value: f64, hold: u64, source: &'static str) -> Self {
        Self { value, hold: minutes(hold), source }
    }
}
