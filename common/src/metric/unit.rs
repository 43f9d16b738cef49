//! Units: a metric's name ends in its unit.

use super::const_str::{ends_at, ends_with};

/// The unit of a metric's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A count, a flag, or a value without a unit.
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
    /// The unit that the name of a metric ends in, before a counter's `_total`.
    pub const fn of_name(name: &str) -> Self {
        // `_timestamp_seconds` comes before `_seconds`, which it ends in.
        const UNITS: [Unit; 4] = [Unit::Timestamp, Unit::Seconds, Unit::Bytes, Unit::Ratio];
        let total = ends_with(name, "_total");
        let stem = if total { name.len() - "_total".len() } else { name.len() };
        let mut i = 0;
        while i < UNITS.len() {
            if ends_at(name, stem, UNITS[i].suffix()) {
                return UNITS[i];
            }
            i += 1;
        }
        Self::None
    }

    /// The suffix of the metric's name, before a counter's `_total`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_follows_from_the_name() {
        let cases = [
            ("queue_jobs", Unit::None),
            ("queue_jobs_total", Unit::None),
            ("queue_wait_seconds", Unit::Seconds),
            ("queue_run_seconds_total", Unit::Seconds),
            ("queue_last_run_timestamp_seconds", Unit::Timestamp),
            ("queue_sent_bytes_total", Unit::Bytes),
            ("queue_full_ratio", Unit::Ratio),
            ("queue_seconds_left", Unit::None),
        ];
        for (name, unit) in cases {
            assert_eq!(Unit::of_name(name), unit, "{name}");
        }
    }
}
