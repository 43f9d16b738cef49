//! The history of a target's collectors: counters, the last run, log lines.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use tracing::{info, warn};

use super::{
    COLLECTOR_FAILURES, CollectorStatus, FailureLabels, FailureReport, FamilyLabels, Outcome,
    SERIES_DROPPED,
};
use crate::{
    error_chain::ErrorChain,
    metric::LabelText,
    scrape::{CollectError, Reason, Snapshot},
};

pub(super) struct History {
    collectors: Vec<Record>,
    dropped: BTreeMap<&'static str, u64>,
}

struct Record {
    name: LabelText,
    /// In the order of [`Reason::ALL`].
    failures: [u64; Reason::ALL.len()],
    last: Option<Outcome>,
}

impl History {
    pub(super) fn new(collectors: &[LabelText]) -> Self {
        let record = |name: &LabelText| Record {
            name: name.clone(),
            failures: [0; Reason::ALL.len()],
            last: None,
        };
        Self { collectors: collectors.iter().map(record).collect(), dropped: BTreeMap::new() }
    }

    /// Records the outcome of a run. A failure is logged when it begins, when its reason changes
    /// and when it ends.
    pub(super) fn record(
        &mut self,
        target: &str,
        collector: usize,
        duration: Duration,
        error: Option<&CollectError>,
    ) {
        let record = &mut self.collectors[collector];
        let failure = error.map(|error| FailureReport {
            reason: error.reason,
            message: ErrorChain(error).to_string(),
            hint: error.hint.clone(),
        });
        let before = record.last.as_ref().and_then(|it| it.failure.as_ref()).map(|it| it.reason);
        match &failure {
            Some(now) => {
                record.failures[now.reason as usize] += 1;
                if before != Some(now.reason) {
                    warn!(
                        target,
                        collector = record.name.as_str(),
                        reason = now.reason.as_str(),
                        hint = now.hint.as_deref(),
                        error = now.message,
                        "a collector fails; its metrics are missing until it works again"
                    );
                }
            }
            None => {
                if let Some(before) = before {
                    info!(
                        target,
                        collector = record.name.as_str(),
                        reason = before.as_str(),
                        "a collector works again"
                    );
                }
            }
        }
        record.last = Some(Outcome { at: SystemTime::now(), duration, failure });
    }

    /// Counts the series over the limit of their family; each family is logged once.
    pub(super) fn count_dropped_series(&mut self, target: &str, answer: &Snapshot) {
        for family in answer.families().filter(|it| it.dropped > 0) {
            let name = family.definition.name;
            let total = self.dropped.entry(name).or_insert_with(|| {
                warn!(
                    target,
                    family = name,
                    dropped = family.dropped,
                    hint = "lower the limits of its labels, or read fewer objects",
                    "a metric has too many series; series over the limit are dropped"
                );
                0
            });
            *total += family.dropped;
        }
    }

    /// Writes the counters.
    pub(super) fn write(&self, out: &mut Snapshot) {
        for record in &self.collectors {
            for (reason, count) in Reason::ALL.into_iter().zip(record.failures) {
                let labels = FailureLabels { collector: record.name.clone(), reason };
                out.counter(&COLLECTOR_FAILURES, labels, count as f64);
            }
        }
        for (family, count) in &self.dropped {
            out.counter(&SERIES_DROPPED, FamilyLabels { family }, *count as f64);
        }
    }

    pub(super) fn status(&self) -> Vec<CollectorStatus> {
        let status = |it: &Record| CollectorStatus {
            name: it.name.clone(),
            last: it.last.clone(),
            notes: Vec::new(),
        };
        self.collectors.iter().map(status).collect()
    }
}
