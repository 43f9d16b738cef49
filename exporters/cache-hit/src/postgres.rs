//! PostgreSQL: its buffers, its write-ahead log and its files.
//!
//! Cheap queries run at each scrape over one connection, which is reused. Tables, indexes and sizes
//! are read in the background, over a connection that is closed after each reading.

mod background_connection;
mod databases;
mod io;
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
    background_connection::BackgroundConnection, databases::Databases, io::Io, memory::Memory,
    relations::Relations, sizes::Sizes, writers::Writers,
};
use crate::{CacheHit, settings::Settings};

/// How long a scrape waits for the very first background reading.
pub(crate) const FIRST_READING_TIMEOUT: Duration = Duration::from_millis(500);

/// The connections to one database.
#[derive(Debug)]
pub(crate) struct Database {
    postgres: Postgres,
    background: Arc<BackgroundConnection>,
}

impl Database {
    pub(crate) fn new(
        settings: &PostgresSettings,
        shared: &Settings,
    ) -> Result<Self, SettingsError> {
        let settings = settings.clone().for_exporter(CacheHit::NAME);
        let background = BackgroundConnection::new(&settings, shared.background_timeout)?;
        Ok(Self { postgres: Postgres::new(&settings)?, background: Arc::new(background) })
    }

    pub(crate) fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    pub(crate) fn address(&self) -> String {
        self.postgres.address()
    }

    /// Its collectors. A scrape waits at most `first_timeout` for the very first background reading.
    pub(crate) fn collectors(
        &self,
        settings: &Settings,
        first_timeout: Duration,
    ) -> Vec<BoxedCollector> {
        let (postgres, background) = (&self.postgres, &self.background);
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
            let relations = Relations::new(&settings.relations, aliases);
            let every = settings.relations.every;
            collectors.push(background.collector(relations, every, first_timeout));
        }
        if settings.sizes.enabled {
            let sizes = Sizes { caps };
            collectors.push(background.collector(sizes, settings.sizes.every, first_timeout));
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
    /// The database's name as a label value.
    fn fold(&self, datname: &str) -> LabelText {
        self.0.fold(datname)
    }

    /// Writes how many names were folded.
    fn write(&self, out: &mut Snapshot) {
        self.0.write_folded("datname", out);
    }
}

/// A column that came with a major version; NULL before.
fn since(version: u32, major: u32, column: &str) -> &str {
    if version >= major * 10_000 { column } else { "NULL" }
}
