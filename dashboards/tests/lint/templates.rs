//! Variables.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Findings, promql, text};

fn variables(dashboard: &Value) -> &[Value] {
    dashboard["templating"]["list"].as_array().map_or(&[], Vec::as_slice)
}

fn queries(dashboard: &Value) -> impl Iterator<Item = &Value> {
    variables(dashboard).iter().filter(|it| it["type"] == "query")
}

pub(crate) fn datasource(dashboard: &Value) -> Findings {
    let sound = variables(dashboard).iter().any(|it| {
        it["type"] == "datasource"
            && it["name"] == "datasource"
            && it["label"] == "Data source"
            && it["query"] == "prometheus"
    });
    if sound { vec![] } else { vec!["no choice of the data source".to_owned()] }
}

pub(crate) fn job(dashboard: &Value) -> Findings {
    choice(dashboard, "job", "Job")
}

pub(crate) fn instance(dashboard: &Value) -> Findings {
    choice(dashboard, "instance", "Instance")
}

fn choice(dashboard: &Value, name: &str, label: &str) -> Findings {
    let Some(variable) = variables(dashboard).iter().find(|it| it["name"] == name) else {
        return vec![format!("no variable `{name}`")];
    };
    let expected = [
        ("type", Value::from("query")),
        ("label", Value::from(label)),
        ("multi", Value::from(true)),
        ("includeAll", Value::from(true)),
        ("allValue", Value::from(".+")),
    ];
    let mut findings: Findings = expected
        .iter()
        .filter(|(key, value)| &variable[*key] != value)
        .map(|(key, value)| format!("variable `{name}`: `{key}` is not {value}"))
        .collect();
    if variable["datasource"]["uid"] != "${datasource}" {
        findings.push(format!("variable `{name}` does not ask the chosen data source"));
    }
    findings
}

pub(crate) fn label_promql(dashboard: &Value) -> Findings {
    let mut findings = Findings::new();
    for variable in queries(dashboard) {
        let query = text(&variable["query"]["query"]);
        let inner = query.strip_prefix("label_values(").and_then(|it| it.strip_suffix(')'));
        let Some((selector, _)) = inner.and_then(|it| it.rsplit_once(", ")) else {
            findings.push(format!("`{query}` is no label_values(selector, label)"));
            continue;
        };
        if let Err(error) = promql::parse(selector) {
            findings.push(format!("`{selector}`: {error}"));
        }
    }
    findings
}

pub(crate) fn reload(dashboard: &Value) -> Findings {
    queries(dashboard)
        .filter(|it| it["refresh"] != 2)
        .map(|it| format!("variable {} stays when the time range changes", it["name"]))
        .collect()
}

/// Names that Grafana gives itself.
const BUILT_IN: [&str; 3] = ["__rate_interval", "__interval", "__range"];

pub(crate) fn variables_exist(dashboard: &Value) -> Findings {
    let known: BTreeSet<&str> = variables(dashboard).iter().map(|it| text(&it["name"])).collect();
    let unknown = |text: &str| {
        let names = promql::variables(text).into_iter();
        let names = names.filter(|it| !known.contains(it.as_str()));
        names.filter(|it| !BUILT_IN.contains(&it.as_str())).collect::<Vec<_>>()
    };
    let mut findings = Findings::new();
    // `$__all` is the choice of everything, not a variable.
    each_text(dashboard, &mut |it| {
        if it != "$__all" {
            findings.extend(unknown(it).into_iter().map(|name| format!("${name} in `{it}`")));
        }
    });
    // A variable may use only those before it; otherwise Grafana queries in a circle.
    let mut before = BTreeSet::from(["datasource".to_owned()]);
    for variable in queries(dashboard) {
        let query = text(&variable["query"]["query"]);
        let early = promql::variables(query).into_iter().filter(|it| !before.contains(it));
        findings.extend(early.map(|it| format!("`{query}` rests on ${it}, which comes later")));
        before.insert(text(&variable["name"]).to_owned());
    }
    findings
}

fn each_text(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|it| each_text(it, see)),
        Value::Object(fields) => fields.values().for_each(|it| each_text(it, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
