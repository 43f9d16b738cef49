//! The command `check`: runs every collector once, and reports what it finds and what to fix.

use std::{
    io::{self, Write},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    exporter::{ConfiguredTarget, Exporter, WithCollectors, configured, host},
    report::Report,
};
use crate::{
    scrape::{DynCollector, Snapshot},
    settings::{Settings, SettingsError},
};

/// How long one step may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Why `check` ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The output is closed or full.
    #[error("writing the report")]
    Write(#[from] io::Error),
}

/// Connects to each target, runs each collector once and writes a report. True when there is nothing
/// to fix.
pub async fn check<E: Exporter>(
    settings: &mut Settings,
    out: &mut (dyn Write + Send),
) -> Result<bool, CheckError> {
    host(settings)?;
    let configured = configured::<E>(settings, E::Target::check_collectors)?;
    let mut report = Report::default();
    for target in configured.targets {
        check_target(&mut report, &target).await;
        out.write_all(report.take_text().as_bytes())?;
    }
    Ok(report.failures() == 0)
}

/// Writes the statements that create the least privileged role.
pub async fn grants<E: Exporter>(
    settings: &mut Settings,
    out: &mut (dyn Write + Send),
) -> Result<(), CheckError> {
    let configured = configured::<E>(settings, E::Target::collectors)?;
    let targets: Vec<_> = configured.targets.into_iter().map(|it| it.target).collect();
    let statements = E::grants(&targets).await;
    for target in &targets {
        target.close().await;
    }
    Ok(out.write_all(statements.as_bytes())?)
}

async fn check_target<T: ConfiguredTarget>(report: &mut Report, target: &WithCollectors<T>) {
    let WithCollectors { name, target, collectors } = target;
    report.begin_target(name, &target.address());
    target.inspect(report).await;
    let mut snapshot = Snapshot::default();
    for collector in collectors {
        snapshot.merge(check_collector(report, &**collector).await);
    }
    target.summarize(report, &snapshot);
    target.close().await;
}

/// Runs a collector once and reports its duration, its number of series and its notes. Returns its
/// samples.
async fn check_collector(report: &mut Report, collector: &dyn DynCollector) -> Snapshot {
    let mut snapshot = Snapshot::default();
    let started = Instant::now();
    let outcome = collector.collect(started + TIMEOUT, &mut snapshot).await;
    let (name, took) = (collector.name(), started.elapsed().as_secs_f64() * 1e3);
    match outcome {
        Ok(()) => {
            let series: usize = snapshot.families().map(|it| it.samples.len()).sum();
            report.line(&format!("  {name:<16} {took:>8.1} ms {series:>6} series"));
        }
        Err(error) => report.failure(name, &error),
    }
    for note in collector.notes() {
        report.note(&note);
    }
    snapshot
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrape::{CollectError, Collector, Reason};

    struct Refused;

    impl Collector for Refused {
        fn name(&self) -> &'static str {
            "tables"
        }

        async fn collect(&self, _: Instant, _: &mut Snapshot) -> Result<(), CollectError> {
            Err(CollectError::new(Reason::Permission, "reading tables").with_hint("GRANT"))
        }

        fn notes(&self) -> Vec<String> {
            vec!["one is large".to_owned()]
        }
    }

    #[tokio::test]
    async fn a_failure_counts_and_a_note_does_not() {
        let mut report = Report::default();
        report.note("one is small");
        assert_eq!((report.take_text().as_str(), report.failures()), ("  note: one is small\n", 0));

        check_collector(&mut report, &Refused).await;
        check_collector(&mut report, &Refused).await;
        let expected = "  FAIL tables: reading tables (permission)\n    fix: GRANT\n  \
                        note: one is large\n  FAIL tables: the same failure\n  \
                        note: one is large\n";
        assert_eq!((report.take_text().as_str(), report.failures()), (expected, 2));
    }
}
