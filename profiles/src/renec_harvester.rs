//! RENEC Harvester: a Scrapy harvester, its API and user interface on PostgreSQL and Redis.
//!
//! Thresholds are those of its operations manual, each with its line.

use std::time::Duration;

use crate::{
    CacheLimits, Caches, Levels, Limit, PoolLimits, Pools, Profile, Redis, RedisLimits, Routes,
};

pub static PROFILE: Profile = Profile {
    slug: "renec-harvester",
    title: "RENEC Harvester",
    team: "data-platform",
    service: "renec-harvester",
    // Its rules use the severities' names.
    levels: Levels::SEVERITIES,
    // Its manual names no second responder.
    escalation: &[],
    // Its manual names no time zone.
    routes: Routes::to("#renec-critical", "#renec-warnings"),
    own_names: &[],
    scrape_interval: Duration::from_secs(15),
    queues: None,
    pools: Some(Pools {
        settings: include_str!("renec_harvester.toml"),
        relief: "Or take an instance of the API or a running harvest away, and raise the pool of \
                 50 only while `max_connections` has room.",
        limits: PoolLimits {
            application_left: Limit::new(
                1.0,
                5,
                "DatabaseConnectionPoolExhausted: 0 available for 5 m, critical",
            ),
            query_latency: Limit::new(0.1, 10, "API response time p95: < 100 ms, alert after 10 m"),
            ..PoolLimits::DEFAULT
        },
    }),
    caches: Some(Caches {
        relief: "Or move the API's reads to the replica while the harvest writes.",
        limits: CacheLimits {
            disk: Limit::new(0.85, 5, "disk: alert at 85 %"),
            ..CacheLimits::DEFAULT
        },
        redis: Some(Redis {
            relief: "Or raise `maxmemory` beyond 4gb on all three nodes, while they have memory.",
            limits: RedisLimits {
                hit_ratio: Limit::new(0.9, 15, "Redis hit rate: > 90 %, alert at < 90 %"),
                evictions: Limit::new(
                    0.0,
                    10,
                    "Redis evictions (`maxmemory 4gb`, `allkeys-lru`): warning",
                ),
                ..RedisLimits::DEFAULT
            },
        }),
    }),
};
