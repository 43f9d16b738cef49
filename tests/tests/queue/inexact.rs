//! Where the bound of what may still be committed is not known or not waited for: it says so, and the
//! look-back takes its place.

use std::time::Duration;

use crate::{
    counting::{DONE, counting, exact_mapping, finished, is_exact, run},
    support::{Exporter, MAPPING, database, total},
};

#[tokio::test]
async fn long_transaction_does_not_stop_counting() {
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
        let snapshot = exporter.scrape_ok().await;
        assert_eq!(finished(&snapshot), f64::from(count));
        was_inexact |= !is_exact(&snapshot);
        let keys = snapshot.value("queue_counted_keys", &["hv"]).unwrap();
        assert!(keys <= 24.0, "{keys}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(was_inexact, "the weaker guarantee is reported");
    run(&report, "COMMIT").await;
    let snapshot = exporter.scrape_ok().await;
    assert!(is_exact(&snapshot));
    assert_eq!(finished(&snapshot), 12.0);
    let keys = snapshot.value("queue_counted_keys", &["hv"]).unwrap();
    assert!(keys <= 2.0, "what is final is forgotten: {keys}");
}

#[tokio::test]
async fn clock_skew_is_tolerated() {
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
        let snapshot = exporter.scrape_ok().await;
        assert_eq!(finished(&snapshot), (index + 1) as f64, "{offset}");
        assert_eq!(total(&snapshot, "queue_jobs_enqueued_total"), (index + 1) as f64, "{offset}");
        assert!(!is_exact(&snapshot));
    }
    assert_eq!(finished(&exporter.scrape_ok().await), 7.0);
}

#[tokio::test]
async fn long_look_counts_late_rows() {
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
    assert_eq!(finished(&Exporter::from_toml(&settings("20m")).scrape_ok().await), 0.0);
    let exporter = Exporter::from_toml(&settings("1s"));
    assert_eq!(finished(&exporter.scrape_ok().await), 0.0);
    run(&client, &at(5)).await;
    run(&client, &at(4)).await;
    // With the two that were enqueued. A slow look rests for a hundred times its length.
    let late = "queue_jobs_counted_late_total";
    let snapshot = e2e::eventually(e2e::LATER, || async {
        let snapshot = exporter.scrape_ok().await;
        match snapshot.value(late, &["hv"]) {
            Some(4.0) => Ok(snapshot),
            counted => Err(format!("{counted:?}")),
        }
    })
    .await;
    assert_eq!(finished(&snapshot), 2.0);
    assert_eq!(total(&snapshot, "queue_jobs_failed_total"), 2.0);
    tokio::time::sleep(Duration::from_secs(4)).await;
    let snapshot = exporter.scrape_ok().await;
    assert_eq!((finished(&snapshot), snapshot.value(late, &["hv"])), (2.0, Some(4.0)));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn look_back_replaces_the_bound_without_privilege() {
    let (server, client) = database().await;
    server.create_role("weak", "weak").await.unwrap();
    run(&client, "GRANT SELECT ON queue_jobs TO weak").await;
    let exporter = Exporter::new(&server.url_as("weak", "weak", "app"), MAPPING);
    assert!(!is_exact(&exporter.scrape_ok().await));
    let notes = exporter.notes();
    assert!(notes.iter().any(|it| it.contains("GRANT pg_read_all_stats TO \"weak\"")), "{notes:?}");
    let late = server.connect("app").await.unwrap();
    run(&late, "BEGIN").await;
    run(&late, DONE).await;
    run(&client, DONE).await;
    assert_eq!(finished(&exporter.scrape_ok().await), 1.0);
    run(&late, "COMMIT").await;
    assert_eq!(finished(&exporter.scrape_ok().await), 2.0);
}

#[tokio::test]
async fn hidden_transactions_make_counts_inexact() {
    let (server, client, exporter) = counting(&exact_mapping()).await;
    let hidden = server.connect("app").await.unwrap();
    run(&hidden, "SET track_activities = off").await;
    run(&hidden, "BEGIN").await;
    run(&hidden, DONE).await;
    let snapshot = exporter.scrape_ok().await;
    assert!(!is_exact(&snapshot));
    assert!(exporter.notes()[0].contains("track_activities"), "{:?}", exporter.notes());
    run(&client, DONE).await;
    exporter.scrape_ok().await;
    run(&hidden, "COMMIT").await;
    assert_eq!(finished(&exporter.scrape_ok().await), 2.0);
}
