//! One dashboard: rows of panels, and the variables by which a reader limits them.

use alerts::scope::{SYSTEM, dashboard_uid};
use common::metric::{Definition, Label, LabelValue, Metric};
use profiles::{Profile, suite};
use promql::{INSTANCE, JOB, MatchLabel as _, Matcher};

use crate::panel::Panel;

/// One dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// The subject, which must not change: with the profile it gives the uid.
    pub subject: &'static str,
    /// Shown in the list of dashboards.
    pub title: String,
    /// What it is for.
    pub description: &'static str,
    /// Whose data it shows.
    pub scope: Scope,
    /// Variables besides data source, job and instance.
    pub variables: Vec<Variable>,
    /// The first row: the most important values.
    pub summary: Vec<Panel>,
    /// The other rows.
    pub rows: Vec<Row>,
    /// How far back it looks when it is opened: `now-6h`.
    pub from: &'static str,
}

/// A row of panels.
#[derive(Clone, Debug)]
pub struct Row {
    /// The theme.
    pub title: &'static str,
    /// Its panels.
    pub panels: Vec<Panel>,
}

/// Whose data a dashboard shows.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// The system; the generic profile: any.
    pub profile: &'static Profile,
    /// The exporter whose jobs and instances can be chosen; `None`: every exporter of the system.
    pub exporter: Option<&'static str>,
}

impl Scope {
    /// The system to which it is limited.
    pub(crate) fn system(&self) -> Option<&'static str> {
        (!self.profile.is_generic()).then_some(self.profile.slug)
    }

    /// The directory of its files: the profile's slug.
    pub fn folder(&self) -> &'static str {
        self.profile.slug
    }

    /// The title of its folder in Grafana.
    pub fn folder_title(&self) -> &'static str {
        if self.profile.is_generic() { "Pulso" } else { self.profile.title }
    }

    /// The uid of its folder in Grafana: stable, and unlike those of folders that are not Pulso's.
    pub fn folder_uid(&self) -> String {
        format!("pulso-{}", self.folder())
    }

    /// Limits a selector to the system.
    pub(crate) fn system_matcher(&self) -> Option<Matcher> {
        self.system().map(|slug| SYSTEM.eq(slug).into())
    }

    /// The exporters whose data is shown.
    pub(crate) fn exporters(&self) -> Vec<&'static str> {
        let all = || suite::of_profile(self.profile).iter().map(|it| it.name).collect();
        self.exporter.map_or_else(all, |it| vec![it])
    }

    /// The labels that the scope's alerts carry.
    pub(crate) fn alerts(&self) -> String {
        let component = match &self.exporters()[..] {
            [one] => format!("component={one:?}"),
            several => format!("component=~{:?}", several.join("|")),
        };
        match self.system_matcher() {
            Some(system) => format!("{system},{component}"),
            None => component,
        }
    }
}

/// A variable: the reader chooses among a label's values.
#[derive(Clone, Debug)]
pub struct Variable {
    pub(crate) matcher: Matcher,
    pub(crate) metric: &'static Definition,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
}

impl Variable {
    /// The values that the label has on the metric; every selector that carries the label is
    /// limited to the chosen values.
    pub fn new<Kind, Set: common::metric::LabelSet, Value: LabelValue>(
        label: Label<Set, Value>,
        metric: &'static Metric<Kind, Set>,
        title: &'static str,
        description: &'static str,
    ) -> Self {
        Self { matcher: label.chosen().into(), metric: metric.definition(), title, description }
    }

    pub(crate) fn name(&self) -> &str {
        &self.matcher.label.name
    }
}

impl Dashboard {
    /// The uid in links: stable, and unique within a Grafana.
    pub fn uid(&self) -> String {
        dashboard_uid(self.scope.profile, self.subject)
    }

    /// Its name in links and files, unique among all dashboards.
    pub fn slug(&self) -> String {
        match self.scope.system() {
            Some(system) => format!("{system}-{}", self.subject),
            None => self.subject.to_owned(),
        }
    }

    /// The name of its file.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.json", self.slug())
    }

    /// Every panel, the summary's first.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.summary.iter().chain(self.rows.iter().flat_map(|it| &it.panels))
    }

    /// Limits every selector to the system and the chosen variables.
    pub(crate) fn matchers(&self) -> Vec<Matcher> {
        let mut matchers = Vec::from_iter(self.scope.system_matcher());
        matchers.extend([JOB.chosen().into(), INSTANCE.chosen().into()]);
        matchers.extend(self.variables.iter().map(|it| it.matcher.clone()));
        matchers
    }
}
