//! Grafana's provisioning files: one dashboard provider per folder, and the data source.

use std::path::Path;

use alerts::write::{artifact::Artifact, yaml};
use serde::Serialize;

use crate::{Dashboard, Scope};

/// The directory of the dashboards' JSON; each directory in it is one folder of Grafana.
pub(crate) const DASHBOARDS: &str = "grafana";

/// Where Grafana finds that directory: a mount of the container.
const MOUNTED: &str = "/etc/grafana/pulso/grafana";

/// The scopes of `dashboards`, one per folder.
pub(crate) fn folders(dashboards: &[Dashboard]) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = dashboards.iter().map(|it| it.scope).collect();
    scopes.dedup_by_key(|it| it.folder());
    scopes
}

/// The dashboard providers and the data source.
pub(crate) fn artifacts(dashboards: &[Dashboard]) -> Vec<Artifact> {
    let directory = Path::new("provisioning");
    vec![
        Artifact::new(
            directory.join("dashboards/pulso.yaml"),
            yaml::document(
                "Grafana's dashboard providers, one per folder: mount the directory `grafana` where the \
                 paths say.",
                &providers(dashboards),
            ),
        ),
        Artifact::new(
            directory.join("datasources/pulso.yaml"),
            yaml::document(
                "Grafana's data source. `timeInterval` is the scrape interval: it decides \
                 `$__rate_interval`.",
                &data_sources(),
            ),
        ),
    ]
}

/// One provider per folder: a provider that takes its folders from the directories would name them
/// by their slugs.
fn providers(dashboards: &[Dashboard]) -> Providers {
    let provider = |scope: &Scope| Provider {
        name: scope.folder_uid(),
        org_id: 1,
        folder: scope.folder_title(),
        folder_uid: scope.folder_uid(),
        kind: "file",
        disable_deletion: true,
        allow_ui_updates: false,
        update_interval_seconds: 30,
        options: Options { path: format!("{MOUNTED}/{}", scope.folder()) },
    };
    Providers { api_version: 1, providers: folders(dashboards).iter().map(provider).collect() }
}

fn data_sources() -> DataSources {
    let interval = profiles::generic::PROFILE.scrape_interval;
    DataSources {
        api_version: 1,
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
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Providers {
    api_version: u8,
    providers: Vec<Provider>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    name: String,
    org_id: u8,
    folder: &'static str,
    folder_uid: String,
    #[serde(rename = "type")]
    kind: &'static str,
    disable_deletion: bool,
    allow_ui_updates: bool,
    update_interval_seconds: u8,
    options: Options,
}

#[derive(Serialize)]
struct Options {
    path: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DataSources {
    api_version: u8,
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
