//! The dashboards as they are defined and committed: current, and about what is there.

use std::{collections::BTreeSet, path::Path};

use alerts::{alert::dashboard_uid, artifact, rules::Options};
use dashboards::Dashboard;

#[test]
fn committed_files_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated");
    artifact::assert_current(&folder, &dashboards::artifacts(&Options::default()));
}

#[test]
fn uids_never_change() {
    let uids: Vec<_> = dashboards::all().iter().map(Dashboard::uid).collect();
    assert_eq!(
        uids,
        [
            "pulso-queue",
            "pulso-pool",
            "pulso-memory",
            "pulso-redis",
            "pulso-exporters",
            "pulso-gestion-eventos-pool",
            "pulso-gestion-eventos-memory",
            "pulso-gestion-eventos-redis",
            "pulso-gestion-eventos-exporters",
            "pulso-hv-consultores-queue",
            "pulso-hv-consultores-pool",
            "pulso-hv-consultores-memory",
            "pulso-hv-consultores-redis",
            "pulso-hv-consultores-exporters",
            "pulso-mini-market-pool",
            "pulso-mini-market-memory",
            "pulso-mini-market-exporters",
            "pulso-renec-harvester-pool",
            "pulso-renec-harvester-memory",
            "pulso-renec-harvester-redis",
            "pulso-renec-harvester-exporters",
            "pulso-tiendi-pool",
            "pulso-tiendi-memory",
            "pulso-tiendi-redis",
            "pulso-tiendi-exporters",
        ]
    );
}

#[test]
fn no_expression_has_a_problem() {
    let mut seen = 0;
    for dashboard in dashboards::all() {
        for panel in dashboard.panels() {
            for expr in panel.queries().iter().filter_map(dashboards::Query::expr) {
                let interval = dashboard.scope.profile.scrape_interval;
                assert_eq!(expr.problems(interval), [], "{}", panel.title());
                seen += 1;
            }
        }
    }
    assert!(seen > 80, "only {seen} expressions");
}

#[test]
fn every_alert_names_a_panel_that_is_there() {
    let shown: BTreeSet<(String, String)> = dashboards::all()
        .iter()
        .flat_map(|it| {
            it.panels().map(|panel| (it.uid(), panel.title().to_owned())).collect::<Vec<_>>()
        })
        .collect();
    for profile in profiles::ALL {
        for alert in alerts::rules(profile).alerts {
            let uid = dashboard_uid(profile, alert.panel.dashboard);
            let named = (uid, alert.panel.title.to_owned());
            assert!(
                shown.contains(&named),
                "{} of {}: no panel {named:?}",
                alert.name,
                profile.slug
            );
        }
    }
}
