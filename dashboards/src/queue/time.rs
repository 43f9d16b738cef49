//! Panels of durations, workers and scheduled jobs.

use alerts::queue::{failing, waiting};
use postgres_queue::metrics::{
    CRON_ACTIVE, CRON_LAST_DURATION, CRON_LAST_RUN, CRON_LAST_STATUS, CRON_LAST_SUCCESS,
    CRON_NEXT_RUN, CronLabels, CronStatus, CronStatusLabels, JOBS, LATENCY, LONGEST_RUNNING,
    NEXT_SCHEDULED, PAUSED, QueueLabels, RUN, STUCK_JOBS, SourceLabels, State, StateLabels, WAIT,
    WORKERS_ALIVE,
};
use promql::prelude::*;

use crate::{Colour, Panel, PanelQuery, Row, ValueMapping};

/// The text of panels that need finish or start times, for a table without them.
pub(super) const NO_ENDS: &str = "The table has no finish times";
const NO_STARTS: &str = "The table has no start or no finish times";

pub(super) fn row() -> Row {
    type Times = common::metric::Histogram<QueueLabels>;
    let mean = |times: &'static Times| {
        let sum = times.sum().rate(RATE_INTERVAL).sum().by(QueueLabels::queue);
        sum.div_nonzero(times.count().rate(RATE_INTERVAL).sum().by(QueueLabels::queue))
    };
    let p95 = |times: &'static Times| {
        times.buckets().rate(RATE_INTERVAL).sum_by(QueueLabels::queue).quantile(0.95)
    };
    let panels = vec![
        Panel::lines(
            waiting::panels::LATENCY,
            "Mean time from a job's creation to its end, by queue. A rise with a steady run time \
             means that jobs wait, not that they are slow.",
            [PanelQuery::new("", mean(&LATENCY))],
        )
        .no_value(NO_ENDS),
        Panel::lines(
            "Latency of the slowest twentieth",
            "The 95th percentile of the time from a job's creation to its end, by queue. If it is \
             far above the mean, a few jobs are starved or retried.",
            [PanelQuery::new("", p95(&LATENCY))],
        )
        .no_value(NO_ENDS),
        Panel::lines(
            "Run time",
            "Mean time from a job's start to its end, by queue. A rise means that the work itself \
             is slower: a provider, a query, a larger input.",
            [PanelQuery::new("", mean(&RUN))],
        )
        .no_value(NO_STARTS),
        Panel::lines(
            "Time in the queue",
            "The 95th percentile of the time from when a job may start to its start, by queue. A \
             rise means too few workers.",
            [PanelQuery::new("", p95(&WAIT))],
        )
        .no_value(NO_STARTS),
        Panel::heatmap(
            "Spread of latency",
            "Jobs by the time from creation to end. A second band above the usual one is a second \
             kind of job, or the same jobs after a retry.",
            PanelQuery::buckets(LATENCY.buckets().increase(RATE_INTERVAL).sum()),
        )
        .no_value(NO_ENDS),
        Panel::heatmap(
            "Spread of run time",
            "Jobs by run time. If a whole band moves up, all jobs are slower; a new band above it \
             is one slow kind of job.",
            PanelQuery::buckets(RUN.buckets().increase(RATE_INTERVAL).sum()),
        )
        .no_value(NO_STARTS),
    ];
    Row { title: "Time", panels }
}

pub(super) fn workers() -> Row {
    let running = JOBS.filter(StateLabels::state.eq(State::Running));
    let panels = vec![
        Panel::stacked(
            "Running jobs",
            "Jobs that workers have taken, by queue. Zero while jobs are ready: no worker runs; \
             constant at its maximum: all workers are busy.",
            [PanelQuery::new("", running.sum().by(StateLabels::queue))],
        ),
        Panel::lines(
            waiting::panels::STUCK,
            "Jobs that have been running for longer than a job may, by queue. Their worker has \
             probably died; the runbook says how to return them to the queue.",
            [PanelQuery::new("", STUCK_JOBS.sum().by(QueueLabels::queue))],
        ),
        Panel::lines(
            "Longest running job",
            "How long the job that runs longest has been running, by queue. A steady rise is one \
             job that does not end.",
            [PanelQuery::new("", LONGEST_RUNNING.max().by(QueueLabels::queue))],
        ),
        Panel::lines(
            "Next scheduled job",
            "Time until the next scheduled job may start, by queue. Negative values are not shown: \
             such a job is ready.",
            [PanelQuery::new(
                "",
                (NEXT_SCHEDULED.min().by(QueueLabels::queue) - time()).clamp_min(0),
            )],
        )
        .no_value("Nothing is scheduled"),
    ];
    Row { title: "Workers", panels }
}

/// Panels of what only job libraries record: heartbeats and pauses.
pub(super) fn libraries() -> Row {
    let panels = vec![
        Panel::lines(
            "Workers alive",
            "Workers with a recent heartbeat, where the library records heartbeats. If there are \
             fewer than were started, some have died or hang.",
            [PanelQuery::new("", WORKERS_ALIVE.sum().by(SourceLabels::source))],
        )
        .no_value("The library records no heartbeats"),
        Panel::timeline(
            "Paused queues",
            "Whether each queue is paused, where the library records it. A paused queue grows \
             although the workers are healthy.",
            PanelQuery::new("", PAUSED.max().by(QueueLabels::queue)).yes_no(),
            [
                ValueMapping { value: 0, text: "Served", color: Colour::Good },
                ValueMapping { value: 1, text: "Paused", color: Colour::Warning },
            ],
        )
        .height(8)
        .no_value("The library records no pauses"),
    ];
    Row { title: "Job library", panels }
}

/// Jobs of `pg_cron`.
pub(super) fn scheduled() -> Row {
    let name = || CronLabels::jobname;
    let columns = [
        PanelQuery::new("Switched on", CRON_ACTIVE.max().by(name())).yes_no(),
        PanelQuery::new("Last run", CRON_LAST_RUN.max().by(name()).age()),
        PanelQuery::new("Last success", CRON_LAST_SUCCESS.max().by(name()).age()),
        PanelQuery::new("Duration", CRON_LAST_DURATION.max().by(name())),
        PanelQuery::new("Due in", CRON_NEXT_RUN.min().by(name()) - time()),
    ];
    let panels =
        vec![
        Panel::timeline(
            failing::panels::SCHEDULED,
            "Whether the last run of each pg_cron job failed. It stays failed until the next run \
             succeeds.",
            PanelQuery::new(
                "",
                CRON_LAST_STATUS
                    .filter(CronStatusLabels::status.eq(CronStatus::Failed))
                    .max()
                    .by(CronStatusLabels::jobname)).yes_no(),
            [
                ValueMapping { value: 0, text: "OK", color: Colour::Good },
                ValueMapping { value: 1, text: "Failed", color: Colour::Critical },
            ],
        )
        .height(8)
        .no_value("pg_cron is not installed"),
        Panel::table(
            "Runs of scheduled jobs",
            "Each pg_cron job: time since its last run and its last success, its duration, and the \
             time until it is due. If the last success is far older than the last run, the job \
             keeps failing.",
            columns,
        )
        .width(12)
        .no_value("pg_cron is not installed"),
    ];
    Row { title: "Scheduled jobs", panels }
}
