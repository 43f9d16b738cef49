//! A length of time as people write it in settings: `"15m"`, `"1h 30m"`, or a number of seconds.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, de};

/// A length of time in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// The longest that is accepted: a hundred years, so that arithmetic on it cannot overflow.
const LONGEST_SECONDS: f64 = 100.0 * 366.0 * 86_400.0;

impl Span {
    /// That many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Its length in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }

    /// Its length in microseconds, the resolution of the database's clock.
    pub fn as_micros(self) -> i64 {
        i64::try_from(self.0.as_micros()).unwrap_or(i64::MAX)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut seconds = 0.0;
        let mut rest = text.trim();
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|it: char| !it.is_ascii_lowercase()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let unit = match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                _ => return None,
            };
            seconds += number.parse::<f64>().ok()? * unit;
            rest = tail.trim_start();
        }
        Self::from_seconds(seconds)
    }

    fn from_seconds(seconds: f64) -> Option<Self> {
        let accepted = (0.0..=LONGEST_SECONDS).contains(&seconds);
        accepted.then(|| Self(Duration::from_secs_f64(seconds)))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpanVisitor)
    }
}

struct SpanVisitor;

impl de::Visitor<'_> for SpanVisitor {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a length of time such as \"15m\", \"1h 30m\", \"500ms\", or seconds as a number",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
        // A variable brings a number as text.
        let number = || Span::from_seconds(text.trim().parse().ok()?);
        let span = Span::parse(text).or_else(number);
        span.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Span, E> {
        let span = Span::from_seconds(seconds);
        span.ok_or_else(|| E::invalid_value(de::Unexpected::Float(seconds), &self))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Span, E> {
        self.visit_f64(seconds as f64)
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Span, E> {
        self.visit_f64(seconds as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_it_in_units() {
        let cases = [
            ("15m", Some(900.0)),
            ("1h 30m", Some(5400.0)),
            ("1h30m", Some(5400.0)),
            ("0.5s", Some(0.5)),
            ("250ms", Some(0.25)),
            ("2d", Some(172_800.0)),
            ("", None),
            ("15", None),
            ("m", None),
            ("5 minutes", None),
            ("-5s", None),
            ("1.2.3s", None),
            ("99999999d", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Span::parse(text).map(Span::as_secs_f64), expected, "{text}");
        }
    }
}
