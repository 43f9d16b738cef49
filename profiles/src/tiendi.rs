//! Tiendi: a marketplace on Kubernetes with PostgreSQL, Redis and two payment gateways.
//!
//! Thresholds are those of its operations manual, each with its line.

use std::time::Duration;

use crate::{
    CacheLimits, Caches, Escalation, Levels, Limit, PoolLimits, Pools, Profile, Redis, RedisLimits,
    Routes, WorkingHours, minutes,
};

pub static PROFILE: Profile = Profile {
    slug: "tiendi",
    title: "Tiendi",
    // The team of the database, which is all that is monitored so far.
    team: "infrastructure",
    service: "tiendi",
    levels: Levels { critical: "P1", warning: "P3", info: "P4" },
    escalation: &[Escalation {
        step: "backend-lead",
        to: "Backend lead, who calls the CTO",
        after: minutes(15),
    }],
    routes: Routes {
        group_by: &["alertname", "cluster", "system", "service"],
        critical_channel: "#alerts-critical",
        warning_channel: "#alerts-warnings",
        working_hours: WorkingHours {
            time_zone: "America/Lima",
            weekdays: "monday:friday",
            start: "09:00",
            end: "18:00",
        },
        group_wait: Duration::from_secs(10),
        group_interval: Duration::from_secs(10),
        repeat_interval: minutes(12 * 60),
    },
    own_names: &[("PostgresDown", "DatabaseDown")],
    scrape_interval: Duration::from_secs(15),
    queues: None,
    pools: Some(Pools {
        settings: include_str!("tiendi.toml"),
        relief: "Or roll back the deployment that opened more of them, and raise the pool of 100 \
                 only while `max_connections` has room.",
        limits: PoolLimits {
            usage: Limit::new(0.75, 5, "also wanted: pool usage above 75 %"),
            own_limit: Limit::new(0.75, 5, "also wanted: pool usage above 75 %"),
            application: Limit::new(0.75, 5, "also wanted: pool usage above 75 %"),
            application_left: Limit::new(1.0, 1, "its last incident was an exhausted pool of 100"),
            wait: Limit::new(1.0, 1, "HighLatency: p95 > 1 s"),
            query_latency: Limit::new(0.1, 10, "objective of the database: query latency < 100 ms"),
            ..PoolLimits::DEFAULT
        },
    }),
    caches: Some(Caches {
        relief: "Or take a larger node for the database, and give a quarter of its memory to \
                 `shared_buffers`.",
        limits: CacheLimits {
            disk: Limit::new(0.8, 5, "DiskSpaceLow: < 20 % for 5 m"),
            ..CacheLimits::DEFAULT
        },
        redis: Some(Redis {
            relief: "Or raise the memory limit of Redis's pod and `maxmemory` with it.",
            limits: RedisLimits {
                hit_ratio: Limit::new(
                    0.8,
                    15,
                    "also wanted: cache miss rate; a default of Pulso's: 20 %",
                ),
                ..RedisLimits::DEFAULT
            },
        }),
    }),
};
