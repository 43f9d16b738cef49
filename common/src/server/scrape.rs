//! How long a scrape may take.

use std::time::Duration;

use hyper::HeaderMap;

/// What Prometheus tells of its patience, in seconds.
const PATIENCE: &str = "x-prometheus-scrape-timeout-seconds";
/// In less than this nothing can be read, and for longer than that nobody waits.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_mins(2);
/// What is kept for writing and sending the answer: a tenth, and no more than this.
const MARGIN: Duration = Duration::from_millis(500);

/// How long the reading may take: the scraper's patience less a margin for the answer's way back,
/// or `default` when the scraper tells none, or none that makes sense.
pub(super) fn time_for(headers: &HeaderMap, default: Duration) -> Duration {
    let patience = headers.get(PATIENCE).and_then(|it| it.to_str().ok()?.trim().parse().ok());
    match patience {
        Some(seconds) if seconds > 0.0 => {
            let patience = Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST);
            let patience = patience.clamp(SHORTEST, LONGEST);
            patience.saturating_sub((patience / 10).min(MARGIN))
        }
        _ => default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_due_before_the_scraper_gives_up() {
        let default = Duration::from_secs(7);
        assert_eq!(time_for(&HeaderMap::new(), default), default);
        let cases = [
            ("10", 9_500),
            ("9.5", 9_000),
            ("60", 59_500),
            ("1", 900),
            (" 2 ", 1_800),
            ("0.001", 90),
            ("1e308", 119_500),
            ("inf", 119_500),
            ("86400", 119_500),
            ("0", 7_000),
            ("-1", 7_000),
            ("NaN", 7_000),
            ("-inf", 7_000),
            ("", 7_000),
            ("10s", 7_000),
            ("\u{e9}", 7_000),
        ];
        for (value, milliseconds) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(PATIENCE, value.as_bytes().try_into().unwrap());
            let time = time_for(&headers, default);
            assert_eq!(time, Duration::from_millis(milliseconds), "{value:?}");
        }
    }
}
