//! The section `[postgres-queue]`.

use std::{collections::BTreeMap, path::PathBuf};

use common::{settings::SettingsError, source::postgres::PostgresSettings};
use serde::Deserialize;

use crate::mapping::Mapping;

/// The database that `/metrics` shows, and further ones for `/probe?target=NAME`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How to reach the database; the default target.
    #[serde(default)]
    pub postgres: Option<PostgresSettings>,
    /// The queues in it, by the name that the `source` label shows.
    #[serde(default)]
    pub queues: BTreeMap<String, Mapping>,
    /// Whether to read the scheduled jobs of `pg_cron`.
    #[serde(default)]
    pub pg_cron: PgCron,
    /// A folder in which counting is written down, so that it goes on after a restart where it
    /// was; without it, it starts anew.
    #[serde(default)]
    pub state_dir: Option<PathBuf>,
    /// Further databases.
    #[serde(default)]
    pub targets: BTreeMap<String, TargetSettings>,
}

/// A further database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSettings {
    /// How to reach it.
    pub postgres: PostgresSettings,
    /// The queues in it; those of the default target when none is given.
    #[serde(default)]
    pub queues: BTreeMap<String, Mapping>,
    /// Whether to read the scheduled jobs of `pg_cron`.
    #[serde(default)]
    pub pg_cron: PgCron,
}

/// Whether to read the scheduled jobs of `pg_cron`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PgCron {
    /// Where the extension is installed.
    #[default]
    Auto,
    /// Never.
    Off,
}

/// Names of collectors that are no queue's.
const TAKEN: [&str; 2] = [crate::SERVER, crate::cron::NAME];

/// Checks a target's queues.
pub fn check_queues(queues: &BTreeMap<String, Mapping>) -> Result<(), SettingsError> {
    for (name, mapping) in queues {
        let key = format!("queues.{name}");
        let snake_case = name.starts_with(|it: char| it.is_ascii_lowercase())
            && name.chars().all(|it| matches!(it, 'a'..='z' | '0'..='9' | '_'));
        if !snake_case || name.len() > 60 {
            let problem =
                "a mapping's name is lower snake case of up to 60 letters: [a-z][a-z0-9_]*";
            return Err(SettingsError::at(key, problem));
        }
        if TAKEN.contains(&name.as_str()) {
            return Err(SettingsError::at(key, "the name is taken by another collector"));
        }
        mapping.check().map_err(|it| it.in_table(&key))?;
    }
    Ok(())
}
