//! One target: its connections and the collectors that read them.

use std::time::Duration;

use common::{
    process::{ConfiguredTarget, Report, Up, check::TIMEOUT},
    scrape::BoxedCollector,
    settings::SettingsError,
    source::{
        postgres::{PG_UP, Server},
        redis::REDIS_UP,
    },
};

use crate::{
    check,
    postgres::{Database, FIRST_READING_TIMEOUT},
    redis::{self, Cache},
    settings::{Settings, TargetSettings},
};

/// A database, a Redis, or both.
#[derive(Debug)]
pub struct Target {
    pub(crate) postgres: Option<Database>,
    pub(crate) redis: Option<Cache>,
    shared: Settings,
}

impl Target {
    /// From checked settings; `None` when they name neither.
    pub(crate) fn new(
        settings: &TargetSettings,
        shared: &Settings,
    ) -> Result<Option<Self>, SettingsError> {
        if settings.postgres.is_none() && settings.redis.is_none() {
            return Ok(None);
        }
        let database = settings.postgres.as_ref().map(|it| Database::new(it, shared));
        let cache = settings.redis.as_ref().map(Cache::new);
        Ok(Some(Self {
            postgres: database.transpose().map_err(|it| it.in_table("postgres"))?,
            redis: cache.transpose().map_err(|it| it.in_table("redis"))?,
            shared: shared.clone(),
        }))
    }

    /// `first_reading` is how long the first background reading is waited for.
    fn collectors_within(&self, first_reading: Duration) -> Vec<BoxedCollector> {
        let mut collectors = Vec::new();
        if let Some(database) = &self.postgres {
            collectors.extend(database.collectors(&self.shared, first_reading));
        }
        if let Some(cache) = &self.redis {
            collectors.extend(cache.collectors(&self.shared));
        }
        collectors
    }
}

impl ConfiguredTarget for Target {
    fn address(&self) -> String {
        let addresses = self.postgres.iter().map(Database::address);
        addresses.chain(self.redis.iter().map(Cache::address)).collect::<Vec<_>>().join(", ")
    }

    fn up(&self) -> Option<Up> {
        // Where there are both, that of Redis is written by its collector.
        Some(match self.postgres {
            Some(_) => (&PG_UP, Server::NAME),
            None => (&REDIS_UP, redis::SERVER),
        })
    }

    fn collectors(&self) -> Result<Vec<BoxedCollector>, SettingsError> {
        Ok(self.collectors_within(FIRST_READING_TIMEOUT))
    }

    fn check_collectors(&self) -> Result<Vec<BoxedCollector>, SettingsError> {
        Ok(self.collectors_within(TIMEOUT))
    }

    async fn inspect(&self, report: &mut Report) {
        if let Some(database) = &self.postgres {
            check::postgres::privileges(report, database.postgres()).await;
        }
        if let Some(cache) = &self.redis {
            check::redis::server(report, &cache.redis).await;
        }
    }

    async fn close(&self) {
        if let Some(database) = &self.postgres {
            database.close().await;
        }
        if let Some(cache) = &self.redis {
            cache.redis.close().await;
        }
    }
}
