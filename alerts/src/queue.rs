//! Alerts on job queues: backlog, age, latency, success, failure, stuck jobs, demand, delivery.

pub mod delivery;
pub mod failing;
mod runbooks;
pub mod trust;
pub mod waiting;

use postgres_queue::metrics::{JOBS, QueueLabels, State, StateLabels};
use profiles::Queues;
use promql::prelude::*;

use crate::{
    component::Component,
    rules::{Group, History},
};

pub const COMPONENT: &str = "postgres-queue";
/// The subject of their dashboard.
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
pub fn group(queues: &Queues) -> Group {
    let mut alerts = waiting::alerts(queues);
    alerts.extend(failing::alerts(queues));
    alerts.extend(trust::alerts());
    for delivery in queues.deliveries {
        alerts.extend(delivery::alerts(queues, delivery));
    }
    Group { component: Component::One(COMPONENT), history: History::Recent, alerts }
}

fn queue(name: &'static str) -> QueueLabels {
    QueueLabels { source: "jobs".into(), queue: name.into() }
}
