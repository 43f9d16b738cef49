//! The bounded labels of one target.

use std::sync::Arc;

use common::scrape::{
    Snapshot,
    label_limit::{Cap, FoldedLabels, LABELS_FOLDED},
};

use crate::settings::CapSettings;

/// One cap for each label of unbounded origin, shared by the target's collectors.
#[derive(Debug)]
pub(crate) struct Caps {
    pub(crate) databases: Cap,
    pub(crate) users: Cap,
    pub(crate) applications: Cap,
}

impl Caps {
    pub(crate) fn new(settings: &CapSettings) -> Arc<Self> {
        Arc::new(Self {
            databases: Cap::new(settings.databases),
            users: Cap::new(settings.users),
            applications: Cap::new(settings.applications),
        })
    }

    /// Says how many values were folded, under the names that the labels have at `kind` of source.
    pub(crate) fn write(&self, names: [&'static str; 3], out: &mut Snapshot) {
        let caps = [&self.databases, &self.users, &self.applications];
        for (label, cap) in names.into_iter().zip(caps) {
            out.counter(&LABELS_FOLDED, FoldedLabels { label }, cap.folded() as f64);
        }
    }
}
