//! Panels of backlog, throughput and outcomes.

use alerts::external::UP;
use alerts::health;
use alerts::queue::{delivery, failing, waiting};
use common::source::postgres::PG_UP;
use postgres_queue::metrics::{
    ENQUEUED, ERRORS, ErrorLabels, FAILED, FINISHED, JOBS, OLDEST_READY_AGE, Outcome,
    OutcomeLabels, QueueLabels, RETRIED, RUN, STUCK_JOBS, State, StateLabels, WINDOW_JOBS,
};
use profiles::{Delivery, Queues};
use promql::{LabelMatcher, prelude::*};

use super::time::NO_ENDS;
use crate::{Colour, Panel, PanelQuery, Row};

/// Jobs that are not running.
fn waiting() -> Selector<common::metric::kind::Gauge, StateLabels> {
    JOBS.filter(StateLabels::state.one_of([State::Ready, State::Scheduled, State::Retrying]))
}

fn in_state(state: State) -> Vector<StateLabels> {
    JOBS.filter(StateLabels::state.eq(state)).sum().by((StateLabels::source, StateLabels::queue))
}

/// The share of jobs that failed, of those that ended. Where the table has no finish times, of the
/// jobs created in the exporter's window.
fn failed_share(only: &[LabelMatcher<QueueLabels>]) -> Vector<QueueLabels> {
    let of = |counter: &'static common::metric::Counter<QueueLabels>| {
        counter.filter(only.to_vec()).rate(RATE_INTERVAL).sum().by(QueueLabels::queue)
    };
    of(&FAILED).div_nonzero(of(&FINISHED))
}

/// The same of the jobs created in the exporter's window, for tables without finish times.
fn failed_share_of_window(only: &[LabelMatcher<OutcomeLabels>]) -> Vector<QueueLabels> {
    let ended = || WINDOW_JOBS.filter(only.to_vec());
    let failed =
        ended().filter(OutcomeLabels::outcome.eq(Outcome::Failed)).sum().by(OutcomeLabels::queue);
    failed.div_nonzero(ended().sum().by(OutcomeLabels::queue)).labelled()
}

fn success(share: Vector<QueueLabels>) -> Vector<QueueLabels> {
    Scalar::from(1.0) - share
}

pub(super) fn summary() -> Vec<Panel> {
    vec![
        Panel::up(
            health::panels::EXPORTERS_UP,
            "Whether Prometheus can scrape every chosen exporter. While one is down, nothing that \
             it measures is known, and its graphs below have a gap.",
            &UP,
        ),
        Panel::up(
            health::panels::POSTGRES_UP,
            "Whether every database behind the exporters answers (`pg_up`). While one is down, its \
             queues' metrics are unknown, not zero.",
            &PG_UP,
        ),
        Panel::firing(
            "Alerts on queues and on their metrics that fire now. Each has a runbook; the red \
             spans over the graphs show when they fire.",
        ),
        Panel::stat(
            waiting::panels::WAITING,
            "Jobs that wait in the fullest table, whether they could start now or later \
             (`queue_jobs`). More than usual is a backlog.",
            PanelQuery::new("", waiting().sum().by((StateLabels::source, INSTANCE)).max().by(())),
        ),
        Panel::stat(
            waiting::panels::OLDEST_READY,
            "How long the oldest ready job has been waiting. It grows by a second each second when \
             the workers have stopped, even if few jobs wait.",
            PanelQuery::new("", OLDEST_READY_AGE.max().by(())),
        ),
        Panel::stat(
            failing::panels::SUCCESS,
            "The share of ended jobs that succeeded, in the queue where it is lowest. A fall means \
             that something the jobs depend on fails.",
            PanelQuery::new(
                "",
                success(failed_share(&[]).or(failed_share_of_window(&[]))).min().by(()),
            ),
        )
        .decimals(1)
        .no_value("No job ended"),
    ]
}

pub(super) fn backlog() -> Row {
    let panels = vec![
        Panel::stacked(
            waiting::panels::WAITING,
            "Jobs that wait, by queue: ready, scheduled for later, or waiting for another attempt. \
             If it does not go down again, there is a backlog; the runbook says what to do.",
            [PanelQuery::new("", waiting().sum().by(StateLabels::queue))],
        ),
        Panel::lines(
            waiting::panels::OLDEST_READY,
            "How long the oldest ready job has been waiting, by queue and by the database's clock. \
             If it grows by a second each second, no worker takes jobs of that queue.",
            [PanelQuery::new("", OLDEST_READY_AGE.max().by(QueueLabels::queue))],
        ),
        Panel::stacked(
            "Jobs by state",
            "Unfinished jobs by state. Many running and few ending: the workers hang; many \
             retrying: something the jobs depend on fails.",
            [PanelQuery::new("", JOBS.sum().by(StateLabels::state))],
        ),
        Panel::bar_gauge(
            "Ready jobs by queue",
            "Jobs that could start at this moment, by queue. If one bar is long, that queue has no \
             workers or too few.",
            PanelQuery::new(
                "",
                JOBS.filter(StateLabels::state.eq(State::Ready)).sum().by(StateLabels::queue),
            ),
        ),
    ];
    Row { title: "Backlog", panels }
}

