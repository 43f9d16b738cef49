//! Log lines on stderr, logfmt or JSON: one line an event, with its time in UTC.

use std::io;

use tracing::{Level, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::MakeWriter,
    layer::SubscriberExt,
    registry::{LookupSpan, Registry},
};

use crate::settings::{Log, LogFormat, LogLevel};

/// Sends the events of the whole process to stderr. `exporter` is the exporter's name.
///
/// The first call decides; a later one changes nothing.
pub fn init(log: Log, exporter: &str) {
    // An error means that a subscriber is already set, as a test may have done.
    let _ = tracing::subscriber::set_global_default(subscriber(log, exporter, io::stderr));
}

fn subscriber<W>(log: Log, exporter: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = match log.format {
        LogFormat::Logfmt => logfmt(writer),
        LogFormat::Json => json(writer),
    };
    Registry::default().with(lines.with_filter(filter(log.level, exporter)))
}

/// The level applies to Pulso's own crates. Other crates log warnings, at `debug` also information; their
/// debug events may quote statements.
fn filter(level: LogLevel, exporter: &str) -> Targets {
    let (own, others) = match level {
        LogLevel::Error => (Level::ERROR, LevelFilter::ERROR),
        LogLevel::Warn => (Level::WARN, LevelFilter::WARN),
        LogLevel::Info => (Level::INFO, LevelFilter::WARN),
        LogLevel::Debug => (Level::DEBUG, LevelFilter::INFO),
    };
    Targets::new()
        .with_default(others)
        .with_target("common", own)
        .with_target(exporter.replace('-', "_"), own)
}

type Lines<S> = Box<dyn Layer<S> + Send + Sync>;

fn logfmt<S, W>(writer: W) -> Lines<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let format = tracing_logfmt::builder().with_span_name(false).with_span_path(false);
    format.layer().with_writer(writer).boxed()
}

fn json<S, W>(writer: W) -> Lines<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_writer(writer)
        .boxed()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(log: Log, events: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(log, "postgres-queue", move || writer.clone());
        tracing::subscriber::with_default(subscriber, events);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn logfmt_is_one_line_an_event() {
        let lines = logged(Log::default(), || {
            tracing::warn!(target: "postgres_queue", queue = "a\n\"b\" c", "cannot\nread");
        });
        assert_eq!(lines.lines().count(), 1, "{lines}");
        let expected =
            r#"level=warn target=postgres_queue message="cannot\nread" queue="a\n\"b\" c""#;
        let (time, rest) = lines.trim_end().split_once(' ').unwrap();
        assert!(time.starts_with("ts=2") && time.ends_with('Z'), "{time}");
        assert_eq!(rest, expected);
    }

    #[test]
    fn json_is_one_object_an_event() {
        let log = Log { format: LogFormat::Json, ..Log::default() };
        let line = logged(log, || tracing::error!(target: "common", reason = "a\nb", "no\nanswer"));
        assert_eq!(line.lines().count(), 1, "{line}");
        let expected =
            r#""level":"ERROR","message":"no\nanswer","reason":"a\nb","target":"common"}"#;
        assert!(line.starts_with(r#"{"timestamp":"2"#), "{line}");
        assert!(line.trim_end().ends_with(expected), "{line}");
    }

    #[test]
    fn the_level_applies_to_our_own_crates() {
        let lines = |level| {
            logged(Log { level, ..Log::default() }, || {
                tracing::debug!(target: "postgres_queue::collect", "own debug");
                tracing::info!(target: "common", "own info");
                tracing::warn!(target: "hyper", "their warning");
                tracing::info!(target: "hyper", "their info");
                tracing::debug!(target: "tokio_postgres", "their debug");
                tracing::error!(target: "common", "own error");
            })
            .lines()
            .count()
        };
        let levels = [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug];
        assert_eq!(levels.map(lines), [1, 2, 3, 5]);
    }
}
