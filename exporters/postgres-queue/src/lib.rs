//! Job queues kept in PostgreSQL tables, as Prometheus metrics.
//!
//! A [`mapping`] says how to read a table. It is resolved against the table (`resolved`), and each
//! scrape (`collector`) asks the questions about it (`questions`). Gauges say what waits and runs
//! now; counters say what has happened, and count each row once (`counting`).

pub mod check;
mod collector;
mod counting;
mod cron;
mod error_classes;
mod event;
mod explain;
pub mod mapping;
pub mod metrics;
mod questions;
mod quote;
mod relation;
mod resolved;
pub mod settings;
mod sql;

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use common::{
    metric::Definition,
    process::exporter::{CheckOptions, Exporter},
    scrape::{BoxedCollector, DEFAULT_TARGET, Target, label_limit::LabelLimit},
    settings::{SettingsError, UrlSource, targets::may_be_named},
    source::postgres::{PG_UP, Postgres, PostgresSettings, Server},
};

use crate::{
    collector::TableCollector,
    cron::Cron,
    mapping::Mapping,
    settings::{PgCron, Settings},
};

/// The name of the collector that tells whether the server answers.
pub(crate) const SERVER: &str = Server::NAME;

/// The exporter of job queues.
#[derive(Debug)]
pub enum PostgresQueue {}

impl Exporter for PostgresQueue {
    const NAME: &'static str = "postgres-queue";
    const ABOUT: &'static str = "Job queues kept in PostgreSQL tables, as Prometheus metrics";
    const PORT: u16 = 9801;
    const EXAMPLE: &'static str = include_str!("../settings.example.toml");
    const URLS: &'static [UrlSource] =
        &[UrlSource { variable: "DATABASE_URL", key: "postgres.url" }];

    type Settings = Settings;

    fn catalog() -> Vec<&'static Definition> {
        let folded = common::scrape::label_limit::ALL;
        metrics::ALL.iter().chain(common::source::postgres::ALL).chain(folded).copied().collect()
    }

    fn targets(settings: Settings) -> Result<Vec<Target>, SettingsError> {
        databases(settings)?.into_iter().map(Database::target).collect()
    }

    async fn check(
        settings: Settings,
        options: CheckOptions,
        out: &mut (dyn Write + Send),
    ) -> Result<bool, SettingsError> {
        check::check(databases(settings)?, options, out).await
    }
}

/// A database with its queues, from checked settings.
#[derive(Debug)]
pub struct Database {
    pub(crate) name: String,
    pub(crate) postgres: Postgres,
    pub(crate) user: Option<String>,
    pub(crate) queues: BTreeMap<String, Mapping>,
    pub(crate) cron: bool,
    state_dir: Option<PathBuf>,
}

/// All databases that the settings name, the default target's first.
fn databases(settings: Settings) -> Result<Vec<Database>, SettingsError> {
    let Settings { postgres, queues, pg_cron, state_dir, targets } = settings;
    settings::check_queues(&queues)?;
    if postgres.is_none() && targets.is_empty() {
        let problem = "is missing: name the database, or further ones in `targets`";
        return Err(SettingsError::at("postgres.url", problem));
    }
    if let Some(folder) = state_dir.as_deref().filter(|it| !it.is_dir()) {
        let problem = format!("{} is not a folder; make it first", folder.display());
        return Err(SettingsError::at("state_dir", problem));
    }
    let database = |name: &str, postgres: &PostgresSettings, queues, pg_cron| {
        let postgres = postgres.clone().for_exporter(PostgresQueue::NAME);
        Ok(Database {
            name: name.to_owned(),
            user: postgres.user.clone(),
            postgres: Postgres::new(&postgres)?,
            queues,
            cron: pg_cron == PgCron::Auto,
            state_dir: state_dir.clone(),
        })
    };
    let mut databases = Vec::new();
    if let Some(postgres) = &postgres {
        let default = database(DEFAULT_TARGET, postgres, queues.clone(), pg_cron);
        databases.push(default.map_err(|it: SettingsError| it.in_table("postgres"))?);
    }
    for (name, target) in targets {
        let key = format!("targets.{name}");
        if !may_be_named(&name) {
            let problem = "a target's name has letters, digits, `.`, `-` and `_`, and is not \
                           `default`, which is the database above";
            return Err(SettingsError::at(key, problem));
        }
        settings::check_queues(&target.queues).map_err(|it| it.in_table(&key))?;
        let queues = if target.queues.is_empty() { queues.clone() } else { target.queues };
        let database = database(&name, &target.postgres, queues, target.pg_cron);
        databases.push(database.map_err(|it| it.in_table("postgres").in_table(&key))?);
    }
    Ok(databases)
}

impl Database {
    fn target(self) -> Result<Target, SettingsError> {
        let mut collectors: Vec<BoxedCollector> = vec![self.postgres.collector(Server)];
        for source in self.sources()? {
            collectors.push(self.postgres.collector(source));
        }
        if self.cron {
            collectors.push(Box::new(Cron::new(&self.postgres)));
        }
        Ok(Target {
            address: self.postgres.address(),
            up: Some((&PG_UP, SERVER)),
            name: self.name,
            collectors,
        })
    }

    pub(crate) fn sources(&self) -> Result<Vec<TableCollector>, SettingsError> {
        let caps: Arc<[Arc<LabelLimit>]> =
            self.queues.values().map(|it| Arc::new(LabelLimit::new(it.max_queues))).collect();
        let source = |(index, (name, mapping)): (usize, (&String, &Mapping))| {
            let file = |folder: &Path| folder.join(format!("{}.{name}.json", self.name));
            let file = self.state_dir.as_deref().map(file);
            TableCollector::new(name, mapping, (index, Arc::clone(&caps)), file)
                .map_err(|it| it.in_table(&format!("queues.{name}")))
        };
        self.queues.iter().enumerate().map(source).collect()
    }
}

#[cfg(test)]
mod tests;
