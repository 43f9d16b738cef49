//! The parts of a definition that depend on the profile: the label of its targets, and the
//! addresses of its runbooks and dashboards.

use profiles::Profile;
use promql::prelude::*;

use crate::panel::PanelKey;

/// The label that names the system; the generated scrape configuration adds it to a profile's
/// targets.
pub const SYSTEM: TargetLabel = TargetLabel::new("system");

/// The expression, limited to the profile's targets.
pub fn narrowed(profile: &Profile, expr: &Expr) -> Expr {
    if profile.is_generic() {
        expr.clone()
    } else {
        expr.clone().narrowed(&[SYSTEM.eq(profile.slug).into()])
    }
}

/// The uid of the profile's dashboard about `subject`.
pub fn dashboard_uid(profile: &Profile, subject: &str) -> String {
    if profile.is_generic() {
        format!("pulso-{subject}")
    } else {
        format!("pulso-{}-{subject}", profile.slug)
    }
}

/// Where runbooks and dashboards are served.
#[derive(Clone, Debug)]
pub struct Urls {
    /// The base of the runbooks: the system, the alert's name and `.md` follow.
    pub runbooks: String,
    /// The root of Grafana.
    pub grafana: String,
}

impl Default for Urls {
    fn default() -> Self {
        Self {
            runbooks: "https://runbooks.example.com".to_owned(),
            grafana: "https://grafana.example.com".to_owned(),
        }
    }
}

impl Urls {
    /// The profile's runbook for the alert.
    pub fn runbook(&self, profile: &Profile, alert: &str) -> String {
        format!("{}/{}/{alert}.md", self.runbooks, profile.slug)
    }

    /// The panel on the profile's dashboard, with Grafana's default time range.
    pub fn panel(&self, profile: &Profile, panel: PanelKey) -> String {
        let uid = dashboard_uid(profile, panel.dashboard());
        format!("{}/d/{uid}?viewPanel={}", self.grafana, panel.id())
    }
}
