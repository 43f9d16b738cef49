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

use std::{io::Write, sync::Arc};

use common::{
    metric::Definition,
    process::exporter::{CheckOptions, Exporter},
    scrape::{BoxedCollector, Target, concurrency::limit_concurrency},
    settings::{SettingsError, UrlSource, targets},
    source::postgres::{PG_UP, Postgres, PostgresSettings, Server},
};

use crate::{
    caps::Caps,
    connections::Connections,
    locks::Locks,
    metrics::pgbouncer::PGBOUNCER_UP,
    pgbouncer::PgBouncer,
    replication::Replication,
    settings::{Pool, PoolSettings, Settings, TargetSettings},
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
        let shared =
            common::source::postgres::ALL.iter().chain(common::scrape::label_limit::ALL).copied();
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
    let default = settings.default_target();
    let default = Some(&default).filter(|it| it.names_something());
    targets::named(default, &settings.targets, Source::new)
}

impl Source {
    fn new(name: &str, target: &TargetSettings) -> Result<Self, SettingsError> {
        if !target.names_something() {
            return Err(SettingsError::at("", "names neither `postgres` nor `pgbouncer`"));
        }
        let TargetSettings { postgres, pgbouncer, pools } = target;
        let database = |it: PostgresSettings| Postgres::new(&it.for_exporter(PoolUsage::NAME));
        let database = postgres.clone().map(database).transpose();
        let console = pgbouncer.clone().map(pgbouncer::console).transpose();
        if postgres.is_none() && !pools.is_empty() {
            let problem = "are counted in the database: name it in `postgres`";
            return Err(SettingsError::at("pools", problem));
        }
        let pool = |(name, settings): (&String, &PoolSettings)| {
            Pool::new(name, settings).map_err(|it| it.in_table(&format!("pools.{name}")))
        };
        Ok(Self {
            name: name.to_owned(),
            postgres: database.map_err(|it| it.in_table("postgres"))?,
            pgbouncer: console.map_err(|it| it.in_table("pgbouncer"))?,
            pools: pools.iter().map(pool).collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn collectors(&self, settings: &Settings) -> Vec<BoxedCollector> {
        let caps = Caps::new(&settings.caps);
        let mut collectors: Vec<BoxedCollector> = Vec::new();
        if let Some(postgres) = &self.postgres {
            let aliases = settings.compatibility;
            collectors.push(postgres.collector(Server));
            collectors.push(postgres.collector(Connections {
                caps: Arc::clone(&caps),
                pools: Arc::clone(&self.pools),
                wait_events: settings.wait_events,
                aliases,
            }));
            collectors.push(postgres.collector(Locks::new(&caps)));
            collectors.push(postgres.collector(Replication::new(&caps, aliases)));
            if settings.statements.enabled {
                collectors.push(postgres.collector(Statements::new(&caps, &settings.statements)));
            }
        }
        if let Some(console) = &self.pgbouncer {
            let most = settings.max_clients_listed;
            collectors.push(console.collector(PgBouncer::new(&settings.caps, most)));
        }
        collectors
    }

    pub(crate) fn address(&self) -> String {
        let both = [&self.postgres, &self.pgbouncer];
        let both: Vec<_> = both.into_iter().flatten().map(Postgres::address).collect();
        both.join(", ")
    }

    fn target(self, settings: &Settings) -> Target {
        Target {
            address: self.address(),
            // Where there are both, the pooler's own is written by its collector.
            up: Some(match self.postgres {
                Some(_) => (&PG_UP, Server::NAME),
                None => (&PGBOUNCER_UP, PgBouncer::NAME),
            }),
            collectors: self.collectors(settings),
            name: self.name,
        }
    }
}

#[cfg(test)]
mod tests;
