//! Each row counts once, and once only: each property of counting, against the table's truth.

use std::time::Duration;

use common::snapshot::Snapshot;
use e2e::{Postgres, Server as _};
use tokio_postgres::Client;

use crate::support::{Exporter, MAPPING, database, total};

/// Without the margin, so that the bound alone must do.
fn exact_mapping() -> String {
    format!("{MAPPING}\nsettle = \"1ms\"")
}

fn finished(snapshot: &Snapshot) -> f64 {
    total(snapshot, "queue_jobs_finished_total")
}

fn is_exact(snapshot: &Snapshot) -> bool {
    snapshot.value("queue_counting_exact", &["hv"]) == Some(1.0)
}

/// A server, a connection, and an exporter that has begun to count.
async fn counting(mapping: &str) -> (Postgres, Client, Exporter) {
    let (server, client) = database().await;
    let exporter = Exporter::new(&server.url("app"), mapping);
    exporter.well().await;
    (server, client, exporter)
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

const DONE: &str = "INSERT INTO queue_jobs (tipo, estado, iniciado_en, finalizado_en, intentos)
    VALUES ('email', 'completed', now() - interval '2 s', now(), 1)";

#[tokio::test]
async fn a_row_committed_after_newer_ones_were_counted_counts() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    for count in 1..=3 {
        run(&client, DONE).await;
        let snapshot = exporter.well().await;
        assert_eq!(finished(&snapshot), f64::from(count));
        assert!(is_exact(&snapshot));
    }
    run(&late, "COMMIT").await;
    assert_eq!(finished(&exporter.well().await), 4.0);
    assert_eq!(finished(&exporter.well().await), 4.0);
}

#[tokio::test]
async fn a_transaction_that_had_not_written_when_it_was_looked_at_counts() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN; SELECT 1").await;
    for _ in 0..3 {
        run(&client, DONE).await;
        exporter.well().await;
    }
    // Stamped with the start of its transaction, three scrapes ago; under a savepoint, too.
    run(&late, "SAVEPOINT a").await;
    run(&late, DONE).await;
    run(&late, "RELEASE a; SAVEPOINT b").await;
    run(&late, DONE).await;
    run(&late, "ROLLBACK TO b").await;
    assert_eq!(finished(&exporter.well().await), 3.0);
    run(&late, "COMMIT").await;
    assert_eq!(finished(&exporter.well().await), 4.0);
    assert_eq!(finished(&exporter.well().await), 4.0);
}

#[tokio::test]
async fn a_procedure_that_commits_in_between_counts() {
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
        assert!(is_exact(&exporter.well().await));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    call.await.unwrap().unwrap();
    let snapshot = exporter.well().await;
    let truth: i64 = client.query_one("SELECT count(*) FROM queue_jobs", &[]).await.unwrap().get(0);
    assert_eq!(finished(&snapshot), truth as f64);
}

#[tokio::test]
async fn a_finished_row_that_is_updated_again_counts_once() {
    let (_server, client, exporter) = counting(&exact_mapping()).await;
    run(&client, DONE).await;
    assert_eq!(finished(&exporter.well().await), 1.0);
    for note in ["archived", "annotated"] {
        run(&client, &format!("UPDATE queue_jobs SET error = '{note}'")).await;
        assert_eq!(finished(&exporter.well().await), 1.0);
    }
}

