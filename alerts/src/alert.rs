//! The definition of an alert. No part is optional: an alert without a runbook, a panel, a case in
//! which it fires and one in which it stays silent does not compile.

use std::time::Duration;

use profiles::{Levels, Limit, Profile};
use promql::prelude::*;

use crate::{case::Series, panel::PanelKey, runbook::Runbook, scope};

/// The window of `max_over_time` in conditions on gauges, so that one missed scrape does not end an
/// alert.
pub(crate) const LOOKBACK: Duration = minutes(1);

/// How urgent an alert is; it decides where its notifications go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Pages at any hour.
    Critical,
    /// Goes to chat in working hours.
    Warning,
    /// It is shown on dashboards and never sent.
    Info,
}

impl Severity {
    /// The `severity` label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    /// The system's own name for it.
    pub const fn level(self, levels: &Levels) -> &'static str {
        match self {
            Self::Critical => levels.critical,
            Self::Warning => levels.warning,
            Self::Info => levels.info,
        }
    }
}

/// An alert, before its [`Group`](crate::rules::Group) adds the component, and a profile the
/// system, team and level.
#[derive(Debug)]
pub struct Alert {
    /// In camel case.
    pub name: String,
    /// The comparison under which it fires.
    pub condition: Condition,
    /// The threshold in the condition, for how long the condition must hold, and the source of
    /// both.
    pub limit: Limit,
    pub severity: Severity,
    /// One sentence without template.
    pub summary: String,
    /// What is wrong and where; a template over the labels of the condition.
    pub description: String,
    /// The panel that shows it, and draws the threshold.
    pub panel: PanelKey,
    pub runbook: Runbook,
    /// Series under which it fires.
    pub fires: Vec<Series>,
    /// Series just under the threshold, under which it stays silent.
    pub silent: Vec<Series>,
}

impl Alert {
    /// The condition, narrowed to the profile's targets.
    pub fn expression(&self, profile: &Profile) -> Expr {
        scope::narrowed(profile, self.condition.expr())
    }
}
