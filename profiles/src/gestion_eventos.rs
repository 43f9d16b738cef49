//! Gestión de Eventos: a web application on PostgreSQL and Redis behind Nginx.
//!
//! Thresholds are those of its operations manual, each with its line.

use std::time::Duration;

use crate::{
    CacheLimits, Caches, Levels, Limit, PoolLimits, Pools, Profile, Redis, RedisLimits, Routes,
};

pub static PROFILE: Profile = Profile {
    slug: "gestion-eventos",
    title: "Gestión de Eventos",
    team: "operations",
    service: "gestion-eventos",
    // Level 1: the whole system is down; 2: a part of it; 3: it is slow.
    levels: Levels { critical: "Level 1", warning: "Level 2", info: "Level 3" },
    // Its manual names no second responder.
    escalation: &[],
    // Its manual names no time zone.
    routes: Routes::to("#eventos-incidents", "#eventos-maintenance"),
    own_names: &[],
    scrape_interval: Duration::from_secs(15),
    queues: None,
    pools: Some(Pools {
        settings: include_str!("gestion_eventos.toml"),
        relief: "Or raise `DATABASE_POOL_SIZE` while `max_connections` has room, with the pool's \
                 idle time-out at 60 s.",
        limits: PoolLimits {
            usage: Limit::new(
                0.8,
                5,
                "database connections, of `max_connections`: warning at > 80 %",
            ),
            own_limit: Limit::new(0.8, 5, "database connections: warning at > 80 %"),
            application: Limit::new(
                0.8,
                5,
                "database connections, of the application pool: warning at > 80 %",
            ),
            application_left: Limit::new(
                1.0,
                1,
                "database connections, of the application pool: critical when refused",
            ),
            left: Limit::new(1.0, 1, "database connections: critical when refused"),
            wait: Limit::new(5.0, 1, "HTTP latency p95: critical at > 5 s"),
            ..PoolLimits::DEFAULT
        },
    }),
    caches: Some(Caches {
        relief: "Or give the database's container more memory, and a quarter of it to \
                 `shared_buffers`.",
        limits: CacheLimits {
            disk: Limit::new(0.75, 5, "free disk: warning at < 25 %"),
            ..CacheLimits::DEFAULT
        },
        redis: Some(Redis {
            relief: "Or give Redis's container more memory, and raise `maxmemory` with it.",
            limits: RedisLimits::DEFAULT,
        }),
    }),
};
