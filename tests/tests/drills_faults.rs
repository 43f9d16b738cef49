//! More faults in the live system: jobs that fail, a worker that dies, a database that freezes, an
//! exporter that is gone.

#![allow(clippy::unwrap_used, reason = "a drill whose stack does not start has failed")]

use std::time::Duration;

use e2e::{
    Live, Server, eventually,
    live::PROFILE,
    simulator::hv::{Load, Schema},
    webhook::NotifiedAlert,
};

/// Five minutes in five seconds.
const SCALE: f64 = 60.0;

/// Five minutes in fifteen: scrapes are far enough apart that a busy machine makes none fail.
const UNHURRIED: f64 = 20.0;

/// Long enough for a machine that is busy with other tests.
const SOON: Duration = Duration::from_mins(2);

/// The live system, scraped and without an alert but the watchdog. Of exporters that it does not
/// run, the absence is told, and rightly.
async fn healthy(scale: f64) -> Live {
    let live = Live::start(Schema::Full, Load::default(), scale).await.unwrap();
    eventually(SOON, || async {
        let up = live.prometheus.value("pg_up").await.map_err(|it| it.to_string())?;
        let alerts = live.prometheus.alerts().await.map_err(|it| it.to_string())?;
        let ours = alerts.iter().filter(|it| it.labels["component"] == "postgres-queue");
        let names: Vec<_> = ours.map(|it| it.labels["alertname"].as_str()).collect();
        let quiet = names.is_empty();
        if up == Some(1.0) && quiet { Ok(()) } else { Err(format!("pg_up {up:?}, {names:?}")) }
    })
    .await;
    live
}

/// Waits for the notification, and checks that it holds what the person who is told needs.
async fn told(live: &Live, receiver: &str, alert: &str) -> NotifiedAlert {
    let told = live.sink.told(SOON, receiver, alert, "firing").await;
    for label in ["severity", "team", "service", "component", "level"] {
        assert!(told.labels.contains_key(label), "{alert} has no label {label}: {told:?}");
    }
    assert_eq!(told.labels["system"], PROFILE.slug);
    let runbook = format!("/{}/{alert}.md", PROFILE.slug);
    assert!(told.annotations["runbook_url"].ends_with(&runbook), "{told:?}");
    assert!(!told.annotations["description"].contains("<no value>"), "{told:?}");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_fail_page_with_their_queue() {
    let live = healthy(SCALE).await;
    // Fast enough that twenty jobs end within the window, a few seconds here.
    live.system.slow_down(0.05);
    live.system.set_demand(10.0);

    live.system.set_failure_share("webhook", 1.0);
    let page = told(&live, "critical", "QueueSuccessRateLow").await;
    assert_eq!(page.labels["queue"], "webhook");
    told(&live, "warning", "WebhookDeliveryFailing").await;

    live.system.set_failure_share("webhook", 0.0);
    live.sink.told(SOON, "critical", "QueueSuccessRateLow", "resolved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_died_is_told() {
    let live = healthy(SCALE).await;
    live.system.strand("report", 2, Duration::from_hours(2)).await.unwrap();
    let warning = told(&live, "warning", "QueueJobsStuck").await;
    assert_eq!(warning.labels["queue"], "report");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_database_pages_and_explains_its_symptoms_away() {
    let live = healthy(UNHURRIED).await;

    live.sink.clear();
    live.postgres.freeze();
    let page = told(&live, "critical", "PostgresDown").await;
    assert_eq!(page.labels["component"], "postgres-queue");
    // The collectors of the same instance fail as well; that is known, and told to nobody.
    eventually(SOON, || async {
        let alerts = live.alertmanager.alerts().await.map_err(|it| it.to_string())?;
        let mut failing = alerts.iter().filter(|it| it.labels["alertname"] == "CollectorFailing");
        let suppressed =
            failing.clone().count() > 0 && failing.all(|it| it.status.state == "suppressed");
        if suppressed { Ok(()) } else { Err(format!("{alerts:#?}")) }
    })
    .await;
    let notifications = live.sink.notifications();
    let mut alerts = notifications.iter().flat_map(|it| &it.alerts);
    assert!(
        !alerts.any(|it| it.name() == "CollectorFailing"),
        "a symptom was told beside its cause: {notifications:#?}"
    );

    live.postgres.thaw();
    live.sink.told(SOON, "critical", "PostgresDown", "resolved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exporter_that_dies_is_told() {
    let live = healthy(SCALE).await;
    live.exporter.kill();
    told(&live, "critical", "ExporterDown").await;
}
