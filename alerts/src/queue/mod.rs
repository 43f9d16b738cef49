//! Alerts on job queues: backlog, age, latency, success, failure, stuck jobs, demand, delivery.

mod runbooks;
mod trust;

use std::{borrow::Cow, time::Duration};

use common::{
    labels::Text,
    promql::{LabelMatcher, prelude::*},
};
use postgres_queue::metrics::{
    CRON_LAST_STATUS, CronStatus, CronStatusLabels, ENQUEUED, ERRORS, FAILED, FINISHED, JOBS,
    LATENCY, OLDEST_READY_AGE, Outcome, OutcomeLabels, QueueLabels, RUN, STUCK_JOBS, State,
    StateLabels, WINDOW_JOBS,
};
use profiles::{Delivery, Limit, Queues};

use crate::{
    alert::{Alert, Case, PanelLink, Series, Severity},
    component::Component,
};

/// The exporter that measures queues.
pub const COMPONENT: &str = "postgres-queue";
/// The dashboard that shows them.
pub const DASHBOARD: &str = "queue";

/// Gauges are read through their maximum over this, so that a missed scrape ends no alert.
const PATIENCE: Duration = minutes(1);

/// The series that every operator's rule on the backlog names.
pub fn jobs_pending() -> Record<StateLabels> {
    Record::new(
        "queue_jobs_pending",
        JOBS.filter(StateLabels::state.one_of([State::Ready, State::Scheduled, State::Retrying]))
            .sum()
            .without((StateLabels::queue, StateLabels::state)),
    )
}

/// Every alert on the system's queues.
pub fn alerts(queues: &Queues) -> Vec<Alert> {
    let mut alerts = vec![
        backup(queues),
        oldest_waits(queues),
        latency(queues),
        success(queues),
        failure(queues),
        stuck(queues),
        demand(queues),
        cron(queues),
        trust::counted_late(),
        trust::reading_too_old(),
    ];
    for delivery in queues.deliveries {
        alerts.extend(delivery.success.map(|limit| undelivered(queues, delivery, limit)));
        alerts.extend(delivery.run.map(|limit| delivered_slowly(queues, delivery, limit)));
    }
    alerts
}

fn backup(queues: &Queues) -> Alert {
    let limit = queues.limits.pending;
    let pending = jobs_pending();
    let waiting = |jobs: f64| Case {
        series: vec![
            Series::of(&JOBS, in_state("email", State::Ready), &steady(jobs - 1.0)),
            Series::of(&JOBS, in_state("email", State::Scheduled), &steady(1.0)),
            Series::of(&JOBS, in_state("email", State::Running), &steady(1000.0)),
        ],
        at: limit.hold + minutes(3),
    };
    Alert {
        name: "QueueBackup".into(),
        condition: pending.max_over_time(PATIENCE).gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Critical,
        component: Component::One(COMPONENT),
        summary: "Jobs pile up in a queue.".into(),
        description: "{{ $value }} jobs of `{{ $labels.source }}` wait on {{ $labels.instance }}."
            .into(),
        panel: panel("Waiting jobs"),
        runbook: runbooks::waiting(
            queues,
            "More jobs wait than the workers should ever leave waiting.",
            JOBS.filter(StateLabels::state.ne(State::Running))
                .sum()
                .by((StateLabels::queue, StateLabels::state))
                .to_string(),
        ),
        fires: waiting(limit.value + 1.0),
        silent: waiting(limit.value),
    }
}

fn oldest_waits(queues: &Queues) -> Alert {
    let limit = queues.limits.oldest_ready;
    let age = |seconds: f64| Case {
        series: vec![Series::of(&OLDEST_READY_AGE, queue("email"), &steady(seconds))],
        at: limit.hold + minutes(3),
    };
    Alert {
        name: "QueueOldestJobTooOld".into(),
        condition: OLDEST_READY_AGE.max_over_time(PATIENCE).gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Critical,
        component: Component::One(COMPONENT),
        summary: "A job that could run is not taken.".into(),
        description: "The oldest ready job of queue `{{ $labels.queue }}` has been waiting for \
                      {{ $value | humanizeDuration }} on {{ $labels.instance }}."
            .into(),
        panel: panel("Age of the oldest ready job"),
        runbook: runbooks::waiting(
            queues,
            "The oldest job that could run has been waiting for too long. This shows a standstill \
             even where few jobs wait.",
            OLDEST_READY_AGE.sort_desc().to_string(),
        ),
        fires: age(limit.value + 1.0),
        silent: age(limit.value),
    }
}

