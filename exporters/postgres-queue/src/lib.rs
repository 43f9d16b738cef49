//! Job queues kept in PostgreSQL tables, as Prometheus metrics.
//!
//! A [`mapping`] says how to read a table. It is resolved against the table (`resolved`), and each
//! scrape (`collector`) asks the questions about it (`questions`). Gauges are the jobs that wait
//! and run now; counters are the jobs that arrived and ended, each row counted once (`counting`).

mod check;
mod collector;
mod counting;
mod cron;
mod database;
mod error_classes;
mod event;
mod explain;
mod labels;
pub mod mapping;
pub mod metrics;
mod questions;
mod quote;
mod relation;
mod resolved;
pub mod settings;
mod sql;

use common::{
    metric::Definition,
    process::{Exporter, SectionOf},
    settings::{SettingsError, UrlSource},
};

use crate::{
    database::Database,
    settings::{Settings, TargetSettings},
};

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
    const SOURCES: &'static str = "a database in `postgres`";

    type TargetSettings = TargetSettings;
    type Settings = Settings;
    type Target = Database;

    fn catalog() -> Vec<&'static Definition> {
        [&metrics::all(), common::source::postgres::ALL, common::scrape::label_limit::ALL].concat()
    }

    fn validate(section: &SectionOf<Self>) -> Result<(), SettingsError> {
        settings::check_queues(&section.default.queues)?;
        section.shared.check()
    }

    fn target(
        name: &str,
        settings: &TargetSettings,
        section: &SectionOf<Self>,
    ) -> Result<Option<Database>, SettingsError> {
        Database::new(name, settings, section)
    }

    async fn grants(targets: &[Database]) -> String {
        let mut text = String::new();
        for database in targets {
            text += &database.grants().await;
        }
        text
    }
}

#[cfg(test)]
mod tests;
