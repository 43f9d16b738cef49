//! The dashboards as they are defined and committed: current, and about what is there.

#![allow(clippy::unwrap_used, reason = "a dashboard that is no JSON has failed")]

use std::{collections::BTreeSet, path::Path};

use alerts::{panel::PanelKey, scope::Urls, write::artifact};
use dashboards::Dashboard;
use serde_json::Value;

#[test]
fn committed_files_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated");
    artifact::assert_current(&folder, &dashboards::artifacts(&Urls::default()));
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
            for expr in panel.queries().iter().filter_map(dashboards::PanelQuery::expr) {
                let interval = dashboard.scope.profile.scrape_interval;
                assert_eq!(expr.problems(interval), [], "{}", panel.title());
                seen += 1;
            }
        }
    }
    assert!(seen > 80, "only {seen} expressions");
}

#[test]
fn every_panel_that_an_alert_links_to_is_drawn_once_on_its_dashboard() {
    let dashboards = dashboards::all();
    let mut seen = 0;
    for profile in profiles::ALL {
        let keys: BTreeSet<PanelKey> = alerts::rules(profile).alerts().map(|it| it.panel).collect();
        for key in keys {
            let on = |it: &&Dashboard| {
                it.scope.profile.slug == profile.slug && it.subject == key.dashboard()
            };
            let dashboard = dashboards.iter().find(on);
            let dashboard = dashboard.unwrap_or_else(|| panic!("{}: {key:?}", profile.slug));
            assert!(dashboard.panels().any(|it| it.key() == Some(key)), "{}", profile.slug);
            assert_eq!(drawn(dashboard, key), 1, "{key:?} of {}", profile.slug);
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} panels");
}

/// How many panels have the id that links lead to.
fn drawn(dashboard: &Dashboard, key: PanelKey) -> usize {
    let json: Value = serde_json::from_str(&dashboard.to_json(&Urls::default())).unwrap();
    let panels = json["panels"].as_array().unwrap();
    panels.iter().filter(|it| it["id"] == key.id() && it["title"] == key.title()).count()
}

#[test]
fn panels_have_a_key_if_and_only_if_an_alert_links_to_it() {
    let alerts = profiles::ALL.iter().flat_map(|it| alerts::rules(it).into_alerts());
    let keys: BTreeSet<PanelKey> = alerts.map(|it| it.panel).collect();
    for dashboard in dashboards::all() {
        for panel in dashboard.panels() {
            let named =
                |it: &&PanelKey| it.dashboard() == dashboard.subject && it.title() == panel.title();
            match panel.key() {
                Some(key) => assert!(keys.contains(&key), "no alert links to {key:?}"),
                None => assert_eq!(keys.iter().find(named), None, "drawn without its key"),
            }
        }
    }
}

#[test]
fn thresholds_come_from_the_alerts_of_the_panel() {
    let profile = &profiles::hv_consultores::PROFILE;
    let alerts = alerts::rules(profile).into_alerts();
    let alert = alerts.iter().find(|it| it.name == "EmailDeliverySlow").unwrap();
    let dashboards = dashboards::all();
    let of_queues =
        |it: &&Dashboard| it.scope.profile.slug == profile.slug && it.subject == "queue";
    let dashboard = dashboards.iter().find(of_queues).unwrap();
    let json: Value = serde_json::from_str(&dashboard.to_json(&Urls::default())).unwrap();
    let panels = json["panels"].as_array().unwrap();
    let panel = panels.iter().find(|it| it["id"] == alert.panel.id()).unwrap();
    let steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"].as_array().unwrap();
    assert!(steps.iter().any(|it| it["value"] == alert.limit.value), "{steps:#?}");
}
