//! `prometheus.yml`: the scrape configuration, which adds the labels by which a profile's rules find
//! its targets.

use std::{collections::BTreeMap, path::Path};

use profiles::{Profile, suite};
use serde::Serialize;

use super::{
    artifact::Artifact,
    yaml::{self, duration},
};
use crate::scope::SYSTEM;

/// The profile's `prometheus.yml`, for sidecars on one machine and for the compose file.
pub fn artifacts(profile: &Profile) -> Vec<Artifact> {
    let folder = Path::new(profile.slug);
    let one_machine = file(profile, |_| "127.0.0.1");
    let compose = file(profile, |service| service);
    let about = format!("Prometheus for {}", profile.title);
    vec![
        Artifact::new(
            folder.join("prometheus.yml"),
            yaml::document(
                &format!("{about}: put in the addresses of your sidecars."),
                &one_machine,
            ),
        ),
        Artifact::new(
            folder.join("prometheus.compose.yml"),
            yaml::document(&format!("{about}, in docker-compose.yml."), &compose),
        ),
    ]
}

/// `host` gives the host of a service.
fn file(profile: &Profile, host: impl Fn(&'static str) -> &'static str) -> File {
    let address = |service: &'static str, port: u16| format!("{}:{port}", host(service));
    let system = (SYSTEM.name().to_owned(), profile.slug.to_owned());
    let labels = BTreeMap::from_iter((!profile.is_generic()).then_some(system));
    let job = |name: &'static str, port: u16| Job {
        job_name: name.to_owned(),
        static_configs: vec![Targets {
            targets: vec![address(name, port)],
            labels: labels.clone(),
        }],
    };
    let exporters = suite::of_profile(profile).into_iter();
    let scrape_configs = exporters.map(|it| job(it.name, it.port)).collect();
    let interval = duration(profile.scrape_interval);
    let alertmanager =
        Targets { targets: vec![address("alertmanager", 9093)], labels: BTreeMap::new() };
    File {
        global: Global { scrape_interval: interval.clone(), evaluation_interval: interval },
        rule_files: vec!["rules.yml".to_owned()],
        alerting: Alerting {
            alertmanagers: vec![Alertmanagers { static_configs: vec![alertmanager] }],
        },
        scrape_configs,
    }
}

#[derive(Serialize)]
struct File {
    global: Global,
    rule_files: Vec<String>,
    alerting: Alerting,
    scrape_configs: Vec<Job>,
}

#[derive(Serialize)]
struct Global {
    scrape_interval: String,
    evaluation_interval: String,
}

#[derive(Serialize)]
struct Alerting {
    alertmanagers: Vec<Alertmanagers>,
}

#[derive(Serialize)]
struct Alertmanagers {
    static_configs: Vec<Targets>,
}

#[derive(Serialize)]
struct Job {
    job_name: String,
    static_configs: Vec<Targets>,
}

#[derive(Serialize)]
struct Targets {
    targets: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
}
