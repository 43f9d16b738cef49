//! The sections that every exporter has: `[web]`, `[log]`, `[scrape]`.

use std::path::PathBuf;

use serde::Deserialize;

use super::{HumanDuration, SettingsError};

/// The HTTP server: `[web]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Addresses to listen on; one without a port gets the exporter's default.
    pub listen_address: Vec<String>,
    /// Path of the metrics.
    pub telemetry_path: String,
    /// File with TLS and users, in the format of Prometheus' exporters.
    pub config_file: Option<PathBuf>,
    /// Uses the sockets that systemd passes instead of binding addresses.
    pub systemd_socket: bool,
    /// Maximum number of concurrent requests; 0 for no limit.
    pub max_requests: usize,
    /// Allows `POST /-/reload`.
    pub enable_lifecycle: bool,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen_address: vec!["127.0.0.1".to_owned()],
            telemetry_path: "/metrics".to_owned(),
            config_file: None,
            systemd_socket: false,
            max_requests: 40,
            enable_lifecycle: false,
        }
    }
}

impl Web {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let path = &self.telemetry_path;
        let taken = path == "/probe" || path.starts_with("/-/");
        let plain = path.starts_with('/') && path.chars().all(|it| it.is_ascii_graphic());
        if taken || !plain || path.contains(['?', '#']) {
            let problem = "expected a path such as \"/metrics\"; \
                           `/probe` and paths below `/-/` are reserved";
            return Err(SettingsError::at("telemetry_path", problem));
        }
        Ok(())
    }
}

/// The log: `[log]`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// The least severe level that is logged.
    pub level: LogLevel,
    /// How a line is written.
    pub format: LogFormat,
}

/// How severe an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// The exporter or a part of it does not work.
    Error,
    /// Something needs to be fixed.
    Warn,
    /// Something happened that is not repeated at each scrape.
    #[default]
    Info,
    /// Something that happens at each scrape.
    Debug,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// `key=value` pairs.
    #[default]
    Logfmt,
    /// One JSON object.
    Json,
}

/// Scrapes: `[scrape]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scrape {
    /// Time limit of a scrape whose request has none.
    pub timeout: HumanDuration,
}

impl Default for Scrape {
    fn default() -> Self {
        Self { timeout: HumanDuration::seconds(10) }
    }
}

impl Scrape {
    pub(super) fn check(self) -> Result<(), SettingsError> {
        if self.timeout < HumanDuration::millis(100) || self.timeout > HumanDuration::seconds(120) {
            return Err(SettingsError::at("timeout", "out of range; expected \"100ms\" to \"2m\""));
        }
        Ok(())
    }
}

/// The sections as `init` writes them: every setting at its default.
pub const EXAMPLE: &str = r#"# Settings of Pulso's exporters, which can share one file: each reads `[web]`, `[log]`, `[scrape]`,
# `[host]` and the section with its own name.
# A variable overrides this file, a flag overrides both: `[web] telemetry_path` is also
# PULSO_WEB__TELEMETRY_PATH and --web.telemetry-path.

[web]
# Addresses to listen on. One without a port gets the exporter's default port.
#listen_address = ["127.0.0.1"]
#telemetry_path = "/metrics"
# File with TLS and users, in the format of Prometheus' exporters.
#config_file = "web.yml"
#systemd_socket = false
# Maximum number of concurrent requests; 0 for no limit.
#max_requests = 40
# Allows POST /-/reload. SIGHUP reloads in any case.
#enable_lifecycle = false

[log]
# error, warn, info or debug
#level = "info"
# logfmt or json
#format = "logfmt"

[scrape]
# Time limit of a scrape whose request has none.
#timeout = "10s"

[host]
# Adds the machine's metrics to `/metrics`. Enable it in one exporter on each machine.
#enabled = false
# Where the machine's root, /proc and /sys are; in a container, where they are mounted.
#rootfs = "/"
#procfs = "/proc"
#sysfs = "/sys"
# Processes to watch, by a regular expression for their name and command line.
#processes = [{ name = "postgres", pattern = "^postgres" }]
# Groups of files, such as backups, of which the newest is watched.
#files = [{ name = "backup", glob = "/var/backups/*.dump" }]
# Which mounts are read, by regular expressions for their mount points.
#mounts = { include = [], exclude = ["^/(dev|proc|sys|snap)($|/)", "^/run/."] }
"#;
