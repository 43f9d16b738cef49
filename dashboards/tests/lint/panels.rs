//! Panels and the dashboard around them.

use serde_json::Value;

use crate::{Findings, asking, shown, text};

/// Of Grafana's units, those that a dashboard here may need.
const UNITS: [&str; 34] = [
    "none",
    "string",
    "short",
    "percent",
    "percentunit",
    "bytes",
    "decbytes",
    "bits",
    "pps",
    "bps",
    "Bps",
    "binBps",
    "binbps",
    "dateTimeAsIso",
    "dateTimeFromNow",
    "hertz",
    "ns",
    "µs",
    "ms",
    "s",
    "m",
    "h",
    "d",
    "dtdurations",
    "dtdurationms",
    "clocks",
    "cps",
    "ops",
    "reqps",
    "rps",
    "cpm",
    "opm",
    "bool",
    "bool_yes_no",
];

pub(crate) fn datasource(dashboard: &Value) -> Findings {
    asking(dashboard)
        .filter(|it| it["datasource"]["uid"] != "${datasource}")
        .map(|it| format!("{} does not ask the chosen data source", it["title"]))
        .collect()
}

/// Grafana's linter looks at four kinds of panel; this looks everywhere, variables, annotations and
/// targets included.
pub(crate) fn hard_coded_datasource(dashboard: &Value) -> Findings {
    let mut findings = Findings::new();
    each_source(dashboard, &mut |source| {
        if source["uid"] != "${datasource}" && source["uid"] != "-- Grafana --" {
            findings.push(format!("the data source {source} is hard-coded"));
        }
    });
    findings
}

fn each_source(value: &Value, see: &mut impl FnMut(&Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| each_source(it, see)),
        Value::Object(fields) => {
            if let Some(source) = fields.get("datasource") {
                see(source);
            }
            fields.values().for_each(|it| each_source(it, see));
        }
        _ => {}
    }
}

pub(crate) fn title_description(dashboard: &Value) -> Findings {
    let empty = |value: &Value| text(value).trim().is_empty();
    let mut findings: Findings = shown(dashboard)
        .filter(|it| empty(&it["title"]) || empty(&it["description"]))
        .map(|it| format!("panel {} has no title or no description", it["id"]))
        .collect();
    if empty(&dashboard["title"]) || empty(&dashboard["description"]) {
        findings.push("the dashboard has no title or no description".to_owned());
    }
    findings
}

pub(crate) fn units(dashboard: &Value) -> Findings {
    let mut findings = Findings::new();
    for panel in asking(dashboard) {
        let config = &panel["fieldConfig"];
        let overrides = config["overrides"].as_array().into_iter().flatten();
        let properties = overrides.filter_map(|it| it["properties"].as_array()).flatten();
        let own = properties.filter(|it| it["id"] == "unit").map(|it| &it["value"]);
        for unit in own.chain([&config["defaults"]["unit"]]) {
            if !UNITS.contains(&text(unit)) {
                findings.push(format!("{}: {unit} is no unit of Grafana's", panel["title"]));
            }
        }
    }
    findings
}

pub(crate) fn no_targets(dashboard: &Value) -> Findings {
    asking(dashboard)
        .filter(|it| it["targets"].as_array().is_none_or(Vec::is_empty))
        .map(|it| format!("{} asks nothing", it["title"]))
        .collect()
}

pub(crate) fn uneditable(dashboard: &Value) -> Findings {
    if dashboard["editable"] == false { vec![] } else { vec!["it can be edited".to_owned()] }
}

/// What Grafana's migrations up to version 42 would change; an older or odd form comes back changed.
pub(crate) fn normal_form(dashboard: &Value) -> Findings {
    let mut findings = Findings::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            findings.push(what.to_owned());
        }
    };
    demand(dashboard["schemaVersion"] == 42, "`schemaVersion` is not 42");
    demand(dashboard["refresh"].is_string(), "`refresh` is no text");
    demand(dashboard["timepicker"].get("time_options").is_none(), "`time_options` is gone");
    demand(dashboard.get("id").is_none_or(Value::is_null), "an `id` belongs to one Grafana");
    demand(dashboard.get("__inputs").is_none(), "`__inputs` breaks provisioning");
    for panel in shown(dashboard) {
        let kind = text(&panel["type"]);
        let known =
            ["stat", "timeseries", "table", "heatmap", "state-timeline", "bargauge", "text"];
        demand(known.contains(&kind), &format!("a panel is of the kind `{kind}`"));
        demand(!text(&panel["pluginVersion"]).is_empty(), "a panel without `pluginVersion`");
    }
    findings
}

/// The first step has no value, the others ascend.
pub(crate) fn thresholds(dashboard: &Value) -> Findings {
    let mut findings = Findings::new();
    for panel in asking(dashboard) {
        let steps = &panel["fieldConfig"]["defaults"]["thresholds"]["steps"];
        let values: Vec<Option<f64>> =
            steps.as_array().into_iter().flatten().map(|it| it["value"].as_f64()).collect();
        let base = values.first() == Some(&None);
        let rest: Vec<f64> = values.iter().skip(1).flatten().copied().collect();
        if !base || rest.len() + 1 != values.len() || !rest.is_sorted_by(|a, b| a < b) {
            findings.push(format!("{}: thresholds {values:?}", panel["title"]));
        }
    }
    findings
}
