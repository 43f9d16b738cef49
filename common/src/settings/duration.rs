//! Durations in Prometheus' format.

use std::{fmt, time::Duration};

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A length of time in the settings: `500ms`, `5s`, `1m`, `1h`, `1m30s`, `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HumanDuration(Duration);

/// The units in milliseconds, the longest first.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl HumanDuration {
    /// A duration of this many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// A duration of this many milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// The duration.
    pub const fn get(self) -> Duration {
        self.0
    }

    /// Parses whole numbers, each with its unit, the longest unit first.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut rest, mut units, mut millis) = (text.trim(), UNITS.as_slice(), 0_u64);
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.find(|it: char| !it.is_ascii_digit())?;
            let (number, tail) = rest.split_at(digits);
            let (name, tail) =
                tail.split_at(tail.find(|it: char| it.is_ascii_digit()).unwrap_or(tail.len()));
            let unit = units.iter().position(|(it, _)| *it == name)?;
            let part = number.parse::<u64>().ok()?.checked_mul(units[unit].1)?;
            millis = millis.checked_add(part)?;
            (rest, units) = (tail, &units[unit + 1..]);
        }
        Some(Self::millis(millis))
    }
}

impl From<HumanDuration> for Duration {
    fn from(span: HumanDuration) -> Self {
        span.0
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if rest == 0 {
            return f.write_str("0s");
        }
        for (name, millis) in UNITS {
            if rest >= millis {
                write!(f, "{}{name}", rest / millis)?;
                rest %= millis;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for HumanDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `deserialize_str`, so that the error for a bare number names the expected format.
        deserializer.deserialize_any(HumanDurationVisitor)
    }
}

struct HumanDurationVisitor;

impl Visitor<'_> for HumanDurationVisitor {
    type Value = HumanDuration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"500ms\", \"5s\", \"1m30s\" or \"1h\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<HumanDuration, E> {
        HumanDuration::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_parses_valid_durations_only() {
        let cases = [
            ("500ms", Some(500)),
            ("5s", Some(5_000)),
            ("1m30s", Some(90_000)),
            ("1h", Some(3_600_000)),
            (" 7d ", Some(604_800_000)),
            ("0s", Some(0)),
            ("", None),
            ("5", None),
            ("s", None),
            ("5 s", None),
            ("-5s", None),
            ("1.5s", None),
            ("5s1m", None),
            ("1s1s", None),
            ("99999999999999999999d", None),
            ("9999999999999999d", None),
            ("5µs", None),
        ];
        for (text, millis) in cases {
            assert_eq!(HumanDuration::parse(text), millis.map(HumanDuration::millis), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn it_parses_what_it_writes(millis in 0_u64..100_000_000_000) {
            let span = HumanDuration::millis(millis);
            prop_assert_eq!(HumanDuration::parse(&span.to_string()), Some(span));
        }

        #[test]
        fn it_never_panics(text in "\\PC{0,12}") {
            let _ = HumanDuration::parse(&text);
        }
    }
}
