//! PostgreSQL: what its buffers, its log and its files are asked for.

mod memory;

use common::{
    collector::Collector,
    exporter::Exporter,
    postgres::{Postgres, PostgresSettings, Server},
    settings::SettingsError,
};

use self::memory::Memory;
use crate::{CacheHit, settings::Settings};

/// The connections to one database.
#[derive(Debug)]
pub(crate) struct Database {
    postgres: Postgres,
}

impl Database {
    pub(crate) fn new(settings: &PostgresSettings) -> Result<Self, SettingsError> {
        let postgres = Postgres::new(&settings.clone().for_exporter(CacheHit::NAME))?;
        Ok(Self { postgres })
    }

    pub(crate) fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    pub(crate) fn address(&self) -> String {
        self.postgres.address()
    }

    pub(crate) fn collectors(&self, _settings: &Settings) -> Vec<Box<dyn Collector>> {
        vec![Box::new(Server::new(&self.postgres)), Box::new(Memory::new(&self.postgres))]
    }

    pub(crate) async fn close(&self) {
        self.postgres.close().await;
    }
}
