//! The bounded labels of one server.

use common::{
    cap::{Cap, FoldedLabels, LABELS_FOLDED},
    snapshot::Snapshot,
};

use crate::settings::CapSettings;

/// One cap for each label of unbounded origin.
#[derive(Debug)]
pub(super) struct Caps {
    pub(super) commands: Cap,
    pub(super) histograms: Cap,
    pub(super) errors: Cap,
    pub(super) databases: Cap,
    pub(super) replicas: Cap,
    pub(super) masters: Cap,
}

impl Caps {
    pub(super) fn new(settings: &CapSettings) -> Self {
        Self {
            commands: Cap::new(settings.commands),
            histograms: Cap::new(settings.command_histograms),
            errors: Cap::new(settings.errors),
            databases: Cap::new(settings.databases),
            replicas: Cap::new(settings.replicas),
            masters: Cap::new(settings.replicas),
        }
    }

    /// Says how many values were folded.
    pub(super) fn write(&self, out: &mut Snapshot) {
        let caps = [
            ("cmd", &self.commands),
            ("cmd_histogram", &self.histograms),
            ("err", &self.errors),
            ("db", &self.databases),
            ("slave_ip", &self.replicas),
            ("master_name", &self.masters),
        ];
        for (label, cap) in caps {
            out.counter(&LABELS_FOLDED, FoldedLabels { label }, cap.folded() as f64);
        }
    }
}
