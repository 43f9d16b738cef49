//! The bounded labels of one server.

use common::scrape::{
    Snapshot,
    label_limit::{FoldedLabels, LABELS_FOLDED, LabelLimit},
};

use crate::settings::CapSettings;

/// One cap for each label of unbounded origin.
#[derive(Debug)]
pub(super) struct Caps {
    pub(super) commands: LabelLimit,
    pub(super) histograms: LabelLimit,
    pub(super) errors: LabelLimit,
    pub(super) databases: LabelLimit,
    pub(super) replicas: LabelLimit,
    pub(super) masters: LabelLimit,
}

impl Caps {
    pub(super) fn new(settings: &CapSettings) -> Self {
        Self {
            commands: LabelLimit::new(settings.commands),
            histograms: LabelLimit::new(settings.command_histograms),
            errors: LabelLimit::new(settings.errors),
            databases: LabelLimit::new(settings.databases),
            replicas: LabelLimit::new(settings.replicas),
            masters: LabelLimit::new(settings.replicas),
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

fn write(label: &'static str, cap: &LabelLimit, out: &mut Snapshot) {
    out.counter(&LABELS_FOLDED, FoldedLabels { label }, cap.folded() as f64);
}
