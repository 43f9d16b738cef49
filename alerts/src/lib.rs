//! Rules, objectives, routing and runbooks: typed definitions rendered as YAML and Markdown.
//!
//! [`artifacts`] gives every file below `alerts/generated/`.

pub mod alert;
pub mod component;
pub mod rules;
pub mod runbook;
mod told;
mod trend;

pub mod cache;
pub mod external;
pub mod health;
pub mod pool;
pub mod queue;

pub mod alertmanager;
pub mod artifact;
pub mod prometheus;
pub mod yaml;

use artifact::Artifact;
use profiles::Profile;
use rules::{Options, Rules};

/// The profile's rules.
pub fn rules(profile: &Profile) -> Rules {
    let mut records = Vec::new();
    let mut alerts = Vec::new();
    if let Some(queues) = &profile.queues {
        records.push(queue::jobs_pending().recorded().clone());
        alerts.extend(queue::alerts(queues));
    }
    if let Some(pools) = &profile.pools {
        records.push(pool::query_latency(pools).recorded().clone());
        records.push(pool::pool_available().recorded().clone());
        alerts.extend(pool::alerts(pools));
    }
    if let Some(caches) = &profile.caches {
        records.extend(cache::records(caches));
        alerts.extend(cache::alerts(caches));
    }
    alerts.extend(health::alerts(profile));
    alerts.push(health::watchdog());
    for alert in &mut alerts {
        if let Some(own) = profile.own_name(&alert.name) {
            own.clone_into(&mut alert.name);
        }
    }
    Rules { records, alerts }
}

/// Every generated file of every profile.
pub fn artifacts(options: &Options) -> Vec<Artifact> {
    profiles::ALL.iter().flat_map(|profile| of_profile(profile, options)).collect()
}

fn of_profile(profile: &Profile, options: &Options) -> Vec<Artifact> {
    let mut artifacts = rules::artifacts(profile, &rules(profile), options);
    artifacts.extend(alertmanager::artifacts(profile));
    artifacts.extend(prometheus::artifacts(profile));
    artifacts
}
