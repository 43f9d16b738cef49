//! Follows a fault from the alert to the notification and to the resolved notification.

use super::{Live, PROFILE};
use crate::{
    LATER, SOON,
    alertmanager::HeldAlert,
    eventually,
    prometheus::Labels,
    simulator::hv::{Load, Schema},
    webhook::NotifiedAlert,
};

impl Live {
    /// The system on a usual day: Prometheus has scraped everything several times, so that rules
    /// have data from before the fault, and no alert of its exporters is even pending.
    ///
    /// # Panics
    /// When it does not become healthy.
    pub async fn healthy(scale: f64) -> Self {
        let started = Self::start(Schema::Full, Load::default(), scale).await;
        let live = started.unwrap_or_else(|error| panic!("the live system: {error:?}"));
        eventually(SOON, || async {
            let value = async |expr| live.prometheus.value(expr).await.map_err(|it| it.to_string());
            let up = value("min(pg_up)").await?;
            let scrapes = value("min(sum_over_time(up[10m]))").await?;
            let alerts = live.prometheus.alerts().await.map_err(|it| it.to_string())?;
            // Alerts about exporters that it does not run are correct.
            let ours = alerts
                .iter()
                .filter(|it| live.exporters.contains_key(it.labels["component"].as_str()));
            let names: Vec<_> = ours.map(|it| it.labels["alertname"].as_str()).collect();
            let quiet = names.is_empty();
            if up == Some(1.0) && scrapes >= Some(3.0) && quiet {
                Ok(())
            } else {
                Err(format!("pg_up {up:?}, {scrapes:?} scrapes, {names:?}"))
            }
        })
        .await;
        live
    }

    /// Waits until an exporter's alert has been pending, fires, and `receiver` gets a complete
    /// notification.
    ///
    /// # Panics When that does not happen in time.
    pub async fn notified(&self, component: &str, receiver: &str, alert: &str) -> NotifiedAlert {
        let fits = |it: &&NotifiedAlert| {
            it.name() == alert && it.status == "firing" && it.labels["component"] == component
        };
        let notified = self.sink.eventually(SOON, |notification| {
            let mut alerts = notification.alerts.iter();
            alerts.find(fits).filter(|_| notification.receiver == receiver).cloned()
        });
        let notified = notified.await;
        self.prometheus.has_fired(alert).await;
        complete(alert, &notified.labels, &notified.annotations);
        notified
    }

    /// Waits until an exporter's alert that is only shown has been pending, fires, and Alertmanager
    /// notifies nobody of it.
    ///
    /// # Panics When that does not happen in time.
    pub async fn shown(&self, component: &str, alert: &str) -> HeldAlert {
        let held = eventually(LATER, || async {
            let alerts = self.alertmanager.alerts().await.map_err(|it| it.to_string())?;
            let mut fits = alerts.iter().filter(|it| {
                it.labels["alertname"] == alert && it.labels["component"] == component
            });
            fits.next().cloned().ok_or_else(|| format!("{alerts:#?}"))
        });
        let held = held.await;
        self.prometheus.has_fired(alert).await;
        complete(alert, &held.labels, &held.annotations);
        let receivers: Vec<_> = held.receivers.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(receivers, ["nowhere"], "{held:?}");
        held
    }

    /// Waits until `receiver` gets the notification that it is resolved.
    ///
    /// # Panics When that does not happen in time.
    pub async fn resolved(&self, receiver: &str, alert: &str) {
        self.sink.notified(SOON, receiver, alert, "resolved").await;
        self.over(alert).await;
    }

    /// Waits until the alert is gone from Prometheus.
    ///
    /// # Panics When that does not happen in time.
    pub async fn over(&self, alert: &str) {
        eventually(LATER, || async {
            let alerts = self.prometheus.alerts().await.map_err(|it| it.to_string())?;
            let left: Vec<_> = alerts.iter().filter(|it| it.labels["alertname"] == alert).collect();
            if left.is_empty() { Ok(()) } else { Err(format!("{left:#?}")) }
        })
        .await;
    }
}

/// Checks that an alert has every label and annotation that its receiver needs.
fn complete(alert: &str, labels: &Labels, annotations: &Labels) {
    for label in ["severity", "team", "service", "level"] {
        assert!(labels.contains_key(label), "{alert} has no label {label}: {labels:?}");
    }
    assert_eq!(labels["system"], PROFILE.slug);
    let runbook = format!("/{}/{alert}.md", PROFILE.slug);
    assert!(annotations["runbook_url"].ends_with(&runbook), "{annotations:?}");
    assert!(!annotations["description"].contains("<no value>"), "{annotations:?}");
}
