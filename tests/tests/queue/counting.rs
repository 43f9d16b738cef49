//! Helpers of the tests of counting.

use common::scrape::Snapshot;
use e2e::Postgres;
use tokio_postgres::Client;

use crate::support::{Exporter, MAPPING, database, total};

/// A job that is done at once.
pub(crate) const DONE: &str =
    "INSERT INTO queue_jobs (tipo, estado, iniciado_en, finalizado_en, intentos)
    VALUES ('email', 'completed', now() - interval '2 s', now(), 1)";

/// Without the margin, so that the bound alone must do.
pub(crate) fn exact_mapping() -> String {
    format!("{MAPPING}\nsettle = \"1ms\"")
}

/// How many jobs have finished.
pub(crate) fn finished(snapshot: &Snapshot) -> f64 {
    total(snapshot, "queue_jobs_finished_total")
}

/// Whether it promises that none is missed.
pub(crate) fn is_exact(snapshot: &Snapshot) -> bool {
    snapshot.value("queue_counting_exact", &["hv"]) == Some(1.0)
}

/// A server, a connection, and an exporter that has begun to count.
pub(crate) async fn counting(mapping: &str) -> (Postgres, Client, Exporter) {
    let (server, client) = database().await;
    let exporter = Exporter::new(&server.url("app"), mapping);
    exporter.scrape_ok().await;
    (server, client, exporter)
}

/// Statements that must do well.
pub(crate) async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}
