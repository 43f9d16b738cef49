//! The section `[cache-hit]`.

use common::{
    settings::{HumanDuration, SettingsError, check_counts},
    source::{postgres::PostgresSettings, redis::RedisSettings},
};
use serde::Deserialize;

/// The settings that apply to every target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Background readings of tables and indexes.
    pub relations: RelationSettings,
    /// Background readings of sizes.
    pub sizes: SizeSettings,
    /// How long a background reading may take.
    pub background_timeout: HumanDuration,
    /// How many values each label may take.
    pub caps: CapSettings,
    /// Whether other exporters' names that break the conventions are written as well.
    pub compatibility: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            relations: RelationSettings::default(),
            sizes: SizeSettings::default(),
            background_timeout: HumanDuration::seconds(30),
            caps: CapSettings::default(),
            compatibility: false,
        }
    }
}

/// One target: a database, a Redis, or both.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TargetSettings {
    /// The database.
    pub postgres: Option<PostgresSettings>,
    /// The Redis or Valkey.
    pub redis: Option<RedisSettings>,
}

/// Background readings of tables and indexes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelationSettings {
    /// Whether they are enabled.
    pub enabled: bool,
    /// The interval.
    pub every: HumanDuration,
    /// How many tables get series, by reads and by dead rows.
    pub top_tables: usize,
    /// How many indexes get series, by reads, and unused ones by size.
    pub top_indexes: usize,
    /// How old statistics must be before an index counts as unused.
    pub unused_after: HumanDuration,
}

impl Default for RelationSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            every: HumanDuration::seconds(30),
            top_tables: 20,
            top_indexes: 20,
            unused_after: HumanDuration::seconds(7 * 86_400),
        }
    }
}

/// Background readings of sizes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SizeSettings {
    /// Whether they are enabled.
    pub enabled: bool,
    /// The interval.
    pub every: HumanDuration,
}

impl Default for SizeSettings {
    fn default() -> Self {
        Self { enabled: true, every: HumanDuration::seconds(300) }
    }
}

/// How many values each label may take before the rest becomes `other`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapSettings {
    /// Databases, numbered ones of Redis as well.
    pub databases: usize,
    /// Commands of Redis with their own counters.
    pub commands: usize,
    /// Commands of Redis with a histogram, by total time; the others have none.
    pub command_histograms: usize,
    /// Classes of Redis's error replies.
    pub errors: usize,
    /// Replicas of a Redis, and primaries that a Sentinel watches.
    pub replicas: usize,
}

impl Default for CapSettings {
    fn default() -> Self {
        Self { databases: 50, commands: 250, command_histograms: 20, errors: 50, replicas: 50 }
    }
}

impl Settings {
    /// Checks that each value is within its bounds.
    pub fn check(&self) -> Result<(), SettingsError> {
        check_counts(&[
            ("relations.top_tables", self.relations.top_tables, 0, 500),
            ("relations.top_indexes", self.relations.top_indexes, 0, 500),
            ("caps.databases", self.caps.databases, 1, 1000),
            ("caps.commands", self.caps.commands, 1, 1000),
            ("caps.command_histograms", self.caps.command_histograms, 1, 500),
            ("caps.errors", self.caps.errors, 1, 1000),
            ("caps.replicas", self.caps.replicas, 1, 1000),
        ])?;
        let durations = [
            ("relations.every", self.relations.every),
            ("sizes.every", self.sizes.every),
            ("background_timeout", self.background_timeout),
        ];
        for (key, duration) in durations {
            if !(HumanDuration::seconds(1)..=HumanDuration::seconds(86_400)).contains(&duration) {
                return Err(SettingsError::at(key, "must be between 1s and 1d"));
            }
        }
        Ok(())
    }
}
