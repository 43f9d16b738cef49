//! The limits of one target's label values.

use std::sync::Arc;

use common::scrape::{Snapshot, label_limit::LabelLimit};

use crate::settings::CapSettings;

/// One limit for each label with unbounded values, shared by the target's collectors.
#[derive(Debug)]
pub(crate) struct Caps {
    pub(crate) databases: LabelLimit,
    pub(crate) users: LabelLimit,
    pub(crate) applications: LabelLimit,
}

impl Caps {
    pub(crate) fn new(settings: &CapSettings) -> Arc<Self> {
        Arc::new(Self {
            databases: LabelLimit::new(settings.databases),
            users: LabelLimit::new(settings.users),
            applications: LabelLimit::new(settings.applications),
        })
    }

    /// Writes how many values were folded; `names` are the labels' names at this source.
    pub(crate) fn write(&self, names: [&'static str; 3], out: &mut Snapshot) {
        let caps = [&self.databases, &self.users, &self.applications];
        for (label, cap) in names.into_iter().zip(caps) {
            cap.write_folded(label, out);
        }
    }
}
