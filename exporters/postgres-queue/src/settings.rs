//! The section `[postgres-queue]`.

use std::{collections::BTreeMap, path::PathBuf};

use common::{
    settings::SettingsError,
    source::postgres::{PostgresSettings, Server},
};
use serde::Deserialize;

use crate::mapping::Mapping;

/// The settings that apply to every target.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A folder that keeps the state of the counters, so that they continue after a restart; without
    /// it they start again.
    pub state_dir: Option<PathBuf>,
}

/// One target: a database and its queues.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TargetSettings {
    /// How to connect to it.
    pub postgres: Option<PostgresSettings>,
    /// The queues in it, by the name that the `source` label shows. A further target without queues
    /// has those of the default target.
    pub queues: BTreeMap<String, Mapping>,
    /// Whether to read the scheduled jobs of `pg_cron`.
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

/// Names of the collectors that do not read a queue.
const TAKEN: [&str; 2] = [Server::NAME, crate::cron::NAME];

impl Settings {
    /// Checks that the folder exists.
    pub fn check(&self) -> Result<(), SettingsError> {
        let Some(folder) = self.state_dir.as_deref().filter(|it| !it.is_dir()) else {
            return Ok(());
        };
        let problem = format!("{} is not a folder; create it first", folder.display());
        Err(SettingsError::at("state_dir", problem))
    }
}

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
