//! PostgreSQL: what its buffers, its log and its files are asked for.
//!
//! What is cheap is read at each scrape over one kept connection. Tables, indexes and sizes are
//! read in the background, over a connection that is closed when that is done.

mod databases;
mod io;
mod leisure;
mod memory;
mod relations;
mod sizes;
mod writers;

use std::{sync::Arc, time::Duration};

use common::{
    metric::LabelText,
    process::Exporter,
    scrape::{BoxedCollector, Snapshot, label_limit::LabelLimit},
    settings::SettingsError,
    source::postgres::{Postgres, PostgresSettings, Server},
};

use self::{
    databases::Databases, io::Io, leisure::Leisure, memory::Memory, relations::Relations,
    sizes::Sizes, writers::Writers,
};
use crate::{CacheHit, settings::Settings};

/// How long a scrape waits for the very first background reading.
pub(crate) const FIRST_READING_TIMEOUT: Duration = Duration::from_millis(500);

/// The connections to one database.
#[derive(Debug)]
pub(crate) struct Database {
    postgres: Postgres,
    leisure: Arc<Leisure>,
}

impl Database {
    pub(crate) fn new(
        settings: &PostgresSettings,
        shared: &Settings,
    ) -> Result<Self, SettingsError> {
        let settings = settings.clone().for_exporter(CacheHit::NAME);
        let leisure = Arc::new(Leisure::new(&settings, shared.background_timeout)?);
        Ok(Self { postgres: Postgres::new(&settings)?, leisure })
    }

    pub(crate) fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    pub(crate) fn address(&self) -> String {
        self.postgres.address()
    }

    /// What reads it; `patience` is how long the very first background reading is waited for.
    pub(crate) fn collectors(
        &self,
        settings: &Settings,
        patience: Duration,
    ) -> Vec<BoxedCollector> {
        let (postgres, leisure) = (&self.postgres, &self.leisure);
        let caps = Arc::new(Caps(LabelLimit::new(settings.caps.databases)));
        let aliases = settings.compatibility;
        let mut collectors: Vec<BoxedCollector> = vec![
            postgres.collector(Server),
            postgres.collector(Memory),
            postgres.collector(Databases { caps: Arc::clone(&caps), aliases }),
            postgres.collector(Writers { aliases }),
            postgres.collector(Io),
        ];
        if settings.relations.enabled {
            let relations = Relations::new(leisure, &settings.relations, aliases, patience);
            collectors.push(Box::new(relations));
        }
        if settings.sizes.enabled {
            collectors.push(Box::new(Sizes::new(leisure, &settings.sizes, &caps, patience)));
        }
        collectors
    }

    pub(crate) async fn close(&self) {
        self.postgres.close().await;
    }
}

/// The bounded labels of one database server.
#[derive(Debug)]
struct Caps(LabelLimit);

impl Caps {
    /// A database's name as its label shows it.
    fn fold(&self, datname: &str) -> LabelText {
        self.0.fold(datname)
    }

    /// Writes how many names were folded.
    fn write(&self, out: &mut Snapshot) {
        self.0.write_folded("datname", out);
    }
}

/// What a column that came with a major version is asked as: NULL before.
fn since(version: u32, major: u32, column: &str) -> &str {
    if version >= major * 10_000 { column } else { "NULL" }
}
