//! Default thresholds for any system: start with them, then set your own.

use std::time::Duration;

use crate::{
    CacheLimits, Caches, Escalation, Levels, Limit, PoolLimits, Pools, Profile, QueueLimits,
    QueueOperations, QueueTable, Queues, Redis, RedisLimits, Routes, minutes,
};

/// The slug of the generic profile.
pub const SLUG: &str = "generic";

const SOURCE: &str = "a default of Pulso's; set your own in a profile";

/// Rules for all scraped targets, whatever their system.
pub static PROFILE: Profile = Profile {
    slug: SLUG,
    title: "Any system",
    team: "on-call",
    service: "queue",
    levels: Levels::SEVERITIES,
    escalation: &[] as &[Escalation],
    routes: Routes::to("#alerts-critical", "#alerts"),
    own_names: &[],
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
            pending: Limit::new(1000.0, 10, SOURCE),
            oldest_ready: Limit::new(300.0, 5, SOURCE),
            latency: Limit::new(300.0, 10, SOURCE),
            success: Limit::new(0.95, 5, SOURCE),
            failure: Limit::new(0.2, 5, SOURCE),
            stuck: Limit::new(0.0, 10, SOURCE),
            demand: Limit::new(100.0, 15, SOURCE),
            least_finished: 20.0,
            window: minutes(15),
        },
        deliveries: &[],
    }),
    pools: Some(Pools {
        settings: "",
        relief: "Or raise `max_connections`, which needs a restart.",
        limits: PoolLimits::DEFAULT,
    }),
    caches: Some(Caches {
        relief: "Or raise `shared_buffers` to a quarter of the machine's memory, which needs a restart.",
        limits: CacheLimits::DEFAULT,
        redis: Some(Redis {
            relief: "Or raise `maxmemory`, while the machine has memory left for a snapshot.",
            limits: RedisLimits::DEFAULT,
        }),
    }),
};
