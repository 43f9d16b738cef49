//! Cache hits, reads and writes of PostgreSQL and Redis, as Prometheus metrics.
//!
//! A target is a PostgreSQL database, whose side of the exporter is [`postgres`], a Redis or Valkey,
//! whose side is [`redis`], or one of each.

mod check;
pub mod metrics;
pub mod postgres;
pub mod redis;
pub mod settings;
mod target;

use common::{
    metric::Definition,
    process::{Exporter, SectionOf},
    settings::{SettingsError, UrlSource},
};

use crate::{
    postgres::Database,
    settings::{Settings, TargetSettings},
    target::Target,
};

/// The exporter of caches.
#[derive(Debug)]
pub enum CacheHit {}

impl Exporter for CacheHit {
    const NAME: &'static str = "cache-hit";
    const ABOUT: &'static str = "What PostgreSQL, Redis and Valkey serve from memory";
    const PORT: u16 = 9803;
    const EXAMPLE: &'static str = include_str!("../settings.example.toml");
    const URLS: &'static [UrlSource] = &[
        UrlSource { variable: "DATABASE_URL", key: "postgres.url" },
        UrlSource { variable: "REDIS_URL", key: "redis.url" },
    ];
    const SOURCES: &'static str = "a database in `postgres`, a Redis in `redis`";

    type TargetSettings = TargetSettings;
    type Settings = Settings;
    type Target = Target;

    fn catalog() -> Vec<&'static Definition> {
        let shared = [
            common::source::postgres::ALL,
            common::source::redis::ALL,
            common::scrape::label_limit::ALL,
        ];
        let shared = shared.into_iter().flatten().copied();
        metrics::all().chain(shared).collect()
    }

    fn validate(section: &SectionOf<Self>) -> Result<(), SettingsError> {
        section.shared.check()
    }

    fn target(
        _: &str,
        settings: &TargetSettings,
        section: &SectionOf<Self>,
    ) -> Result<Option<Target>, SettingsError> {
        Target::new(settings, &section.shared)
    }

    async fn grants(targets: &[Target]) -> String {
        let database = targets.iter().find_map(|it| it.postgres.as_ref());
        let caches = targets.iter().filter_map(|it| it.redis.as_ref());
        let caches: Vec<_> = caches.map(|it| &it.redis).collect();
        check::grants(database.map(Database::postgres), &caches).await
    }
}

#[cfg(test)]
mod tests;
