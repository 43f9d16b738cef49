//! Rule files in Prometheus' format.

use std::{collections::BTreeMap, path::Path, time::Duration};

use profiles::Profile;
use promql::{Recorded, prelude::*};
use serde::Serialize;

use super::{
    artifact::Artifact,
    rule_tests::{rule_tests, trend_tests},
    runbook,
    yaml::{self, duration},
};
use crate::{
    alert::{Alert, Severity},
    component::Component,
    rules::Rules,
    scope::{self, Urls},
};

/// The addresses and style of one rule file.
#[derive(Clone, Copy)]
struct Context<'a> {
    profile: &'a Profile,
    urls: &'a Urls,
    style: Style,
}

/// The profile's rule file. Every duration is scaled by `style`; a drill shortens them, so that it
/// takes seconds.
pub fn rule_file(profile: &Profile, rules: &Rules, urls: &Urls, style: Style) -> String {
    let context = Context { profile, urls, style };
    let interval = |interval| duration(style.scaled(interval));
    let mut groups = Vec::new();
    if !rules.records.is_empty() {
        groups.push(Group {
            name: format!("{}-records", profile.slug),
            interval: interval(profile.scrape_interval),
            rules: rules.records.iter().map(|recorded| context.record(recorded)).collect(),
        });
    }
    groups.extend(rules.groups.iter().map(|group| {
        Group {
            name: format!("{}-{}", profile.slug, group.name()),
            interval: interval(group.evaluation_interval(profile)),
            rules: group
                .alerts
                .iter()
                .flat_map(|alert| context.with_escalation(&group.component, alert))
                .collect(),
        }
    }));
    yaml::document(&format!("Rules for {}.", profile.title), &RuleFile { groups })
}

/// Every file of the profile's rules.
pub fn artifacts(profile: &Profile, rules: &Rules, urls: &Urls) -> Vec<Artifact> {
    let folder = Path::new(profile.slug);
    let style = Style::default();
    let mut artifacts = vec![
        Artifact::new(folder.join("rules.yml"), rule_file(profile, rules, urls, style)),
        Artifact::new(folder.join("rules.test.yml"), rule_tests(profile, rules, "rules.yml")),
    ];
    let trends = trend_tests(profile, rules, "rules.yml");
    artifacts.extend(trends.map(|text| Artifact::new(folder.join("trends.test.yml"), text)));
    artifacts.extend(rules.alerts().map(|alert| {
        let path = folder.join("runbooks").join(format!("{}.md", alert.name));
        Artifact::new(path, runbook::markdown(profile, alert, urls))
    }));
    artifacts
}

impl Context<'_> {
    fn record(&self, recorded: &Recorded) -> Rule {
        let labels = recorded.labels().iter().map(|(name, value)| (*name, value.clone()));
        Rule {
            record: Some(recorded.name().to_owned()),
            expr: scope::narrowed(self.profile, recorded.expr()).render(self.style),
            labels: labels.collect(),
            ..Rule::default()
        }
    }

    /// The rule; for an alert that pages, also one rule for each step of the escalation: the same
    /// condition, which must hold for longer by the step's time.
    fn with_escalation(&self, component: &Component, alert: &Alert) -> Vec<Rule> {
        let mut rules = vec![self.rule(component, alert, None)];
        if alert.severity == Severity::Critical {
            let steps = self.profile.escalation.iter();
            rules.extend(
                steps.map(|step| self.rule(component, alert, Some((step.step, step.after)))),
            );
        }
        rules
    }

    fn rule(&self, component: &Component, alert: &Alert, step: Option<(&str, Duration)>) -> Rule {
        let Self { profile, urls, style } = *self;
        let mut labels = BTreeMap::from([
            ("severity", alert.severity.as_str().to_owned()),
            ("team", profile.team.to_owned()),
            ("service", profile.service.to_owned()),
            ("component", component.label().to_owned()),
            ("level", alert.severity.level(&profile.levels).to_owned()),
        ]);
        if !profile.is_generic() {
            labels.insert("system", profile.slug.to_owned());
        }
        if let Some((step, _)) = step {
            labels.insert("escalation", step.to_owned());
        }
        let hold = alert.limit.hold + step.map_or(Duration::ZERO, |(_, after)| after);
        Rule {
            alert: Some(alert.name.clone()),
            expr: alert.expression(profile).render(style),
            hold: (!hold.is_zero()).then(|| duration(style.scaled(hold))),
            labels,
            annotations: BTreeMap::from([
                ("summary", alert.summary.clone()),
                ("description", alert.description.clone()),
                ("runbook_url", urls.runbook(profile, &alert.name)),
                ("dashboard_url", self.dashboard_url(alert)),
            ]),
            ..Rule::default()
        }
    }

    /// The panel, narrowed to the instance where the alert has one.
    fn dashboard_url(&self, alert: &Alert) -> String {
        let url = self.urls.panel(self.profile, alert.panel);
        if alert.condition.expr().labels().contains("instance") {
            url + "&var-instance={{ $labels.instance }}"
        } else {
            url
        }
    }
}

#[derive(Serialize)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    name: String,
    interval: String,
    rules: Vec<Rule>,
}

#[derive(Default, Serialize)]
struct Rule {
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<String>,
    expr: String,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    hold: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<&'static str, String>,
}
