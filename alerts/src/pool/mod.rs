//! Alerts on connections: limits, pools, transactions, locks, replication, slow statements.

mod capacity;
mod runbooks;
mod work;

use std::time::Duration;

use common::promql::prelude::*;
use pool_usage::metrics::{
    connections::{DatabaseLabels, POOL_AVAILABLE, PoolLabels},
    statements::STATEMENT_DURATION,
};
use profiles::{Limit, Pools};

use crate::{
    alert::{Alert, Case, PanelLink, Series, Severity},
    component::Component,
};

/// The exporter that measures connections.
pub const COMPONENT: &str = "pool-usage";
/// What its dashboard is about, as its uid says.
pub const DASHBOARD: &str = "pool";

/// Gauges are read through their maximum over this, so that a missed scrape ends no alert.
const PATIENCE: Duration = minutes(1);

/// 95 % of the statements take no longer.
fn slowest(pools: &Pools) -> Vector<DatabaseLabels> {
    let window = pools.limits.window;
    let calls = STATEMENT_DURATION.buckets().rate(window);
    calls.sum_without(DatabaseLabels::datname).quantile(0.95)
}

/// The same in milliseconds: the series that operators' rules name.
pub fn query_latency(pools: &Pools) -> Record<DatabaseLabels> {
    Record::new("pg_query_latency", slowest(pools).mul(1000.0))
}

/// What is left in each application pool: the series that operators' rules name.
pub fn pool_available() -> Record<PoolLabels> {
    Record::new("db_connection_pool_available", &POOL_AVAILABLE)
}

/// Every alert on the system's connections.
pub fn alerts(pools: &Pools) -> Vec<Alert> {
    let mut alerts = capacity::alerts(pools);
    alerts.extend(work::alerts(pools));
    alerts
}

/// All of an alert but what is the same for each of this exporter.
struct Told {
    name: &'static str,
    condition: Condition,
    limit: Limit,
    severity: Severity,
    summary: &'static str,
    description: &'static str,
    panel: &'static str,
    runbook: crate::runbook::Runbook,
    fires: Vec<Series>,
    silent: Vec<Series>,
}

impl Told {
    fn alert(self) -> Alert {
        let at = self.limit.hold + minutes(20);
        Alert {
            name: self.name.to_owned(),
            condition: self.condition,
            threshold: self.limit,
            hold: self.limit.hold,
            severity: self.severity,
            component: Component::One(COMPONENT),
            summary: self.summary.to_owned(),
            description: self.description.to_owned(),
            panel: PanelLink { dashboard: DASHBOARD, title: self.panel },
            runbook: self.runbook,
            fires: Case { series: self.fires, at },
            silent: Case { series: self.silent, at },
        }
    }
}

/// A gauge that stays, in promtool's notation.
fn steady(value: f64) -> String {
    format!("{value}x400")
}

/// A counter that grows by so much a scrape, in promtool's notation.
fn growing(step: f64) -> String {
    format!("0+{step}x400")
}
