//! The section `[cache-hit]`.

use std::collections::BTreeMap;

use common::{postgres::PostgresSettings, settings::SettingsError};
use serde::Deserialize;

/// The default target, what all targets share, and further targets for `/probe?target=NAME`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The database of the default target.
    pub postgres: Option<PostgresSettings>,
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
}

/// How many values each label may take before the rest becomes `other`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapSettings {
    /// Databases.
    pub databases: usize,
}

impl Default for CapSettings {
    fn default() -> Self {
        Self { databases: 50 }
    }
}

impl Settings {
    /// The default target.
    pub fn default_target(&self) -> TargetSettings {
        TargetSettings { postgres: self.postgres.clone() }
    }
}

impl TargetSettings {
    /// Whether there is anything to read.
    pub fn names_something(&self) -> bool {
        self.postgres.is_some()
    }
}

/// Checks what all targets share.
pub fn check(settings: &Settings) -> Result<(), SettingsError> {
    let counts = [
        ("max_concurrent_probes", settings.max_concurrent_probes, 1, 1000),
        ("caps.databases", settings.caps.databases, 1, 1000),
    ];
    for (key, count, least, most) in counts {
        if !(least..=most).contains(&count) {
            return Err(SettingsError::at(key, format!("must be between {least} and {most}")));
        }
    }
    if !settings.default_target().names_something() && settings.targets.is_empty() {
        let problem = "is missing: name a database, or `targets`";
        return Err(SettingsError::at("postgres.url", problem));
    }
    Ok(())
}
