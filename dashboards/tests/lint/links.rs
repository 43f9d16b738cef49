//! Names and addresses.

use std::path::Path;

use serde_json::Value;

use crate::{Findings, committed, shown, text};

pub(crate) fn uid(dashboard: &Value) -> Findings {
    let uid = text(&dashboard["uid"]);
    let sound = uid.starts_with("pulso-")
        && (8..=40).contains(&uid.len())
        && uid.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
    if sound { vec![] } else { vec![format!("the uid `{uid}`")] }
}

/// A link by tags leads to at least one dashboard and keeps the time range and variables; no link
/// is empty.
pub(crate) fn targets(dashboard: &Value) -> Findings {
    let mut findings = Findings::new();
    let others = committed();
    for link in dashboard["links"].as_array().into_iter().flatten() {
        let tags = link["tags"].as_array().map_or(&[][..], Vec::as_slice);
        let bears = |it: &Value| {
            let own = it["tags"].as_array().map_or(&[][..], Vec::as_slice);
            tags.iter().all(|tag| own.contains(tag))
        };
        let leads = !tags.is_empty() && others.iter().any(|(_, it)| bears(it));
        if !leads || link["includeVars"] != true || link["keepTime"] != true {
            findings.push(format!("the link {} leads nowhere or forgets", link["title"]));
        }
    }
    if dashboard["links"].as_array().is_none_or(Vec::is_empty) {
        findings.push("no link to the sister dashboards".to_owned());
    }
    findings
}

/// Each link of a panel leads to a runbook that is generated.
pub(crate) fn runbooks(dashboard: &Value) -> Findings {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../alerts/generated");
    let links = shown(dashboard).filter_map(|it| it["links"].as_array()).flatten();
    let mut findings = Findings::new();
    let mut seen = 0;
    for link in links {
        seen += 1;
        let url = text(&link["url"]);
        let mut parts = url.rsplit('/');
        let (file, system) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if !folder.join(system).join("runbooks").join(file).is_file() {
            findings.push(format!("`{url}`: no such runbook is generated"));
        }
    }
    if seen == 0 {
        findings.push("no panel links a runbook".to_owned());
    }
    findings
}
