//! Alerts on jobs that wait, arrive or run for too long.

use postgres_queue::metrics::{
    ENQUEUED, JOBS, LATENCY, OLDEST_READY_AGE, QueueLabels, STUCK_JOBS, State, StateLabels,
};
use profiles::Queues;
use promql::prelude::*;

use super::{jobs_pending, queue, runbooks};
use crate::{
    alert::{Alert, LOOKBACK, Severity},
    case::{Series, growing, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{panel::PanelKey, queue::DASHBOARD};

    pub const WAITING: PanelKey = PanelKey::new(DASHBOARD, "Waiting jobs");
    pub const OLDEST_READY: PanelKey = PanelKey::new(DASHBOARD, "Age of the oldest ready job");
    pub const LATENCY: PanelKey = PanelKey::new(DASHBOARD, "Latency");
    pub const STUCK: PanelKey = PanelKey::new(DASHBOARD, "Stuck jobs");
    pub const THROUGHPUT: PanelKey = PanelKey::new(DASHBOARD, "Arrivals and completions");
}

pub(super) fn alerts(queues: &Queues) -> Vec<Alert> {
    vec![backup(queues), oldest_waits(queues), latency(queues), stuck(queues), demand(queues)]
}

fn backup(queues: &Queues) -> Alert {
    let limit = queues.limits.pending;
    let pending = jobs_pending();
    let waiting = |jobs: f64| {
        vec![
            Series::of(&JOBS, in_state("email", State::Ready), steady(jobs - 1.0)),
            Series::of(&JOBS, in_state("email", State::Scheduled), steady(1.0)),
            Series::of(&JOBS, in_state("email", State::Running), steady(1000.0)),
        ]
    };
    Alert {
        name: "QueueBackup".into(),
        condition: pending.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "Jobs pile up in a queue.".into(),
        description: "{{ $value }} jobs of `{{ $labels.source }}` wait on {{ $labels.instance }}."
            .into(),
        panel: panels::WAITING,
        runbook: runbooks::waiting(
            queues,
            "More jobs wait than the threshold allows.",
            JOBS.filter(StateLabels::state.ne(State::Running))
                .sum()
                .by((StateLabels::queue, StateLabels::state)),
        ),
        fires: waiting(limit.value + 1.0),
        silent: waiting(limit.value),
    }
}

fn oldest_waits(queues: &Queues) -> Alert {
    let limit = queues.limits.oldest_ready;
    let age = |seconds: f64| vec![Series::of(&OLDEST_READY_AGE, queue("email"), steady(seconds))];
    Alert {
        name: "QueueOldestJobTooOld".into(),
        condition: OLDEST_READY_AGE.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "No worker takes a job that is ready.".into(),
        description: "The oldest ready job of queue `{{ $labels.queue }}` has been waiting for \
                      {{ $value | humanizeDuration }} on {{ $labels.instance }}."
            .into(),
        panel: panels::OLDEST_READY,
        runbook: runbooks::waiting(
            queues,
            "The oldest ready job has been waiting for too long. This shows that workers \
                      have stopped, even if few jobs wait.",
            OLDEST_READY_AGE.sort_desc(),
        ),
        fires: age(limit.value + 1.0),
        silent: age(limit.value),
    }
}

fn latency(queues: &Queues) -> Alert {
    let (limit, window) = (queues.limits.latency, queues.limits.window);
    let mean = |seconds: f64| {
        vec![
            Series::part(&LATENCY, "_sum", queue("email"), growing(seconds)),
            Series::part(&LATENCY, "_count", queue("email"), growing(1.0)),
        ]
    };
    Alert {
        name: "QueueLatencyHigh".into(),
        condition: LATENCY.mean(window).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Jobs take too long from creation to completion.".into(),
        description: "Jobs of queue `{{ $labels.queue }}` take {{ $value | humanizeDuration }} on \
                      average on {{ $labels.instance }}."
            .into(),
        panel: panels::LATENCY,
        runbook: runbooks::waiting(
            queues,
            "Jobs are finished, but on average too long after they were created.",
            LATENCY.mean(window).sort_desc(),
        ),
        fires: mean(limit.value + 1.0),
        silent: mean(limit.value),
    }
}

fn stuck(queues: &Queues) -> Alert {
    let limit = queues.limits.stuck;
    let stuck = |jobs: f64| vec![Series::of(&STUCK_JOBS, queue("report"), steady(jobs))];
    Alert {
        name: "QueueJobsStuck".into(),
        condition: STUCK_JOBS.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Jobs run for longer than a job may take.".into(),
        description: "{{ $value }} jobs of queue `{{ $labels.queue }}` are stuck on \
                      {{ $labels.instance }}."
            .into(),
        panel: panels::STUCK,
        runbook: runbooks::stuck(queues, STUCK_JOBS.sort_desc()),
        fires: stuck(limit.value + 1.0),
        silent: stuck(limit.value),
    }
}

fn demand(queues: &Queues) -> Alert {
    let (limit, window) = (queues.limits.demand, queues.limits.window);
    let demand = || ENQUEUED.rate(window).sum().without(QueueLabels::queue);
    let arriving =
        |per_second: f64| vec![Series::of(&ENQUEUED, queue("email"), growing(15.0 * per_second))];
    Alert {
        name: "QueueDemandNearCapacity".into(),
        condition: demand().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Jobs arrive at nearly the workers' capacity.".into(),
        description: "{{ $value | humanize }} jobs a second arrive in `{{ $labels.source }}` on \
                      {{ $labels.instance }}."
            .into(),
        panel: panels::THROUGHPUT,
        runbook: runbooks::demand(queues, ENQUEUED.rate(window).sort_desc()),
        fires: arriving(limit.value * 1.05),
        silent: arriving(limit.value * 0.95),
    }
}

fn in_state(name: &'static str, state: State) -> StateLabels {
    StateLabels { source: "jobs".into(), queue: name.into(), state }
}
