//! Each row counts once, and once only: each property of counting, against the table's truth.

use std::time::Duration;

use crate::{
    counting::{DONE, counting, exact_mapping, finished, is_exact, run},
    support::{Exporter, total},
};

#[tokio::test]
async fn late_commit_is_counted() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    for count in 1..=3 {
        run(&client, DONE).await;
        let snapshot = exporter.scrape_ok().await;
        assert_eq!(finished(&snapshot), f64::from(count));
        assert!(is_exact(&snapshot));
    }
    run(&late, "COMMIT").await;
    assert_eq!(finished(&exporter.scrape_ok().await), 4.0);
    assert_eq!(finished(&exporter.scrape_ok().await), 4.0);
}

#[tokio::test]
async fn late_write_is_counted() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN; SELECT 1").await;
    for _ in 0..3 {
        run(&client, DONE).await;
        exporter.scrape_ok().await;
    }
    // Stamped with the start of its transaction, three scrapes ago; under a savepoint, too.
    run(&late, "SAVEPOINT a").await;
    run(&late, DONE).await;
    run(&late, "RELEASE a; SAVEPOINT b").await;
    run(&late, DONE).await;
    run(&late, "ROLLBACK TO b").await;
    assert_eq!(finished(&exporter.scrape_ok().await), 3.0);
    run(&late, "COMMIT").await;
    assert_eq!(finished(&exporter.scrape_ok().await), 4.0);
    assert_eq!(finished(&exporter.scrape_ok().await), 4.0);
}

#[tokio::test]
async fn procedure_with_commits_is_counted() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    let done = DONE.replace("now(), 1)", "statement_timestamp(), 1)");
    // The second transaction is younger than the statement whose time it stamps.
    let procedure = format!(
        "CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN
           PERFORM pg_sleep(0.3); COMMIT; PERFORM pg_sleep(1); {done}; COMMIT; END $$"
    );
    run(&client, &procedure).await;
    let late = server.connect("app").await.unwrap();
    let call = tokio::spawn(async move { late.batch_execute("CALL work()").await });
    while !call.is_finished() {
        run(&client, DONE).await;
        assert!(is_exact(&exporter.scrape_ok().await));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    call.await.unwrap().unwrap();
    let snapshot = exporter.scrape_ok().await;
    let truth: i64 = client.query_one("SELECT count(*) FROM queue_jobs", &[]).await.unwrap().get(0);
    assert_eq!(finished(&snapshot), truth as f64);
}

#[tokio::test]
async fn updated_finished_row_counts_once() {
    let (_server, client, exporter) = counting(&exact_mapping()).await;
    run(&client, DONE).await;
    assert_eq!(finished(&exporter.scrape_ok().await), 1.0);
    for note in ["archived", "annotated"] {
        run(&client, &format!("UPDATE queue_jobs SET error = '{note}'")).await;
        assert_eq!(finished(&exporter.scrape_ok().await), 1.0);
    }
}

#[tokio::test]
async fn each_outcome_counts_once() {
    let (_server, client, exporter) =
        counting(&format!("{}\nevery_run_finishes = true", exact_mapping())).await;
    run(
        &client,
        "INSERT INTO queue_jobs (tipo, estado, iniciado_en, finalizado_en, intentos, error)
         VALUES ('email', 'failed', now(), now(), 1, 'connect ETIMEDOUT')",
    )
    .await;
    exporter.scrape_ok().await;
    run(&client, "UPDATE queue_jobs SET estado = 'pending'").await;
    exporter.scrape_ok().await;
    run(
        &client,
        "UPDATE queue_jobs SET estado = 'completed', intentos = 2, iniciado_en = now(), finalizado_en = now()",
    )
    .await;
    for _ in 0..2 {
        let snapshot = exporter.scrape_ok().await;
        let value = |name: &str| snapshot.value(name, &["hv", "email"]).unwrap();
        assert_eq!(value("queue_jobs_enqueued_total"), 1.0);
        assert_eq!(value("queue_jobs_failed_total"), 1.0);
        assert_eq!(value("queue_jobs_retried_total"), 1.0);
        assert_eq!(value("queue_jobs_finished_total"), 2.0);
        assert_eq!(total(&snapshot, "queue_job_run_seconds"), 2.0);
    }
}

#[tokio::test]
async fn deleted_row_stays_counted() {
    let (_server, client, exporter) = counting(&exact_mapping()).await;
    for count in 1..=5 {
        run(&client, DONE).await;
        assert_eq!(finished(&exporter.scrape_ok().await), f64::from(count));
        run(&client, "DELETE FROM queue_jobs").await;
        assert_eq!(finished(&exporter.scrape_ok().await), f64::from(count));
    }
}

#[tokio::test]
async fn prepared_transaction_counts_at_commit() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    exporter.scrape_ok().await;
    run(&late, "PREPARE TRANSACTION 'late'").await;
    for count in 1..=3 {
        run(&client, DONE).await;
        let snapshot = exporter.scrape_ok().await;
        assert!(is_exact(&snapshot));
        assert_eq!(finished(&snapshot), f64::from(count));
    }
    run(&client, "COMMIT PREPARED 'late'").await;
    assert_eq!(finished(&exporter.scrape_ok().await), 4.0);
    assert_eq!(finished(&exporter.scrape_ok().await), 4.0);

    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    run(&late, "PREPARE TRANSACTION 'later'").await;
    let restarted = Exporter::new(&server.url("app"), &exact_mapping());
    assert!(!is_exact(&restarted.scrape_ok().await), "when it began is not known");
    run(&client, "ROLLBACK PREPARED 'later'").await;
    restarted.scrape_ok().await;
    assert!(is_exact(&restarted.scrape_ok().await));
}

#[tokio::test]
async fn a_backlog_of_rows_is_read_in_pages() {
    let (_server, client, exporter) = counting(&exact_mapping()).await;
    // Three pages' worth under one stamp, then many stamps.
    run(
        &client,
        "INSERT INTO queue_jobs (tipo, estado, finalizado_en)
         SELECT 'email', 'completed', now() FROM generate_series(1, 16000)",
    )
    .await;
    run(
        &client,
        "INSERT INTO queue_jobs (tipo, estado, finalizado_en)
         SELECT 'email', 'completed', clock_timestamp() FROM generate_series(1, 16000)",
    )
    .await;
    let snapshot = exporter.scrape_ok().await;
    assert_eq!(finished(&snapshot), 32_000.0);
    assert!(is_exact(&snapshot));
    assert_eq!(finished(&exporter.scrape_ok().await), 32_000.0);
}
