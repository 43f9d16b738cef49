//! The alert on the growth of disk usage.

use common::host::{FILESYSTEM_AVAILABLE, FILESYSTEM_SIZE};
use profiles::Caches;
use promql::prelude::*;

use super::{
    disk::{self, panels},
    runbooks,
};
use crate::{
    alert::{Alert, Severity},
    case::Series,
    trend::{self, Trend, hourly},
};

pub(super) fn disk(caches: &Caches) -> Alert {
    let limit = caches.limits.disk_trend;
    let least = Trend::of(|day| FILESYSTEM_AVAILABLE.min_over_time(day));
    let share = || Scalar::from(1.0) - least.expected().div_nonzero(&FILESYSTEM_SIZE);
    let case = |pace: f64| {
        vec![
            Series::of(&FILESYSTEM_SIZE, disk::labels(), hourly(1e6, 0.0)),
            Series::of(&FILESYSTEM_AVAILABLE, disk::labels(), hourly(1e6, -pace)),
        ]
    };
    let pace = trend::pace(limit.value * 1e6);
    Alert {
        name: "DiskTrendToLimit".into(),
        condition: share().gt(limit.value).and(least.known()).condition(),
        limit,
        severity: Severity::Info,
        summary: "A disk will be full in some weeks.".into(),
        description: "If the growth of the last five weeks continues, {{ $value | \
                      humanizePercentage }} of `{{ $labels.mountpoint }}` on the machine of {{ \
                      $labels.instance }} will be in use in eight."
            .into(),
        panel: panels::DISKS,
        runbook: runbooks::disk(
            &format!(
                "The free space of a file system on the exporter's machine has been \
                      shrinking for weeks.\n\n{}",
                trend::SILENCE
            ),
            share().sort_desc(),
        ),
        fires: case(pace * 1.05),
        silent: case(pace * 0.95),
    }
}
