//! Rule files and their unit tests, as Prometheus and promtool read them.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use profiles::Profile;
use promql::{Recorded, prelude::*};
use serde::Serialize;

use crate::{
    alert::{Alert, Case, Severity},
    artifact::Artifact,
    runbook,
    yaml::{self, duration},
};

/// What the person who generates the files may choose.
#[derive(Clone, Debug)]
pub struct Options {
    /// Every duration of the rules is divided by this, so that a drill takes seconds.
    pub scale: f64,
    /// Where the runbooks are served; the system, the alert's name and `.md` follow.
    pub runbooks: String,
    /// Where Grafana is.
    pub grafana: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scale: 1.0,
            runbooks: "https://runbooks.example.com".to_owned(),
            grafana: "https://grafana.example.com".to_owned(),
        }
    }
}

impl Options {
    /// How expressions are printed.
    pub fn style(&self) -> Style {
        Style { scale: self.scale }
    }

    fn time(&self, value: Duration) -> String {
        duration(self.style().scaled(value))
    }
}

/// A profile's rules: what is recorded and what is told.
#[derive(Debug)]
pub struct Rules {
    /// Series under the names that operators' own rules use.
    pub records: Vec<Arc<Recorded>>,
    /// Alerts, before escalation.
    pub alerts: Vec<Alert>,
}

/// The label by which a profile's rules find its targets; the generated scrape configuration
/// gives it to them.
pub const SYSTEM: TargetLabel = TargetLabel::new("system");

/// Limits an expression to the profile's targets.
pub fn scoped(profile: &Profile, expr: &Expr) -> Expr {
    if profile.is_generic() {
        expr.clone()
    } else {
        expr.clone().narrowed(&[SYSTEM.eq(profile.slug).into()])
    }
}

/// The profile's rule file.
pub fn rule_file(profile: &Profile, rules: &Rules, options: &Options) -> String {
    let mut groups = Vec::new();
    if !rules.records.is_empty() {
        groups.push(Group {
            name: format!("{}-records", profile.slug),
            interval: options.time(profile.scrape_interval),
            rules: rules.records.iter().map(|it| record(profile, it, options)).collect(),
        });
    }
    let mut names: Vec<_> = rules.alerts.iter().map(group_of).collect();
    names.dedup();
    for (name, interval) in names {
        let alerts = rules.alerts.iter().filter(|it| group_of(it).0 == name);
        groups.push(Group {
            name: format!("{}-{name}", profile.slug),
            interval: options.time(interval.unwrap_or(profile.scrape_interval)),
            rules: alerts.flat_map(|it| with_escalation(profile, it, options)).collect(),
        });
    }
    yaml::document(&format!("Rules for {}.", profile.title), &RuleFile { groups })
}

/// The alert's group, and how often it is evaluated if not as often as its target is scraped.
fn group_of(alert: &Alert) -> (String, Option<Duration>) {
    let group = alert.component.group();
    if alert.fires.lasts_days() {
        // It reads weeks, which takes Prometheus 70 ms for each server. Not as seldom as
        // Prometheus' look-back of five minutes, or `ALERTS` would have gaps.
        (format!("{group}-trends"), Some(minutes(4)))
    } else {
        (group.to_owned(), None)
    }
}

/// Unit tests for promtool: each alert fires in its one case and stays quiet in its other.
pub fn rule_tests(profile: &Profile, rules: &Rules, rule_file: &str) -> String {
    // Seldom enough that promtool has done with all of them in a minute.
    test_file(profile, &tests(profile, rules, rule_file, minutes(1), |it| !it.lasts_days()))
}

/// The same of the cases that last for weeks, by the hour; `None` if there are none.
pub fn trend_tests(profile: &Profile, rules: &Rules, rule_file: &str) -> Option<String> {
    let file = tests(profile, rules, rule_file, hours(1), Case::lasts_days);
    (!file.tests.is_empty()).then(|| test_file(profile, &file))
}

fn test_file(profile: &Profile, file: &TestFile) -> String {
    yaml::document(&format!("Rule tests for {}.", profile.title), file)
}

