//! Lints on the emitted files: the checks of Grafana's dashboard-linter, and those it lacks. Each
//! has one seeded violation that it must catch.

mod grid;
mod links;
mod panels;
mod promql;
mod seeds;
mod targets;
mod templates;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The problems found, each in a sentence.
type Findings = Vec<String>;

/// Looks at one dashboard.
type Rule = fn(&Value) -> Findings;

/// The rules of Grafana's linter by its names (but those for Loki), then our own.
const RULES: &[(&str, Rule)] = &[
    ("template-datasource-rule", templates::datasource),
    ("template-job-rule", templates::job),
    ("template-instance-rule", templates::instance),
    ("template-label-promql-rule", templates::label_promql),
    ("template-on-time-change-reload-rule", templates::reload),
    ("panel-datasource-rule", panels::datasource),
    ("panel-title-description-rule", panels::title_description),
    ("panel-units-rule", panels::units),
    ("panel-no-targets-rule", panels::no_targets),
    ("target-promql-rule", targets::promql),
    ("target-rate-interval-rule", targets::rate_interval),
    ("target-job-rule", targets::job),
    ("target-instance-rule", targets::instance),
    ("target-counter-agg-rule", targets::counter_aggregation),
    ("uneditable-dashboard", panels::uneditable),
    ("no-hard-coded-datasource", panels::hard_coded_datasource),
    ("normal-form", panels::normal_form),
    ("thresholds", panels::thresholds),
    ("unique-ref-ids", targets::ref_ids),
    ("legend-labels", targets::legend_labels),
    ("variables-exist", templates::variables_exist),
    ("no-overlaps", grid::overlaps),
    ("inside-the-grid", grid::inside),
    ("unique-ids", grid::ids),
    ("summary-first", grid::summary_first),
    ("uid", links::uid),
    ("link-targets", links::targets),
    ("runbooks-exist", links::runbooks),
];

/// Every committed dashboard, by its path.
fn committed() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated/grafana");
    let mut found = Vec::new();
    let folders = entries(&folder).into_iter().filter(|it| it.is_dir());
    let files = folders.flat_map(|it| entries(&it));
    for path in files.filter(|it| it.extension().is_some_and(|it| it == "json")) {
        let text = fs::read_to_string(&path).expect("a dashboard is text");
        assert!(text.ends_with("}\n"), "{}: no trailing newline", path.display());
        let dashboard = serde_json::from_str(&text).expect("a dashboard is JSON");
        found.push((path.display().to_string(), dashboard));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries.map(|it| it.expect("the folder can be read").path()).collect()
}

/// Headings and panels.
fn everything(dashboard: &Value) -> &[Value] {
    dashboard["panels"].as_array().map_or(&[], Vec::as_slice)
}

/// Panels, headings left out.
fn shown(dashboard: &Value) -> impl Iterator<Item = &Value> {
    everything(dashboard).iter().filter(|it| it["type"] != "row")
}

/// Panels with queries.
fn asking(dashboard: &Value) -> impl Iterator<Item = &Value> {
    shown(dashboard).filter(|it| it["type"] != "text")
}

/// Every query, with its panel's title.
fn queries(dashboard: &Value) -> impl Iterator<Item = (&str, &Value)> {
    asking(dashboard).flat_map(|panel| {
        let targets = panel["targets"].as_array().map_or(&[][..], Vec::as_slice);
        targets.iter().map(|target| (text(&panel["title"]), target))
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn committed_dashboards_keep_every_rule() {
    let dashboards = committed();
    assert!(dashboards.len() >= 2, "no dashboards are committed");
    let mut findings = Vec::new();
    for (path, dashboard) in &dashboards {
        for (name, rule) in RULES {
            findings.extend(rule(dashboard).into_iter().map(|it| format!("{path}: {name}: {it}")));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn uids_titles_and_files_are_unique() {
    let dashboards = committed();
    for key in ["uid", "title"] {
        let values: BTreeSet<_> = dashboards.iter().map(|(_, it)| text(&it[key])).collect();
        assert_eq!(values.len(), dashboards.len(), "{key}: {values:?}");
    }
}

#[test]
fn every_rule_catches_its_seeded_violation() {
    let dashboards = committed();
    let (_, sound) =
        dashboards.iter().find(|(path, _)| path.ends_with("generic/queue.json")).unwrap();
    for (name, rule) in RULES {
        assert_eq!(rule(sound), Findings::new(), "{name}");
        let seed = seeds::SEEDS.iter().find(|(rule, _)| rule == name);
        let (_, seed) = seed.unwrap_or_else(|| panic!("{name} has no seeded violation"));
        let mut broken = sound.clone();
        seed(&mut broken);
        assert_ne!(&broken, sound, "{name}: the seed changes nothing");
        assert_ne!(rule(&broken), Findings::new(), "{name} misses its seeded violation");
    }
}