#[tokio::test]
async fn failed_retried_and_completed_counts_once_in_each() {
    let (_server, client, exporter) =
        counting(&format!("{}\nevery_run_finishes = true", exact_mapping())).await;
    run(
        &client,
        "INSERT INTO queue_jobs (tipo, estado, iniciado_en, finalizado_en, intentos, error)
         VALUES ('email', 'failed', now(), now(), 1, 'connect ETIMEDOUT')",
    )
    .await;
    exporter.well().await;
    run(&client, "UPDATE queue_jobs SET estado = 'pending'").await;
    exporter.well().await;
    run(
        &client,
        "UPDATE queue_jobs SET estado = 'completed', intentos = 2, iniciado_en = now(), finalizado_en = now()",
    )
    .await;
    for _ in 0..2 {
        let snapshot = exporter.well().await;
        let value = |name: &str| snapshot.value(name, &["hv", "email"]).unwrap();
        assert_eq!(value("queue_jobs_enqueued_total"), 1.0);
        assert_eq!(value("queue_jobs_failed_total"), 1.0);
        assert_eq!(value("queue_jobs_retried_total"), 1.0);
        assert_eq!(value("queue_jobs_finished_total"), 2.0);
        assert_eq!(total(&snapshot, "queue_job_run_seconds"), 2.0);
    }
}

#[tokio::test]
async fn a_report_that_is_open_for_long_does_not_stall_the_count() {
    let mapping = format!("{}\nlookback = \"2s\"", exact_mapping());
    let (server, client, exporter) = counting(&mapping).await;
    let report = server.connect("app").await.unwrap();
    run(
        &report,
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT count(*) FROM queue_jobs",
    )
    .await;
    let mut was_inexact = false;
    for count in 1..=12 {
        run(&client, DONE).await;
        let snapshot = exporter.well().await;
        assert_eq!(finished(&snapshot), f64::from(count));
        was_inexact |= !is_exact(&snapshot);
        let keys = snapshot.value("queue_counted_keys", &["hv"]).unwrap();
        assert!(keys <= 24.0, "{keys}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(was_inexact, "the weaker guarantee is said");
    run(&report, "COMMIT").await;
    let snapshot = exporter.well().await;
    assert!(is_exact(&snapshot));
    assert_eq!(finished(&snapshot), 12.0);
    let keys = snapshot.value("queue_counted_keys", &["hv"]).unwrap();
    assert!(keys <= 2.0, "what is final is forgotten: {keys}");
}

#[tokio::test]
async fn the_applications_clocks_may_be_off_by_seconds() {
    let mapping = format!("{MAPPING}\nclock = \"application\"\nskew = \"10s\"\nlookback = \"20s\"");
    let (_server, client, exporter) = counting(&mapping).await;
    for (index, offset) in [-8, 7, 0, -3, 9, 5, -9].into_iter().enumerate() {
        run(
            &client,
            &format!(
                "INSERT INTO queue_jobs (tipo, estado, creado_en, finalizado_en)
                 VALUES ('email', 'completed', now() + interval '{offset} s', now() + interval '{offset} s')"
            ),
        )
        .await;
        let snapshot = exporter.well().await;
        assert_eq!(finished(&snapshot), (index + 1) as f64, "{offset}");
        assert_eq!(total(&snapshot, "queue_jobs_enqueued_total"), (index + 1) as f64, "{offset}");
        assert!(!is_exact(&snapshot));
    }
    assert_eq!(finished(&exporter.well().await), 7.0);
}

#[tokio::test]
async fn a_row_deleted_after_one_scrape_has_counted() {
    let (_server, client, exporter) = counting(&exact_mapping()).await;
    for count in 1..=5 {
        run(&client, DONE).await;
        assert_eq!(finished(&exporter.well().await), f64::from(count));
        run(&client, "DELETE FROM queue_jobs").await;
        assert_eq!(finished(&exporter.well().await), f64::from(count));
    }
}

#[tokio::test]
async fn a_prepared_transaction_counts_when_it_is_committed() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    exporter.well().await;
    run(&late, "PREPARE TRANSACTION 'late'").await;
    for count in 1..=3 {
        run(&client, DONE).await;
        let snapshot = exporter.well().await;
        assert!(is_exact(&snapshot));
        assert_eq!(finished(&snapshot), f64::from(count));
    }
    run(&client, "COMMIT PREPARED 'late'").await;
    assert_eq!(finished(&exporter.well().await), 4.0);
    assert_eq!(finished(&exporter.well().await), 4.0);

    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    run(&late, "PREPARE TRANSACTION 'later'").await;
    let restarted = Exporter::new(&server.url("app"), &exact_mapping());
    assert!(!is_exact(&restarted.well().await), "when it began is not known");
    run(&client, "ROLLBACK PREPARED 'later'").await;
    restarted.well().await;
    assert!(is_exact(&restarted.well().await));
}

#[tokio::test]
async fn a_lost_connection_a_frozen_server_and_a_crash_lose_nothing() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    run(&client, DONE).await;
    run(&client, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pulso%'").await;
    run(&client, DONE).await;
    exporter.scrape().await;
    let snapshot = e2e::eventually(Duration::from_secs(20), || async {
        let snapshot = exporter.scrape().await;
        if snapshot.value("pg_up", &[]) == Some(1.0) { Ok(snapshot) } else { Err("down") }
    })
    .await;
    assert_eq!(finished(&snapshot), 2.0);

    run(&client, DONE).await;
    server.freeze();
    let started = std::time::Instant::now();
    let snapshot = exporter.scrape_within(Duration::from_millis(700)).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(snapshot.value("pg_up", &[]), Some(0.0));
    server.thaw();
    let up = || async {
        let snapshot = exporter.scrape().await;
        let answered = snapshot.family("queue_jobs_finished_total").is_some();
        if answered && exporter.failure().is_none() {
            Ok(snapshot)
        } else {
            Err(exporter.failure().unwrap_or_default())
        }
    };
    assert_eq!(finished(&e2e::eventually(Duration::from_secs(20), up).await), 3.0);

    run(&client, DONE).await;
    server.kill();
    let snapshot = exporter.scrape_within(Duration::from_secs(2)).await;
    assert_eq!(snapshot.value("pg_up", &[]), Some(0.0));
    server.restart().await.unwrap();
    let client = server.connect("app").await.unwrap();
    run(&client, DONE).await;
    let snapshot = e2e::eventually(Duration::from_secs(30), up).await;
    let truth: i64 = client.query_one("SELECT count(*) FROM queue_jobs", &[]).await.unwrap().get(0);
    // Without fsync a crash may lose the last commits, but those that were counted it kept.
    assert_eq!(finished(&snapshot), truth as f64);
}

#[tokio::test]
async fn scrapes_given_up_half_way_lose_nothing() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    for round in 1..=40_u64 {
        run(&client, DONE).await;
        // From none to all of the steps fit into the time.
        exporter.scrape_within(Duration::from_micros(round * 150)).await;
    }
    let snapshot = e2e::eventually(Duration::from_secs(20), || async {
        let snapshot = exporter.scrape().await;
        match exporter.failure() {
            None => Ok(snapshot),
            Some(failure) => Err(failure),
        }
    })
    .await;
    assert_eq!(finished(&snapshot), 40.0);
    assert_eq!(total(&snapshot, "queue_jobs_enqueued_total"), 40.0);
    drop(server);
}

