//! Histograms of the durations of calls, for the commands with the most total time.

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

/// Reads the histograms of some commands, never of all: the server serves no other client while it
/// collects them.
#[derive(Debug)]
pub(super) struct Histograms {
    caps: Arc<Caps>,
    bounds: Arc<[f64]>,
    /// The commands of the last scrape.
    known: Mutex<Vec<String>>,
}

/// A command with a histogram, and the total time of its calls.
#[derive(Debug)]
pub(super) struct Timed {
    command: String,
    seconds: Option<f64>,
}

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

    /// The commands with the most total time, up to the limit.
    pub(super) fn choose(&self, stats: &[(&str, Stat)]) -> Vec<Timed> {
        let called = by_most(stats, |it| it.micros)
            .filter(|(_, stat)| stat.calls.is_some_and(|it| it > 0.0))
            .filter(|(command, _)| self.caps.histograms.fold(&label(command)) != OTHER);
        called
            .map(|(command, stat)| Timed { command: command.to_owned(), seconds: stat.seconds() })
            .collect()
    }

    /// Queries the histograms of the last scrape's commands, before it is known which commands take
    /// the most time now: they are mostly the same. The query is sent after the other queries of
    /// this scrape, so that the server works on it while their answers are written.
    pub(super) async fn ahead(&self, session: &Session) -> Result<Answer, CollectError> {
        yield_now().await;
        let asked = self.known().clone();
        let durations = query(session, &asked).await?;
        Ok(Answer { asked, durations })
    }

    /// Queries the histograms that are missing in the answer, and writes all.
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
        let refusal = query(session, &new).await.map(|it| durations.extend(it));
        self.write(wanted, durations, out);
        refusal
    }

    /// Writes the histograms that are wanted and answered. A command that is answered but not wanted
    /// was called for the first time just now, so its total time is not known yet.
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

async fn query(
    session: &Session,
    commands: &[String],
) -> Result<Vec<(String, Durations)>, CollectError> {
    // Older servers have no histograms, and without a name the server would return all.
    if commands.is_empty() || session.version().is_none_or(|it| it < (7, 0)) {
        return Ok(Vec::new());
    }
    let mut words = vec!["LATENCY", "HISTOGRAM"];
    words.extend(commands.iter().map(String::as_str));
    let answer = session.command("reading the durations of commands", &words).await?;
    Ok(latency::read(&answer))
}
