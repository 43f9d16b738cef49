//! Snapshots as text: OpenMetrics 1.0 and the classic format 0.0.4, chosen by `Accept`.
//!
//! Names, labels and `le` bounds are the same in both formats, so that a scraper which changes the
//! format continues the same series.

mod accept;
mod openmetrics;
mod text;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, cell::RefCell};

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::scrape::Snapshot;

/// A text format that Prometheus reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// The classic text format 0.0.4.
    Text,
}

impl Format {
    /// The format that an `Accept` header prefers; [`Format::Text`] when it accepts neither,
    /// because an answer in another format is more useful than none.
    pub fn negotiate(accept: Option<&str>) -> Self {
        accept::negotiate(accept.unwrap_or_default())
    }

    /// The `Content-Type` of an answer in this format.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// Writes the snapshot as text. No label value and no help text can break it.
pub fn encode(snapshot: &Snapshot, format: Format) -> String {
    let series: usize = snapshot.families().map(|it| it.samples.len() + 2).sum();
    let mut out = String::with_capacity(series * 96);
    match format {
        Format::OpenMetrics => openmetrics::write(&mut out, snapshot),
        Format::Text => text::write(&mut out, snapshot),
    }
    out
}

/// Compresses a body for `Content-Encoding: gzip`, preferring speed to size.
pub fn gzip(body: &[u8]) -> Vec<u8> {
    thread_local! {
        /// Reused, because its tables are larger than most bodies.
        static DEFLATE: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
    }
    /// RFC 1952: no file name, no time, fastest compression, unknown system.
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff];
    let mut out = Vec::with_capacity(body.len() / 4 + 64);
    out.extend(HEADER);
    DEFLATE.with_borrow_mut(|deflate| {
        deflate.reset();
        loop {
            let read = usize::try_from(deflate.total_in()).unwrap_or(body.len());
            let status = deflate
                .compress_vec(&body[read..], &mut out, FlushCompress::Finish)
                .expect("a reset stream accepts any bytes");
            if status == Status::StreamEnd {
                break;
            }
            out.reserve(out.capacity());
        }
    });
    out.extend(crc32fast::hash(body).to_le_bytes());
    #[allow(clippy::cast_possible_truncation, reason = "RFC 1952 wants the size modulo 2^32")]
    out.extend((body.len() as u32).to_le_bytes());
    out
}

/// Escapes backslashes and line feeds, and double quotes if `quotes` is set.
fn escape(text: &str, quotes: bool) -> Cow<'_, str> {
    let special = |byte: u8| matches!(byte, b'\\' | b'\n') || (quotes && byte == b'"');
    // Without an early return, the compiler vectorizes the search.
    if !text.bytes().fold(false, |found, byte| found | special(byte)) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '"' if quotes => escaped.push_str("\\\""),
            _ => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// The value as an integer, if it is one that a float holds exactly.
#[allow(clippy::cast_possible_truncation, reason = "the bound keeps it exact")]
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.abs() < EXACT && value.fract() == 0.0).then_some(value as i64)
}