#[tokio::test]
async fn counting_starts_at_a_restart_or_goes_on_where_it_was() {
    let (server, client) = database().await;
    let folder = std::env::temp_dir().join(format!("pulso-queue-state-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = server.url("app");
    let kept = format!(
        "[postgres-queue]\nstate_dir = {folder:?}\npostgres.url = \"{url}\"\n{}",
        exact_mapping()
    );
    let exporter = Exporter::from_toml(&kept);
    run(&client, DONE).await;
    assert_eq!(finished(&exporter.well().await), 0.0);
    run(&client, DONE).await;
    let before = exporter.well().await;
    assert_eq!(finished(&before), 1.0);
    drop(exporter);

    // One that is open across the restart, and one that begins and ends in between.
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    run(&client, DONE).await;
    let anew = Exporter::new(&url, &exact_mapping());
    assert_eq!(finished(&anew.well().await), 0.0);
    let exporter = Exporter::from_toml(&kept);
    let after = exporter.well().await;
    assert_eq!(finished(&after), 2.0);
    assert_eq!(total(&after, "queue_job_latency_seconds"), 2.0);
    run(&late, "COMMIT").await;
    assert_eq!((finished(&anew.well().await), finished(&exporter.well().await)), (1.0, 3.0));

    // Another table of that name is another story.
    run(&client, "DROP TABLE queue_jobs").await;
    run(&client, crate::support::TABLE).await;
    run(&client, DONE).await;
    let exporter = Exporter::from_toml(&kept);
    assert_eq!(finished(&exporter.well().await), 0.0);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_longer_look_counts_what_came_later_than_the_look_back() {
    let (server, client) = database().await;
    let folder = std::env::temp_dir().join(format!("pulso-queue-late-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let settings = |lookback: &str| {
        format!(
            "[postgres-queue]\nstate_dir = {folder:?}\npostgres.url = \"{}\"\n{MAPPING}
             clock = \"application\"\nskew = \"0s\"\nlate_every = \"1s\"\nlookback = \"{lookback}\"",
            server.url("app")
        )
    };
    let at = |minutes: i32| {
        format!(
            "INSERT INTO queue_jobs (tipo, estado, creado_en, finalizado_en) VALUES
             ('email', 'failed', now() - interval '{minutes} minutes', now() - interval '{minutes} minutes')"
        )
    };
    // Begin with a long memory, so that the minutes before now are known.
    run(&client, &at(5)).await;
    assert_eq!(finished(&Exporter::from_toml(&settings("20m")).well().await), 0.0);
    let exporter = Exporter::from_toml(&settings("1s"));
    assert_eq!(finished(&exporter.well().await), 0.0);
    run(&client, &at(5)).await;
    run(&client, &at(4)).await;
    // With the two that were enqueued. A slow look rests for a hundred times its length.
    let late = "queue_jobs_counted_late_total";
    let snapshot = e2e::eventually(Duration::from_secs(30), || async {
        let snapshot = exporter.well().await;
        match snapshot.value(late, &["hv"]) {
            Some(4.0) => Ok(snapshot),
            counted => Err(format!("{counted:?}")),
        }
    })
    .await;
    assert_eq!(finished(&snapshot), 2.0);
    assert_eq!(total(&snapshot, "queue_jobs_failed_total"), 2.0);
    tokio::time::sleep(Duration::from_secs(4)).await;
    let snapshot = exporter.well().await;
    assert_eq!((finished(&snapshot), snapshot.value(late, &["hv"])), (2.0, Some(4.0)));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn without_the_privilege_the_look_back_takes_the_bounds_place() {
    let (server, client) = database().await;
    server.create_role("weak", "weak").await.unwrap();
    run(&client, "GRANT SELECT ON queue_jobs TO weak").await;
    let exporter = Exporter::new(&server.url_as("weak", "weak", "app"), MAPPING);
    assert!(!is_exact(&exporter.well().await));
    let notes = exporter.notes();
    assert!(notes.iter().any(|it| it.contains("GRANT pg_read_all_stats TO \"weak\"")), "{notes:?}");
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    run(&client, DONE).await;
    assert_eq!(finished(&exporter.well().await), 1.0);
    run(&late, "COMMIT").await;
    assert_eq!(finished(&exporter.well().await), 2.0);
}

#[tokio::test]
async fn a_session_that_hides_its_transactions_makes_it_say_so() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    let hidden = server.connect("app").await.unwrap();
    run(&hidden, "SET track_activities = off").await;
    run(&hidden, "BEGIN").await;
    run(&hidden, DONE).await;
    let snapshot = exporter.well().await;
    assert!(!is_exact(&snapshot));
    assert!(exporter.notes()[0].contains("track_activities"), "{:?}", exporter.notes());
    run(&client, DONE).await;
    exporter.well().await;
    run(&hidden, "COMMIT").await;
    assert_eq!(finished(&exporter.well().await), 2.0);
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
    let snapshot = exporter.well().await;
    assert_eq!(finished(&snapshot), 32_000.0);
    assert!(is_exact(&snapshot));
    assert_eq!(finished(&exporter.well().await), 32_000.0);
}
