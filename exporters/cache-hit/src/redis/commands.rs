//! Commands: calls, time, failures, and the durations of calls.

mod histograms;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot},
    source::redis::{Mode, Session, SessionCollector},
};
use futures::join;
use tokio::task::yield_now;

use self::histograms::Histograms;
#[cfg(test)]
use super::latency;
use super::{
    caps::Caps,
    info::{self, Info, Parts},
};
use crate::metrics::redis::commands::{
    COMMANDS, COMMANDS_DURATION, COMMANDS_FAILED, COMMANDS_REJECTED, CommandLabels, ERRORS,
    ErrorLabels,
};

#[derive(Debug)]
pub(super) struct Commands {
    caps: Arc<Caps>,
    histograms: Histograms,
}

/// The statistics of one command, or of several that share a label.
#[derive(Clone, Copy, Debug, Default)]
struct Stat {
    calls: Option<f64>,
    micros: Option<f64>,
    failed: Option<f64>,
    rejected: Option<f64>,
}

impl Commands {
    pub(super) fn new(caps: &Arc<Caps>) -> Self {
        Self { caps: Arc::clone(caps), histograms: Histograms::new(caps) }
    }
}

impl SessionCollector<Session> for Commands {
    fn name(&self) -> &'static str {
        "redis_commands"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        if session.mode() == Mode::Sentinel {
            return Ok(());
        }
        let doing = "reading the statistics of commands";
        let statistics = async {
            let (commands, errors) = join!(
                session.text(doing, &["INFO", "commandstats"]),
                session.text(doing, &["INFO", "errorstats"]),
            );
            let (commands, errors) = (commands?, errors?);
            // Lets the query for histograms be sent before the samples are written.
            yield_now().await;
            let text = info::text(&commands);
            let stats = stats(&Info::parse(&text));
            self.write(&stats, &Info::parse(&info::text(&errors)), out);
            Ok(self.histograms.choose(&stats))
        };
        let (answer, wanted) = join!(self.histograms.ahead(session), statistics);
        // The statistics are written even if the histograms fail.
        let result = self.histograms.complete(session, answer, &wanted?, out).await;
        self.caps.write_commands(out);
        result
    }
}

impl Commands {
    /// Writes answers without a server, for tests.
    #[cfg(test)]
    pub(super) fn take(
        &self,
        info: &Info<'_>,
        durations: Vec<(String, latency::Durations)>,
        out: &mut Snapshot,
    ) {
        let stats = stats(info);
        self.write(&stats, info, out);
        self.histograms.write(&self.histograms.choose(&stats), durations, out);
        self.caps.write_commands(out);
    }

    /// Writes the statistics of commands and of errors.
    fn write(&self, stats: &[(&str, Stat)], errors: &Info<'_>, out: &mut Snapshot) {
        let mut sums: BTreeMap<LabelText, Stat> = BTreeMap::new();
        for (command, stat) in by_most(stats, |it| it.calls) {
            let sum = sums.entry(self.caps.commands.fold(&label(command))).or_default();
            add(&mut sum.calls, stat.calls);
            add(&mut sum.micros, stat.micros);
            add(&mut sum.failed, stat.failed);
            add(&mut sum.rejected, stat.rejected);
        }
        let mut write = |metric, part: fn(&Stat) -> Option<f64>| {
            for (cmd, sum) in &sums {
                out.counter(metric, CommandLabels { cmd: cmd.clone() }, part(sum));
            }
        };
        write(&COMMANDS, |it| it.calls);
        write(&COMMANDS_DURATION, Stat::seconds);
        write(&COMMANDS_FAILED, |it| it.failed);
        write(&COMMANDS_REJECTED, |it| it.rejected);

        let counts = errors.beginning("errorstat_");
        let counts: Vec<_> = counts.map(|(it, text)| (it, Parts(text).number("count"))).collect();
        let mut sums: BTreeMap<LabelText, Option<f64>> = BTreeMap::new();
        for (err, count) in by_most(&counts, |it| *it) {
            add(sums.entry(self.caps.errors.fold(err)).or_default(), *count);
        }
        for (err, count) in sums {
            out.counter(&ERRORS, ErrorLabels { err }, count);
        }
    }
}

impl Stat {
    fn seconds(&self) -> Option<f64> {
        self.micros.map(|it| it / 1e6)
    }
}

/// The statistics of each command, in order of their names.
fn stats<'a>(info: &Info<'a>) -> Vec<(&'a str, Stat)> {
    let stat = |(command, text)| {
        let names = ["calls", "usec", "failed_calls", "rejected_calls"];
        let [calls, micros, failed, rejected] = Parts(text).numbers(names);
        (command, Stat { calls, micros, failed, rejected })
    };
    info.beginning("cmdstat_").map(stat).collect()
}

/// A command's name in lower case, as servers mostly write it.
fn label(command: &str) -> Cow<'_, str> {
    let lower = command.bytes().all(|it| it.is_ascii() && !it.is_ascii_uppercase());
    if lower { Cow::Borrowed(command) } else { Cow::Owned(command.to_lowercase()) }
}

/// In descending order, so that the largest are not folded; the sort is stable.
fn by_most<'s, 'a, T>(
    all: &'s [(&'a str, T)],
    part: impl Fn(&T) -> Option<f64>,
) -> impl Iterator<Item = (&'a str, &'s T)> {
    let most = |it: &T| part(it).unwrap_or_default();
    let mut all: Vec<_> = all.iter().map(|(name, it)| (most(it), *name, it)).collect();
    all.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
    all.into_iter().map(|(_, name, it)| (name, it))
}

fn add(sum: &mut Option<f64>, part: Option<f64>) {
    if let Some(part) = part {
        *sum = Some(sum.unwrap_or_default() + part);
    }
}
