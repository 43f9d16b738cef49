//! Alerts on the disks of the exporter's machine; they need `[host]` in its settings.

use common::host::{FILESYSTEM_AVAILABLE, FILESYSTEM_SIZE, FilesystemLabels};
use profiles::{Caches, Limit};
use promql::prelude::*;

use super::runbooks;
use crate::{
    alert::{Alert, LOOKBACK, Severity},
    case::{Series, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{cache::MEMORY, panel::PanelKey};

    pub const DISKS: PanelKey = PanelKey::new(MEMORY, "Disks in use");
}

pub(super) fn alerts(caches: &Caches) -> Vec<Alert> {
    let limits = &caches.limits;
    vec![
        used("DiskSpaceLow", Severity::Warning, "A disk is filling up.", limits.disk),
        used("DiskFull", Severity::Critical, "A disk is almost full.", limits.disk_full),
    ]
}

/// The share of each disk in use; space reserved for root counts as used.
fn share() -> Vector<FilesystemLabels> {
    let free = FILESYSTEM_AVAILABLE.max_over_time(LOOKBACK);
    Scalar::from(1.0) - free.div_nonzero(&FILESYSTEM_SIZE)
}

/// The disk of the cases.
pub(super) fn labels() -> FilesystemLabels {
    FilesystemLabels { mountpoint: "/var/lib/postgresql".into(), fstype: "ext4".into() }
}

fn used(name: &'static str, severity: Severity, summary: &'static str, limit: Limit) -> Alert {
    let case = |used: f64| {
        vec![
            Series::of(&FILESYSTEM_SIZE, labels(), steady(1e6)),
            Series::of(&FILESYSTEM_AVAILABLE, labels(), steady(((1.0 - used) * 1e6).round())),
        ]
    };
    Alert {
        name: name.into(),
        condition: share().gt(limit.value).condition(),
        limit,
        severity,
        summary: summary.into(),
        description: "{{ $value | humanizePercentage }} of `{{ $labels.mountpoint }}` on the \
                      machine of {{ $labels.instance }} are in use."
            .into(),
        panel: panels::DISKS,
        runbook: runbooks::disk(
            "A file system on the exporter's machine is filling up.",
            share().sort_desc(),
        ),
        fires: case(limit.value + 0.01),
        silent: case(limit.value - 0.01),
    }
}
