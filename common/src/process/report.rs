//! The output of `check`.
//!
//! Lines of problems begin with `FAIL` and `fix:`, so that they can be searched for.

use crate::{
    error_chain::ErrorChain,
    metric::{Definition, Kind, LabelText},
    scrape::{CollectError, Snapshot, Value},
};

/// The report so far.
#[derive(Debug, Default)]
pub struct Report {
    text: String,
    failures: usize,
    /// The last failure of this target: a server that is down fails every collector alike.
    last_failure: Option<String>,
}

impl Report {
    /// Starts the section of one target.
    pub(super) fn begin_target(&mut self, name: &str, address: &str) {
        self.last_failure = None;
        self.line(&format!("{name}: {address}"));
    }

    /// Reports a problem and how to fix it.
    pub fn problem(&mut self, problem: &str, fix: &str) {
        self.failures += 1;
        self.line(&format!("  FAIL {problem}\n    fix: {fix}"));
    }

    /// Reports a collector's failure.
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

    /// Reports something that may be intended.
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

    /// The problems and failures so far.
    pub(super) fn failures(&self) -> usize {
        self.failures
    }

    pub(super) fn take_text(&mut self) -> String {
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
