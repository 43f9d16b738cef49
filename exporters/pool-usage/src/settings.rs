//! The section `[pool-usage]`.

use std::collections::BTreeMap;

use common::{
    settings::{SettingsError, check_counts},
    source::postgres::PostgresSettings,
};
use regex::Regex;
use serde::Deserialize;

/// The settings that apply to every target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Statistics of `pg_stat_statements`.
    pub statements: StatementSettings,
    /// How many values each label may take.
    pub caps: CapSettings,
    /// Whether `pg_stat_activity_count` has the label `wait_event`.
    pub wait_events: bool,
    /// Up to how many clients of a PgBouncer are listed, to count them by application.
    pub max_clients_listed: u32,
    /// Whether other exporters' names that break the conventions are written as well.
    pub compatibility: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            statements: StatementSettings::default(),
            caps: CapSettings::default(),
            wait_events: false,
            max_clients_listed: 2000,
            compatibility: false,
        }
    }
}

/// One target: a database, a PgBouncer, or a PgBouncer in front of its database.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TargetSettings {
    /// The database.
    pub postgres: Option<PostgresSettings>,
    /// The console of the PgBouncer.
    pub pgbouncer: Option<PostgresSettings>,
    /// The application pools that use the database, by the name that the `pool` label shows.
    pub pools: BTreeMap<String, PoolSettings>,
}

/// One application pool: its size, and how to recognise its connections. All given expressions must match;
/// each is a regular expression for the whole value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolSettings {
    /// How many connections it may hold, over all processes of the application.
    pub size: u32,
    /// The `application_name` of its connections.
    #[serde(default)]
    pub application_name: Option<String>,
    /// The role they use.
    #[serde(default)]
    pub user: Option<String>,
    /// The database they use.
    #[serde(default)]
    pub datname: Option<String>,
}

/// Statistics of `pg_stat_statements`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatementSettings {
    /// Whether they are read.
    pub enabled: bool,
    /// How many statements get series, by total time.
    pub top: usize,
    /// Whether their texts are shown.
    pub text: bool,
    /// How many characters of a text.
    pub text_length: u16,
}

impl Default for StatementSettings {
    fn default() -> Self {
        Self { enabled: true, top: 20, text: false, text_length: 120 }
    }
}

/// How many values each label may take before the rest becomes `other`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapSettings {
    /// Databases.
    pub databases: usize,
    /// Roles and users.
    pub users: usize,
    /// Applications, by `application_name`.
    pub applications: usize,
}

impl Default for CapSettings {
    fn default() -> Self {
        Self { databases: 50, users: 50, applications: 50 }
    }
}

impl Settings {
    /// Checks that each value is within its bounds.
    pub fn check(&self) -> Result<(), SettingsError> {
        check_counts(&[
            ("statements.top", self.statements.top, 0, 500),
            ("caps.databases", self.caps.databases, 1, 1000),
            ("caps.users", self.caps.users, 1, 1000),
            ("caps.applications", self.caps.applications, 1, 1000),
        ])
    }
}

/// An application pool, ready to recognise its connections.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// How many connections it may hold.
    pub size: u32,
    application_name: Option<Regex>,
    user: Option<Regex>,
    datname: Option<Regex>,
}

impl Pool {
    /// Validates the settings of the pool `name`.
    pub fn new(name: &str, settings: &PoolSettings) -> Result<Self, SettingsError> {
        if settings.size == 0 {
            return Err(SettingsError::at("size", "must be at least 1"));
        }
        let PoolSettings { application_name, user, datname, .. } = settings;
        if application_name.is_none() && user.is_none() && datname.is_none() {
            let problem = "is missing: give `application_name`, `user` or `datname`, to distinguish the \
                           pool's connections from others";
            return Err(SettingsError::at("application_name", problem));
        }
        let whole = |key: &str, text: &Option<String>| {
            let Some(text) = text else { return Ok(None) };
            Regex::new(&format!("^(?:{text})$")).map(Some).map_err(|_| {
                // The cause quotes the text.
                SettingsError::at(key, "is not a regular expression")
            })
        };
        Ok(Self {
            name: name.to_owned(),
            size: settings.size,
            application_name: whole("application_name", application_name)?,
            user: whole("user", user)?,
            datname: whole("datname", datname)?,
        })
    }

    /// Whether a connection is one of the pool's.
    pub fn owns(&self, application_name: &str, user: &str, datname: &str) -> bool {
        let fits =
            |wanted: &Option<Regex>, text| wanted.as_ref().is_none_or(|it| it.is_match(text));
        fits(&self.application_name, application_name)
            && fits(&self.user, user)
            && fits(&self.datname, datname)
    }
}
