//! `check`: connects, runs each collector once, and says what it found and what is missing.

mod postgres;
mod redis;

use std::io::Write;

use common::{
    process::{
        check::{Report, TIMEOUT, print},
        exporter::CheckOptions,
    },
    settings::SettingsError,
};

use crate::{Source, settings::Settings};

/// Checks the targets one by one. True when nothing is to be mended.
pub(crate) async fn check(
    sources: &[Source],
    settings: &Settings,
    options: CheckOptions,
    out: &mut (dyn Write + Send),
) -> Result<bool, SettingsError> {
    if options.grants {
        let text = postgres::grants(sources).await + &redis::grants(sources);
        return print(&text, out).map(|()| true);
    }
    let mut report = Report::default();
    for source in sources {
        read(&mut report, source, settings).await;
    }
    report.print(out)
}

async fn read(report: &mut Report, source: &Source, settings: &Settings) {
    report.line(&format!("{}: {}", source.name, source.address()));
    if let Some(database) = &source.postgres {
        postgres::privileges(report, database.postgres()).await;
    }
    if let Some(cache) = &source.redis {
        redis::server(report, cache).await;
    }
    for collector in source.collectors(settings, TIMEOUT) {
        report.collector(&*collector).await;
    }
    if let Some(database) = &source.postgres {
        database.close().await;
    }
    if let Some(cache) = &source.redis {
        cache.redis.close().await;
    }
}
