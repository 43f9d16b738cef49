//! The picture in ARCHITECTURE.md, read from the workspace itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own workspace has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Each package of the workspace with those of the workspace that it links.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages.iter().map(|it| it["name"].as_str().unwrap()).collect();
    let linked = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        let linked = all.filter(|it| it["kind"] != "dev").map(|it| it["name"].as_str().unwrap());
        linked.filter(|it| names.contains(it)).map(str::to_owned).collect()
    };
    packages.iter().map(|it| (it["name"].as_str().unwrap().to_owned(), linked(it))).collect()
}

fn exporters() -> Vec<String> {
    let entries = fs::read_dir(workspace().join("exporters")).unwrap();
    let folders = entries.map(|it| it.unwrap().path()).filter(|it| it.is_dir());
    folders.map(|it| it.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn dependencies_point_one_way() {
    let dependencies = dependencies();
    let exporters = exporters();
    assert!(!exporters.is_empty());
    let floor = |name: &str| match name {
        "common" => 0,
        "promql" => 1,
        "profiles" => 2,
        "alerts" => 3,
        "dashboards" => 4,
        "e2e" => 5,
        exporter => {
            assert!(exporters.iter().any(|it| it == exporter), "{exporter} has no place");
            1
        }
    };
    for (name, linked) in &dependencies {
        for other in linked {
            assert!(floor(other) < floor(name), "{name} depends on {other}");
        }
    }
}

#[test]
fn no_exporter_links_promql() {
    let dependencies = dependencies();
    for exporter in exporters() {
        let linked = &dependencies[&exporter];
        assert!(!linked.contains("promql"), "{exporter} links promql");
    }
}

#[test]
fn every_package_keeps_the_workspaces_lints() {
    for name in dependencies().keys() {
        let folder = match name.as_str() {
            "e2e" => "tests".to_owned(),
            "common" | "promql" | "profiles" | "alerts" | "dashboards" => name.clone(),
            exporter => format!("exporters/{exporter}"),
        };
        let manifest = fs::read_to_string(workspace().join(folder).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}");
    }
}

/// The compose file is for a container engine, which tests do not have; that every file it mounts
/// is there can be told without one.
#[test]
fn the_compose_file_mounts_what_is_there() {
    let text = fs::read_to_string(workspace().join("docker-compose.yml")).unwrap();
    let compose: Value = serde_norway::from_str(&text).unwrap();
    let services = compose["services"].as_object().unwrap();
    let mut mounted = 0;
    for (name, service) in services {
        let volumes = service["volumes"].as_array().map_or(&[][..], Vec::as_slice);
        for volume in volumes {
            let source = volume.as_str().unwrap().split(':').next().unwrap();
            if !source.starts_with("./") || source == "./secrets" {
                continue;
            }
            assert!(workspace().join(source).exists(), "{name} mounts {source}");
            mounted += 1;
        }
        if let Some(exporter) = service["build"]["args"]["EXPORTER"].as_str() {
            assert!(exporters().iter().any(|it| it == exporter), "{name} builds {exporter}");
        }
    }
    assert!(mounted > 3, "only {mounted} files are mounted");
    for exporter in exporters() {
        assert!(services.contains_key(&exporter), "{exporter} is in no service");
    }
}
