//! How long the calls of commands take: one histogram for each of those that take most time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use common::{
    metric::LabelText,
    scrape::{CollectError, HistogramValue, Snapshot, label_limit::OTHER},
    source::redis::Session,
};
use tokio::task::yield_now;

use super::{Stat, by_most, label};
use crate::{
    metrics::redis::commands::{COMMAND_DURATION, CommandLabels, DURATION_BUCKETS},
    redis::{
        caps::Caps,
        latency::{self, Durations},
    },
};

/// Asks for histograms of some commands and never of all: the server works through each of them
/// while everybody else waits.
#[derive(Debug)]
pub(super) struct Histograms {
    caps: Arc<Caps>,
    bounds: Arc<[f64]>,
    /// The commands that were asked for last.
    known: Mutex<Vec<String>>,
}

/// A command whose histogram is wanted, and how long its calls took together.
#[derive(Debug)]
pub(super) struct Timed {
    command: String,
    seconds: Option<f64>,
}

/// Histograms as they were answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    asked: Vec<String>,
    durations: Vec<(String, Durations)>,
}

impl Histograms {
    pub(super) fn new(caps: &Arc<Caps>) -> Self {
        let bounds = DURATION_BUCKETS.into();
        Self { caps: Arc::clone(caps), bounds, known: Mutex::default() }
    }

    /// The commands that take most time, as many as the cap lets in.
    pub(super) fn choose(&self, stats: &[(&str, Stat)]) -> Vec<Timed> {
        let called = by_most(stats, |it| it.micros)
            .filter(|(_, stat)| stat.calls.is_some_and(|it| it > 0.0))
            .filter(|(command, _)| self.caps.histograms.fold(&label(command)) != OTHER);
        called
            .map(|(command, stat)| Timed { command: command.to_owned(), seconds: stat.seconds() })
            .collect()
    }

    /// Asks for those that were asked for last, before it is known which are wanted now: they
    /// are mostly the same. It goes behind the questions asked meanwhile, so that the server
    /// works on it while their answers are written.
    pub(super) async fn ahead(&self, session: &Session) -> Result<Answer, CollectError> {
        yield_now().await;
        let asked = self.known().clone();
        let durations = ask(session, &asked).await?;
        Ok(Answer { asked, durations })
    }

    /// Asks for those that are wanted and not in the answer, and writes all.
    pub(super) async fn complete(
        &self,
        session: &Session,
        answer: Result<Answer, CollectError>,
        wanted: &[Timed],
        out: &mut Snapshot,
    ) -> Result<(), CollectError> {
        *self.known() = wanted.iter().map(|it| it.command.clone()).collect();
        let Answer { asked, mut durations } = answer?;
        let names = wanted.iter().map(|it| &it.command);
        let new: Vec<_> = names.filter(|it| !asked.contains(it)).cloned().collect();
        let refusal = ask(session, &new).await.map(|it| durations.extend(it));
        self.write(wanted, durations, out);
        refusal
    }

    /// Writes the histograms that are wanted and answered. One that is answered and not wanted was
    /// called first just now: what its calls took together is not known yet.
    pub(super) fn write(
        &self,
        wanted: &[Timed],
        durations: Vec<(String, Durations)>,
        out: &mut Snapshot,
    ) {
        let mut sums: BTreeMap<LabelText, (Vec<u64>, f64)> = BTreeMap::new();
        for (command, durations) in durations {
            let Some(timed) = wanted.iter().find(|it| it.command == command) else { continue };
            let counts = durations.counts(&self.bounds);
            let cmd = label(&command).into_owned().into();
            let sum = sums.entry(cmd).or_insert_with(|| (vec![0; counts.len()], 0.0));
            for (all, count) in sum.0.iter_mut().zip(counts) {
                *all = all.saturating_add(count);
            }
            sum.1 += timed.seconds.unwrap_or_else(|| durations.at_most());
        }
        for (cmd, (counts, seconds)) in sums {
            let value = HistogramValue::of_counts(Arc::clone(&self.bounds), &counts, seconds);
            out.histogram(&COMMAND_DURATION, CommandLabels { cmd }, value);
        }
    }

    fn known(&self) -> MutexGuard<'_, Vec<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(
    session: &Session,
    commands: &[String],
) -> Result<Vec<(String, Durations)>, CollectError> {
    // Older servers have none, and without a name all would be asked for.
    if commands.is_empty() || session.version().is_none_or(|it| it < (7, 0)) {
        return Ok(Vec::new());
    }
    let mut words = vec!["LATENCY", "HISTOGRAM"];
    words.extend(commands.iter().map(String::as_str));
    let answer = session.command("reading how long commands take", &words).await?;
    Ok(latency::read(&answer))
}
