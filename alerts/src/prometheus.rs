//! The scrape configuration that gives a profile's targets the labels its rules look for.

use std::{collections::BTreeMap, path::Path};

use profiles::Profile;
use serde::Serialize;

use crate::{
    artifact::Artifact,
    queue,
    rules::SYSTEM,
    yaml::{self, duration},
};

/// Where `postgres-queue` listens unless it is told otherwise.
const QUEUE_PORT: u16 = 9801;

/// The profile's `prometheus.yml`.
pub fn artifact(profile: &Profile) -> Artifact {
    let labels = || {
        let system = (SYSTEM.name().to_owned(), profile.slug.to_owned());
        BTreeMap::from_iter((!profile.is_generic()).then_some(system))
    };
    let job = |name: &str, port: u16| Job {
        job_name: name.to_owned(),
        static_configs: vec![Targets {
            targets: vec![format!("127.0.0.1:{port}")],
            labels: labels(),
        }],
    };
    let mut jobs = Vec::new();
    if profile.queues.is_some() {
        jobs.push(job(queue::COMPONENT, QUEUE_PORT));
    }
    let interval = duration(profile.scrape_interval);
    let file = File {
        global: Global { scrape_interval: interval.clone(), evaluation_interval: interval },
        rule_files: vec!["rules.yml".to_owned()],
        alerting: Alerting {
            alertmanagers: vec![Alertmanagers {
                static_configs: vec![Targets {
                    targets: vec!["127.0.0.1:9093".to_owned()],
                    labels: BTreeMap::new(),
                }],
            }],
        },
        scrape_configs: jobs,
    };
    let about = format!("Prometheus for {}: put in the addresses of your sidecars.", profile.title);
    Artifact::new(Path::new(profile.slug).join("prometheus.yml"), yaml::document(&about, &file))
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
