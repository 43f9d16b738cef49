//! Alerts under test; those of others are a name and an expression.

use std::fmt::Write as _;

use super::{Builder, Prometheus};
use crate::{SOON, eventually};

impl Builder {
    /// An alert for each name and its expression, without `for`.
    pub fn alerts(self, rules: &[(&str, &str)]) -> Self {
        let mut text = "groups:\n- name: public\n  rules:\n".to_owned();
        for (name, expr) in rules {
            let _ = writeln!(text, "  - alert: {name}\n    expr: {expr:?}");
        }
        self.rules("public.yml", text)
    }
}

impl Prometheus {
    /// Waits until each of the alerts fires.
    pub async fn fire(&self, rules: &[(&str, &str)]) {
        eventually(SOON, || async {
            let alerts = self.alerts().await.map_err(|it| it.to_string())?;
            let fires = |name| alerts.iter().any(|it| it.labels["alertname"] == name);
            let silent: Vec<_> = rules.iter().filter(|it| !fires(it.0)).collect();
            if silent.is_empty() { Ok(()) } else { Err(format!("{silent:?} do not fire")) }
        })
        .await;
    }

    /// Waits until Prometheus has stored that the alert was pending and that it fired.
    ///
    /// # Panics
    /// When it did not.
    pub async fn has_fired(&self, alert: &str) {
        for state in ["pending", "firing"] {
            let expr = format!(
                "max(count_over_time(ALERTS{{alertname=\"{alert}\",alertstate=\"{state}\"}}[10m]))"
            );
            eventually(SOON, || async {
                let seen = self.value(&expr).await.map_err(|it| it.to_string())?;
                seen.ok_or_else(|| format!("{alert} was never {state}"))
            })
            .await;
        }
    }

    /// Waits until the expression has this value. One scrape that fails on a busy machine leaves a gap in
    /// what it reads, and only the next one closes it.
    ///
    /// # Panics
    /// When it does not get this value.
    pub async fn has_value(&self, expr: &str, expected: f64) {
        eventually(SOON, || async {
            let seen = self.value(expr).await.map_err(|it| it.to_string())?;
            if seen == Some(expected) { Ok(()) } else { Err(format!("{seen:?} for {expr}")) }
        })
        .await;
    }

    /// Waits until each of the expressions finds data; before each query, `meanwhile` is called.
    pub async fn find(&self, exprs: &[&str], meanwhile: impl Fn()) {
        for expr in exprs {
            eventually(SOON, || async {
                meanwhile();
                let found = self.query(expr).await.map_err(|it| it.to_string())?;
                if found.is_empty() { Err(format!("no data for {expr}")) } else { Ok(()) }
            })
            .await;
        }
    }
}
