//! `check`: connects, runs each collector once, and says what it found and what is missing.

mod postgres;
mod redis;

use std::io::Write;

use common::{
    chain::Chain,
    collector::CollectError,
    exporter::CheckOptions,
    settings::{SettingsError, Span},
    snapshot::Snapshot,
};
use tokio::time::Instant;

use crate::{Source, settings::Settings};

/// How long one step may take.
const PATIENCE: Span = Span::seconds(30);

/// Checks the targets one by one. True when nothing is to be mended.
pub(crate) async fn check(
    sources: &[Source],
    settings: &Settings,
    options: CheckOptions,
    out: &mut (dyn Write + Send),
) -> Result<bool, SettingsError> {
    let mut report = Report::default();
    if options.grants {
        report.text += &postgres::grants(sources).await;
        report.text += &redis::grants(sources);
    } else {
        for source in sources {
            report.source(source, settings).await;
        }
    }
    out.write_all(report.text.as_bytes()).map_err(|error| {
        SettingsError::at("", "the report cannot be written").with_source(error)
    })?;
    Ok(report.troubles == 0)
}

#[derive(Default)]
struct Report {
    text: String,
    troubles: usize,
}

impl Report {
    async fn source(&mut self, source: &Source, settings: &Settings) {
        self.line(&format!("{}: {}", source.name, source.address()));
        if let Some(database) = &source.postgres {
            self.privileges(database).await;
        }
        if let Some(cache) = &source.redis {
            self.server(cache).await;
        }
        for collector in source.collectors(settings, PATIENCE.get()) {
            let mut snapshot = Snapshot::default();
            let started = Instant::now();
            let outcome = collector.collect(started + PATIENCE.get(), &mut snapshot).await;
            let (name, took) = (collector.name(), started.elapsed().as_secs_f64() * 1e3);
            match outcome {
                Ok(()) => {
                    let series: usize = snapshot.families().map(|it| it.samples.len()).sum();
                    self.line(&format!("  {name:<12} {took:>8.1} ms {series:>6} series"));
                }
                Err(error) => self.failure(name, &error),
            }
            for note in collector.notes() {
                self.line(&format!("  note: {note}"));
            }
        }
        if let Some(database) = &source.postgres {
            database.close().await;
        }
        if let Some(cache) = &source.redis {
            cache.redis.close().await;
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn trouble(&mut self, trouble: &str, mend: &str) {
        self.troubles += 1;
        self.line(&format!("  TROUBLE {trouble}\n          {mend}"));
    }

    fn failure(&mut self, name: &str, error: &CollectError) {
        self.troubles += 1;
        self.line(&format!("  TROUBLE {name}: {} ({})", Chain(error), error.reason.as_str()));
        if let Some(hint) = &error.hint {
            self.line(&format!("          {hint}"));
        }
    }
}
