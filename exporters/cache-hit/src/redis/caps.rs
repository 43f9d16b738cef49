//! The limits of one server's label values.

use common::scrape::{Snapshot, label_limit::LabelLimit};

use crate::settings::CapSettings;

/// One limit for each label with unbounded values.
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

    /// Writes how many values of `INFO` were folded.
    pub(super) fn write_info(&self, out: &mut Snapshot) {
        self.databases.write_folded("db", out);
        self.replicas.write_folded("slave_ip", out);
        self.masters.write_folded("master_name", out);
    }

    /// Writes how many values of the statistics of commands were folded.
    pub(super) fn write_commands(&self, out: &mut Snapshot) {
        self.commands.write_folded("cmd", out);
        self.histograms.write_folded("cmd_histogram", out);
        self.errors.write_folded("err", out);
    }
}
