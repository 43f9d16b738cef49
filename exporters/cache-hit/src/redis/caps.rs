//! The bounded labels of one server.

use common::scrape::{
    Snapshot,
    label_limit::{Cap, FoldedLabels, LABELS_FOLDED},
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

    /// Says how many values of `INFO` were folded.
    pub(super) fn write_info(&self, out: &mut Snapshot) {
        write("db", &self.databases, out);
        write("slave_ip", &self.replicas, out);
        write("master_name", &self.masters, out);
    }

    /// Says how many values of the statistics of commands were folded.
    pub(super) fn write_commands(&self, out: &mut Snapshot) {
        write("cmd", &self.commands, out);
        write("cmd_histogram", &self.histograms, out);
        write("err", &self.errors, out);
    }
}

fn write(label: &'static str, cap: &Cap, out: &mut Snapshot) {
    out.counter(&LABELS_FOLDED, FoldedLabels { label }, cap.folded() as f64);
}
