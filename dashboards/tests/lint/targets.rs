//! Queries.

use std::collections::BTreeSet;

use promql_parser::{label::MatchOp, parser::Expr};
use serde_json::Value;

use crate::{
    Findings, asking,
    promql::{caller, is_rate_interval, parse, selectors, sentinel, walk},
    queries, text,
};

/// Prometheus' own series about alerts, whose labels are the rule's: limited by what every alert
/// carries, for an alert on an aggregate has neither job nor instance.
const ALERTS: &str = "ALERTS";

/// Every expression of panels and annotations, with its location.
fn expressions(dashboard: &Value) -> impl Iterator<Item = (&str, &str)> {
    let panels = queries(dashboard).map(|(title, target)| (title, text(&target["expr"])));
    let events = dashboard["annotations"]["list"].as_array().into_iter().flatten();
    let events = events.filter(|it| it.get("expr").is_some());
    panels.chain(events.map(|it| (text(&it["name"]), text(&it["expr"]))))
}

fn parsed(dashboard: &Value) -> impl Iterator<Item = (&str, Expr)> {
    expressions(dashboard).filter_map(|(title, expr)| Some((title, parse(expr).ok()?)))
}

pub(crate) fn promql(dashboard: &Value) -> Findings {
    expressions(dashboard)
        .filter_map(|(title, expr)| Some(format!("{title}: {}\n{expr}", parse(expr).err()?)))
        .collect()
}

pub(crate) fn rate_interval(dashboard: &Value) -> Findings {
    let mut findings = Findings::new();
    for (title, expr) in parsed(dashboard) {
        walk(&expr, &mut |node, above| {
            if let Expr::MatrixSelector(matrix) = node
                && ["rate", "irate", "increase"].contains(&caller(above))
                && !is_rate_interval(matrix.range)
            {
                findings.push(format!("{title}: {node} is not over $__rate_interval"));
            }
        });
    }
    findings
}

pub(crate) fn job(dashboard: &Value) -> Findings {
    chosen(dashboard, "job")
}

pub(crate) fn instance(dashboard: &Value) -> Findings {
    chosen(dashboard, "instance")
}

fn chosen(dashboard: &Value, label: &str) -> Findings {
    let mut findings = Findings::new();
    for (title, expr) in parsed(dashboard) {
        for selector in selectors(&expr) {
            let is_chosen = selector.matchers.matchers.iter().any(|it| {
                it.name == label && matches!(it.op, MatchOp::Re(_)) && it.value == sentinel(label)
            });
            let alerts = selector.name.as_deref() == Some(ALERTS)
                && selector.matchers.matchers.iter().any(|it| it.name == "component");
            if !is_chosen && !alerts {
                findings.push(format!("{title}: {selector} is not limited by ${label}"));
            }
        }
    }
    findings
}

/// Gauges that `postgres_exporter` named like a histogram's part.
const GAUGES: [&str; 2] = ["pg_stat_activity_count", "pg_locks_count"];

pub(crate) fn counter_aggregation(dashboard: &Value) -> Findings {
    let mut findings = Findings::new();
    for (title, expr) in parsed(dashboard) {
        walk(&expr, &mut |node, above| {
            let (name, grows) = match node {
                Expr::VectorSelector(it) => (&it.name, false),
                Expr::MatrixSelector(it) => {
                    let growth = ["rate", "irate", "increase", "resets"].contains(&caller(above));
                    (&it.vs.name, growth)
                }
                _ => return,
            };
            let suffixes = ["_total", "_bucket", "_sum", "_count"];
            let name = name.as_deref().unwrap_or_default();
            let counts = suffixes.iter().any(|it| name.ends_with(it)) && !GAUGES.contains(&name);
            if counts && !grows {
                findings.push(format!("{title}: the counter {name} is read without `rate`"));
            }
        });
    }
    findings
}

pub(crate) fn ref_ids(dashboard: &Value) -> Findings {
    asking(dashboard)
        .filter(|panel| {
            let targets = panel["targets"].as_array().map_or(&[][..], Vec::as_slice);
            let ids: BTreeSet<&str> = targets.iter().map(|it| text(&it["refId"])).collect();
            ids.len() != targets.len() || ids.contains("")
        })
        .map(|it| format!("{}: a `refId` is not unique", it["title"]))
        .collect()
}

/// A label that the answer does not carry would be shown as it is written.
pub(crate) fn legend_labels(dashboard: &Value) -> Findings {
    let mut findings = Findings::new();
    for (title, target) in queries(dashboard) {
        let expr = text(&target["expr"]);
        let legend = text(&target["legendFormat"]);
        let labels = legend.split("{{").skip(1).filter_map(|it| it.split("}}").next());
        for label in labels {
            let groups: Vec<&str> = expr.split(" by (").skip(1).collect();
            let grouped = groups.iter().filter_map(|it| it.split(')').next());
            if !grouped.flat_map(|it| it.split(", ")).any(|it| it == label) {
                findings.push(format!("{title}: no `by ({label})` in `{expr}`"));
            }
        }
        if legend.is_empty() {
            findings.push(format!("{title}: no legend"));
        }
    }
    findings
}
