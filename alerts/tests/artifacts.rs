//! The rules as they are emitted: current, parsable, and about labels that are there.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own crate has failed")]

use std::{collections::BTreeSet, path::Path};

use alerts::{
    alert::{Alert, Severity},
    runbook::Step,
    scope::{SYSTEM, Urls, narrowed},
    write::{alertmanager::DOWN, artifact, runbook::markdown},
};
use profiles::Profile;
use promql::prelude::*;
use promql_parser::{
    parser,
    util::{ExprVisitor, walk_expr},
};

fn every_alert() -> impl Iterator<Item = (&'static Profile, Alert)> {
    let of = |profile: &&'static Profile| {
        let profile = *profile;
        alerts::rules(profile).into_alerts().into_iter().map(move |alert| (profile, alert))
    };
    profiles::ALL.iter().flat_map(of)
}

#[test]
fn committed_files_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated");
    artifact::assert_current(&folder, &alerts::artifacts(&Urls::default()));
}

/// The expressions of a rule and of its runbook.
fn expressions(profile: &Profile, alert: &Alert) -> Vec<Expr> {
    let mut expressions = vec![alert.expression(profile)];
    for step in &alert.runbook.diagnosis {
        if let Step::PromQl { expression, .. } = step {
            expressions.push(narrowed(profile, expression));
        }
    }
    expressions
}

/// The blocks of `language` in the runbook.
fn blocks(profile: &Profile, alert: &Alert, language: &str) -> Vec<String> {
    let text = markdown(profile, alert, &Urls::default());
    let fences = text.split("```").skip(1).step_by(2);
    let ours = fences.filter_map(|it| it.strip_prefix(language)?.strip_prefix('\n'));
    ours.map(str::to_owned).collect()
}

#[test]
fn every_expression_parses() {
    let mut seen = 0;
    for (profile, alert) in every_alert() {
        for expression in expressions(profile, &alert) {
            for scale in [1.0, 60.0] {
                let text = expression.render(Style { scale });
                parser::parse(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}\n{text}", alert.name));
                seen += 1;
            }
        }
    }
    assert!(seen > 800, "only {seen} expressions");
}

#[test]
fn runbooks_query_only_the_targets_of_their_system() {
    let mut seen = 0;
    for (profile, alert) in every_alert().filter(|(profile, _)| !profile.is_generic()) {
        let own = format!("{}=\"{}\"", SYSTEM.name(), profile.slug);
        let blocks = blocks(profile, &alert, "promql");
        assert!(blocks.len() > 1, "{} of {}: no query", alert.name, profile.slug);
        // The alert that always fires has no selector.
        for block in blocks.iter().filter(|it| it.trim() != "vector(1) > 0") {
            let selectors = selectors(block);
            assert!(!selectors.is_empty(), "{}: {block}", alert.name);
            for selector in selectors {
                assert!(selector.contains(&own), "{} of {}: {block}", alert.name, profile.slug);
            }
            seen += 1;
        }
    }
    assert!(seen > 300, "only {seen} queries");
}

/// Every selector of the expression, as promql-parser sees it.
fn selectors(text: &str) -> Vec<String> {
    struct Selectors(Vec<String>);
    impl ExprVisitor for Selectors {
        type Error = std::convert::Infallible;

        fn pre_visit(&mut self, expr: &parser::Expr) -> Result<bool, Self::Error> {
            match expr {
                parser::Expr::VectorSelector(it) => self.0.push(it.to_string()),
                parser::Expr::MatrixSelector(it) => self.0.push(it.vs.to_string()),
                _ => {}
            }
            Ok(true)
        }
    }
    let mut found = Selectors(Vec::new());
    let expr = parser::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    walk_expr(&mut found, &expr).unwrap();
    found.0
}

#[test]
fn sql_of_runbooks_is_one_terminated_statement() {
    let mut seen = 0;
    for (profile, alert) in every_alert() {
        for block in blocks(profile, &alert, "sql") {
            let statement = block.strip_suffix(";\n");
            let statement = statement.unwrap_or_else(|| panic!("{}: {block}", alert.name));
            assert!(!statement.contains(';'), "{}: {block}", alert.name);
            seen += 1;
        }
    }
    assert!(seen > 400, "only {seen} statements");
}

