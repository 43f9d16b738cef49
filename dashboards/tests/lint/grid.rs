//! Positions and ids of panels.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Findings, everything};

/// Left, top, right, bottom.
fn place(panel: &Value) -> [u64; 4] {
    let part = |name: &str| panel["gridPos"][name].as_u64().unwrap_or_default();
    [part("x"), part("y"), part("x") + part("w"), part("y") + part("h")]
}

pub(crate) fn overlaps(dashboard: &Value) -> Findings {
    let panels = everything(dashboard);
    let mut findings = Findings::new();
    for (index, one) in panels.iter().enumerate() {
        let a = place(one);
        for other in &panels[index + 1..] {
            let b = place(other);
            if a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3] {
                findings.push(format!("{} covers {}", one["title"], other["title"]));
            }
        }
    }
    findings
}

pub(crate) fn inside(dashboard: &Value) -> Findings {
    everything(dashboard)
        .iter()
        .filter(|it| {
            let [left, top, right, bottom] = place(it);
            right > 24 || left == right || top == bottom
        })
        .map(|it| format!("{} is at {}", it["title"], it["gridPos"]))
        .collect()
}

pub(crate) fn ids(dashboard: &Value) -> Findings {
    let mut seen = BTreeSet::new();
    everything(dashboard)
        .iter()
        .filter(|it| it["id"].as_u64().is_none_or(|id| id == 0 || !seen.insert(id)))
        .map(|it| format!("{}: the id {} is there twice or none", it["title"], it["id"]))
        .collect()
}

/// A heading, then a line of numbers that is full.
pub(crate) fn summary_first(dashboard: &Value) -> Findings {
    let panels = everything(dashboard);
    let heading = panels.first().is_some_and(|it| it["type"] == "row" && it["title"] == "Summary");
    let tiles: Vec<_> = panels.iter().skip(1).take_while(|it| it["type"] == "stat").collect();
    let width: u64 = tiles.iter().filter_map(|it| it["gridPos"]["w"].as_u64()).sum();
    if heading && tiles.len() >= 3 && width == 24 {
        vec![]
    } else {
        vec![format!("the first row has {} numbers, {width} columns wide", tiles.len())]
    }
}
