//! A primary with a standby and a PgBouncer before it, and an application that uses them.

use std::time::Duration;

use e2e::{Exporter, PgBouncer, Postgres, Prometheus, postgres};
use profiles::hv_consultores;
use tokio::{task::JoinHandle, time::sleep};

use crate::SCRAPE;

const PREPARED: &str = "
    create extension pg_stat_statements;
    select pg_create_physical_replication_slot('left', true);
    alter role app connection limit 20;
    alter database postgres connection limit 50;";

/// The servers, the exporters and the application.
pub(crate) struct Stack {
    _primary: Postgres,
    _standby: Postgres,
    _pooler: PgBouncer,
    _exporters: [Exporter; 2],
    application: JoinHandle<()>,
    pub(crate) prometheus: Prometheus,
}

impl Stack {
    pub(crate) async fn start() -> Self {
        let primary = Postgres::builder().preload("pg_stat_statements").start().await;
        let primary = primary.expect("the primary starts");
        primary.create_role("app", "secret").await.expect("a role can be made");
        primary.execute("postgres", PREPARED).await.expect("the primary can be prepared");
        let standby = primary.standby().start().await.expect("the standby starts");
        let pooler = PgBouncer::builder(&primary).user("app", "secret").start().await;
        let pooler = pooler.expect("PgBouncer starts");

        let here = format!(
            "[pool-usage.postgres]\nurl = {:?}\n[pool-usage.pgbouncer]\nurl = {:?}\n\
             [pool-usage.pools.web]\nsize = 5\nuser = \"app\"\n",
            primary.url("postgres"),
            pooler.url("pgbouncer"),
        );
        let there = format!("[pool-usage.postgres]\nurl = {:?}\n", standby.url("postgres"));
        let start = async |settings: &str| {
            Exporter::start("pool-usage", settings).await.expect("the exporter starts")
        };
        let exporters = [start(&here).await, start(&there).await];
        let system = [("system", hv_consultores::PROFILE.slug)];
        // One job with two targets, as a system has it.
        let prometheus = Prometheus::builder()
            .interval(SCRAPE)
            .scrape_config(&format!(
                "job_name: pool-usage\nstatic_configs:\n- targets: ['{}', '{}']\n  labels:\n    \
                 {}: '{}'\n",
                exporters[0].address(),
                exporters[1].address(),
                system[0].0,
                system[0].1,
            ))
            .start()
            .await
            .expect("Prometheus starts");
        let url = pooler.url_as("app", "secret", "postgres");
        let application = tokio::spawn(async move {
            let client = postgres::connect(&url).await.expect("PgBouncer lets the role in");
            loop {
                // The stack may end first.
                let _ = client.batch_execute("select count(*) from pg_class").await;
                sleep(Duration::from_millis(50)).await;
            }
        });
        Self {
            _primary: primary,
            _standby: standby,
            _pooler: pooler,
            _exporters: exporters,
            application,
            prometheus,
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.application.abort();
    }
}