fn latency(queues: &Queues) -> Alert {
    let (limit, window) = (queues.limits.latency, queues.limits.window);
    let mean = |seconds: f64| Case {
        series: vec![
            Series::part(&LATENCY, "_sum", queue("email"), &growing(seconds)),
            Series::part(&LATENCY, "_count", queue("email"), &growing(1.0)),
        ],
        at: window + limit.hold + minutes(3),
    };
    Alert {
        name: "QueueLatencyHigh".into(),
        condition: LATENCY.mean(window).gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component: Component::One(COMPONENT),
        summary: "Jobs take too long from creation to completion.".into(),
        description: "Jobs of queue `{{ $labels.queue }}` take {{ $value | humanizeDuration }} on \
                      average on {{ $labels.instance }}."
            .into(),
        panel: panel("Latency"),
        runbook: runbooks::waiting(
            queues,
            "Jobs are finished, but on average too long after they were created.",
            LATENCY.mean(window).sort_desc().to_string(),
        ),
        fires: mean(limit.value + 1.0),
        silent: mean(limit.value),
    }
}

/// The share of jobs that failed, of those that ended, where enough ended to tell. Where the
/// table has no finish times, those of the jobs created in the exporter's window.
fn failed_share(queues: &Queues, only: Option<&'static str>) -> Vector<QueueLabels> {
    let (window, least) = (queues.limits.window, queues.limits.least_finished);
    let name = only.map(Text::Borrowed);
    let counted = || Vec::from_iter(name.clone().map(|it| QueueLabels::queue.eq(it)));
    let in_window = || Vec::from_iter(name.clone().map(|it| OutcomeLabels::queue.eq(it)));

    let finished = || FINISHED.filter(counted());
    let failed = FAILED.filter(counted()).rate(window);
    let of_counters =
        failed.div_nonzero(finished().rate(window)).and(finished().increase(window).ge(least));

    let ended = || WINDOW_JOBS.filter(in_window()).sum().without(OutcomeLabels::outcome);
    let failed = WINDOW_JOBS
        .filter(in_window())
        .filter(OutcomeLabels::outcome.eq(Outcome::Failed))
        .sum()
        .without(OutcomeLabels::outcome);
    let of_window = failed.div_nonzero(ended()).and(ended().ge(least));

    of_counters.or(of_window.labelled())
}

fn outcomes(hold: Duration, window: Duration, name: &'static str, failed: f64) -> Case {
    Case {
        series: vec![
            Series::of(&FINISHED, queue(name), &growing(1000.0)),
            Series::of(&FAILED, queue(name), &growing(failed)),
        ],
        at: window + hold + minutes(3),
    }
}

fn success(queues: &Queues) -> Alert {
    let (limit, window) = (queues.limits.success, queues.limits.window);
    let most = 1.0 - limit.value;
    Alert {
        name: "QueueSuccessRateLow".into(),
        condition: (Scalar::from(1.0) - failed_share(queues, None)).lt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Critical,
        component: Component::One(COMPONENT),
        summary: "Too few jobs succeed.".into(),
        description: "Only {{ $value | humanizePercentage }} of the jobs of queue \
                      `{{ $labels.queue }}` succeed on {{ $labels.instance }}."
            .into(),
        panel: panel("Success rate"),
        runbook: runbooks::failing(queues, "jobs", errors(window)),
        fires: outcomes(limit.hold, window, "email", (most * 1000.0 + 1.0).round()),
        silent: outcomes(limit.hold, window, "email", (most * 1000.0 - 1.0).round()),
    }
}

fn failure(queues: &Queues) -> Alert {
    let (limit, window) = (queues.limits.failure, queues.limits.window);
    Alert {
        name: "QueueFailureRateHigh".into(),
        condition: failed_share(queues, None).gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component: Component::One(COMPONENT),
        summary: "Too many jobs fail.".into(),
        description:
            "{{ $value | humanizePercentage }} of the jobs of queue `{{ $labels.queue }}` \
                      fail on {{ $labels.instance }}."
                .into(),
        panel: panel("Failure rate"),
        runbook: runbooks::failing(queues, "jobs", errors(window)),
        fires: outcomes(limit.hold, window, "email", (limit.value * 1000.0 + 1.0).round()),
        silent: outcomes(limit.hold, window, "email", (limit.value * 1000.0 - 1.0).round()),
    }
}

fn stuck(queues: &Queues) -> Alert {
    let limit = queues.limits.stuck;
    let stuck = |jobs: f64| Case {
        series: vec![Series::of(&STUCK_JOBS, queue("report"), &steady(jobs))],
        at: limit.hold + minutes(3),
    };
    Alert {
        name: "QueueJobsStuck".into(),
        condition: STUCK_JOBS.max_over_time(PATIENCE).gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component: Component::One(COMPONENT),
        summary: "Jobs run for longer than a job may take.".into(),
        description: "{{ $value }} jobs of queue `{{ $labels.queue }}` are stuck on \
                      {{ $labels.instance }}."
            .into(),
        panel: panel("Stuck jobs"),
        runbook: runbooks::stuck(queues, STUCK_JOBS.sort_desc().to_string()),
        fires: stuck(limit.value + 1.0),
        silent: stuck(limit.value),
    }
}

