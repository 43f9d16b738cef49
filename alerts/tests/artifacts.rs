//! The rules as they are emitted: current, parsable, and about labels that are there.

use std::{collections::BTreeSet, path::Path};

use alerts::{
    alert::{Alert, Severity},
    alertmanager::DOWN,
    artifact,
    rules::{Options, SYSTEM},
};
use profiles::Profile;
use promql::prelude::*;

fn every_alert() -> impl Iterator<Item = (&'static Profile, Alert)> {
    let of = |profile: &&'static Profile| {
        let profile = *profile;
        alerts::rules(profile).alerts.into_iter().map(move |alert| (profile, alert))
    };
    profiles::ALL.iter().flat_map(of)
}

#[test]
fn committed_files_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated");
    artifact::assert_current(&folder, &alerts::artifacts(&Options::default()));
}

#[test]
fn every_expression_parses() {
    let mut seen = 0;
    for (profile, alert) in every_alert() {
        for scale in [1.0, 60.0] {
            let text = alert.expression(profile).render(Style { scale });
            promql_parser::parser::parse(&text)
                .unwrap_or_else(|error| panic!("{}: {error}\n{text}", alert.name));
            seen += 1;
        }
    }
    assert!(seen > 40, "only {seen} expressions");
}

#[test]
fn no_expression_has_a_problem() {
    for (profile, alert) in every_alert() {
        let problems = alert.expression(profile).problems(profile.scrape_interval);
        assert_eq!(problems, [], "{} of {}", alert.name, profile.slug);
        if alert.condition.expr().has_absent() {
            assert!(alert.hold >= 2 * profile.scrape_interval, "{}: absent in haste", alert.name);
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
        for alert in alerts::rules(profile).alerts {
            let fits = alert.name.starts_with(|it: char| it.is_ascii_uppercase())
                && alert.name.chars().all(|it| it.is_ascii_alphanumeric());
            assert!(fits, "{}", alert.name);
            assert!(names.insert(alert.name.clone()), "{} stands twice", alert.name);
        }
    }
}

#[test]
fn what_is_down_pages_and_explains_no_other_server() {
    for profile in profiles::ALL {
        let alerts = alerts::rules(profile).alerts;
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
        let alerts = alerts::rules(profile).alerts;
        let jobs = |name: &str| {
            let alert = alerts.iter().find(|it| it.name == name);
            alert.unwrap_or_else(|| panic!("{}: no {name}", profile.slug)).component.jobs()
        };
        let measured: BTreeSet<_> = alerts.iter().flat_map(|it| it.component.jobs()).collect();
        for name in ["ExporterDown", "ExporterAbsent", "CollectorFailing", "SeriesDropped"] {
            let watched = jobs(name).into_iter().chain(["prometheus"]).collect::<BTreeSet<_>>();
            assert_eq!(watched, measured, "{name} of {}", profile.slug);
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
