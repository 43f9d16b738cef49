//! A database with a queue table, and an exporter in this process that reads it.

use std::{sync::Arc, time::Duration};

use common::{
    process::{self, Exporter as _},
    scrape::{Snapshot, runner::Runner},
};
use e2e::{Postgres, Version};
use postgres_queue::PostgresQueue;
use tokio::time::Instant;
use tokio_postgres::Client;

/// The table of HV-Consultores, with the columns that its manual leaves open.
pub(crate) const TABLE: &str = "
    CREATE TABLE queue_jobs (
        id bigserial PRIMARY KEY,
        tipo text,
        estado text NOT NULL DEFAULT 'pending',
        creado_en timestamptz NOT NULL DEFAULT now(),
        proxima_tentativa timestamptz,
        iniciado_en timestamptz,
        finalizado_en timestamptz,
        intentos int NOT NULL DEFAULT 0,
        error text
    );
    CREATE INDEX ON queue_jobs (estado, proxima_tentativa) WHERE estado = 'pending';
    CREATE INDEX ON queue_jobs (iniciado_en) WHERE estado = 'processing';
    CREATE INDEX ON queue_jobs (creado_en);
    CREATE INDEX ON queue_jobs (finalizado_en);";

/// How the tests' mapping reads it.
pub(crate) const MAPPING: &str = r#"
    [postgres-queue.queues.hv]
    table = "queue_jobs"
    queue = "tipo"
    names = ["email"]
    state = "estado"
    ready_at = "proxima_tentativa"
    created_at = "creado_en"
    started_at = "iniciado_en"
    finished_at = "finalizado_en"
    attempts = "intentos"
    error = "error"
    stuck_after = "1h"
    states.waiting = ["pending"]
    states.running = ["processing"]
    states.succeeded = ["completed"]
    states.failed = ["failed"]
    states.cancelled = ["cancelled"]
"#;

/// An exporter in this process.
#[derive(Clone)]
pub(crate) struct Exporter(Arc<Runner>);

impl Exporter {
    /// Reads `url` by `mapping`.
    pub(crate) fn new(url: &str, mapping: &str) -> Self {
        Self::from_toml(&format!("[postgres-queue]\npostgres.url = \"{url}\"\n{mapping}"))
    }

    /// Reads what the settings say.
    pub(crate) fn from_toml(toml: &str) -> Self {
        let mut settings =
            common::settings::Settings::parse(PostgresQueue::NAME, "test.toml", toml).unwrap();
        let targets = process::targets::<PostgresQueue>(&mut settings).unwrap();
        Self(Arc::new(Runner::new(targets)))
    }

    /// One scrape, as a patient scraper sees it.
    pub(crate) async fn scrape(&self) -> Snapshot {
        self.scrape_within(Duration::from_secs(20)).await
    }

    /// One scrape under a deadline.
    pub(crate) async fn scrape_within(&self, time: Duration) -> Snapshot {
        self.probe("default", time).await
    }

    /// One scrape of a target.
    pub(crate) async fn probe(&self, target: &str, time: Duration) -> Snapshot {
        self.0.scrape(target, Instant::now() + time).await.unwrap()
    }

    /// One scrape in which nothing failed.
    pub(crate) async fn scrape_ok(&self) -> Snapshot {
        let snapshot = self.scrape().await;
        let failure = self.failure();
        assert!(failure.is_none(), "{}", failure.unwrap());
        snapshot
    }

    /// The failures of the last scrape, with their hints.
    pub(crate) fn failure(&self) -> Option<String> {
        let status = self.0.status();
        let mut collectors = status.iter().flat_map(|it| &it.collectors);
        let failure = collectors.find_map(|it| it.last.as_ref()?.failure.as_ref())?;
        let hint = failure.hint.as_deref().unwrap_or("no hint");
        Some(format!("{}: {} ({hint})", failure.reason.as_str(), failure.message))
    }

    /// The notes of the landing page.
    pub(crate) fn notes(&self) -> Vec<String> {
        let status = self.0.status();
        status.into_iter().flat_map(|it| it.collectors).flat_map(|it| it.notes).collect()
    }
}

/// A server with the table in the database `app`, and a connection to it.
pub(crate) async fn database() -> (Postgres, Client) {
    database_on(Version::default()).await
}

/// The same on another version.
pub(crate) async fn database_on(version: Version) -> (Postgres, Client) {
    let server = Postgres::builder()
        .version(version)
        .setting("max_prepared_transactions = 20")
        .setting("max_connections = 60")
        .start()
        .await
        .unwrap();
    server.create_database("app").await.unwrap();
    let client = server.connect("app").await.unwrap();
    client.batch_execute(TABLE).await.unwrap();
    (server, client)
}

/// The sum of a family's samples over all labels.
pub(crate) fn total(snapshot: &Snapshot, name: &str) -> f64 {
    let Some(family) = snapshot.family(name) else { panic!("{name} is missing") };
    let numbers = family.samples.values().map(|it| match it {
        common::scrape::Value::Number(number) => *number,
        common::scrape::Value::Histogram(it) => it.count() as f64,
    });
    numbers.sum()
}

/// Whether the family has no sample.
pub(crate) fn is_absent(snapshot: &Snapshot, name: &str) -> bool {
    snapshot.family(name).is_none_or(|it| it.samples.is_empty())
}
