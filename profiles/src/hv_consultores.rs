//! HV-Consultores: a web application with a queue processor on PostgreSQL.
//!
//! Figures are those of its operations manual; each says which line.

use std::time::Duration;

use crate::{
    Delivery, Escalation, Levels, Limit, PoolLimits, Pools, Profile, QueueLimits, QueueOperations,
    QueueTable, Queues, Routes, WorkingHours, minutes,
};

/// HV-Consultores.
pub static PROFILE: Profile = Profile {
    slug: "hv-consultores",
    title: "HV-Consultores",
    team: "operations",
    service: "hv-consultores",
    levels: Levels { critical: "P1", warning: "P2", info: "P4" },
    escalation: &[Escalation { step: "vp-ops", to: "VP of Ops", after: minutes(15) }],
    routes: Routes {
        critical_channel: "#hv-incidents",
        warning_channel: "#hv-operations",
        // Its manual names no time zone.
        working_hours: WorkingHours::DEFAULT,
        group_wait: Duration::from_secs(10),
        group_interval: minutes(1),
        repeat_interval: minutes(4 * 60),
    },
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
            pending: Limit { value: 100.0, hold: minutes(5), source: "QueueBackup: pending > 100" },
            oldest_ready: Limit {
                value: 60.0,
                hold: minutes(5),
                source: "SLA: queue latency < 60 s",
            },
            latency: Limit {
                value: 60.0,
                hold: minutes(10),
                source: "job processing latency: alert at > 60 s sustained",
            },
            success: Limit {
                value: 0.95,
                hold: minutes(5),
                source: "job success rate: alert at < 95 %",
            },
            failure: Limit {
                value: 0.05,
                hold: minutes(5),
                source: "job failure rate: alert at > 5 %",
            },
            stuck: Limit {
                value: 0.0,
                hold: minutes(5),
                source: "jobs in `processing` for over 1 h: alert at > 0",
            },
            demand: Limit {
                value: 80.0 / 60.0,
                hold: minutes(15),
                source: "job throughput: 100 jobs/min capacity, alert near capacity (80 %)",
            },
            least_finished: 20.0,
            window: minutes(15),
        },
        deliveries: &[
            Delivery {
                queue: "email",
                what: "e-mail",
                alert: "Email",
                success: Some(Limit {
                    value: 0.95,
                    hold: minutes(5),
                    source: "e-mail delivery success: alert at < 95 %",
                }),
                run: Some(Limit {
                    value: 30.0,
                    hold: minutes(5),
                    source: "e-mail delivery time: alert at > 30 s",
                }),
            },
            Delivery {
                queue: "slack",
                what: "Slack message",
                alert: "Slack",
                success: None,
                run: Some(Limit {
                    value: 3.0,
                    hold: minutes(5),
                    source: "Slack API response time: alert at > 3 s",
                }),
            },
            Delivery {
                queue: "webhook",
                what: "web hook",
                alert: "Webhook",
                success: Some(Limit {
                    value: 0.95,
                    hold: minutes(5),
                    source: "web hook delivery success: alert at < 95 %",
                }),
                run: None,
            },
        ],
    }),
    pools: Some(Pools {
        relief: "Or raise `max_connections` from 200 to 300, or put PgBouncer in front in transaction mode.",
        limits: PoolLimits {
            usage: Limit {
                value: 0.8,
                hold: minutes(5),
                source: "connections used / `max_connections`: alert at > 80 %",
            },
            own_limit: Limit {
                value: 0.8,
                hold: minutes(5),
                source: "connections used: alert at > 80 %",
            },
            application: Limit {
                value: 0.8,
                hold: minutes(5),
                source: "connections used: alert at > 80 %",
            },
            application_left: Limit {
                value: 1.0,
                hold: minutes(5),
                source: "a default of Pulso's: none left",
            },
            left: Limit { value: 1.0, hold: minutes(1), source: "a default of Pulso's: none left" },
            saturation: Limit {
                value: 1.0,
                hold: minutes(2),
                source: "a default of Pulso's: all at work",
            },
            waiting: Limit {
                value: 0.0,
                hold: minutes(5),
                source: "a default of Pulso's: nobody waits",
            },
            wait: Limit {
                value: 2.0,
                hold: minutes(1),
                source: "HTTP response time, p95: alert at > 2 s",
            },
            idle_in_transaction: Limit {
                value: 600.0,
                hold: minutes(1),
                source: "end backends idle over 10 min",
            },
            transaction: Limit {
                value: 1800.0,
                hold: minutes(5),
                source: "a default of Pulso's: 30 min",
            },
            lock_wait: Limit { value: 0.1, hold: minutes(1), source: "lock wait: < 100 ms" },
            blocked: Limit {
                value: 5.0,
                hold: minutes(2),
                source: "a default of Pulso's: 5 backends",
            },
            deadlocks: Limit { value: 0.0, hold: minutes(1), source: "a default of Pulso's: none" },
            replication_lag: Limit {
                value: 30.0,
                hold: minutes(5),
                source: "a default of Pulso's: 30 s",
            },
            query_latency: Limit {
                value: 0.5,
                hold: minutes(5),
                source: "DatabaseSlow: pg_query_latency > 500 (milliseconds)",
            },
            trend: Limit {
                value: 0.85,
                hold: minutes(30),
                source: "scaling trigger: > 85 % of connections",
            },
            window: minutes(15),
        },
    }),
};
