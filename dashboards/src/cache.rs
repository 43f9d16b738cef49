//! What is served from memory: PostgreSQL's memory and disk, and Redis.

mod memory;
mod redis;
mod vacuum;
mod writing;

use alerts::cache::{COMPONENT, MEMORY, REDIS};
use cache_hit::metrics::postgres_databases::{BLOCKS_HIT, DatabaseLabels};
use profiles::Profile;

use crate::{Dashboard, Scope, Variable};

/// The dashboards of the system's caches, as far as they are measured.
pub(crate) fn dashboards(profile: &'static Profile) -> Vec<Dashboard> {
    let Some(caches) = &profile.caches else { return Vec::new() };
    let redis = caches.redis.as_ref().map(|_| redis(profile));
    [postgres(profile)].into_iter().chain(redis).collect()
}

fn title(profile: &Profile, generic: &str, own: &str) -> String {
    if profile.is_generic() { generic.to_owned() } else { format!("{}: {own}", profile.title) }
}

fn postgres(profile: &'static Profile) -> Dashboard {
    Dashboard {
        subject: MEMORY,
        title: title(profile, "PostgreSQL memory and I/O", "Database Memory and I/O"),
        description: "What PostgreSQL finds in its cache and what it has to read, what it writes \
                      and why, what vacuum leaves behind, and how full the disks are.",
        scope: Scope { profile, exporter: Some(COMPONENT) },
        variables: vec![Variable::new(
            DatabaseLabels::datname,
            &BLOCKS_HIT,
            "Database",
            "Databases of the chosen servers",
        )],
        summary: memory::summary(),
        rows: vec![
            memory::blocks(),
            memory::readers(),
            writing::work(),
            writing::checkpoints(),
            vacuum::rows(),
            vacuum::indexes(),
            writing::disk(),
        ],
        from: "now-6h",
    }
}

fn redis(profile: &'static Profile) -> Dashboard {
    Dashboard {
        subject: REDIS,
        title: title(profile, "Redis", "Redis"),
        description: "What Redis or Valkey finds in memory and how full that is, its commands and \
                      how long they take, its clients, its replicas and its saves.",
        scope: Scope { profile, exporter: Some(COMPONENT) },
        variables: vec![],
        summary: redis::summary(),
        rows: vec![
            redis::keys(),
            redis::memory(),
            redis::commands(),
            redis::clients(),
            redis::replication(),
            redis::persistence(),
        ],
        from: "now-6h",
    }
}
