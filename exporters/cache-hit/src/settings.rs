//! The section `[cache-hit]`.

use std::collections::BTreeMap;

use common::{
    settings::{HumanDuration, SettingsError, check_counts},
    source::{postgres::PostgresSettings, redis::RedisSettings},
};
use serde::Deserialize;

/// The default target, what all targets share, and further targets for `/probe?target=NAME`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The database of the default target.
    pub postgres: Option<PostgresSettings>,
    /// What is read of tables and indexes.
    pub relations: RelationSettings,
    /// What is read of sizes.
    pub sizes: SizeSettings,
    /// How long a background reading may take.
    pub background_timeout: HumanDuration,
    /// The Redis or Valkey of the default target.
    pub redis: Option<RedisSettings>,
    /// How many values each label may take.
    pub caps: CapSettings,
    /// Whether old names that break the conventions are written as well.
    pub compatibility: bool,
    /// How many further targets are read at the same time; the rest wait for their turn.
    pub max_concurrent_probes: usize,
    /// Further targets.
    pub targets: BTreeMap<String, TargetSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            postgres: None,
            relations: RelationSettings::default(),
            sizes: SizeSettings::default(),
            background_timeout: HumanDuration::seconds(30),
            redis: None,
            caps: CapSettings::default(),
            compatibility: false,
            max_concurrent_probes: 32,
            targets: BTreeMap::new(),
        }
    }
}

/// What one target is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TargetSettings {
    /// The database.
    pub postgres: Option<PostgresSettings>,
    /// The Redis or Valkey.
    pub redis: Option<RedisSettings>,
}

/// What is read of tables and indexes, in the background.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelationSettings {
    /// Whether anything is.
    pub enabled: bool,
    /// How often.
    pub every: HumanDuration,
    /// How many of the tables with most reads, and of those with most dead rows, get series of
    /// their own.
    pub top_tables: usize,
    /// The same of indexes, by reads, and by size where they are unused.
    pub top_indexes: usize,
    /// How old statistics must be to say that an index is unused.
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

/// What is read of sizes, in the background.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SizeSettings {
    /// Whether anything is.
    pub enabled: bool,
    /// How often.
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
    /// Commands of Redis with counters of their own.
    pub commands: usize,
    /// Commands of Redis with a histogram: those that took most time; the others have none.
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
    /// The default target.
    pub fn default_target(&self) -> TargetSettings {
        TargetSettings { postgres: self.postgres.clone(), redis: self.redis.clone() }
    }
}

impl TargetSettings {
    /// Whether there is anything to read.
    pub fn names_something(&self) -> bool {
        self.postgres.is_some() || self.redis.is_some()
    }
}

/// Checks what all targets share.
pub fn check(settings: &Settings) -> Result<(), SettingsError> {
    check_counts(&[
        ("max_concurrent_probes", settings.max_concurrent_probes, 1, 1000),
        ("relations.top_tables", settings.relations.top_tables, 0, 500),
        ("relations.top_indexes", settings.relations.top_indexes, 0, 500),
        ("caps.databases", settings.caps.databases, 1, 1000),
        ("caps.commands", settings.caps.commands, 1, 1000),
        ("caps.command_histograms", settings.caps.command_histograms, 1, 500),
        ("caps.errors", settings.caps.errors, 1, 1000),
        ("caps.replicas", settings.caps.replicas, 1, 1000),
    ])?;
    let spans = [
        ("relations.every", settings.relations.every),
        ("sizes.every", settings.sizes.every),
        ("background_timeout", settings.background_timeout),
    ];
    for (key, span) in spans {
        if !(HumanDuration::seconds(1)..=HumanDuration::seconds(86_400)).contains(&span) {
            return Err(SettingsError::at(key, "must be between 1s and 1d"));
        }
    }
    if !settings.default_target().names_something() && settings.targets.is_empty() {
        let problem = "is missing: name a database, a Redis in `redis`, or `targets`";
        return Err(SettingsError::at("postgres.url", problem));
    }
    Ok(())
}