fn demand(queues: &Queues) -> Alert {
    let (limit, window) = (queues.limits.demand, queues.limits.window);
    let demand = || ENQUEUED.rate(window).sum().without(QueueLabels::queue);
    let arriving = |per_second: f64| Case {
        series: vec![Series::of(&ENQUEUED, queue("email"), &growing(15.0 * per_second))],
        at: window + limit.hold + minutes(3),
    };
    Alert {
        name: "QueueDemandNearCapacity".into(),
        condition: demand().gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component: Component::One(COMPONENT),
        summary: "Jobs arrive at nearly the rate that the workers can do.".into(),
        description: "{{ $value | humanize }} jobs a second arrive in `{{ $labels.source }}` on \
                      {{ $labels.instance }}."
            .into(),
        panel: panel("Arrivals and completions"),
        runbook: runbooks::demand(queues, ENQUEUED.rate(window).sort_desc().to_string()),
        fires: arriving(limit.value * 1.05),
        silent: arriving(limit.value * 0.95),
    }
}

fn cron(queues: &Queues) -> Alert {
    let limit =
        Limit { value: 0.0, hold: minutes(1), source: "a scheduled job's last run has not failed" };
    let failed = |value: f64| Case {
        series: vec![Series::of(
            &CRON_LAST_STATUS,
            CronStatusLabels { jobname: "nightly".into(), status: CronStatus::Failed },
            &steady(value),
        )],
        at: minutes(5),
    };
    let last_failed = || CRON_LAST_STATUS.filter(CronStatusLabels::status.eq(CronStatus::Failed));
    Alert {
        name: "CronJobFailed".into(),
        condition: last_failed().max_over_time(PATIENCE).gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component: Component::One(COMPONENT),
        summary: "A scheduled job's last run has failed.".into(),
        description:
            "The pg_cron job `{{ $labels.jobname }}` on {{ $labels.instance }} failed at its \
                      last run."
                .into(),
        panel: panel("Scheduled jobs"),
        runbook: runbooks::cron(&queues.operations, last_failed().gt(0.0).to_string()),
        fires: failed(1.0),
        silent: failed(0.0),
    }
}

fn undelivered(queues: &Queues, delivery: &Delivery, limit: Limit) -> Alert {
    let window = queues.limits.window;
    let share = Scalar::from(1.0) - failed_share(queues, Some(delivery.queue));
    let most = 1.0 - limit.value;
    Alert {
        name: format!("{}DeliveryFailing", delivery.alert),
        condition: share.lt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component: Component::One(COMPONENT),
        summary: format!("Too few {} deliveries succeed.", delivery.what),
        description: format!(
            "Only {{{{ $value | humanizePercentage }}}} of {} deliveries succeed on \
             {{{{ $labels.instance }}}}.",
            delivery.what
        ),
        panel: panel("Success rate"),
        runbook: runbooks::failing(
            queues,
            &format!("{} deliveries", delivery.what),
            errors(window),
        ),
        fires: outcomes(limit.hold, window, delivery.queue, (most * 1000.0 + 1.0).round()),
        silent: outcomes(limit.hold, window, delivery.queue, (most * 1000.0 - 1.0).round()),
    }
}

fn delivered_slowly(queues: &Queues, delivery: &Delivery, limit: Limit) -> Alert {
    let window = queues.limits.window;
    let run = || {
        let (sum, count) = (RUN.sum().filter(of(delivery)), RUN.count().filter(of(delivery)));
        sum.rate(window).div_nonzero(count.rate(window))
    };
    let mean = |seconds: f64| Case {
        series: vec![
            Series::part(&RUN, "_sum", queue(delivery.queue), &growing(seconds)),
            Series::part(&RUN, "_count", queue(delivery.queue), &growing(1.0)),
        ],
        at: window + limit.hold + minutes(3),
    };
    Alert {
        name: format!("{}DeliverySlow", delivery.alert),
        condition: run().gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component: Component::One(COMPONENT),
        summary: format!("One {} delivery takes too long.", delivery.what),
        description: format!(
            "One {} delivery takes {{{{ $value | humanizeDuration }}}} on average on \
             {{{{ $labels.instance }}}}.",
            delivery.what
        ),
        panel: panel("Run time"),
        runbook: runbooks::failing(
            queues,
            &format!("{} deliveries are slow or", delivery.what),
            run().to_string(),
        ),
        fires: mean(limit.value + 0.1),
        silent: mean(limit.value),
    }
}

fn of(delivery: &Delivery) -> LabelMatcher<QueueLabels> {
    QueueLabels::queue.eq(Text::Borrowed(delivery.queue))
}

fn errors(window: Duration) -> String {
    ERRORS.increase(window).sort_desc().to_string()
}

fn panel(title: &'static str) -> PanelLink {
    PanelLink { dashboard: DASHBOARD, title }
}

fn queue(name: &'static str) -> QueueLabels {
    QueueLabels { source: Cow::Borrowed("jobs"), queue: Cow::Borrowed(name) }
}

fn in_state(name: &'static str, state: State) -> StateLabels {
    StateLabels { source: Cow::Borrowed("jobs"), queue: Cow::Borrowed(name), state }
}

/// A gauge that stays, in promtool's notation.
fn steady(value: f64) -> String {
    format!("{value}x400")
}

/// A counter that grows by so much a scrape, in promtool's notation.
fn growing(step: f64) -> String {
    format!("0+{step}x400")
}
