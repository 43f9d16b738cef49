//! What makes Grafana load the dashboards: provider, data source, and config maps for Kubernetes.

use std::{collections::BTreeMap, path::Path};

use alerts::{artifact::Artifact, yaml};
use serde::Serialize;

use crate::Dashboard;

/// The folder of the dashboards' files; each folder in it is one in Grafana.
pub(crate) const FILES: &str = "grafana";

/// The provider and the data source.
pub(crate) fn grafana() -> Vec<Artifact> {
    let provider = Providers {
        version: 1,
        providers: [Provider {
            name: "pulso",
            org: 1,
            kind: "file",
            disable_deletion: true,
            allow_ui_updates: false,
            update_interval_seconds: 30,
            options: Options {
                path: "/etc/grafana/pulso/grafana",
                folders_from_files_structure: true,
            },
        }],
    };
    let interval = profiles::generic::PROFILE.scrape_interval;
    let source = DataSources {
        version: 1,
        datasources: [DataSource {
            name: "Prometheus",
            kind: "prometheus",
            uid: "prometheus",
            access: "proxy",
            url: "http://prometheus:9090",
            is_default: true,
            editable: false,
            json_data: JsonData {
                http_method: "POST",
                prometheus_type: "Prometheus",
                time_interval: yaml::duration(interval),
            },
        }],
    };
    let folder = Path::new("provisioning");
    vec![
        Artifact::new(
            folder.join("dashboards/pulso.yaml"),
            yaml::document(
                "Grafana's provider: put the folder `grafana` where `path` says.",
                &provider,
            ),
        ),
        Artifact::new(
            folder.join("datasources/pulso.yaml"),
            yaml::document(
                "Grafana's data source. `timeInterval` is the scrape interval: it decides \
                 `$__rate_interval`.",
                &source,
            ),
        ),
    ]
}

/// The dashboard as a config map that Grafana's sidecar finds.
pub(crate) fn config_map(dashboard: &Dashboard, json: String) -> Artifact {
    let file = format!("{}.json", dashboard.slug());
    let map = ConfigMap {
        version: "v1",
        kind: "ConfigMap",
        metadata: Metadata {
            name: format!("{}-dashboard", dashboard.uid()),
            labels: BTreeMap::from([("grafana_dashboard", "1")]),
            annotations: BTreeMap::from([("grafana_dashboard_folder", dashboard.scope.family())]),
        },
        data: BTreeMap::from([(file, json)]),
    };
    let about = "For Grafana's sidecar, which loads what is labelled `grafana_dashboard`.";
    Artifact::new(
        Path::new("kubernetes").join(format!("{}.yaml", dashboard.slug())),
        yaml::document(about, &map),
    )
}

#[derive(Serialize)]
struct Providers {
    #[serde(rename = "apiVersion")]
    version: u8,
    providers: [Provider; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    name: &'static str,
    #[serde(rename = "orgId")]
    org: u8,
    #[serde(rename = "type")]
    kind: &'static str,
    disable_deletion: bool,
    allow_ui_updates: bool,
    update_interval_seconds: u8,
    options: Options,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    path: &'static str,
    folders_from_files_structure: bool,
}

#[derive(Serialize)]
struct DataSources {
    #[serde(rename = "apiVersion")]
    version: u8,
    datasources: [DataSource; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DataSource {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    uid: &'static str,
    access: &'static str,
    url: &'static str,
    is_default: bool,
    editable: bool,
    json_data: JsonData,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonData {
    http_method: &'static str,
    prometheus_type: &'static str,
    time_interval: String,
}

#[derive(Serialize)]
struct ConfigMap {
    #[serde(rename = "apiVersion")]
    version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    data: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Metadata {
    name: String,
    labels: BTreeMap<&'static str, &'static str>,
    annotations: BTreeMap<&'static str, &'static str>,
}
