//! Numbers, durations and strings as PromQL writes them.

use std::{fmt::Write as _, time::Duration};

use crate::ast::Window;

/// How an expression is printed.
///
/// A demonstration or a test can run a day of rules in minutes: with `scale: 60.0` every duration
/// in an expression (windows, offsets, steps, horizons, thresholds given as a [`Duration`]) is
/// divided by 60, to no less than a millisecond. Numbers do not change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// The number that every duration is divided by.
    pub scale: f64,
}

impl Default for Style {
    fn default() -> Self {
        Self { scale: 1.0 }
    }
}

impl Style {
    /// The duration as PromQL writes it; at least a millisecond, because PromQL has no empty window.
    pub fn duration(self, duration: Duration) -> String {
        duration_text(self.scaled(duration))
    }

    /// The duration divided by the scale, in whole milliseconds.
    pub fn scaled(self, duration: Duration) -> Duration {
        let seconds = (duration.as_secs_f64() / self.scale * 1e3).round() / 1e3;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    pub(crate) fn seconds(self, duration: Duration) -> String {
        number(self.scaled(duration).as_secs_f64())
    }

    pub(crate) fn window(self, window: Window) -> String {
        match window {
            Window::Fixed(duration) => self.duration(duration),
            Window::RateInterval => "$__rate_interval".to_owned(),
            Window::Range => "$__range".to_owned(),
        }
    }
}

/// The number with at most 15 significant digits, the decimal precision of a double, so that `14.4 * (1 - 0.999)` prints as `0.0144`.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    if value.fract() == 0.0 {
        return format!("{}", value + 0.0);
    }
    // Text from `format!` always parses; if it did not, the unrounded value would be right too.
    let rounded = format!("{value:.14e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// `1h30m`; weeks only when nothing is left over, since `90d` reads better than `12w6d`.
fn duration_text(duration: Duration) -> String {
    let mut left = duration.as_millis().max(1);
    if left.is_multiple_of(WEEK) {
        return format!("{}w", left / WEEK);
    }
    let parts = UNITS.map(|(unit, millis)| {
        let count = left / millis;
        left %= millis;
        if count > 0 { format!("{count}{unit}") } else { String::new() }
    });
    parts.concat()
}

const WEEK: u128 = 7 * 86_400_000;
const UNITS: [(&str, u128); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// The text between double quotes, as PromQL reads it back.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            // Prometheus takes the replacement character for broken UTF-8, and YAML has no
            // control characters.
            '\u{fffd}' => quoted.push_str("\\ufffd"),
            other if other.is_control() => {
                // Writing to a String does not fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ast::{days, minutes, seconds};

    #[test]
    fn numbers_are_free_of_noise() {
        let cases = [
            (1.0, "1"),
            (-0.0, "0"),
            (14.4 * (1.0 - 0.999), "0.0144"),
            (0.1 + 0.2, "0.3"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (-2.5, "-2.5"),
            (1e-9, "0.000000001"),
            (f64::INFINITY, "Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn durations_are_whole_milliseconds_of_every_scale() {
        let cases = [
            (minutes(5), 1.0, "5m"),
            (minutes(5), 60.0, "5s"),
            (minutes(90), 1.0, "1h30m"),
            (days(7), 1.0, "1w"),
            (days(30), 1.0, "30d"),
            (seconds(30), 1440.0, "21ms"),
            (seconds(1), 1e9, "1ms"),
            (Duration::from_millis(61_500), 1.0, "1m1s500ms"),
        ];
        for (duration, scale, text) in cases {
            assert_eq!(Style { scale }.duration(duration), text);
        }
    }
}
