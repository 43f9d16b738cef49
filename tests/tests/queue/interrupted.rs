//! Counting across lost connections, crashes, scrapes that are given up, and restarts.

use std::time::Duration;

use e2e::Server as _;

use crate::{
    counting::{DONE, counting, exact_mapping, finished, run},
    support::{Exporter, TABLE, database, total},
};

#[tokio::test]
async fn counts_survive_faults() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    run(&client, DONE).await;
    run(&client, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pulso%'").await;
    run(&client, DONE).await;
    exporter.scrape().await;
    let snapshot = e2e::eventually(e2e::SOON, || async {
        let snapshot = exporter.scrape().await;
        if snapshot.value("pg_up", &[]) == Some(1.0) { Ok(snapshot) } else { Err("down") }
    })
    .await;
    assert_eq!(finished(&snapshot), 2.0);

    run(&client, DONE).await;
    server.freeze();
    let watch = e2e::Stopwatch::start(&[]);
    let snapshot = exporter.scrape_within(Duration::from_millis(700)).await;
    let took = watch.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
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
    assert_eq!(finished(&e2e::eventually(e2e::SOON, up).await), 3.0);

    run(&client, DONE).await;
    server.kill();
    let snapshot = exporter.scrape_within(Duration::from_secs(2)).await;
    assert_eq!(snapshot.value("pg_up", &[]), Some(0.0));
    server.restart().await.unwrap();
    let client = server.connect("app").await.unwrap();
    run(&client, DONE).await;
    let snapshot = e2e::eventually(e2e::SOON, up).await;
    let truth: i64 = client.query_one("SELECT count(*) FROM queue_jobs", &[]).await.unwrap().get(0);
    // Without fsync a crash may lose the last commits, but those that were counted it kept.
    assert_eq!(finished(&snapshot), truth as f64);
}

#[tokio::test]
async fn counts_survive_abandoned_scrapes() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    for round in 1..=40_u64 {
        run(&client, DONE).await;
        // From none to all of the steps fit into the time.
        exporter.scrape_within(Duration::from_micros(round * 150)).await;
    }
    let snapshot = e2e::eventually(e2e::SOON, || async {
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
async fn counts_resume_from_state_dir() {
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
    assert_eq!(finished(&exporter.scrape_ok().await), 0.0);
    run(&client, DONE).await;
    let before = exporter.scrape_ok().await;
    assert_eq!(finished(&before), 1.0);
    drop(exporter);

    // One that is open across the restart, and one that begins and ends in between.
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    run(&client, DONE).await;
    let fresh = Exporter::new(&url, &exact_mapping());
    assert_eq!(finished(&fresh.scrape_ok().await), 0.0);
    let exporter = Exporter::from_toml(&kept);
    let after = exporter.scrape_ok().await;
    assert_eq!(finished(&after), 2.0);
    assert_eq!(total(&after, "queue_job_latency_seconds"), 2.0);
    run(&late, "COMMIT").await;
    assert_eq!(
        (finished(&fresh.scrape_ok().await), finished(&exporter.scrape_ok().await)),
        (1.0, 3.0)
    );

    // Another table of that name is another story.
    run(&client, "DROP TABLE queue_jobs").await;
    run(&client, TABLE).await;
    run(&client, DONE).await;
    let exporter = Exporter::from_toml(&kept);
    assert_eq!(finished(&exporter.scrape_ok().await), 0.0);
    std::fs::remove_dir_all(folder).unwrap();
}
