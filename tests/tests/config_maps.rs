//! Kustomize makes a `ConfigMap` of every committed dashboard, as Grafana's sidecar and
//! `kubectl apply` need it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use dashboards::Dashboard;
use serde::{Deserialize, Serialize};

/// `kubectl apply` keeps the whole object in an annotation, and all annotations of an object may
/// take this many bytes.
const ANNOTATIONS_MAX: usize = 256 * 1024;

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConfigMap {
    api_version: String,
    kind: String,
    metadata: Metadata,
    data: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    name: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboards/generated/grafana")
}

static KUSTOMIZE: LazyLock<String> = LazyLock::new(|| {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/fetch-kustomize");
    run(&mut Command::new(script)).trim().to_owned()
});

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the output is text")
}

/// What `kubectl apply -k` would send for the folder, by name.
fn built(folder: &Path) -> BTreeMap<String, ConfigMap> {
    let text = run(Command::new(KUSTOMIZE.as_str()).arg("build").arg(folder));
    let documents: Vec<ConfigMap> = serde_norway::Deserializer::from_str(&text)
        .map(|it| ConfigMap::deserialize(it).expect("a ConfigMap"))
        .collect();
    documents.into_iter().map(|it| (it.metadata.name.clone(), it)).collect()
}

fn expected(dashboard: &Dashboard) -> ConfigMap {
    let file = format!("{}.json", dashboard.slug());
    let path = folder().join(dashboard.scope.folder()).join(&file);
    let json = fs::read_to_string(&path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
    let pair = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    ConfigMap {
        api_version: "v1".to_owned(),
        kind: "ConfigMap".to_owned(),
        metadata: Metadata {
            name: format!("{}-dashboard", dashboard.uid()),
            labels: pair("grafana_dashboard", "1"),
            annotations: pair("grafana_dashboard_folder", dashboard.scope.folder_title()),
        },
        data: pair(&file, &json),
    }
}

#[test]
fn every_folder_builds_the_config_maps_of_its_dashboards() {
    let mut by_folder = BTreeMap::<_, BTreeMap<_, _>>::new();
    for dashboard in dashboards::all() {
        let map = expected(&dashboard);
        by_folder
            .entry(dashboard.scope.folder())
            .or_default()
            .insert(map.metadata.name.clone(), map);
    }
    assert_eq!(by_folder.len(), profiles::ALL.len());
    for (name, maps) in &by_folder {
        assert!(built(&folder().join(name)) == *maps, "{name}: other ConfigMaps than expected");
    }
    let all: BTreeMap<_, _> = by_folder.into_values().flatten().collect();
    assert_eq!(all.len(), dashboards::all().len());
    assert!(built(&folder()) == all, "all folders: other ConfigMaps than expected");
}

#[test]
fn every_config_map_fits_into_the_annotation_of_kubectl_apply() {
    for (name, map) in built(&folder()) {
        let text = serde_json::to_string(&map).expect("a ConfigMap is JSON");
        // Kubernetes' JSON escapes these three with five bytes more.
        let escaped = text.bytes().filter(|it| b"<>&".contains(it)).count() * 5;
        let bytes = text.len() + escaped;
        assert!(bytes < ANNOTATIONS_MAX, "{name}: {bytes} bytes");
    }
}
