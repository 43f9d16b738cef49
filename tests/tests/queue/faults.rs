//! Bad input and faults: each gives a clear error or value, and the exporter keeps running.

use std::time::Duration;

use common::scrape::Snapshot;
use e2e::{Postgres, Server as _};

use crate::support::{Exporter, MAPPING, TABLE, database, total};

fn up(snapshot: &Snapshot) -> Option<f64> {
    snapshot.value("pg_up", &[])
}

/// The first scrape in which nothing fails. What took long on a busy machine is asked again after a
/// hundred times as long.
pub(crate) async fn recovered(exporter: &Exporter) -> Snapshot {
    e2e::eventually(e2e::SOON, || async {
        let snapshot = exporter.scrape().await;
        exporter.failure().map_or(Ok(snapshot), Err)
    })
    .await
}

#[tokio::test]
async fn missing_table_is_named_and_awaited() {
    let server = Postgres::start().await.unwrap();
    server.create_database("app").await.unwrap();
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    let snapshot = exporter.scrape().await;
    assert_eq!(up(&snapshot), Some(1.0), "the server is there");
    let failure = exporter.failure().unwrap();
    assert!(failure.starts_with("missing: looking up the table \"queue_jobs\""), "{failure}");
    server.execute("app", TABLE).await.unwrap();
    exporter.scrape_ok().await;

    server.execute("app", "ALTER TABLE queue_jobs RENAME TO gone").await.unwrap();
    exporter.scrape().await;
    assert!(exporter.failure().unwrap().starts_with("missing: "));
    server.execute("app", "ALTER TABLE gone RENAME TO queue_jobs").await.unwrap();
    recovered(&exporter).await;
}

#[tokio::test]
async fn dropped_column_is_left_out_or_named() {
    let (server, client) = database().await;
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    exporter.scrape_ok().await;
    client.batch_execute("ALTER TABLE queue_jobs DROP finalizado_en").await.unwrap();
    exporter.scrape().await;
    let snapshot = recovered(&exporter).await;
    assert_eq!(snapshot.value("queue_mapping_column_present", &["hv", "finished_at"]), Some(0.0));
    client.batch_execute("ALTER TABLE queue_jobs RENAME estado TO status").await.unwrap();
    exporter.scrape().await;
    exporter.scrape().await;
    let failure = exporter.failure().unwrap();
    assert!(failure.contains("no column `estado`: correct `state`"), "{failure}");
}

#[tokio::test]
async fn a_missing_privilege_hints_at_its_grant() {
    let (server, client) = database().await;
    server.create_role("weak", "weak").await.unwrap();
    let exporter = Exporter::new(&server.url_as("weak", "weak", "app"), MAPPING);
    exporter.scrape().await;
    let failure = exporter.failure().unwrap();
    assert!(failure.starts_with("permission: "), "{failure}");
    assert!(
        failure.contains("GRANT SELECT (\"id\") ON \"public\".\"queue_jobs\" TO \"weak\""),
        "{failure}"
    );
    client
        .batch_execute("GRANT SELECT (id, tipo, estado, proxima_tentativa) ON queue_jobs TO weak")
        .await
        .unwrap();
    let snapshot = recovered(&exporter).await;
    assert_eq!(snapshot.value("queue_jobs", &["hv", "email", "ready"]), Some(0.0));
    assert_eq!(snapshot.value("queue_mapping_column_present", &["hv", "finished_at"]), Some(0.0));
    let notes = exporter.notes();
    assert!(notes.iter().any(|it| it.contains("GRANT SELECT (\"finalizado_en\")")), "{notes:?}");
}

