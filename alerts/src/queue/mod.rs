//! Alerts on job queues: backlog, age, latency, success, failure, stuck jobs, demand, delivery.

mod delivery;
mod failing;
mod runbooks;
mod trust;
mod waiting;

use postgres_queue::metrics::{JOBS, QueueLabels, State, StateLabels};
use profiles::Queues;
use promql::prelude::*;

use crate::alert::{Alert, PanelLink};

/// The exporter that measures queues.
pub const COMPONENT: &str = "postgres-queue";
/// The dashboard that shows them.
pub const DASHBOARD: &str = "queue";

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
        waiting::backup(queues),
        waiting::oldest_waits(queues),
        waiting::latency(queues),
        failing::success(queues),
        failing::failure(queues),
        waiting::stuck(queues),
        waiting::demand(queues),
        failing::cron(queues),
        trust::counted_late(),
        trust::reading_too_old(),
    ];
    for delivery in queues.deliveries {
        alerts.extend(delivery::alerts(queues, delivery));
    }
    alerts
}

fn panel(title: &'static str) -> PanelLink {
    PanelLink { dashboard: DASHBOARD, title }
}

fn queue(name: &'static str) -> QueueLabels {
    QueueLabels { source: "jobs".into(), queue: name.into() }
}
