//! Units of panels: Grafana's unit, with its bounds and decimals.

use common::metric;
use promql::Dimension;

/// The unit of a panel's values.
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
    /// Data in a second.
    BytesPerSecond,
    /// Yes (1) or no (0).
    YesNo,
}

impl Unit {
    /// How values of the dimension are read.
    pub const fn of(dimension: Dimension) -> Self {
        use metric::Unit;
        match (dimension.unit, dimension.per_second) {
            (Unit::None, false) => Self::Count,
            (Unit::None | Unit::Ratio | Unit::Timestamp, true) => Self::PerSecond,
            (Unit::Seconds | Unit::Timestamp, false) => Self::Seconds,
            (Unit::Bytes, false) => Self::Bytes,
            (Unit::Bytes, true) => Self::BytesPerSecond,
            // Seconds spent in a second are a share of the time.
            (Unit::Ratio, false) | (Unit::Seconds, true) => Self::Share,
        }
    }

    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Count => "short",
            Self::Seconds => "s",
            Self::Bytes => "bytes",
            Self::Share => "percentunit",
            Self::PerSecond => "cps",
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
