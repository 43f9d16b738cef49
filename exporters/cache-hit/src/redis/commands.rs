//! Commands: calls, time, failures, and how long each call takes.

use std::{collections::BTreeMap, sync::Arc};

use common::{
    cap::OTHER,
    collector::{CollectError, Collector},
    labels::Text,
    redis::{Mode, Redis, Session},
    snapshot::{HistogramValue, Snapshot},
};
use futures::{FutureExt, future::BoxFuture, join};
use tokio::time::Instant;

use super::{
    caps::Caps,
    info::{self, Info, Parts},
    latency::{self, Durations},
};
use crate::metrics::redis::commands::{
    COMMAND_DURATION, COMMANDS, COMMANDS_DURATION, COMMANDS_FAILED, COMMANDS_REJECTED,
    CommandLabels, DURATION_BUCKETS, ERRORS, ErrorLabels,
};

/// Reads the statistics of commands.
#[derive(Debug)]
pub(super) struct Commands {
    redis: Redis,
    caps: Arc<Caps>,
    bounds: Arc<[f64]>,
}

/// What commands have in common that share a label.
#[derive(Debug, Default)]
struct Sums {
    calls: Option<f64>,
    seconds: Option<f64>,
    failed: Option<f64>,
    rejected: Option<f64>,
}

impl Commands {
    pub(super) fn new(redis: &Redis, caps: &Arc<Caps>) -> Self {
        Self { redis: redis.clone(), caps: Arc::clone(caps), bounds: DURATION_BUCKETS.into() }
    }

    async fn read(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let doing = "reading the statistics of commands";
        let (commands, errors) = join!(
            session.text(doing, &["INFO", "commandstats"]),
            session.text(doing, &["INFO", "errorstats"]),
        );
        let commands = commands?;
        let text = info::text(&commands);
        let info = Info::parse(&text);
        // What may be read is shown, though the histograms may not.
        let (durations, refusal) = match self.durations(session, &info).await {
            Ok(durations) => (durations, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        let errors = errors?;
        self.write(&info, &Info::parse(&info::text(&errors)), durations, out);
        refusal
    }

    /// Asks for the histograms of the commands that take most time, and of no others: the server
    /// works through each of them while everybody else waits.
    async fn durations(
        &self,
        session: &Session,
        info: &Info<'_>,
    ) -> Result<Vec<(String, Durations)>, CollectError> {
        // Older servers have none.
        if session.version().is_none_or(|it| it < (7, 0)) {
            return Ok(Vec::new());
        }
        let mut words = vec!["LATENCY", "HISTOGRAM"];
        for (command, parts) in by_most(info, "cmdstat_", "usec") {
            let called = parts.number("calls").is_some_and(|it| it > 0.0);
            if called && self.caps.histograms.fold(&command.to_lowercase()) != OTHER {
                words.push(command);
            }
        }
        // Without a name it would ask for all.
        if words.len() == 2 {
            return Ok(Vec::new());
        }
        let answer = session.ask("reading how long commands take", &words).await?;
        Ok(latency::read(&answer))
    }

    /// Writes what the answers have.
    pub(super) fn write(
        &self,
        commands: &Info<'_>,
        errors: &Info<'_>,
        durations: Vec<(String, Durations)>,
        out: &mut Snapshot,
    ) {
        self.write_commands(commands, out);
        self.write_errors(errors, out);
        self.write_durations(commands, durations, out);
        self.caps.write_commands(out);
    }

    fn write_commands(&self, info: &Info<'_>, out: &mut Snapshot) {
        let mut sums: BTreeMap<Text, Sums> = BTreeMap::new();
        for (command, parts) in by_most(info, "cmdstat_", "calls") {
            let sum = sums.entry(self.caps.commands.fold(&command.to_lowercase())).or_default();
            let [calls, micros, failed, rejected] =
                parts.numbers(["calls", "usec", "failed_calls", "rejected_calls"]);
            add(&mut sum.calls, calls);
            add(&mut sum.seconds, micros.map(|it| it / 1e6));
            add(&mut sum.failed, failed);
            add(&mut sum.rejected, rejected);
        }
        for (cmd, sum) in sums {
            let labels = || CommandLabels { cmd: cmd.clone() };
            out.counter(&COMMANDS, labels(), sum.calls);
            out.counter(&COMMANDS_DURATION, labels(), sum.seconds);
            out.counter(&COMMANDS_FAILED, labels(), sum.failed);
            out.counter(&COMMANDS_REJECTED, labels(), sum.rejected);
        }
    }

    fn write_errors(&self, info: &Info<'_>, out: &mut Snapshot) {
        let mut sums: BTreeMap<Text, Option<f64>> = BTreeMap::new();
        for (err, parts) in by_most(info, "errorstat_", "count") {
            add(sums.entry(self.caps.errors.fold(err)).or_default(), parts.number("count"));
        }
        for (err, count) in sums {
            out.counter(&ERRORS, ErrorLabels { err }, count);
        }
    }

    fn write_durations(
        &self,
        info: &Info<'_>,
        commands: Vec<(String, Durations)>,
        out: &mut Snapshot,
    ) {
        let mut sums: BTreeMap<Text, (Vec<u64>, f64)> = BTreeMap::new();
        for (command, durations) in commands {
            // The same name as in commandstats, where the time stands that they took together.
            let stat = info.get(&format!("cmdstat_{command}")).map(Parts);
            let seconds = stat.and_then(|it| it.number("usec")).map(|it| it / 1e6);
            let counts = durations.counts(&self.bounds);
            let cmd = command.to_lowercase().into();
            let sum = sums.entry(cmd).or_insert_with(|| (vec![0; counts.len()], 0.0));
            for (all, count) in sum.0.iter_mut().zip(counts) {
                *all = all.saturating_add(count);
            }
            sum.1 += seconds.unwrap_or_else(|| durations.at_most());
        }
        for (cmd, (counts, seconds)) in sums {
            let value = HistogramValue::of_counts(Arc::clone(&self.bounds), &counts, seconds);
            out.histogram(&COMMAND_DURATION, CommandLabels { cmd }, value);
        }
    }
}

/// The fields that begin so, the one with the most first: it is the last to be folded.
fn by_most<'a>(info: &Info<'a>, prefix: &str, part: &str) -> Vec<(&'a str, Parts<'a>)> {
    let found = info.beginning(prefix).map(|(name, value)| {
        let parts = Parts(value);
        (parts.number(part).unwrap_or_default(), name, parts)
    });
    let mut found: Vec<_> = found.collect();
    found.sort_unstable_by(|(a, one, _), (b, other, _)| b.total_cmp(a).then(one.cmp(other)));
    found.into_iter().map(|(_, name, parts)| (name, parts)).collect()
}

fn add(sum: &mut Option<f64>, part: Option<f64>) {
    if let Some(part) = part {
        *sum = Some(sum.unwrap_or_default() + part);
    }
}

impl Collector for Commands {
    fn name(&self) -> &'static str {
        "redis_commands"
    }

    fn collect<'a>(
        &'a self,
        deadline: Instant,
        out: &'a mut Snapshot,
    ) -> BoxFuture<'a, Result<(), CollectError>> {
        async move {
            let session = self.redis.session(deadline).await?;
            if session.mode() == Mode::Sentinel {
                return Ok(());
            }
            self.read(&session, out).await
        }
        .boxed()
    }
}
