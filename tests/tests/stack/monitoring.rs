//! Prometheus, Alertmanager and the sink.

use std::time::Duration;

use e2e::{Alertmanager, Prometheus, Server, Webhook, eventually, http};

use crate::{SOON, leaves_nothing};

/// Alertmanager with one receiver, notified at once.
fn config(sink: &Webhook) -> String {
    format!(
        "route:\n  receiver: page\n  group_by: [alertname]\n  group_wait: 0s\n  \
         group_interval: 1s\n  repeat_interval: 1h\n\
         receivers:\n- name: page\n  webhook_configs:\n  - url: {}/page\n",
        sink.url()
    )
}

const RULES: &str = "
groups:
- name: test
  rules:
  - record: target_up
    expr: up
  - alert: TargetUp
    expr: up{job='alertmanager'} == 1
    labels: {severity: info}
    annotations: {summary: 'It is up.'}
";

#[tokio::test]
async fn alert_reaches_the_webhook() {
    let sink = Webhook::start().await.unwrap();
    let alertmanager = Alertmanager::start(&config(&sink)).await.unwrap();
    let prometheus = Prometheus::builder()
        .job("alertmanager", &alertmanager.address(), &[("system", "test")])
        .rules("rules.yml", RULES)
        .alertmanager(&alertmanager)
        .start()
        .await
        .unwrap();

    let notified = sink.notified(SOON, "page", "TargetUp", "firing").await;
    assert_eq!(notified.labels["system"], "test");
    assert_eq!(notified.annotations["summary"], "It is up.");
    assert_eq!(sink.received()[0].path, "page");

    let targets = prometheus.targets().await.unwrap();
    assert_eq!(targets.len(), 1);
    assert_eq!((targets[0].health.as_str(), targets[0].last_error.as_str()), ("up", ""));
    assert_eq!(prometheus.value("target_up").await.unwrap(), Some(1.0));
    assert_eq!(prometheus.value("scalar(target_up)").await.unwrap(), Some(1.0));
    assert_eq!(prometheus.value("no_such_series").await.unwrap(), None);
    let error = prometheus.query("up{").await.unwrap_err().to_string();
    assert!(error.contains("parse error"), "{error}");
    let (last, step) = (Duration::from_secs(10), Duration::from_secs(1));
    let ranges = prometheus.query_range("up", last, step).await.unwrap();
    assert!(ranges[0].points.iter().all(|(_, value)| *value > 0.5), "{ranges:?}");
    let metadata = prometheus.metadata().await.unwrap();
    assert_eq!(metadata["alertmanager_alerts"][0].kind, "gauge");
    let alerts = prometheus.alerts().await.unwrap();
    assert_eq!((alerts.len(), alerts[0].state.as_str()), (1, "firing"));
    let rules = prometheus.rules().await.unwrap();
    assert!(rules.iter().all(|rule| rule.health == "ok"), "{rules:?}");

    let error = prometheus.reload_rules("rules.yml", "groups: wrong").await.unwrap_err();
    assert!(error.to_string().contains("rules.yml"), "{error}");
    prometheus.reload_rules("rules.yml", "groups: []").await.unwrap();
    assert!(prometheus.rules().await.unwrap().is_empty());

    // Alertmanager gone and back on its port: the target follows.
    alertmanager.kill();
    let down = |health: &'static str| {
        let prometheus = &prometheus;
        move || async move {
            let targets = prometheus.targets().await.unwrap();
            let there = targets.first().is_some_and(|target| target.health == health);
            if there { Ok(()) } else { Err(format!("{targets:?}")) }
        }
    };
    eventually(SOON, down("down")).await;
    alertmanager.restart().await.unwrap();
    eventually(SOON, down("up")).await;
    prometheus.restart().await.unwrap();
    eventually(SOON, down("up")).await;
    leaves_nothing(prometheus);
    leaves_nothing(alertmanager);
}

#[tokio::test]
async fn silenced_alerts_are_not_sent() {
    let sink = Webhook::start().await.unwrap();
    let alertmanager = Alertmanager::start(&config(&sink)).await.unwrap();
    alertmanager.silence(&[("system", "quiet")], 5).await.unwrap();
    alertmanager.fire(&[("alertname", "Quiet"), ("system", "quiet")]).await.unwrap();
    alertmanager.fire(&[("alertname", "Loud"), ("system", "loud")]).await.unwrap();
    sink.notified(SOON, "page", "Loud", "firing").await;

    let held = alertmanager.alerts().await.unwrap();
    let quiet = held.iter().find(|alert| alert.labels["alertname"] == "Quiet").unwrap();
    assert_eq!((quiet.status.state.as_str(), quiet.status.silenced_by.len()), ("suppressed", 1));
    assert_eq!(quiet.receivers[0].name, "page");
    assert_eq!(sink.notifications().len(), 1, "{:?}", sink.notifications());
}

#[tokio::test]
async fn refused_notification_is_retried() {
    let sink = Webhook::start().await.unwrap();
    let alertmanager = Alertmanager::start(&config(&sink)).await.unwrap();
    sink.answer_with(503);
    alertmanager.fire(&[("alertname", "Stubborn")]).await.unwrap();
    let failures = || async {
        let answer = http::get(&format!("{}/metrics", alertmanager.url())).await.unwrap().text();
        let failed = "alertmanager_notification_requests_failed_total{integration=\"webhook\"} ";
        let count = answer.lines().find_map(|line| line.strip_prefix(failed));
        if count.is_some_and(|count| count != "0") { Ok(()) } else { Err(format!("{count:?}")) }
    };
    eventually(SOON, failures).await;
    assert!(sink.received().is_empty());
    sink.answer_with(200);
    sink.notified(SOON, "page", "Stubborn", "firing").await;
    sink.clear();
    assert!(sink.received().is_empty());
}

#[tokio::test]
async fn wrong_configuration_shows_the_log() {
    let error = Alertmanager::start("route: {receiver: nobody}").await.unwrap_err().to_string();
    assert!(error.contains("undefined receiver"), "{error}");
    let wrong = Prometheus::builder().scrape_config("job_name: x\nscheme: gopher\nnonsense: 1");
    let error = wrong.start().await.unwrap_err().to_string();
    assert!(error.contains("nonsense"), "{error}");
}
