//! More faults in the live system: jobs that fail, a worker that dies, a database that freezes, an
//! exporter that is gone.

#![allow(clippy::unwrap_used, reason = "a drill whose stack does not start has failed")]

use std::time::Duration;

use e2e::{
    Live, SOON, Server, eventually,
    live::{POOL, QUEUE},
};

/// Five minutes in five seconds.
const SCALE: f64 = 60.0;

/// Five minutes in fifteen: scrapes are far enough apart that a busy machine makes none fail.
const UNHURRIED: f64 = 20.0;

#[tokio::test(flavor = "multi_thread")]
async fn failing_jobs_page() {
    let live = Live::healthy(SCALE).await;
    // Fast enough that twenty jobs end within the window, a few seconds here.
    live.system.slow_down(0.05);
    live.system.set_demand(10.0);

    live.system.set_failure_share("webhook", 1.0);
    let page = live.notified(QUEUE, "critical", "QueueSuccessRateLow").await;
    assert_eq!(page.labels["queue"], "webhook");
    live.notified(QUEUE, "warning", "WebhookDeliveryFailing").await;

    live.system.set_failure_share("webhook", 0.0);
    live.resolved("critical", "QueueSuccessRateLow").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stuck_job_warns() {
    let live = Live::healthy(SCALE).await;
    live.system.strand("report", 2, Duration::from_hours(2)).await.unwrap();
    let warning = live.notified(QUEUE, "warning", "QueueJobsStuck").await;
    assert_eq!(warning.labels["queue"], "report");
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_database_pages_without_its_symptoms() {
    let live = Live::healthy(UNHURRIED).await;

    live.sink.clear();
    live.servers.postgres.freeze();
    for exporter in [QUEUE, POOL] {
        let page = live.notified(exporter, "critical", "PostgresDown").await;
        // The standby, which `pool-usage` reads as well, is not frozen.
        assert_eq!(page.labels["instance"], live.exporter(exporter).address());
    }
    // The collectors of the same instance fail as well; no notification is sent for them.
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
        "a symptom was sent beside its cause: {notifications:#?}"
    );

    live.servers.postgres.thaw();
    live.resolved("critical", "PostgresDown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_exporter_pages() {
    let live = Live::healthy(SCALE).await;
    live.exporter(QUEUE).kill();
    live.notified(QUEUE, "critical", "ExporterDown").await;
}
