//! Alerts, their rules, routes and runbooks: typed definitions, and the YAML and Markdown that are
//! written from them.
//!
//! [`artifacts`] gives every file below `alerts/generated/`.

pub mod alert;
pub mod case;
pub mod component;
pub mod panel;
pub mod rules;
pub mod runbook;
pub mod scope;
mod trend;

pub mod cache;
pub mod external;
pub mod health;
pub mod pool;
pub mod queue;

pub mod write;

use profiles::Profile;
use rules::Rules;
use scope::Urls;
use write::artifact::Artifact;

/// The profile's rules.
pub fn rules(profile: &Profile) -> Rules {
    let (mut records, mut groups) = (Vec::new(), Vec::new());
    if let Some(queues) = &profile.queues {
        records.push(queue::jobs_pending().recorded().clone());
        groups.push(queue::group(queues));
    }
    if let Some(pools) = &profile.pools {
        records.push(pool::query_latency(pools).recorded().clone());
        records.push(pool::pool_available().recorded().clone());
        groups.extend(pool::groups(pools));
    }
    if let Some(caches) = &profile.caches {
        records.extend(cache::records(caches));
        groups.extend(cache::groups(caches));
    }
    groups.extend(health::group(profile));
    groups.push(health::watchdog());
    let mut rules = Rules { records, groups };
    for alert in rules.alerts_mut() {
        if let Some(own) = profile.own_name(&alert.name) {
            own.clone_into(&mut alert.name);
        }
    }
    rules
}

/// Every generated file of every profile.
pub fn artifacts(urls: &Urls) -> Vec<Artifact> {
    profiles::ALL.iter().flat_map(|profile| of_profile(profile, urls)).collect()
}

fn of_profile(profile: &Profile, urls: &Urls) -> Vec<Artifact> {
    let mut artifacts = write::rules::artifacts(profile, &rules(profile), urls);
    artifacts.extend(write::alertmanager::artifacts(profile));
    artifacts.extend(write::prometheus::artifacts(profile));
    artifacts
}
