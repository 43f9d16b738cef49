//! What `check` prints: what was found, a line each, and what is to be mended.

use std::{io::Write, time::Duration};

use tokio::time::Instant;

use crate::{
    error_chain::ErrorChain,
    scrape::{CollectError, DynCollector, Snapshot},
    settings::SettingsError,
};

/// How long one step may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// What was found so far.
#[derive(Debug, Default)]
pub struct Report {
    text: String,
    troubles: usize,
}

impl Report {
    /// Runs a collector once, and says what it read, how long it took and what it would have
    /// mended. What it wrote is given back.
    pub async fn collector(&mut self, collector: &dyn DynCollector) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let started = Instant::now();
        let outcome = collector.collect(started + TIMEOUT, &mut snapshot).await;
        let (name, took) = (collector.name(), started.elapsed().as_secs_f64() * 1e3);
        match outcome {
            Ok(()) => {
                let series: usize = snapshot.families().map(|it| it.samples.len()).sum();
                self.line(&format!("  {name:<12} {took:>8.1} ms {series:>6} series"));
            }
            Err(error) => self.failure(name, &error),
        }
        for note in collector.notes() {
            self.note(&note);
        }
        snapshot
    }

    /// Says what is to be mended, and how.
    pub fn trouble(&mut self, trouble: &str, mend: &str) {
        self.troubles += 1;
        self.line(&format!("  TROUBLE {trouble}\n          {mend}"));
    }

    /// Says what could not be read, why, and what would mend it.
    pub fn failure(&mut self, name: &str, error: &CollectError) {
        self.troubles += 1;
        self.line(&format!("  TROUBLE {name}: {} ({})", ErrorChain(error), error.reason.as_str()));
        if let Some(hint) = &error.hint {
            self.line(&format!("          {hint}"));
        }
    }

    /// Says what may be as it is wanted.
    pub fn note(&mut self, note: &str) {
        self.line(&format!("  note: {note}"));
    }

    /// Adds a line.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Writes it out. True when nothing is to be mended.
    pub fn print(self, out: &mut (dyn Write + Send)) -> Result<bool, SettingsError> {
        print(&self.text, out)?;
        Ok(self.troubles == 0)
    }
}

/// Writes a text out.
pub fn print(text: &str, out: &mut (dyn Write + Send)) -> Result<(), SettingsError> {
    out.write_all(text.as_bytes())
        .map_err(|error| SettingsError::at("", "the report cannot be written").with_source(error))
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
    async fn what_fails_is_trouble_and_what_is_noted_is_none() {
        let mut report = Report::default();
        report.note("all is well");
        let mut out = Vec::new();
        assert!(report.print(&mut out).unwrap());
        assert_eq!(String::from_utf8(out).unwrap(), "  note: all is well\n");

        let mut report = Report::default();
        report.collector(&Refused).await;
        let mut out = Vec::new();
        assert!(!report.print(&mut out).unwrap());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "  TROUBLE tables: reading tables (permission)\n          GRANT\n  note: one is large\n"
        );
    }
}
