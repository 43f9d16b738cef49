//! Other versions of PostgreSQL, PgBouncer in between, and a standby.

use std::time::Duration;

use common::scrape::Snapshot;
use e2e::{PgBouncer, postgres::versions};

use crate::support::{Exporter, MAPPING, database, database_on, total};

const DONE: &str =
    "INSERT INTO queue_jobs (tipo, estado, iniciado_en, finalizado_en, intentos, error)
    VALUES ('email', 'failed', now() - interval '2 s', now(), 1, 'x')";

#[tokio::test]
async fn each_version_is_read() {
    for version in versions() {
        let (server, client) = database_on(version).await;
        let mapping = format!("{MAPPING}\nsettle = \"1ms\"\nkept = [\"failed\"]");
        let exporter = Exporter::new(&server.url("app"), &mapping);
        client.batch_execute("INSERT INTO queue_jobs (tipo) VALUES ('email')").await.unwrap();
        exporter.scrape_ok().await;
        let late = server.connect("app").await.unwrap();
        late.batch_execute("BEGIN").await.unwrap();
        late.batch_execute(DONE).await.unwrap();
        client.batch_execute(DONE).await.unwrap();
        client.batch_execute("VACUUM queue_jobs").await.unwrap();
        assert_eq!(
            total(&exporter.scrape_ok().await, "queue_jobs_finished_total"),
            1.0,
            "{version}"
        );
        late.batch_execute("PREPARE TRANSACTION 'late'").await.unwrap();
        exporter.scrape_ok().await;
        client.batch_execute("COMMIT PREPARED 'late'").await.unwrap();
        let snapshot = exporter.scrape_ok().await;
        assert_eq!(total(&snapshot, "queue_jobs_finished_total"), 2.0, "{version}");
        assert_eq!(
            snapshot.value("queue_jobs", &["hv", "email", "failed"]),
            Some(2.0),
            "{version}"
        );
        assert_eq!(snapshot.value("queue_jobs", &["hv", "email", "ready"]), Some(1.0), "{version}");
        assert_eq!(snapshot.value("queue_counting_exact", &["hv"]), Some(1.0), "{version}");
        assert!(snapshot.value("queue_table_size_bytes", &["hv"]).is_some(), "{version}");
    }
}

#[tokio::test]
async fn counts_are_the_same_through_a_pooler() {
    let (server, client) = database().await;
    let pooler =
        PgBouncer::builder(&server).setting("default_pool_size = 3").start().await.unwrap();
    let mapping = format!("postgres.pgbouncer = true\n{MAPPING}\nsettle = \"1ms\"");
    let exporter = Exporter::new(&pooler.url("app"), &mapping);
    exporter.scrape_ok().await;
    let late = server.connect("app").await.unwrap();
    late.batch_execute("BEGIN").await.unwrap();
    late.batch_execute(DONE).await.unwrap();
    for count in 1..=3 {
        client.batch_execute(DONE).await.unwrap();
        let snapshot = exporter.scrape_ok().await;
        assert_eq!(total(&snapshot, "queue_jobs_finished_total"), f64::from(count));
        assert_eq!(snapshot.value("queue_counting_exact", &["hv"]), Some(1.0));
    }
    late.batch_execute("COMMIT").await.unwrap();
    assert_eq!(total(&exporter.scrape_ok().await, "queue_jobs_finished_total"), 4.0);
}

#[tokio::test]
async fn partitions_are_summed() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "CREATE TABLE parted (id bigint, tipo text, estado text, creado_en timestamptz DEFAULT now(),
               finalizado_en timestamptz) PARTITION BY LIST (tipo);
             CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('email');
             CREATE TABLE parted_b PARTITION OF parted FOR VALUES IN ('slack');
             INSERT INTO parted VALUES (1, 'email', 'pending'), (2, 'slack', 'pending')",
        )
        .await
        .unwrap();
    let exporter =
        Exporter::new(&server.url("app"), &MAPPING.replace("\"queue_jobs\"", "\"parted\""));
    let snapshot = exporter.scrape_ok().await;
    assert_eq!(total(&snapshot, "queue_jobs"), 2.0);
    assert!(snapshot.value("queue_table_size_bytes", &["hv"]).unwrap() >= 16_384.0);
    client
        .batch_execute("UPDATE parted SET estado = 'completed', finalizado_en = now()")
        .await
        .unwrap();
    let snapshot = exporter.scrape_ok().await;
    let finished = |queue| snapshot.value("queue_jobs_finished_total", &["hv", queue]);
    assert_eq!((finished("email"), finished("slack")), (Some(1.0), Some(1.0)));
}

#[tokio::test]
async fn mappings_and_targets_are_separate() {
    let (server, client) = database().await;
    server.create_database("other").await.unwrap();
    client
        .batch_execute("INSERT INTO queue_jobs (tipo) VALUES ('email'), ('slack')")
        .await
        .unwrap();
    let second = MAPPING
        .replace("queues.hv]", "queues.mail]")
        .replace("table =", "filter.tipo = \"email\"\ntable =");
    let exporter = Exporter::new(&server.url("app"), &format!("{MAPPING}{second}"));
    let snapshot = exporter.scrape_ok().await;
    let ready = |snapshot: &Snapshot, source, queue| {
        snapshot.value("queue_jobs", &[source, queue, "ready"])
    };
    assert_eq!(ready(&snapshot, "hv", "slack"), Some(1.0));
    assert_eq!(ready(&snapshot, "mail", "slack"), None);
    assert_eq!(ready(&snapshot, "mail", "email"), Some(1.0));

    let targets = format!(
        "{MAPPING}\n[postgres-queue.targets.second.postgres]\nurl = \"{}\"",
        server.url("other")
    );
    let exporter = Exporter::new(&server.url("app"), &targets);
    exporter.scrape_ok().await;
    let other = exporter.probe("second", Duration::from_secs(10)).await;
    assert_eq!(other.value("pg_up", &[]), Some(1.0));
    assert_eq!(other.value("pulso_collector_success", &["hv"]), Some(0.0), "it has no table");
}