fn tests(
    profile: &Profile,
    rules: &Rules,
    rule_file: &str,
    evaluation_interval: Duration,
    chosen: impl Fn(&Case) -> bool,
) -> TestFile {
    let tests = rules.alerts.iter().filter(|it| it.name != "Watchdog").flat_map(|alert| {
        let jobs = alert.component.jobs();
        let series_of = |case: &Case, job: &str| {
            let series = case.series.iter().map(|it| {
                let (series, values) = it.text(job, profile);
                InputSeries { series, values: values.to_owned() }
            });
            series.collect::<Vec<_>>()
        };
        let test = |(case, name, firing): (&Case, &str, usize)| Test {
            name: format!("{} {name}", alert.name),
            interval: duration(case.step(profile)),
            input_series: jobs.iter().flat_map(|job| series_of(case, job)).collect(),
            expressions: vec![ExpressionTest {
                expr: format!(
                    "count(ALERTS{{alertname=\"{}\",alertstate=\"firing\",escalation=\"\"}}) or vector(0)",
                    alert.name
                ),
                eval_time: duration(case.at),
                exp_samples: vec![Sample { labels: "{}".to_owned(), value: firing }],
            }],
        };
        let cases = [(&alert.fires, "fires", jobs.len()), (&alert.silent, "stays quiet", 0)];
        cases.into_iter().filter(|(case, ..)| chosen(case)).map(test).collect::<Vec<_>>()
    });
    TestFile {
        rule_files: vec![rule_file.to_owned()],
        evaluation_interval: duration(evaluation_interval),
        tests: tests.collect(),
    }
}

/// Every file of the profile's rules.
pub fn artifacts(profile: &Profile, rules: &Rules, options: &Options) -> Vec<Artifact> {
    let folder = Path::new(profile.slug);
    let mut artifacts = vec![
        Artifact::new(folder.join("rules.yml"), rule_file(profile, rules, options)),
        Artifact::new(folder.join("rules.test.yml"), rule_tests(profile, rules, "rules.yml")),
    ];
    let trends = trend_tests(profile, rules, "rules.yml");
    artifacts.extend(trends.map(|it| Artifact::new(folder.join("trends.test.yml"), it)));
    artifacts.extend(rules.alerts.iter().map(|alert| {
        let path = folder.join("runbooks").join(format!("{}.md", alert.name));
        Artifact::new(path, runbook::markdown(profile, alert, options))
    }));
    artifacts
}

fn record(profile: &Profile, recorded: &Recorded, options: &Options) -> Rule {
    let labels = recorded.labels().iter().map(|(name, value)| (*name, value.clone())).collect();
    Rule {
        record: Some(recorded.name().to_owned()),
        expr: scoped(profile, recorded.expr()).render(options.style()),
        labels,
        ..Rule::default()
    }
}

/// The alert, and for what pages the same alert once more for each step of escalation: the same
/// condition, still true after the step's time.
fn with_escalation(profile: &Profile, alert: &Alert, options: &Options) -> Vec<Rule> {
    let mut rules = vec![rule(profile, alert, options, None)];
    if alert.severity == Severity::Critical {
        let steps = profile.escalation.iter();
        rules
            .extend(steps.map(|step| rule(profile, alert, options, Some((step.step, step.after)))));
    }
    rules
}

fn rule(
    profile: &Profile,
    alert: &Alert,
    options: &Options,
    step: Option<(&str, Duration)>,
) -> Rule {
    let mut labels = BTreeMap::from([
        ("severity", alert.severity.as_str().to_owned()),
        ("team", profile.team.to_owned()),
        ("service", profile.service.to_owned()),
        ("component", alert.component.label().to_owned()),
        ("level", alert.severity.level(&profile.levels).to_owned()),
    ]);
    if !profile.is_generic() {
        labels.insert("system", profile.slug.to_owned());
    }
    if let Some((step, _)) = step {
        labels.insert("escalation", step.to_owned());
    }
    let hold = alert.hold + step.map_or(Duration::ZERO, |(_, after)| after);
    Rule {
        alert: Some(alert.name.clone()),
        expr: alert.expression(profile).render(options.style()),
        hold: (!hold.is_zero()).then(|| options.time(hold)),
        labels,
        annotations: BTreeMap::from([
            ("summary", alert.summary.clone()),
            ("description", alert.description.clone()),
            ("runbook_url", alert.runbook_address(profile, options)),
            ("dashboard_url", dashboard_address(profile, alert, options)),
        ]),
        ..Rule::default()
    }
}

/// The panel, narrowed to the instance where the alert names one.
fn dashboard_address(profile: &Profile, alert: &Alert, options: &Options) -> String {
    let address = alert.panel.address(profile, options);
    if alert.condition.expr().labels().contains("instance") {
        address + "&var-instance={{ $labels.instance }}"
    } else {
        address
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

#[derive(Serialize)]
struct TestFile {
    rule_files: Vec<String>,
    evaluation_interval: String,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    interval: String,
    input_series: Vec<InputSeries>,
    #[serde(rename = "promql_expr_test")]
    expressions: Vec<ExpressionTest>,
}

#[derive(Serialize)]
struct InputSeries {
    series: String,
    values: String,
}

#[derive(Serialize)]
struct ExpressionTest {
    expr: String,
    eval_time: String,
    exp_samples: Vec<Sample>,
}

#[derive(Serialize)]
struct Sample {
    labels: String,
    value: usize,
}
