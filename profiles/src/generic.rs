//! Figures that suit a queue of which nothing is known: begin with them, then set your own.

use std::time::Duration;

use crate::{
    Escalation, Levels, Limit, PoolLimits, Pools, Profile, QueueLimits, QueueOperations,
    QueueTable, Queues, Routes, WorkingHours, minutes,
};

/// The slug of the generic profile.
pub const SLUG: &str = "generic";

const SOURCE: &str = "a default of Pulso's; set your own in a profile";

/// Rules without a system: they apply to every target that is scraped.
pub static PROFILE: Profile = Profile {
    slug: SLUG,
    title: "Any system",
    team: "on-call",
    service: "queue",
    levels: Levels { critical: "critical", warning: "warning", info: "info" },
    escalation: &[] as &[Escalation],
    routes: Routes {
        critical_channel: "#alerts-critical",
        warning_channel: "#alerts",
        working_hours: WorkingHours::DEFAULT,
        group_wait: Duration::from_secs(30),
        group_interval: minutes(5),
        repeat_interval: minutes(4 * 60),
    },
    scrape_interval: Duration::from_secs(15),
    queues: Some(Queues {
        settings: "",
        table: QueueTable {
            table: "jobs",
            queue: "queue",
            state: "state",
            pending: "pending",
            running: "running",
            failed: "failed",
            created_at: "created_at",
            ready_at: "ready_at",
            error: "error",
        },
        operations: QueueOperations {
            restart: "Restart the workers, one at a time.",
            scale_up: "Start more workers, or let each take more jobs at a time.",
            logs: "The workers' log around the time at which the alert began.",
        },
        limits: QueueLimits {
            pending: Limit { value: 1000.0, hold: minutes(10), source: SOURCE },
            oldest_ready: Limit { value: 300.0, hold: minutes(5), source: SOURCE },
            latency: Limit { value: 300.0, hold: minutes(10), source: SOURCE },
            success: Limit { value: 0.95, hold: minutes(5), source: SOURCE },
            failure: Limit { value: 0.2, hold: minutes(5), source: SOURCE },
            stuck: Limit { value: 0.0, hold: minutes(10), source: SOURCE },
            demand: Limit { value: 100.0, hold: minutes(15), source: SOURCE },
            least_finished: 20.0,
            window: minutes(15),
        },
        deliveries: &[],
    }),
    pools: Some(Pools {
        relief: "Or raise `max_connections`, which needs a restart.",
        limits: PoolLimits {
            usage: Limit { value: 0.8, hold: minutes(5), source: SOURCE },
            own_limit: Limit { value: 0.8, hold: minutes(5), source: SOURCE },
            application: Limit { value: 0.8, hold: minutes(5), source: SOURCE },
            application_left: Limit { value: 1.0, hold: minutes(5), source: SOURCE },
            left: Limit { value: 1.0, hold: minutes(1), source: SOURCE },
            saturation: Limit { value: 1.0, hold: minutes(2), source: SOURCE },
            waiting: Limit { value: 0.0, hold: minutes(5), source: SOURCE },
            wait: Limit { value: 5.0, hold: minutes(1), source: SOURCE },
            idle_in_transaction: Limit { value: 300.0, hold: minutes(1), source: SOURCE },
            transaction: Limit { value: 1800.0, hold: minutes(5), source: SOURCE },
            lock_wait: Limit { value: 30.0, hold: minutes(1), source: SOURCE },
            blocked: Limit { value: 5.0, hold: minutes(2), source: SOURCE },
            deadlocks: Limit { value: 0.0, hold: minutes(1), source: SOURCE },
            replication_lag: Limit { value: 30.0, hold: minutes(5), source: SOURCE },
            query_latency: Limit { value: 0.5, hold: minutes(5), source: SOURCE },
            trend: Limit { value: 0.85, hold: minutes(30), source: SOURCE },
            window: minutes(15),
        },
    }),
};
