//! How a value is read: Grafana's unit, and the bounds and decimals that go with it.

use common::metric;

/// What a panel's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A duration or an age.
    Seconds,
    /// An amount of data.
    Bytes,
    /// A share from 0 to 1, shown in per cent.
    Share,
    /// Events in a second.
    PerSecond,
    /// Events in a minute.
    PerMinute,
    /// Data in a second.
    BytesPerSecond,
    /// Yes (1) or no (0).
    YesNo,
}

impl Unit {
    /// How the value of a metric is read as it stands. A point in time is shown as an age: its
    /// expression subtracts it from `time()`.
    pub const fn of(unit: metric::Unit) -> Self {
        match unit {
            metric::Unit::None => Self::Count,
            metric::Unit::Seconds | metric::Unit::Timestamp => Self::Seconds,
            metric::Unit::Bytes => Self::Bytes,
            metric::Unit::Ratio => Self::Share,
        }
    }

    /// How the rate of a counter is read.
    pub const fn rate_of(unit: metric::Unit) -> Self {
        match unit {
            metric::Unit::Bytes => Self::BytesPerSecond,
            // Seconds spent in a second are a share of the time.
            metric::Unit::Seconds => Self::Share,
            metric::Unit::None | metric::Unit::Timestamp | metric::Unit::Ratio => Self::PerSecond,
        }
    }

    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Count => "short",
            Self::Seconds => "s",
            Self::Bytes => "bytes",
            Self::Share => "percentunit",
            Self::PerSecond => "cps",
            Self::PerMinute => "cpm",
            Self::BytesPerSecond => "binBps",
            Self::YesNo => "bool_yes_no",
        }
    }

    pub(crate) const fn max(self) -> Option<f64> {
        match self {
            Self::Share | Self::YesNo => Some(1.0),
            _ => None,
        }
    }
}
