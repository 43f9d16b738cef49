//! Alerts on jobs that fail.

use std::time::Duration;

use common::metric::Text;
use postgres_queue::metrics::{
    CRON_LAST_STATUS, CronStatus, CronStatusLabels, ERRORS, FAILED, FINISHED, Outcome,
    OutcomeLabels, QueueLabels, WINDOW_JOBS,
};
use profiles::{Limit, Queues};
use promql::prelude::*;

use super::{COMPONENT, panel, queue, runbooks};
use crate::{
    alert::{Alert, Case, Series, Severity},
    component::Component,
    told::{PATIENCE, growing, steady},
};

pub(super) fn success(queues: &Queues) -> Alert {
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

pub(super) fn failure(queues: &Queues) -> Alert {
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

pub(super) fn cron(queues: &Queues) -> Alert {
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

/// The share of jobs that failed, of those that ended, where enough ended to tell. Where the
/// table has no finish times, those of the jobs created in the exporter's window.
pub(super) fn failed_share(queues: &Queues, only: Option<&'static str>) -> Vector<QueueLabels> {
    let (window, least) = (queues.limits.window, queues.limits.least_finished);
    let name = only.map(Text::of);
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

pub(super) fn outcomes(hold: Duration, window: Duration, name: &'static str, failed: f64) -> Case {
    Case {
        series: vec![
            Series::of(&FINISHED, queue(name), &growing(1000.0)),
            Series::of(&FAILED, queue(name), &growing(failed)),
        ],
        at: window + hold + minutes(3),
    }
}

pub(super) fn errors(window: Duration) -> String {
    ERRORS.increase(window).sort_desc().to_string()
}
