//! The deadline of a scrape.

use std::time::Duration;

use hyper::HeaderMap;

/// Prometheus' scrape timeout, in seconds.
const SCRAPE_TIMEOUT_HEADER: &str = "x-prometheus-scrape-timeout-seconds";
/// The bounds of the header's value.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_mins(2);
/// Kept for encoding and sending the response: a tenth of the timeout, at most this.
const MARGIN: Duration = Duration::from_millis(500);

/// How long the collectors may take: the scraper's timeout less a margin for the response, or `default`
/// without a valid header.
pub(super) fn collection_time(headers: &HeaderMap, default: Duration) -> Duration {
    let timeout =
        headers.get(SCRAPE_TIMEOUT_HEADER).and_then(|it| it.to_str().ok()?.trim().parse().ok());
    match timeout {
        Some(seconds) if seconds > 0.0 => {
            let timeout = Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST);
            let timeout = timeout.clamp(SHORTEST, LONGEST);
            timeout.saturating_sub((timeout / 10).min(MARGIN))
        }
        _ => default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collection_ends_before_the_scraper_gives_up() {
        let default = Duration::from_secs(7);
        assert_eq!(collection_time(&HeaderMap::new(), default), default);
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
            headers.insert(SCRAPE_TIMEOUT_HEADER, value.as_bytes().try_into().unwrap());
            let time = collection_time(&headers, default);
            assert_eq!(time, Duration::from_millis(milliseconds), "{value:?}");
        }
    }
}
