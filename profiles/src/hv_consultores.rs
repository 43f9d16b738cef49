//! HV-Consultores: a web application with a queue processor on PostgreSQL.
//!
//! Thresholds are those of its operations manual, each with its line.

use std::time::Duration;

use crate::{
    CacheLimits, Caches, Delivery, Escalation, Levels, Limit, PoolLimits, Pools, Profile,
    QueueLimits, QueueOperations, QueueTable, Queues, Redis, RedisLimits, Routes, minutes,
};

pub static PROFILE: Profile = Profile {
    slug: "hv-consultores",
    title: "HV-Consultores",
    team: "operations",
    service: "hv-consultores",
    levels: Levels { critical: "P1", warning: "P2", info: "P4" },
    escalation: &[Escalation { step: "vp-ops", to: "VP of Ops", after: minutes(15) }],
    // Its manual names no time zone.
    routes: Routes {
        group_wait: Duration::from_secs(10),
        group_interval: minutes(1),
        ..Routes::to("#hv-incidents", "#hv-operations")
    },
    own_names: &[],
    scrape_interval: Duration::from_secs(15),
    queues: Some(Queues {
        settings: include_str!("hv_consultores.toml"),
        table: QueueTable {
            table: "queue_jobs",
            queue: "tipo",
            state: "estado",
            pending: "pending",
            running: "processing",
            failed: "failed",
            created_at: "creado_en",
            ready_at: "proxima_tentativa",
            error: "error",
        },
        operations: QueueOperations {
            restart: "Restart the process `queue-processor`.",
            scale_up: "Raise `QUEUE_PROCESSOR_BATCH_SIZE` from 100 to 200 and restart \
                       `queue-processor`; if that does not suffice, start more of them.",
            logs: "The log of `queue-processor` around the time at which the alert began.",
        },
        limits: QueueLimits {
            pending: Limit::new(100.0, 5, "QueueBackup: pending > 100"),
            oldest_ready: Limit::new(60.0, 5, "SLA: queue latency < 60 s"),
            latency: Limit::new(60.0, 10, "job processing latency: alert at > 60 s sustained"),
            success: Limit::new(0.95, 5, "job success rate: alert at < 95 %"),
            failure: Limit::new(0.05, 5, "job failure rate: alert at > 5 %"),
            stuck: Limit::new(0.0, 5, "jobs in `processing` for over 1 h: alert at > 0"),
            demand: Limit::new(
                80.0 / 60.0,
                15,
                "job throughput: 100 jobs/min capacity, alert near capacity (80 %)",
            ),
            least_finished: 20.0,
            window: minutes(15),
        },
        deliveries: &[
            Delivery {
                queue: "email",
                what: "e-mail",
                alert: "Email",
                success: Some(Limit::new(0.95, 5, "e-mail delivery success: alert at < 95 %")),
                run: Some(Limit::new(30.0, 5, "e-mail delivery time: alert at > 30 s")),
            },
            Delivery {
                queue: "slack",
                what: "Slack message",
                alert: "Slack",
                success: None,
                run: Some(Limit::new(3.0, 5, "Slack API response time: alert at > 3 s")),
            },
            Delivery {
                queue: "webhook",
                what: "web hook",
                alert: "Webhook",
                success: Some(Limit::new(0.95, 5, "web hook delivery success: alert at < 95 %")),
                run: None,
            },
        ],
    }),
    pools: Some(Pools {
        settings: "",
        relief: "Or raise `max_connections` from 200 to 300, or put PgBouncer in front in transaction mode.",
        limits: PoolLimits {
            usage: Limit::new(0.8, 5, "connections used / `max_connections`: alert at > 80 %"),
            own_limit: Limit::new(0.8, 5, "connections used: alert at > 80 %"),
            application: Limit::new(0.8, 5, "connections used: alert at > 80 %"),
            wait: Limit::new(2.0, 1, "HTTP response time, p95: alert at > 2 s"),
            idle_in_transaction: Limit::new(600.0, 1, "end backends idle over 10 min"),
            lock_wait: Limit::new(0.1, 1, "lock wait: < 100 ms"),
            query_latency: Limit::new(
                0.5,
                5,
                "DatabaseSlow: pg_query_latency > 500 (milliseconds)",
            ),
            trend: Limit::new(
                0.85,
                30,
                "capacity planning: 85 % of connections in less than 8 weeks",
            ),
            ..PoolLimits::DEFAULT
        },
    }),
    caches: Some(Caches {
        relief: "Or take the next larger machine, and give a quarter of its memory to \
                 `shared_buffers`.",
        limits: CacheLimits {
            hit_ratio: Limit::new(0.6, 15, "cache hit ratio: > 80 %, alert at < 60 %"),
            disk: Limit::new(0.85, 5, "disk used / allocated (200 GB): alert at > 85 %"),
            disk_trend: Limit::new(0.8, 30, "capacity planning: 80 % of disk in less than 8 weeks"),
            ..CacheLimits::DEFAULT
        },
        redis: Some(Redis {
            relief: "Or raise `maxmemory`, while the machine has memory left.",
            limits: RedisLimits {
                hit_ratio: Limit::new(0.6, 15, "cache hit ratio: > 80 %, alert at < 60 %"),
                ..RedisLimits::DEFAULT
            },
        }),
    }),
};