#[tokio::test]
async fn many_queues_and_hostile_names_are_bounded() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "INSERT INTO queue_jobs (tipo) SELECT 'q' || i FROM generate_series(1, 10000) i",
        )
        .await
        .unwrap();
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    let snapshot = exporter.scrape_ok().await;
    assert_eq!(total(&snapshot, "queue_jobs"), 10_000.0);
    let queues = snapshot.family("queue_oldest_ready_age_seconds").unwrap().samples.len();
    assert_eq!(queues, 101, "a hundred and `other`");
    assert!(snapshot.value("pulso_labels_folded_total", &["queue"]).unwrap() > 1000.0);

    client.batch_execute("TRUNCATE queue_jobs").await.unwrap();
    let hostile = "\"}\n\\ ' {a=\"b\"} \u{1F600}";
    client.execute("INSERT INTO queue_jobs (tipo) VALUES ($1)", &[&hostile]).await.unwrap();
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    let snapshot = exporter.scrape_ok().await;
    assert_eq!(snapshot.value("queue_jobs", &["hv", hostile, "ready"]), Some(1.0));
    let text =
        common::scrape::encode::encode(&snapshot, common::scrape::encode::Format::OpenMetrics);
    assert!(text.contains(r#"queue="\"}\n\\ ' {a=\"b\"}"#), "{text}");
}

#[tokio::test]
async fn table_lock_costs_one_scrape() {
    let (server, client) = database().await;
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    exporter.scrape_ok().await;
    let other = server.connect("app").await.unwrap();
    other.batch_execute("BEGIN; LOCK TABLE queue_jobs").await.unwrap();
    let watch = e2e::Stopwatch::start(&[]);
    let snapshot = exporter.scrape().await;
    let took = watch.elapsed();
    assert!(took < Duration::from_secs(6), "{took:?}");
    assert_eq!(up(&snapshot), Some(1.0));
    assert!(exporter.failure().unwrap().starts_with("lock: "), "{:?}", exporter.failure());
    let waiting: i64 = client
        .query_one("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(waiting, 0, "nothing is left waiting behind the lock");
    other.batch_execute("INSERT INTO queue_jobs (tipo, estado, finalizado_en) VALUES ('email', 'completed', now()); COMMIT").await.unwrap();
    assert_eq!(total(&recovered(&exporter).await, "queue_jobs_finished_total"), 1.0);
}

#[tokio::test]
async fn statement_timeout_is_reported() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "CREATE FUNCTION slow(text) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT $1 FROM pg_sleep(5)';
             CREATE VIEW slow_jobs AS SELECT id, slow(tipo) AS tipo, estado FROM queue_jobs;
             INSERT INTO queue_jobs (tipo) VALUES ('email')",
        )
        .await
        .unwrap();
    let mapping = "postgres.statement_timeout = \"300ms\"
        [postgres-queue.queues.hv]
        table = \"slow_jobs\"
        queue = \"tipo\"
        state = \"estado\"
        states.waiting = [\"pending\"]";
    let exporter = Exporter::new(&server.url("app"), mapping);
    let snapshot = exporter.scrape().await;
    assert_eq!(up(&snapshot), Some(1.0));
    assert!(exporter.failure().unwrap().starts_with("timeout: "), "{:?}", exporter.failure());
    client
        .batch_execute(
            "CREATE OR REPLACE FUNCTION slow(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        )
        .await
        .unwrap();
    recovered(&exporter).await;
}

#[tokio::test]
async fn exporter_survives_late_lost_and_full_database() {
    let (server, client) = database().await;
    server.create_role("pulso", "old").await.unwrap();
    client
        .batch_execute("GRANT SELECT ON queue_jobs TO pulso; GRANT pg_read_all_stats TO pulso")
        .await
        .unwrap();
    // Data that is not on the disk yet is lost by the kill.
    client.batch_execute("CHECKPOINT").await.unwrap();
    server.kill();
    let folder = std::env::temp_dir().join(format!("pulso-queue-password-{}", std::process::id()));
    std::fs::write(&folder, "old").unwrap();
    let settings = format!(
        "[postgres-queue.postgres]\nhost = \"127.0.0.1\"\nport = {}\nuser = \"pulso\"\ndbname = \"app\"
         password_file = {folder:?}\n{MAPPING}",
        server.port()
    );
    let exporter = Exporter::from_toml(&settings);
    assert_eq!(up(&exporter.scrape().await), Some(0.0));
    assert!(exporter.failure().unwrap().starts_with("connect: "), "{:?}", exporter.failure());
    server.restart().await.unwrap();
    recovered(&exporter).await;

    // The password changes, and the connection is lost.
    let client = server.connect("app").await.unwrap();
    client.batch_execute("ALTER ROLE pulso PASSWORD 'new'").await.unwrap();
    let lose = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pulso'";
    client.batch_execute(lose).await.unwrap();
    e2e::eventually(e2e::SOON, || async {
        exporter.scrape().await;
        let failure = exporter.failure().unwrap_or_default();
        if failure.starts_with("auth: ") && !failure.contains("old") {
            Ok(())
        } else {
            Err(failure)
        }
    })
    .await;
    std::fs::write(&folder, "new").unwrap();
    recovered(&exporter).await;

    // No slot is left.
    client.batch_execute("ALTER ROLE pulso CONNECTION LIMIT 0").await.unwrap();
    client.batch_execute(lose).await.unwrap();
    e2e::eventually(e2e::SOON, || async {
        exporter.scrape().await;
        let failure = exporter.failure().unwrap_or_default();
        if failure.starts_with("slots: ") { Ok(()) } else { Err(failure) }
    })
    .await;
    client.batch_execute("ALTER ROLE pulso CONNECTION LIMIT 5").await.unwrap();
    recovered(&exporter).await;
    std::fs::remove_file(folder).unwrap();
}
