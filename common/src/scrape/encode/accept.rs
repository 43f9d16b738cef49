//! The format that an `Accept` header prefers.

use super::Format;

pub(super) fn negotiate(accept: &str) -> Format {
    let openmetrics = quality(accept, openmetrics_rank);
    // `*/*` selects the classic format, which every client reads.
    let text = quality(accept, text_rank);
    if openmetrics > 0.0 && openmetrics >= text { Format::OpenMetrics } else { Format::Text }
}

/// The header's quality for a format; `rank` says how specifically a media range matches it.
fn quality(accept: &str, rank: fn(&Range<'_>) -> Option<u8>) -> f32 {
    accept
        .split(',')
        .map(Range::parse)
        .filter_map(|range| Some((rank(&range)?, range.quality)))
        // The most specific range decides; of two equally specific ranges, the better quality.
        .max_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)))
        .map_or(0.0, |(_, quality)| quality)
}

fn openmetrics_rank(range: &Range<'_>) -> Option<u8> {
    let version = matches!(range.version, None | Some("1.0.0"));
    if range.is("application/openmetrics-text") && version {
        Some(2)
    } else if range.is("application/*") {
        Some(1)
    } else {
        None
    }
}

fn text_rank(range: &Range<'_>) -> Option<u8> {
    // 1.0.0 differs from 0.0.4 only in names that are not snake case; Pulso has none.
    let version = matches!(range.version, None | Some("0.0.4" | "1.0.0"));
    if range.is("text/plain") && version {
        Some(2)
    } else if range.is("text/*") {
        Some(1)
    } else if range.is("*/*") {
        Some(0)
    } else {
        None
    }
}

/// One media range of an `Accept` header.
struct Range<'a> {
    media: &'a str,
    version: Option<&'a str>,
    quality: f32,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let mut range =
            Self { media: parts.next().unwrap_or_default(), version: None, quality: 1.0 };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim() {
                "q" | "Q" => {
                    let quality = value.parse().unwrap_or(0.0_f32);
                    range.quality = if quality.is_nan() { 0.0 } else { quality.clamp(0.0, 1.0) };
                }
                name if name.eq_ignore_ascii_case("version") => range.version = Some(value),
                _ => {}
            }
        }
        range
    }

    fn is(&self, media: &str) -> bool {
        self.media.eq_ignore_ascii_case(media)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_gets_the_format_it_prefers() {
        let cases = [
            // Prometheus 2.42.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;\
                 version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                Format::OpenMetrics,
            ),
            // Prometheus 3.
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                 application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;\
                 escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                Format::OpenMetrics,
            ),
            // Prometheus 3 with native histograms; protobuf is not supported.
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
                 encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,\
                 text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                Format::OpenMetrics,
            ),
            // Prometheus 3, configured to prefer the classic format.
            (
                "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;\
                 q=0.4,*/*;q=0.1",
                Format::Text,
            ),
            // Prometheus 1.
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", Format::Text),
            // A wildcard without a quality does not outrank the named format.
            (
                "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3,*/*",
                Format::OpenMetrics,
            ),
            // A browser, curl, no header.
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::Text),
            ("*/*", Format::Text),
            ("", Format::Text),
            // An older OpenMetrics only.
            ("application/openmetrics-text; version=0.0.1", Format::Text),
            // Any spaces, case and quotes.
            ("Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.9", Format::OpenMetrics),
            // Refused, or garbage.
            ("application/openmetrics-text;q=0", Format::Text),
            ("application/openmetrics-text;q=nan", Format::Text),
            (";;,,=;q", Format::Text),
            ("text/plain;q=0,application/*;q=0.1", Format::OpenMetrics),
        ];
        for (accept, expected) in cases {
            assert_eq!(negotiate(accept), expected, "{accept}");
        }
    }
}
