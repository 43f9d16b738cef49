//! The picture in ARCHITECTURE.md, read from the workspace itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own workspace has failed")]

mod cycles;

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

/// A package of the workspace.
struct Package {
    folder: PathBuf,
    /// The packages of the workspace that it links.
    dependencies: BTreeSet<String>,
}

fn packages() -> BTreeMap<String, Package> {
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages.iter().map(|it| it["name"].as_str().unwrap()).collect();
    let package = |package: &Value| {
        let linked = package["dependencies"].as_array().unwrap().iter();
        let linked = linked.filter(|it| it["kind"] != "dev").map(|it| it["name"].as_str().unwrap());
        Package {
            folder: Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().into(),
            dependencies: linked.filter(|it| names.contains(it)).map(str::to_owned).collect(),
        }
    };
    packages.iter().map(|it| (it["name"].as_str().unwrap().to_owned(), package(it))).collect()
}

fn exporters() -> Vec<String> {
    let entries = fs::read_dir(workspace().join("exporters")).unwrap();
    let folders = entries.map(|it| it.unwrap().path()).filter(|it| it.is_dir());
    folders.map(|it| it.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn dependencies_point_one_way() {
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
    for (name, package) in &packages() {
        for other in &package.dependencies {
            assert!(floor(other) < floor(name), "{name} depends on {other}");
        }
    }
}

#[test]
fn no_exporter_links_promql() {
    let packages = packages();
    for exporter in exporters() {
        let linked = &packages[&exporter].dependencies;
        assert!(!linked.contains("promql"), "{exporter} links promql");
    }
}

#[test]
fn every_package_keeps_the_workspaces_lints() {
    for (name, package) in packages() {
        let manifest = fs::read_to_string(package.folder.join("Cargo.toml")).unwrap();
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
