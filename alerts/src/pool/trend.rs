//! The alert on where connections will be in weeks.

use common::promql::prelude::*;
use pool_usage::metrics::connections::{CLIENT_BACKENDS, MAX_CONNECTIONS};
use profiles::Pools;

use super::{COMPONENT, DASHBOARD, runbooks};
use crate::{
    alert::{Alert, Case, PanelLink, Series, Severity},
    component::Component,
    trend::{self, AT, Trend, hourly},
};

pub(super) fn alert(pools: &Pools) -> Alert {
    let limit = pools.limits.trend;
    let peaks = Trend::of(|day| CLIENT_BACKENDS.max_over_time(day));
    let share = || peaks.expected().div_nonzero(&MAX_CONNECTIONS);
    // From none, so many an hour reach the limit eight weeks after the case is looked at.
    let step = limit.value * 1000.0 / ((AT + trend::AHEAD).as_secs_f64() / 3600.0);
    let case = |step: f64| Case {
        series: vec![
            Series::of(&CLIENT_BACKENDS, (), &hourly(0.0, step)),
            Series::of(&MAX_CONNECTIONS, (), &hourly(1000.0, 0.0)),
        ],
        at: AT,
    };
    Alert {
        name: "ConnectionsTrendToLimit".to_owned(),
        condition: share().gt(limit.value).and(peaks.known()).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Info,
        component: Component::One(COMPONENT),
        summary: "Connections grow towards the server's limit.".to_owned(),
        description: "If the daily peak goes on as in the last five weeks, \
                      {{ $value | humanizePercentage }} of `max_connections` will be in use in \
                      eight weeks on {{ $labels.instance }}."
            .to_owned(),
        panel: PanelLink { dashboard: DASHBOARD, title: "Connections in use" },
        runbook: runbooks::connections(
            pools,
            &format!(
                "The daily peak of connections has been growing for weeks; at that pace they run \
                 out in less than eight.\n\n{}",
                trend::SILENCE
            ),
            share().to_string(),
        ),
        fires: case(step * 1.05),
        silent: case(step * 0.95),
    }
}