#[test]
fn no_expression_has_a_problem() {
    for (profile, alert) in every_alert() {
        for expression in expressions(profile, &alert) {
            let problems = expression.problems(profile.scrape_interval);
            assert_eq!(problems, [], "{} of {}: {expression}", alert.name, profile.slug);
        }
        if alert.condition.expr().has_absent() {
            assert!(
                alert.limit.hold >= 2 * profile.scrape_interval,
                "{}: absent in haste",
                alert.name
            );
        }
    }
}

#[test]
fn a_profiles_rules_look_at_its_own_targets_only() {
    for (profile, alert) in every_alert().filter(|(profile, _)| !profile.is_generic()) {
        for series in alert.expression(profile).series() {
            let scoped = series.matchers().iter().any(|it| it.label.name == SYSTEM.name());
            assert!(scoped, "{} of {}: {series:?}", alert.name, profile.slug);
        }
    }
}

#[test]
fn descriptions_name_labels_that_are_there() {
    for (profile, alert) in every_alert() {
        let labels = alert.expression(profile).labels();
        for named in template_labels(&alert.description) {
            assert!(
                labels.contains(&named),
                "{}: `{named}` is none of the labels {labels:?}",
                alert.name
            );
        }
        assert!(!alert.summary.contains("{{"), "{}: a summary is static", alert.name);
        assert!(alert.summary.ends_with('.'), "{}: a summary is a sentence", alert.name);
    }
}

/// Alertmanager's inhibitions rest on it: a label that both sides lack counts as equal.
#[test]
fn symptoms_say_of_which_instance_they_are() {
    let aggregates = ["ExporterAbsent", "Watchdog"];
    for (profile, alert) in every_alert() {
        let has = alert.expression(profile).labels().contains("instance");
        assert_eq!(has, !aggregates.contains(&&*alert.name), "{}", alert.name);
    }
}

#[test]
fn names_are_camel_case_and_unique() {
    for profile in profiles::ALL {
        let mut names = BTreeSet::new();
        for alert in alerts::rules(profile).into_alerts() {
            let fits = alert.name.starts_with(|it: char| it.is_ascii_uppercase())
                && alert.name.chars().all(|it| it.is_ascii_alphanumeric());
            assert!(fits, "{}", alert.name);
            assert!(names.insert(alert.name.clone()), "{} occurs twice", alert.name);
        }
    }
}

#[test]
fn what_is_down_pages_and_explains_no_other_server() {
    for profile in profiles::ALL {
        let alerts = alerts::rules(profile).into_alerts();
        let page = |name: &str| alerts.iter().find(|it| it.name == name).map(|it| it.severity);
        let mut expected = vec!["ExporterDown", "PostgresDown"];
        expected.extend(profile.pools.as_ref().map(|_| "PgBouncerDown"));
        for name in expected {
            let name = profile.own_name(name).unwrap_or(name);
            assert_eq!(page(name), Some(Severity::Critical), "{}: {name}", profile.slug);
            let explains =
                DOWN.iter().any(|(down, _)| profile.own_name(down).unwrap_or(down) == name);
            assert!(explains, "{name} explains nothing");
        }
    }
}

#[test]
fn every_exporter_of_a_profile_is_watched() {
    for profile in profiles::ALL {
        let groups = alerts::rules(profile).groups;
        let measured: BTreeSet<_> = groups.iter().flat_map(|it| it.component.jobs()).collect();
        for name in ["ExporterDown", "ExporterAbsent", "CollectorFailing", "SeriesDropped"] {
            let group = groups.iter().find(|it| it.alerts.iter().any(|it| it.name == name));
            let jobs = group.unwrap_or_else(|| panic!("{}: no {name}", profile.slug));
            let watched = jobs.component.jobs().into_iter().chain(["prometheus"]);
            assert_eq!(watched.collect::<BTreeSet<_>>(), measured, "{name} of {}", profile.slug);
        }
    }
}

fn template_labels(text: &str) -> Vec<String> {
    let mut rest = text;
    let mut found = Vec::new();
    while let Some(at) = rest.find("$labels.") {
        rest = &rest[at + "$labels.".len()..];
        let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        found.push(rest[..end.unwrap_or(rest.len())].to_owned());
    }
    found
}
