//! Connections, pools, locks and statements of PostgreSQL and PgBouncer.
//!
//! A target is a database, a PgBouncer, or a PgBouncer in front of its database. The database is
//! read by [`connections`], [`locks`], [`statements`] and [`replication`], the pooler by
//! [`pgbouncer`], each over one connection.

mod caps;
mod check;
pub mod connections;
pub mod locks;
pub mod metrics;
pub mod pgbouncer;
pub mod replication;
pub mod settings;
pub mod statements;
mod target;

use common::{
    metric::Definition,
    process::{Exporter, SectionOf},
    settings::{SettingsError, UrlSource},
};

use crate::{
    settings::{Settings, TargetSettings},
    target::Target,
};

/// The exporter of connections, pools and statements.
#[derive(Debug)]
pub enum PoolUsage {}

impl Exporter for PoolUsage {
    const NAME: &'static str = "pool-usage";
    const ABOUT: &'static str = "Connections, pools, locks and statements of PostgreSQL and \
                                 PgBouncer";
    const PORT: u16 = 9802;
    const EXAMPLE: &'static str = include_str!("../settings.example.toml");
    const URLS: &'static [UrlSource] =
        &[UrlSource { variable: "DATABASE_URL", key: "postgres.url" }];
    const SOURCES: &'static str = "a database in `postgres`, a console in `pgbouncer`";

    type TargetSettings = TargetSettings;
    type Settings = Settings;
    type Target = Target;

    fn catalog() -> Vec<&'static Definition> {
        let shared =
            common::source::postgres::ALL.iter().chain(common::scrape::label_limit::ALL).copied();
        metrics::all().chain(shared).collect()
    }

    fn validate(section: &SectionOf<Self>) -> Result<(), SettingsError> {
        section.shared.check()
    }

    fn target(
        _: &str,
        settings: &TargetSettings,
        section: &SectionOf<Self>,
    ) -> Result<Option<Target>, SettingsError> {
        Target::new(settings, &section.shared)
    }

    async fn grants(targets: &[Target]) -> String {
        let database = targets.iter().find_map(|it| it.postgres.as_ref());
        let pgbouncer = targets.iter().any(|it| it.pgbouncer.is_some());
        check::grants(database, pgbouncer).await
    }
}

#[cfg(test)]
mod tests;