pub(super) fn throughput(queues: &Queues) -> Row {
    let arriving = || ENQUEUED.rate(RATE_INTERVAL).sum();
    let ending = || FINISHED.rate(RATE_INTERVAL).sum();
    let capacity = queues.limits.demand.source;
    let panels = vec![
        Panel::lines(
            waiting::panels::THROUGHPUT,
            &format!(
                "Jobs created and jobs ended each second; each row counts once. Arrivals above \
                 completions fill the queue; arrivals above the line are more than the workers can \
                 do ({capacity})."
            ),
            [
                PanelQuery::new("created", arriving().by(())).color(Colour::Info),
                PanelQuery::new("ended", ending().by(())).color(Colour::Good),
            ],
        ),
        Panel::lines(
            "Completions by queue",
            "Jobs that end each second, by queue, however they end. If a line falls to zero while \
             jobs wait, that queue has stopped.",
            [PanelQuery::new("", ending().by(QueueLabels::queue))],
        )
        .no_value(NO_ENDS),
    ];
    Row { title: "Throughput", panels }
}

pub(super) fn outcome() -> Row {
    let failures = || ERRORS.rate(RATE_INTERVAL).sum().by(ErrorLabels::class);
    let panels = vec![
        Panel::lines(
            failing::panels::SUCCESS,
            "The share of ended jobs that succeeded, by queue; absent while none ends.",
            [PanelQuery::new("", success(failed_share(&[]).or(failed_share_of_window(&[]))))],
        ),
        Panel::lines(
            failing::panels::FAILURE,
            "The share of ended jobs that failed with no retry left, by queue. The classes of \
             their errors are on the right.",
            [PanelQuery::new("", failed_share(&[]).or(failed_share_of_window(&[])))],
        ),
        Panel::stacked(
            "Failures by class",
            "Failed jobs each second by the class of their error, by the mapping's patterns; \
             errors that match none are `other`. One class alone points to one dependency.",
            [PanelQuery::new("", failures())],
        )
        .no_value(NO_ENDS),
        Panel::lines(
            "Retries",
            "Runs that were not their job's first, each second, by queue. Retries without failures \
             mean that a dependency works only sometimes.",
            [PanelQuery::new("", RETRIED.rate(RATE_INTERVAL).sum().by(QueueLabels::queue))],
        )
        .no_value("The table counts no attempts"),
    ];
    Row { title: "Outcome", panels }
}

/// The queues that deliver to the outside.
pub(super) fn deliveries(deliveries: &[Delivery]) -> Row {
    let names = || deliveries.iter().map(|it| it.queue);
    let only = vec![QueueLabels::queue.one_of(names())];
    let in_window = [OutcomeLabels::queue.one_of(names())];
    let sum = || RUN.sum().filter(only.clone()).rate(RATE_INTERVAL).sum().by(QueueLabels::queue);
    let count =
        || RUN.count().filter(only.clone()).rate(RATE_INTERVAL).sum().by(QueueLabels::queue);
    let what: Vec<_> = deliveries.iter().map(|it| it.what).collect();
    let what = what.join(", ");
    let delivered = Panel::lines(
        delivery::panels::SUCCESS,
        &format!(
            "The share of deliveries ({what}) that succeed. Below the line the provider refuses \
             them or cannot be reached; look at the failures by class."
        ),
        [PanelQuery::new("", success(failed_share(&only).or(failed_share_of_window(&in_window))))],
    )
    .no_value(NO_ENDS);
    let time = Panel::lines(
        delivery::panels::TIME,
        &format!(
            "Mean time of one delivery ({what}), from its start to its end. Above the line the \
             provider is slow and keeps workers busy."
        ),
        [PanelQuery::new("", sum().div_nonzero(count()))],
    )
    .no_value(NO_ENDS);
    Row { title: "External services", panels: vec![delivered, time] }
}

pub(super) fn each_queue() -> Row {
    let keys = || (QueueLabels::source, QueueLabels::queue);
    let rate = |rate: Vector<QueueLabels>| rate.sum().by(keys());
    let columns = [
        PanelQuery::new("Ready", in_state(State::Ready)),
        PanelQuery::new("Scheduled", in_state(State::Scheduled)),
        PanelQuery::new("Retrying", in_state(State::Retrying)),
        PanelQuery::new("Running", in_state(State::Running)),
        PanelQuery::new("Stuck", STUCK_JOBS.sum().by(keys())),
        PanelQuery::new("Oldest ready", OLDEST_READY_AGE.max().by(keys())),
        PanelQuery::new("Created", rate(ENQUEUED.rate(RATE_INTERVAL))),
        PanelQuery::new("Ended", rate(FINISHED.rate(RATE_INTERVAL))),
        PanelQuery::new("Failed", rate(FAILED.rate(RATE_INTERVAL))),
    ];
    let panel = Panel::table(
        "Each queue",
        "Every queue with its waiting and running jobs and its throughput; the fullest first. A \
         queue with ready jobs, none running and none ended has no worker.",
        columns,
    );
    Row { title: "Queues", panels: vec![panel] }
}
