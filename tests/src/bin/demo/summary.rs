//! A summary of the running system, queried from Prometheus as a dashboard does.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use e2e::{
    Live, StackError,
    live::{PROFILE, interval},
    prometheus::ActiveAlert,
};
use pool_usage::metrics::{
    connections::{CLIENT_BACKENDS, MAX_CONNECTIONS, POOL_AVAILABLE},
    pgbouncer::CLIENT_WAITING,
};
use postgres_queue::metrics::{
    FAILED, FINISHED, JOBS, OLDEST_READY_AGE, QueueLabels, State, StateLabels,
};
use promql::prelude::*;

/// The state of the system at one time.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    queues: BTreeMap<String, Queue>,
    connections: [Option<f64>; 4],
    alerts: Vec<ActiveAlert>,
    sent: VecDeque<String>,
    notifications: usize,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: f64,
    running: f64,
    oldest: f64,
    done: f64,
    failed: f64,
}

type Column = fn(&mut Queue) -> &mut f64;

/// The receiver that only shows that alerting works.
const QUIET: &str = "watchdog";

/// The number of notifications shown.
const SHOWN: usize = 4;

impl Summary {
    pub(crate) async fn read(live: &Live, scale: f64) -> Result<Self, StackError> {
        let mut summary = Self::default();
        // A rate needs a few scrapes; four are safe.
        let window = Duration::from_secs(15).max(interval(scale) * 5);
        let waiting = [State::Ready, State::Scheduled, State::Retrying];
        let (by, per_minute) = (StateLabels::queue, 60.0);
        let waiting = JOBS.filter(StateLabels::state.one_of(waiting)).sum().by(by);
        let running = JOBS.filter(StateLabels::state.eq(State::Running)).sum().by(by);
        let oldest = OLDEST_READY_AGE.max().by(QueueLabels::queue);
        let done = FINISHED.rate(window).sum().by(QueueLabels::queue) * per_minute;
        let failed = FAILED.rate(window).sum().by(QueueLabels::queue) * per_minute;
        let columns: [(String, Column); 5] = [
            (waiting.to_string(), |queue| &mut queue.waiting),
            (running.to_string(), |queue| &mut queue.running),
            (oldest.to_string(), |queue| &mut queue.oldest),
            (done.to_string(), |queue| &mut queue.done),
            (failed.to_string(), |queue| &mut queue.failed),
        ];
        for (expr, column) in columns {
            for sample in live.prometheus.query(&expr).await? {
                let queue = summary.queues.entry(sample.label("queue").to_owned()).or_default();
                *column(queue) = sample.value;
            }
        }
        let connections = [
            CLIENT_BACKENDS.max().by(()).to_string(),
            MAX_CONNECTIONS.max().by(()).to_string(),
            POOL_AVAILABLE.min().by(()).to_string(),
            CLIENT_WAITING.sum().by(()).to_string(),
        ];
        for (expr, value) in connections.iter().zip(&mut summary.connections) {
            *value = live.prometheus.value(expr).await?;
        }
        summary.alerts = live.prometheus.alerts().await?;
        summary.alerts.retain(|alert| name(&alert.labels) != "Watchdog");
        for notification in live.sink.notifications() {
            if notification.receiver == QUIET {
                continue;
            }
            summary.notifications += 1;
            for alert in &notification.alerts {
                let sent = format!("{}: {} {}", notification.receiver, alert.name(), alert.status);
                if summary.sent.back() != Some(&sent) {
                    summary.sent.push_back(sent);
                }
            }
        }
        let extra = summary.sent.len().saturating_sub(SHOWN);
        summary.sent.drain(..extra);
        Ok(summary)
    }

    pub(crate) fn has_data(&self) -> bool {
        !self.queues.is_empty()
    }

    fn connections(&self) -> String {
        let shown =
            self.connections.map(|it| it.map_or_else(|| "?".to_owned(), |it| it.to_string()));
        let [taken, most, left, waiting] = shown;
        format!("connections {taken} of {most}, pool web has {left} left, {waiting} clients wait")
    }

