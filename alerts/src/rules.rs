//! A profile's rules: recording rules, and groups of alerts.

use std::{sync::Arc, time::Duration};

use profiles::Profile;
use promql::{Recorded, prelude::*};

use crate::{alert::Alert, component::Component, trend};

#[derive(Debug)]
pub struct Rules {
    /// Series under the names that operators' own rules use.
    pub records: Vec<Arc<Recorded>>,
    pub groups: Vec<Group>,
}

impl Rules {
    /// Every alert, in the order of the groups.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.groups.iter().flat_map(|group| &group.alerts)
    }

    pub fn into_alerts(self) -> Vec<Alert> {
        self.groups.into_iter().flat_map(|group| group.alerts).collect()
    }

    pub fn alerts_mut(&mut self) -> impl Iterator<Item = &mut Alert> {
        self.groups.iter_mut().flat_map(|group| &mut group.alerts)
    }

    /// Removes the alerts for which `keep` is false, and groups that are then empty.
    pub fn retain(&mut self, mut keep: impl FnMut(&Alert) -> bool) {
        for group in &mut self.groups {
            group.alerts.retain(&mut keep);
        }
        self.groups.retain(|group| !group.alerts.is_empty());
    }
}

/// Alerts that Prometheus evaluates together.
#[derive(Debug)]
pub struct Group {
    /// The exporters that measure the conditions.
    pub component: Component,
    pub history: History,
    pub alerts: Vec<Alert>,
}

/// How far back the conditions of a group look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// An hour at most: they are evaluated at every scrape.
    Recent,
    /// Weeks: they are evaluated less often, and tested on a sample an hour.
    Weeks,
}

impl Group {
    /// The name, without the profile's.
    pub fn name(&self) -> String {
        let component = self.component.group();
        match self.history {
            History::Recent => component.to_owned(),
            History::Weeks => format!("{component}-trends"),
        }
    }

    pub fn evaluation_interval(&self, profile: &Profile) -> Duration {
        match self.history {
            History::Recent => profile.scrape_interval,
            // Reading weeks takes Prometheus 70 ms for each server. Five minutes is too long an
            // interval: that is Prometheus' look-back, and `ALERTS` would have gaps.
            History::Weeks => minutes(4),
        }
    }

    /// The time between the samples of a case.
    pub fn sample_interval(&self, profile: &Profile) -> Duration {
        match self.history {
            History::Recent => profile.scrape_interval,
            // Every scrape of some weeks would be more than promtool evaluates in a minute.
            History::Weeks => hours(1),
        }
    }

    /// When a case of the alert is evaluated, after its first sample.
    pub fn evaluated_at(&self, alert: &Alert) -> Duration {
        match self.history {
            // After the windows of rates have filled, and the hold that follows.
            History::Recent => alert.limit.hold + minutes(20),
            History::Weeks => trend::AT,
        }
    }
}
