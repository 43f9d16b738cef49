//! The systems that Pulso serves first: their queues and databases, thresholds, and routes.
//!
//! A profile is data. `alerts` and `dashboards` generate rules, panels, runbooks and routes from it,
//! so that each threshold is defined here only.

pub mod generic;
pub mod gestion_eventos;
pub mod hv_consultores;
pub mod mini_market;
pub mod renec_harvester;
pub mod tiendi;

pub mod suite;

mod cache;
mod limit;
mod pool;
mod queue;
mod routing;

pub use cache::{CacheLimits, Caches, Redis, RedisLimits};
pub use limit::Limit;
pub use pool::{PoolLimits, Pools};
pub use queue::{Delivery, QueueLimits, QueueOperations, QueueTable, Queues};
pub use routing::{Escalation, Levels, Routes, WorkingHours};

use std::time::Duration;

/// One system, or the generic profile for any system.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The name of its files and its `system` label: `hv-consultores`. The generic profile has no
    /// such label, because its rules apply to all scraped targets.
    pub slug: &'static str,
    /// The system's name in texts.
    pub title: &'static str,
    /// The responsible team: the `team` label.
    pub team: &'static str,
    /// The product: the `service` label.
    pub service: &'static str,
    /// The system's names of the severities: the `level` label.
    pub levels: Levels,
    /// The escalation of pages that are not resolved in time.
    pub escalation: &'static [Escalation],
    /// How notifications are routed.
    pub routes: Routes,
    /// The operators' names for alerts, with Pulso's names.
    pub own_names: &'static [(&'static str, &'static str)],
    /// The scrape interval of its exporters.
    pub scrape_interval: Duration,
    /// Its job queues in PostgreSQL.
    pub queues: Option<Queues>,
    /// Its connections to PostgreSQL, and its poolers.
    pub pools: Option<Pools>,
    /// Its database caches and Redis.
    pub caches: Option<Caches>,
}

impl Profile {
    /// Whether it is the generic profile, whose rules are not limited to one system's targets.
    pub fn is_generic(&self) -> bool {
        self.slug == generic::SLUG
    }

    /// The operators' name for the alert that Pulso calls `name`, if it is another.
    pub fn own_name(&self, name: &str) -> Option<&'static str> {
        self.own_names.iter().find(|(ours, _)| *ours == name).map(|(_, theirs)| *theirs)
    }
}

/// Every profile, the generic one first.
pub static ALL: &[&Profile] = &[
    &generic::PROFILE,
    &gestion_eventos::PROFILE,
    &hv_consultores::PROFILE,
    &mini_market::PROFILE,
    &renec_harvester::PROFILE,
    &tiendi::PROFILE,
];

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn slugs_are_unique_and_fit_a_file_name() {
        let slugs: BTreeSet<_> = ALL.iter().map(|it| it.slug).collect();
        assert_eq!(slugs.len(), ALL.len());
        for slug in slugs {
            assert!(slug.bytes().all(|it| it.is_ascii_lowercase() || it == b'-'), "{slug}");
        }
    }

    #[test]
    fn escalation_steps_come_one_after_the_other() {
        for profile in ALL {
            let after: Vec<_> = profile.escalation.iter().map(|it| it.after).collect();
            assert!(after.is_sorted(), "{}: {after:?}", profile.slug);
        }
    }
}
