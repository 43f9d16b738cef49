//! `kustomization.yaml` files, from which `kubectl apply -k` makes one `ConfigMap` per dashboard.
//!
//! Kustomize reads no file outside the directory of its `kustomization.yaml`, so each folder has one
//! beside its JSON, and one above them lists the folders.

use std::{collections::BTreeMap, path::Path};

use alerts::write::{artifact::Artifact, yaml};
use serde::Serialize;

use crate::{
    Dashboard, Scope,
    provisioning::{DASHBOARDS, folders},
};

const FILE: &str = "kustomization.yaml";

/// One kustomization per folder, and one of all folders.
pub(crate) fn artifacts(dashboards: &[Dashboard]) -> Vec<Artifact> {
    let directory = Path::new(DASHBOARDS);
    let folders = folders(dashboards);
    let all = Kustomization {
        resources: folders.iter().map(Scope::folder).collect(),
        ..Kustomization::default()
    };
    let about = "ConfigMaps of every dashboard, for Grafana's sidecar: `kubectl apply -k` here.";
    let mut artifacts = vec![Artifact::new(directory.join(FILE), yaml::document(about, &all))];
    for scope in folders {
        let in_folder = dashboards.iter().filter(|it| it.scope.folder() == scope.folder());
        artifacts.push(Artifact::new(
            directory.join(scope.folder()).join(FILE),
            yaml::document(
                "ConfigMaps of this folder's dashboards, for Grafana's sidecar: `kubectl apply -k` here.",
                &config_maps(&scope, in_folder),
            ),
        ));
    }
    artifacts
}

fn config_maps<'a>(
    scope: &Scope,
    dashboards: impl Iterator<Item = &'a Dashboard>,
) -> Kustomization {
    let generator = |dashboard: &Dashboard| ConfigMapGenerator {
        name: format!("{}-dashboard", dashboard.uid()),
        files: [dashboard.file_name()],
    };
    Kustomization {
        generator_options: Some(GeneratorOptions {
            // The sidecar finds them by label; with a hash, each change would leave the old one behind.
            disable_name_suffix_hash: true,
            labels: BTreeMap::from([("grafana_dashboard", "1")]),
            annotations: BTreeMap::from([("grafana_dashboard_folder", scope.folder_title())]),
        }),
        config_map_generator: dashboards.map(generator).collect(),
        ..Kustomization::default()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kustomization {
    api_version: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generator_options: Option<GeneratorOptions>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    config_map_generator: Vec<ConfigMapGenerator>,
}

impl Default for Kustomization {
    fn default() -> Self {
        Self {
            api_version: "kustomize.config.k8s.io/v1beta1",
            kind: "Kustomization",
            resources: vec![],
            generator_options: None,
            config_map_generator: vec![],
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GeneratorOptions {
    disable_name_suffix_hash: bool,
    labels: BTreeMap<&'static str, &'static str>,
    annotations: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
struct ConfigMapGenerator {
    name: String,
    files: [String; 1],
}
