//! One target: its connections and the collectors that read them.

use std::sync::Arc;

use common::{
    process::{ConfiguredTarget, Exporter as _, Report, Up},
    scrape::{BoxedCollector, Snapshot},
    settings::SettingsError,
    source::postgres::{PG_UP, Postgres, PostgresSettings, Server},
};

use crate::{
    PoolUsage,
    caps::Caps,
    check,
    connections::Connections,
    locks::Locks,
    metrics::pgbouncer::PGBOUNCER_UP,
    pgbouncer::{self, PgBouncer},
    replication::Replication,
    settings::{Pool, PoolSettings, Settings, TargetSettings},
    statements::Statements,
};

/// A database, a PgBouncer, or both.
#[derive(Debug)]
pub struct Target {
    pub(crate) postgres: Option<Postgres>,
    pub(crate) pgbouncer: Option<Postgres>,
    pools: Arc<[Pool]>,
    shared: Settings,
}

impl Target {
    /// From checked settings; `None` when they name neither.
    pub(crate) fn new(
        settings: &TargetSettings,
        shared: &Settings,
    ) -> Result<Option<Self>, SettingsError> {
        let TargetSettings { postgres, pgbouncer, pools } = settings;
        if postgres.is_none() && pgbouncer.is_none() {
            return Ok(None);
        }
        if postgres.is_none() && !pools.is_empty() {
            let problem = "are counted in the database: name it in `postgres`";
            return Err(SettingsError::at("pools", problem));
        }
        let database = |it: PostgresSettings| Postgres::new(&it.for_exporter(PoolUsage::NAME));
        let database = postgres.clone().map(database).transpose();
        let console = pgbouncer.clone().map(pgbouncer::console).transpose();
        let pool = |(name, settings): (&String, &PoolSettings)| {
            Pool::new(name, settings).map_err(|it| it.in_table(&format!("pools.{name}")))
        };
        Ok(Some(Self {
            postgres: database.map_err(|it| it.in_table("postgres"))?,
            pgbouncer: console.map_err(|it| it.in_table("pgbouncer"))?,
            pools: pools.iter().map(pool).collect::<Result<_, _>>()?,
            shared: shared.clone(),
        }))
    }
}

impl ConfiguredTarget for Target {
    fn address(&self) -> String {
        let both = [&self.postgres, &self.pgbouncer];
        let both: Vec<_> = both.into_iter().flatten().map(Postgres::address).collect();
        both.join(", ")
    }

    fn up(&self) -> Option<Up> {
        // Where there are both, the PgBouncer's is written by its collector.
        Some(match self.postgres {
            Some(_) => (&PG_UP, Server::NAME),
            None => (&PGBOUNCER_UP, PgBouncer::NAME),
        })
    }

    fn collectors(&self) -> Result<Vec<BoxedCollector>, SettingsError> {
        let shared = &self.shared;
        let caps = Caps::new(&shared.caps);
        let mut collectors: Vec<BoxedCollector> = Vec::new();
        if let Some(postgres) = &self.postgres {
            let aliases = shared.compatibility;
            collectors.push(postgres.collector(Server));
            collectors.push(postgres.collector(Connections {
                caps: Arc::clone(&caps),
                pools: Arc::clone(&self.pools),
                wait_events: shared.wait_events,
                aliases,
            }));
            collectors.push(postgres.collector(Locks::new(&caps)));
            collectors.push(postgres.collector(Replication::new(&caps, aliases)));
            if shared.statements.enabled {
                collectors.push(postgres.collector(Statements::new(&caps, &shared.statements)));
            }
        }
        if let Some(console) = &self.pgbouncer {
            let most = shared.max_clients_listed;
            collectors.push(console.collector(PgBouncer::new(&shared.caps, most)));
        }
        Ok(collectors)
    }

    async fn inspect(&self, report: &mut Report) {
        if let Some(postgres) = &self.postgres {
            check::privileges(report, postgres).await;
        }
    }

    fn summarize(&self, report: &mut Report, snapshot: &Snapshot) {
        check::statements(report, snapshot);
    }

    async fn close(&self) {
        for connection in [&self.postgres, &self.pgbouncer].into_iter().flatten() {
            connection.close().await;
        }
    }
}
