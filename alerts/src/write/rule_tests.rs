//! Unit tests of rules in promtool's format: each alert fires in one of its cases and stays silent
//! in the other.

use std::time::Duration;

use profiles::Profile;
use promql::prelude::*;
use serde::Serialize;

use super::yaml::{self, duration};
use crate::{
    alert::Alert,
    case::Series,
    rules::{Group, History, Rules},
};

/// The tests of the alerts that look at recent samples.
pub fn rule_tests(profile: &Profile, rules: &Rules, rule_file: &str) -> String {
    // A long interval, so that promtool needs less than a minute for all of them.
    test_file(profile, &tests(profile, rules, rule_file, History::Recent, minutes(1)))
}

/// The tests of the alerts that look at weeks; `None` if there are none.
pub fn trend_tests(profile: &Profile, rules: &Rules, rule_file: &str) -> Option<String> {
    let file = tests(profile, rules, rule_file, History::Weeks, hours(1));
    (!file.tests.is_empty()).then(|| test_file(profile, &file))
}

fn test_file(profile: &Profile, file: &TestFile) -> String {
    yaml::document(&format!("Rule tests for {}.", profile.title), file)
}

fn tests(
    profile: &Profile,
    rules: &Rules,
    rule_file: &str,
    history: History,
    evaluation_interval: Duration,
) -> TestFile {
    let mut tests = Vec::new();
    for group in rules.groups.iter().filter(|group| group.history == history) {
        // It has no case in which it is silent.
        for alert in group.alerts.iter().filter(|alert| alert.name != "Watchdog") {
            let jobs = group.component.jobs().len();
            tests.push(test(profile, group, alert, ("fires", &alert.fires, jobs)));
            tests.push(test(profile, group, alert, ("stays quiet", &alert.silent, 0)));
        }
    }
    TestFile {
        rule_files: vec![rule_file.to_owned()],
        evaluation_interval: duration(evaluation_interval),
        tests,
    }
}

/// A test that `firing` alerts fire at the end of the case.
fn test(
    profile: &Profile,
    group: &Group,
    alert: &Alert,
    (name, case, firing): (&str, &[Series], usize),
) -> Test {
    let mut input_series = Vec::new();
    for job in group.component.jobs() {
        input_series.extend(case.iter().map(|series| {
            let (series, values) = series.text(job, profile);
            InputSeries { series, values: values.to_owned() }
        }));
    }
    let expr = format!(
        "count(ALERTS{{alertname=\"{}\",alertstate=\"firing\",escalation=\"\"}}) or vector(0)",
        alert.name
    );
    Test {
        name: format!("{} {name}", alert.name),
        interval: duration(group.sample_interval(profile)),
        input_series,
        expressions: vec![ExpressionTest {
            expr,
            eval_time: duration(group.evaluated_at(alert)),
            exp_samples: vec![Sample { labels: "{}".to_owned(), value: firing }],
        }],
    }
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
