//! The alert on the growth of connections.

use pool_usage::metrics::connections::{CLIENT_BACKENDS, MAX_CONNECTIONS};
use profiles::Pools;
use promql::prelude::*;

use super::{capacity::panels, runbooks};
use crate::{
    alert::{Alert, Severity},
    case::Series,
    trend::{self, Trend, hourly},
};

pub(super) fn connections(pools: &Pools) -> Alert {
    let limit = pools.limits.trend;
    let peaks = Trend::of(|day| CLIENT_BACKENDS.max_over_time(day));
    let share = || peaks.expected().div_nonzero(&MAX_CONNECTIONS);
    let case = |pace: f64| {
        vec![
            Series::of(&CLIENT_BACKENDS, (), hourly(0.0, pace)),
            Series::of(&MAX_CONNECTIONS, (), hourly(1000.0, 0.0)),
        ]
    };
    let pace = trend::pace(limit.value * 1000.0);
    Alert {
        name: "ConnectionsTrendToLimit".into(),
        condition: share().gt(limit.value).and(peaks.known()).condition(),
        limit,
        severity: Severity::Info,
        summary: "Connections grow towards the server's limit.".into(),
        description: "If the growth of the last five weeks continues, the daily peak will take {{ \
                      $value | humanizePercentage }} of `max_connections` in eight weeks on {{ \
                      $labels.instance }}."
            .into(),
        panel: panels::CONNECTIONS,
        runbook: runbooks::connections(
            pools,
            &format!(
                "The daily peak of connections has been growing for weeks; at that pace they run \
                 out in less than eight.\n\n{}",
                trend::SILENCE
            ),
            share(),
        ),
        fires: case(pace * 1.05),
        silent: case(pace * 0.95),
    }
}
