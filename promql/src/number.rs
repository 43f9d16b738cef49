//! Numbers, durations and windows as PromQL writes them.

use std::time::Duration;

/// How an expression is printed.
///
/// A demonstration or a test lives through a day in minutes: with `scale: 60.0` every duration in
/// an expression (windows, offsets, steps, horizons, thresholds given as a [`Duration`]) is a
/// sixtieth, down to a millisecond. Numbers are left alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// How many times faster than the clock the time of this expression runs.
    pub scale: f64,
}

impl Default for Style {
    fn default() -> Self {
        Self { scale: 1.0 }
    }
}

impl Style {
    /// The duration as PromQL writes it; never less than a millisecond, for an empty window is
    /// no window.
    pub fn duration(self, duration: Duration) -> String {
        duration_text(self.scaled(duration))
    }

    /// The duration as it lasts in this style, in whole milliseconds.
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

/// How far back a range reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Always as far.
    Fixed(Duration),
    /// As far as suits the panel's resolution and the scrape interval: Grafana's
    /// `$__rate_interval`. Only for panels.
    RateInterval,
    /// The time that the dashboard shows: Grafana's `$__range`. Only for panels.
    Range,
}

/// Grafana's `$__rate_interval`.
pub const RATE_INTERVAL: Window = Window::RateInterval;

impl From<Duration> for Window {
    fn from(duration: Duration) -> Self {
        Self::Fixed(duration)
    }
}

/// So many seconds.
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// So many minutes.
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// So many hours.
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

/// So many days of 24 hours.
pub const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

/// The number as a person would write it: at most 15 significant digits, which is what a double
/// holds of a decimal, so that `14.4 * (1 - 0.999)` prints as `0.0144`.
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
    // What `format!` wrote is a number again; were it not, the noise does no harm.
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

#[cfg(test)]
mod tests {
    use super::*;

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
