//! Faults in the live system, followed to the notification: the same rules and routes that are
//! generated for production, with their durations divided.

use e2e::{
    Live, SOON, eventually,
    live::{PROFILE, QUEUE},
    simulator::hv::{Load, Schema},
};

/// Five minutes in five seconds.
const SCALE: f64 = 60.0;

#[tokio::test(flavor = "multi_thread")]
async fn stalled_workers_page_and_resolve() {
    let live = Live::start(Schema::Full, Load::default(), SCALE).await.unwrap();
    eventually(SOON, || async {
        let depth = live.prometheus.value("queue_jobs_pending").await.unwrap();
        depth.filter(|depth| *depth < 100.0).ok_or(format!("a depth of {depth:?}"))
    })
    .await;

    live.system.stall();
    live.system.burst("email", 150).await.unwrap();
    let notified = live.sink.notified(SOON, "critical", "QueueBackup", "firing").await;
    live.prometheus.has_fired("QueueBackup").await;
    let expected = [
        ("severity", "critical"),
        ("level", PROFILE.levels.critical),
        ("team", PROFILE.team),
        ("service", PROFILE.service),
        ("system", PROFILE.slug),
        ("component", "postgres-queue"),
        ("instance", &live.exporter(QUEUE).address()),
    ];
    for (label, value) in expected {
        assert_eq!(
            notified.labels.get(label).map(String::as_str),
            Some(value),
            "{label}: {notified:#?}"
        );
    }
    let runbook = &notified.annotations["runbook_url"];
    assert!(runbook.ends_with("/hv-consultores/QueueBackup.md"), "{runbook}");
    let description = &notified.annotations["description"];
    assert!(description.contains("jobs of `queue_jobs` wait"), "{description}");

    // Nobody fixes it: after the step's time the next person is called.
    let step = PROFILE.escalation[0].step;
    let escalated = format!("escalation-{step}");
    let notified = live.sink.notified(SOON, &escalated, "QueueBackup", "firing").await;
    assert_eq!(notified.labels["escalation"], step);

    live.system.slow_down(0.0);
    live.system.resume();
    live.sink.notified(SOON, "critical", "QueueBackup", "resolved").await;
    live.sink.notified(SOON, &escalated, "QueueBackup", "resolved").await;
    live.over("QueueBackup").await;
}
