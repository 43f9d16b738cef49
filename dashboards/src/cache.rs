//! The dashboards of caches: PostgreSQL's memory and disk, and Redis.

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
        description: "PostgreSQL's cache hits and reads, its writes and their causes, dead rows \
                      and vacuum, and disk usage.",
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
        description: "Hits, memory, commands and their latency, clients, replicas and persistence \
                      of Redis or Valkey.",
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
