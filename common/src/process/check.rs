//! The command `check`: runs every collector once, and reports what it finds and what to fix.
//!
//! Lines of problems begin with `FAIL` and `fix:`, so that they can be searched for.

use std::{
    io::{self, Write},
    time::Duration,
};

use tokio::time::Instant;

use super::exporter::{ConfiguredTarget, Exporter, WithCollectors, configured, host};
use crate::{
    error_chain::ErrorChain,
    metric::{Definition, Kind, LabelText},
    scrape::{CollectError, DynCollector, Snapshot, Value},
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
        report.target(&target).await;
        out.write_all(report.take_text().as_bytes())?;
    }
    Ok(report.failures == 0)
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

/// What was found so far.
#[derive(Debug, Default)]
pub struct Report {
    text: String,
    failures: usize,
    /// The last failure of this target: a server that is down fails every collector alike.
    last_failure: Option<String>,
}

impl Report {
    async fn target<T: ConfiguredTarget>(&mut self, target: &WithCollectors<T>) {
        let WithCollectors { name, target, collectors } = target;
        self.last_failure = None;
        self.line(&format!("{name}: {}", target.address()));
        target.inspect(self).await;
        let mut snapshot = Snapshot::default();
        for collector in collectors {
            snapshot.merge(self.collector(&**collector).await);
        }
        target.summarize(self, &snapshot);
        target.close().await;
    }

    /// Runs a collector once and reports its duration, its number of series and its notes. What it
    /// wrote is returned.
    async fn collector(&mut self, collector: &dyn DynCollector) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let started = Instant::now();
        let outcome = collector.collect(started + TIMEOUT, &mut snapshot).await;
        let (name, took) = (collector.name(), started.elapsed().as_secs_f64() * 1e3);
        match outcome {
            Ok(()) => {
                let series: usize = snapshot.families().map(|it| it.samples.len()).sum();
                self.line(&format!("  {name:<16} {took:>8.1} ms {series:>6} series"));
            }
            Err(error) => self.failure(name, &error),
        }
        for note in collector.notes() {
            self.note(&note);
        }
        snapshot
    }

    /// Reports a problem and how to fix it.
    pub fn problem(&mut self, problem: &str, fix: &str) {
        self.failures += 1;
        self.line(&format!("  FAIL {problem}\n    fix: {fix}"));
    }

    /// Reports what could not be read, and why.
    pub fn failure(&mut self, name: &str, error: &CollectError) {
        self.failures += 1;
        let message = format!("{} ({})", ErrorChain(error), error.reason.as_str());
        if self.last_failure.as_ref() == Some(&message) {
            return self.line(&format!("  FAIL {name}: the same failure"));
        }
        self.line(&format!("  FAIL {name}: {message}"));
        if let Some(hint) = &error.hint {
            self.line(&format!("    fix: {hint}"));
        }
        self.last_failure = Some(message);
    }

    /// Reports what may be intended.
    pub fn note(&mut self, note: &str) {
        self.line(&format!("  note: {note}"));
    }

    /// Lists the samples with their values.
    pub fn samples(&mut self, snapshot: &Snapshot) {
        if snapshot.families().next().is_some() {
            self.line("  samples:");
        }
        for family in snapshot.families() {
            for (labels, value) in family.samples.iter() {
                let value = match value {
                    Value::Number(number) => number.to_string(),
                    Value::Histogram(it) => {
                        format!("{} observations, sum {}", it.count(), it.sum())
                    }
                };
                self.line(&format!("    {} {value}", series(family.definition, labels)));
            }
        }
    }

    /// Adds a line.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

fn series(definition: &Definition, labels: &[LabelText]) -> String {
    let kind = if definition.kind == Kind::Histogram { " (histogram)" } else { "" };
    let labels = definition.labels.iter().zip(labels);
    let labels: Vec<_> = labels.map(|(name, value)| format!("{name}={value:?}")).collect();
    match labels.as_slice() {
        [] => format!("{}{kind}", definition.name),
        labels => format!("{}{{{}}}{kind}", definition.name, labels.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrape::{Collector, Reason};

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
        assert_eq!((report.take_text().as_str(), report.failures), ("  note: one is small\n", 0));

        report.collector(&Refused).await;
        report.collector(&Refused).await;
        let expected = "  FAIL tables: reading tables (permission)\n    fix: GRANT\n  \
                        note: one is large\n  FAIL tables: the same failure\n  \
                        note: one is large\n";
        assert_eq!((report.take_text().as_str(), report.failures), (expected, 2));
    }
}
