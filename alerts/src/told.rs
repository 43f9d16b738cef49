//! What is said of an alert where the rest is the same for all of its kind.

use std::time::Duration;

use common::metric::{Histogram, LabelSet, Metric};
use profiles::Limit;
use promql::prelude::*;

use crate::{
    alert::{Alert, Case, PanelLink, Series, Severity},
    component::Component,
    runbook::Runbook,
    trend,
};

/// Gauges are read through their maximum over this, so that a missed scrape ends no alert.
pub(crate) const PATIENCE: Duration = minutes(1);

/// All of an alert but its exporter and its dashboard.
pub(crate) struct Told {
    pub(crate) name: &'static str,
    pub(crate) condition: Condition,
    pub(crate) limit: Limit,
    pub(crate) severity: Severity,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) panel: &'static str,
    pub(crate) runbook: Runbook,
    pub(crate) fires: Vec<Series>,
    pub(crate) silent: Vec<Series>,
}

impl Told {
    pub(crate) fn alert(self, component: Component, dashboard: &'static str) -> Alert {
        // Past the windows of rates and what is held after them.
        let at = self.limit.hold + minutes(20);
        self.alert_at(at, component, dashboard)
    }

    /// The same of a [`Trend`](trend::Trend), whose cases last for weeks.
    pub(crate) fn trend(self, component: Component, dashboard: &'static str) -> Alert {
        self.alert_at(trend::AT, component, dashboard)
    }

    fn alert_at(self, at: Duration, component: Component, dashboard: &'static str) -> Alert {
        Alert {
            name: self.name.to_owned(),
            condition: self.condition,
            threshold: self.limit,
            hold: self.limit.hold,
            severity: self.severity,
            component,
            summary: self.summary.to_owned(),
            description: self.description.to_owned(),
            panel: PanelLink { dashboard, title: self.panel },
            runbook: self.runbook,
            fires: Case { series: self.fires, at },
            silent: Case { series: self.silent, at },
        }
    }
}

/// A gauge that stays, in promtool's notation.
pub(crate) fn steady(value: f64) -> String {
    format!("{value}x400")
}

/// A counter that grows by so much a scrape, in promtool's notation.
pub(crate) fn growing(step: f64) -> String {
    format!("0+{step}x400")
}

/// A histogram that grows by a hundred a scrape, all of them between two of its bounds.
pub(crate) fn between<L: LabelSet>(
    metric: &Metric<Histogram, L>,
    labels: impl Fn() -> L,
    (below, up_to): (f64, f64),
) -> Vec<Series> {
    let bucket = |le: &str, step| Series::bucket(metric, le, labels(), &growing(step));
    vec![bucket(&below.to_string(), 0.0), bucket(&up_to.to_string(), 100.0), bucket("+Inf", 100.0)]
}
