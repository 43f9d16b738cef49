//! The systems that Pulso serves first: what each one has, what it promises, and who is called.
//!
//! A profile is data. Rules, panels, runbooks and routes are made from it in `alerts` and
//! `dashboards`, so that a figure stands here once and nowhere else.

pub mod generic;
pub mod gestion_eventos;
pub mod hv_consultores;
pub mod mini_market;
pub mod renec_harvester;
pub mod tiendi;

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

/// One system, or the generic rules that fit any.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Names its files and the `system` label: `hv-consultores`. The generic profile has none,
    /// for its rules serve whatever the scraped targets belong to.
    pub slug: &'static str,
    /// The system's name for people.
    pub title: &'static str,
    /// Who answers for it: the `team` label.
    pub team: &'static str,
    /// The product that its users see: the `service` label.
    pub service: &'static str,
    /// The system's own words for how bad something is: the `level` label.
    pub levels: Levels,
    /// Who is called next when a page is not mended in time.
    pub escalation: &'static [Escalation],
    /// How alerts reach people.
    pub routes: Routes,
    /// What its operators call an alert, beside Pulso's name for it.
    pub own_names: &'static [(&'static str, &'static str)],
    /// How often its exporters are scraped.
    pub scrape_interval: Duration,
    /// Its job queues in PostgreSQL.
    pub queues: Option<Queues>,
    /// Its connections to PostgreSQL, and its poolers.
    pub pools: Option<Pools>,
    /// What is served from memory: its databases and Redis.
    pub caches: Option<Caches>,
}

impl Profile {
    /// Whether the rules are limited to one system's targets.
    pub fn is_generic(&self) -> bool {
        self.slug == generic::SLUG
    }

    /// The name by which its operators know the alert that Pulso calls `name`, if it is another.
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
