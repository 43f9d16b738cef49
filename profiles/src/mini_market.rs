//! Mini Market: a shop's stock and its suppliers' prices on Supabase, with a scraper.
//!
//! Thresholds are those of its operations manual, each with its line.

use std::time::Duration;

use crate::{
    CacheLimits, Caches, Escalation, Levels, Limit, PoolLimits, Pools, Profile, Routes, minutes,
};

pub static PROFILE: Profile = Profile {
    slug: "mini-market",
    title: "Mini Market",
    team: "devops",
    service: "mini-market",
    levels: Levels { critical: "critica", warning: "alta", info: "media" },
    // L1, DevOps on call, is notified at once. L2 follows when a database has been down for 30 min,
    // and each further level after the response time that the manual gives to the one before.
    escalation: &[
        Escalation { step: "l2", to: "L2, senior developer", after: minutes(30) },
        Escalation { step: "l3", to: "L3, technical lead", after: minutes(30 + 60) },
        Escalation { step: "l4", to: "L4, manager", after: minutes(30 + 60 + 4 * 60) },
    ],
    // Its manual names no time zone.
    routes: Routes::to("#minimarket-criticas", "#minimarket-altas"),
    own_names: &[],
    scrape_interval: Duration::from_secs(15),
    queues: None,
    pools: Some(Pools {
        settings: "",
        relief: "Or let the edge functions connect through Supabase's pooler in transaction mode.",
        limits: PoolLimits {
            // Its functions serve users and answer a health check in 200 ms, so no statement may
            // take seconds.
            query_latency: Limit::new(0.2, 30, "response time: health < 200 ms"),
            ..PoolLimits::DEFAULT
        },
    }),
    caches: Some(Caches {
        relief: "Or take Supabase's next larger compute size, which brings memory with it.",
        limits: CacheLimits {
            least_dead_rows: 1000.0,
            dead_rows: Limit::new(0.2, 30, "tables: dead rows above 1,000 and their share"),
            disk: Limit::new(0.8, 5, "disk: > 20 % free; low disk space is alta"),
            disk_full: Limit::new(0.95, 1, "storage full is critica"),
            ..CacheLimits::DEFAULT
        },
        redis: None,
    }),
};
