//! Alerts on jobs that fail.

use std::time::Duration;

use common::metric::LabelText;
use postgres_queue::metrics::{
    CRON_LAST_STATUS, CronStatus, CronStatusLabels, ERRORS, ErrorLabels, FAILED, FINISHED, Outcome,
    OutcomeLabels, QueueLabels, WINDOW_JOBS,
};
use profiles::{Limit, Queues};
use promql::prelude::*;

use super::{queue, runbooks};
use crate::{
    alert::{Alert, LOOKBACK, Severity},
    case::{Series, growing, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{panel::PanelKey, queue::DASHBOARD};

    pub const SUCCESS: PanelKey = PanelKey::new(DASHBOARD, "Success rate");
    pub const FAILURE: PanelKey = PanelKey::new(DASHBOARD, "Failure rate");
    pub const SCHEDULED: PanelKey = PanelKey::new(DASHBOARD, "Scheduled jobs");
}

pub(super) fn alerts(queues: &Queues) -> Vec<Alert> {
    vec![success(queues), failure(queues), cron(queues)]
}

fn success(queues: &Queues) -> Alert {
    let (limit, window) = (queues.limits.success, queues.limits.window);
    let most = 1.0 - limit.value;
    Alert {
        name: "QueueSuccessRateLow".into(),
        condition: (Scalar::from(1.0) - failed_share(queues, None)).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "Too few jobs succeed.".into(),
        description: "Only {{ $value | humanizePercentage }} of the jobs of queue \
                      `{{ $labels.queue }}` succeed on {{ $labels.instance }}."
            .into(),
        panel: panels::SUCCESS,
        runbook: runbooks::failing(queues, "jobs", errors(window)),
        fires: outcomes("email", (most * 1000.0 + 1.0).round()),
        silent: outcomes("email", (most * 1000.0 - 1.0).round()),
    }
}

fn failure(queues: &Queues) -> Alert {
    let (limit, window) = (queues.limits.failure, queues.limits.window);
    Alert {
        name: "QueueFailureRateHigh".into(),
        condition: failed_share(queues, None).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Too many jobs fail.".into(),
        description:
            "{{ $value | humanizePercentage }} of the jobs of queue `{{ $labels.queue }}` \
                      fail on {{ $labels.instance }}."
                .into(),
        panel: panels::FAILURE,
        runbook: runbooks::failing(queues, "jobs", errors(window)),
        fires: outcomes("email", (limit.value * 1000.0 + 1.0).round()),
        silent: outcomes("email", (limit.value * 1000.0 - 1.0).round()),
    }
}

fn cron(queues: &Queues) -> Alert {
    let limit =
        Limit { value: 0.0, hold: minutes(1), source: "a scheduled job's last run has not failed" };
    let failed = |value: f64| {
        vec![Series::of(
            &CRON_LAST_STATUS,
            CronStatusLabels { jobname: "nightly".into(), status: CronStatus::Failed },
            steady(value),
        )]
    };
    let last_failed = || CRON_LAST_STATUS.filter(CronStatusLabels::status.eq(CronStatus::Failed));
    Alert {
        name: "CronJobFailed".into(),
        condition: last_failed().max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A scheduled job's last run has failed.".into(),
        description:
            "The pg_cron job `{{ $labels.jobname }}` on {{ $labels.instance }} failed at its \
                      last run."
                .into(),
        panel: panels::SCHEDULED,
        runbook: runbooks::cron(&queues.operations, last_failed().gt(0.0)),
        fires: failed(1.0),
        silent: failed(0.0),
    }
}

/// The share of the finished jobs that failed, if at least `least_finished` have ended. Where the
/// table has no finish times, the jobs are those created in the exporter's window.
pub(super) fn failed_share(queues: &Queues, only: Option<&'static str>) -> Vector<QueueLabels> {
    let (window, least) = (queues.limits.window, queues.limits.least_finished);
    let name = only.map(LabelText::of);
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

pub(super) fn outcomes(name: &'static str, failed: f64) -> Vec<Series> {
    vec![
        Series::of(&FINISHED, queue(name), growing(1000.0)),
        Series::of(&FAILED, queue(name), growing(failed)),
    ]
}

pub(super) fn errors(window: Duration) -> Vector<ErrorLabels> {
    ERRORS.increase(window).sort_desc()
}
