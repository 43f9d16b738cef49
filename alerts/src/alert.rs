//! What an alert is. It has no optional part: without a runbook, a panel, a case in which it
//! fires or one in which it stays quiet, it does not compile.

use std::time::Duration;

use common::metric::{LabelSet, Metric, Text};
use profiles::{Levels, Limit, Profile};
use promql::prelude::*;

use crate::{
    component::Component,
    rules::{Options, scoped},
    runbook::Runbook,
};

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Pages at any hour.
    Critical,
    /// Goes to chat in working hours.
    Warning,
    /// Is shown and never sent.
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

    /// The system's own word for it.
    pub const fn level(self, levels: &Levels) -> &'static str {
        match self {
            Self::Critical => levels.critical,
            Self::Warning => levels.warning,
            Self::Info => levels.info,
        }
    }
}

/// An alert, before a profile gives it its system, team and level.
#[derive(Debug)]
pub struct Alert {
    /// Its name, in camel case.
    pub name: String,
    /// When it fires; always a comparison.
    pub condition: Condition,
    /// The figure it compares with, and who says so.
    pub threshold: Limit,
    /// For how long the condition must hold.
    pub hold: Duration,
    /// Who is told.
    pub severity: Severity,
    /// What measures it: the `component` label.
    pub component: Component,
    /// One static sentence.
    pub summary: String,
    /// What is wrong where; a template over the labels that the condition really has.
    pub description: String,
    /// The panel that shows it.
    pub panel: PanelLink,
    /// What the person who was paged reads.
    pub runbook: Runbook,
    /// Series under which it fires.
    pub fires: Case,
    /// Series a step under the threshold, under which it stays quiet.
    pub silent: Case,
}

impl Alert {
    /// The condition, limited to the profile's targets.
    pub fn expression(&self, profile: &Profile) -> Expr {
        scoped(profile, self.condition.expr())
    }

    /// Where the profile's runbook for it is served.
    pub fn runbook_address(&self, profile: &Profile, options: &Options) -> String {
        format!("{}/{}/{}.md", options.runbooks, profile.slug, self.name)
    }
}

/// A panel of a dashboard, by name; a test of `dashboards` proves that it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelLink {
    /// What the dashboard is about; with the profile it gives the uid.
    pub dashboard: &'static str,
    /// The panel's title.
    pub title: &'static str,
}

impl PanelLink {
    /// The panel's address, with the time range left to Grafana's default.
    pub fn address(&self, profile: &Profile, options: &Options) -> String {
        let uid = dashboard_uid(profile, self.dashboard);
        format!("{}/d/{uid}?viewPanel={}", options.grafana, panel_id(&[self.title]))
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

/// A panel's number, from its title (with the row's before it, where a title is there twice): it
/// stays when panels are added, so that links to it hold.
pub fn panel_id(path: &[&str]) -> u32 {
    // FNV-1a.
    let bytes = path.iter().flat_map(|it| it.bytes().chain([0]));
    let hash = bytes
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    1 + hash % 999_983
}

/// Synthetic series and the moment at which they are judged.
#[derive(Clone, Debug)]
pub struct Case {
    /// What Prometheus would have scraped.
    pub series: Vec<Series>,
    /// When the alert is looked at.
    pub at: Duration,
}

impl Case {
    /// How far its samples are apart: a scrape; an hour where it lasts for days.
    pub fn step(&self, profile: &Profile) -> Duration {
        if self.lasts_days() { hours(1) } else { profile.scrape_interval }
    }

    /// Whether every scrape of it would be more than promtool evaluates in a minute.
    pub(crate) fn lasts_days(&self) -> bool {
        self.at > days(1)
    }
}

/// One series in promtool's notation, a sample every [`Case::step`].
#[derive(Clone, Debug)]
pub struct Series {
    name: String,
    labels: Vec<(String, Text)>,
    values: String,
}

impl Series {
    /// A series of `metric`: `101x40` stays, `0+5x40` grows by five a scrape.
    pub fn of<K, L: LabelSet>(metric: &Metric<K, L>, labels: L, values: &str) -> Self {
        Self::part(metric, "", labels, values)
    }

    /// A part of a histogram: `_sum` or `_count`.
    pub fn part<K, L: LabelSet>(
        metric: &Metric<K, L>,
        suffix: &str,
        labels: L,
        values: &str,
    ) -> Self {
        let names = L::NAMES.iter().map(|it| (*it).to_owned());
        Self {
            name: format!("{}{suffix}", metric.name()),
            labels: names.zip(labels.into_values()).collect(),
            values: values.to_owned(),
        }
    }

    /// A bucket of a histogram.
    pub fn bucket<K, L: LabelSet>(
        metric: &Metric<K, L>,
        le: &str,
        labels: L,
        values: &str,
    ) -> Self {
        let mut series = Self::part(metric, "_bucket", labels, values);
        series.labels.push(("le".to_owned(), le.to_owned().into()));
        series
    }

    /// The series with the labels that Prometheus adds to a target of `job`.
    pub fn text(&self, job: &str, profile: &Profile) -> (String, &str) {
        let mut labels = vec![
            ("instance".to_owned(), Text::of("127.0.0.1:9801")),
            ("job".to_owned(), job.to_owned().into()),
        ];
        if !profile.is_generic() {
            labels.push(("system".to_owned(), Text::of(profile.slug)));
        }
        labels.extend(self.labels.iter().cloned());
        labels.sort();
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        (format!("{}{{{}}}", self.name, labels.join(",")), &self.values)
    }
}
