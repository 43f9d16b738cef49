//! What is served from memory, what has to be read, and what is written back.
//!
//! A target is a PostgreSQL database, whose side of the exporter is [`postgres`], a Redis or a
//! Valkey, whose side is [`redis`], or one with the other.

mod check;
pub mod metrics;
pub mod postgres;
pub mod redis;
pub mod settings;

use std::{io::Write, time::Duration};

use common::{
    metric::{Definition, Gauge},
    process::exporter::{CheckOptions, Exporter},
    scrape::{BoxedCollector, Target, concurrency::limit_concurrency},
    settings::{SettingsError, UrlSource, targets},
    source::{
        postgres::{PG_UP, Server},
        redis::REDIS_UP,
    },
};

use crate::{
    postgres::{Database, FIRST_READING_TIMEOUT},
    redis::Cache,
    settings::{Settings, TargetSettings},
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

    type Settings = Settings;

    fn catalog() -> Vec<&'static Definition> {
        let shared = [
            common::source::postgres::ALL,
            common::source::redis::ALL,
            common::scrape::label_limit::ALL,
        ];
        let shared = shared.into_iter().flatten().copied();
        metrics::all().chain(shared).collect()
    }

    fn targets(settings: Settings) -> Result<Vec<Target>, SettingsError> {
        let targets = sources(&settings)?.into_iter().map(|it| it.target(&settings));
        Ok(limit_concurrency(settings.max_concurrent_probes, targets.collect()))
    }

    async fn check(
        settings: Settings,
        options: CheckOptions,
        out: &mut (dyn Write + Send),
    ) -> Result<bool, SettingsError> {
        check::check(&sources(&settings)?, &settings, options, out).await
    }
}

/// What is read of a target, from checked settings.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) postgres: Option<Database>,
    pub(crate) redis: Option<Cache>,
}

/// All targets that the settings name, the default one first.
fn sources(settings: &Settings) -> Result<Vec<Source>, SettingsError> {
    settings::check(settings)?;
    let default = settings.default_target();
    let default = Some(&default).filter(|it| it.names_something());
    targets::named(default, &settings.targets, |name, it| Source::new(name, it, settings))
}

impl Source {
    fn new(
        name: &str,
        target: &TargetSettings,
        settings: &Settings,
    ) -> Result<Self, SettingsError> {
        if !target.names_something() {
            return Err(SettingsError::at("", "names neither `postgres` nor `redis`"));
        }
        let database = target.postgres.as_ref().map(|it| Database::new(it, settings));
        let cache = target.redis.as_ref().map(Cache::new);
        Ok(Self {
            name: name.to_owned(),
            postgres: database.transpose().map_err(|it| it.in_table("postgres"))?,
            redis: cache.transpose().map_err(|it| it.in_table("redis"))?,
        })
    }

    /// What reads it; `patience` is how long the very first background reading is waited for.
    pub(crate) fn collectors(
        &self,
        settings: &Settings,
        patience: Duration,
    ) -> Vec<BoxedCollector> {
        let mut collectors = Vec::new();
        if let Some(database) = &self.postgres {
            collectors.extend(database.collectors(settings, patience));
        }
        if let Some(cache) = &self.redis {
            collectors.extend(cache.collectors(settings));
        }
        collectors
    }

    pub(crate) fn address(&self) -> String {
        let addresses = self.postgres.iter().map(Database::address);
        addresses.chain(self.redis.iter().map(Cache::address)).collect::<Vec<_>>().join(", ")
    }

    /// The metric that says whether the target answers, and the collector whose success tells.
    /// Where there are both, that of Redis is written by its collector.
    fn up(&self) -> Option<(&'static Gauge, &'static str)> {
        match (&self.postgres, &self.redis) {
            (Some(_), _) => Some((&PG_UP, Server::NAME)),
            (None, Some(_)) => Some((&REDIS_UP, redis::SERVER)),
            (None, None) => None,
        }
    }

    fn target(self, settings: &Settings) -> Target {
        Target {
            address: self.address(),
            up: self.up(),
            collectors: self.collectors(settings, FIRST_READING_TIMEOUT),
            name: self.name,
        }
    }
}

#[cfg(test)]
mod tests;