    fn alerts(&self) -> String {
        let mut states: BTreeMap<String, &str> = BTreeMap::new();
        for alert in &self.alerts {
            let step = alert.labels.get("escalation").map(|it| format!(" ({it})"));
            let key = format!("{}{}", name(&alert.labels), step.unwrap_or_default());
            // The same alert on several queues: the worst state.
            let state = states.entry(key).or_insert(&alert.state);
            if alert.state == "firing" {
                *state = &alert.state;
            }
        }
        if states.is_empty() {
            return "none".to_owned();
        }
        let shown: Vec<_> = states.iter().map(|(name, state)| format!("{name} {state}")).collect();
        shown.join(" · ")
    }

    /// As a table that is refreshed in place.
    fn table(&self) -> String {
        let mut text = format!(
            "{}  {}\n{:<12}{:>9}{:>9}{:>10}{:>10}{:>12}\n",
            PROFILE.title,
            clock(),
            "queue",
            "waiting",
            "running",
            "oldest",
            "done/min",
            "failed/min"
        );
        for (name, queue) in &self.queues {
            let _ = writeln!(
                text,
                "{name:<12}{:>9}{:>9}{:>9.1}s{:>10.1}{:>12.1}",
                queue.waiting, queue.running, queue.oldest, queue.done, queue.failed
            );
        }
        if !self.has_data() {
            text += "no data yet\n";
        }
        let _ = writeln!(text, "{}", self.connections());
        let _ = writeln!(text, "alerts: {}", self.alerts());
        let _ = writeln!(text, "sent:   {} notifications", self.notifications);
        for line in &self.sent {
            let _ = writeln!(text, "        {line}");
        }
        text
    }

    /// As a line of a log.
    fn line(&self) -> String {
        if !self.has_data() {
            return format!("{} no data yet\n", clock());
        }
        let sum = |column: fn(&Queue) -> f64| self.queues.values().map(column).sum::<f64>();
        let depths: Vec<_> =
            self.queues.iter().map(|(name, queue)| format!("{name} {}", queue.waiting)).collect();
        let oldest = self.queues.values().map(|queue| queue.oldest).fold(0.0, f64::max);
        format!(
            "{} waiting {} ({}), running {}, oldest {oldest:.1}s, done {:.1}/min, failed {:.1}/min; \
             {}; alerts: {}; sent: {}\n",
            clock(),
            sum(|queue| queue.waiting),
            depths.join(", "),
            sum(|queue| queue.running),
            sum(|queue| queue.done),
            sum(|queue| queue.failed),
            self.connections(),
            self.alerts(),
            self.sent.back().map_or("nothing", String::as_str),
        )
    }
}

fn name(labels: &BTreeMap<String, String>) -> &str {
    labels.get("alertname").map_or("", String::as_str)
}

/// The time of day, UTC as in the alerts.
fn clock() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("{:02}:{:02}:{:02} UTC", now / 3600 % 24, now / 60 % 60, now % 60)
}

/// Where the summary is shown: in place on a terminal, as lines elsewhere.
#[derive(Debug)]
pub(crate) struct Screen {
    terminal: bool,
    shown: usize,
    notes: Vec<String>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self { terminal: io::stdout().is_terminal(), shown: 0, notes: Vec::new() }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// A line was typed, which moved the cursor.
    pub(crate) fn typed(&mut self) {
        self.shown += usize::from(self.shown > 0);
    }

    /// Something to say above the next summary.
    pub(crate) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    pub(crate) fn show(&mut self, summary: &Summary) -> io::Result<()> {
        let mut text = String::new();
        if self.terminal && self.shown > 0 {
            // Moves the cursor to the start of the last summary and clears the rest.
            let _ = write!(text, "\x1b[{}A\r\x1b[J", self.shown);
        }
        for note in self.notes.drain(..) {
            let _ = writeln!(text, "> {note}");
        }
        if self.terminal {
            let table = summary.table();
            self.shown = table.lines().count();
            // Long lines are cut, not wrapped: else the count of lines would be wrong.
            let _ = write!(text, "\x1b[?7l{table}\x1b[?7h");
        } else {
            text += &summary.line();
        }
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}
