//! Who holds the connections, who waits, and how long queries take.
//!
//! A target is a database, a PgBouncer, or one with the other before it. The database's own view
//! is read by [`connections`], [`locks`], [`statements`] and [`replication`], the pooler's by
//! [`pgbouncer`], each side over one kept connection.

mod caps;
mod check;
pub mod connections;
pub mod locks;
pub mod metrics;
pub mod pgbouncer;
pub mod replication;
pub mod settings;
pub mod statements;

use std::{collections::BTreeMap, io::Write, sync::Arc};

use common::{
    collector::{Collector, Target},
    exporter::{CheckOptions, Exporter},
    metric::Definition,
    postgres::{PG_UP, Postgres, PostgresSettings, Server},
    settings::{SettingsError, UrlSource},
    turn::Turn,
};
use tokio::sync::Semaphore;

use crate::{
    caps::Caps,
    connections::Connections,
    locks::Locks,
    metrics::pgbouncer::PGBOUNCER_UP,
    pgbouncer::PgBouncer,
    replication::Replication,
    settings::{Pool, PoolSettings, Settings},
    statements::Statements,
};

/// The exporter of connections, pools and statements.
#[derive(Debug)]
pub enum PoolUsage {}

impl Exporter for PoolUsage {
    const NAME: &'static str = "pool-usage";
    const ABOUT: &'static str = "Who holds the connections, who waits, and how long queries take";
    const PORT: u16 = 9802;
    const EXAMPLE: &'static str = include_str!("../settings.example.toml");
    const URLS: &'static [UrlSource] =
        &[UrlSource { variable: "DATABASE_URL", key: "postgres.url" }];

    type Settings = Settings;

    fn catalog() -> Vec<&'static Definition> {
        let shared = common::postgres::ALL.iter().chain(common::cap::ALL).copied();
        metrics::all().chain(shared).collect()
    }

    fn targets(settings: Settings) -> Result<Vec<Target>, SettingsError> {
        let places = Arc::new(Semaphore::new(settings.max_concurrent_probes));
        let sources = sources(&settings)?;
        Ok(sources.into_iter().map(|it| it.target(&settings, &places)).collect())
    }

    async fn check(
        settings: Settings,
        options: CheckOptions,
        out: &mut (dyn Write + Send),
    ) -> Result<bool, SettingsError> {
        check::check(&sources(&settings)?, &settings, options, out).await
    }
}

/// The name of the target that `/metrics` serves.
const DEFAULT: &str = "default";

/// A target's connections, from checked settings.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) postgres: Option<Postgres>,
    pub(crate) pgbouncer: Option<Postgres>,
    pub(crate) pools: Arc<[Pool]>,
}

/// All targets that the settings name, the default one first.
fn sources(settings: &Settings) -> Result<Vec<Source>, SettingsError> {
    settings::check(settings)?;
    let mut sources = Vec::new();
    if settings.postgres.is_some() || settings.pgbouncer.is_some() {
        let Settings { postgres, pgbouncer, pools, .. } = settings;
        sources.push(Source::new(DEFAULT, postgres.as_ref(), pgbouncer.as_ref(), pools)?);
    }
    for (name, target) in &settings.targets {
        let key = format!("targets.{name}");
        let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
        if name == DEFAULT || name.is_empty() || !name.chars().all(plain) {
            let problem = "a target's name has letters, digits, `.`, `-` and `_`, and is not \
                           `default`, which is the one above";
            return Err(SettingsError::at(key, problem));
        }
        let (postgres, pgbouncer) = (target.postgres.as_ref(), target.pgbouncer.as_ref());
        if postgres.is_none() && pgbouncer.is_none() {
            let problem = "names neither `postgres` nor `pgbouncer`";
            return Err(SettingsError::at(key, problem));
        }
        let source = Source::new(name, postgres, pgbouncer, &target.pools);
        sources.push(source.map_err(|it| it.within(&key))?);
    }
    Ok(sources)
}

impl Source {
    fn new(
        name: &str,
        postgres: Option<&PostgresSettings>,
        pgbouncer: Option<&PostgresSettings>,
        pools: &BTreeMap<String, PoolSettings>,
    ) -> Result<Self, SettingsError> {
        let database = |it: PostgresSettings| Postgres::new(&it.for_exporter(PoolUsage::NAME));
        let database = postgres.cloned().map(database).transpose();
        let console = pgbouncer.cloned().map(pgbouncer::console).transpose();
        if postgres.is_none() && !pools.is_empty() {
            let problem = "are counted in the database: name it in `postgres`";
            return Err(SettingsError::at("pools", problem));
        }
        let pool = |(name, settings): (&String, &PoolSettings)| {
            Pool::new(name, settings).map_err(|it| it.within(&format!("pools.{name}")))
        };
        Ok(Self {
            name: name.to_owned(),
            postgres: database.map_err(|it| it.within("postgres"))?,
            pgbouncer: console.map_err(|it| it.within("pgbouncer"))?,
            pools: pools.iter().map(pool).collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn collectors(&self, settings: &Settings) -> Vec<Box<dyn Collector>> {
        let caps = Caps::new(&settings.caps);
        let mut collectors: Vec<Box<dyn Collector>> = Vec::new();
        if let Some(postgres) = &self.postgres {
            let aliases = settings.compatibility;
            collectors.push(Box::new(Server::new(postgres)));
            collectors.push(Box::new(Connections {
                postgres: postgres.clone(),
                caps: Arc::clone(&caps),
                pools: Arc::clone(&self.pools),
                wait_events: settings.wait_events,
                aliases,
            }));
            collectors.push(Box::new(Locks::new(postgres, &caps)));
            collectors.push(Box::new(Replication::new(postgres, &caps, aliases)));
            if settings.statements.enabled {
                collectors.push(Box::new(Statements::new(postgres, &caps, &settings.statements)));
            }
        }
        if let Some(console) = &self.pgbouncer {
            let most = settings.max_clients_listed;
            collectors.push(Box::new(PgBouncer::new(console, &settings.caps, most)));
        }
        collectors
    }

    pub(crate) fn address(&self) -> String {
        let both = [&self.postgres, &self.pgbouncer];
        let both: Vec<_> = both.into_iter().flatten().map(Postgres::address).collect();
        both.join(", ")
    }

    fn target(self, settings: &Settings, places: &Arc<Semaphore>) -> Target {
        let mut collectors = self.collectors(settings);
        if self.name != DEFAULT {
            collectors = Turn::queue(places, collectors);
        }
        Target {
            address: self.address(),
            // Where there are both, the pooler's own is written by its collector.
            up: Some(match self.postgres {
                Some(_) => (&PG_UP, Server::NAME),
                None => (&PGBOUNCER_UP, PgBouncer::NAME),
            }),
            name: self.name,
            collectors,
        }
    }
}

#[cfg(test)]
mod tests;
