//! HV-Consultores, busy, with a part of its deliveries failing.

use std::{fmt::Write as _, time::Duration};

use e2e::{
    Exporter, Postgres, Prometheus,
    simulator::hv::{self, Kind, Load, Schema, Simulator},
};
use profiles::hv_consultores;

use crate::SCRAPE;

/// Tables that a job library would add to HV's: heartbeats and pauses.
const LIBRARY: &str = "
    create table workers (id int primary key, seen timestamptz not null);
    insert into workers values (1, now() + '1 hour');
    create table paused_queues (name text primary key);
    insert into paused_queues values ('report');";

const LIBRARY_SETTINGS: &str = r#"
[postgres-queue.queues.queue_jobs.workers]
table = "workers"
last_seen = "seen"
[postgres-queue.queues.queue_jobs.paused]
table = "paused_queues"
queue = "name"
"#;

const CRON: &str = "
    create extension pg_cron;
    select cron.schedule('sweep', '* * * * *', 'select 1');
    select cron.schedule('broken', '* * * * *', 'select 1/0');";

/// The servers and the exporter.
pub(crate) struct Stack {
    _postgres: Postgres,
    _exporter: Exporter,
    _system: Simulator,
    pub(crate) prometheus: Prometheus,
}

impl Stack {
    pub(crate) async fn start(schema: Schema) -> Self {
        let server = Postgres::builder()
            .pg_cron(hv::DATABASE)
            .setting("autovacuum_naptime = 1s")
            .setting("autovacuum_vacuum_threshold = 1")
            .setting("autovacuum_vacuum_scale_factor = 0")
            .start()
            .await
            .expect("PostgreSQL starts");
        let kind = |tipo, per_second| Kind {
            tipo,
            per_second,
            work: Duration::from_millis(100),
            failures: 0.3,
        };
        let tipos = ["email", "slack", "webhook", "report", "automation"];
        let load = Load {
            workers: 8,
            kinds: tipos.map(|it| kind(it, 4.0)).into(),
            attempts: 2,
            backoff: Duration::from_millis(500),
            ..Load::default()
        };
        let system = Simulator::start(&server, schema, load).await.expect("HV starts");
        for sql in [LIBRARY, CRON] {
            server.execute(hv::DATABASE, sql).await.expect("the extras can be made");
        }
        let queues = hv_consultores::PROFILE.queues.as_ref().expect("HV has queues");
        let mut settings = queues.settings.to_owned();
        let url = server.url(hv::DATABASE);
        let _ = write!(settings, "{LIBRARY_SETTINGS}\n[postgres-queue.postgres]\nurl = {url:?}\n");
        let exporter =
            Exporter::start("postgres-queue", &settings).await.expect("the exporter starts");
        let system_label = [("system", hv_consultores::PROFILE.slug)];
        let prometheus = Prometheus::builder()
            .interval(SCRAPE)
            .job("postgres-queue", &exporter.address(), &system_label)
            .start()
            .await
            .expect("Prometheus starts");
        Self { _postgres: server, _exporter: exporter, _system: system, prometheus }
    }
}
